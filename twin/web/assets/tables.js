/* Tables that come as data: built when they are looked at, folded ones when they are unfolded. Works by delegation. */
(function () {
  "use strict";

  function cell(name, text, number) {
    const node = document.createElement(name);
    node.textContent = text;
    if (number) node.className = "number";
    if (name === "th") node.scope = "col";
    return node;
  }

  function line(name, texts, numbers) {
    const row = document.createElement("tr");
    row.append(...texts.map((text, i) => cell(name, text, numbers[i])));
    return row;
  }

  function build(host) {
    const folded = host.closest("details");
    if (host.built === host.dataset.table || (folded && !folded.open)) return;
    host.built = host.dataset.table;
    const told = JSON.parse(host.dataset.table);
    const [table, head, body] = ["table", "thead", "tbody"].map((name) => document.createElement(name));
    table.className = "plain-table";
    head.append(line("th", told.columns, told.numbers));
    body.append(...told.rows.map((row) => line("td", row, told.numbers)));
    table.append(head, body);
    host.replaceChildren(table);
  }

  function buildAll() {
    document.querySelectorAll(".table-host").forEach(build);
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.matches(".twin-table[open]")) event.target.querySelectorAll(".table-host").forEach(build);
  }, true);

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; buildAll(); });
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-table"] });
})();
