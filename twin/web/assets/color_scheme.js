/* Before the first paint: the colour scheme chosen last time, so that a dark page does not flash white. */
(function () {
  "use strict";
  let chosen = null;
  try { chosen = window.localStorage.getItem("mantine-color-scheme-value"); } catch { chosen = null; }
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const scheme = chosen === "light" || chosen === "dark" ? chosen : dark ? "dark" : "light";
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
})();
