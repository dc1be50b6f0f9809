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
import type { SourceIdentity, TableFacts } from "../../sources/source.ts";
import { notComparable } from "../wave/reconcile.ts";
import { type LookedAround, lookAround } from "../wave/sight.ts";
import { unreadable } from "../wave/watch-platform.ts";
import { free, type PreflightCheck } from "./check.ts";
import { publishedSays, publishing } from "./published.ts";
import { type Connected, type ReadFrom, sourceChecks } from "./source-checks.ts";

/** A run begins with what the source holds now: what was read of an account earlier is read anew. */
const newReadingMs = 10 * 60_000;

/** What preflight found out about both sides, which is recorded with the run. */
export interface Facts {
  readonly source: ReadFrom & {
    readonly policies?: SourceIdentity["policies"];
    readonly connections?: readonly Connected[];
  };
  readonly counts: Record<string, number>;
  readonly surroundings: LookedAround["surroundings"];
}

/** What has to be so before something is written, and keeps nobody from looking. */
const beforeWriting = [
  "backup",
  "queues",
  "priority",
  "features",
  "watch",
  "reconcile",
  "policies",
];

/** Looks at both sides, and says of each thing that has to be so whether it is (R1). */
export async function preflightChecks(
  services: Services,
  migration: WholeMigration,
  run: Run,
): Promise<{ facts: Facts; checks: PreflightCheck[] }> {
  await using source = await openLegacy(
    (connection) => services.openSource(connection, { atMostMs: newReadingMs }),
    run.connection_name,
    migration.source,
  );
  const identity = await source.identify();
  const connections = await identified(source);
  const tables = await source.inspect(readTables(migration.source));
  const around = await lookAround(services.stage, migration);
  const checks = [
    backedUp(run),
    ...(await sourceChecks(services, migration, run, { source, tables, connections })),
    ...(await starterChecks(services, migration, run)),
    platformCheck(migration, run, around),
    {
      id: "platform_published",
      passed: true,
      says: publishedSays(await publishing(services.stage)),
    },
    ...(await declaredChecks(services, migration, run, identity)),
  ];
  const leftOut = isWholeTrial(run) ? beforeWriting : [...beforeWriting, "platform"];
  return {
    facts: {
      source: factsOf(source, identity, connections),
      counts: countsOf(migration, tables),
      surroundings: around.surroundings,
    },
    // A dry run of the whole tells what a run would do (A11), a slice of it nothing about the platform.
    checks: run.trial === null ? checks : checks.filter(({ id }) => !leftOut.includes(id)),
  };
}

const factsOf = (
  { description }: Legacy,
  { fingerprint, policies }: SourceIdentity,
  connections: readonly Connected[],
): Facts["source"] => ({
  description,
  fingerprint,
  ...(policies === undefined ? {} : { policies }),
  ...(connections.length === 1
    ? {}
    : {
        connections: connections.map(({ connection, description, fingerprint }) => ({
          connection,
          description,
          fingerprint,
        })),
      }),
});

function countsOf(migration: WholeMigration, tables: readonly TableFacts[]): Facts["counts"] {
  const counts: Record<string, number> = Object.fromEntries(
    tables.map(({ table, rows }) => [countedAs(table), rows]),
  );
  const judged = partsOf(migration).flatMap(({ entity }) => entity.from);
  return {
    ...counts,
    source_rows: judged.reduce((sum, table) => sum + (counts[countedAs(table)] ?? 0), 0),
  };
}

const backedUp = ({ acknowledgements: { backup } }: Run): PreflightCheck => ({
  id: "backup",
  passed: typeof backup === "string" && isSeen(backup),
  says: "A backup of the platform's database has to be acknowledged with its id (--backup ID).",
});

/** What whoever starts a run has to be allowed to, and to acknowledge. */
async function starterChecks(
  services: Services,
  migration: WholeMigration,
  run: Run,
): Promise<PreflightCheck[]> {
  const starter = await starterOf(services.stage, services, run);
  const allowed = await permissionsOf(services.stage, starter);
  const { queues, priority } = run.acknowledgements;
  return [
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
  ];
}

/** What the platform does by itself, and whether wavegate sees all of it. */
function platformCheck(
  { name }: WholeMigration,
  { trial }: Run,
  around: LookedAround,
): PreflightCheck {
  // Nobody can tell what a run would do who does not see what is there (A11).
  const obstacles = trial === null ? around.obstacles : around.hidden;
  const right =
    trial === null
      ? "What the platform does by itself around the tables is known, and wavegate sees all of it."
      : "wavegate sees every row of the tables; what the platform does by itself around them a run's preflight looks at.";
  return free("platform", obstacles, right, firstOf(obstacles, name));
}

/** Of what a definition has besides: documents, features, figures and what is compared at the end. */
async function declaredChecks(
  { stage }: Services,
  migration: WholeMigration,
  run: Run,
  identity: SourceIdentity,
): Promise<PreflightCheck[]> {
  const checks: PreflightCheck[] = [];
  const { documents, features, watch, reconcile } = migration;
  const faults = faultsOfPolicies(documents, identity);
  if (faults !== undefined)
    checks.push(
      free(
        "policies",
        faults,
        "The policy bundle is valid.",
        `The policy bundle is not valid: ${faults.join(" ")}`,
      ),
    );
  if (features !== undefined) {
    const on = await featuresOn(stage, features);
    const each = on.map(
      ({ feature, percentage }) => `The feature ${feature} is on for ${percentage} %`,
    );
    checks.push(
      free(
        "features",
        on,
        "Every feature that waits for a verified run is off.",
        `${each.join("; ")}: it is off until a run is verified (\`wavegate feature disable --flag ${on[0]?.feature}\`).`,
      ),
    );
  }
  if (watch !== undefined) {
    const unread = await unreadable(stage, watch);
    checks.push(
      free(
        "watch",
        unread,
        "Every figure that keeps waves waiting can be read.",
        `What keeps waves waiting cannot be read: ${unread.join(", ")}. Each is one select of one number from tables named in \`reads\`.`,
      ),
    );
  }
  if (reconcile !== undefined) {
    const uncompared = await notComparable(stage, migration, run);
    checks.push(
      free(
        "reconcile",
        uncompared,
        "Both sides of what is compared of people can be read.",
        `What is compared of people at the end cannot be read: ${uncompared.join(", ")}. Each side is one select from tables that the definition names.`,
      ),
    );
  }
  return checks;
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

const identified = (source: Legacy): Promise<(Connected & SourceIdentity)[]> =>
  Promise.all(
    source.opened.map(async ({ connection, source: each }) => ({
      connection,
      description: each.description,
      ...(await each.identify()),
    })),
  );
