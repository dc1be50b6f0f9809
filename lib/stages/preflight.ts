import { createHash } from "node:crypto";
import { compilePin, storedPin } from "../compile/pin.ts";
import { keyColumnsOf } from "../compile/target-key.ts";
import { usedColumns } from "../compile/used-columns.ts";
import {
  definitionDigest,
  findRun,
  isWholeTrial,
  lockRun,
  type Run,
  readRun,
  type Trial,
} from "../data/runs.ts";
import { json, sql, text, uuid } from "../data/sql.ts";
import { readTables } from "../define/made.ts";
import { partsOf, type WholeMigration } from "../define/several.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { faultsOfPolicies } from "../evidence/documents.ts";
import { recordDigest } from "../evidence/record-digest.ts";
import { featuresOn } from "../review/features.ts";
import { permissionsOf } from "../review/permissions.ts";
import { refuseContact } from "../review/remark.ts";
import { starterOf } from "../review/starter.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { type Legacy, openLegacy } from "../sources/legacy.ts";
import type { Source, SourceIdentity } from "../sources/source.ts";
import { anotherRun, lockOwner } from "./commit-lock.ts";
import { damagedColumns, damageSays } from "./damaged-columns.ts";
import { requireSound } from "./definition-faults.ts";
import { knowsLetters, lettersSay } from "./letters.ts";
import { notComparable } from "./reconcile.ts";
import { filesProblem, namesFiles } from "./row-files.ts";
import { runSettings } from "./run-settings.ts";
import { type LookedAround, lookAround } from "./sight.ts";
import { unreadable } from "./watch-platform.ts";
import { requireCarefulPlan } from "./wave-plan.ts";

/** A run begins with what the source holds now: what was read of an account earlier is read anew. */
const newReadingMs = 10 * 60_000;

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

/** One thing that had to be so before anything is staged (R1). */
export interface PreflightCheck {
  readonly id: string;
  readonly says: string;
  readonly passed: boolean;
}

export interface PreflightResult {
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
  const { facts, checks } = await check(services, migration, run);
  const passed = checks.every((each) => each.passed);
  await record(services, run, facts, checks, passed);
  if (!passed) {
    const failed = checks.filter((each) => !each.passed).map(({ says }) => says);
    throw new Refusal(
      "PreflightFailed",
      `Preflight of ${run.reference} failed: ${failed.join(" ")} Nothing was staged.`,
    );
  }
}

/** A run that may not begin says so: it is halted, with the reason. */
async function noteRefused({ stage }: Services, run: Run, error: unknown): Promise<void> {
  if (!(error instanceof Error)) return;
  const because = { error: error.name, message: error.message };
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

/**
 * `gym-20261120-7f3a`: the migration, the day, and the beginning of the run's id, as much of it as
 * no other run of that day has.
 */
const referencesOf = (migration: string, run: string, now: Date): string[] =>
  [4, 8, 36].map(
    (length) =>
      `${migration}-${now.toISOString().slice(0, 10).replaceAll("-", "")}-${run.slice(0, length)}`,
  );

async function pinRun(
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
  const said = await runSettings(migration, input.settings ?? {}, now, services.stage);
  for (const reference of referencesOf(migration.name, input.run, now)) {
    await services.stage.execute(sql`
    insert into wavegate.legacy_import_runs
      (id, reference, migration, definition_digest, definition, pin, connection_name, focus_mode, wave_plan, gates,
       seed, execution_arn, acknowledgements, trial, settings, created_at)
    values (${uuid(input.run)}, ${reference}, ${migration.name},
            ${definitionDigest(migration)}, ${json(migration)}, ${json(storedPin(migration))}, ${connection},
            ${focus}, ${json(plan)}, ${input.gates ?? "every-wave"},
            ${createHash("sha256").update(input.run).digest("hex").slice(0, 16)}, ${text(input.executionArn)},
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
const goesOn = ({ stage }: Services, run: Run): Promise<number> =>
  stage.execute(sql`
    update wavegate.legacy_import_runs
       set status = 'running', halted_because = null, updated_at = now()
     where id = ${uuid(run.id)} and status not in ('completed', 'stopped', 'rolled_back')`);

interface Facts {
  readonly source: ReadFrom & {
    readonly policies?: SourceIdentity["policies"];
    readonly connections?: readonly Connected[];
  };
  readonly counts: Record<string, number>;
  readonly surroundings: LookedAround["surroundings"];
}

async function check(
  services: Services,
  migration: WholeMigration,
  run: Run,
): Promise<{ facts: Facts; checks: PreflightCheck[] }> {
  const starter = await starterOf(services.stage, services, run);
  const allowed = await permissionsOf(services.stage, starter);
  await using source = await openLegacy(
    (connection) => services.openSource(connection, { atMostMs: newReadingMs }),
    run.connection_name,
    migration.source,
  );
  const identity = await source.identify();
  const connections = await identified(source);
  const writable = connections.filter(({ readOnly }) => !readOnly);
  const tables = await source.inspect(readTables(migration.source));
  const missing = tables.flatMap(({ table, exists, missingColumns }) => {
    if (!exists) return [`table ${table}`];
    const used = usedColumns(migration, table);
    return missingColumns
      .filter((column) => used.has(column))
      .map((each) => `column ${table}.${each}`);
  });
  const leftOut = tables.flatMap(({ table, exists, missingColumns }) =>
    exists ? missingColumns.map((column) => `${table}.${column}`) : [],
  );
  const damaged = missing.length > 0 ? [] : await damagedColumns(migration, source, tables);
  const unfit = tables.flatMap(({ unfitKey }) => unfitKey ?? []);
  const around = await lookAround(services.stage, compilePin(migration), migration.name);
  const unread = await unreadable(services.stage, migration.watch ?? []);
  const uncompared = await notComparable(services.stage, migration, run);
  const on = await featuresOn(services.stage, migration.features ?? []);
  const noFiles = await filesProblem(services, migration, run);
  const { backup, queues, priority } = run.acknowledgements;
  const policyFaults = faultsOfPolicies(migration.documents, identity);
  const counts: Record<string, number> = Object.fromEntries(
    tables.map(({ table, rows }) => [table, rows]),
  );
  counts.source_rows = partsOf(migration)
    .flatMap(({ entity }) => entity.from)
    .reduce((sum, table) => sum + (counts[table] ?? 0), 0);

  // What has to be so before something is written does not keep anybody from looking.
  const beforeWriting = [
    "backup",
    "queues",
    "priority",
    "platform",
    "features",
    "watch",
    "reconcile",
    "policies",
  ];
  const checks: PreflightCheck[] = [
    {
      id: "backup",
      passed: typeof backup === "string" && backup.trim() !== "",
      says: "A backup of the platform's database has to be acknowledged with its id (--backup ID).",
    },
    {
      id: "source_tables",
      passed: missing.length === 0,
      says:
        missing.length > 0
          ? `The source has no ${missing.join(", no ")}.`
          : leftOut.length > 0
            ? `The source has every table and column that is used. It lacks ${leftOut.join(", ")}, which nothing uses.`
            : "The source has every declared table and column.",
    },
    {
      id: "source_keys",
      passed: unfit.length === 0,
      says:
        unfit.length === 0
          ? "Every table has a key that names each of its rows."
          : `${unfit.join(" ")} Correct it in a copy of the source, or name another key in the definition.`,
    },
    {
      id: "source_text",
      passed: true,
      says: damageSays(damaged, migration.source, run.connection_name),
    },
    { id: "platform_letters", passed: true, says: lettersSay(await knowsLetters(services.stage)) },
    {
      id: "source_read_only",
      passed: writable.length === 0,
      says: writable
        .map(
          ({ connection, privileges }) =>
            `The ${connections.length === 1 ? "source's user" : `user of the source “${connection}”`} may do more than SELECT: ${(privileges ?? []).join(", ")}. Use a user with SELECT only.`,
        )
        .join(" "),
    },
    ...(namesFiles(migration)
      ? [
          {
            id: "files",
            passed: noFiles === undefined,
            says: noFiles ?? "The place of the files that rows name can be read.",
          },
        ]
      : []),
    {
      id: "source_is_not_target",
      passed: migration.inPlace === true || !(await looksLikeTarget(source, migration)),
      says: migration.inPlace
        ? "The source is the platform itself, by a user that can only read it."
        : "The source holds the platform's own tables; it must be the legacy database, never the target.",
    },
    {
      id: "permission",
      passed: allowed.has("legacy_imports.run"),
      says: `The starter, ${starter}, lacks the permission legacy_imports.run.`,
    },
    {
      id: "queues",
      passed: queues === true,
      says: "Side-effect queues have to be acknowledged as detached (--queues-detached).",
    },
    ...(migration.priority === undefined
      ? []
      : [
          {
            id: "priority",
            passed: priority === true,
            says: `${migration.priority} has to be acknowledged (--priority-acknowledged).`,
          },
        ]),
    {
      id: "platform",
      passed: around.obstacles.length === 0,
      says:
        around.obstacles.length === 0
          ? "What the platform does by itself around the tables is known, and wavegate sees all of it."
          : around.obstacles.join(" "),
    },
    ...(policyFaults === undefined
      ? []
      : [
          {
            id: "policies",
            passed: policyFaults.length === 0,
            says:
              policyFaults.length === 0
                ? "The policy bundle is valid."
                : `The policy bundle is not valid: ${policyFaults.join(" ")}`,
          },
        ]),
    ...(migration.features === undefined
      ? []
      : [
          {
            id: "features",
            passed: on.length === 0,
            says:
              on.length === 0
                ? "Every feature that waits for a verified run is off."
                : `${on.map(({ feature, percentage }) => `The feature ${feature} is on for ${percentage} %`).join("; ")}: it is off until a run is verified (\`wavegate feature disable --flag ${on[0]?.feature}\`).`,
          },
        ]),
    ...(migration.watch === undefined
      ? []
      : [
          {
            id: "watch",
            passed: unread.length === 0,
            says:
              unread.length === 0
                ? "Every figure that keeps waves waiting can be read."
                : `What keeps waves waiting cannot be read: ${unread.join(", ")}. Each is one select of one number from tables named in \`reads\`.`,
          },
        ]),
    ...(migration.reconcile === undefined
      ? []
      : [
          {
            id: "reconcile",
            passed: uncompared.length === 0,
            says:
              uncompared.length === 0
                ? "Both sides of what is compared of people can be read."
                : `What is compared of people at the end cannot be read: ${uncompared.join(", ")}. Each side is one select from tables that the definition names.`,
          },
        ]),
  ];
  return {
    facts: {
      source: {
        description: source.description,
        fingerprint: identity.fingerprint,
        ...(identity.policies === undefined ? {} : { policies: identity.policies }),
        ...(connections.length === 1
          ? {}
          : {
              connections: connections.map(({ connection, description, fingerprint }) => ({
                connection,
                description,
                fingerprint,
              })),
            }),
      },
      counts,
      surroundings: around.surroundings,
    },
    checks: run.trial === null ? checks : checks.filter(({ id }) => !beforeWriting.includes(id)),
  };
}

interface ReadFrom {
  readonly description: string;
  readonly fingerprint: string;
}

/** One of several sources. */
interface Connected extends ReadFrom {
  readonly connection: string;
}

const identified = (source: Legacy): Promise<(Connected & SourceIdentity)[]> =>
  Promise.all(
    source.opened.map(async ({ connection, source: each }) => ({
      connection,
      description: each.description,
      ...(await each.identify()),
    })),
  );

/** The target's tables for what a migration writes do not exist in any legacy system. */
async function looksLikeTarget(source: Source, migration: WholeMigration): Promise<boolean> {
  const targets = partsOf(migration)
    .flatMap(({ entity }) => Object.values(entity.actions))
    .filter(({ into }) => !(into in migration.source));
  const found = await source.inspect(
    Object.fromEntries(
      targets.map(({ into, id }) => [into, { key: keyColumnsOf(id), columns: keyColumnsOf(id) }]),
    ),
  );
  return found.some(({ exists }) => exists);
}

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
