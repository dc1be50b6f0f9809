import { afterAll, beforeAll, expect, it } from "vitest";
import { table, text } from "../../lib/define/builders.ts";
import type { Field } from "../../lib/define/definition.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000b1901";
const notes = Array.from({ length: 280 }, (_, n) => `note_${n}`);
const fields: Record<string, Field> = Object.fromEntries(notes.map((name) => [name, text(name)]));
const things = small(
  "wide_rows",
  { integer: "no" },
  {},
  { source: { things: table({ integer: "no" }, "word", ...notes) }, fields },
);
let test: TestServices;
let folder: Awaited<ReturnType<typeof folderOf>>;

beforeAll(async () => {
  test = await testServices({
    world: {
      migration: things,
      platform: [
        "create table things (id bigint generated always as identity primary key, word text)",
      ],
      legacy: "",
    },
  });
  const noted = (no: string, note: string) => [no, "a word", ...notes.map(() => note)];
  folder = await folderOf(test, {
    things: [
      ["no", "word", ...notes],
      noted("1", "short"),
      noted("2", "é".repeat(7_900)),
      noted("3", `${'\\"'.repeat(3_900)}\u0001`),
      noted("4", "short"),
    ],
  });
});
afterAll(async () => {
  await test?.close();
  await folder?.remove();
});

it("W13 a row that is more than a request holds is cut further, held and said to be cut, and the others go on", async () => {
  await reviewedRun(test, run);
  const rows = await test.query(
    `select legacy_id::int as no, planned, length(note_0) as letters, findings ? 'text_cut' as cut
       from wavegate.${things.entity.staging.table} order by 1`,
  );
  const short = { planned: "commit", letters: 5, cut: false };
  const long = { planned: "hold", letters: 500, cut: true };
  expect(rows).toEqual([
    { no: 1, ...short },
    { no: 2, ...long },
    { no: 3, ...long },
    { no: 4, ...short },
  ]);
});
