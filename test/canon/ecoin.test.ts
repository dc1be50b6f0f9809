/**
 * A whole migration of the sample against a file that says what comes out of it, row by row. A change
 * that means to change an outcome changes the file, by
 *
 *   WAVEGATE_CANON=write npx vitest run test/canon
 *
 * and says why in its commit; the difference of the file is what to look through. Any other change
 * leaves it as it is.
 */
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { olderRunsOf } from "../support/older-runs.ts";
import { agedServices, type TestServices } from "../support/services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";
import { canonicalDump } from "./dump.ts";

const file = new URL("ecoin.txt", import.meta.url);
const run = "7f3a0000-0000-4000-8000-00000000ca01";
const shown = 25;
let test: TestServices;
let dump: string;
let before: Record<string, string>;

beforeAll(async () => {
  // Whatever else was done in the same database, it is no part of it.
  test = await agedServices();
  before = await olderRunsOf(test);
  await reviewedRun(test, run);
  await toTheEnd(test, run);
  dump = await canonicalDump(test, run);
  if (process.env.WAVEGATE_CANON === "write") await writeFile(file, dump);
});
afterAll(() => test.close());

it("M2 M7 M13 W6 the sample ends as the file says, each value, decision, hint, mapping and written row", async () => {
  const [wanted, found] = [(await readFile(file, "utf8")).split("\n"), dump.split("\n")];
  // Whole files of this size are not compared by a runner's own difference in any useful time.
  expect({ gone: only(wanted, found), came: only(found, wanted) }).toEqual({ gone: [], came: [] });
  expect(found.length).toBe(wanted.length);
});

it("M7 M12 of a record about somebody who is there the staged row says who that is, and the record itself does", async () => {
  const [linked] = await test.query<Record<"rows" | "otherwise", number>>(
    `select count(*)::int as rows,
            count(*) filter (where s.imported_user_id is distinct from s.link_id or t.user_id is distinct from s.link_id)::int as otherwise
       from wavegate.legacy_student_imports s
       join legacy_completed_trainings t on t.id = s.imported_completed_training_id
      where s.run_id = $1 and s.import_state = 'committed' and s.link_table = 'users'`,
    [run],
  );
  expect(linked?.rows).toBeGreaterThan(10);
  expect(linked?.otherwise).toBe(0);
});

it("M11 W10 what older runs left is as they left it", async () => {
  expect(await olderRunsOf(test)).toEqual(before);
});

function only(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line)).slice(0, shown);
}
