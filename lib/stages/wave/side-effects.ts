import { triggersSilenced } from "../../compile/around/silenced.ts";
import {
  type CountedTouch,
  elsewhere,
  ledger,
  namedOf,
  type Touch,
  touchesCounted,
  touchesRead,
} from "../../compile/around/touches.ts";
import type { Pin } from "../../compile/pin/pin.ts";
import type { Database } from "../../data/database.ts";
import { raw } from "../../data/sql.ts";
import { keptColumns } from "../../define/kept-columns.ts";
import { Refusal } from "../../services/errors.ts";

/** Rows that a piece of work means to insert, change and delete in target tables; everything else is nothing. */
export interface Meant {
  readonly updated?: Readonly<Record<string, number>>;
  readonly inserted?: Readonly<Record<string, number>>;
  readonly deleted?: Readonly<Record<string, number>>;
  /** Entries of the ledger that it writes, or writes to: each once. */
  readonly entered?: number;
  readonly told?: number;
}

/** What a transaction had done to each table before a piece of work and after it. */
export interface Measured {
  readonly before: readonly Touch[];
  readonly after: readonly Touch[];
  /** Whether PostgreSQL counted all of it as it went: tables were read where not. */
  readonly counted: boolean;
}

/** Whether a piece of work may have put rows into any table, or changed some, be it in what was undone again. */
export const mayHaveWritten = ({ before, after, counted }: Measured): boolean =>
  !counted ||
  after.some(({ table, inserted, updated, reshaped }) => {
    if (table === ledger) return false;
    const was = touchOf(before, table);
    return inserted > was.inserted || updated > was.updated || reshaped > was.reshaped;
  });

/**
 * Does a piece of work inside a transaction and proves that the platform's tables changed by what was
 * meant and by nothing else (D37), and the ledger as well: neither triggers, rules and cascades nor a defect of this program
 * wrote a row more, in whichever table. What waits for the end of the transaction is done before the
 * proof. Only a table that the definition's `effects` name may change besides, or rows of one of which they say
 * that the platform keeps columns; and a guarded one never.
 *
 * Errors: `SideEffects`, whereupon the caller's transaction takes everything back; `TriggersSilenced`, before anything was done.
 *
 * @param countedBefore what was counted just before it, of `watched` tables; looked up where it is not given
 */
export async function measured<Result extends object>(
  transaction: Database,
  pin: Pin,
  what: string,
  work: (aside: Aside) => Promise<{ result: Result; meant: Meant }>,
  alsoWatched: readonly string[] = [],
  countedBefore?: readonly CountedTouch[],
): Promise<Result & { measured: Measured }> {
  const counted = () => transaction.rows<CountedTouch>(touchesCounted(pin, alsoWatched));
  const first = countedBefore ?? (await counted());
  if (first[0]?.silenced === true)
    throw new Refusal("TriggersSilenced", `${triggersSilenced} Nothing of it was done.`);
  const kept = first[0]?.kept === true;
  const look = async () =>
    kept
      ? touched(await counted())
      : transaction.rows<Touch>(touchesRead(namedOf(pin, alsoWatched)));
  const asides: Measured[] = [];
  const aside: Aside = async (trial) => {
    const before = await look();
    const found = await trial();
    asides.push({ before, after: await look(), counted: kept });
    return found;
  };
  const before = kept ? touched(first) : await look();
  const { result, meant } = await work(aside);
  await transaction.execute(raw("set constraints all immediate"));
  const all = { before, after: await look(), counted: kept };
  const unmeant = differences(pin, all, asides, kept ? withLedger(meant) : asRead(meant));
  if (unmeant.length > 0) throw sideEffects(what, unmeant);
  return { ...result, measured: all };
}

/** Where rows are counted, those of the ledger are. */
const withLedger = ({ inserted, updated, entered = 0, told = 0, ...others }: Meant): Meant => ({
  ...others,
  inserted: { ...inserted, [ledger]: entered },
  updated: { ...updated, [ledger]: told },
});

/** Rows of a table, which may be called as what every object has; 0 of one that is not there. */
const rowsIn = (rows: Readonly<Record<string, number>> = {}, table: string): number =>
  Object.hasOwn(rows, table) ? (rows[table] ?? 0) : 0;

/** Where rows are read and not counted, a changed row shows as one that came and one that went. */
function asRead({ inserted = {}, updated = {}, deleted = {} }: Meant): Meant {
  const and = (rows: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      [...new Set([...Object.keys(rows), ...Object.keys(updated)])].map((table) => [
        table,
        rowsIn(rows, table) + rowsIn(updated, table),
      ]),
    );
  return { inserted: and(inserted), deleted: and(deleted) };
}

/** Does what is undone again within a piece of work: it counts as written where rows are counted, and is none of it. */
export type Aside = <Found>(trial: () => Promise<Found>) => Promise<Found>;

/** The tables that anything was done to. */
const touched = (counted: readonly CountedTouch[]): Touch[] =>
  counted.flatMap(({ table, kept: _, silenced: _silenced, ...touch }) =>
    table === null ? [] : [{ table, ...touch }],
  );

const touchOf = (touches: readonly Touch[], table: string) =>
  touches.find((each) => each.table === table) ?? none;

const none = { inserted: 0, updated: 0, deleted: 0, reshaped: 0 };

/** What happened to a table besides what was meant. */
function differences(
  { effects, guarded }: Pin,
  all: Measured,
  asides: readonly Measured[],
  meant: Meant,
): Touch[] {
  const { after, counted } = all;
  const by = (parts: readonly Measured[], table: string, what: keyof typeof none) =>
    parts.reduce(
      (sum, part) => sum + touchOf(part.after, table)[what] - touchOf(part.before, table)[what],
      0,
    );
  const keeps = keptColumns(effects)
    .map(({ table }) => table)
    .filter((table) => !guarded.includes(table));
  const tables = new Set([
    ...after.map(({ table }) => table),
    ...Object.keys(meant.inserted ?? {}),
    ...Object.keys(meant.updated ?? {}),
    ...Object.keys(meant.deleted ?? {}),
  ]);
  return [...tables].flatMap((table) => {
    if (Object.hasOwn(effects, table) && table !== ledger && !guarded.includes(table)) return [];
    const done = (what: keyof typeof none) => by([all], table, what) - by(asides, table, what);
    const unmeant: Touch = {
      table,
      inserted: done("inserted") - rowsIn(meant.inserted, table),
      updated: done("updated") - rowsIn(meant.updated, table),
      deleted: done("deleted") - rowsIn(meant.deleted, table),
      reshaped: done("reshaped"),
    };
    const { inserted, updated, deleted, reshaped } = unmeant;
    // A changed row that goes to another part of its table is counted as one that went and one that came.
    const moved = -updated;
    if (
      moved > 0 &&
      moved <= rowsIn(meant.updated, table) &&
      inserted === moved &&
      deleted === moved &&
      reshaped === 0
    )
      return [];
    if (keeps.includes(table) && onlyChanged(unmeant, counted)) return [];
    return [inserted, updated, deleted, reshaped].every((count) => count === 0) ? [] : [unmeant];
  });
}

/** Whether rows were changed and nothing else; where rows are read and not counted, each shows as one that came and one that went. */
const onlyChanged = ({ inserted, updated, deleted, reshaped }: Touch, counted: boolean): boolean =>
  reshaped === 0 &&
  updated >= 0 &&
  (counted ? inserted === 0 && deleted === 0 : inserted === deleted && updated === 0);

function sideEffects(what: string, unmeant: readonly Touch[]): Refusal {
  const told = unmeant.map(({ table, inserted, updated, deleted, reshaped }) => {
    const counts = [
      inserted !== 0 && `${inserted} inserted`,
      updated !== 0 && `${updated} updated`,
      deleted !== 0 && `${deleted} deleted`,
      reshaped === elsewhere
        ? "written, on another server: look whether it was taken back there"
        : reshaped !== 0 && "emptied or altered",
    ].filter((count) => count !== false);
    return `${table} (${counts.join(", ")})`;
  });
  return new Refusal(
    "SideEffects",
    `${what} changed more on the platform than was meant: ${told.join("; ")}. It was taken back whole; nothing was written. ` +
      "A trigger, rule or foreign key of the platform does this: `wavegate doctor` lists them. " +
      `Mend or detach it${unmeant.some(({ table }) => table === ledger) ? "" : "; if it is right, name it and the tables it writes in the definition's `effects`"}.`,
  );
}

/** All that a transaction had done to each of some tables, as one number that changes with anything. */
export const totals = (
  touches: readonly Touch[],
  tables: readonly string[],
): Record<string, number> =>
  Object.fromEntries(
    tables.map((table) => {
      const touch = touchOf(touches, table);
      return [table, touch.inserted + touch.updated + touch.deleted + touch.reshaped];
    }),
  );
