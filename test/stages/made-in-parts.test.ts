import { afterAll, beforeAll, expect, it } from "vitest";
import { madeBounds, partBounds } from "../../lib/compile/staging/made-rows.ts";
import {
  commit,
  defineMigration,
  each,
  entity,
  insert,
  integerKey,
  skip,
  table,
  text,
} from "../../lib/define/builders.ts";
import type { Made } from "../../lib/define/made.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { importAll } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000d1720";

/** Notebooks with long lists, of which no statement makes all elements; the same under keys of whole numbers, and by element. */
const notebooks = defineMigration({
  name: "notebooks",
  title: "Notebooks",
  connection: "old-desk",
  source: {
    books: table("no", "lines"),
    lines: each("books", "lines", "says"),
    words: each("books", "lines", { key: "item" }),
    counted: table(integerKey("n"), "lines"),
    counted_lines: each("counted", "lines", "says"),
  },
  entities: [
    entity("book", {
      from: ["books", "counted"],
      fields: {},
      decide: {},
      actions: {},
      plan: [skip("part_of_lines")],
    }),
    entity("line", {
      from: ["lines", "words", "counted_lines"],
      fields: { says: text("item") },
      decide: {},
      actions: { line: insert("lines", { says: "says" }) },
      plan: [commit("line")],
    }),
  ],
});

/** A list of two elements that is as long as any that is read, most of it blanks. */
const list = (n: number) => `"[{""says"":""${n}""},{""says"":""x""}${" ".repeat(45_000)}]"`;
const books = Array.from({ length: 400 }, (_, n) => {
  const no = `B${String((n * 7) % 400).padStart(3, "0")}`;
  return `${no},${n % 100 === 9 ? "no list" : list(n)}`;
});
const again = [`B300,${list(1000)}`, `B300,${list(1001)}`, `,${list(1002)}`, `,nothing`];
const blank = `"",${list(1003)}`;

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(
    notebooks,
    "create table lines (id bigint generated always as identity primary key, says text)",
    {
      books: ["no,lines", ...books, ...again, blank],
      counted: ["n,lines", ...Array.from({ length: 400 }, (_, n) => `${n - 200},${list(n)}`)],
    },
  );
  await importAll(test, run);
});
afterAll(() => test?.close());

it("B5 W3 elements of more rows than one statement takes are made in parts: each once, those of one key beside each other", async () => {
  const boundsOf = async (of: "lines" | "counted_lines") =>
    (
      await test.services.stage.rows<{ up_to: string }>(
        partBounds(notebooks, run, notebooks.source[of]?.made as Made) as never,
      )
    ).map(({ up_to }) => up_to);
  expect((await boundsOf("lines")).length).toBeGreaterThan(1);
  expect((await boundsOf("counted_lines")).every((bound) => /^-?\d+$/u.test(bound))).toBe(true);
  // 400 notebooks, of which four have no list, one that stands there three times, two without a key, and one of an empty key.
  const found = await test.query<Record<string, number>>(`
    select source_table as of, count(*)::int as rows, count(distinct legacy_id)::int as keys,
           count(*) filter (where legacy_id is null)::int as without,
           count(*) filter (where findings ? 'list_unreadable')::int as unread,
           count(*) filter (where findings ? 'key_repeated')::int as repeated
      from wavegate.notebooks_line where run_id = '${run}' group by 1 order by 1`);
  expect(found).toEqual([
    { of: "counted_lines", rows: 800, keys: 800, without: 0, unread: 0, repeated: 0 },
    { of: "lines", rows: 805, keys: 794, without: 7, unread: 5, repeated: 6 },
    { of: "words", rows: 805, keys: 796, without: 7, unread: 5, repeated: 3 },
  ]);
  expect(await test.query("select from wavegate.made_rows")).toEqual([]);
});

it("W3 ranges of made rows end behind all rows of one key, and those without one are in one of them", async () => {
  const keys = [null, null, null, "a", "b", "b", "b", "c", "d", "d"];
  await test.query(
    `insert into wavegate.made_rows (run_id, source_table, place, key, source_values)
     select $1, 'keys', n, k, '[]' from unnest($2::text[]) with ordinality t(k, n)`,
    [run, keys],
  );
  const ends = async (rows: number) =>
    (await test.services.stage.rows<{ up_to: number }>(madeBounds(run, "keys", rows))).map(
      ({ up_to }) => up_to,
    );
  expect(await ends(2)).toEqual([3, 4, 7, 8, 10]);
  expect(await ends(5)).toEqual([7, 10]);
  expect(await ends(100)).toEqual([10]);
  await test.query("delete from wavegate.made_rows where source_table = 'keys'");
  expect(await ends(5)).toEqual([]);
});
