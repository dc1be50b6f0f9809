import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Aws } from "../../lib/cli/aws.ts";
import { executionOf, executionsUnderWay, runsUnderWay } from "../../lib/cli/standing.ts";
import { tell } from "../../lib/cli/verbs/control.ts";
import type { Run } from "../../lib/data/runs.ts";
import { doingOf } from "../../lib/review/people/acts.ts";
import { machinesAtWork, openWorkflow } from "../../lib/services/workflow.ts";
import { ask, chain, eventually, PREFIX, StandIn } from "../embedded/states/stand-in.ts";

const run = "7f3a0000-0000-4000-8000-000000000001";
const other = "7f3a0000-0000-4000-8000-000000000002";
const machine = (name: string) => `${PREFIX}:stateMachine:${name}`;

let standIn: StandIn;
/** Whether a wave came so far that it waits. */
let waiting: true | undefined;
beforeEach(async () => {
  waiting = undefined;
  const waits = chain({ Commit: ask("nobody") });
  const wave = {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync:2",
    Parameters: {
      StateMachineArn: machine("wave"),
      Name: `${run}-wave-1`,
      Input: { "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id" },
    },
    TimeoutSeconds: 20,
  };
  standIn = await StandIn.start(
    { migration: chain({ RunWave: wave }), rollback: waits, wave: waits },
    {
      nobody: () => {
        waiting = true;
      },
    },
  );
});
afterEach(() => standIn.close());

/** As pages see it. */
const underWay = () =>
  openWorkflow(standIn.client, {
    migration: machine("migration"),
    rollback: machine("rollback"),
    wave: machine("wave"),
  }).underWay();

describe("W9 R17 what is under way", () => {
  it.each([
    ["migration", "run"],
    ["rollback", "rollback"],
    ["wave", "step"],
  ] as const)(
    "an execution of the machine %s, to a page and to a terminal, which say what it does: %s",
    async (name, doing) => {
      const executionArn = await standIn.begin(name, {}, `${run}-alone`);
      expect(await underWay()).toContainEqual({
        machine: name,
        name: `${run}-alone`,
        executionArn,
      });

      const aws = { states: standIn.client, machine } as unknown as Aws;
      const about = { id: run, execution_arn: null } as Run;
      const alive = await runsUnderWay(aws);
      expect([alive(run), alive(other)]).toEqual([true, false]);
      expect(await executionsUnderWay(aws, about)).toContain(executionArn);
      expect(await executionOf(aws, about, machinesAtWork)).toEqual({
        arn: executionArn,
        alive: true,
        doing,
        inTheWay: doing === "rollback" ? "rollback" : undefined,
      });
    },
  );

  it.each([
    ["migration", "", "run"],
    ["migration", "-run-1", "run"],
    ["migration", "-resume-1", "run"],
    ["migration", "-sign-off-1", "run"],
    ["migration", "-import-1", "step"],
    ["migration", "-export-audit-1", "step"],
    ["wave", "-wave-3-1", "step"],
    ["wave", "-commit-1", "step"],
    ["rollback", "-preview-1", "step"],
    ["rollback", "-rollback-1", "rollback"],
  ] as const)(
    "of the machine %s the execution called by its run and “%s” does: %s",
    (name, behind, doing) => {
      expect(doingOf({ machine: name, name: run + behind }, run)).toBe(doing);
    },
  );

  it.each([
    ["import", null, "step"],
    ["drill", null, "step"],
    ["export-audit", null, undefined],
    // The one that a run was begun with, whatever is listed.
    ["export-review", "validate", "step"],
  ] as const)(
    "a run does not go on at a terminal beside a step alone that works on its rows: %s",
    async (about, first, inTheWay) => {
      const db = { one: async () => ({ entry: 0 }) };
      const aws = { db, states: standIn.client, machine } as unknown as Aws;
      const own = first && (await standIn.begin("migration", {}, `${run}-${first}-1`));
      await standIn.begin("migration", {}, `${run}-${about}-2`);
      const looked = { id: run, reference: "R-1", control: "run", execution_arn: own } as Run;
      expect(await executionOf(aws, looked)).toMatchObject({ doing: "step", inTheWay });
      // Whoever is refused is asked for nothing and told nothing.
      if (inTheWay)
        await expect(tell(aws, "resume", looked, 0)).rejects.toMatchObject({ name: "RunUnderWay" });
      await eventually(() => waiting);
    },
  );

  it.each(["run", "stop"] as const)(
    "a run that was told “%s” is not told to go on at a terminal while it is taken back",
    async (control) => {
      const db = { one: async () => ({ entry: 0 }) };
      const aws = { db, states: standIn.client, machine } as unknown as Aws;
      await standIn.begin("rollback", {}, `${run}-rollback-1`);
      const looked = { id: run, reference: "R-1", control, execution_arn: null } as Run;
      await expect(tell(aws, "resume", looked, 0)).rejects.toMatchObject({
        name: "RunUnderWay",
        message: expect.stringContaining("R-1 is being taken back"),
      });
    },
  );

  it("W13 an execution that failed without a name is not said to have taken too long", async () => {
    const fails = await StandIn.start({ wave: chain({ Ends: { Type: "Fail" } }) });
    try {
      const arn = await fails.begin("wave", {}, `${run}-alone`);
      const workflow = openWorkflow(fails.client, {
        migration: machine("migration"),
        rollback: machine("rollback"),
        wave: machine("wave"),
      });
      const [last] = await eventually(async () => {
        const steps = await workflow.steps(arn, 5);
        return steps[0]?.type === "ExecutionFailed" ? steps : undefined;
      });
      expect(last?.because).toEqual({
        error: "ExecutionFailed",
        message: "The step failed with ExecutionFailed, and nothing more was said.",
      });
    } finally {
      await fails.close();
    }
  });

  it("of a run that writes a wave the run itself comes first", async () => {
    await standIn.begin("migration", {}, `${run}-resume`);
    await eventually(() => waiting);
    const found = await underWay();
    expect(found.map(({ name }) => name)).toEqual([`${run}-resume`, `${run}-wave-1`]);
  });
});
