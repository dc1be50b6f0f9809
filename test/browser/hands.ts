import type { Locator, Page } from "playwright-core";

/** How somebody works a page: each looks for what it says, and does it in its own way. */
export interface Hands {
  /** A button or a link, by what it says. */
  press(says: string | RegExp): Promise<void>;
  /** What is folded, by what it says. */
  open(says: string | RegExp): Promise<void>;
  fill(label: string | RegExp, value: string): Promise<void>;
  choose(label: string | RegExp, option: string): Promise<void>;
  tick(label: string | RegExp): Promise<void>;
}

const pressable = (page: Page, says: string | RegExp): Locator =>
  page
    .getByRole("button", { name: says })
    .or(page.getByRole("link", { name: says }))
    .filter({ visible: true })
    .first();

const folded = (page: Page, says: string | RegExp): Locator =>
  page.locator("summary", { hasText: says }).first();

/** A mouse. */
export const clicks = (page: Page): Hands => ({
  press: (says) => pressable(page, says).click(),
  open: (says) => folded(page, says).click(),
  fill: (label, value) => page.getByLabel(label).fill(value),
  choose: async (label, option) => {
    await page.getByLabel(label).selectOption({ label: option });
  },
  tick: (label) => page.getByLabel(label).check(),
});

/** What of a list is looked at in the page. */
interface Chosen {
  readonly selectedOptions: readonly { readonly label: string }[];
}

/** So many stops has no page. */
const mostStops = 200;

/** A keyboard, and nothing else: Tab goes on until what is meant has the focus. */
export const keys = (page: Page): Hands => {
  const reach = async (wanted: Locator) => {
    await wanted.waitFor();
    for (let stop = 0; stop < mostStops; stop += 1) {
      if ((await wanted.and(page.locator(":focus")).count()) === 1) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`The keyboard does not reach ${wanted}.`);
  };
  return {
    press: async (says) => {
      await reach(pressable(page, says));
      await page.keyboard.press("Enter");
    },
    open: async (says) => {
      await reach(folded(page, says));
      await page.keyboard.press("Enter");
    },
    fill: async (label, value) => {
      await reach(page.getByLabel(label));
      await page.keyboard.type(value);
    },
    choose: async (label, option) => {
      const list = page.getByLabel(label);
      await reach(list);
      const chosen = () => list.evaluate((select) => (select as Chosen).selectedOptions[0]?.label);
      for (let n = 0; n < mostStops && (await chosen()) !== option; n += 1) {
        await page.keyboard.press("ArrowDown");
      }
    },
    tick: async (label) => {
      await reach(page.getByLabel(label));
      await page.keyboard.press("Space");
    },
  };
};
