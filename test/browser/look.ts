import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const laptop = { width: 1280, height: 800 };
const phone = { width: 375, height: 800 };
/** Where pictures of what is looked at go, for whoever wants to see it too. */
const pictures = process.env.WAVEGATE_TEST_PICTURES;

type Scheme = "light" | "dark";

/** The narrowest window, a phone, and a laptop whose pages are shown four, three, two and one and a half times as large. */
const narrow = [320, 360, 427, 640, 853, 1024, 1100];

/**
 * Words that are told in two lines, signs that begin one, and cells below each other that do not say what they are: what is longer than any
 * word, or has forms and folded parts of its own, says nothing. And what is broader than the sheet that it stands in.
 */
const illRead = `(() => {
  const found = new Set();
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.closest(".unseen, .skip, code, pre, svg, option") === null;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: text } = texts;
    if (!seen(text.parentElement)) continue;
    const lines = (at, length) => {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + length);
      return new Set([...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top))).size;
    };
    // What is told in one line breaks nothing, and most is.
    if (lines(0, text.length) < 2) continue;
    // A sign that belongs to what stands before it begins no line.
    for (const { 0: piece, index } of text.data.matchAll(/[\\p{L}\\p{N}]\\s[%:;?!»]/gu))
      if (lines(index, piece.length) > 1) found.add("broken: " + piece);
    for (const { 0: piece, index } of text.data.matchAll(/\\S+/gu)) {
      if (piece.length > 28 || lines(index, piece.length) < 2) continue;
      for (const { 0: word, index: at } of piece.matchAll(/[\\p{L}\\p{N}\\p{M}•]{2,22}/gu)) {
        if (lines(index + at, word.length) > 1) found.add("broken: " + word);
      }
    }
  }
  // What stands beside its sheet's own margin, be the window wide enough for it.
  for (const sheet of document.querySelectorAll("section")) {
    const margin = sheet.getBoundingClientRect().right - parseFloat(getComputedStyle(sheet).paddingRight);
    for (const inner of sheet.querySelectorAll("table, form, p, dl, ul, .note"))
      if (seen(inner) && inner.closest(".scroll") === null && inner.getBoundingClientRect().right > margin + 1)
        found.add("outside: " + inner.tagName + " " + inner.className);
  }
  for (const cell of document.querySelectorAll("tbody td:not([data-label])")) {
    if (!seen(cell) || getComputedStyle(cell).display !== "block" || cell.innerText.trim() === "") continue;
    if (cell.querySelector("form, details, button") === null) found.add("unnamed: " + cell.innerText.slice(0, 60));
  }
  return [...found];
})()`;

/** What is pressed and is lower than it may be: links in running text are as high as their line. */
const smallTargets = (least: number) => `(() => {
  const found = new Set();
  for (const element of document.querySelectorAll("a, button, summary, input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea, label:has(input)")) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.closest("svg, .skip") !== null) continue;
    const around = element.parentElement.cloneNode(true);
    for (const each of around.querySelectorAll("a, button, summary")) each.remove();
    if (element.matches("p a, li a, dd a, td a") && /\\p{L}/u.test(around.textContent)) continue;
    const { height, width } = element.getBoundingClientRect();
    if (height < ${least} || width < 24) found.add(element.textContent.trim() + ": " + Math.round(width) + " × " + Math.round(height));
  }
  return [...found];
})()`;

/** That the page, as it is, is no wider than a window of whatever width, and reads there: nothing is looked for sideways. */
export async function fitsNarrow(page: Page, name: string): Promise<void> {
  const wide: unknown[] = [];
  for (const width of [...narrow, laptop.width]) {
    await page.setViewportSize({ ...phone, width });
    if (((await page.evaluate("document.documentElement.scrollWidth")) as number) > width)
      wide.push(width);
    const ill = (await page.evaluate(illRead)) as string[];
    if (ill.length > 0) wide.push([width, ...ill]);
  }
  expect([name, wide]).toEqual([name, []]);
}

/** That the page, as it is, stays within a phone whose person reads everything twice as large: the text alone grows. */
export async function fitsLarge(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const wideWith = async (standard: number) => {
    await session.send("Page.setFontSizes", { fontSizes: { standard } });
    return page.evaluate("document.documentElement.scrollWidth");
  };
  await page.setViewportSize(phone);
  const wide = await wideWith(32);
  await wideWith(16);
  await session.detach();
  expect([name, wide]).toEqual([name, phone.width]);
}

/**
 * Looks at a page in light and dark, on a laptop and on a phone: axe finds nothing, it is no wider than the phone and
 * no taller than eight screens of the laptop. The page has to let scripts from outside in (`bypassCSP`).
 */
export async function looksWell(
  page: Page,
  address: string,
  name = address,
  schemes: readonly Scheme[] = ["light", "dark"],
): Promise<void> {
  await page.emulateMedia({ colorScheme: schemes[0] ?? "light" });
  await page.setViewportSize(laptop);
  await page.goto(address);
  await page.evaluate(axe);
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(laptop);
    const tall = (await page.evaluate("document.documentElement.scrollHeight")) as number;
    expect([name, tall <= 8 * laptop.height]).toEqual([name, true]);
    // The page is the same one in the dark: its colours alone are others.
    const rules =
      colorScheme === "dark" ? "{ runOnly: ['color-contrast', 'link-in-text-block'] }" : "{}";
    const found = await page.evaluate(
      `axe.run(${rules}).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
    );
    expect([name, colorScheme, found]).toEqual([name, colorScheme, []]);
    expect([name, await page.evaluate(smallTargets(24))]).toEqual([name, []]);
    await kept(page, `${name}-${colorScheme}`);
    await page.setViewportSize(phone);
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect([name, wide]).toEqual([name, phone.width]);
    expect([name, await page.evaluate(smallTargets(40))]).toEqual([name, []]);
    await kept(page, `${name}-${colorScheme}-phone`);
  }
}

async function kept(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  const file = `${name.replaceAll(/[^\w-]+/gu, "_")}.png`;
  await page.screenshot({ path: join(pictures, file), fullPage: true });
}
