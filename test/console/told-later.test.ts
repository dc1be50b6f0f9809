import { afterEach, beforeEach, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { at } from "../../lib/console/paths.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { mailedSecret, startWorld, type World } from "../review/support.ts";
import { event } from "./event.ts";

let world: World;
let link: string;
let question: string;
let look: (path: string) => Promise<string>;

beforeEach(async () => {
  world = await startWorld({
    name: "signers_told_later",
    prepare: async (draft) => {
      await stageRun(draft.admin, completed(2));
      await review(draft);
    },
  });
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  const { rows } = await world.admin.query("select id from wavegate.sign_offs where run_id = $1", [
    runId,
  ]);
  question = rows[0].id;
  link = `/sign-off/${mailedSecret(world)}`;
  const pages = createConsole({ services: world.services, key: Buffer.alloc(32, 7) });
  look = async (path) => (await pages(event("GET", path, "amina"))).body;
  // Whoever tells the task is cut off once the decision is kept.
  const csrf = /name="csrf" value="([^"]+)"/.exec(await look(link))?.[1] ?? "";
  const form = new URLSearchParams({ csrf, decision: "reject", comment: "Map the courses first." });
  world.execution.unreachable = true;
  const { body } = await pages(event("POST", link, "amina", form.toString()));
  expect(body).toContain("<h1>Rejected</h1>");
  world.execution.unreachable = false;
  await world.admin.query(
    "update wavegate.legacy_import_runs set status = 'waiting' where id = $1",
    [runId],
  );
  expect(world.execution.told).toEqual([]);
});
afterEach(() => world.close());

it.each([
  ["the link of the mail", () => link],
  ["its page", () => `/sign-off/by-id/${question}`],
  ["the run's page", () => at.run(reference)],
])(
  "W3 W8 a decision that its task was not told is told, once, by whoever looks again: %s",
  async (_, page) => {
    await look(page());
    await look(page());
    await look(page());
    await look(page());
    expect(world.execution.told).toMatchObject([
      { token: "task-1", output: { decision: "rejected" } },
    ]);
  },
);
