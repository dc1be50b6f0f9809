import { usedColumns } from "../../compile/pin/used-columns.ts";
import { keyColumnsOf } from "../../compile/target-key.ts";
import { countedAs } from "../../data/run-counts.ts";
import { isWholeTrial, type Run } from "../../data/runs.ts";
import { readTables } from "../../define/made.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { faultsOfPolicies } from "../../evidence/documents.ts";
import { isSeen } from "../../normalize/text.ts";
import { permissionsOf } from "../../review/people/permissions.ts";
import { starterOf } from "../../review/people/starter.ts";
import { featuresOn } from "../../review/steer/features.ts";
import type { Services } from "../../services/services.ts";
import { type Legacy, openLegacy } from "../../sources/legacy.ts";
import type { Source, SourceIdentity } from "../../sources/source.ts";
import { filesProblem, namesFiles } from "../files/row-files.ts";
import { notComparable } from "../wave/reconcile.ts";
import { type LookedAround, lookAround } from "../wave/sight.ts";
import { unreadable } from "../wave/watch-platform.ts";
import { damagedColumns, damageSays } from "./damaged-columns.ts";
import { knowsLetters, lettersSay } from "./letters.ts";

/** A run begins with what the source holds now: what was read of an account earlier is read anew. */
const newReadingMs = 10 * 60_000;

/** One thing that had to be so before anything is staged (R1). */
export interface PreflightCheck {
  readonly id: string;
  readonly says: string;
  readonly passed: boolean;
}

/** What preflight found out about both sides, which is recorded with the run. */
export interface Facts {
  readonly source: ReadFrom & {
    readonly policies?: SourceIdentity["policies"];
    readonly connections?: readonly Connected[];
  };
  readonly counts: Record<string, number>;
  readonly surroundings: LookedAround["surroundings"];
}

/** Looks at both sides, and says of each thing that has to be so whether it is (R1). */
export async function preflightChecks(
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
  const missing = tables.flatMap(({ table, exists, missingColumns, elsewhere = [] }) => {
    if (!exists)
      return [`table ${table}${elsewhere.length > 0 ? ` (there is ${elsewhere.join(", ")})` : ""}`];
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
  const around = await lookAround(services.stage, migration);
  const unread = await unreadable(services.stage, migration.watch ?? []);
  // A dry run tells what a run would do (A11), which nobody can who does not see what is there.
  const obstacles = run.trial === null ? around.obstacles : around.hidden;
  const uncompared = await notComparable(services.stage, migration, run);
  const on = await featuresOn(services.stage, migration.features ?? []);
  const noFiles = await filesProblem(services, migration, run);
  const { backup, queues, priority } = run.acknowledgements;
  const policyFaults = faultsOfPolicies(migration.documents, identity);
  const counts: Record<string, number> = Object.fromEntries(
    tables.map(({ table, rows }) => [countedAs(table), rows]),
  );
  counts.source_rows = partsOf(migration)
    .flatMap(({ entity }) => entity.from)
    .reduce((sum, table) => sum + (counts[countedAs(table)] ?? 0), 0);

  // What has to be so before something is written does not keep anybody from looking.
  const beforeWriting = [
    "backup",
    "queues",
    "priority",
    ...(isWholeTrial(run) ? [] : ["platform"]),
    "features",
    "watch",
    "reconcile",
    "policies",
  ];
  const checks: PreflightCheck[] = [
    {
      id: "backup",
      passed: typeof backup === "string" && isSeen(backup),
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
      says: damageSays(
        damaged,
        migration.source,
        run.connection_name,
        connections.flatMap(({ kind, connection }) => (kind === "mysql" ? connection : [])),
      ),
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
      passed: obstacles.length === 0,
      says:
        obstacles.length > 0
          ? firstOf(obstacles, migration.name)
          : run.trial === null
            ? "What the platform does by itself around the tables is known, and wavegate sees all of it."
            : "wavegate sees every row of the tables; what the platform does by itself around them a run's preflight looks at.",
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

/** So many things of the platform are told one by one: it may have as many as tables. */
const mostTold = 20;

const firstOf = (obstacles: readonly string[], name: string): string =>
  [
    ...obstacles.slice(0, mostTold),
    ...(obstacles.length > mostTold
      ? [`And ${obstacles.length - mostTold} more: \`wavegate check ${name}\` tells of each.`]
      : []),
  ].join(" ");

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
