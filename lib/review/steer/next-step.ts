import { isOverTrial } from "../../data/runs.ts";
import { becauseOf, type Watching } from "../../data/watching.ts";
import { several } from "../../services/words.ts";
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
  /** Whether it has any wave; a complete run without one had nothing to commit. */
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

/** What a run waits for, and what helps. */
export interface NextStep {
  /** For scripts: `sign-off GATE`, `decision`, `command`, or null while nobody is needed. */
  readonly waitsFor: string | null;
  /** One or two sentences. */
  readonly says: string;
  /** The one command that comes next; null where there is none. */
  readonly command: string | null;
}

/** The verb that follows a stage, for runs whose stages are run one by one. */
const following: Readonly<Record<string, string>> = {
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

/** What the run waits for, and the one command that comes next. */
export function nextStep(standing: Standing): NextStep {
  const { pendingGate, status } = standing;
  const command = (verb: string): string =>
    `wavegate ${verb} --run ${standing.reference}${verb === "resume" && standing.seen ? ` --seen ${standing.seen}` : ""}`;
  const step = (waitsFor: string | null, says: string, verb?: string): NextStep => ({
    waitsFor,
    says,
    command: verb === undefined ? null : command(verb),
  });
  const bundle = standing.exported ? "audit pull" : "export audit";
  switch (nextKind(standing)) {
    case "sign_off":
      return step(
        `sign-off ${pendingGate}`,
        `It waits for a sign-off (${pendingGate}) by somebody else than its starter.`,
        "sign-off show",
      );
    case "trial_over": {
      const says =
        "It is a trial, and ended with its dry run; nobody signs it and nothing of it is written.";
      return { waitsFor: null, says, command: `wavegate try ${standing.migration} --forget` };
    }
    case "erased":
      return step(
        null,
        "It is over, and its people are erased: it is no longer taken back, verified again, judged or resumed.",
        status === "completed" ? bundle : undefined,
      );
    case "erasing": {
      const says =
        "Its people are being erased, and nothing else is done with it any more. Where that was cut off, it is ended by asking for it again.";
      return step("command", says, "erase");
    }
    case "trial_halted":
      return step(
        "decision",
        `It is a trial, and was halted before its end. Nothing of it is written; instead of going on, \`wavegate try ${standing.migration} --forget\` takes it away.`,
        "resume",
      );
    case "source_changed": {
      const says = `It is halted, as its source changed while it was read, and was not judged. A new run reads all of it, once nobody writes it, and \`${command("stop")}\` ends this one; where its message says so, \`${command("import")}\` reads that part again.`;
      return step("decision", says, "stop");
    }
    case "definition_changed": {
      const says = `It is halted, as its definition was changed since it began. A new run judges by that one; of this one \`${command("rollback")}\` takes back what it wrote, and \`${command("stop")}\` ends it. With the definition as it was \`${command("resume")}\` lets it go on.`;
      return step("decision", says, "stop");
    }
    case "ledger_incomplete": {
      const says = `It is halted: rows that it wrote stand on the platform, and its ledger has nothing of them; everything else is taken back. Once somebody took them from the platform, \`${command("rollback")}\` comes to its end; \`${command("stop")}\` leaves them there. Until then no other run of ${standing.migration} begins.`;
      return step("decision", says, "rollback");
    }
    case "halted_stopped":
      return step(
        "decision",
        `It is halted, and was told to stop, as every rollback does. Once its reason is mended, \`${command("rollback")}\` takes back what stands; \`${command("stop")}\` ends it, and leaves that. Or it may go on after a new sign-off.`,
        "rollback --preview",
      );
    case "sent_back": {
      const says = `It was sent back at its sign-off. Once what the remark asks for is mended it goes on: its rows are judged anew where that is needed, and it is asked again. What is mended in the definition takes a new run: \`${command("stop")}\` ends this one${standing.written ? `, \`${command("rollback")}\` takes back what it wrote` : ""}.`;
      return step("decision", says, "resume");
    }
    case "halted":
      return step(
        "decision",
        `It is halted and waits for a decision. Instead of going on, \`${command("rollback")}\` takes back what it wrote, \`${command("stop")}\` ends it.`,
        "resume",
      );
    case "paused":
      return step(
        "decision",
        `It is paused until somebody lets it go on, or stops it.${standing.watching?.waiting ? ` The next wave was waiting for hours because ${becauseOf(standing.watching)}.` : ""}`,
        "resume",
      );
    case "judged_anew": {
      const says =
        "It stands still, as mappings were decided since its rows were judged; what was asked or approved about them no longer counts. Let go on, it judges them anew, and somebody else than its starter is asked again.";
      return step("command", says, "resume");
    }
    case "stopped":
      return step(
        "decision",
        `It was stopped; what was committed stays. It may go on, or \`${command("rollback")}\` takes back what it wrote.`,
        "resume",
      );
    case "stopped_asking":
      return step(
        "decision",
        `It was stopped while it waited for a sign-off (${pendingGate}), which is still asked for: an answer alone writes nothing. It may go on, \`${command("stop --now")}\` ends what waits, or \`${command("rollback")}\` takes back what it wrote.`,
        "resume",
      );
    case "restoring":
      return step(
        "decision",
        `The backup that it was started with is being restored, or that was cut off: the platform is as it was, or as the backup holds it. The same command, \`${command("rollback --level 2 --from FILE")}\`, comes to its end and says which.`,
      );
    case "nothing_to_commit":
      return step(
        null,
        `It is complete: no row of it could be committed, and each says why it is held, skipped or failed. After a decision about a mapping \`${command("resume")}\` judges them anew.`,
        bundle,
      );
    case "complete":
      return step(
        null,
        `It is complete${standing.exported ? ", and its audit bundle is exported" : ""}. \`${command("rollback")}\` would take everything back.`,
        bundle,
      );
    case "rolled_back":
      return step(null, "It is rolled back. Review the mappings before you start a new run.");
    case "rows_left":
      return step(
        null,
        `It is rolled back but for ${several(standing.rowsLeft ?? 0, "row that still stands", "rows that still stand")}: somebody changed what it wrote or refers to it since, or the platform refuses it. \`${command("rollback --preview")}\` names what stands; once that is mended, \`${command("rollback")}\` takes it back.`,
        "rollback --preview",
      );
    case "told_to_stop": {
      const says = `It was told to stop, as every rollback does: \`${command("rollback")}\` takes back what stands. Or it may go on after a new sign-off.`;
      return step("decision", says, "resume");
    }
    case "copies_left":
      return step(
        "command",
        `It has begun to take copies of files away, ${several(standing.copiesLeft ?? 0, "is", "are")} left, and nothing runs. Other runs that name the same files wait for it.`,
        standing.control === "stop" ? "rollback" : "resume",
      );
    case "platform_busy":
      return step(
        null,
        `The next wave is waiting because ${standing.watching ? becauseOf(standing.watching) : ""}. It goes on by itself.`,
        "watch",
      );
    case "answered": {
      const says =
        "Its question was answered, and it goes on in a moment. Where it still says so a minute later, what waits for the answer was not told of it: let it go on.";
      return step(null, says, "resume");
    }
    case "unanswered": {
      const says =
        "Nobody answered its sign-off before the link expired, and now nobody can. Let go on, it asks anew.";
      return step("command", says, "resume");
    }
    case "withdrawn": {
      const begins = `Its question was withdrawn, because ${standing.withdrawn}: nobody can answer it any more, and nothing goes on by itself.`;
      // It would halt, as where the definition is read otherwise by another version of wavegate.
      return standing.withdrawn?.startsWith("the migration's rules")
        ? step(
            "decision",
            `${begins} A new run judges by the rules as they are now, and \`${command("stop")}\` ends this one. With the rules as they were \`${command("resume")}\` lets it go on, and it asks anew.`,
            "stop",
          )
        : step(
            "command",
            `${begins} Let go on, it looks at its rows again where that is needed, and asks anew.`,
            "resume",
          );
    }
    case "goes_on":
      return step(null, "It goes on by itself.", "watch");
    case "one_step":
      return step(null, "One step of it is done alone; nothing follows by itself.", "watch");
    case "taken_back":
      return step(null, "What it wrote is being taken back. That goes on by itself.", "watch");
    case "preflight_failed": {
      const { failed } = standing;
      const says = `Its preflight did not pass, so nothing was staged${failed === undefined ? "." : `: ${failed.message}`}`;
      return step("command", `${says} Mend what it said, and start a new run.`);
    }
    case "failed": {
      const { failed } = standing;
      const says = `It failed, and nothing runs: ${failed?.message} Once that is mended, let it go on from where it stands.`;
      return step("command", says, "resume");
    }
    case "asks_next":
      return step(
        "command",
        "Nothing runs. Its next step asks for the sign-off and then goes on.",
        "resume",
      );
    case "stage_next":
      return step("command", "Nothing runs.", following[standing.stage]);
  }
}

/** The same in one line. */
export const nextStepLine = ({ says, command }: NextStep): string =>
  command === null ? says : `${says} The next step: \`${command}\`.`;
