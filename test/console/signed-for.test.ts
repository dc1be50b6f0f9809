import { afterAll, beforeAll, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";
import { event } from "./event.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(3));
  await review(world);
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
});
afterAll(() => world.close());

const decisionAs = async (person: string): Promise<string> => {
  const pages = createConsole({ services: world.services, key: Buffer.alloc(32, 7) });
  const { rows } = await world.admin.query("select id from wavegate.sign_offs where run_id = $1", [
    runId,
  ]);
  const { body } = await pages(event("GET", `/sign-off/by-id/${rows[0]?.id}`, person));
  return body.slice(body.indexOf('id="decision"'), body.indexOf("<details class"));
};

it("W7 R9 who decides reads beside the buttons what is signed: the run, its rows, how they were judged, both digests", async () => {
  const { rows } = await world.admin.query(
    "select digest, (select manifest_digest from wavegate.review_exports e where e.run_id = s.run_id limit 1) as manifest from wavegate.sign_offs s where run_id = $1",
    [runId],
  );
  const { digest, manifest } = rows[0] ?? {};
  const decision = await decisionAs("amina");
  expect(digest).toMatch(/^[0-9a-f]{64}$/u);
  for (const each of [
    ...[`<strong>${reference}</strong>`, `<code>${digest}</code>`, `<code>${manifest}</code>`],
    ...[
      "1: 3 rows",
      "<strong>3</strong> rows become new ones",
      "0 of 3 sampled rows",
      "none holds",
    ],
  ])
    expect(decision).toContain(each);
  // Who may not decide reads why instead.
  expect(await decisionAs("karim")).not.toContain(digest);
});
