import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addPerson } from "../../lib/review/people/people.ts";
import { runId } from "../review/fixture.ts";
import { event } from "./event.ts";
import { asBefore, type RunsConsole, run, runsConsole } from "./runs-console.ts";

let at: RunsConsole;
beforeAll(async () => {
  at = await runsConsole();
  await at.world.admin.query(
    `update wavegate.sign_offs set status = 'approved', decided_by = 'amina', decided_at = now() where run_id = '${runId}'`,
  );
});
afterAll(() => at.world.close());
beforeAll(async () => {
  for (const name of ["robert", "romane"]) {
    await addPerson(at.world.administrator, {
      name,
      email: `${name}@example.com`,
      permissions: ["legacy_imports.view", "legacy_imports.rollback"],
    });
  }
});
asBefore(() => at);
beforeEach(() => {
  at.underWay = [];
});

const acts = [
  ["next-wave", run, "commit", "commit", "amina", "brahim"],
  ["export-review", run, "export-review", "export-review", "amina", "karim"],
  ["export-audit", run, "export-audit", "export-audit", "amina", "karim"],
  ["rollback", `${run}/rollback`, "rollback", "rollback", "robert", "romane"],
  ["rollback/preview", `${run}/rollback`, "preview", "rollback", "robert", "romane"],
] as const;

/** The form of a page as it stands for this person, sent when it is asked for. */
async function formOf(person: string, page: string, act: string): Promise<() => Promise<number>> {
  const path = `${run}/${act}`;
  const [, form = ""] =
    new RegExp(`action="${path}">(.*?)</form>`, "su").exec(await at.look(page, person)) ?? [];
  const fields = [...form.matchAll(/name="(\w+)" value="([^"]+)"/gu)];
  expect(fields.map(([, name]) => name)).toEqual(
    expect.arrayContaining(act === "next-wave" ? ["csrf", "seen", "wave"] : ["csrf", "seen"]),
  );
  const body = new URLSearchParams(
    fields.map(([, name = "", value = ""]): [string, string] => [name, value]),
  ).toString();
  return async () => (await at.pages(event("POST", path, person, body))).statusCode;
}

/** As the first state of the newest execution tells of it. */
const told = (person: string, what: string) =>
  at.world.admin.query(
    "select wavegate.append_entry($1, $2, 'execution-started', null, $3, wavegate.moment())",
    [runId, person, { what, execution: at.world.execution.started.at(-1)?.name }],
  );

describe.each(acts)("W9 R17 %s", (act, page, about, what, one, other) => {
  it("that two ask for at the same moment, and one of them twice, is begun once", async () => {
    const forms = await Promise.all([one, other, one].map((who) => formOf(who, page, act)));
    expect(await Promise.all(forms.map((send) => send()))).toEqual([303, 303, 303]);
    expect(at.world.execution.started).toHaveLength(1);
    expect(at.world.execution.started[0]?.name).toMatch(
      new RegExp(`^${runId}-${about}-\\d+-`, "u"),
    );
  });

  it("that was begun since a page was shown is not begun again from there, and is told to somebody else", async () => {
    const [mine, again, others] = await Promise.all(
      [one, one, other].map((who) => formOf(who, page, act)),
    );
    expect(await mine?.()).toBe(303);
    await told(one, what);
    expect(await again?.()).toBe(303);
    expect(await others?.()).toBe(409);
    expect(at.world.execution.started).toHaveLength(1);
    // A page that shows it begins another one.
    expect(await (await formOf(other, page, act))()).toBe(303);
    expect(at.world.execution.started).toHaveLength(2);
  });
});

it("W9 R17 the next wave is the one that the page showed, and no other one", async () => {
  const send = await formOf("amina", run, "next-wave");
  await at.world.admin.query(
    `insert into wavegate.waves (run_id, wave, size, round, status, digest, sign_off_id, counts, before, clean)
     select '${runId}', 1, 25, 1, 'verified', digest, id, '{"picked": 1}', '{}', true from wavegate.sign_offs where run_id = '${runId}' limit 1`,
  );
  expect(await send()).toBe(409);
  expect(at.world.execution.started).toEqual([]);
  await at.world.admin.query(`delete from wavegate.waves where run_id = '${runId}'`);
  await send();
  expect(at.world.execution.started[0]?.input).toMatchObject({ run: runId, next: 1 });
});
