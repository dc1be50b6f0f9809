import {
  keptOfTried,
  refusedEntries,
  refusedTogether,
  type TakenBefore,
  type TakenOf,
  type TriedUndo,
} from "../../compile/undo/tried-undo.ts";
import type { RefusedRow } from "../../compile/wave/refused.ts";
import type { Database } from "../../data/database.ts";
import { keptFor } from "./kept-apart.ts";

/** Which entries of one kind of things the platform refuses to have taken back, found by trying: nothing of it stays. */
export async function findRefusedEntries(
  transaction: Database,
  tried: readonly TriedUndo[],
  entity: TakenOf,
  run: string,
  wave: number,
  atMost = triedAtOnce,
): Promise<RefusedRow[]> {
  const found: RefusedRow[] = [];
  for (const one of tried)
    found.push(...(await refusedOf(transaction, one, entity, run, wave, atMost)));
  return found;
}

/** So many that a statement ends in time though each of them is refused. */
const triedAtOnce = 250;

async function refusedOf(
  transaction: Database,
  one: TriedUndo,
  entity: TakenOf,
  run: string,
  wave: number,
  atMost: number,
): Promise<readonly RefusedRow[]> {
  const refused: RefusedRow[] = [];
  const claimed: number[] = [];
  const tryNext = async (after: number, before?: TakenBefore): Promise<number | null> => {
    const slice = { after, atMost };
    const kept = await keptFor(
      transaction,
      one.above,
      [one.table],
      (all) => refusedEntries(one, entity, run, wave, slice, before, all),
      (some) => keptOfTried(one, entity, run, wave, slice, some),
    );
    const next = await transaction.one<{
      last: number | null;
      refused: readonly RefusedRow[];
      claimed: readonly number[];
    }>(refusedEntries(one, entity, run, wave, slice, before, kept));
    refused.push(...next.refused);
    claimed.push(...next.claimed);
    return next.last;
  };
  const upTo = (last: number): TakenBefore => ({
    upTo: last,
    but: [...refused.map(({ id }) => id), ...claimed],
  });
  const ends: number[] = [];
  for (let after: number | null = 0; after !== null; ) {
    after = await tryNext(after);
    if (after !== null) ends.push(after);
  }
  // Entries of several questions were taken by themselves, but may exclude each other.
  if (ends.length > 1) {
    const { refused: together } = await transaction.one<{ refused: readonly unknown[] }>(
      refusedTogether(one, entity, run, upTo(ends.at(-1) as number)),
    );
    if (together.length > 0) for (const end of ends.slice(0, -1)) await tryNext(end, upTo(end));
  }
  return refused;
}
