import type { OnTheWay } from "../../compile/around/on-the-way.ts";
import type { Pin, PinnedEntity } from "../../compile/pin/pin.ts";
import type { Kept, KeptAbove } from "../../compile/undo/kept-above.ts";
import type { KindOfWave } from "../../compile/undo/kinds-of-wave.ts";
import type { Referring } from "../../compile/undo/referrers.ts";
import { keptOfWave, ofTables, undoWave } from "../../compile/undo/rollback.ts";
import { triedUndos } from "../../compile/undo/tried-undo.ts";
import type { Reshaping, Shape } from "../../compile/wave/written-rows.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { ChangedOnTheWay } from "../wave/changed-on-the-way.ts";
import { addTo } from "../wave/row-sums.ts";
import type { Aside } from "../wave/side-effects.ts";
import { keptFor } from "./kept-apart.ts";
import { findRefusedEntries } from "./refused-entries.ts";
import { sumsOf, type UndoneWave } from "./undone-wave.ts";

/** What was undone of a kind of things. */
export type Undone = Omit<UndoneWave, "wave" | "reshaped" | "previewed" | "refused"> & {
  readonly deleted: Record<string, number>;
  /** Rows that were changed and got back what they held, by table. */
  readonly restored?: Record<string, number>;
  readonly logged: number;
  readonly reset: number;
};

/** What a transaction that takes waves back knows of the platform. */
export interface Surroundings {
  readonly run: Run;
  readonly pin: Pin;
  readonly referring: readonly Referring[];
  readonly reshaped: readonly Reshaping[];
  readonly present: Shape;
  readonly above: readonly KeptAbove[];
  readonly onTheWay: OnTheWay;
  readonly round: number | undefined;
}

/**
 * Undoes what a wave did with one kind of things. Error: `PlatformRefused`, where a trigger changed rows on their way.
 *
 * @param refused counts what the platform refuses to have taken back, by what does
 * @param aside finds that before, by trying
 */
export async function undoKind(
  transaction: Database,
  { run, pin, referring, reshaped, present, above, onTheWay, round }: Surroundings,
  { wave, at, level, tables }: KindOfWave,
  refused: Record<string, number>,
  aside?: Aside,
): Promise<Undone> {
  const [own, entity] = [ofTables(pin, tables), pin.entities[at] as PinnedEntity];
  const tried = () =>
    findRefusedEntries(
      transaction,
      triedUndos(own, run.id, wave, referring, reshaped, present, above, onTheWay),
      { staging: entity.staging, level },
      run.id,
      wave,
    );
  const found = aside === undefined ? [] : await aside(tried);
  for (const each of found) addTo(refused, { [each.by]: 1 });
  const undo = (kept: Kept) =>
    undoWave(own, entity, run.id, wave, referring, reshaped, present, found, {
      ...{ round, level },
      above: kept,
      onTheWay,
    });
  const kept = await keptFor(transaction, above, tables, undo, (some) =>
    keptOfWave(own, entity, run.id, wave, { round, level }, some),
  );
  const done = await transaction.one<Undone & { altered?: string }>(undo(kept));
  ChangedOnTheWay.refuseRollback(run, wave, done.altered);
  return done;
}

/** What was undone of several kinds of things. */
export function altogether(parts: readonly Undone[]): Undone {
  const more = { deleted: {}, restored: {}, logged: 0, reset: 0 };
  for (const { deleted, restored = {}, logged, reset } of parts) {
    addTo(more.deleted, deleted);
    addTo(more.restored, restored);
    more.logged += logged;
    more.reset += reset;
  }
  return { ...sumsOf(parts), ...more };
}
