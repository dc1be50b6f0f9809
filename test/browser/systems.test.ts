import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { writeExports } from "../../scripts/club/exports.ts";
import { clubOf, small as smallClub } from "../../scripts/club/generate.ts";
import { schoolOf, small as smallSchool } from "../../scripts/school/generate.ts";
import { schoolServices } from "../migrations/alpha2/world.ts";
import { communityServices } from "../migrations/community/platform.ts";
import { clubWorld } from "../migrations/wild-apricot/club.ts";
import { englishIn } from "../support/english.ts";
import { everyStep } from "../support/every-step.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";
import { openBrowser } from "./chromium.ts";
import { looksWell } from "./look.ts";
import { servePages, signIn } from "./site.ts";

const run = "7f3a0000-0000-4000-8000-00000000d301";
/** What no name is, in every text of a row: markup, marks that reorder, letters that nobody sees, and no end. */
const mark = "Zzyzx";
const hostile = `<script>${mark}()</script>"'><img src=x onerror=${mark}()>\u202e\u200b\u2066سارة\u0301${"W".repeat(400)}`;

async function club(): Promise<TestServices> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-club-"));
  await writeExports(clubOf(smallClub), folder);
  const test = await testServices({ world: await clubWorld(folder) });
  test.legacy.WILD_APRICOT_DB_ORGANIZATION = "The Bridge Club";
  const close = async () => {
    await test.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...test, close };
}

/** Systems of several kinds of things, with rows made of lists and of several rows, each with a platform that knows some. */
const systems: readonly (readonly [name: string, start: () => Promise<TestServices>])[] = [
  ["community", () => communityServices()],
  ["wild-apricot", club],
  ["alpha2", () => schoolServices(schoolOf(smallSchool))],
];

/** Milliseconds for some hundred pages in two languages, on a machine that has other things to do. */
const allPagesTake = 900_000;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

/** The first row of each kind of things that stands in each state, and is planned so. */
async function rowsOf(test: TestServices): Promise<number[]> {
  const tables = await test.query<{ staging: string }>(
    "select staging from wavegate.staged_entities order by ordinal",
  );
  const found: number[] = [];
  for (const { staging } of tables) {
    const rows = await test.query<{ id: number }>(
      `select min(staged_id)::float8 as id from wavegate."${staging}_decisions" group by import_state, planned order by 1`,
    );
    found.push(...rows.map(({ id }) => id));
  }
  return found;
}

/** Puts what no name is into every text that the source holds, and whatever else is kept of its rows as texts. */
async function spoil(test: TestServices): Promise<void> {
  const columns = await test.query<{ table: string; column: string; kind: string }>(`
    select c.relname as table, a.attname as column, a.atttypid::regtype::text as kind
      from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'wavegate'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
       and c.relname like '%\\_source' and a.atttypid in ('text'::regtype, 'jsonb'::regtype)
       and a.attname not in ('source_table', 'legacy_id', 'findings')`);
  await test.query("set session_replication_role = replica");
  for (const { table, column, kind } of columns) {
    const value =
      column === "raw_values"
        ? "array(select $1::text from unnest(raw_values::text[]))::text"
        : kind === "text"
          ? "$1"
          : `"${column}"`;
    await test.query(
      `update wavegate."${table}" set "${column}" = ${value} where "${column}" is not null and $1 <> ''`,
      [hostile],
    );
  }
  const texts = (column: string) =>
    `${column} = (select jsonb_object_agg(key, case jsonb_typeof(value) when 'string' then to_jsonb($1::text) else value end) from jsonb_each(${column}))`;
  await test.query(
    `update wavegate.rows_there set ${["before", "after"].map(texts).join(", ")} where jsonb_typeof(before) = 'object' and jsonb_typeof(after) = 'object'`,
    [hostile],
  );
  await test.query(
    "update wavegate.legacy_import_runs set source = jsonb_build_object('description', $1::text)",
    [hostile.replaceAll(mark, "source")],
  );
  await test.query("reset session_replication_role");
}

/** A page as it stands: nothing of the rows is markup, nothing is wider than a phone, and lists hold nothing clear. */
async function holds(page: Page, address: string, name: string, masked: boolean): Promise<void> {
  const answer = await page.goto(address);
  const body = (await answer?.text()) ?? "";
  expect([name, answer?.status()]).toEqual([name, 200]);
  expect([name, await page.locator("script:not([src]), img, [onerror], iframe").count()]).toEqual([
    name,
    0,
  ]);
  expect([name, /[\u202a-\u202e\u2066-\u2069]/u.test(body)]).toEqual([name, false]);
  expect([name, await page.evaluate("document.documentElement.scrollWidth")]).toEqual([name, 375]);
  if (masked) expect([name, body.includes(mark)]).toEqual([name, false]);
}

describe("R5 B2 B4 the console over systems of several kinds of things", () => {
  it.each(everyStep ? systems : systems.slice(0, 1))(
    "W8 D20 %s: its pages read well, in French too, and whatever stands in a row stays text",
    async (name, start) => {
      const test = await start();
      const stepless = { underWay: async () => [], steps: async () => [] };
      const served = await servePages({
        ...test.services,
        workflow: { ...test.services.workflow, ...stepless },
      });
      try {
        await reviewedRun(test, run);
        const { reference } = await findRun(test.services.stage, run);
        await ask(served.services, { run, gate: "first_wave", token: "task-1" });
        const [signOff] = await test.query<{ id: string }>("select id from wavegate.sign_offs");
        const base = `/admin/legacy-imports/runs/${reference}`;
        const rows = await rowsOf(test);
        const lists = ["", "/rows", "/held", "/held/csv", "/mappings", "/questions", "/audit"].map(
          (each) => base + each,
        );
        const decisions = [`/sign-off/by-id/${signOff?.id}`];
        const review = `/admin/legacy-imports/sign-offs/${signOff?.id}/review`;
        const shown = [base, `${base}/rows`, `${base}/held`, ...decisions, review];
        const called = (path: string) =>
          path.replace(reference, name).replace(signOff?.id ?? "", "id");

        const context = await browser.newContext({ bypassCSP: true });
        const page = await signIn(context, served.url, "approver");
        const some = rows.filter((_, at) => at % Math.ceil(rows.length / 6) === 0);
        for (const path of [...shown, ...some.map((id) => `${base}/rows/${id}`)])
          await looksWell(page, served.url + path, called(path));

        // Of what rows hold nothing is left that would read as English.
        await page.getByRole("button", { name: "Français" }).click();
        await spoil(test);
        await page.setViewportSize({ width: 375, height: 800 });
        const english: [string, string[]][] = [];
        const masked = [...lists.filter((each) => !each.endsWith("csv")), ...decisions];
        for (const path of [...masked, review, ...rows.map((id) => `${base}/rows/${id}`)]) {
          await holds(
            page,
            served.url + path,
            called(path),
            masked.includes(path) && path !== base,
          );
          const found = englishIn(await page.content());
          if (found.length > 0) english.push([called(path), found]);
        }
        expect(english).toEqual([]);
        const csv = await page.request.get(`${served.url}${base}/held/csv`);
        expect([csv.status(), (await csv.text()).includes(mark)]).toEqual([200, false]);
        await context.close();
      } finally {
        await served.close();
        await test.close();
      }
    },
    allPagesTake,
  );
});
