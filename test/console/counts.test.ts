import { expect, it } from "vitest";
import { countsSection } from "../../lib/console/runs/judged.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";

/** The counts of a dry run, as they are shown. */
const shown = (figures: readonly number[]): string =>
  countsSection(
    { language: "en", texts: textsIn("en"), said: (says: string) => says } as never,
    { counts: figures.map((rows, at) => ({ says: `Count ${at}`, rows })) } as never,
  ).toString();

it("R6 of many counts those of nothing are named in one sentence below the others; of a few each has its figure", () => {
  const few = shown([3, 0, 5]);
  expect(few).toContain("<li><b>0</b><span>Count 1</span></li>");
  expect(few).not.toContain("None:");
  const many = shown([...Array(12).fill(7), 0, 0]);
  expect(many.match(/<li>/gu)).toHaveLength(12);
  expect(many).toContain("None: Count 12; Count 13.</p>");
});
