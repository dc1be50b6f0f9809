import type { Reshaping } from "../../compile/wave/written-rows.ts";
import type { ExactId } from "../../data/exact.ts";
import { addTo } from "../wave/row-sums.ts";

/** A created row that a rollback spared, and why (D16). */
export interface Conflict {
  readonly table: string;
  readonly id: ExactId;
  readonly conflict: {
    readonly edited: boolean;
    readonly referenced: boolean;
    readonly changed: readonly string[];
    /** The name of what of the platform refuses to have it taken back: a constraint, a column, a function. */
    readonly refused?: string;
  };
}

/** How many ledger entries of a wave there were, and what became of them. */
export interface TakenBack {
  readonly entries: number;
  readonly undone: number;
  readonly unlinked: number;
  /** Rows that somebody else had deleted. */
  readonly gone: number;
  readonly spared: number;
}

/** One wave, taken back. */
export interface UndoneWave extends TakenBack {
  readonly wave: number;
  /** What a preview said, where one was made and the platform changed in between (B1). */
  readonly previewed: TakenBack | null;
  /** The first hundred that were spared. */
  readonly conflicts: readonly Conflict[];
  /** How the platform changed the shape of target tables since the wave. */
  readonly reshaped: readonly Reshaping[];
  /** How many of those spared the platform refused to have taken back, by the name of what did. */
  readonly refused: Readonly<Record<string, number>>;
}

/** The counts alone. */
export const takenBackOf = ({ entries, undone, unlinked, gone, spared }: TakenBack): TakenBack => ({
  ...{ entries, undone, unlinked, gone, spared },
});

/** The counts and the first conflicts of several kinds of things together. */
export function sumsOf(
  parts: readonly (TakenBack & { readonly conflicts: readonly Conflict[] })[],
): TakenBack & { readonly conflicts: readonly Conflict[] } {
  const sums = { entries: 0, undone: 0, unlinked: 0, gone: 0, spared: 0 };
  for (const part of parts) addTo(sums, takenBackOf(part) as unknown as Record<string, number>);
  return { ...sums, conflicts: parts.flatMap(({ conflicts }) => conflicts).slice(0, 100) };
}
