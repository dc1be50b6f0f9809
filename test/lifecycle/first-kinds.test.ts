import { afterAll, beforeAll, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import type { SeveralEntities } from "../../lib/define/several.ts";
import { waveAhead } from "../../lib/stages/wave/ahead.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";
import { lending, lendingFiles, lendingPlatform } from "./worlds/lending.ts";

const run = "7f3a0000-0000-4000-8000-00000000c611";
/** Whoever left is moved as well, and in no first wave. */
const leaversLater: SeveralEntities = {
  ...lending,
  name: "lending_later",
  entities: lending.entities.map((each) =>
    each.name === "reader"
      ? {
          ...each,
          entity: {
            ...each.entity,
            plan: each.entity.plan.filter((line) => !("hold" in line && line.hold === "left")),
          },
          waves: { order: ["reader", "left"], first: ["reader"] },
        }
      : each,
  ),
};
/** The first loans are of somebody who left. */
const files = {
  ...lendingFiles,
  loans: ["no,card,title,place", "1,R-3,Ulysses,North", "2,R-3,Dubliners,North", "3,R-1,Emma,"],
};
let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(leaversLater, lendingPlatform, files);
  await reviewedRun(test, run, { wavePlan: [10, 20] });
});
afterAll(() => test?.close());

/** Rows of the platform by the wave that wrote them. */
const written = () =>
  test.query<{ wave: number; rows: string[] }>(
    `select l.wave, array_agg(coalesce(p.card, o.no) order by coalesce(p.card, o.no)) as rows
       from wavegate.legacy_import_commit_logs l
       left join patrons p on l.target_table = 'patrons' and l.target_key->>'id' = p.id::text
       left join loans o on l.target_table = 'loans' and l.target_id = o.id
      where l.run_id = $1 and l.target_table in ('patrons', 'loans') and l.rolled_back_at is null
      group by 1 order by 1`,
    [run],
  );

it("R11 B7 wave one of several kinds writes no row that it may not take, be it one that others refer to", async () => {
  const { page } = await waveAhead(test.services.sign, await findRun(test.operator, run), {
    from: { after: -1 },
    rows: 20,
  });
  const shown = page.map(({ source_table, legacy_id }) => `${source_table} ${legacy_id}`);
  expect(shown.filter((row) => !/^(levels|branches)/u.test(row))).toEqual([
    "readers R-1",
    "readers R-2",
    "readers R-5",
    "loans 3",
  ]);
  await toTheEnd(test, run);
  expect(await written()).toEqual([
    { wave: 1, rows: ["3", "R-1", "R-2", "R-5"] },
    { wave: 2, rows: ["1", "2", "R-3"] },
  ]);
});
