import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { findRun } from "../../lib/data/runs.ts";
import { partsOf, type WholeMigration } from "../../lib/define/several.ts";
import { findLookedAt } from "../../lib/evidence/pinned.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { type Change, judgeRange, whatIf } from "../../lib/review/rows/what-if.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import type { PreflightInput } from "../../lib/stages/preflight.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import type { TestServices } from "../support/services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

/** Two waves at least: the drill takes the first one back and writes it again. */
const wavePlan = [3, 10];

/** Every gate, wave and drill of a run, and what its final verification and its bundle say against it. */
export async function committed(
  test: TestServices,
  run: string,
  input: Partial<PreflightInput> = {},
): Promise<readonly unknown[]> {
  await reviewedRun(test, run, { wavePlan, ...input });
  const otherwise = [...(await changedBy(test, run)), ...(await explainedOtherwise(test, run))];
  await toTheEnd(test, run);
  const { checks } = await finalVerify(test.services, run);
  return [
    ...otherwise,
    ...checks.filter(({ passed }) => !passed),
    ...(await faultsOfBundle(test, run)),
  ];
}

/** Of each outcome of a review one row of which `why` tells another one, or none, or several (R8). */
async function explainedOtherwise(test: TestServices, run: string): Promise<readonly unknown[]> {
  const { run: stored, look } = await findLookedAt(test.services.sign, run);
  const outcomes = await Promise.all(
    partsOf(stored.definition).map(({ entity }) =>
      test.query<{ id: string; outcome: string }>(
        `select min(staged_id) as id, planned || ' (' || coalesce(planned_action, planned_reason) || ')' as outcome
           from wavegate."${entity.staging.table}_decisions" where run_id = $1 group by 2`,
        [run],
      ),
    ),
  );
  const told = await Promise.all(
    outcomes.flat().map(async ({ id, outcome }) => {
      const found = await explain(test.services.sign, stored, { id: Number(id) }, look);
      const deciding = found?.reasons.filter(({ about, decides }) => about === "plan" && decides);
      return { outcome, told: deciding?.map((each) => each.outcome) };
    }),
  );
  return told.filter(({ outcome, told }) => !isDeepStrictEqual(told, [outcome]));
}

/** What a definition, or the one that a run was judged by, would change of it (B12). */
export async function changedBy(
  { definition, operator, services }: TestServices,
  run: string,
  changed: WholeMigration = definition,
): Promise<readonly Change[]> {
  const pinned = await findRun(operator, run);
  const { changes } = await whatIf(operator, pinned, changed, (part, range) =>
    judgeRange(services.sign, pinned, part, range),
  );
  return changes;
}

/** A rollback, what its preview said otherwise (B1), and what the bundle after it says against it. */
export async function takenBack(test: TestServices, run: string): Promise<readonly unknown[]> {
  const { said, done, differs } = await saidAndDone(test, run);
  const same = isDeepStrictEqual(said, done) && differs.length === 0;
  return [...(same ? [] : [{ said, done, differs }]), ...(await faultsOfBundle(test, run))];
}

/** What a preview says of each wave, and what the act says that follows it; both in the same words. */
export async function saidAndDone(test: TestServices, run: string, toWave = 1) {
  const { waves } = await previewRollback(test.services, run, toWave);
  const act = await rollback(test.services, run, toWave);
  const words = ({
    wave,
    entries,
    undone,
    unlinked,
    gone,
    spared,
    conflicts,
  }: (typeof waves)[0]) => ({
    ...{ wave, entries, undone, unlinked, gone, spared },
    conflicts: conflicts.map(({ table, id, conflict }) => ({ table, id, ...conflict })),
  });
  return {
    said: waves.map(words),
    done: act.waves.map((wave) => words(wave as never)),
    differs: act.waves.flatMap(({ previewed }) => previewed ?? []),
    spared: sparedIn(act.waves),
  };
}

/** What the audit bundle of a run, as it is exported now or was, says against it. */
export async function faultsOfBundle(
  test: TestServices,
  run: string,
  exported?: { readonly prefix: string; readonly manifestDigest: string },
): Promise<readonly unknown[]> {
  const { prefix, manifestDigest } = exported ?? (await auditExport(test.services, run));
  const folder = await mkdtemp(join(tmpdir(), "wavegate-bundle-"));
  await pullBundle(test.services.evidence, prefix, folder);
  const { checks } = await verifyBundle(folder, { digest: manifestDigest });
  await rm(folder, { recursive: true });
  return checks.filter(({ passed }) => !passed);
}

/** Every row of some tables of the platform, in order. */
export async function rowsOf(test: TestServices, tables: readonly string[]) {
  const rows: Record<string, unknown[]> = {};
  for (const table of tables) {
    const found = await test.query(
      `select to_jsonb(t) as row from ${table} t order by to_jsonb(t) -> 'id', to_jsonb(t)`,
    );
    rows[table] = found.map(({ row }) => row);
  }
  return rows;
}

/** How a run's rows stand, by legacy id; the view of its staging is named. */
export const standing = (test: TestServices, view: string, run: string) =>
  test.query<{ no: string; state: string; why: string | null }>(
    `select legacy_id::text as no, import_state as state, state_reason as why
       from wavegate.${view} where run_id = $1 order by id`,
    [run],
  );

/** The same as words: `1: "committed"`, `7: "held sold"`. */
export const stateOfEach = async (test: TestServices, view: string, run: string) =>
  Object.fromEntries(
    (await standing(test, view, run)).map(({ no, state, why }) => [
      no,
      [state, why].filter(Boolean).join(" "),
    ]),
  );

/** How many rows of some waves stayed as they were edited since, or as others hang on them. */
export const sparedIn = (waves: readonly { spared: number }[]): number =>
  waves.reduce((sum, { spared }) => sum + spared, 0);
