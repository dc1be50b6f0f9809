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
import { whenAlone } from "../wave/table-locks.ts";

/**
 * That nothing is left on the platform which waves wrote, as their rows' decisions say, and of which the ledger has no
 * open entry: nobody can prove what it is, and so it is not taken back, nor is the run said to be. What of them is
 * gone, or was a link, is taken back here in any case. Errors: `LedgerIncomplete`; `WaveContended`, which may be tried again.
 */
export async function requireNoneLost(services: Services, run: Run, toWave: number): Promise<void> {
  const db = services.commitOf(run.migration);
  const look = async (transaction: Database): Promise<readonly There[]> => {
    await transaction.rows(localSettings);
    await beforeRun(transaction);
    // A wave under way is waited for: its rows are marked with its entries.
    await lockRunState(transaction, run.id);
    for (;;) {
      const { lost, there } = await findLost(transaction, run, toWave);
      const stays = new Set(there.map(({ row }) => row));
      const gone = lost.filter(({ row }) => !stays.has(row));
      for (const [of, rows] of Map.groupBy(gone, (each) => each.of)) {
        const own = rows.map(({ row }) => row);
        const entity = pinOf(run).entities[of] as PinnedEntity;
        await transaction.execute(takeLostBack(entity, run.id, own));
      }
      if (there.length > 0 || lost.length === 0) return there;
    }
  };
  const there = await whenAlone(() => db.transaction(look));
  if (there.length > 0) throw incomplete(run, there);
}

/** The same, and nothing is taken back: what is foreseen of a rollback. Error: `LedgerIncomplete`. */
export async function refuseLost(transaction: Database, run: Run, toWave: number): Promise<void> {
  const { there } = await findLost(transaction, run, toWave);
  if (there.length > 0) throw incomplete(run, there);
}

/** The first that the ledger lacks, and which of them are on the platform. */
async function findLost(
  transaction: Database,
  run: Run,
  toWave: number,
): Promise<{ readonly lost: readonly LostRow[]; readonly there: readonly There[] }> {
  const lost = await transaction.rows<LostRow>(firstLost(pinOf(run), run.id, toWave));
  const [wave, ...others] = new Set(lost.map((each) => each.wave));
  if (wave === undefined) return { lost, there: [] };
  const { pin } = await reshapedSince(transaction, run, wave, ...others);
  return { lost, there: await transaction.rows<There>(lostThere(pin, run.id, lost)) };
}

type There = LostRow & { readonly table: string; readonly changed: boolean };

function incomplete(run: Run, there: readonly There[]): Refusal {
  const each = [...Map.groupBy(there, ({ table }) => table)].map(([table, rows]) => {
    const named = rows.slice(0, 5).map(({ row }) => `${row}`);
    if (rows.length > named.length) named.push("…");
    return `${count(rows.length)} of ${table} (staged ${named.join(", ")})`;
  });
  const one = there.length === 1;
  const all = `${there.length < lostAtOnce ? "" : "At least "}${several(there.length, "row")}`;
  const end = there.every(({ changed }) => changed)
    ? "they were on the platform before, and keep what was written"
    : `once somebody took them from the platform, \`wavegate rollback --run ${run.reference}\` comes to its end; what was there before, and was changed, keeps what was written`;
  return new Refusal(
    "LedgerIncomplete",
    `${all} that ${run.reference} wrote ${one ? "has" : "have"} no entry in its ledger any more, so nobody can prove what of the platform is the run's, and ${one ? "it stays" : "they stay"} there: ${each.join("; ")}. ` +
      "Everything else is taken back. Whoever administers the database took the entries out, or a trigger with such rights did. " +
      `\`wavegate why ${run.reference} ROW\` shows each; ${end}. ` +
      `Until that is decided no other run of “${run.migration}” begins: \`wavegate stop --run ${run.reference}\` leaves them there, and lets one.`,
  );
}
