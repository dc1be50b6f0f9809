import { expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { render, type Sql } from "../../lib/data/sql.ts";
import {
  commit,
  defineMigration,
  entity,
  insert,
  integer,
  of,
  ref,
  table,
} from "../../lib/define/builders.ts";
import { partsOf } from "../../lib/define/several.ts";
import { firstSlice } from "../../lib/stages/wave/first-slice.ts";

const animal = entity("animal", {
  from: ["animals"],
  fields: { dam: integer("dam"), sire: integer("sire") },
  refs: {
    dam: ref("animal", "dam", { optional: true }),
    sire: ref("animal", "sire", { optional: true }),
  },
  decide: {},
  actions: { animal: insert("animals", { dam: of("dam"), sire: of("sire") }) },
  plan: [commit("animal")],
});
const parts = partsOf(
  defineMigration({
    name: "slices",
    title: "Slices",
    connection: "legacy",
    source: { animals: table("no", "dam", "sire") },
    entities: [animal],
  }),
);

/** The ids that a first wave takes of rows of which each names others, and how often it asked for rows above. */
async function sliceOf(above: ReadonlyMap<number, readonly number[]>, size: number) {
  let asked = 0;
  const rows = async (statement: Sql) => {
    const { sql } = render(statement);
    const ids = /staged_id in \(([\d, ]+)\)/.exec(sql)?.[1];
    if (ids === undefined) return [...above.keys()].slice(0, size).map((id) => ({ id }));
    asked += 1;
    const nth = sql.includes("dam_row") ? 0 : 1;
    return ids.split(", ").flatMap((id) => {
      const row = above.get(Number(id))?.[nth];
      return row === undefined ? [] : [{ id: Number(id), row, kind: "row" }];
    });
  };
  const taken = await firstSlice({ rows } as unknown as Database, parts, async () => ({
    ...{ run: "7f3a0000-0000-4000-8000-000000000001", wave: 1, round: 1, size, kinds: ["row"] },
  }));
  return { ids: [...taken.values()].flat(), asked };
}

it("B7 a first wave of rows with two parents each, forty generations deep, looks at each once", async () => {
  const generation = (n: number): [number, number[]][] =>
    [1, 2].map((one) => [2 * n + one, n === 0 ? [] : [2 * n - 1, 2 * n]]);
  const above = new Map(Array.from({ length: 40 }, (_, n) => generation(39 - n)).flat());
  const { ids } = await sliceOf(above, 25);
  // The youngest have more above them than there is room for.
  expect(ids.length).toBeLessThanOrEqual(25);
  const whole = await sliceOf(above, 80);
  expect(whole.ids).toHaveLength(80);
  for (const [row, parents] of above)
    for (const each of parents)
      expect(whole.ids.indexOf(each)).toBeLessThan(whole.ids.indexOf(row));
});

it("B7 W13 a chain of thousands is followed no further than a wave has rows", async () => {
  const length = 5_000;
  const above = new Map(
    Array.from({ length }, (_, n): [number, number[]] => [
      length - n,
      [length - n - 1].filter(Boolean),
    ]),
  );
  const { ids, asked } = await sliceOf(above, 25);
  expect(ids).toEqual([]);
  expect(asked).toBeLessThan(60);
  const back = await sliceOf(new Map([...above].reverse()), 25);
  expect(back.ids).toEqual(Array.from({ length: 25 }, (_, n) => n + 1));
});
