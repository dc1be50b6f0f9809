import { pendingAbove } from "../../compile/references/above.ts";
import { candidates, type WaveOrder } from "../../compile/wave/rows.ts";
import type { Database } from "../../data/database.ts";
import type { Migration } from "../../define/definition.ts";

/** The rows of each kind of things, by their staged ids, that a slice takes. */
export type Slice = ReadonlyMap<Migration, readonly number[]>;

/**
 * A first wave of several kinds of things is a slice through all of them (B7), so that what it proves is proved of
 * each: it begins with the last kind and takes what its rows refer to, at least one of every kind that has any,
 * as far as the wave's size goes. A row for which one would have to be written that wave one may not take (R11) waits for
 * a later wave. The same rows give the same slice.
 */
export async function firstSlice(
  db: Database,
  kinds: readonly Migration[],
  orderOf: (kind: Migration) => Promise<WaveOrder>,
): Promise<Slice> {
  const taken = new Map(kinds.map((kind): [Migration, number[]] => [kind, []]));
  const { wanted, above, barred, size } = await lookedUp(db, kinds, orderOf);
  let room = size;

  /**
   * A row and the rows that have to be written before it, those first; none that the slice has already. Undefined where
   * they are more than there is room for. Each is looked at once, however many refer to it, and however deep it is.
   */
  const whole = (kind: Migration, id: number): (readonly [Migration, number])[] | undefined => {
    const rows: (readonly [Migration, number])[] = [];
    // No two rows of a run share an id.
    const seen = new Set<number>();
    const open: (readonly [Migration, number, isBelow?: true])[] = [[kind, id]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [of, row, isBelow] = next;
      if (isBelow) rows.push([of, row]);
      else if (!seen.has(row) && !taken.get(of)?.includes(row)) {
        seen.add(row);
        if (seen.size > room) return undefined;
        open.push([of, row, true]);
        for (const [parent, up] of (above.get(of)?.get(row) ?? []).toReversed())
          open.push([parent, up]);
      }
    }
    return rows;
  };
  const take = (kind: Migration, id: number): boolean => {
    const rows = whole(kind, id) ?? [];
    if (rows.length === 0) return false;
    if (rows.some(([of, row]) => barred.get(of)?.has(row))) return false;
    for (const [of, row] of rows) taken.get(of)?.push(row);
    room -= rows.length;
    return true;
  };

  const fromTheLast = [...kinds].reverse();
  for (const kind of fromTheLast) {
    if (taken.get(kind)?.length === 0) wanted.get(kind)?.some((id) => take(kind, id));
  }
  for (const kind of fromTheLast) {
    for (const id of wanted.get(kind) ?? []) take(kind, id);
  }
  return taken;
}

/** By the row that refers to them: of which kind of things a row above is, its staged id, what it is classified as. */
type Above = ReadonlyMap<number, readonly (readonly [Migration, number, string])[]>;

/**
 * The rows that a slice may begin with, and of these and of what they refer to the rows above that are to be written; of
 * those the ones that are barred, as wave one takes none of what they are classified as.
 */
async function lookedUp(
  db: Database,
  kinds: readonly Migration[],
  orderOf: (kind: Migration) => Promise<WaveOrder>,
) {
  const wanted = new Map<Migration, readonly number[]>();
  const above = new Map<Migration, Above>();
  const referred = new Map<Migration, Set<number>>();
  const barred = new Map(kinds.map((kind) => [kind, new Set<number>()]));
  const orders = new Map<Migration, WaveOrder>();
  for (const kind of kinds) orders.set(kind, await orderOf(kind));
  let size = 0;
  for (const [kind, order] of [...orders].reverse()) {
    size = order.size;
    const first = await db.rows<{ id: number }>(candidates(kind, order));
    wanted.set(
      kind,
      first.map(({ id }) => id),
    );
    const known = new Map<number, readonly (readonly [Migration, number, string])[]>();
    above.set(kind, known);
    let ids = new Set([...first.map(({ id }) => id), ...(referred.get(kind) ?? [])]);
    // Rows of a kind that refers to itself name others of it: of what stands further above than a wave has rows, all that
    // stands below is too much for one.
    for (let up = 0; ids.size > 0; up += 1) {
      if (up > size) {
        for (const id of ids) barred.get(kind)?.add(id);
        break;
      }
      const found = await pending(db, kind, order.run, [...ids]);
      const asked = ids;
      ids = new Set();
      for (const id of asked) known.set(id, found.get(id) ?? []);
      for (const [parent, row, is] of [...found.values()].flat()) {
        if (!orders.get(parent)?.kinds.includes(is)) barred.get(parent)?.add(row);
        if (parent === kind && !known.has(row)) ids.add(row);
        const rows = referred.get(parent) ?? new Set();
        referred.set(parent, rows.add(row));
      }
    }
  }
  return { wanted, above, barred, size };
}

async function pending(
  db: Database,
  kind: Migration,
  run: string,
  ids: readonly number[],
): Promise<Above> {
  const of = new Map<number, (readonly [Migration, number, string])[]>();
  if (ids.length === 0) return of;
  for (const { parent, statement } of pendingAbove(kind, run, ids)) {
    for (const { id, row, kind } of await db.rows<PendingAbove>(statement)) {
      of.set(id, [...(of.get(id) ?? []), [parent, row, kind]]);
    }
  }
  return of;
}

interface PendingAbove {
  readonly id: number;
  readonly row: number;
  readonly kind: string;
}
