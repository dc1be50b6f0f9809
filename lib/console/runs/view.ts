import type { Run } from "../../data/runs.ts";
import type { PinnedLook } from "../../evidence/pinned.ts";
import type { RunStanding } from "../../review/steer/run-standing.ts";
import type { GoNoGo } from "../../stages/wave/go-no-go.ts";
import type { Watched } from "./steps.ts";

/** A run as its page shows it; nothing of its people. */
export interface RunView {
  readonly run: Run;
  /** What is stored with the run of its definition. */
  readonly look: PinnedLook;
  readonly standing: RunStanding;
  /** Open questions about its rows (B9). */
  readonly questions: number;
  readonly goNoGo: GoNoGo;
  /** Undefined where the workflow could not be asked. */
  readonly watched: Watched | undefined;
  /** Entries of its log. */
  readonly entries: number;
  readonly alive: boolean;
  readonly waveAhead: number | undefined;
  /** The state whose steps are opened. */
  readonly step: string | undefined;
}
