/* Small manners of the form: find a parameter by its name, show the parameters that the file leaves out, fold the
   pane on a narrow screen, and ask for the fields of a section when it is wanted. Works by delegation. */
(function () {
  "use strict";

  function filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    let foundSet = 0;
    for (const section of document.querySelectorAll(".form-section")) {
      let hits = 0;
      for (const group of section.querySelectorAll(".form-group")) {
        let shown = 0;
        for (const field of group.querySelectorAll(".field")) {
          const hit = words.every((word) => field.dataset.words.includes(word));
          field.classList.toggle("is-filtered", !hit);
          if (hit) shown += 1;
          if (hit && !field.classList.contains("is-unset")) foundSet += 1;
        }
        group.classList.toggle("is-filtered", shown === 0);
        hits += shown;
      }
      found += hits;
      const empty = section.querySelector(".form-group") === null; // it is being filled
      section.classList.toggle("is-filtered", hits === 0 && !empty);
      if (words.length > 0 && hits > 0) section.open = true;
    }
    const body = document.querySelector(".pane-body");
    body.classList.toggle("finds-none", words.length > 0 && found === 0);
    body.classList.toggle("finds-none-set", words.length > 0 && foundSet === 0);
  }

  /* Sections come empty. Ask for more of those wanted; what has been asked for stays in `wants`. */
  let wants = {};
  let form = null;

  function ask(sections) {
    if (form !== document.querySelector(".pane-body")) {
      form = document.querySelector(".pane-body");
      wants = {};
    }
    const all = form.classList.contains("show-all");
    let more = false;
    for (const section of sections) {
      const name = section.dataset.section;
      const wanted = all ? "everything" : "shown";
      if (wants[name] === "everything" || wants[name] === wanted) continue;
      wants[name] = wanted;
      more = true;
    }
    if (more) window.dash_clientside.set_props("form-wants", { data: { ...wants } });
  }

  function sought() {
    const field = document.getElementById("form-filter");
    return field ? field.value.trim() : "";
  }

  document.addEventListener("toggle", (event) => {
    if (event.target.matches(".form-section[open]")) ask([event.target]);
  }, true);

  document.addEventListener("input", (event) => {
    if (event.target.id !== "form-filter") return;
    if (sought()) ask(document.querySelectorAll(".form-section"));
    filter(event.target.value);
  });

  document.addEventListener("change", (event) => {
    if (event.target.id !== "form-all") return;
    document.querySelector(".pane-body").classList.toggle("show-all", event.target.checked);
    if (event.target.checked) ask(document.querySelectorAll(sought() ? ".form-section" : ".form-section[open]"));
  });

  new MutationObserver((changes) => {
    const filled = changes.some((change) => [...change.addedNodes].some((node) => node.matches?.(".form-group")));
    if (filled && sought()) filter(sought());
  }).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("#pane-toggle");
    if (!toggle) return;
    const open = document.querySelector(".pane").classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", String(open));
  });
})();
