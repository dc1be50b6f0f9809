import { type Pin, watched } from "../compile/pin.ts";
import { keepsCounts, type Touch, touchesCounted, touchesRead } from "../compile/touches.ts";
import type { Database } from "../data/database.ts";
import { raw } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";

/** Rows that a piece of work means to insert, change and delete in target tables; everything else is nothing. */
export interface Meant {
  readonly updated?: Readonly<Record<string, number>>;
  readonly inserted?: Readonly<Record<string, number>>;
  readonly deleted?: Readonly<Record<string, number>>;
}

/** What a transaction had done to each table before a piece of work and after it. */
export interface Measured {
  readonly before: readonly Touch[];
  readonly after: readonly Touch[];
}

/**
 * Does a piece of work inside a transaction and proves that the platform's tables changed by what was
 * meant and by nothing else (D37): neither its triggers, rules and cascades nor a defect of this program
 * wrote a row more, in whichever table. What waits for the end of the transaction is done before the
 * proof. Only a table that the definition's `effects` name may change besides, and a guarded one never.
 *
 * Errors: `SideEffects`, whereupon the caller's transaction takes everything back.
 */
export async function measured<Result extends object>(
  transaction: Database,
  pin: Pin,
  what: string,
  work: () => Promise<{ result: Result; meant: Meant }>,
  alsoWatched: readonly string[] = [],
): Promise<Result & { measured: Measured }> {
  const { kept } = await transaction.one<{ kept: boolean }>(keepsCounts);
  const named = [...new Set([...watched(pin), ...alsoWatched])];
  const look = () => transaction.rows<Touch>(kept ? touchesCounted(named) : touchesRead(named));
  const before = await look();
  const { result, meant } = await work();
  await transaction.execute(raw("set constraints all immediate"));
  const after = await look();
  const unmeant = differences(pin, before, after, kept ? meant : asRead(meant));
  if (unmeant.length > 0) throw sideEffects(what, unmeant);
  return { ...result, measured: { before, after } };
}

/** Where rows are read and not counted, a changed row shows as one that came and one that went. */
function asRead({ inserted = {}, updated = {}, deleted = {} }: Meant): Meant {
  const and = (rows: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      [...new Set([...Object.keys(rows), ...Object.keys(updated)])].map((table) => [
        table,
        (rows[table] ?? 0) + (updated[table] ?? 0),
      ]),
    );
  return { inserted: and(inserted), deleted: and(deleted) };
}

const none = { inserted: 0, updated: 0, deleted: 0, reshaped: 0 };

/** What happened to a table besides what was meant. */
function differences(
  { effects, guarded }: Pin,
  before: readonly Touch[],
  after: readonly Touch[],
  meant: Meant,
): Touch[] {
  const tables = new Set([
    ...after.map(({ table }) => table),
    ...Object.keys(meant.inserted ?? {}),
    ...Object.keys(meant.updated ?? {}),
    ...Object.keys(meant.deleted ?? {}),
  ]);
  return [...tables].flatMap((table) => {
    if (table in effects && !guarded.includes(table)) return [];
    const was = before.find((each) => each.table === table) ?? none;
    const is = after.find((each) => each.table === table) ?? none;
    const unmeant: Touch = {
      table,
      inserted: is.inserted - was.inserted - (meant.inserted?.[table] ?? 0),
      updated: is.updated - was.updated - (meant.updated?.[table] ?? 0),
      deleted: is.deleted - was.deleted - (meant.deleted?.[table] ?? 0),
      reshaped: is.reshaped - was.reshaped,
    };
    const { inserted, updated, deleted, reshaped } = unmeant;
    return [inserted, updated, deleted, reshaped].every((count) => count === 0) ? [] : [unmeant];
  });
}

function sideEffects(what: string, unmeant: readonly Touch[]): Refusal {
  const told = unmeant.map(({ table, inserted, updated, deleted, reshaped }) => {
    const counts = [
      inserted !== 0 && `${inserted} inserted`,
      updated !== 0 && `${updated} updated`,
      deleted !== 0 && `${deleted} deleted`,
      reshaped !== 0 && "emptied or altered",
    ].filter((count) => count !== false);
    return `${table} (${counts.join(", ")})`;
  });
  return new Refusal(
    "SideEffects",
    `${what} changed more on the platform than was meant: ${told.join("; ")}. It was taken back whole; nothing was written. ` +
      "A trigger, rule or foreign key of the platform does this: `wavegate doctor` lists them. " +
      "Mend or detach it; if it is right, name it and the tables it writes in the definition's `effects`.",
  );
}

/** All that a transaction had done to each of some tables, as one number that changes with anything. */
export const totals = (
  touches: readonly Touch[],
  tables: readonly string[],
): Record<string, number> =>
  Object.fromEntries(
    tables.map((table) => {
      const touch = touches.find((each) => each.table === table) ?? none;
      return [table, touch.inserted + touch.updated + touch.deleted + touch.reshaped];
    }),
  );
