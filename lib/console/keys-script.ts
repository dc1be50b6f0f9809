/**
 * The one script of the console: a key presses the button, follows the link or ticks the box that says it has
 * that key. It knows nothing of what they do, and without it each of them works as well. What is unfolded to be written
 * into has the focus then: letters typed there are no keys.
 */
export const keysScript = `"use strict";
document.addEventListener("keydown", (event) => {
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
