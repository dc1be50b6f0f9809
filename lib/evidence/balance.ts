import type { Pin } from "../compile/pin/pin.ts";
import { stagingTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import { literal, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";

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

/** How many rows of a table of staging there are, and of decisions where they stand. */
interface Counts {
  readonly rows: (table: string, runId: string) => string;
  readonly states: (table: string, runId: string) => string;
}

/** Rows are counted in the narrow table of their decisions: nothing is put together row for row. */
const scanned: Counts = {
  rows: (table, runId) => `(select count(*) from ${stagingTable(table)} where run_id = '${runId}')`,
  states: (table, runId) => `import_state, planned = 'conflict' as conflict, count(*) as rows
       from ${stagingTable(table)} where run_id = '${runId}' group by 3, 4`,
};

const tallied: Counts = {
  rows: (table, runId) =>
    `(select coalesce(sum(rows), 0)::bigint from wavegate.row_tallies where run_id = '${runId}' and staging = ${literal(table)})`,
  states: (table, runId) => `import_state, conflict, sum(rows)::bigint as rows
       from wavegate.row_tallies where run_id = '${runId}' and staging = ${literal(table)} group by 3, 4`,
};

/** Those without a decision are the rest of what is staged, and pending. */
const countStates = ({ entities }: Pin, runId: string, { rows, states: of }: Counts): Sql => {
  const states = IMPORT_STATES.map(
    (state) =>
      `coalesce(sum(rows) filter (where import_state = '${state}'), 0)::bigint as ${state}`,
  ).join(", ");
  const each = entities.map(({ name, staging }, place) => {
    const kind = `select ${place} as place, ${literal(name ?? "")} as entity,`;
    return `${kind} ${of(staging.decisions, runId)}
     union all
     ${kind} 'pending', false, ${rows(staging.source, runId)} - ${rows(staging.decisions, runId)}`;
  });
  const byEntity = sql`,
         (select coalesce(jsonb_agg(to_jsonb(k) - 'place' order by place), '[]')
            from (select place, entity, sum(rows)::bigint as staged, ${raw(states)} from counted group by 1, 2) k) as entities`;
  return sql`
  with counted as (${raw(each.join("\n     union all\n     "))})
  select sum(rows)::bigint as staged,
         (select coalesce(sum(rows_read), 0)::bigint from wavegate.import_ranges
           where run_id = ${uuid(runId)} and done_at is not null
             and source_table in (${raw(literals(entities.flatMap(({ exported }) => exported.sources)))})) as imported,
         ${raw(states)}, coalesce(sum(rows) filter (where conflict and import_state = 'held'), 0)::bigint as conflicts${entities.length === 1 ? raw("") : byEntity}
    from counted`;
};
