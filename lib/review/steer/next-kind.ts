import { isOverTrial } from "../../data/runs.ts";
import type { Watching } from "../../data/watching.ts";
import type { Because } from "../../speech/refused.ts";
import type { Doing } from "../people/acts.ts";

/** What decides the next step of a run. */
export interface Standing {
  readonly reference: string;
  readonly status: string;
  readonly control: string;
  /** The last stage that finished. */
  readonly stage: string;
  /** Whether an execution of it is under way. */
  readonly alive: boolean;
  /** What that one does; all that is left of the run where nobody says. */
  readonly doing?: Doing | undefined;
  readonly pendingGate: string | null;
  /** Whether nobody answered the newest question in time, so that nobody can any more. */
  readonly unanswered?: boolean;
  /** Why the newest question was withdrawn, so that nobody can answer it any more; null where it was not. */
  readonly withdrawn?: string | null;
  readonly preflight: Readonly<Record<string, unknown>>;
  /** Of a run that only tries a definition; null or absent for any other. */
  readonly trial?: object | null;
  /** What the platform was like when it was last looked at before a wave (C4). */
  readonly watching?: Watching | null;
  readonly migration?: string;
  /** Whether it has any wave; of one without, nothing was committed. */
  readonly written?: boolean;
  /** Whether its audit bundle was exported, and tells of all that happened to it but that. */
  readonly exported?: boolean;
  /** Copies of files that a rollback has begun to take away: others that name the same files wait for them. */
  readonly copiesLeft?: number;
  /** Why it was halted. */
  readonly halted_because?: { readonly error: string } | null;
  /** Why what was begun last of all that is left of it failed, where that could not be kept with the run itself. */
  readonly failed?: Because | undefined;
  /** Rows of a run that is rolled back which still stand as it wrote them, or as somebody changed them since. */
  readonly rowsLeft?: number;
  /** Whether a restore of its backup was begun that did not come to its end. */
  readonly restoring?: boolean;
  /** Since when its people are erased, and how many rows that was once nothing is left of them. */
  readonly erased_at?: string | null;
  readonly erased_rows?: number | null;
  /** The newest entry of its log that is shown with this, where the next step is to undo nothing that came since. */
  readonly seen?: number;
}

/** The verb that follows a stage, for runs whose stages are run one by one. */
export const following: Readonly<Record<string, string>> = {
  preflight: "import",
  import: "validate",
  validate: "classify",
  classify: "match",
  match: "dry-run",
  "dry-run": "export",
};

/** Where a run stands, as far as it decides what comes next. */
export type NextKind =
  | "sign_off"
  | "trial_over"
  | "erased"
  | "erasing"
  | "trial_halted"
  | "source_changed"
  | "definition_changed"
  | "ledger_incomplete"
  | "sent_back"
  | "halted_stopped"
  | "halted"
  | "paused"
  | "judged_anew"
  | "stopped"
  | "stopped_unwritten"
  | "stopped_asking"
  | "restoring"
  | "nothing_to_commit"
  | "complete"
  | "rolled_back"
  | "rows_left"
  | "told_to_stop"
  | "copies_left"
  | "answered"
  | "unanswered"
  | "withdrawn"
  | "goes_on"
  | "one_step"
  | "taken_back"
  | "platform_busy"
  | "preflight_failed"
  | "failed"
  | "asks_next"
  | "stage_next";

/** What decides what comes next, the weightiest first. */
export function nextKind(standing: Standing): NextKind {
  const { pendingGate, status } = standing;
  // An answer to a run that was stopped writes nothing.
  const asksInVain = status === "stopped" && standing.restoring !== true;
  if (pendingGate !== null) return asksInVain ? "stopped_asking" : "sign_off";
  const { alive } = standing;
  if (!alive && isOverTrial(standing)) return "trial_over";
  if (!alive && (standing.erased_at ?? null) !== null)
    return (standing.erased_rows ?? null) === null ? "erasing" : "erased";
  if (!alive && (standing.copiesLeft ?? 0) > 0) return "copies_left";
  if (alive && standing.doing === "step") return "one_step";
  if (alive && standing.doing === "rollback" && status !== "rolled_back") return "taken_back";
  if (status === "halted") return haltedKind(standing);
  if (status === "stopped" && standing.restoring === true) return "restoring";
  // Nobody paused it: what its rows rest on was decided anew since they were judged, and it waits to be let go on.
  if (status === "paused" && standing.control === "run" && standing.stage !== "export-review")
    return "judged_anew";
  if (status === "stopped" && standing.written === false) return "stopped_unwritten";
  if (status === "paused" || status === "stopped") return status;
  // A rollback tells it to stop, and is over when it is said to be taken back.
  if (status === "completed" && standing.control !== "stop")
    return standing.written === false ? "nothing_to_commit" : "complete";
  if (status === "rolled_back") return (standing.rowsLeft ?? 0) > 0 ? "rows_left" : "rolled_back";
  if (standing.control === "stop") return "told_to_stop";
  if (alive && standing.watching?.waiting) return "platform_busy";
  if (alive && status === "waiting") {
    // Nobody is asked any more, and what waited has not heard of it.
    if (standing.unanswered === true) return "unanswered";
    return (standing.withdrawn ?? null) === null ? "answered" : "withdrawn";
  }
  if (alive) return "goes_on";
  if (standing.preflight.passed !== true) return "preflight_failed";
  if (standing.failed !== undefined) return "failed";
  return following[standing.stage] === undefined ? "asks_next" : "stage_next";
}

/** What a run that is halted waits for, by why it is. */
function haltedKind(standing: Standing): NextKind {
  if ((standing.trial ?? null) !== null) return "trial_halted";
  const kind = haltedBy.get(standing.halted_because?.error ?? "");
  if (kind !== undefined) return kind;
  // Nothing of it was read: there is nothing to take back, and going on comes to the same preflight.
  if (standing.preflight.passed === false) return "preflight_failed";
  // Mostly a rollback halted, which somebody asked for: to go on is not what comes next.
  if (standing.control === "stop") return "halted_stopped";
  return standing.halted_because?.error === "SignOffRejected" ? "sent_back" : "halted";
}

const haltedBy: ReadonlyMap<string, NextKind> = new Map([
  ["SourceChanged", "source_changed"],
  ["DefinitionChanged", "definition_changed"],
  ["LedgerIncomplete", "ledger_incomplete"],
]);
