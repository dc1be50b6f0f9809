import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import type { UnderWay } from "../../lib/services/services.ts";
import { roster, rosterFiles, rosterPlatform } from "../lifecycle/worlds/roster.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";
import { openBrowser } from "./chromium.ts";
import { looksWell } from "./look.ts";
import { type Served, servePages, signIn } from "./site.ts";

const run = "7f3a0000-0000-4000-8000-00000000d201";
let legacy: string;
let test: TestServices;
let served: Served;
let browser: Browser;
let reference: string;
const underWay: UnderWay[] = [];
beforeAll(async () => {
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const [table, lines] of Object.entries(rosterFiles)) {
    await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
  }
  test = await testServices({ world: { migration: roster, platform: [rosterPlatform], legacy } });
  await reviewedRun(test, run, { wavePlan: [3, 10] });
  ({ reference } = await findRun(test.services.stage, run));
  const workflow = { ...test.services.workflow, underWay: async () => underWay };
  served = await servePages({ ...test.services, workflow });
  await ask(served.services, { run, gate: "first_wave", token: "task-1" });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  await test?.close();
  await rm(legacy, { recursive: true });
});

const ids = async (where: string) =>
  (
    await test.query<{ id: number }>(
      `select id::float8 as id from wavegate.roster_member where ${where}`,
    )
  ).map(({ id }) => id);

describe("the console over several kinds of things, and rows that are there already", () => {
  it("R5 B2 B5 its pages stand in light and dark, on a laptop and on a phone, and axe finds nothing", async () => {
    const context = await browser.newContext({ bypassCSP: true });
    const page = await signIn(context, served.url, "approver");
    const base = `/admin/legacy-imports/runs/${reference}`;
    const [updated = 0] = await ids("legacy_id = 'M-2'");
    const [held = 0] = await ids("legacy_id = 'M-5'");
    const [signOff] = await test.query<{ id: string }>("select id from wavegate.sign_offs");
    const [exported] = await test.query<{ digest: string }>(
      "select digest from wavegate.audit_log where action = 'export-review'",
    );
    for (const path of [
      ...["", "/rows", "/rows?part=member", `/rows/${updated}`, `/rows/${held}`, "/held"].map(
        (each) => base + each,
      ),
      ...[`${base}/audit`, `${base}/exports/${exported?.digest}`, `${base}/mappings`],
      ...[
        `/sign-off/by-id/${signOff?.id}`,
        `/admin/legacy-imports/sign-offs/${signOff?.id}/review`,
      ],
    ]) {
      await looksWell(
        page,
        served.url + path,
        path
          .replace(reference, "roster")
          .replace(signOff?.id ?? "", "id")
          .replace(exported?.digest ?? "", "digest"),
      );
    }
    // Why rows are not written adds up to how many are not.
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${served.url}/sign-off/by-id/${signOff?.id}`);
    const not: Record<string, number> = {};
    for (const row of await page.locator('section[aria-labelledby="plan"] tbody tr').all()) {
      const [, does = "", rows] = await row.locator("th, td").allInnerTexts();
      not[does] = (not[does] ?? 0) + Number(rows);
    }
    expect(not).toEqual({ held: 5, skipped: 3 });
    await page
      .getByRole("row", { name: "holds what would be written. skipped 2", exact: false })
      .waitFor();
    // What it would change stands side by side.
    await page.goto(`${served.url}${base}/rows/${updated}`);
    await page.getByRole("row", { name: "full_name Benjamin Bello Ben Bello" }).waitFor();
    // From a row that waits for another it is one step to that one, and to why.
    const [note] = await test.query<{ id: number; above: number }>(
      "select id::float8 as id, member_row::float8 as above from wavegate.roster_note where legacy_id = '4'",
    );
    expect(note?.above).toBe(held);
    const told = await explain(test.services.sign, await findRun(test.services.stage, run), {
      id: note?.id ?? 0,
    });
    expect(told?.above).toEqual({ member: held });
    await page.goto(`${served.url}${base}/rows/${note?.id}`);
    await page
      .getByRole("link", { name: /^Row \d+$/u })
      .first()
      .click();
    await page.getByText("members M-5").waitFor();
    // A run that waits for its platform says for what.
    await test.query(
      "update wavegate.sign_offs set status = 'voided', void_because = 'a newer one replaced it'",
    );
    await test.query(
      `update wavegate.legacy_import_runs set status = 'waiting', watching = '{"waiting": true, "because": [{"id": "active_queries", "says": "Queries that run.", "value": 9, "above": 4}], "good": 1}'`,
    );
    underWay.push({ machine: "migration", name: `${run}-run`, executionArn: "arn:execution" });
    await looksWell(page, served.url + base, "waiting for the platform");
    await page.getByText("active_queries is 9, above 4").waitFor();
    await context.close();
  });
});
