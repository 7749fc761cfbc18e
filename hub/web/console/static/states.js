// What a part of a page says of itself while htmx waits for it, and where it could not be had.
(() => {
  "use strict";
  const failed = () => document.getElementById("failed");
  const busy = (event, on) => {
    const part = event.detail.target ?? event.target;
    if (on) part.setAttribute("aria-busy", "true");
    else part.removeAttribute("aria-busy");
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    failed()?.setAttribute("hidden", "");
    busy(event, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => busy(event, false));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    // What was there before stays; only that it is no news any more is told.
    document.addEventListener(name, () => failed()?.removeAttribute("hidden"));
  }
})();
