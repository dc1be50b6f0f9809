/**
 * The one script of the console: a key presses the button, follows the link or ticks the box that says it has
 * that key. It knows nothing of what they do, and without it each of them works as well. What is unfolded to be written
 * into has the focus then: letters typed there are no keys. Whoever speaks to their browser, or rests a hand on the
 * keyboard, turns them off at the page's foot, for this browser.
 */
export const keysScript = `"use strict";
const kept = "keys-off";
let on = true;
try {
  on = localStorage.getItem(kept) === null;
} catch {
  // A browser that keeps nothing: they are on until they are turned off, on each page.
}
const turn = () => document.documentElement.classList.toggle("keyless", !on);
turn();
for (const choice of document.querySelectorAll("[data-keys]")) {
  const box = choice.querySelector("input");
  choice.hidden = false;
  box.checked = on;
  box.addEventListener("change", () => {
    on = box.checked;
    turn();
    try {
      if (on) localStorage.removeItem(kept);
      else localStorage.setItem(kept, "1");
    } catch {
      // As above.
    }
  });
}
document.addEventListener("keydown", (event) => {
  if (!on) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const within = event.target;
  if (within instanceof Element && within.matches("textarea, select, input:not([type=checkbox])")) return;
  const wanted = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === event.key.toLowerCase());
  if (!wanted) return;
  event.preventDefault();
  const first = wanted.dataset.first;
  const box = first && !document.querySelector(first + ":checked") && document.querySelector(first);
  if (box) box.focus();
  else {
    wanted.click();
    if (wanted.matches("details[open] > summary")) wanted.parentElement.querySelector("textarea")?.focus();
  }
});
`;
