import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { completed, review, runId, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(2));
  await review(world);
});
afterEach(() => world.close());

const answers = async () =>
  (
    await world.admin.query(
      `select comment, changes_asked as asked from wavegate.sign_offs where run_id = '${runId}' order by asked_order`,
    )
  ).rows;

it.each(["changes", "reject"] as const)(
  "W12 that somebody answered with %s is known beside the log, of answers from before there was a column for it too",
  async (decision) => {
    const asked = await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
    if (asked.kind !== "asked") throw new Error(asked.kind);
    await decide(world.services, {
      ...{ ref: { id: asked.signOff }, person: "amina", decision, comment: "Map them first." },
    });
    const known = [{ comment: "Map them first.", asked: decision === "changes" }];
    expect(await answers()).toEqual(known);
    await world.admin.query("alter table wavegate.sign_offs drop column changes_asked");
    await world.admin.query(await readFile("lib/data/schema/007-sign-offs.sql", "utf8"));
    expect(await answers()).toEqual(known);
  },
);
