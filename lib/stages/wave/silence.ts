import type { Database } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import type { Sql } from "../../data/sql.ts";
import { addTo } from "./row-sums.ts";

interface Spared {
  readonly table: string;
  readonly id: ExactId;
  readonly conflict: object;
}

interface Kept extends Omit<Spared, "conflict"> {
  readonly by: string;
  readonly edited: boolean;
  /** How many the same kept. */
  readonly rows: number;
}

/**
 * What was undone, with rows that the platform kept in silence told as rows that it refused.
 *
 * @param silence finds and notes them, where anything was spared
 * @param refused counts them, by what kept them
 */
export async function tellSilence<
  Undone extends { readonly spared: number; readonly conflicts: readonly Spared[] },
>(
  transaction: Database,
  undone: Undone,
  silence: readonly Sql[],
  refused: Record<string, number>,
): Promise<Undone> {
  if (undone.spared === 0) return undone;
  const kept: Kept[] = [];
  for (const some of silence) {
    const found = await transaction.rows<Kept>(some);
    addTo(refused, Object.fromEntries(found.map(({ by, rows }) => [by, rows])));
    kept.push(...found);
  }
  const called = ({ table, id }: Omit<Spared, "conflict">) => JSON.stringify([table, id]);
  const keepers = new Map(kept.map((each) => [called(each), each]));
  const conflicts = undone.conflicts.map((each) => {
    const keeper = keepers.get(called(each));
    return keeper === undefined
      ? each
      : { ...each, conflict: { ...each.conflict, edited: keeper.edited, refused: keeper.by } };
  });
  return { ...undone, conflicts };
}
