import type { OnTheWay } from "../../compile/around/on-the-way.ts";
import type { Pin } from "../../compile/pin/pin.ts";
import { tablesUpdated } from "../../compile/undo/undo-updates.ts";
import { missingOf, namingSeveral } from "../../compile/wave/parts.ts";
import {
  asReshaped,
  type Reshaping,
  reshapings,
  type Shape,
  type Shapes,
  shapesOf,
  undoneNow,
} from "../../compile/wave/written-rows.ts";
import type { Database } from "../../data/database.ts";
import { oneRecord } from "../../data/records.ts";
import type { Run } from "../../data/runs.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";

/** A run's pin as the target tables are now, and how they changed since a wave. */
export interface Since {
  readonly pin: Pin;
  readonly reshaped: readonly Reshaping[];
  /** Tables in which two rows may have one key. */
  readonly repeating: readonly string[];
  /** Whether the tables were the same when each of several waves was written: what is told is then of all of them. */
  readonly alike: boolean;
}

type Waves = readonly [number, ...(readonly number[])];

/**
 * How target tables changed since waves were written. Errors: `TargetGone` for one that is not there any more, or in whose place
 * another one stands: the rows of the wave are not in that; and for a part that is detached with rows of the wave in it.
 */
export async function reshapedSince(db: Database, run: Run, ...waves: Waves): Promise<Since> {
  const { present, written, moved, detached, repeating, alike, ...now } = await oneRecord<Shapes>(
    db,
    shapesOf(pinOf(run), run.id, waves),
  );
  const [wave] = waves;
  const [table] = Object.keys(written).filter(
    (name) => !Object.hasOwn(present, name) || Object.hasOwn(moved, name),
  );
  if (table !== undefined) {
    const called = moved[table];
    throw new Refusal(
      "TargetGone",
      called === undefined
        ? `The platform has no table ${table} any more, which wave ${wave} of ${run.reference} wrote. Nothing was changed; ` +
            "if it was renamed, call it as it was called while the run lasts."
        : `The table ${table} that wave ${wave} of ${run.reference} wrote is called ${called} now. Nothing was changed; ` +
            `call it as it was called while the run lasts, or drop it if its rows are in another ${table} now.`,
    );
  }
  const reshaped = reshapings(written, present);
  const pin = asReshaped(pinOf(run), reshaped, now);
  await requireAttached(db, { pin, run, waves }, detached);
  return { pin, reshaped, repeating, alike };
}

/** The target tables' columns as they are, and triggers of theirs that came since, where rows of them are changed back. */
export const tablesNow = async (
  db: Database,
  pin: Pin,
): Promise<{ readonly shape: Shape; readonly onTheWay: OnTheWay }> =>
  tablesUpdated(pin).length === 0
    ? { shape: {}, onTheWay: {} }
    : oneRecord<{ shape: Shape; onTheWay: OnTheWay }>(db, undoneNow(pin));

/** Rows of a part that is detached are on the platform, and would count as gone. */
async function requireAttached(
  db: Database,
  { pin, run, waves }: { readonly pin: Pin; readonly run: Run; readonly waves: Waves },
  detached: Shapes["detached"],
): Promise<void> {
  const tables = Object.keys(detached);
  if (tables.length === 0) return;
  const [found] = await db.rows<{ missing: string }>(missingOf(pin, tables, run.id, waves));
  if (found === undefined) return;
  const parts = detached[found.missing]?.join(", ");
  throw new Refusal(
    "TargetGone",
    `Rows that wave ${waves[0]} of ${run.reference} wrote into ${found.missing} lie in ${parts}, which the platform detached since. ` +
      "Nothing was changed; attach it again while the run lasts, or drop it if its rows are to go with it.",
  );
}

/**
 * Of two rows with one key nobody can say which one an entry of the ledger is about. Error: `KeyNamesSeveral`, where
 * another row came to have the key of one of the wave.
 */
export async function requireOneEach(
  db: Database,
  { pin, repeating }: Since,
  run: Run,
  ...waves: Waves
): Promise<void> {
  if (repeating.length === 0) return;
  const [found] = await db.rows<{ table: string; key: string; entries: number }>(
    namingSeveral(pin, repeating, run.id, waves),
  );
  if (found === undefined) return;
  const { table, key, entries } = found;
  throw new Refusal(
    "KeyNamesSeveral",
    `Other rows of ${table} came to have the keys of rows that wave ${waves[0]} of ${run.reference} wrote, with a part that was attached, say: ` +
      `${entries} in all, and ${key} is the first. Nothing was changed, as nobody can say which are the wave's; ` +
      "give the others keys of their own, or detach the part that they are in.",
  );
}
