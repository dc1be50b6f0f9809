import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import type { HttpEvent } from "../../lib/console/request.ts";
import { addPerson } from "../../lib/review/people.ts";
import { ask } from "../../lib/review/sign-offs.ts";
import type { Machine, Services, StepEvent, UnderWay } from "../../lib/services/services.ts";
import { openWorkflow } from "../../lib/services/workflow.ts";
import { ask as asking, call, chain, PREFIX, StandIn } from "../embedded/states/stand-in.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";

const base = "/admin/legacy-imports";
const run = `${base}/runs/${reference}`;
const quiet = { info: () => {}, error: () => {} };

let world: World;
let pages: ReturnType<typeof createConsole>;
let underWay: UnderWay[] = [];
let events: StepEvent[] = [];
let stopped: string[] = [];
/** Milliseconds that the pages' clock is ahead. */
let later = 0;

/** The console over a workflow; what it ends is noted. */
const consoleOver = (
  workflow: Services["workflow"],
  start: Services["executions"]["start"],
): typeof pages =>
  createConsole({
    services: {
      ...world.services,
      clock: () => new Date(world.services.clock().getTime() + later),
      workflow,
      executions: {
        ...world.services.executions,
        start,
        stop: async (arn) => void stopped.push(arn),
      },
    },
    key: Buffer.alloc(32, 7),
    log: quiet,
  });

beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, [...completed(3), { legacyId: 9, name: "<b>Sara</b>" }]);
  await review(world);
  await world.admin.query(
    `update wavegate.legacy_import_runs set stage = 'export-review', status = 'waiting', preflight = '{"passed": true}',
       counts = '{"staged_rows": 4}', started_by = 'karim'`,
  );
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  const { workflow, executions } = world.services;
  const told = { ...workflow, underWay: async () => underWay, steps: async () => events };
  pages = consoleOver(told, executions.start);
  await addPerson(world.administrator, {
    name: "<i>roland</i>",
    email: "roland@example.com",
    permissions: ["legacy_imports.view", "legacy_imports.rollback"],
  });
});
afterAll(() => world.close());
beforeEach(async () => {
  underWay = [{ machine: "migration", name: `${runId}-run`, executionArn: "arn:execution" }];
  events = [];
  stopped = [];
  later = 0;
  world.execution.started.splice(0);
  await world.admin.query(
    "update wavegate.legacy_import_runs set control = 'run', status = 'waiting'",
  );
});

const event = (method: string, path: string, person: string, body?: string): HttpEvent => {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  return {
    rawPath,
    rawQueryString,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
    },
    requestContext: {
      http: { method },
      authorizer: { jwt: { claims: { "cognito:username": person } } },
    },
    ...(body === undefined ? {} : { body }),
  };
};
const look = async (path: string, person = "vera") => {
  const answer = await pages(event("GET", path, person));
  expect(answer.statusCode).toBe(200);
  return answer.body.slice(0, answer.body.indexOf("<footer>"));
};
/** The token of the form of a page that goes to an address; empty where it has none. */
async function tokenOn(page: string, path: string, person: string): Promise<string> {
  const [, csrf = ""] =
    new RegExp(`action="${path}"><input type="hidden" name="csrf" value="([^"]+)"`, "u").exec(
      await look(page, person),
    ) ?? [];
  return csrf;
}
/** Sends the form of this page that goes to an address. */
async function press(page: string, path: string, person: string, token?: string) {
  const csrf = token ?? (await tokenOn(page, path, person));
  return pages(event("POST", path, person, new URLSearchParams({ csrf }).toString()));
}
const control = async () =>
  (await world.admin.query("select control from wavegate.legacy_import_runs")).rows[0].control;

describe("R5 the list of runs", () => {
  it("R5 says of each what it is, who began it, where it stands and whom it waits for", async () => {
    const body = await look(base);
    for (const shown of [
      `<a href="${run}">${reference}</a>`,
      "<bdi>ecoin</bdi>",
      "<bdi>karim</bdi>",
      "2026-11-20 09:00 UTC",
      "waiting",
      "export-review",
      "4 staged",
      "a sign-off",
    ]) {
      expect(body).toContain(shown);
    }
  });

  it("R5 narrows by status and migration, and asks the database nothing that is no status", async () => {
    expect(await look(`${base}?status=waiting&migration=ecoin`)).toContain(reference);
    expect(await look(`${base}?status=halted`)).not.toContain(reference);
    expect(await look(`${base}?status=%27%20or%201=1`)).toContain(reference);
    expect(await look(`${base}?before=${reference}`)).not.toContain(`>${reference}<`);
  });

  it("R5 speaks French to who prefers it", async () => {
    const answer = await pages({
      ...event("GET", base, "vera"),
      headers: { "accept-language": "fr" },
    });
    expect(answer.body).toContain('<html lang="fr">');
    expect(answer.body).toContain("un accord");
  });
});

describe("one run", () => {
  it("R5 says what it waits for and the one next thing, then what is behind it", async () => {
    const [signOff] = (await world.admin.query("select id from wavegate.sign_offs")).rows;
    const body = await look(run);
    for (const shown of [
      "It waits for a sign-off by somebody else than its starter.",
      `href="/sign-off/by-id/${signOff.id}">Look, and decide</a>`,
      "ECOIN: students, archives and their trainings",
      "mysql at legacy",
      "<b>60</b><span>Completed history</span>",
      "Too many rows that are not leads have an unmapped course.",
      "Ready to scale up?",
      'aria-label="Workflow"',
      ">SignOff</text>",
      "Every staged row is in exactly one of these states.",
    ]) {
      expect(body).toContain(shown);
    }
    expect(body).not.toMatch(/Benali|Sara|213559446168/u);
  });

  it("W13 an unknown run is a page that says so", async () => {
    const answer = await pages(event("GET", `${base}/runs/ecoin-none`, "vera"));
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain("<h1>There is no such run</h1>");
  });

  it("W11 shows the current step, and what one was given and gave back, without the stamp", async () => {
    const at = "2026-11-20T10:00:00.000Z";
    events = [
      { id: 4, at, type: "TaskStateEntered", state: "SignOff", input: '{"run":"r"}' },
      { id: 3, at, type: "TaskStateExited", state: "DryRun", output: '{"dryRun":{"rows":4}}' },
      { id: 2, at, type: "TaskScheduled" },
      {
        id: 1,
        at,
        type: "TaskStateEntered",
        state: "DryRun",
        input: '{"run":"r","stamp":"s3cret"}',
      },
    ];
    const body = await look(`${run}?step=DryRun`);
    expect(body).toContain('class="state person now" aria-current="step"');
    expect(body).toContain('class="state step passed"');
    expect(body).toContain("&quot;rows&quot;: 4");
    expect(body).not.toContain("s3cret");
    expect(await look(`${run}?step=constructor`)).toContain('<h3 id="step">SignOff</h3>');
  });

  it.each([
    ["karim", [">Pause<", ">Stop<", "Roll back…"], ["Export for review"]],
    ["vera", [], [">Pause<", ">Stop<", "Roll back…", "<form"]],
    ["&lt;i&gt;roland&lt;/i&gt;", ["Roll back…"], [">Pause<", ">Stop<"]],
  ])("M14 R17 %s sees the buttons that they may press now", async (shown, offered, others) => {
    const name = shown.replaceAll("&lt;", "<").replaceAll("&gt;", ">");
    const body = await look(run, name);
    expect(body).toContain(`Signed in as ${shown}`);
    for (const each of offered) expect(body).toContain(each);
    for (const each of others) expect(body).not.toContain(each);
  });
});

describe("what is done about a run", () => {
  it("W9 R17 pauses, lets go on and stops it for the person of the sign-in, as the log tells", async () => {
    expect(await press(run, `${run}/pause`, "karim")).toMatchObject({
      statusCode: 303,
      headers: { location: run },
    });
    expect(await control()).toBe("pause");
    expect(await press(run, `${run}/resume`, "amina")).toMatchObject({ statusCode: 303 });
    expect(await control()).toBe("run");
    // What goes on is told, and nothing is begun beside it.
    expect(world.execution.started).toEqual([]);
    expect(await press(run, `${run}/stop`, "karim")).toMatchObject({ statusCode: 303 });
    expect(await control()).toBe("stop");
    const { rows } = await world.admin.query(
      "select actor, action from wavegate.audit_log where action in ('pause', 'resume', 'stop') order by seq",
    );
    expect(rows).toEqual([
      { actor: "karim", action: "pause" },
      { actor: "amina", action: "resume" },
      { actor: "karim", action: "stop" },
    ]);
  });

  it("W9 R17 lets a run that is at rest go on in a new execution, under the person's stamp", async () => {
    underWay = [];
    expect(await press(run, `${run}/resume`, "karim")).toMatchObject({ statusCode: 303 });
    const [one] = world.execution.started;
    expect(one).toMatchObject({ machine: "migration", input: { migration: "ecoin", run: runId } });
    expect(world.services.stamps.read(one?.input.stamp as string)).toMatchObject({
      person: "karim",
      execution: one?.name,
    });
  });

  it.each<[Machine, string, boolean]>([
    ...[
      "import",
      "validate",
      "classify",
      "match",
      "dry-run",
      "verify",
      "final-verify",
      "drill",
    ].map((stage): [Machine, string, boolean] => ["migration", stage, false]),
    ["migration", "export-review", true],
    ["migration", "export-audit", true],
    ["rollback", "preview", true],
    ["wave", "commit", true],
  ])(
    "W9 R17 beside a step alone of the machine %s (%s) a run goes on: %s",
    async (machine, about, goesOn) => {
      const standing = async () =>
        (await world.admin.query("select control, status from wavegate.legacy_import_runs"))
          .rows[0];
      await world.admin.query("update wavegate.legacy_import_runs set status = 'halted'");
      underWay = [];
      const resume = `${run}/resume`;
      const before = await tokenOn(run, resume, "karim");
      underWay = [{ machine, name: `${runId}-${about}-1`, executionArn: "arn:step" }];
      // The page offers no more than that; one that is older does.
      expect((await tokenOn(run, resume, "karim")) !== "").toBe(goesOn);
      const { statusCode, body } = await press(run, resume, "karim", before);
      expect([statusCode, world.execution.started.length]).toEqual(goesOn ? [303, 1] : [409, 0]);
      if (goesOn) return;
      expect(body).toContain("the run does not go on beside it");
      expect(await standing()).toEqual({ control: "run", status: "halted" });
      // Paused, it is told to go on, as the step waits for that; nothing is begun.
      await world.admin.query("update wavegate.legacy_import_runs set control = 'pause'");
      // A wave beside the step changes nothing of it.
      underWay.unshift({ machine: "wave", name: `${runId}-commit-1`, executionArn: "arn:wave" });
      expect(await press(run, `${run}/resume`, "karim")).toMatchObject({ statusCode: 303 });
      expect(await standing()).toEqual({ control: "run", status: "running" });
      expect(world.execution.started).toEqual([]);
    },
  );

  it("W9 ends an execution whose question nobody can answer any more before the run goes on", async () => {
    await world.admin.query(
      "update wavegate.sign_offs set status = 'voided', execution_arn = 'arn:execution'",
    );
    await world.admin.query("update wavegate.legacy_import_runs set control = 'stop'");
    await press(run, `${run}/resume`, "karim");
    expect(stopped).toEqual(["arn:execution"]);
    expect(world.execution.started).toHaveLength(1);
    await world.admin.query("update wavegate.sign_offs set status = 'pending'");
  });

  it("R17 exports what is reviewed, in an execution of its own", async () => {
    underWay = [];
    for (const only of ["export-review", "export-audit"]) {
      await press(run, `${run}/${only}`, "karim");
      expect(world.execution.started.at(-1)).toMatchObject({
        machine: "migration",
        input: { run: runId, only },
      });
    }
  });

  it("B1 R17 shows what a rollback would do before it does it, and begins either for the person", async () => {
    const page = `${run}/rollback`;
    expect(await look(page, "karim")).toContain("Nobody has looked yet");
    expect((await press(page, `${page}/preview`, "karim")).statusCode).toBe(200);
    expect(world.execution.started.at(-1)).toMatchObject({
      machine: "rollback",
      input: { run: runId, toWave: 1, preview: true },
    });
    await previewed();
    const body = await look(page, "karim");
    for (const shown of [
      "Take 25 entries back",
      "<bdi>legacy_completed_trainings 7</bdi>",
      "edited: notes; referred to by other rows",
      "1 of 2; what they hold now is somebody’s work since.",
    ]) {
      expect(body).toContain(shown.replaceAll("’", "’"));
    }
    expect((await press(page, page, "karim")).statusCode).toBe(200);
    expect(world.execution.started.at(-1)).toMatchObject({
      machine: "rollback",
      input: { run: runId },
    });
    expect(world.execution.started.at(-1)?.input).not.toHaveProperty("preview");
  });

  it.each(["/resume", "/export-review", "/export-audit", "/rollback", "/rollback/preview"])(
    "W9 R17 the button of %s that is pressed twice begins one execution; a page made after something began another",
    async (act) => {
      underWay = [];
      const page = act.startsWith("/rollback") ? `${run}/rollback` : run;
      const body = await look(page, "karim");
      expect(await look(page, "karim")).toBe(body);
      const fields = (html: string) =>
        new URLSearchParams(
          [
            ...(
              new RegExp(`action="${run}${act}">(.+?)<(?:button|p|div)`, "su").exec(html)?.[1] ?? ""
            ).matchAll(/name="(\w+)" value="([^"]+)"/gu),
          ].map(([, name = "", value = ""]): [string, string] => [name, value]),
        ).toString();
      const twice = () => pages(event("POST", `${run}${act}`, "karim", fields(body)));
      await Promise.all([twice(), twice()]);
      await twice();
      expect(world.execution.started).toHaveLength(1);
      // Whatever begins is told of in the run's log.
      await world.admin.query(
        "select wavegate.append_entry($1, 'karim', 'resume', null, '{}', wavegate.moment())",
        [runId],
      );
      const anew = fields(await look(page, "karim"));
      await pages(event("POST", `${run}${act}`, "karim", anew));
      expect(world.execution.started).toHaveLength(2);
      // One that ended before it could tell anything is told of nowhere: its button is not dead for good.
      later = 5 * 60_000;
      const again = fields(await look(page, "karim"));
      await pages(event("POST", `${run}${act}`, "karim", again));
      await pages(event("POST", `${run}${act}`, "karim", again));
      expect(world.execution.started).toHaveLength(3);
    },
  );

  it("W8 a page that was loaded again begins nothing, and a run's form is worth nothing for another's", async () => {
    await look(`${run}/rollback`, "karim");
    await look(run, "karim");
    expect(world.execution.started).toEqual([]);
    const [, csrf = ""] =
      /stop"><input type="hidden" name="csrf" value="([^"]+)"/u.exec(await look(run, "karim")) ??
      [];
    const body = new URLSearchParams({ csrf }).toString();
    const other = `${base}/runs/${runId}/stop`;
    expect((await pages(event("POST", other, "karim", body))).statusCode).toBe(403);
    expect(await control()).toBe("run");
  });
});

/** A wave of 25 that was written, and what somebody found a rollback of it would do. */
async function previewed(): Promise<void> {
  await world.admin.query(
    `insert into wavegate.waves (run_id, wave, size, status, digest, counts) values ($1, 1, 25, 'verified', 'd', '{"picked": 25, "committed": 25}')`,
    [runId],
  );
  await world.admin.query("alter table wavegate.legacy_import_commit_logs disable trigger user");
  await world.admin.query(
    `insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id)
     values ($1, 1, 1, 1, 'create', 'legacy_completed_trainings', 7)`,
    [runId],
  );
  await world.admin.query(
    `insert into wavegate.rollback_previews (run_id, wave, round, counts, found) values ($1, 1, 1,
       '{"entries": 25, "undone": 23, "unlinked": 0, "gone": 0, "spared": 2}',
       '{"edited": 2, "referenced": 1, "changed": {"notes": 2}, "reshaped": [], "conflicts":
         [{"table": "legacy_completed_trainings", "id": 7, "conflict": {"edited": true, "referenced": true, "changed": ["notes"]}}]}')`,
    [runId],
  );
}

describe("R17 W7 the next wave alone", () => {
  const act = `${run}/next-wave`;
  // Each begins at a first wave that is signed for, whatever was done before.
  beforeEach(async () => {
    underWay = [];
    await world.admin.query(`
      alter table wavegate.legacy_import_commit_logs disable trigger user;
      delete from wavegate.legacy_import_commit_logs; delete from wavegate.rollback_previews; delete from wavegate.waves;
      update wavegate.legacy_course_mappings set course_id = 11 where legacy_formation_id = 5;
      update wavegate.sign_offs set status = 'approved', decided_by = 'amina', decided_at = now(), gate = 'first_wave'`);
  });

  /** The button's form, as it is sent. */
  const formOf = (body: string, path = act): string => {
    const [, form = ""] = new RegExp(`action="${path}">(.*?)</form>`, "su").exec(body) ?? [];
    const fields = [...form.matchAll(/name="(csrf|once)" value="([^"]+)"/gu)];
    expect(fields).toHaveLength(2);
    return new URLSearchParams(
      fields.map(([, name = "", value = ""]): [string, string] => [name, value]),
    ).toString();
  };

  it("is offered to who may commit, once it is signed for, and begins one execution however often it is pressed", async () => {
    // Nothing is approved yet, and somebody is asked.
    await world.admin.query("update wavegate.sign_offs set status = 'pending'");
    expect(await look(run, "amina")).not.toContain(act);
    await world.admin.query("update wavegate.sign_offs set status = 'approved'");
    const body = await look(run, "amina");
    expect(body).toContain("It writes one wave as planned, if the approval still holds");
    expect(body).toContain(
      "If one of its steps fails, this page says which and why; if it is stopped",
    );
    expect(await look(run, "vera")).not.toContain(act);
    const form = formOf(body);
    await Promise.all([1, 2].map(() => pages(event("POST", act, "amina", form))));
    expect(await pages(event("POST", act, "amina", form))).toMatchObject({ statusCode: 303 });
    expect(world.execution.started).toHaveLength(1);
    expect(world.execution.started[0]).toMatchObject({ machine: "wave", input: { run: runId } });
    expect(world.execution.started[0]?.input).not.toHaveProperty("wave");
  });

  it("W9 is under way once it is begun: nothing is begun beside it, it is stopped at once, and a run that is let go on goes on behind it", async () => {
    const standIn = await StandIn.start(
      Object.fromEntries(
        ["migration", "rollback", "wave"].map((name) => [
          name,
          chain({ Commit: asking("nobody") }),
        ]),
      ),
      { nobody: () => {} },
    );
    const arn = (name: string) => `${PREFIX}:stateMachine:${name}`;
    const machines = { migration: arn("migration"), rollback: arn("rollback"), wave: arn("wave") };
    const workflow = openWorkflow(standIn.client, machines);
    const mocked = pages;
    pages = consoleOver(workflow, async (machine, name, input) => ({
      executionArn: await standIn.begin(machine, input as Record<string, string>, name),
    }));
    try {
      const body = await look(run, "amina");
      expect(body).not.toContain("data-under-way");
      expect(body).not.toContain(`action="${run}/stop-now"`);
      await pages(event("POST", act, "amina", formOf(body)));

      const [wave, ...others] = await workflow.underWay();
      expect(wave?.machine).toBe("wave");
      expect(wave?.name).toMatch(new RegExp(`^${runId}-commit-`, "u"));
      expect(others).toEqual([]);
      const after = await look(run, "amina");
      for (const shown of ["data-under-way", "nothing follows by itself.", ">Commit</text>"]) {
        expect(after).toContain(shown);
      }
      expect(after).not.toContain("It goes on by itself");
      // Its own form again is that wave; one of a page that was made since, and of whatever else, begins nothing.
      expect(await pages(event("POST", act, "amina", formOf(body)))).toMatchObject({
        statusCode: 303,
      });
      for (const other of ["next-wave", "export-audit"]) {
        const late = new URLSearchParams(formOf(body, `${run}/${other}`));
        late.set("once", "x".repeat(43));
        const answer = await pages(event("POST", `${run}/${other}`, "amina", late.toString()));
        expect([other, answer.statusCode]).toEqual([other, 409]);
        expect(answer.body).toContain("<h1>Something of it is under way already</h1>");
        expect(answer.body).toContain("this was not begun beside it");
      }
      expect(await workflow.underWay()).toHaveLength(1);
      expect(after).toContain(`action="${run}/stop-now"`);
      for (const other of [act, `${run}/resume`]) expect(after).not.toContain(`action="${other}"`);
      expect(await look(base)).toContain("data-under-way");

      // Nothing follows a wave alone: the run itself is begun.
      await press(run, `${run}/pause`, "amina");
      await press(run, `${run}/resume`, "amina");
      expect((await workflow.underWay()).map(({ machine }) => machine)).toEqual([
        "migration",
        "wave",
      ]);

      await press(run, `${run}/stop-now`, "amina");
      expect(stopped).toContain(wave?.executionArn);
    } finally {
      pages = mocked;
      await standIn.close();
    }
  });

  it.each<[string, Machine, string, string]>([
    ["a wave alone", "wave", "commit", "The platform refused every row of wave 2 of it."],
    ["a stage alone", "migration", "export-audit", "The bundle is not whole."],
    ["a look at a rollback", "rollback", "preview", "Nobody can look now."],
    ["a rollback", "rollback", "rollback", "Rows that were edited were spared."],
  ])(
    "W9 W11 of %s that failed the page shows which step and why, until something else is begun",
    async (_it, machine, about, says) => {
      let message = says;
      const failing = {
        refuses: () => {
          throw Object.assign(new Error(message), { name: "WaveRefused" });
        },
        does: () => ({ done: true }),
      };
      const standIn = await StandIn.start(
        Object.fromEntries(
          ["migration", "rollback", "wave"].map((name) => [
            name,
            chain({ Verify: call("does"), Commit: call("refuses") }),
          ]),
        ),
        failing,
      );
      const arn = (name: string) => `${PREFIX}:stateMachine:${name}`;
      const machines = {
        migration: arn("migration"),
        rollback: arn("rollback"),
        wave: arn("wave"),
      };
      const mocked = pages;
      pages = consoleOver(openWorkflow(standIn.client, machines), async () => ({
        executionArn: "",
      }));
      const begins = async (of: Machine, name: string, what: string) => {
        await standIn.ended(await standIn.begin(of, {}, name));
        await world.admin.query(
          "select wavegate.append_entry($1, 'amina', 'execution-started', null, $2, wavegate.moment())",
          [runId, JSON.stringify({ what, execution: name })],
        );
      };
      const what = machine === "wave" ? "commit" : machine === "rollback" ? "rollback" : about;
      try {
        await begins(machine, `${runId}-${about}-1`, what);
        const body = await look(run);
        expect(body).toContain("What was begun last failed in its step “Commit”:");
        expect(body).toContain(says);
        expect(body).toMatch(/class="state \w+ failed/u);
        expect(body).toContain('<h3 id="step">Commit</h3>');
        expect(body).toContain("WaveRefused");

        message = "Row of +213 559 44 61 68 and sara@example.com";
        await begins(machine, `${runId}-${about}-2`, what);
        const masked = await look(run);
        expect(masked).toContain("WaveRefused. What it said is neither shown nor kept");
        expect(masked).not.toMatch(/559 44|sara@/u);

        // What was asked for alone and is done says no more than the run itself.
        failing.refuses = () => ({ done: true }) as never;
        await begins(machine, `${runId}-${about}-3`, what);
        expect(await look(run)).not.toContain("failed in its step");
      } finally {
        pages = mocked;
        await standIn.close();
      }
    },
  );

  it.each([
    ["NotSignedOff", "update wavegate.sign_offs set gate = 'wave:9'"],
    ["SignOffRejected", "update wavegate.sign_offs set status = 'rejected'"],
    [
      "SignOffStale",
      "update wavegate.legacy_course_mappings set course_id = 12 where legacy_formation_id = 5",
    ],
  ])("begins nothing where the answer is %s, and says why", async (name, change) => {
    const form = formOf(await look(run, "amina"));
    await world.admin.query(change);
    const answer = await pages({
      ...event("POST", act, "amina", form),
      headers: { ...event("POST", act, "amina").headers, accept: "application/json" },
    });
    expect([answer.statusCode, JSON.parse(answer.body).error]).toEqual([409, name]);
    expect(answer.body).toContain("Nothing was written");
    expect(world.execution.started).toEqual([]);
  });
});

describe("what ends at once", () => {
  it("W9 R17 stops it at once: every execution of its own ends, what is asked is withdrawn, and no other run's", async () => {
    const of = (name: string): UnderWay => ({
      machine: "migration",
      name,
      executionArn: arn(name),
    });
    const arn = (name: string) => `arn:aws:states:eu-west-3:1:execution:migration:${name}`;
    underWay = [of(runId), of(`${runId}-resume-1`), of("7f3a0000-0000-4000-8000-000000000002")];
    expect(await look(run, "karim")).toContain("is there whole, or not at all");
    expect(await press(run, `${run}/stop-now`, "karim")).toMatchObject({ statusCode: 303 });
    expect(await control()).toBe("stop");
    expect(stopped).toEqual(expect.arrayContaining([arn(runId), arn(`${runId}-resume-1`)]));
    expect(stopped).not.toContain(arn("7f3a0000-0000-4000-8000-000000000002"));
    underWay = [];
    expect(await look(run, "karim")).not.toContain(`${run}/stop-now`);
  });
});
