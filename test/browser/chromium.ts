import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Chromium is usually installed; `WAVEGATE_CHROMIUM` names another place. */
const places = [
  process.env.WAVEGATE_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];

/** Opens a browser without a window. Errors: a sentence that says what is missing. */
export function openBrowser(): Promise<Browser> {
  const executablePath = places.find((place) => place !== undefined && existsSync(place));
  if (executablePath === undefined) {
    throw new Error(
      "Chromium is missing, which the browser tests drive. Install it (apt-get install chromium), or name it in WAVEGATE_CHROMIUM.",
    );
  }
  return chromium.launch({
    executablePath,
    // As root, as in a container, Chromium starts without its own sandbox only.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}
