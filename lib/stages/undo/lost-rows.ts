import type { PinnedEntity } from "../../compile/pin/pin.ts";
import {
  firstLost,
  type LostRow,
  lostAtOnce,
  lostThere,
  takeLostBack,
} from "../../compile/undo/lost-rows.ts";
import { type Database, localSettings } from "../../data/database.ts";
import { lockRunState, type Run } from "../../data/runs.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { count, several } from "../../services/words.ts";
import { beforeRun } from "../wave/commit-lock.ts";
import { reshapedSince } from "../wave/reshaped-since.ts";

/**
 * That nothing is left on the platform which waves wrote, as their rows' decisions say, and of which the ledger has no
 * open entry: nobody can prove what it is, and so it is not taken back, nor is the run said to be. What of them is
 * gone, or was a link, is taken back here. Error: `LedgerIncomplete`.
 */
export const requireNoneLost = (services: Services, run: Run, toWave: number): Promise<void> =>
  services.commitOf(run.migration).transaction(async (transaction) => {
    await transaction.rows(localSettings);
    await beforeRun(transaction);
    // A wave under way is waited for: its rows are marked with its entries.
    await lockRunState(transaction, run.id);
    for (;;) {
      const lost = await lostButGone(transaction, run, toWave);
      if (lost.length === 0) return;
      for (const [of, rows] of Map.groupBy(lost, (each) => each.of)) {
        const own = rows.map(({ row }) => row);
        const entity = pinOf(run).entities[of] as PinnedEntity;
        await transaction.execute(takeLostBack(entity, run.id, own));
      }
    }
  });

/** Those that the ledger lacks, of which nothing is on the platform. Error: `LedgerIncomplete`, where anything is. */
export async function lostButGone(
  transaction: Database,
  run: Run,
  toWave: number,
): Promise<readonly LostRow[]> {
  const lost = await transaction.rows<LostRow>(firstLost(pinOf(run), run.id, toWave));
  const [wave, ...others] = new Set(lost.map((each) => each.wave));
  if (wave === undefined) return [];
  const { pin } = await reshapedSince(transaction, run, wave, ...others);
  const there = await transaction.rows<There>(lostThere(pin, run.id, lost));
  if (there.length > 0) throw incomplete(run, there);
  return lost;
}

type There = LostRow & { readonly table: string };

function incomplete(run: Run, there: readonly There[]): Refusal {
  const each = [...Map.groupBy(there, ({ table }) => table)].map(([table, rows]) => {
    const named = rows.slice(0, 5).map(({ row }) => `${row}`);
    if (rows.length > named.length) named.push("…");
    return `${count(rows.length)} of ${table} (staged ${named.join(", ")})`;
  });
  const one = there.length === 1;
  const all = `${there.length < lostAtOnce ? "" : "At least "}${several(there.length, "row")}`;
  return new Refusal(
    "LedgerIncomplete",
    `${all} that ${run.reference} wrote ${one ? "has" : "have"} no entry in its ledger any more, so nobody can prove what of the platform is the run's, and ${one ? "it stays" : "they stay"} there: ${each.join("; ")}. ` +
      "Everything else is taken back. Whoever administers the database took the entries out, or a trigger with such rights did. " +
      `\`wavegate why ${run.reference} ROW\` shows each; once somebody took them from the platform, \`wavegate rollback --run ${run.reference}\` comes to its end.`,
  );
}
