import { afterAll, beforeAll, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { formGuard } from "../../lib/console/trust.ts";
import type { Database } from "../../lib/data/database.ts";
import { ConnectionLost } from "../../lib/data/failures.ts";
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

it("W8 W7 who decides reads first why it is asked, and what has to be done before an approval", async () => {
  const pages = createConsole({ services: world.services, key: Buffer.alloc(32, 7) });
  const { rows } = await world.admin.query("select id from wavegate.sign_offs where run_id = $1", [
    runId,
  ]);
  const look = async (person: string) => {
    const { body } = await pages(event("GET", `/sign-off/by-id/${rows[0]?.id}`, person));
    return body.slice(body.indexOf("<h1>"), body.indexOf('id="plan"'));
  };
  const top = await look("amina");
  expect(top).toContain("It is asked because nothing is written before");
  expect(top).toContain("Before this can be approved:");
  expect(top).toMatch(/<li>3 sampled rows have no verdict yet/u);
  // Who may not decide is told why it is asked alone.
  expect(await look("karim")).toContain("It is asked because");
  expect(await look("karim")).not.toContain("Before this can be approved");
  const run = `/admin/legacy-imports/runs/${reference}`;
  expect((await pages(event("GET", run, "amina"))).body).toContain("It is asked because nothing");
});

it("W3 W13 who decides and whose answer is lost once it is kept sees the receipt", async () => {
  const { sign } = world.services;
  let lost = 0;
  const loses: Database = {
    ...{ rows: sign.rows.bind(sign), one: sign.one.bind(sign), execute: sign.execute.bind(sign) },
    transaction: async (work, mode) => {
      const kept = await sign.transaction(work, mode);
      if (lost++ === 0) throw new ConnectionLost("ECONNRESET", "database");
      return kept;
    },
  };
  const key = Buffer.alloc(32, 7);
  const pages = createConsole({ services: { ...world.services, sign: loses }, key });
  const { rows } = await world.admin.query("select id from wavegate.sign_offs where run_id = $1", [
    runId,
  ]);
  const path = `/sign-off/by-id/${rows[0]?.id}`;
  const csrf = formGuard(key, "https://wavegate.example").tokenFor("amina", path);
  const form = new URLSearchParams({ csrf, decision: "changes", comment: "Map the course." });
  const answer = await pages(event("POST", path, "amina", form.toString()));
  expect([answer.statusCode, lost > 1]).toEqual([200, true]);
  expect(answer.body).toContain("Map the course.");
});

it("W7 what was decided shows which digest was signed, to whoever looks at it later", async () => {
  const { rows } = await world.admin.query(
    "update wavegate.sign_offs set status = 'approved', changes_asked = false, decided_by = 'amina', decided_at = now() where run_id = $1 returning digest",
    [runId],
  );
  const decision = await decisionAs("karim");
  expect(decision).toContain("<dt>Signed digest</dt>");
  expect(decision).toContain(`<code>${rows[0]?.digest}</code>`);
});
