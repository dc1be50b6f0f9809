import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun, type Run } from "../../lib/data/runs.ts";
import { lookOf, pinOf } from "../../lib/evidence/pinned.ts";
import { likenesses } from "../../lib/review/rows/row-record.ts";
import { carryVerdicts } from "../../lib/review/samples/carry-verdicts.ts";
import { sampleList } from "../../lib/review/samples/list.ts";
import { sampleRows } from "../../lib/review/samples/rows.ts";
import { dueRuns, eraseDue } from "../../lib/review/steer/erase.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";

/** Longer than a row of an answer of the Data API may be, which the stand-in refuses as it does. */
const long = 70_000;

let test: TestServices;
let run: Run;
beforeAll(async () => {
  test = await reviewedServices();
  run = await findRun(test.services.sign, reviewed);
});
afterAll(() => test.close());

/** As what was there before: triggers, which look at each by itself, tell nothing of it. */
const untold = (insert: string) =>
  test.query(`do $$ begin set local session_replication_role = replica; ${insert}; end $$`);

describe("W13 samples of which one answer does not hold all", () => {
  const [before, now] = ["before", "now"];
  const rows = 1_300;
  beforeAll(async () => {
    // Of many rows, in a sample of so long a name and under as long a salt as make each of the lists too long.
    await untold(
      `insert into wavegate.samples (run_id, digest, bucket, position, staged_id, verdict, judged_by, judged_at, row_salt, row_digest)
       select s.run_id, d.digest, repeat('of whom ', 110), 1, s.id, d.verdict, d.by, d.at, d.salt, d.row
         from wavegate.legacy_student_imports_source s
        cross join (values ('${before}', 'right', 'approver', now(), repeat('s', 300), repeat('0', 64)),
                           ('${now}', null, null, null, null, null)) d (digest, verdict, by, at, salt, row)
        where s.run_id = '${reviewed}' and s.id in
              (select id from wavegate.legacy_student_imports_source where run_id = '${reviewed}' order by id limit ${rows})`,
    );
  });

  it("R9 each stands in the list once, with its verdict", async () => {
    const look = await lookOf(test.services.sign, run);
    const parts = look.parts.map((part) => ({ ...part, samples: [] }));
    const places = await sampleList(
      test.services.sign,
      { look: { ...look, parts }, pin: pinOf(run) },
      reviewed,
      before,
    );
    expect(places).toHaveLength(rows);
    expect(new Set(places.map(({ stagedId }) => stagedId)).size).toBe(rows);
    expect(new Set(places.map(({ verdict }) => verdict))).toEqual(new Set(["right"]));
  });

  it("R9 each is shown once", async () => {
    const look = await lookOf(test.services.sign, run);
    const parts = look.parts.map((part) => ({ ...part, samples: [] }));
    const shown = await sampleRows(test.services.sign, { ...look, parts }, reviewed, before, {
      unmasked: false,
    });
    expect(new Set(shown.map(({ stagedId }) => stagedId)).size).toBe(rows);
    expect(shown).toHaveLength(rows);
  });

  it("B10 their verdicts are looked up before any goes into another state", async () => {
    await test.services.sign.transaction((db) => carryVerdicts(db, run, now, new Date()));
    // Of other content than stands there, each is judged anew.
    expect(
      await test.query(
        "select count(*)::int as n from wavegate.samples where digest = $1 and verdict is not null",
        [now],
      ),
    ).toEqual([{ n: 0 }]);
  });
});

it("B3 W13 what somebody is called whom a row may be may be longer than a row of an answer", async () => {
  const [hint] = await test.query<{ row: number; table: string; id: string }>(
    `select staged_id::int as row, target_table as "table", target_id::text as id from wavegate.duplicate_hints
      where run_id = $1 order by 1 limit 1`,
    [reviewed],
  );
  await test.query(
    `update wavegate.match_people set name_folded = repeat('x', ${long}) where run_id = $1 and target_table = $2 and target_id = $3`,
    [reviewed, hint?.table, hint?.id],
  );
  const { parts } = await lookOf(test.services.sign, run);
  const found = await likenesses(test.services.sign, parts[0] as (typeof parts)[0], run, {
    row: hint?.row ?? 0,
    whole: true,
  });
  expect(JSON.stringify(found).length).toBeGreaterThan(long);
});

describe("B13 W13 runs whose people are due, of which one answer does not hold all", () => {
  const many = 1_200;
  beforeAll(async () => {
    await untold(
      `insert into wavegate.legacy_import_runs
       select p.* from wavegate.legacy_import_runs r
        cross join generate_series(1, ${many}) n
        cross join lateral jsonb_populate_record(null::wavegate.legacy_import_runs,
          to_jsonb(r) - array['pin', 'preflight', 'source', 'counts', 'definition', 'due_seen']
          || jsonb_build_object('id', gen_random_uuid(), 'reference', 'ecoin-of-long-ago-' || n || repeat('-', 900), 'status', 'rolled_back',
               'definition', '{}'::jsonb, 'counts', '{}'::jsonb, 'source', '{}'::jsonb, 'preflight', '{}'::jsonb,
               'updated_at', now() - interval '100 days', 'created_at', now() - interval '200 days')) p
        where r.id = '${reviewed}'`,
    );
  });

  it("are all found, and looked at", async () => {
    expect(await dueRuns(test.services.sign, 30)).toHaveLength(many);
    // Seen to be due for the first time, none goes before tomorrow.
    expect(await eraseDue(test.services.sign, 90_000, () => false)).toEqual([]);
    expect(await eraseDue(test.services.sign, 30, () => false)).toEqual([]);
  });
});
