import { pendingAbove } from "../compile/above.ts";
import { candidates, type WaveOrder } from "../compile/wave-rows.ts";
import type { Database } from "../data/database.ts";
import type { Migration } from "../define/definition.ts";

/** The rows of each kind of things, by their staged ids, that a slice takes. */
export type Slice = ReadonlyMap<Migration, readonly number[]>;

/**
 * A first wave of several kinds of things is a slice through all of them (B7), so that what it proves is proved of
 * each: it begins with the last kind and takes what its rows refer to, at least one of every kind that has any,
 * as far as the wave's size goes. The same rows give the same slice.
 */
export async function firstSlice(
  db: Database,
  kinds: readonly Migration[],
  orderOf: (kind: Migration) => Promise<WaveOrder>,
): Promise<Slice> {
  const taken = new Map(kinds.map((kind): [Migration, number[]] => [kind, []]));
  const { wanted, above, size } = await lookedUp(db, kinds, orderOf);
  let room = size;

  /** A row and the rows that have to be written before it, those first; none that the slice has already. */
  const whole = (kind: Migration, id: number): (readonly [Migration, number])[] =>
    taken.get(kind)?.includes(id)
      ? []
      : [
          ...(above.get(kind)?.get(id) ?? []).flatMap(([parent, row]) => whole(parent, row)),
          [kind, id],
        ];
  const take = (kind: Migration, id: number): boolean => {
    const rows = [...new Map(whole(kind, id).map((row) => [row.join(), row])).values()];
    if (rows.length === 0 || rows.length > room) return false;
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

type Above = ReadonlyMap<number, readonly (readonly [Migration, number])[]>;

/** The rows that a slice may begin with, and of these and of what they refer to the rows above that are to be written. */
async function lookedUp(
  db: Database,
  kinds: readonly Migration[],
  orderOf: (kind: Migration) => Promise<WaveOrder>,
) {
  const wanted = new Map<Migration, readonly number[]>();
  const above = new Map<Migration, Above>();
  const referred = new Map<Migration, Set<number>>();
  let size = 0;
  for (const kind of [...kinds].reverse()) {
    const order = await orderOf(kind);
    size = order.size;
    const first = await db.rows<{ id: number }>(candidates(kind, order));
    wanted.set(
      kind,
      first.map(({ id }) => id),
    );
    const known = new Map<number, readonly (readonly [Migration, number])[]>();
    above.set(kind, known);
    let ids = new Set([...first.map(({ id }) => id), ...(referred.get(kind) ?? [])]);
    // Rows of a kind that refers to itself name others of it.
    while (ids.size > 0) {
      const found = await pending(db, kind, order.run, [...ids]);
      const asked = ids;
      ids = new Set();
      for (const id of asked) known.set(id, found.get(id) ?? []);
      for (const [parent, row] of [...found.values()].flat()) {
        if (parent === kind && !known.has(row)) ids.add(row);
        const rows = referred.get(parent) ?? new Set();
        referred.set(parent, rows.add(row));
      }
    }
  }
  return { wanted, above, size };
}

async function pending(
  db: Database,
  kind: Migration,
  run: string,
  ids: readonly number[],
): Promise<Above> {
  const of = new Map<number, (readonly [Migration, number])[]>();
  if (ids.length === 0) return of;
  for (const { parent, statement } of pendingAbove(kind, run, ids)) {
    for (const { id, row } of await db.rows<{ id: number; row: number }>(statement)) {
      of.set(id, [...(of.get(id) ?? []), [parent, row]]);
    }
  }
  return of;
}
