import { describe, expect, it } from "vitest";
import { conclusion } from "../../lib/cli/show/dry-run.ts";
import { conflictSays } from "../../lib/cli/verbs/rollback.ts";
import { showGoNoGo } from "../../lib/cli/verbs/status.ts";
import { nextStep, nextStepLine } from "../../lib/review/steer/next-step.ts";
import { remarkOf, statusWord } from "../../lib/review/steer/standing.ts";
import { several } from "../../lib/services/words.ts";

describe("the next step", () => {
  const run = {
    reference: "ecoin-1",
    status: "running",
    control: "run",
    stage: "import",
    alive: false,
    pendingGate: null,
    preflight: { passed: true },
  };

  it.each([
    [{}, "command", "Nothing runs.", "wavegate validate --run ecoin-1"],
    [{ stage: "match" }, "command", "Nothing runs.", "wavegate dry-run --run ecoin-1"],
    [
      { stage: "export-review" },
      "command",
      "Nothing runs. Its next step asks for the sign-off and then goes on.",
      "wavegate resume --run ecoin-1",
    ],
    // A rollback began, and was cut off before anything was taken back or after some of it.
    [
      { alive: true, control: "stop" },
      "decision",
      "It was told to stop, as every rollback does: `wavegate rollback --run ecoin-1` takes back what stands. Or it may go on after a new sign-off.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "completed", control: "stop" },
      "decision",
      "It was told to stop, as every rollback does: `wavegate rollback --run ecoin-1` takes back what stands. Or it may go on after a new sign-off.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "completed" },
      null,
      "It is complete. `wavegate rollback --run ecoin-1` would take everything back.",
      "wavegate export audit --run ecoin-1",
    ],
    [
      { stage: "preflight", preflight: { passed: false } },
      "command",
      "Its preflight did not pass, so nothing was staged. Mend what it said, and start a new run.",
      null,
    ],
    // The same of one that its preflight halted: nothing is there to take back.
    [
      { status: "halted", stage: "preflight", preflight: { passed: false } },
      "command",
      "Its preflight did not pass, so nothing was staged. Mend what it said, and start a new run.",
      null,
    ],
    // Of a trial nothing is written that could be taken back (B12).
    [
      { status: "halted", migration: "ecoin", trial: { rows: 500 } },
      "decision",
      "It is a trial, and was halted before its end. Nothing of it is written; instead of going on, `wavegate try ecoin --forget` takes it away.",
      "wavegate resume --run ecoin-1",
    ],
    // What was read of a source that changed stays what it is, and going on reads none of it again (R4).
    [
      { status: "halted", halted_because: { error: "SourceChanged" } },
      "decision",
      "It is halted, as its source changed while it was read, and was not judged. A new run reads all of it, once nobody writes it, and `wavegate stop --run ecoin-1` ends this one; where its message says so, `wavegate import --run ecoin-1` reads that part again.",
      "wavegate stop --run ecoin-1",
    ],
    // Nobody paused it: a mapping was decided while a person was asked about its rows.
    [
      { status: "paused", stage: "validate" },
      "command",
      "It stands still, as mappings were decided since its rows were judged; what was asked or approved about them no longer counts. Let go on, it judges them anew, and somebody else than its starter is asked again.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "paused", stage: "validate", control: "pause" },
      "decision",
      "It is paused until somebody lets it go on, or stops it.",
      "wavegate resume --run ecoin-1",
    ],
    // Going on would be refused again (D35, W13).
    [
      { status: "halted", halted_because: { error: "DefinitionChanged" } },
      "decision",
      "It is halted, as its definition was changed since it began. A new run judges by that one; of this one `wavegate rollback --run ecoin-1` takes back what it wrote, and `wavegate stop --run ecoin-1` ends it. With the definition as it was `wavegate resume --run ecoin-1` lets it go on.",
      "wavegate stop --run ecoin-1",
    ],
    [{ alive: true }, null, "It goes on by itself.", "wavegate watch --run ecoin-1"],
    [
      { alive: true, status: "waiting", unanswered: true },
      "command",
      "Nobody answered its sign-off before the link expired, and now nobody can. Let go on, it asks anew.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { alive: true, pendingGate: "first_wave" },
      "sign-off first_wave",
      "It waits for a sign-off (first_wave) by somebody else than its starter.",
      "wavegate sign-off show --run ecoin-1",
    ],
    [
      { alive: true, status: "stopped", control: "stop", pendingGate: "first_wave" },
      "decision",
      "It was stopped while it waited for a sign-off (first_wave), which is still asked for: an answer alone writes nothing. It may go on, `wavegate stop --now --run ecoin-1` ends what waits, or `wavegate rollback --run ecoin-1` takes back what it wrote.",
      "wavegate resume --run ecoin-1",
    ],
    // Of nothing that it wrote is told, where it wrote nothing.
    [
      { status: "stopped", control: "stop", written: false },
      "decision",
      "It was stopped, and nothing of it is committed. It may go on.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "stopped", control: "stop", written: true },
      "decision",
      "It was stopped; what was committed stays. It may go on, or `wavegate rollback --run ecoin-1` takes back what it wrote.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "stopped", control: "stop", pendingGate: "first_wave", written: false },
      "decision",
      "It was stopped while it waited for a sign-off (first_wave), which is still asked for: an answer alone writes nothing. It may go on, or `wavegate stop --now --run ecoin-1` ends what waits.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "halted", written: false },
      "decision",
      "It is halted and waits for a decision. Instead of going on, `wavegate stop --run ecoin-1` ends it.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "halted", halted_because: { error: "DefinitionChanged" }, written: false },
      "decision",
      "It is halted, as its definition was changed since it began. A new run judges by that one, and `wavegate stop --run ecoin-1` ends this one. With the definition as it was `wavegate resume --run ecoin-1` lets it go on.",
      "wavegate stop --run ecoin-1",
    ],
    [
      { status: "halted", halted_because: { error: "SignOffRejected" } },
      "decision",
      "It was sent back at its sign-off. Once what the remark asks for is mended it goes on: its rows are judged anew where that is needed, and it is asked again. What is mended in the definition takes a new run: `wavegate stop --run ecoin-1` ends this one.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { status: "halted", halted_because: { error: "SignOffRejected" }, written: true },
      "decision",
      "It was sent back at its sign-off. Once what the remark asks for is mended it goes on: its rows are judged anew where that is needed, and it is asked again. What is mended in the definition takes a new run: `wavegate stop --run ecoin-1` ends this one, `wavegate rollback --run ecoin-1` takes back what it wrote.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { alive: true, status: "halted" },
      "decision",
      "It is halted and waits for a decision. Instead of going on, `wavegate rollback --run ecoin-1` takes back what it wrote, `wavegate stop --run ecoin-1` ends it.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { alive: true, status: "waiting" },
      null,
      "Its question was answered, and it goes on in a moment. Where it still says so a minute later, what waits for the answer was not told of it: let it go on.",
      "wavegate resume --run ecoin-1",
    ],
    [
      { alive: true, status: "waiting", withdrawn: "the mappings changed" },
      "command",
      "Its question was withdrawn, because the mappings changed: nobody can answer it any more, and nothing goes on by itself. Let go on, it looks at its rows again where that is needed, and asks anew.",
      "wavegate resume --run ecoin-1",
    ],
    [
      {
        ...{ alive: true, status: "waiting" },
        withdrawn: "the migration's rules and the course or session mappings changed",
      },
      "decision",
      "Its question was withdrawn, because the migration's rules and the course or session mappings changed: nobody can answer it any more, and nothing goes on by itself. A new run judges by the rules as they are now, and `wavegate stop --run ecoin-1` ends this one. With the rules as they were `wavegate resume --run ecoin-1` lets it go on, and it asks anew.",
      "wavegate stop --run ecoin-1",
    ],
    [
      { status: "running", control: "stop", copiesLeft: 3 },
      "command",
      "It has begun to take copies of files away, 3 are left, and nothing runs. Other runs that name the same files wait for it.",
      "wavegate rollback --run ecoin-1",
    ],
    [
      { failed: { error: "DatabaseErrorException", message: "No space left on device." } },
      "command",
      "It failed, and nothing runs: No space left on device. Once that is mended, let it go on from where it stands.",
      "wavegate resume --run ecoin-1",
    ],
    [
      {
        preflight: {},
        failed: { error: "DatabaseErrorException", message: "No space left on device." },
      },
      "command",
      "Its preflight did not pass, so nothing was staged: No space left on device. Mend what it said, and start a new run.",
      null,
    ],
    [
      { status: "stopped", control: "stop", restoring: true },
      "decision",
      "The backup that it was started with is being restored, or that was cut off: the platform is as it was, or as the backup holds it. The same command, `wavegate rollback --level 2 --from FILE --run ecoin-1`, comes to its end and says which.",
      null,
    ],
    ...(["completed", "rolled_back", "stopped"] as const).flatMap((status) => {
      const erased = { status, control: "stop", written: false, erased_at: "2026-11-20T10:00:00Z" };
      return [
        [
          { ...erased, erased_rows: 3_000 },
          null,
          "It is over, and its people are erased: it is no longer taken back, verified again, judged or resumed.",
          status === "completed" ? "wavegate export audit --run ecoin-1" : null,
        ],
        [
          erased,
          "command",
          "Its people are being erased, and nothing else is done with it any more. Where that was cut off, it is ended by asking for it again.",
          "wavegate erase --run ecoin-1",
        ],
      ] as [object, string | null, string, string | null][];
    }),
    [
      { status: "halted", control: "stop" },
      "decision",
      "It is halted, and was told to stop, as every rollback does. Once its reason is mended, `wavegate rollback --run ecoin-1` takes back what stands; `wavegate stop --run ecoin-1` ends it, and leaves that. Or it may go on after a new sign-off.",
      "wavegate rollback --preview --run ecoin-1",
    ],
    [
      { status: "rolled_back", rowsLeft: 1 },
      null,
      "It is rolled back but for 1 row that still stands: somebody changed what it wrote or refers to it since, or the platform refuses it. `wavegate rollback --preview --run ecoin-1` names what stands; once that is mended, `wavegate rollback --run ecoin-1` takes it back.",
      "wavegate rollback --preview --run ecoin-1",
    ],
    [
      { status: "rolled_back", rowsLeft: 0 },
      null,
      "It is rolled back. Review the mappings before you start a new run.",
      null,
    ],
    [
      { status: "rolled_back" },
      null,
      "It is rolled back. Review the mappings before you start a new run.",
      null,
    ],
  ])("of %j is said with the one command that comes next", (standing, waitsFor, says, command) => {
    expect(nextStep({ ...run, ...standing })).toEqual({ waitsFor, says, command });
  });

  it("stands in one line where there is one", () => {
    expect(nextStepLine(nextStep(run))).toBe(
      "Nothing runs. The next step: `wavegate validate --run ecoin-1`.",
    );
    expect(nextStepLine(nextStep({ ...run, status: "rolled_back" }))).toBe(
      "It is rolled back. Review the mappings before you start a new run.",
    );
  });
});

describe("W13 what is said of a run", () => {
  it("W13 is at rest while nothing runs, whatever is stored", () => {
    expect(statusWord({ status: "running" }, false)).toBe("at rest");
    expect(statusWord({ status: "running" }, true)).toBe("running");
    expect(statusWord({ status: "waiting" }, false)).toBe("at rest");
    expect(statusWord({ status: "waiting" }, true)).toBe("waiting");
    expect(statusWord({ status: "rolled_back" }, false)).toBe("rolled back");
  });

  const signOff = {
    id: "1",
    gate: "first_wave",
    status: "approved",
    changes_asked: false,
    digest: "d",
    asked_at: "2026-11-20T10:00:00.000Z",
    decided_by: "karima",
    decided_at: "2026-11-20T11:00:00.000Z",
    comment: "Looks right",
    override_by: null,
    override_reason: null,
    void_because: null,
    closed_at: null,
  };

  it.each([
    [{}, "karima: “Looks right”"],
    [{ comment: null }, ""],
    [
      { override_by: "samir", override_reason: "Courses of 2009 are gone" },
      "karima: “Looks right”; stop overridden by samir: “Courses of 2009 are gone”",
    ],
    [
      { comment: null, override_by: "samir", override_reason: "Known" },
      "stop overridden by samir: “Known”",
    ],
    [{ comment: null, void_because: "a newer one replaced it" }, "a newer one replaced it"],
  ])("W13 tells the approver's comment from the override's reason: %j", (changes, says) => {
    expect(remarkOf({ ...signOff, ...changes })).toBe(says);
  });

  it.each([
    [{ edited: true, referenced: false, changed: ["phone"] }, "edited (phone)"],
    [{ edited: false, referenced: true, changed: [] }, "referred to by other rows"],
    [
      { edited: true, referenced: true, changed: ["phone", "full_name"] },
      "edited (phone, full_name), referred to by other rows",
    ],
    [{ gone: true }, "gone"],
    [
      { edited: false, referenced: false, changed: ["phone"], refused: "no_benjamin" },
      "the platform refuses it: no_benjamin (phone)",
    ],
  ])("W13 says why a rollback spared a row: %j", (conflict, says) => {
    expect(conflictSays(conflict)).toBe(says);
  });

  const stop = {
    id: "unknown_rows",
    kind: "share",
    measured: 0.1,
    threshold: 0.05,
    stops: true,
  } as const;
  it.each([
    [[], "Nothing stops a sign-off."],
    [
      ["Too many rows have a status that nobody listed."],
      "1 of 1 conditions stops a sign-off until it is mended or overridden: Too many rows have a status that nobody listed.",
    ],
    [
      ["One.", "Two."],
      "2 of 2 conditions stop a sign-off until they are mended or overridden: One; Two.",
    ],
  ])("W13 ends a list of stop conditions with one stop: %j", (says, line) => {
    expect(conclusion(says.map((each) => ({ ...stop, says: each })))).toBe(line);
  });

  it.each([
    [0, "0 rows"],
    [1, "1 row"],
    [2, "2 rows"],
    [1_000, "1,000 rows"],
  ])("W13 counts %d things as %s", (value, says) => expect(several(value, "row")).toBe(says));

  it("R18 says what cannot be told yet without calling it failed", () => {
    const shown = (holds: boolean, judged: boolean) =>
      showGoNoGo({
        ready: holds,
        items: [{ id: "drill_passed", says: "The rollback drill passed.", holds, judged }],
      });
    expect(shown(true, true)).toEqual([
      "",
      "Go or no-go: ready to scale up",
      "  ✓ The rollback drill passed.",
    ]);
    expect(shown(false, false)).toEqual([
      "",
      "Go or no-go: not ready to scale up yet",
      "  · The rollback drill passed.",
      "  (· cannot be told yet)",
    ]);
    expect(shown(false, true).slice(1)).toEqual([
      "Go or no-go: NOT ready to scale up",
      "  ✗ The rollback drill passed.",
    ]);
  });
});
