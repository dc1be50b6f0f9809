import type { Pin, PinnedEntity } from "../compile/pin/pin.ts";
import { pinnedBounds, pinnedRows, stagingTable } from "../compile/rows.ts";
import { exportedKeyAsJson } from "../compile/shown/key.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { raw, type Sql, sql, uuid } from "../data/sql.ts";
import { IMPORT_STATES, type ImportState } from "./balance.ts";
import type { Chunk } from "./bundle.ts";
import { type LineQuery, lines, RECORDS_OF_PAGE } from "./pages.ts";
import { pinnedTo, pinOf } from "./pinned.ts";
import { shownTarget, targetTable } from "./staged-rows.ts";

/** Rows of one legacy table: created + updated + skipped + errors = parsed. */
interface EntityCounts {
  /** The legacy table; a row of it counts once for each kind of things that is made of it. */
  readonly file: string;
  readonly totalRows: number;
  readonly parsed: number;
  readonly created: number;
  /** Rows that were there and that a wave changed. */
  readonly updated: number;
  /** Everything that neither created anything nor failed: linked, held, skipped, pending, rolled back. */
  readonly skipped: number;
  readonly errors: number;
  /** How `created`, `skipped` and `errors` come about. */
  readonly states: Readonly<Record<ImportState, number>>;
  /** Empty: what became of each row is in `rows.csv.gz`, masked. */
  readonly records: readonly [];
}

const ofTheReport: ReadonlySet<string> = new Set([
  ...["runId", "startedAt", "completedAt", "dryRun", "config", "summary", "errors", "idMapping"],
]);

/** What a report calls the counts of a legacy table, which may be called as something else that it tells. */
export const nameInReport = (table: string): string =>
  ofTheReport.has(table) ? `${table} (table)` : table;

/**
 * `migration-report.json` in the shape that `verify` reads (V5): counts by legacy table, errors,
 * and which legacy id became which id of the platform. It is streamed, as the id mapping has an
 * entry for each row; ids and reasons only, no personal data.
 */
export async function* migrationReport(
  db: Database,
  run: Run,
  completedAt: Date,
): AsyncGenerator<Chunk> {
  const pin = pinOf(run);
  const tables = [...new Set(pin.entities.flatMap(({ exported }) => exported.sources))];
  const entities = await countEntities(db, pin, run.id);
  const all = Object.values(entities);
  const sum = (count: "totalRows" | "created" | "updated" | "skipped" | "errors") =>
    all.reduce((total, entity) => total + entity[count], 0);
  const startedAt = pinnedTo(run).started_at;
  const head = {
    runId: run.id,
    startedAt,
    completedAt: completedAt.toISOString(),
    dryRun:
      sum("created") +
        sum("updated") +
        all.reduce((total, { states }) => total + states.linked, 0) ===
      0,
    config: { source: run.connection_name, target: "platform", version: run.definition_digest },
    summary: {
      totalRecords: sum("totalRows"),
      created: sum("created"),
      updated: sum("updated"),
      skipped: sum("skipped"),
      errors: sum("errors"),
      duration_ms: completedAt.getTime() - Date.parse(startedAt),
    },
    ...entities,
  };
  yield json(`${JSON.stringify(head, null, 2).slice(0, -2)},\n  "errors": [`);
  yield* list(
    each(pin.entities, (entity) => lines(db, failedRows(entity, run.id), { atATime: 1 })),
  );
  yield json(`],\n  "idMapping": {`);
  for (const [index, table] of tables.entries()) {
    const made = pin.entities.filter(({ exported }) => exported.sources.includes(table));
    yield json(`${index === 0 ? "" : ","}\n    ${JSON.stringify(table)}: [`);
    yield* list(
      each(made, (entity) => lines(db, mappedRows(pin, entity, run.id, table), { atATime: 1 })),
    );
    yield json("]");
  }
  yield json("\n  }\n}\n");
}

const json = (text: string): Chunk => ({ text, rows: 0 });

/** Elements that each begin with a comma, as a list: the first one's is dropped. */
async function* list(elements: AsyncIterable<Chunk>): AsyncGenerator<Chunk> {
  let first = true;
  for await (const { text } of elements) {
    yield json(first ? text.slice(1) : text);
    first = false;
  }
}

async function* each(
  entities: readonly PinnedEntity[],
  of: (entity: PinnedEntity) => AsyncIterable<Chunk>,
): AsyncGenerator<Chunk> {
  for (const entity of entities) yield* of(entity);
}

async function countEntities(
  db: Database,
  { entities }: Pin,
  runId: string,
): Promise<Record<string, EntityCounts>> {
  const found: StateCount[] = [];
  for (const { staging } of entities) found.push(...(await countStates(db, staging.rows, runId)));
  const tables = new Set(entities.flatMap(({ exported }) => exported.sources));
  return Object.fromEntries(
    [...tables].map((table) => {
      const rowsIn = (state: ImportState) =>
        found
          .filter((each) => each.source_table === table && each.import_state === state)
          // Several kinds of things may be made of one table's rows.
          .reduce((sum, { rows }) => sum + rows, 0);
      const states = Object.fromEntries(
        IMPORT_STATES.map((state) => [state, rowsIn(state)]),
      ) as Record<ImportState, number>;
      const updated = found
        .filter((each) => each.source_table === table && each.import_state === "committed")
        .reduce((sum, each) => sum + each.updated, 0);
      return [nameInReport(table), entityCounts(table, states, updated)];
    }),
  );
}

interface StateCount {
  readonly source_table: string;
  readonly import_state: ImportState;
  readonly updated: number;
  readonly rows: number;
}

const countStates = (db: Database, staged: string, runId: string): Promise<StateCount[]> =>
  db.rows<StateCount>(sql`
    select source_table, import_state, count(*) filter (where planned = 'update') as updated, count(*) as rows
      from ${raw(stagingTable(staged))}
     where run_id = ${uuid(runId)} group by 1, 2`);

function entityCounts(
  table: string,
  states: Record<ImportState, number>,
  updated: number,
): EntityCounts {
  const total = IMPORT_STATES.reduce((rows, state) => rows + states[state], 0);
  const { committed, failed } = states;
  return {
    file: table,
    totalRows: total,
    parsed: total,
    created: committed - updated,
    updated,
    skipped: total - committed - failed,
    errors: failed,
    states,
    records: [],
  };
}

const failedRows = (entity: PinnedEntity, runId: string): LineQuery =>
  elements(
    entity,
    runId,
    sql`s.import_state = 'failed'`,
    `'entity', s.source_table, 'sourceRow', ${exportedKeyAsJson("s")},
     'message', coalesce(s.state_reason, s.planned_reason, 'failed')`,
  );

const mappedRows = (pin: Pin, entity: PinnedEntity, runId: string, table: string): LineQuery =>
  elements(
    entity,
    runId,
    sql`s.source_table = ${table} and s.import_state in ('committed', 'linked')`,
    `'legacyId', ${exportedKeyAsJson("s")}, 'targetTable', ${targetTable(entity)},
     'targetId', ${shownTarget(pin, entity)}, 'how', s.import_state`,
  );

/** Rows of a run as elements of a JSON list, each on a line of its own and with a comma before it. */
function elements({ staging }: PinnedEntity, runId: string, which: Sql, pairs: string): LineQuery {
  return {
    bounds: pinnedBounds(staging, runId, RECORDS_OF_PAGE),
    lines: (after, upTo) => sql`
      select s.id, E',\n      ' || json_build_object(${raw(pairs)}) as line
        from ${pinnedRows(staging, { run: runId, after, upTo })} s
       where ${which}`,
  };
}
