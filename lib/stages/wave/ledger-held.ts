import { columnsChanged, ledgerAgainstTargets } from "../../compile/undo/checks.ts";
import type { Database } from "../../data/database.ts";

interface Held {
  readonly entries: number;
  /** Entries whose row is there as it was written. */
  readonly there: number;
  /** Rows that are marked as written by the wave. */
  readonly marked: number;
}

/** The ledger of a wave against the target tables, of however many. */
export async function ledgerHeld(
  db: Database,
  ...of: Parameters<typeof ledgerAgainstTargets>
): Promise<Held> {
  const [first, ...others] = ledgerAgainstTargets(...of);
  const held = await db.one<Held>(first);
  let { there } = held;
  for (const other of others) there += (await db.one<Held>(other)).there;
  return { ...held, there };
}

/** The columns of rows of a wave that hold something else than what was written, those of the most rows first. */
export async function changedColumns(
  db: Database,
  ...of: Parameters<typeof columnsChanged>
): Promise<readonly { readonly column: string; readonly rows: number }[]> {
  const found: { column: string; rows: number }[] = [];
  for (const some of columnsChanged(...of))
    found.push(...(await db.rows<(typeof found)[number]>(some)));
  return found.toSorted((one, other) => other.rows - one.rows).slice(0, 5);
}
