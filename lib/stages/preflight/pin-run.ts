import { storedPin } from "../../compile/pin/pin.ts";
import { definitionDigest, findRun, type Run, type Trial } from "../../data/runs.ts";
import { json, sql, text, uuid } from "../../data/sql.ts";
import type { WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { placeOfFiles } from "../files/row-files.ts";
import { runSettings } from "../run/settings.ts";
import { requireCarefulPlan } from "../wave/plan.ts";

/** What an execution is started with; everything but the migration and the run has a default. */
export interface PreflightInput {
  readonly migration: string;
  readonly run: string;
  readonly executionArn: string;
  readonly connection?: string;
  readonly focus?: string;
  readonly wavePlan?: readonly number[];
  readonly gates?: "every-wave" | "on-anomaly";
  /** What is said of the run, by the names of its definition's settings. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Tries the definition on about so many rows, up to the dry run; nothing has to be acknowledged for it. */
  readonly trial?: Trial;
  readonly acknowledge?: {
    /** Id of the backup of the platform's database that was taken. */
    readonly backup?: string;
    /** Side-effect queues are not tied to what an import writes. */
    readonly queues?: boolean;
    /** What comes first, in the words of the migration. */
    readonly priority?: boolean;
  };
}

/**
 * `gym-20261120-7f3a`: the migration, the day, and the beginning of the run's id, as much of it as
 * no other run of that day has.
 */
const referencesOf = (migration: string, run: string, now: Date): string[] =>
  [4, 8, 36].map(
    (length) =>
      `${migration}-${now.toISOString().slice(0, 10).replaceAll("-", "")}-${run.slice(0, length)}`,
  );

/** Makes the run's record, and pins it to what it is started with (W5); one that is there stays as it is pinned. */
export async function pinRun(
  services: Services,
  migration: WholeMigration,
  input: PreflightInput,
): Promise<Run> {
  const plan = input.wavePlan ?? migration.waves.plan;
  requireCarefulPlan(plan);
  const { settings } = services;
  const focus = input.focus ?? settings.focus ?? migration.focus.default;
  const connection = input.connection ?? settings.connection ?? migration.connection;
  if (!Object.hasOwn(migration.focus.modes, focus)) {
    throw new Refusal(
      "UnknownFocus",
      `There is no focus “${focus}”. Nothing was written. There are: ${Object.keys(migration.focus.modes).join(", ")}.`,
    );
  }
  const now = services.clock();
  const said = {
    ...placeOfFiles(services, migration, connection),
    ...(await runSettings(migration, input.settings ?? {}, now, services.stage)),
  };
  for (const reference of referencesOf(migration.name, input.run, now)) {
    await services.stage.execute(sql`
    insert into wavegate.legacy_import_runs
      (id, reference, migration, definition_digest, definition, pin, connection_name, focus_mode, wave_plan, gates,
       seed, execution_arn, acknowledgements, trial, settings, created_at)
    values (${uuid(input.run)}, ${reference}, ${migration.name},
            ${definitionDigest(migration)}, ${json(migration)}, ${json(storedPin(migration))}, ${connection},
            ${focus}, ${json(plan)}, ${input.gates ?? "every-wave"},
            ${services.newSeed()}, ${text(input.executionArn)},
            ${json(input.acknowledge ?? {})}, nullif(${json(input.trial ?? null)}, 'null'), ${json(said)}, ${now.toISOString()}::timestamptz)
    on conflict do nothing`);
    const pinned = await services.stage.rows(
      sql`select 1 as yes from wavegate.legacy_import_runs where id = ${uuid(input.run)}`,
    );
    if (pinned.length > 0) break;
  }
  const run = await findRun(services.stage, input.run);
  // What a failed preflight missed may be said again; what a run is pinned to may not change.
  if (run.preflight.passed !== true && input.acknowledge) {
    await services.stage.execute(sql`
      update wavegate.legacy_import_runs set acknowledgements = acknowledgements || ${json(input.acknowledge)}
       where id = ${uuid(run.id)}`);
  }
  await goesOn(services, run);
  return findRun(services.stage, input.run);
}

/**
 * An execution of the run is under way; one that came to an end stays as it is until it is resumed. What a person told
 * the run to do stays told: this may be a delivery that comes again, and only `resume` lets it go on (W9).
 */
export const goesOn = ({ stage }: Services, run: Run): Promise<number> =>
  stage.execute(sql`
    update wavegate.legacy_import_runs
       set status = 'running', halted_because = null, updated_at = now()
     where id = ${uuid(run.id)} and status not in ('completed', 'stopped', 'rolled_back')`);
