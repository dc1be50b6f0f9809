import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runId } from "../review/fixture.ts";
import { event } from "./event.ts";
import { asBefore, type RunsConsole, run, runsConsole } from "./runs-console.ts";

let at: RunsConsole;
beforeAll(async () => {
  at = await runsConsole();
});
afterAll(() => at.world.close());
asBefore(() => at);
beforeEach(async () => {
  at.underWay = [];
  await at.world.admin.query(
    `update wavegate.sign_offs set status = 'approved', decided_by = 'amina', decided_at = now() where run_id = '${runId}'`,
  );
});

/** The form of the run's page as it stands for Amina, sent when it is asked for. */
async function formOf(act: string): Promise<() => Promise<{ statusCode: number; body: string }>> {
  const [, form = ""] =
    new RegExp(`action="${run}/${act}">(.*?)</form>`, "su").exec(await at.look(run, "amina")) ?? [];
  const fields = [...form.matchAll(/name="(\w+)" value="([^"]+)"/gu)];
  expect(fields.map(([, name]) => name)).toEqual(
    act === "next-wave" ? ["csrf", "seen", "wave"] : ["csrf", "seen"],
  );
  const body = new URLSearchParams(
    fields.map(([, name = "", value = ""]): [string, string] => [name, value]),
  ).toString();
  return () => at.pages(event("POST", `${run}/${act}`, "amina", body));
}

const tell = (person: string, action: string, what: string | null = null) =>
  at.world.admin.query("select wavegate.append_entry($1, $2, $3, null, $4, wavegate.moment())", [
    runId,
    person,
    action,
    what === null
      ? {}
      : { what: what === "preview" ? "rollback" : what, execution: `${runId}-${what}-1` },
  ]);

const standing = async () =>
  (
    await at.world.admin.query(
      `select control, status from wavegate.legacy_import_runs where id = '${runId}'`,
    )
  ).rows[0];

describe.each(["resume", "next-wave"])(
  "W9 R17 RunMovedOn answers the form %s of a page opened earlier",
  (act) => {
    it.each([
      ["paused it", "pause"],
      ["stopped it", "stop"],
    ] as const)("which does nothing where somebody else %s since, as it says", async (_, verb) => {
      const send = await formOf(act);
      await at.press(run, `${run}/stop`, "karim");
      if (verb === "pause") {
        await tell("karim", "pause");
        await at.world.admin.query(
          `update wavegate.legacy_import_runs set control = 'pause' where id = '${runId}'`,
        );
      }
      const before = await standing();
      const { statusCode, body } = await send();
      expect(statusCode).toBe(409);
      expect(body).toContain("which you had not seen. Nothing was changed; look at the run");
      expect(at.world.execution.started).toEqual([]);
      expect(await standing()).toEqual(before);
      // Seen, it is done.
      if (act === "resume") expect((await (await formOf(act))()).statusCode).toBe(303);
    });

    it.each([
      ["karim", "resume", null, 409],
      ["karim", "execution-started", "run", 409],
      ["karim", "execution-started", "commit", 409],
      ["karim", "execution-started", "rollback", 409],
      ["karim", "execution-started", "export-audit", 303],
      ["karim", "row-held", null, 303],
      // What is one's own was seen.
      ["amina", "resume", null, 303],
      ["amina", "execution-started", "run", 303],
      ["amina", "execution-started", "preview", 303],
      // But a rollback: what was asked for before it does not count behind its end.
      ["amina", "execution-started", "rollback", 409],
      ["wavegate", "rolled-back", null, 409],
    ] as const)("after an entry of %s (%s, %s), with %s", async (...told) => {
      const [person, action, what, answer] = told;
      const send = await formOf(act);
      await tell(person, action, what);
      expect((await send()).statusCode).toBe(answer);
      expect(at.world.execution.started).toHaveLength(answer === 303 ? 1 : 0);
    });
  },
);
