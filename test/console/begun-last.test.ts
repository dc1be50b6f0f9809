import { StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import type { Machine } from "../../lib/services/services.ts";
import { openWorkflow } from "../../lib/services/workflow.ts";
import { call, chain, eventually, PREFIX, StandIn } from "../embedded/states/stand-in.ts";
import { completed, reference, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";

const arn = (name: string) => `${PREFIX}:stateMachine:${name}`;
const machines = { migration: arn("migration"), rollback: arn("rollback"), wave: arn("wave") };
const refuses = (message: string) => () => {
  throw Object.assign(new Error(message), { name: "WaveRefused" });
};
const failed = "What was begun last failed in its step";

let world: World;
let standIn: StandIn;
/** Begun so far: a name is used once. */
let begun = 0;
beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(1));
  await world.admin.query(
    `update wavegate.legacy_import_runs set status = 'waiting', preflight = '{"passed": true}' where id = '${runId}'`,
  );
  const runWave = {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync:2",
    Parameters: {
      StateMachineArn: arn("wave"),
      "Name.$": "$$.Execution.Name",
      Input: { "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$": "$$.Execution.Id" },
    },
    TimeoutSeconds: 20,
    ResultPath: null,
    Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "Halted" }],
    Next: "Done",
  };
  standIn = await StandIn.start(
    {
      migration: chain({
        Judge: call("judges", { ResultPath: null }),
        RunWave: runWave,
        Halted: call("tells", { ResultPath: null }),
        Failed: { Type: "Fail", ErrorPath: "$.error.Error", CausePath: "$.error.Cause" },
        Done: { Type: "Succeed" },
      }),
      rollback: chain({ Rollback: call("takesBack") }),
      wave: chain({ Commit: call("writes") }),
    },
    {},
  );
});
afterAll(async () => {
  await standIn.close();
  await world.close();
});
const fine = () => ({ done: true });
beforeEach(() => {
  Object.assign(standIn.functions, { judges: fine, tells: fine, takesBack: fine, writes: fine });
});

/** Begins something, and has the run's log tell of it as its first state would. */
async function begins(machine: Machine, about: string, what: string, told?: string) {
  const name = `${runId}-${about}-${++begun}`;
  const begunArn = await standIn.begin(machine, {}, name);
  await world.admin.query(
    "select wavegate.append_entry($1, 'amina', 'execution-started', null, $2, wavegate.moment())",
    [runId, JSON.stringify({ what, execution: told ?? name })],
  );
  return begunArn;
}
const ends = async (...of: Parameters<typeof begins>) => standIn.ended(await begins(...of));

async function look(language = "en"): Promise<string> {
  const pages = createConsole({
    services: { ...world.services, workflow: openWorkflow(standIn.client, machines) },
    key: Buffer.alloc(32, 7),
    log: { info: () => {}, error: () => {} },
  });
  const { statusCode, body } = await pages({
    rawPath: `/admin/legacy-imports/runs/${reference}`,
    rawQueryString: "",
    headers: { "accept-language": language },
    requestContext: {
      http: { method: "GET" },
      authorizer: { jwt: { claims: { "cognito:username": "vera" } } },
    },
  });
  expect(statusCode).toBe(200);
  return body;
}

it("W9 W11 of what failed before something else was begun nothing is said: its step stands in the picture alone", async () => {
  standIn.functions.judges = refuses("The dry run is not whole.");
  await ends("migration", "resume", "run");
  expect(await look()).toContain(`${failed} “judge”: <bdi>The dry run is not whole.</bdi>`);

  // Ended by somebody, it says nothing itself, and it was begun behind the failure.
  let release = () => {};
  let asked: true | undefined;
  standIn.functions.judges = () => {
    asked = true;
    return new Promise((resolve) => {
      release = () => resolve(fine());
    });
  };
  const stopped = await begins("migration", "dry-run", "dry-run");
  await eventually(() => asked);
  await standIn.client.send(new StopExecutionCommand({ executionArn: stopped }));
  await standIn.ended(stopped);
  release();
  const behind = await look();
  expect(behind).not.toContain(failed);
  expect(behind).toMatch(/class="state \w+ failed/u);
  expect(behind).toContain('<h3 id="step">Judge</h3>');

  // A rollback is not hidden behind the steps alone that were begun since.
  Object.assign(standIn.functions, { judges: fine });
  await ends("rollback", "rollback", "rollback");
  for (const [machine, about, what] of [
    ["rollback", "preview", "rollback"],
    ["migration", "export-audit", "export-audit"],
    ["wave", "commit", "commit"],
  ] as const) {
    await ends(machine, about, what);
    const body = await look();
    expect([about, body.includes(failed), body.includes(">judge</text>")]).toEqual([
      about,
      false,
      false,
    ]);
    expect(body).toContain(">take back</text>");
  }

  // What is told of without its own name was begun all the same.
  standIn.functions.writes = refuses("No row is left.");
  await ends("wave", "commit", "commit");
  expect(await look()).toContain(`${failed} “commit”`);
  standIn.functions.writes = fine;
  await ends("wave", "commit", "commit", "execution 0123456789abcdef");
  expect(await look()).not.toContain(failed);
});

it("W9 W11 of a wave inside a run that failed the page names the state that waited for it, and says what the wave said", async () => {
  standIn.functions.writes = refuses("The platform refused every row of wave 2 of it.");
  await ends("migration", "resume", "run");
  const body = await look();
  expect(body).toContain(
    `${failed} “write a wave”: <bdi>The platform refused every row of wave 2 of it.</bdi>`,
  );
  expect(body).toContain('<h3 id="step">Write a wave</h3>');
});

it("W14 R5 what a step said is withheld where it may be about a person, and whoever reads is told so, in French as well", async () => {
  const withheld = {
    en: "WaveRefused. What it said is neither shown nor kept",
    fr: "WaveRefused. Ce qui a été dit n’est ni montré ni gardé",
  };
  for (const [said, hidden] of [
    ["Row of +213 559 44 61 68 and sara@example.com", true],
    ["It changed at 2026-11-27 05:01 UTC, and calls 0559446168", true],
    [
      "Changed at 2026-11-27 05:01 UTC: arn:aws:rds:eu-west-3:123456789012:cluster:main is away.",
      false,
    ],
  ] as const) {
    standIn.functions.writes = refuses(said);
    await ends("wave", "commit", "commit");
    for (const [language, says] of Object.entries(withheld)) {
      const body = await look(language);
      expect([said, language, body.includes(says)]).toEqual([said, language, hidden]);
      expect(body).not.toMatch(/559|sara@/u);
    }
    if (!hidden) expect(await look()).toContain(said);
  }
});

it("B1 D16 a rollback that spared rows did not fail: its page says how many, in French as well", async () => {
  await world.admin.query(
    `insert into wavegate.waves (run_id, wave, size, status, digest, counts)
     select '${runId}', n, 25, 'rolled_back', 'd', jsonb_build_object('rolledBack', jsonb_build_object('undone', 20, 'gone', 0, 'spared', n))
       from generate_series(3, 4) n`,
  );
  standIn.functions.takesBack = () => {
    throw Object.assign(new Error("Rows were spared."), { name: "RollbackConflicts" });
  };
  await ends("rollback", "rollback", "rollback");
  const body = await look();
  expect(body).not.toContain(failed);
  expect(body).toContain("7 rows were spared when it was taken back");
  expect(await look("fr")).toContain("7 lignes ont été épargnées lors de l’annulation");
});
