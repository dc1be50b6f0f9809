import { findRun, isWholeTrial, lockRun, type Run, readRun } from "../data/runs.ts";
import { json, sql, uuid } from "../data/sql.ts";
import type { WholeMigration } from "../define/several.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { sayable } from "../evidence/contacts.ts";
import { recordDigest } from "../evidence/record-digest.ts";
import { refuseContact } from "../review/remark.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import type { PreflightCheck } from "./preflight/check.ts";
import { type Facts, preflightChecks } from "./preflight/checks.ts";
import { requireSound } from "./preflight/definition-faults.ts";
import { goesOn, type PreflightInput, pinRun } from "./preflight/pin-run.ts";
import { anotherRun, lockOwner } from "./wave/commit-lock.ts";

export type { PreflightInput } from "./preflight/pin-run.ts";

interface PreflightResult {
  readonly run: string;
  readonly reference: string;
  readonly connection: string;
  /** The last stage that finished: a run that is reviewed already goes on with its waves. */
  readonly stage: string;
  readonly counts: Record<string, number>;
  /** Whether it ends with its dry run, as a trial of a slice does, or with its review export. */
  readonly trial: boolean;
  readonly whole: boolean;
}

/**
 * Makes the run's record, pins it (W5), and checks everything that must be so before a row is
 * staged (R1). Any failure stops the run here, with nothing staged. A run that passed and began to
 * import is not checked again: its answer is the recorded one.
 */
export async function preflight(
  services: Services,
  input: PreflightInput,
): Promise<PreflightResult> {
  const known = await readRun(services.stage, sql`id = ${uuid(input.run)}`);
  // It lives by what it is pinned to from then on, be its definition mended or gone (D35).
  if (known?.preflight.passed === true) {
    await goesOn(services, known);
    return resultOf(known);
  }
  refuseContact(input.acknowledge?.backup ?? "");
  refuseContact(input.connection ?? "");
  const migration = Object.hasOwn(services.migrations, input.migration)
    ? services.migrations[input.migration]
    : undefined;
  if (!migration) {
    throw new Refusal(
      "UnknownMigration",
      `There is no migration “${input.migration}”. Nothing was written. There are: ${Object.keys(services.migrations).join(", ")}.`,
    );
  }
  requireSound(migration);
  const run = await pinRun(services, migration, input);
  try {
    await passOrRefuse(services, migration, run);
  } catch (error) {
    await noteRefused(services, run, error);
    throw error;
  }
  return resultOf(await findRun(services.stage, run.id));
}

async function passOrRefuse(
  services: Services,
  migration: WholeMigration,
  run: Run,
): Promise<void> {
  const owner = await lockOwner(services.stage, run.migration);
  // A trial is in nobody's way.
  if (owner && owner.id !== run.id && run.trial === null)
    throw anotherRun(run.migration, owner.reference);
  const { facts, checks } = await preflightChecks(services, migration, run);
  const passed = checks.every((each) => each.passed);
  await record(services, run, facts, checks, passed);
  if (!passed) {
    const failed = checks.filter((each) => !each.passed).map(({ says }) => says);
    throw new Refusal(
      "PreflightFailed",
      `Preflight of ${run.reference} failed: ${failed.join(" ")} Nothing was staged. A definition that is changed counts for the next run: \`wavegate start ${run.migration}\`.`,
    );
  }
}

/** A run that may not begin says so: it is halted, with the reason. */
async function noteRefused({ stage }: Services, run: Run, error: unknown): Promise<void> {
  if (!(error instanceof Error)) return;
  const because = sayable({ error: error.name, message: error.message });
  await stage.execute(sql`
    update wavegate.legacy_import_runs
       set status = 'halted', halted_because = ${json(because)}, updated_at = now()
     -- Another delivery may have passed meanwhile, and go on.
     where id = ${uuid(run.id)} and (preflight ->> 'passed')::boolean is not true`);
}

const resultOf = (run: Run): PreflightResult => ({
  run: run.id,
  reference: run.reference,
  connection: run.connection_name,
  stage: run.stage,
  counts: run.counts,
  trial: run.trial !== null && !isWholeTrial(run),
  whole: isWholeTrial(run),
});

async function record(
  { stage, clock }: Services,
  run: Run,
  { source, counts, surroundings }: Facts,
  checks: readonly PreflightCheck[],
  passed: boolean,
): Promise<void> {
  const preflight = { passed, checks, surroundings };
  const { acknowledgements } = run;
  await stage.transaction(async (transaction) => {
    await lockRun(transaction, run.id);
    // A run that passed is not checked again: what it rests on is what was recorded then.
    if ((await findRun(transaction, run.id)).preflight.passed === true) return;
    await transaction.execute(sql`
      update wavegate.legacy_import_runs
         set source = ${json(source)}, counts = counts || ${json(counts)},
             preflight = ${json(preflight)}, updated_at = now()
       where id = ${uuid(run.id)}`);
    await appendAudit(
      transaction,
      run.id,
      {
        // Known by now: a check asked for the permissions of the one who started the run.
        actor: (await findRun(transaction, run.id)).started_by ?? "wavegate",
        action: "preflight",
        digest: run.definition_digest,
        details: {
          passed,
          failed: checks.filter((each) => !each.passed).map(({ id }) => id),
          backup: acknowledgements.backup ?? null,
          // As texts: a setting may be called as a column is that has no place in the log.
          ...(Object.keys(run.settings).length === 0
            ? {}
            : {
                settings: Object.entries(run.settings).map(([name, value]) => `${name}=${value}`),
              }),
          record: recordDigest({ source, counts, preflight, acknowledgements }),
        },
      },
      clock(),
    );
  });
}
