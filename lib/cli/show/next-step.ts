/** What decides the next step of a run. */
export interface Standing {
  readonly reference: string;
  readonly status: string;
  readonly control: string;
  /** The last stage that finished. */
  readonly stage: string;
  /** Whether an execution of it is under way. */
  readonly alive: boolean;
  readonly pendingGate: string | null;
  readonly preflight: Readonly<Record<string, unknown>>;
  /** Of a run that only tries a definition; null or absent for any other. */
  readonly trial?: object | null;
  readonly migration?: string;
  /** Whether it has any wave; a complete run without one had nothing to commit. */
  readonly written?: boolean;
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

/** What the run waits for, and the one command that comes next. */
export function nextStep(standing: Standing): NextStep {
  const { pendingGate, status } = standing;
  const command = (verb: string): string => `wavegate ${verb} --run ${standing.reference}`;
  const step = (waitsFor: string | null, says: string, verb?: string): NextStep => ({
    waitsFor,
    says,
    command: verb === undefined ? null : command(verb),
  });
  if (pendingGate !== null) {
    const says = `It waits for a sign-off (${pendingGate}) by somebody else than its starter.`;
    return step(`sign-off ${pendingGate}`, says, "sign-off show");
  }
  const { trial, alive, stage, migration } = standing;
  if (trial && !alive && stage === "dry-run") {
    const says =
      "It is a trial, and ended with its dry run; nobody signs it and nothing of it is written.";
    return { waitsFor: null, says, command: `wavegate try ${migration} --forget` };
  }
  switch (status) {
    case "halted":
      return step(
        "decision",
        `It is halted and waits for a decision. Instead of going on, \`${command("rollback")}\` takes back what it wrote, \`${command("stop")}\` ends it.`,
        "resume",
      );
    case "paused":
      return step("decision", "It is paused until somebody lets it go on, or stops it.", "resume");
    case "stopped":
      return step(
        "decision",
        `It was stopped; what was committed stays. It may go on, or \`${command("rollback")}\` takes back what it wrote.`,
        "resume",
      );
    case "completed":
      if (standing.written === false) {
        return step(
          null,
          `It is complete: no row of it could be committed, and each says why it is held, skipped or failed. After a decision about a mapping \`${command("resume")}\` judges them anew.`,
          "export audit",
        );
      }
      return step(
        null,
        `It is complete. \`${command("rollback")}\` would take everything back.`,
        "export audit",
      );
    case "rolled_back":
      return step(null, "It is rolled back. Review the mappings before you start a new run.");
  }
  if (standing.control === "stop") {
    const says = "It was told to stop, as every rollback does; it may go on after a new sign-off.";
    return step("decision", says, "resume");
  }
  if (standing.alive) return step(null, "It goes on by itself.", "watch");
  if (standing.preflight.passed !== true) {
    const says = "Its preflight did not pass, so nothing was staged.";
    return step("command", `${says} Mend what it said, and start a new run.`);
  }
  const verb = following[standing.stage];
  return verb === undefined
    ? step(
        "command",
        "Nothing runs. Its next step asks for the sign-off and then goes on.",
        "resume",
      )
    : step("command", "Nothing runs.", verb);
}

/** The same in one line. */
export const nextStepLine = ({ says, command }: NextStep): string =>
  command === null ? says : `${says} The next step: \`${command}\`.`;
