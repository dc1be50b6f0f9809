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

/** One or two sentences: what the run needs now, as commands. */
export function nextStep(standing: Standing): string {
  const run = `--run ${standing.reference}`;
  if (standing.pendingGate !== null) {
    return `It waits for a sign-off (${standing.pendingGate}) by somebody else than its starter: \`wavegate sign-off show ${run}\`.`;
  }
  switch (standing.status) {
    case "halted":
      return `It is halted and waits for a decision: \`wavegate resume ${run}\`, \`wavegate rollback ${run}\` or \`wavegate stop ${run}\`.`;
    case "paused":
      return `It is paused: \`wavegate resume ${run}\` or \`wavegate stop ${run}\`.`;
    case "stopped":
      return `It was stopped; what was committed stays. \`wavegate resume ${run}\` lets it go on, \`wavegate rollback ${run}\` takes back what it wrote.`;
    case "completed":
      return `It is complete. \`wavegate export audit ${run}\` writes the evidence, \`wavegate rollback ${run}\` takes everything back.`;
    case "rolled_back":
      return "It is rolled back. Review the mappings before you start a new run.";
  }
  if (standing.control === "stop") {
    return `It was told to stop, as every rollback does. \`wavegate resume ${run}\` lets it go on, after a new sign-off.`;
  }
  if (standing.alive) return `It goes on by itself: \`wavegate watch ${run}\`.`;
  if (standing.preflight.passed !== true) {
    return "Its preflight did not pass, so nothing was staged. Mend what it said, and start a new run.";
  }
  const verb = following[standing.stage];
  return verb === undefined
    ? `Nothing runs. The next step: \`wavegate resume ${run}\`, which asks for the sign-off and then goes on wave by wave.`
    : `Nothing runs. The next step: \`wavegate ${verb} ${run}\`.`;
}
