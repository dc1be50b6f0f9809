import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Machine } from "../../lib/services/services.ts";
import { openWorkflow } from "../../lib/services/workflow.ts";
import { ask as asking, call, chain, PREFIX, StandIn } from "../embedded/states/stand-in.ts";
import { runId } from "../review/fixture.ts";
import { event } from "./event.ts";
import { asBefore, base, type RunsConsole, run, runsConsole } from "./runs-console.ts";

let at: RunsConsole;
beforeAll(async () => {
  at = await runsConsole();
});
afterAll(() => at.world.close());
asBefore(() => at);

describe("R17 W7 the next wave alone", () => {
  const act = `${run}/next-wave`;
  // Each begins at a first wave that is signed for, whatever was done before.
  beforeEach(async () => {
    at.underWay = [];
    await at.world.admin.query(`
      alter table wavegate.legacy_import_commit_logs disable trigger user;
      delete from wavegate.legacy_import_commit_logs where run_id = '${runId}';
      delete from wavegate.rollback_previews where run_id = '${runId}'; delete from wavegate.waves where run_id = '${runId}';
      update wavegate.legacy_course_mappings set course_id = 11 where run_id = '${runId}' and legacy_formation_id = 5;
      update wavegate.sign_offs set status = 'approved', decided_by = 'amina', decided_at = now(), gate = 'first_wave' where run_id = '${runId}'`);
  });

  /** The button's form, as it is sent. */
  const formOf = (body: string, path = act): string => {
    const [, form = ""] = new RegExp(`action="${path}">(.*?)</form>`, "su").exec(body) ?? [];
    const fields = [...form.matchAll(/name="(csrf|seen|wave)" value="([^"]+)"/gu)];
    expect(fields).toHaveLength(path === act ? 3 : 2);
    return new URLSearchParams(
      fields.map(([, name = "", value = ""]): [string, string] => [name, value]),
    ).toString();
  };

  it("is offered to who may commit, once it is signed for, and begins one execution however often it is pressed", async () => {
    // Nothing is approved yet, and somebody is asked.
    await at.world.admin.query(
      `update wavegate.sign_offs set status = 'pending' where run_id = '${runId}'`,
    );
    expect(await at.look(run, "amina")).not.toContain(act);
    await at.world.admin.query(
      `update wavegate.sign_offs set status = 'approved' where run_id = '${runId}'`,
    );
    const body = await at.look(run, "amina");
    expect(body).toContain(
      "It writes wave 1, and no other, as planned, if the approval still holds",
    );
    expect(body).toContain(
      "If one of its steps fails, this page says which and why; if it is stopped",
    );
    expect(await at.look(run, "vera")).not.toContain(act);
    const form = formOf(body);
    // A page that showed another wave as the next one writes none.
    expect(form).toContain("wave=1");
    const stale = form.replace("wave=1", "wave=2");
    expect(await at.pages(event("POST", act, "amina", stale))).toMatchObject({ statusCode: 409 });
    expect(at.world.execution.started).toEqual([]);
    await Promise.all([1, 2].map(() => at.pages(event("POST", act, "amina", form))));
    expect(await at.pages(event("POST", act, "amina", form))).toMatchObject({ statusCode: 303 });
    expect(at.world.execution.started).toHaveLength(1);
    expect(at.world.execution.started[0]).toMatchObject({
      machine: "wave",
      input: { run: runId, next: 1 },
    });
    expect(at.world.execution.started[0]?.input).not.toHaveProperty("wave");
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
    const mocked = at.pages;
    at.pages = at.over(workflow, async (machine, name, input) => ({
      executionArn: await standIn.begin(machine, input as Record<string, string>, name),
    }));
    try {
      const body = await at.look(run, "amina");
      expect(body).not.toContain("data-under-way");
      expect(body).not.toContain(`action="${run}/stop-now"`);
      await at.pages(event("POST", act, "amina", formOf(body)));

      const [wave, ...others] = await workflow.underWay();
      expect(wave?.machine).toBe("wave");
      expect(wave?.name).toMatch(new RegExp(`^${runId}-commit-`, "u"));
      expect(others).toEqual([]);
      const after = await at.look(run, "amina");
      for (const shown of ["data-under-way", "nothing follows by itself.", ">commit</text>"]) {
        expect(after).toContain(shown);
      }
      expect(after).not.toContain("It goes on by itself");
      // Its own form again is that wave; one of a page that was made since it told of itself, and of whatever else, begins nothing.
      expect(await at.pages(event("POST", act, "amina", formOf(body)))).toMatchObject({
        statusCode: 303,
      });
      await at.world.admin.query(
        "select wavegate.append_entry($1, 'amina', 'execution-started', null, $2, wavegate.moment())",
        [runId, JSON.stringify({ what: "commit", execution: wave?.name })],
      );
      for (const other of ["next-wave", "export-audit"]) {
        const late = new URLSearchParams(formOf(body, `${run}/${other}`));
        late.set("seen", "999");
        const answer = await at.pages(event("POST", `${run}/${other}`, "amina", late.toString()));
        expect([other, answer.statusCode]).toEqual([other, 409]);
        expect(answer.body).toContain("<h1>Something of it is under way already</h1>");
        expect(answer.body).toContain("this was not begun beside it");
      }
      expect(await workflow.underWay()).toHaveLength(1);
      expect(after).toContain(`action="${run}/stop-now"`);
      for (const other of [act, `${run}/resume`]) expect(after).not.toContain(`action="${other}"`);
      expect(await at.look(base)).toContain("data-under-way");

      // Nothing follows a wave alone: the run itself is begun.
      await at.press(run, `${run}/pause`, "amina");
      await at.press(run, `${run}/resume`, "amina");
      expect((await workflow.underWay()).map(({ machine }) => machine)).toEqual([
        "migration",
        "wave",
      ]);

      await at.press(run, `${run}/stop-now`, "amina");
      expect(at.stopped).toContain(wave?.executionArn);
    } finally {
      at.pages = mocked;
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
      const mocked = at.pages;
      at.pages = at.over(openWorkflow(standIn.client, machines), async () => ({
        executionArn: "",
      }));
      const begins = async (of: Machine, name: string, what: string) => {
        await standIn.ended(await standIn.begin(of, {}, name));
        await at.world.admin.query(
          "select wavegate.append_entry($1, 'amina', 'execution-started', null, $2, wavegate.moment())",
          [runId, JSON.stringify({ what, execution: name })],
        );
      };
      const what = machine === "wave" ? "commit" : machine === "rollback" ? "rollback" : about;
      try {
        await begins(machine, `${runId}-${about}-1`, what);
        const body = await at.look(run);
        expect(body).toContain("What was begun last failed in its step “commit”:");
        expect(body).toContain(says);
        expect(body).toMatch(/class="state \w+ failed/u);
        expect(body).toContain('<h3 id="step">Commit</h3>');
        expect(body).toContain("WaveRefused");

        message = "Row of +213 559 44 61 68 and sara@example.com";
        await begins(machine, `${runId}-${about}-2`, what);
        const masked = await at.look(run);
        expect(masked).toContain("WaveRefused. What it said is neither shown nor kept");
        expect(masked).not.toMatch(/559 44|sara@/u);

        // What was asked for alone and is done says no more than the run itself.
        failing.refuses = () => ({ done: true }) as never;
        await begins(machine, `${runId}-${about}-3`, what);
        expect(await at.look(run)).not.toContain("failed in its step");
      } finally {
        at.pages = mocked;
        await standIn.close();
      }
    },
  );

  it.each([
    ["NotSignedOff", `update wavegate.sign_offs set gate = 'wave:9' where run_id = '${runId}'`],
    [
      "SignOffRejected",
      `update wavegate.sign_offs set status = 'rejected' where run_id = '${runId}'`,
    ],
    [
      "SignOffStale",
      `update wavegate.legacy_course_mappings set course_id = 12 where run_id = '${runId}' and legacy_formation_id = 5`,
    ],
  ])("begins nothing where the answer is %s, and says why", async (name, change) => {
    const form = formOf(await at.look(run, "amina"));
    await at.world.admin.query(change);
    const answer = await at.pages({
      ...event("POST", act, "amina", form),
      headers: { ...event("POST", act, "amina").headers, accept: "application/json" },
    });
    expect([answer.statusCode, JSON.parse(answer.body).error]).toEqual([409, name]);
    expect(answer.body).toContain("Nothing was written");
    expect(at.world.execution.started).toEqual([]);
  });
});
