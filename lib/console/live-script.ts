/**
 * Keeps a page of something that is under way as it stands, without loading it anew: asks for the same page and
 * takes over the marked parts that changed, but for one that somebody is in. It ends when nothing is under way any
 * more, after an hour, and with the sign-in; while nobody looks it asks nothing. Without it the page is as true as
 * when it was loaded. What comes next is said aloud as well, once it is another sentence.
 */
export const liveScript = `"use strict";
(() => {
  const every = 5000;
  let left = 720;
  const busy = (part) => part.contains(document.activeElement) || part.querySelector("details[open]") !== null;
  const takeOver = (fresh) => {
    for (const here of document.querySelectorAll("[data-live]")) {
      const there = fresh.querySelector('[data-live="' + here.dataset.live + '"]');
      if (there !== null && there.innerHTML !== here.innerHTML && !busy(here)) here.replaceChildren(...there.childNodes);
    }
  };
  const says = () => document.querySelector("[data-says]")?.textContent ?? "";
  let told = says();
  const tell = () => {
    const said = document.querySelector("[data-said]");
    if (said !== null && says() !== told) said.textContent = told = says();
  };
  const look = async () => {
    left -= 1;
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
        if (!answer.ok) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        const over = fresh.querySelector("[data-under-way]") === null;
        takeOver(fresh);
        tell();
        if (over) return;
      } catch {
        // Tried again.
      }
    }
    if (left > 0) setTimeout(look, every);
  };
  setTimeout(look, every);
})();
`;
