// Keys for what can be chosen on a page: an element names its key by aria-keyshortcuts.
// A key never counts while somebody types, and all of them can be switched off.
(() => {
  "use strict";
  const OFF = "hub-keys-off";
  const typing = (at) =>
    at instanceof Element && at.closest("input, textarea, select, [contenteditable]") !== null;
  let chosen = false;

  // An input method for Chinese hides the letter; where the key lies is still known.
  const named = (event) => (/^(Key|Digit)/.test(event.code) ? event.code.slice(-1) : event.key).toLowerCase();

  document.addEventListener("keydown", (event) => {
    const other = event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat;
    if (chosen || other || typing(event.target) || localStorage.getItem(OFF)) return;
    const found = document.querySelector(`[aria-keyshortcuts="${CSS.escape(named(event))}"]`);
    if (!found) return;
    event.preventDefault();
    chosen = true;
    found.click();
  });

  // A page that was gone back to takes keys again.
  addEventListener("pageshow", () => { chosen = false; });

  document.addEventListener("DOMContentLoaded", () => {
    const box = document.querySelector("[data-keys]");
    if (!box) return;
    const shown = box.querySelector("input");
    box.hidden = false;
    shown.checked = !localStorage.getItem(OFF);
    shown.addEventListener("change", () => {
      if (shown.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
      shown.blur();
    });
  });
})();
