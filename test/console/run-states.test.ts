import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { phasesLine } from "../../lib/console/runs/phases.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";
import type { Run } from "../../lib/data/runs.ts";
import type { Balance } from "../../lib/evidence/balance.ts";
import type { RunStanding } from "../../lib/review/steer/run-standing.ts";
import type { Services } from "../../lib/services/services.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";

const base = "/admin/legacy-imports";
const run = `${base}/runs/${reference}`;
const everyPage = [
  base,
  run,
  `${run}?step=SignOff`,
  `${run}/rows`,
  `${run}/rows?import_state=held`,
  `${run}/held`,
  `${run}/held/csv`,
  `${run}/mappings`,
  `${run}/mappings/course`,
  `${run}/questions`,
  `${run}/features`,
  `${run}/audit`,
  `${run}/rollback`,
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(2));
});
afterAll(() => world.close());

type Workflow = Partial<Services["workflow"]>;

async function look(path: string, workflow: Workflow = {}) {
  const services = { ...world.services, workflow: { ...world.services.workflow, ...workflow } };
  const faults: string[] = [];
  const log = { info: () => {}, error: (fault: string) => faults.push(fault) };
  const pages = createConsole({ services, key: Buffer.alloc(32, 7), log });
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  const { statusCode, body } = await pages({
    rawPath,
    rawQueryString,
    headers: {},
    requestContext: {
      http: { method: "GET" },
      authorizer: { jwt: { claims: { "cognito:username": "karim" } } },
    },
  });
  return { statusCode, body, faults };
}

/** Whatever triggers keep a run from: a state is looked at, and none is come to. */
const set = async (what: string) => {
  await world.admin.query("set session_replication_role = replica");
  await world.admin.query(`update wavegate.legacy_import_runs set ${what} where id = '${runId}'`);
  await world.admin.query("reset session_replication_role");
};

describe("R5 the pages of a run in each state that it may be in", () => {
  it.each<[string, string]>([
    [
      "that was just made",
      "stage = 'preflight', status = 'running', preflight = '{}', execution_arn = null",
    ],
    ["whose starter is not known yet", "started_by = null"],
    [
      "that failed its first checks",
      `status = 'halted', preflight = '{"passed": false}', halted_because = '{"error": "PreflightFailed", "message": "The source is not reachable."}'`,
    ],
    ["that halted without a word", "halted_because = null"],
    [
      "that imports",
      `status = 'running', stage = 'import', preflight = '{"passed": true}', counts = '{}'`,
    ],
    ["that is paused", "status = 'paused', control = 'pause'"],
    [
      "that tries a definition",
      `status = 'completed', control = 'run', stage = 'dry-run', trial = '{"rows": 500}'`,
    ],
    [
      "that waits for the platform",
      `trial = null, watching = '{"waiting": true, "because": [], "good": 1}'`,
    ],
    [
      "whose people are erased",
      "status = 'completed', stage = 'final-verify', erased_at = now(), erased_by = 'karim', erased_rows = 2",
    ],
    ["that was taken back", "status = 'rolled_back'"],
    [
      "that was stopped",
      "status = 'stopped', control = 'stop', erased_at = null, erased_by = null, erased_rows = null",
    ],
  ])("%s: none of them fails", async (_state, what) => {
    await set(what);
    for (const path of everyPage) {
      const { statusCode, body, faults } = await look(path);
      expect([path, statusCode, faults]).toEqual([path, 200, []]);
      expect([path, /undefined|NaN|\[object/u.test(body)]).toEqual([path, false]);
    }
  });

  it.each([
    ["Check", "that was just made", "stage = 'preflight', status = 'running', preflight = '{}'"],
    ["Check", "whose first checks failed", `status = 'halted', preflight = '{"passed": false}'`],
    ["Read", "that reads", `status = 'running', preflight = '{"passed": true}'`],
    ["Judge", "that is judged", "stage = 'import'"],
    ["Judge", "whose rows are judged in part", "stage = 'classify'"],
    ["Show", "that is matched", "stage = 'match'"],
    ["Sign", "that nobody was asked about", "stage = 'export-review'"],
    ["Taken back", "that is taken back", "status = 'rolled_back'"],
    [undefined, "that is complete", "status = 'completed'"],
    [
      undefined,
      "that was only tried",
      `stage = 'dry-run', status = 'running', trial = '{"rows": 5}'`,
    ],
  ])("R5 its line of phases is at %s of one %s", async (phase, _state, what) => {
    await set(what);
    const [, line = ""] =
      /<ol class="phases"[^>]*>(.*?)<\/ol>/su.exec((await look(run)).body) ?? [];
    const at = /aria-current="step">([^<]*)/u.exec(line)?.[1];
    expect(at).toBe(phase);
    // All before it are done, and none behind it.
    const done = [...line.matchAll(/class="done"/gu)].length;
    const before = line.split("<li").findIndex((each) => each.includes("aria-current")) - 1;
    expect(done).toBe(phase === undefined ? line.split("<li").length - 1 : before);
    await set("trial = null");
  });

  it.each<[string, string[], Partial<Balance>]>([
    ["Sign", ["pending"], { pending: 2 }],
    ["Sign", ["approved", "pending"], { pending: 1, committed: 1 }],
    ["Sign", ["approved", "voided"], { pending: 1, committed: 1 }],
    ["Write", ["approved"], { pending: 2 }],
    ["Write", ["voided", "approved"], { pending: 1, committed: 1 }],
    ["Prove", ["approved"], { committed: 1, linked: 1 }],
    // Rows that are held are waited for by no wave.
    ["Prove", ["approved"], { linked: 1, held: 1 }],
  ])(
    "R5 its line of phases is at %s where questions are %j and rows %j",
    (phase, questions, rows) => {
      const [newest] = questions.slice(-1);
      const none = { pending: 0, committed: 0, linked: 0, held: 0 };
      const line = phasesLine(
        { texts: textsIn("en") },
        {
          stage: "export-review",
          status: newest === "pending" ? "waiting" : "running",
          preflight: { passed: true },
          trial: null,
        } as unknown as Run,
        {
          signOffs: questions.map((status) => ({ status })),
          balance: { ...none, ...rows },
        } as unknown as RunStanding,
      );
      expect(/aria-current="step">([^<]*)/u.exec(String(line))?.[1]).toBe(phase);
    },
  );

  it("R17 that failed its first checks offers no rollback, as nothing was staged of it, and any other one does", async () => {
    for (const [passed, offers] of [
      [false, false],
      [true, true],
    ] as const) {
      await set(`status = 'halted', control = 'run', preflight = '{"passed": ${passed}}'`);
      const { body } = await look(run);
      expect([passed, body.includes(`href="${run}/rollback"`)]).toEqual([passed, offers]);
    }
  });

  it("whose log tells of an execution without its name, or of one without anything", async () => {
    for (const details of [{ what: "run" }, { what: "commit", execution: null }, {}])
      await world.admin.query(
        "select wavegate.append_entry($1, 'karim', 'execution-started', null, $2, wavegate.moment())",
        [runId, details],
      );
    for (const path of everyPage) {
      const { statusCode, faults } = await look(path);
      expect([path, statusCode, faults]).toEqual([path, 200, []]);
    }
  });

  it("once it was shown and everything staged of it is forgotten, first what was decided, then every row", async () => {
    await review(world);
    await set("status = 'completed', control = 'run', stage = 'export-review'");
    for (const path of everyPage) expect((await look(path)).statusCode).toBe(200);
    await world.admin.query(`delete from wavegate.samples where run_id = '${runId}'`);
    for (const table of ["decisions", "source"]) {
      await world.admin.query(
        `delete from wavegate.legacy_student_imports_${table} where run_id = '${runId}'`,
      );
      for (const path of everyPage) {
        const { statusCode, body } = await look(path);
        expect([path, statusCode]).toEqual([path, 200]);
        expect([path, /undefined|NaN|\[object/u.test(body)]).toEqual([path, false]);
      }
    }
  });

  it("while Step Functions is busy, forgot its execution, or is away", async () => {
    await set("status = 'running', control = 'run', execution_arn = 'arn:execution'");
    const busy = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    const gone = Object.assign(new Error("gone"), { name: "ExecutionDoesNotExist" });
    const fails = (error: Error) => async (): Promise<never> => {
      throw error;
    };
    for (const workflow of [
      { underWay: fails(busy) },
      { definition: fails(busy) },
      { steps: fails(busy) },
      { underWay: fails(busy), definition: fails(busy), steps: fails(busy) },
    ]) {
      for (const path of [base, run]) {
        const { statusCode, body } = await look(path, workflow);
        expect([path, statusCode]).toEqual([path, 200]);
        // Nothing is offered that would begin something beside what may go on.
        if (path === run) expect(body).not.toContain(`action="${run}/resume"`);
      }
    }
    expect((await look(run, { underWay: fails(busy) })).body).toContain(
      "The workflow could not be asked just now.",
    );
    expect((await look(run, { steps: fails(gone) })).body).not.toContain("could not be asked");
  });

  it("before there is a run: it is being started, or there is none", async () => {
    const other = "7f3a0000-0000-4000-8000-000000000002";
    const execution = { machine: "migration", executionArn: "arn:execution" } as const;
    const underWay = async () => [{ ...execution, name: `${other}-run-1` }];
    const starting = await look(`${base}/runs/${other}`, { underWay });
    expect(starting.statusCode).toBe(200);
    expect(starting.body).toContain("The run is starting");
    expect(starting.body).toContain('<meta http-equiv="refresh" content="3">');
    for (const name of [other.replace("2", "3"), "none", "7f3a", "%27"]) {
      expect((await look(`${base}/runs/${name}`, { underWay })).statusCode).toBe(404);
    }
    expect((await look(`${base}/runs/${runId}`, { underWay })).body).toContain(reference);
  });
});
