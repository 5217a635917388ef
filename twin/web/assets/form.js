/* Small manners of the form: find a parameter by its name, show the parameters that the file leaves out, fold the
   pane on a narrow screen, and mark what was changed. Works by delegation, so it needs no callback. */
(function () {
  "use strict";

  function filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of document.querySelectorAll(".form-section")) {
      let hits = 0;
      for (const group of section.querySelectorAll(".form-group")) {
        let shown = 0;
        for (const field of group.querySelectorAll(".field")) {
          const hit = words.every((word) => field.dataset.words.includes(word));
          field.classList.toggle("is-filtered", !hit);
          if (hit) shown += 1;
        }
        group.classList.toggle("is-filtered", shown === 0);
        hits += shown;
      }
      section.classList.toggle("is-filtered", hits === 0);
      if (words.length > 0 && hits > 0) section.open = true;
    }
  }

  document.addEventListener("input", (event) => {
    if (event.target.id === "form-filter") filter(event.target.value);
  });

  document.addEventListener("change", (event) => {
    if (event.target.id !== "form-all") return;
    document.querySelector(".pane-body").classList.toggle("show-all", event.target.checked);
  });

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("#pane-toggle");
    if (!toggle) return;
    const open = document.querySelector(".pane").classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", String(open));
  });
})();
