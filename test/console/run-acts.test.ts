import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Machine, UnderWay } from "../../lib/services/services.ts";
import { runId } from "../review/fixture.ts";
import { event } from "./event.ts";
import { asBefore, base, type RunsConsole, run, runsConsole } from "./runs-console.ts";

let at: RunsConsole;
beforeAll(async () => {
  at = await runsConsole();
});
afterAll(() => at.world.close());
asBefore(() => at);

describe("what is done about a run", () => {
  it("W9 R17 pauses, lets go on and stops it for the person of the sign-in, as the log tells", async () => {
    expect(await at.press(run, `${run}/pause`, "karim")).toMatchObject({
      statusCode: 303,
      headers: { location: run },
    });
    expect(await at.control()).toBe("pause");
    expect(await at.press(run, `${run}/resume`, "amina")).toMatchObject({ statusCode: 303 });
    expect(await at.control()).toBe("run");
    // What goes on is told, and nothing is begun beside it.
    expect(at.world.execution.started).toEqual([]);
    expect(await at.press(run, `${run}/stop`, "karim")).toMatchObject({ statusCode: 303 });
    expect(await at.control()).toBe("stop");
    const { rows } = await at.world.admin.query(
      `select actor, action from wavegate.audit_log where run_id = '${runId}' and action in ('pause', 'resume', 'stop') order by seq`,
    );
    expect(rows).toEqual([
      { actor: "karim", action: "pause" },
      { actor: "amina", action: "resume" },
      { actor: "karim", action: "stop" },
    ]);
  });

  it("W9 stopping a run says that what was committed stays, and of one that wrote nothing that nothing is", async () => {
    const { admin } = at.world;
    const stays = "What was committed stays, and a rollback can take it back.";
    const nothing = "Nothing of it is committed so far.";
    const shown = async () => {
      const page = await at.look(run, "karim");
      return [page.includes(nothing), page.includes(stays), page.includes(`${run}/stop`)];
    };
    expect(await shown()).toEqual([true, false, true]);
    await admin.query(
      `insert into wavegate.waves (run_id, wave, size, status, digest) values ('${runId}', 1, 25, 'verified', 'd')`,
    );
    expect(await shown()).toEqual([false, true, true]);
    await admin.query(`delete from wavegate.waves where run_id = '${runId}'`);
  });

  it("W9 R17 lets a run that is at rest go on in a new execution, under the person's stamp", async () => {
    at.underWay = [];
    expect(await at.press(run, `${run}/resume`, "karim")).toMatchObject({ statusCode: 303 });
    const [one] = at.world.execution.started;
    expect(one).toMatchObject({ machine: "migration", input: { migration: "ecoin", run: runId } });
    expect(at.world.services.stamps.read(one?.input.stamp as string)).toMatchObject({
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
        (
          await at.world.admin.query(
            `select control, status from wavegate.legacy_import_runs where id = '${runId}'`,
          )
        ).rows[0];
      await at.world.admin.query(
        `update wavegate.legacy_import_runs set status = 'halted' where id = '${runId}'`,
      );
      at.underWay = [];
      const resume = `${run}/resume`;
      const before = await at.tokenOn(run, resume, "karim");
      at.underWay = [{ machine, name: `${runId}-${about}-1`, executionArn: "arn:step" }];
      // The page offers no more than that; one that is older does.
      expect((await at.tokenOn(run, resume, "karim")) !== "").toBe(goesOn);
      const { statusCode, body } = await at.press(run, resume, "karim", before);
      expect([statusCode, at.world.execution.started.length]).toEqual(goesOn ? [303, 1] : [409, 0]);
      if (goesOn) return;
      expect(body).toContain("the run does not go on beside it");
      expect(await standing()).toEqual({ control: "run", status: "halted" });
      // Paused, it is told to go on, as the step waits for that; nothing is begun.
      await at.world.admin.query(
        `update wavegate.legacy_import_runs set control = 'pause' where id = '${runId}'`,
      );
      // A wave beside the step changes nothing of it.
      at.underWay.unshift({ machine: "wave", name: `${runId}-commit-1`, executionArn: "arn:wave" });
      expect(await at.press(run, `${run}/resume`, "karim")).toMatchObject({ statusCode: 303 });
      expect(await standing()).toEqual({ control: "run", status: "running" });
      expect(at.world.execution.started).toEqual([]);
    },
  );

  it("W9 R17 is not told to go on while it is taken back, nor is that offered", async () => {
    await at.world.admin.query(
      `update wavegate.legacy_import_runs set control = 'stop', status = 'halted' where id = '${runId}'`,
    );
    at.underWay = [];
    const resume = `${run}/resume`;
    const before = await at.tokenOn(run, resume, "karim");
    at.underWay = [ofRollback("rollback")];
    expect([before !== "", await at.tokenOn(run, resume, "karim")]).toEqual([true, ""]);
    const { statusCode, body } = await at.press(run, resume, "karim", before);
    expect(statusCode).toBe(409);
    expect(body).toContain("is being taken back, and nothing of it goes on beside that");
    expect([await at.control(), at.world.execution.started]).toEqual(["stop", []]);
  });

  it("W10 R17 whose rollback halted is stopped by a button, and lets another run begin", async () => {
    const { admin } = at.world;
    at.underWay = [];
    await admin.query(
      `update wavegate.legacy_import_runs set control = 'stop', status = 'halted' where id = '${runId}'`,
    );
    await admin.query(
      `insert into wavegate.commit_locks (migration, run_id) values ('ecoin', '${runId}')
       on conflict (migration) do update set run_id = excluded.run_id`,
    );
    expect(await at.press(run, `${run}/stop`, "karim")).toMatchObject({ statusCode: 303 });
    const { rows } = await admin.query(
      `select r.status, l.run_id from wavegate.legacy_import_runs r, wavegate.commit_locks l where r.id = '${runId}'`,
    );
    expect(rows).toEqual([{ status: "stopped", run_id: null }]);
    // Stopped, there is nothing to stop.
    expect(await at.tokenOn(run, `${run}/stop`, "karim")).toBe("");
  });

  it("W9 ends an execution whose question nobody can answer any more before the run goes on", async () => {
    await at.world.admin.query(
      `update wavegate.sign_offs set status = 'voided', execution_arn = 'arn:execution' where run_id = '${runId}'`,
    );
    await at.world.admin.query(
      `update wavegate.legacy_import_runs set control = 'stop' where id = '${runId}'`,
    );
    await at.press(run, `${run}/resume`, "karim");
    expect(at.stopped).toEqual(["arn:execution"]);
    expect(at.world.execution.started).toHaveLength(1);
    await at.world.admin.query(
      `update wavegate.sign_offs set status = 'pending' where run_id = '${runId}'`,
    );
  });

  it("R17 exports what is reviewed, in an execution of its own", async () => {
    at.underWay = [];
    for (const only of ["export-review", "export-audit"]) {
      await at.press(run, `${run}/${only}`, "karim");
      expect(at.world.execution.started.at(-1)).toMatchObject({
        machine: "migration",
        input: { run: runId, only },
      });
    }
  });

  it("B1 R17 a button that takes back what nobody has looked at says so, and counts it", async () => {
    const page = `${run}/rollback`;
    at.underWay = [];
    await previewed();
    await at.world.admin.query(`delete from wavegate.rollback_previews where run_id = '${runId}'`);
    const unseen = await at.look(page, "karim");
    expect(unseen).toContain("<summary>Take 25 entries back…</summary>");
    expect(unseen).toContain("How much of it would be spared, nobody has looked yet.");
    await at.world.admin.query(
      `update wavegate.legacy_import_runs set status = 'rolled_back' where id = '${runId}';
       update wavegate.waves set status = 'rolled_back' where run_id = '${runId}';
       update wavegate.legacy_import_commit_logs set rolled_back_at = now() where run_id = '${runId}'`,
    );
    const over = await at.look(page, "karim");
    expect(over).toContain("there is nothing to take back");
    await at.world.admin.query(
      `update wavegate.waves set counts = counts || '{"rolledBack": {"undone": 21, "spared": 4, "gone": 0}}' where run_id = '${runId}'`,
    );
    const told = await at.look(run, "karim");
    expect(told).toContain(
      'rolled back<br><span class="soft small">21 taken back, 4 spared</span>',
    );
    expect(over).not.toContain(`action="${page}`);
    await cleared();
  });

  it("B1 R17 what a wave wrote since anybody looked is counted, and told apart", async () => {
    const page = `${run}/rollback`;
    at.underWay = [];
    await previewed();
    await at.world.admin.query(
      `insert into wavegate.waves (run_id, wave, size, status, digest, counts) values ('${runId}', 2, 100, 'verified', 'd', '{}');
       insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id)
       select '${runId}', 2, 1, n, 'create', 'legacy_completed_trainings', 6 + n from generate_series(26, 125) n`,
    );
    const body = await at.look(page, "karim");
    expect(body).toContain("<summary>Take 123 entries back…</summary>");
    expect(body).toContain("125 entries of 2 waves stand on the platform.");
    expect(body).toContain("Nobody has looked at 1 wave (100 entries) yet: it goes too.");
    await cleared();
  });

  it("B1 R17 shows what a rollback would do before it does it, and begins either for the person", async () => {
    const page = `${run}/rollback`;
    at.underWay = [];
    const nothing = await at.look(page, "karim");
    expect(nothing).toContain("there is nothing to take back");
    // What it would do beside that stands on its button, and nothing of rows.
    expect(nothing).toContain("<summary>End the run and its approvals…</summary>");
    expect(nothing).not.toMatch(/Take \d+ entr/u);
    expect(await at.press(page, `${page}/preview`, "karim")).toMatchObject({
      statusCode: 303,
      headers: { location: page },
    });
    expect(at.world.execution.started.at(-1)).toMatchObject({
      machine: "rollback",
      input: { run: runId, toWave: 1, preview: true },
    });
    at.underWay = [ofRollback("preview")];
    const looking = await at.look(page, "karim");
    expect(looking).toContain("is looked at now");
    expect(looking).toContain("data-under-way");
    expect(looking).not.toContain(`action="${page}/preview"`);
    at.underWay = [];
    await previewed();
    const body = await at.look(page, "karim");
    for (const shown of [
      // Two of them are spared, and the button is folded behind what it will do, in figures.
      "<summary>Take 23 entries back…</summary>",
      "25 entries of 1 wave stand on the platform.",
      "23 are taken back; 2 are spared.",
      "As it was found at 2026-",
      "<bdi>legacy_completed_trainings 7</bdi>",
      "<bdi>edited: notes; referred to by other rows; the platform refuses it: a rule &lt;b&gt; of its own</bdi>",
      "1 of 2; what they hold now is somebody’s work since.",
    ]) {
      expect(body).toContain(shown.replaceAll("’", "’"));
    }
    // No two parts of the page are called the same to who hears it.
    const called = [...body.matchAll(/ aria-label(?:ledby)?="([^"]+)"/gu)].map(([, name]) => name);
    expect(new Set(called).size).toBe(called.length);
    expect(await at.press(page, page, "karim")).toMatchObject({
      statusCode: 303,
      headers: { location: run },
    });
    expect(at.world.execution.started.at(-1)).toMatchObject({
      machine: "rollback",
      input: { run: runId },
    });
    expect(at.world.execution.started.at(-1)?.input).not.toHaveProperty("preview");
    at.underWay = [ofRollback("rollback")];
    const goes = await at.look(page, "karim");
    expect(goes).toContain("It is being taken back now");
    expect(goes).not.toContain(`action="${page}`);
  });

  it.each(["/export-review", "/export-audit", "/rollback", "/rollback/preview"])(
    "W9 R17 the button of %s that is pressed twice begins one execution; a page made after something began another",
    async (act) => {
      at.underWay = [];
      const page = act.startsWith("/rollback") ? `${run}/rollback` : run;
      const body = await at.look(page, "karim");
      expect(await at.look(page, "karim")).toBe(body);
      const fields = (html: string) =>
        new URLSearchParams(
          [
            ...(
              new RegExp(`action="${run}${act}">(.+?)<(?:button|p|div)`, "su").exec(html)?.[1] ?? ""
            ).matchAll(/name="(\w+)" value="([^"]+)"/gu),
          ].map(([, name = "", value = ""]): [string, string] => [name, value]),
        ).toString();
      const twice = () => at.pages(event("POST", `${run}${act}`, "karim", fields(body)));
      await Promise.all([twice(), twice()]);
      await twice();
      expect(at.world.execution.started).toHaveLength(1);
      // Whatever begins is told of in the run's log.
      await at.world.admin.query(
        "select wavegate.append_entry($1, 'karim', 'execution-started', null, $2, wavegate.moment())",
        [runId, { what: "any", execution: at.world.execution.started[0]?.name }],
      );
      const anew = fields(await at.look(page, "karim"));
      await at.pages(event("POST", `${run}${act}`, "karim", anew));
      expect(at.world.execution.started).toHaveLength(2);
      // One that ended before it could tell anything is told of nowhere: its button is not dead for good.
      at.events = [
        {
          ...{ id: 1, at: "2026-11-20T10:00:00.000Z", type: "ExecutionFailed", state: undefined },
          ...{ input: undefined, output: undefined, error: undefined, because: undefined },
        },
      ];
      const again = fields(await at.look(page, "karim"));
      await at.pages(event("POST", `${run}${act}`, "karim", again));
      expect(at.world.execution.started).toHaveLength(3);
    },
  );

  it("W8 a page that was loaded again begins nothing, and a run's form is worth nothing for another's", async () => {
    await at.look(`${run}/rollback`, "karim");
    await at.look(run, "karim");
    expect(at.world.execution.started).toEqual([]);
    const [, csrf = ""] =
      /stop"><input type="hidden" name="csrf" value="([^"]+)"/u.exec(await at.look(run, "karim")) ??
      [];
    const body = new URLSearchParams({ csrf }).toString();
    const other = `${base}/runs/${runId}/stop`;
    expect((await at.pages(event("POST", other, "karim", body))).statusCode).toBe(403);
    expect(await at.control()).toBe("run");
  });
});

/** A wave of 25 that was written, and what somebody found a rollback of it would do. */
const ofRollback = (about: string): UnderWay => ({
  machine: "rollback",
  name: `${runId}-${about}-1`,
  executionArn: "arn:rollback",
});

const cleared = () =>
  at.world.admin.query(
    ["rollback_previews", "legacy_import_commit_logs", "waves"]
      .map((table) => `delete from wavegate.${table} where run_id = '${runId}'`)
      .join("; "),
  );

async function previewed(): Promise<void> {
  await at.world.admin.query(
    `insert into wavegate.waves (run_id, wave, size, status, digest, counts) values ($1, 1, 25, 'verified', 'd', '{"picked": 25, "committed": 25}')`,
    [runId],
  );
  await at.world.admin.query("alter table wavegate.legacy_import_commit_logs disable trigger user");
  await at.world.admin.query(
    `insert into wavegate.legacy_import_commit_logs (run_id, wave, round, staged_id, action, target_table, target_id)
     select $1, 1, 1, n, 'create', 'legacy_completed_trainings', 6 + n from generate_series(1, 25) n`,
    [runId],
  );
  await at.world.admin.query(
    `insert into wavegate.rollback_previews (run_id, wave, round, counts, found) values ($1, 1, 1,
       '{"entries": 25, "undone": 23, "unlinked": 0, "gone": 0, "spared": 2}',
       '{"edited": 2, "referenced": 1, "changed": {"notes": 2}, "reshaped": [], "conflicts":
         [{"table": "legacy_completed_trainings", "id": 7, "conflict": {"edited": true, "referenced": true, "changed": ["notes"], "refused": "a rule <b> of its own"}}]}')`,
    [runId],
  );
}

describe("what ends at once", () => {
  it("W9 R17 stops it at once: every execution of its own ends, what is asked is withdrawn, and no other run's", async () => {
    const of = (name: string): UnderWay => ({
      machine: "migration",
      name,
      executionArn: arn(name),
    });
    const arn = (name: string) => `arn:aws:states:eu-west-3:1:execution:migration:${name}`;
    at.underWay = [of(runId), of(`${runId}-resume-1`), of("7f3a0000-0000-4000-8000-000000000002")];
    expect(await at.look(run, "karim")).toContain("is there whole, or not at all");
    expect(await at.press(run, `${run}/stop-now`, "karim")).toMatchObject({ statusCode: 303 });
    expect(await at.control()).toBe("stop");
    expect(at.stopped).toEqual(expect.arrayContaining([arn(runId), arn(`${runId}-resume-1`)]));
    expect(at.stopped).not.toContain(arn("7f3a0000-0000-4000-8000-000000000002"));
    at.underWay = [];
    expect(await at.look(run, "karim")).not.toContain(`${run}/stop-now`);
  });
});
