import type { Pin } from "../compile/pin/pin.ts";
import { stagingTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import { json, raw, type Sql, sql, uuid } from "../data/sql.ts";

/** Where a staged row can stand (D30). */
export const IMPORT_STATES = [
  "pending",
  "committed",
  "linked",
  "skipped",
  "held",
  "failed",
  "rolled_back",
] as const;

export type ImportState = (typeof IMPORT_STATES)[number];

/** Every staged row, by where it stands (W6). */
export type Balance = Readonly<Record<ImportState, number>> & {
  readonly staged: number;
  /** Rows that finished import ranges read; fewer in staging would mean that rows went missing. */
  readonly imported: number;
  readonly holds: boolean;
  /** Of those that are held, the conflicts: for as long as there are any the run's exit code is 1. */
  readonly conflicts?: number;
  /** The same of each kind of things, of a migration of several. */
  readonly entities?: readonly (Readonly<Record<ImportState, number>> & {
    readonly entity: string;
    readonly staged: number;
  })[];
};

/** The balance of a run, counted in one statement, so that a wave is seen whole or not at all. */
export async function balance(db: Database, pin: Pin, runId: string): Promise<Balance> {
  const { conflicts = 0, ...counted } = await db.one<Omit<Balance, "holds">>(
    countStates(pin, runId, scanned),
  );
  return {
    ...counted,
    ...(conflicts === 0 ? {} : { conflicts }),
    holds: balances(counted),
  };
}

/**
 * The same as a page shows it: from what is kept of every statement that changes where rows stand
 * (`schema/020-kept-counts.sql`), as counting a million rows takes a second. Nothing is proved by it.
 */
export async function keptBalance(db: Database, pin: Pin, runId: string): Promise<Balance> {
  const { conflicts = 0, ...kept } = await db.one<Omit<Balance, "holds">>(
    countStates(pin, runId, tallied),
  );
  return { ...kept, ...(conflicts === 0 ? {} : { conflicts }), holds: balances(kept) };
}

/** Whether the states add up to the staged rows, of each kind as of all, and no row that was imported is missing. */
export function balances(counted: Omit<Balance, "holds">): boolean {
  const { entities = [counted] } = counted;
  const sum = (of: Readonly<Record<ImportState, number>>) =>
    IMPORT_STATES.reduce((total, state) => total + of[state], 0);
  return (
    counted.staged === sum(counted) &&
    counted.staged >= counted.imported &&
    entities.every((of) => of.staged === sum(of)) &&
    entities.reduce((total, { staged }) => total + staged, 0) === counted.staged
  );
}

/** What is counted of each kind of things: `of` its place, `rows` by where they stand, or of all that is staged. */
type Counts = (entities: Pin["entities"], runId: string) => Sql;

/** Rows are counted in the narrow table of their decisions: nothing is put together row for row. */
const scanned: Counts = (entities, runId) =>
  raw(
    entities
      .map(
        ({ staging }, place) => `
    select ${place} as of, import_state, planned = 'conflict' as conflict, count(*) as rows from ${stagingTable(staging.decisions)} where run_id = '${runId}' group by 2, 3
     union all select ${place}, 'staged', false, count(*) from ${stagingTable(staging.source)} where run_id = '${runId}'`,
      )
      .join("\n     union all"),
  );

const tallied: Counts = (entities, runId) => {
  const tables = entities.flatMap(({ staging }, place) => [
    [place, staging.decisions, false],
    [place, staging.source, true],
  ]);
  return sql`
    select (k.value ->> 0)::int as of, case when (k.value ->> 2)::boolean then 'staged' else t.import_state end as import_state,
           t.conflict, sum(t.rows)::bigint as rows
      from jsonb_array_elements(${json(tables)}) k
      join wavegate.row_tallies t on t.run_id = ${uuid(runId)} and t.staging = k.value ->> 1
     group by 1, 2, 3`;
};

/** Those without a decision are the rest of what is staged, and pending. */
const countStates = ({ entities }: Pin, runId: string, of: Counts): Sql => {
  const states = IMPORT_STATES.map(
    (state) =>
      `coalesce(sum(rows) filter (where import_state = '${state}'), 0)::bigint as ${state}`,
  ).join(", ");
  const names = entities.map(({ name }) => name ?? "");
  const byEntity = sql`,
         (select coalesce(jsonb_agg(to_jsonb(k) - 'of' order by k.of), '[]')
            from (select of, ${json(names)} ->> of as entity, sum(rows)::bigint as staged, ${raw(states)} from counted group by 1) k) as entities`;
  return sql`
  with every (of) as (select generate_series(0, ${entities.length - 1}::int)),
  found as materialized (${of(entities, runId)}),
  counted as (
    select of, import_state, conflict, rows from found where import_state <> 'staged'
     union all
    select e.of, 'pending', false, coalesce(sum(case when f.import_state = 'staged' then f.rows else - f.rows end), 0)
      from every e left join found f on f.of = e.of group by 1)
  select sum(rows)::bigint as staged,
         (select coalesce(sum(rows_read), 0)::bigint from wavegate.import_ranges
           where run_id = ${uuid(runId)} and done_at is not null
             and source_table in (select jsonb_array_elements_text(${json(entities.flatMap(({ exported }) => exported.sources))}))) as imported,
         ${raw(states)}, coalesce(sum(rows) filter (where conflict and import_state = 'held'), 0)::bigint as conflicts${entities.length === 1 ? raw("") : byEntity}
    from counted`;
};
