import { afterAll, beforeAll, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { formGuard } from "../../lib/console/trust.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";
import { event } from "./event.ts";

const base = `/admin/legacy-imports/runs/${reference}`;
const key = Buffer.alloc(32, 7);
const held = "import_state=held&reason=needs_review";

let world: World;
let pages: ReturnType<typeof createConsole>;
let rows: number[];
beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(120));
  await review(world);
  pages = createConsole({
    services: world.services,
    key,
    log: { info: () => {}, error: () => {} },
  });
  const { rows: changed } = await world.admin.query(
    `update wavegate.legacy_student_imports_decisions set import_state = 'held', planned = 'hold', planned_reason = 'needs_review'
      where run_id = $1 and staged_id % 2 = 0 returning staged_id::float8 as id`,
    [runId],
  );
  rows = changed.map(({ id }) => id).toSorted((one, other) => one - other);
});
afterAll(() => world.close());

const get = async (path: string) => {
  const { statusCode, body } = await pages(event("GET", path, "amina"));
  expect([path, statusCode]).toEqual([path, 200]);
  return body.replaceAll("&amp;", "&");
};
const linkWith = (body: string, says: string): string | undefined =>
  new RegExp(`<a href="([^"]+)"[^>]*>${says}`, "u").exec(body)?.[1];
const [back, next] = ["Back to these rows", "Next of these rows"];

it("B4 somebody goes through the held rows one by one, from page to page of the list, and back to where each stands", async () => {
  expect(rows.length).toBe(60);
  const first = await get(`${base}/rows?${held}`);
  expect(first).toContain("<p>60 rows are like that.</p>");
  expect(await get(`${base}/rows?import_state=held`)).toContain("<p>60 rows are like that.</p>");
  expect(await get(`${base}/rows?import_state=held&reason=none_such`)).toContain("No row is like");
  // What is not kept is not counted: the list would tell another number than it shows.
  for (const other of ["", "?import_state=pending", "?import_state=held&classification=completed"])
    expect(await get(`${base}/rows${other}`)).not.toContain("like that.</p>");
  let at = /<th scope="row" class="short"><a href="([^"]+)"/u.exec(first)?.[1];
  const seen: number[] = [];
  while (at !== undefined && seen.length < 100) {
    const body = await get(at);
    const id = Number(/\/rows\/(\d+)\?/u.exec(at)?.[1]);
    seen.push(id);
    // The list opens at the page that has the row, which is a place of that page.
    const list = linkWith(body, back)?.split("#");
    expect(list?.[1]).toBe(`row-${id}`);
    expect(await get(list?.[0] ?? "")).toContain(`<tr id="row-${id}">`);
    at = linkWith(body, next);
    if (at === undefined) expect(body).toContain("It is the last of these rows.");
  }
  expect(seen).toEqual(rows);
});

it("B4 whoever holds, lets go or asks about a row of a list is in that list afterwards, and on no other address", async () => {
  const row = rows[3] as number;
  const list = `${held}&nth=3`;
  const send = (path: string, fields: Record<string, string>) =>
    pages(
      event(
        "POST",
        path,
        "amina",
        new URLSearchParams({
          csrf: formGuard(key, world.services.settings.signOffUrl).tokenFor("amina", path),
          ...fields,
        }).toString(),
      ),
    );
  const body = await get(`${base}/rows/${row}?${list}`);
  const sent = /name="list" value="([^"]*)"/u.exec(body)?.[1] ?? "";
  expect(new URLSearchParams(sent).get("reason")).toBe("needs_review");
  const keep = await send(`${base}/rows/${row}/hold`, { reason: "Look", seen: "", list: sent });
  expect(keep.headers.location).toBe(`${base}/rows/${row}?${sent}`);
  expect(linkWith(await get(keep.headers.location ?? ""), next)).toContain(`/rows/${rows[4]}?`);
  const asked = await send(`${base}/rows/${row}/questions`, { question: "Why?", list: sent });
  expect(asked.headers.location).toBe(`${base}/rows/${row}?${sent}#questions`);
  const other = await send(`${base}/rows/${row}/questions`, {
    question: "Why?",
    list: "//evil.example/?x\r\nset-cookie: a",
  });
  expect(other.headers.location).toBe(`${base}/rows/${row}#questions`);
});

it("B4 the first rows of a reason lead through all of that reason", async () => {
  const body = await get(`${base}/held`);
  const second = [...body.matchAll(/<a href="([^"]+\/rows\/\d+\?[^"]+)"/gu)].map(
    ([, each]) => each,
  );
  expect(second).toHaveLength(3);
  expect(linkWith(await get(second[2] as string), next)).toContain(`/rows/${rows[3]}?`);
});

it("B2 a row that was opened from no list has no next one, and a list that is none is none", async () => {
  for (const path of [`${base}/rows/${rows[0]}`, `${base}/rows/${rows[0]}?nth=x&reason=y`]) {
    const body = await get(path);
    expect([linkWith(body, back), linkWith(body, next)]).toEqual([undefined, undefined]);
  }
});

it.each([held, "", "classification=completed"])(
  "B4 R5 a list of “%s” leads on and back by one page, to the very rows that were there",
  async (filter) => {
    const shown = (body: string) =>
      [...body.matchAll(/<tr id="row-(\d+)">/gu)].map(([, id]) => Number(id));
    const pages = [await get(`${base}/rows?${filter}`)];
    expect(linkWith(pages[0] as string, "Previous rows")).toBeUndefined();
    for (let more = linkWith(pages[0] as string, "Next rows"); more !== undefined; ) {
      pages.push(await get(more));
      more = linkWith(pages.at(-1) as string, "Next rows");
    }
    expect(pages.length).toBeGreaterThan(1);
    let back = pages.at(-1) as string;
    for (const page of pages.slice(0, -1).toReversed()) {
      back = await get(linkWith(back, "Previous rows") ?? "");
      expect(shown(back)).toEqual(shown(page));
    }
    // There it is the list as it was opened, with nothing before it.
    expect(linkWith(back, "Previous rows")).toBeUndefined();
  },
);

it("B4 R5 of a row that a rule shows to a person each list says which rule that is, and of no other what was noted", async () => {
  const [shown, noted] = [rows[0] as number, rows[1] as number];
  const reason = async (id: number, to: string) =>
    world.admin.query(
      `update wavegate.legacy_student_imports_decisions set planned_reason = $2,
              validation_issues = '["contact_missing", "phone_invalid"]' where staged_id = $1`,
      [id, to],
    );
  await reason(shown, "validation_needs_review");
  await reason(noted, "needs_review");
  const says =
    "A rule asks a person to look at this row: There is neither a valid phone nor a valid e-mail.";
  const list = await get(`${base}/rows?import_state=held`);
  const line = (id: number) => list.split(`<tr id="row-${id}">`)[1]?.split("</tr>")[0];
  expect(line(shown)).toContain(says);
  expect(line(noted)).not.toContain("neither a valid phone");
  expect(await get(`${base}/rows/${shown}`)).toContain(`nothing is written: ${says}</strong>`);
  expect(await get(`${base}/held/csv`)).toContain(says);
});

it("B4 the list of reasons says how many rows are held in all", async () => {
  const body = await get(`${base}/held`);
  expect(body).toMatch(/<p>60 rows are held, for \d reasons?\.<\/p>/u);
  expect(body).toContain("Download all as CSV");
});
