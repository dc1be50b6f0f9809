import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { appendAudit } from "../../lib/evidence/audit-log.ts";
import { completed, reference, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";

const path = `/admin/legacy-imports/runs/${reference}/audit`;
let world: World;
let pages: ReturnType<typeof createConsole>;
beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(1));
  pages = createConsole({ services: world.services, key: Buffer.alloc(32, 7) });
  const at = new Date("2026-11-20T10:00:00Z");
  for (let n = 1; n <= 34; n += 1) {
    const event = { actor: "<b>karim</b>", action: "pause", details: { n: `number ${n}.` } };
    await appendAudit(world.services.sign, runId, event, at);
  }
  const event = { actor: "wavegate", action: "export-audit", digest: "d".repeat(64), details: {} };
  await appendAudit(world.services.sign, runId, event, at);
});
afterAll(() => world.close());

const look = async (query = "") => {
  const { statusCode, body } = await pages({
    rawPath: path,
    rawQueryString: query,
    headers: {},
    requestContext: {
      http: { method: "GET" },
      authorizer: { jwt: { claims: { "cognito:username": "vera" } } },
    },
  });
  expect(statusCode).toBe(200);
  return body;
};

describe("W12 the audit page", () => {
  it("W12 shows the log by pages, the latest first, and a hostile name as text", async () => {
    const first = await look();
    expect(first).toContain("number 34.");
    expect(first).not.toContain("number 5.");
    expect(first).toContain("&lt;b&gt;karim&lt;/b&gt;");
    expect(first).not.toMatch(/Lat(?:er|est) entries/u);
    const [, before = ""] = /\?before=(\d+)#log">Earlier/u.exec(first) ?? [];
    const second = await look(`before=${before}`);
    expect(second).toContain("number 5.");
    expect(second).not.toContain("number 6.");
    expect(second).not.toContain("Earlier entries");
    const [, later = ""] = /\?before=(\d+)#log">Later/u.exec(second) ?? [];
    const back = await look(`before=${later}`);
    const log = (body: string) => body.slice(body.indexOf('id="log"'), body.indexOf("<nav"));
    expect(log(back)).toBe(log(first));
    expect(await look("before=1;drop")).toContain("number 34.");
  });

  it("W12 shows what was exported with its digest, and that no drill was done", async () => {
    const body = await look();
    expect(body).toContain(`<code>${"d".repeat(64)}</code>`);
    expect(body).toContain("It was not done yet.");
    // Entries follow each other within a minute.
    expect(body).toContain(">2026-11-20 10:00:00 UTC</td>");
  });

  it("R14 W12 tells of the drill of a run that was taken back whole, whose certificate is in the log alone by then", async () => {
    const at = new Date("2026-11-20T10:30:00Z");
    const details = { passed: true, rows_taken_back: 25 };
    const drilled = { actor: "wavegate", action: "drill", details } as const;
    await appendAudit(world.services.sign, runId, drilled, at);
    const body = await look();
    expect(body).toContain("It passed. The run was taken back since, so it counts no longer.");
    expect(body).toContain("&quot;rows_taken_back&quot;: 25");
    await world.admin.query(
      "insert into wavegate.drills (run_id, passed, certificate) values ($1, false, '{}')",
      [runId],
    );
    const now = await look();
    expect(now).toContain("It failed.</p>");
    await world.admin.query("delete from wavegate.drills where run_id = $1", [runId]);
  });

  it("W12 R5 says in words what was begun, asked for or written, and what a look at a rollback is", async () => {
    const at = new Date("2026-11-20T11:00:00Z");
    const began = (about: string) => ({ what: "rollback", execution: `${runId}-${about}-1-a` });
    const events: [string, Record<string, unknown>][] = [
      ["execution-started", began("preview")],
      ["execution-started", began("rollback")],
      ["sign-off-asked", { gate: "wave:3" }],
      ["commit", { wave: 3 }],
    ];
    for (const [action, details] of events)
      await appendAudit(world.services.sign, runId, { actor: "karim", action, details }, at);
    const told = [...(await look()).matchAll(/<span class="soft">\d+\.<\/span> ([^<]*)<\/th>/gu)];
    expect(told.map(([, says]) => says).slice(1, 5)).toEqual([
      "commit, wave 3",
      "sign-off asked for: wave 3",
      "begun: rollback",
      "begun: look at what a rollback would do",
    ]);
  });
});
