import type { Pin } from "../compile/pin.ts";
import { stagingTable } from "../compile/rows.ts";
import type { Database } from "../data/database.ts";
import { literals, raw, type Sql, sql, uuid } from "../data/sql.ts";

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
};

/** The balance of a run, counted in one statement, so that a wave is seen whole or not at all. */
export async function balance(db: Database, pin: Pin, runId: string): Promise<Balance> {
  const counted = await db.one<Omit<Balance, "holds">>(countStates(pin, runId));
  return { ...counted, holds: balances(counted) };
}

/** Whether the states add up to the staged rows, and no row that was imported is missing. */
export function balances(counted: Omit<Balance, "holds">): boolean {
  const sum = IMPORT_STATES.reduce((total, state) => total + counted[state], 0);
  return counted.staged === sum && counted.staged >= counted.imported;
}

const countStates = ({ entities }: Pin, runId: string): Sql => sql`
  select count(*) as staged,
         (select coalesce(sum(rows_read), 0)::bigint from wavegate.import_ranges
           where run_id = ${uuid(runId)} and done_at is not null
             and source_table in (${raw(literals(entities.flatMap(({ exported }) => exported.sources)))})) as imported,
         ${raw(IMPORT_STATES.map((state) => `count(*) filter (where import_state = '${state}') as ${state}`).join(", "))}
    from ${raw(allRows(entities))} where run_id = ${uuid(runId)}`;

const allRows = (entities: Pin["entities"]): string =>
  entities.length === 1
    ? entities.map(({ staging }) => stagingTable(staging.rows)).join()
    : `(${entities.map(({ staging }) => `select run_id, import_state from ${stagingTable(staging.rows)}`).join(" union all ")}) rows`;
