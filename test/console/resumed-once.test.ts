import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import type { AslDefinition } from "../../lib/embedded/states/asl.ts";
import { lastStates } from "../../lib/review/steer/coming-to-end.ts";
import type { Machine } from "../../lib/services/services.ts";
import { openWorkflow } from "../../lib/services/workflow.ts";
import {
  ask,
  call,
  chain,
  eventually,
  type Handler,
  PREFIX,
  StandIn,
} from "../embedded/states/stand-in.ts";
import { runId } from "../review/fixture.ts";
import { event } from "./event.ts";
import { asBefore, type RunsConsole, run, runsConsole } from "./runs-console.ts";

/** Where a state of a machine leads. */
interface Ways {
  readonly Next?: string;
}

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
  await open(chain({ Ask: ask("somebody") }), {
    somebody: () => {
      if (fails) throw Object.assign(new Error("nobody heard of it"), { name: "Unheard" });
    },
  });
  at.underWay = [];
  return () => standIn.close();
});

/** Step Functions with one machine for everything, and the console over it. */
async function open(each: AslDefinition, functions: Record<string, Handler>): Promise<void> {
  standIn = await StandIn.start({ migration: each, rollback: each, wave: each }, functions);
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
}

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

  // Whatever it is told by then, it read before that it was to stop, to pause or to halt.
  describe.each(["NextWave", "ExportAudit", "Halted"])("whose execution is in %s", (state) => {
    let over = () => {};
    beforeEach(async () => {
      await standIn.close();
      const ends = new Promise<void>((done) => {
        over = done;
      });
      await at.world.admin.query(
        "update wavegate.legacy_import_runs set control = 'stop' where id = $1",
        [runId],
      );
      await open(chain({ [state]: call("last") }), { last: () => ends });
      at.underWay = [
        {
          machine: "migration",
          name: `${runId}-run-1`,
          executionArn: await standIn.begin("migration", {}, `${runId}-run-1`),
        },
      ];
    });

    it("goes on in one behind it, as soon as that is over", async () => {
      const both = await Promise.all(["karim", "amina"].map(formOf));
      const answers = Promise.all(both.map((send) => send()));
      await sleep(400);
      expect(await begun()).toEqual([`${runId}-run-1`]);
      over();
      expect(await answers).toEqual([303, 303]);
      expect(at.world.execution.started.map(({ name }) => name)).toContainEqual(
        expect.stringContaining(`${runId}-resume-`),
      );
    });

    it.runIf(state === "ExportAudit")(
      "is not said to go on while that takes its time",
      async () => {
        const send = await formOf("karim");
        // It is waited for some seconds: each look at the clock is one.
        let passed = 0;
        const now = vi.spyOn(performance, "now").mockImplementation(() => 1_000 * passed++);
        expect(await send()).toBe(409);
        now.mockRestore();
        expect(await begun()).toEqual([`${runId}-run-1`]);
        over();
        await eventually(async () => (await begun()).length === 0 || undefined);
        expect(await send()).toBe(303);
        expect(at.world.execution.started).toHaveLength(1);
      },
    );
  });
});

it("W9 behind these states of a whole run, and no others, it is not asked any more what comes next", () => {
  const { States } = parse(readFileSync("statemachines/migration.asl.yaml", "utf8")) as {
    States: Record<string, Ways & { Catch?: Ways[]; Choices?: Ways[]; Default?: string }>;
  };
  const behind = (name: string): (string | undefined)[] => {
    const { Next, Default, Catch = [], Choices = [] } = States[name] ?? {};
    return [Next, Default, ...[...Catch, ...Choices].map((each) => each.Next)];
  };
  const asks = new Set(["NextWave"]);
  for (let before = 0; before < asks.size; ) {
    before = asks.size;
    for (const name of Object.keys(States))
      if (behind(name).some((next) => next && asks.has(next))) asks.add(name);
  }
  const alone = ["UnknownStage", "VerifyWaves", "HandOver"];
  expect([...lastStates, ...alone].toSorted()).toEqual(
    Object.keys(States)
      .filter((name) => !asks.has(name))
      .toSorted(),
  );
});
