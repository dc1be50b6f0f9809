import type { Matching } from "./check.ts";
import type { DuckDb } from "./contenders/duckdb.ts";
import type { Load } from "./contenders/load.ts";
import type { StageFigures } from "./contenders/wavegate.ts";
import { median } from "./meter.ts";
import type { PageTime } from "./page-times.ts";
import type { OneByOne, WaveFigures } from "./waves.ts";

/** Everything that was measured. */
export interface Results {
  readonly at: string;
  readonly machine: string;
  readonly rows: number;
  readonly platform: number;
  /** As it comes, and with its cast for zero dates alone: what arrives. */
  readonly pgloaderLoses: Readonly<Record<string, Load>>;
  readonly pgloader: readonly Load[];
  readonly copy: readonly Load[];
  readonly wavegate: readonly (readonly StageFigures[])[];
  /** With 20 ms added to every request. */
  readonly withLatency: readonly StageFigures[];
  readonly matching: Matching;
  /** Matching's joins in DuckDB; undefined where it could not be installed. */
  readonly duckdb: DuckDb | undefined;
  /** Of each turn. */
  readonly waves: readonly WaveFigures[];
  readonly oneByOne: OneByOne;
  /** Of each turn. */
  readonly rollbacks: readonly { readonly rows: number; readonly seconds: number }[];
  /** Waves and rollbacks of all turns as stages, and the rows that they wrote and took back in each. */
  readonly written: { readonly rows: number; readonly stages: readonly StageFigures[] };
  /** Bytes of all tables and indexes of staging, once everything is reviewed. */
  readonly staged: number;
  /** What the console's pages took over the reviewed rows. */
  readonly pages: readonly PageTime[];
}

/** Rows a second of the waves, and of taking them back: medians of the turns. */
export const rowsPerSecond = (figures: Results["waves" | "rollbacks"]): number =>
  median(figures.map(({ rows, seconds }) => rows / seconds));
