import { findRun } from "../../lib/data/runs.ts";
import { holdRow } from "../../lib/review/rows/held-rows.ts";
import { askAbout } from "../../lib/review/samples/questions.ts";
import { stop } from "../../lib/review/steer/control.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { legacyFolder } from "./legacy-folder.ts";
import type { TestServices } from "./services.ts";
import { approve, reviewedRun, runWave, toTheEnd } from "./steps.ts";

/** The runs that a database has behind it. */
export const olderRun = {
  takenBack: "7f3a0000-0000-4000-8000-000000000101",
  complete: "7f3a0000-0000-4000-8000-000000000102",
  half: "7f3a0000-0000-4000-8000-000000000103",
} as const;

/** Trained people whom neither the sample nor its platform knows, with legacy ids from `first` on, of one phone or their own. */
const strangers = (first: number, count: number, phone?: string) =>
  Array.from({ length: count }, (_, index) => ({
    id: String(first + index),
    telephone: phone ?? `0552${first + index}`,
  }));

/**
 * What a database has behind it: the sample, of which some was written and all was taken back; a run of other
 * people that is complete; and one of still others, one of whom the complete run moved, that was stopped half done.
 */
export async function olderRuns(test: TestServices): Promise<void> {
  const sample = test.legacy.LEGACY_DB_PATH as string;
  await reviewedRun(test, olderRun.takenBack);
  await approve(test, olderRun.takenBack, "first_wave");
  await runWave(test, olderRun.takenBack, 1);
  await rollback(test.services, olderRun.takenBack);

  const complete = await legacyFolder(test, strangers(900_001, 6));
  await reviewedRun(test, olderRun.complete, { wavePlan: [2, 10] });
  await toTheEnd(test, olderRun.complete);
  await finalVerify(test.services, olderRun.complete);
  await complete.remove();

  // More than share one phone by rights, and one who was moved.
  const half = await legacyFolder(test, [
    ...strangers(910_001, 6),
    ...strangers(910_101, 6, "0552910100"),
    ...strangers(900_001, 1),
  ]);
  await reviewedRun(test, olderRun.half, { wavePlan: [2, 10] });
  await approve(test, olderRun.half, "first_wave");
  await runWave(test, olderRun.half, 1);
  // Somebody asked about a row of it and had no answer: that stands in no other run's way.
  const run = await findRun(test.services.stage, olderRun.half);
  const [asked] = await test.query<{ row: number }>(
    "select max(id)::int as row from wavegate.legacy_student_imports where run_id = $1",
    [olderRun.half],
  );
  const says = "Is the status right?";
  const about = { row: asked?.row ?? 0, person: "approver" };
  await askAbout(test.services.sign, run, { ...about, says });
  await holdRow(test.services.sign, run, { ...about, reason: "It is looked at by hand." });
  await previewRollback(test.services, olderRun.half);
  await stop(test.services.sign, olderRun.half, "operator");
  await half.remove();
  test.legacy.LEGACY_DB_PATH = sample;
}

/**
 * Tables that hold nothing of them: what is each migration's and no run's, exports that nobody made, what goes when an import
 * ends, and what of files, rows that are made and rows that waves bring up to date ECOIN has none of.
 */
export const heldOfNone = [
  ...["audit_bundles", "commit_locks", "features", "file_copies", "made_rows", "rows_there"],
  "source_glimpses",
];

/** The tables that hold rows of runs, each with its column that names the run. */
const tablesOfRuns = ({ query }: Pick<TestServices, "query">) =>
  query<{ table: string; of: string }>(
    `select a.attrelid::regclass::text as table, a.attname as of
       from pg_attribute a join pg_class c on c.oid = a.attrelid
      where c.relnamespace = 'wavegate'::regnamespace and c.relkind = 'r' and a.attnum > 0
        and a.attname = case when c.relname = 'legacy_import_runs' then 'id' else 'run_id' end order by 1`,
  );

/** A digest of what each table holds of the older runs, behind how many rows it is. */
export async function olderRunsOf(
  test: Pick<TestServices, "query">,
): Promise<Record<string, string>> {
  const held: Record<string, string> = {};
  for (const { table, of } of await tablesOfRuns(test)) {
    const [found] = await test.query<{ digest: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(record_send(t), '' order by record_send(t))), '') as digest
         from ${table} t where ${of} = any ($1)`,
      [Object.values(olderRun)],
    );
    held[table] = found?.digest ?? "";
  }
  return held;
}

/**
 * By what it is known, in a tenth of the time of {@link olderRunsOf}, that nobody wrote what each table holds of the older runs: how
 * many rows there are, and the newest transaction that wrote one of them. Whoever writes a row later does it in a later
 * transaction, and whoever deletes one leaves fewer.
 */
export async function olderMarks(test: Pick<TestServices, "query">): Promise<unknown> {
  const marks = (await tablesOfRuns(test)).map(
    ({ table, of }) =>
      `select '${table}' as "table", count(*)::int as rows, max(xmin::text::bigint)::text as newest from ${table} where ${of} = any ($1)`,
  );
  return test.query(marks.join(" union all "), [Object.values(olderRun)]);
}
