// What a page says of itself while an answer is waited for, and where it could not be had.
//
// A part that htmx fetches says it of itself; where a form or a link leads to another page, what the
// page holds does. Without this script nothing is missing but the word.
(() => {
  "use strict";
  /** What is answered at once needs no word: one that flashes up only disturbs. */
  const AT_ONCE = 150;
  const failed = () => document.getElementById("failed");
  const content = () => document.getElementById("content");
  const busy = (part, on) => {
    if (on) part.setAttribute("aria-busy", "true");
    else part.removeAttribute("aria-busy");
  };

  /** The one word for the whole page, read aloud where it changes. */
  let late;
  const say = (on) => {
    clearTimeout(late);
    const word = document.getElementById("opening");
    if (!word) return;
    if (on) late = setTimeout(() => { word.textContent = word.dataset.says; }, AT_ONCE);
    else word.textContent = "";
  };
  const leaving = (on) => {
    busy(content(), on);
    say(on);
  };

  /** Show a part as waited for until its answer is there, and what failed where it cannot be had. */
  globalThis.waitedFor = async (part, answer) => {
    failed()?.setAttribute("hidden", "");
    busy(part, true);
    say(true);
    try {
      return await answer;
    } catch (error) {
      failed()?.removeAttribute("hidden");
      throw error;
    } finally {
      busy(part, false);
      say(false);
    }
  };

  /** What leads to a file to keep leaves the page as it is. */
  const stays = (element) => element.closest("[download], [data-keeps]") !== null;
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.defaultPrevented || stays(event.target) || (button && stays(button))) return;
    leaving(true);
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button > 0;
    if (!link || event.defaultPrevented || elsewhere || link.target || stays(link)) return;
    const [here, there] = [location.href, link.href].map((address) => address.split("#")[0]);
    if (link.origin !== location.origin || (link.hash && here === there)) return;
    leaving(true);
  });
  // A page that was gone back to, or whose successor was given up, waits for nothing any more.
  addEventListener("pageshow", () => leaving(false));
  globalThis.navigation?.addEventListener("navigateerror", () => leaving(false));

  document.addEventListener("htmx:beforeRequest", (event) => {
    failed()?.setAttribute("hidden", "");
    busy(event.detail.target ?? event.target, true);
  });
  document.addEventListener("htmx:afterRequest", (event) => busy(event.detail.target ?? event.target, false));
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    // What was there before stays; only that it is no news any more is told.
    document.addEventListener(name, () => failed()?.removeAttribute("hidden"));
  }
})();
