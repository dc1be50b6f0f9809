import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Machine } from "../../lib/services/services.ts";
import { openWorkflow } from "../../lib/services/workflow.ts";
import { ask, chain, eventually, PREFIX, StandIn } from "../embedded/states/stand-in.ts";
import { runId } from "../review/fixture.ts";
import { event } from "./event.ts";
import { asBefore, type RunsConsole, run, runsConsole } from "./runs-console.ts";

const act = `${run}/resume`;
const arn = (name: string) => `${PREFIX}:stateMachine:${name}`;

let at: RunsConsole;
let standIn: StandIn;
let fails = false;
beforeAll(async () => {
  at = await runsConsole();
});
afterAll(() => at.world.close());
asBefore(() => at);
beforeEach(async () => {
  fails = false;
  const waits = chain({ Ask: ask("somebody") });
  standIn = await StandIn.start(
    { migration: waits, rollback: waits, wave: waits },
    {
      somebody: () => {
        if (fails) throw Object.assign(new Error("nobody heard of it"), { name: "Unheard" });
      },
    },
  );
  const machines = { migration: arn("migration"), rollback: arn("rollback"), wave: arn("wave") };
  const workflow = openWorkflow(standIn.client, machines);
  at.pages = at.over(
    // What is begun is listed a moment later, as Step Functions does.
    { ...workflow, underWay: async () => at.underWay },
    async (machine: Machine, name, input) => {
      at.world.execution.started.push({ machine, name, input: input as Record<string, unknown> });
      const begun = await standIn.begin(machine, input as Record<string, string>, name);
      return { executionArn: begun };
    },
  );
  at.underWay = [];
  return () => standIn.close();
});

/** The form of the page as it stands for this person, sent when it is asked for. */
async function formOf(person: string): Promise<() => Promise<number>> {
  const token = await at.tokenOn(run, act, person);
  const body = new URLSearchParams({ csrf: token }).toString();
  return async () => (await at.pages(event("POST", act, person, body))).statusCode;
}

const begun = async () =>
  (
    await openWorkflow(standIn.client, {
      ...{ migration: arn("migration"), rollback: arn("rollback"), wave: arn("wave") },
    }).underWay()
  ).map(({ name }) => name);

/** As the first state of an execution tells of it. */
const told = (name: string) =>
  at.world.admin.query(
    "select wavegate.append_entry($1, 'karim', 'execution-started', null, jsonb_build_object('what', 'run', 'execution', $2::text), wavegate.moment())",
    [runId, name],
  );

describe("W9 R17 a run that several let go on", () => {
  it("goes on in one execution, whoever else asks before it told of itself", async () => {
    const [one, two, three] = await Promise.all(["karim", "karim", "amina"].map(formOf));
    expect(await Promise.all([one?.(), two?.()])).toEqual([303, 303]);
    expect(await three?.()).toBe(303);
    expect(await (await formOf("amina"))()).toBe(303);
    expect(await begun()).toHaveLength(1);
  });

  it("goes on in another one behind it", async () => {
    await (await formOf("karim"))();
    const [first = ""] = await begun();
    await told(first);
    await (await formOf("karim"))();
    expect(await begun()).toHaveLength(2);
  });

  it("goes on in another one where the first ended before it could tell of itself, and again in one", async () => {
    fails = true;
    await (await formOf("karim"))();
    await eventually(async () => (await begun()).length === 0 || undefined);
    fails = false;
    const both = await Promise.all(["karim", "amina"].map(formOf));
    expect(await Promise.all(both.map((send) => send()))).toEqual([303, 303]);
    expect(await begun()).toHaveLength(1);
  });
});
