import { becauseOf } from "../../data/watching.ts";
import { several } from "../../services/words.ts";
import { following, nextKind, type Standing } from "./next-kind.ts";

/** What a run waits for, and what helps. */
export interface NextStep {
  /** For scripts: `sign-off GATE`, `decision`, `command`, or null while nobody is needed. */
  readonly waitsFor: string | null;
  /** One or two sentences. */
  readonly says: string;
  /** The one command that comes next; null where there is none. */
  readonly command: string | null;
}

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
  const written = standing.written !== false;
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
      const says = `It is halted, as its definition was changed since it began. A new run judges by that one${written ? `; of this one \`${command("rollback")}\` takes back what it wrote, and \`${command("stop")}\` ends it` : `, and \`${command("stop")}\` ends this one`}. With the definition as it was \`${command("resume")}\` lets it go on.`;
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
        `It is halted and waits for a decision. Instead of going on, ${written ? `\`${command("rollback")}\` takes back what it wrote, ` : ""}\`${command("stop")}\` ends it.`,
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
    case "stopped_unwritten":
      return step(
        "decision",
        "It was stopped, and nothing of it is committed. It may go on.",
        "resume",
      );
    case "stopped_asking":
      return step(
        "decision",
        `It was stopped while it waited for a sign-off (${pendingGate}), which is still asked for: an answer alone writes nothing. It may go on, ${written ? `\`${command("stop --now")}\` ends what waits, or \`${command("rollback")}\` takes back what it wrote` : `or \`${command("stop --now")}\` ends what waits`}.`,
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
