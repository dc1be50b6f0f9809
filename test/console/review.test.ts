import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { storedPin } from "../../lib/compile/pin/pin.ts";
import { createConsole } from "../../lib/console/app.ts";
import { sampleRow, wouldSection } from "../../lib/console/review/row.ts";
import { textsIn } from "../../lib/console/texts/texts.ts";
import type { PinnedLook } from "../../lib/evidence/pinned.ts";
import type { SampleRow } from "../../lib/review/samples/rows.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { speech } from "../../lib/speech/speech.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { completed, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";

const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;

let world: World;
let pages: ReturnType<typeof createConsole>;
let path: string;

beforeEach(async () => {
  world = await startWorld();
  await stageRun(world.admin, [
    ...completed(2),
    { legacyId: 50, name: hostile, remark: hostile, classification: "archived_training" },
  ]);
  await review(world);
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  const [signOff] = (
    await world.admin.query(`select id from wavegate.sign_offs where run_id = '${runId}'`)
  ).rows;
  path = `/admin/legacy-imports/sign-offs/${signOff.id}/review`;
  pages = createConsole({ services: world.services, key: Buffer.alloc(32, 7) });
});
afterEach(() => world.close());

const asks = (person: string, method: string) => ({
  http: { method },
  authorizer: { jwt: { claims: { "cognito:username": person } } },
});

const get = (person = "amina", rawQueryString = "") =>
  pages({ rawPath: path, rawQueryString, headers: {}, requestContext: asks(person, "GET") });

async function post(fields: Record<string, string | string[]>, person = "amina") {
  const { body: page } = await get(person);
  const [, csrf = ""] =
    /name="csrf" value="([^"]+)"><input type="hidden" name="row"/u.exec(page) ?? [];
  const body = new URLSearchParams({ csrf });
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values].flat()) body.append(name, value);
  }
  return pages({
    rawPath: path,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
    },
    requestContext: asks(person, "POST"),
    body: body.toString(),
  });
}

const rowOf = (body: string) => /name="row" value="(\d+)"/u.exec(body)?.[1] ?? "";
const verdicts = async () =>
  (
    await world.admin.query(
      `select distinct staged_id::int as id, verdict, wrong, judged_by from wavegate.samples where run_id = '${runId}' and verdict is not null order by 1`,
    )
  ).rows;

it("R9 M14 a row is shown with what its kind of things has alone, and with what would be written of it or was judged", () => {
  const visit = { texts: textsIn("en"), language: "en", ...speech("en", undefined) } as const;
  const kind = (main: object) =>
    ({
      parts: [{ part: "level", sources: ["levels"], main, reasons: {} }],
    }) as unknown as PinnedLook;
  const row = {
    ...{
      part: "level",
      sourceTable: "levels",
      legacyId: 7,
      buckets: ["levels"],
      references: [],
      decisions: [],
    },
    ...{ issues: [], duplicate: "none", sourceDuplicate: "none", verdict: null, before: null },
    ...{ name: null, phone: null, email: null, birthDate: null, legacy: null, status: null },
    ...{ classification: "catalogue", planned: "commit", plannedAction: "level", state: "pending" },
  } as unknown as SampleRow;
  const would = {
    into: "community_levels",
    columns: [
      { column: "title", value: "Gold" },
      { column: "community_id", value: null, above: "community" },
    ],
    changes: { title: ["Silver", "Gold"] },
    fields: [{ name: "title", value: "Gold" }],
  };
  const shown = (of: Partial<SampleRow>, main = {}, about: object = would) => {
    const view = { row: { ...row, ...of }, would: { ...would, ...about }, whole: true };
    return `${sampleRow(visit, view.row, kind(main))}${String(wouldSection(visit, view, kind(main)))}`;
  };
  const level = shown({});
  expect(level).toContain("<h2>Level 7 ");
  expect(level).not.toMatch(/Phone|E-mail|Birth date|Looks like|no name/u);
  expect(level).toContain("What a wave would write of it, as a new row of community_levels");
  expect(level).toMatch(/<code>title<\/code><\/th><td data-label="Value"><bdi>Gold<\/bdi>/u);
  expect(level).toContain("the row of the platform that “community” names");
  const person = shown({}, { name: {}, phone: {}, email: {}, birth_date: {} });
  for (const each of ["Phone", "E-mail", "Birth date", "Looks like", "no name"])
    expect(person).toContain(each);
  const changed = shown({ planned: "update" });
  expect(changed).toMatch(/<td[^>]*><bdi>Silver<\/bdi><\/td><td[^>]*><bdi>Gold<\/bdi><\/td>/u);
  expect(changed).not.toContain("masked");
  const held = shown({ planned: "hold", plannedAction: null }, {}, { into: null, columns: [] });
  expect(held).toContain("What it was judged by");
  expect(held).toContain("Title</th><td><bdi>Gold</bdi>");
});

describe("judging samples one at a time", () => {
  it("R9 a verdict is kept as it is given, the next row opens, and it says how far one is", async () => {
    const first = (await get()).body;
    expect(first).toContain("0 of 3 judged");
    expect(first).toContain("Row 1 of 3");
    const id = rowOf(first);
    const kept = await post({ row: id, [`verdict-${id}`]: "right" });
    expect(kept).toMatchObject({
      statusCode: 303,
      headers: { location: `${path}?after=${id}` },
    });
    expect(await verdicts()).toEqual([
      { id: Number(id), verdict: "right", wrong: [], judged_by: "amina" },
    ]);
    const second = (await get("amina", `after=${id}`)).body;
    expect(second).toContain("1 of 3 judged");
    expect(rowOf(second)).not.toBe(id);
  });

  it("R9 wrong says what; without it nothing is kept", async () => {
    const id = rowOf((await get()).body);
    expect(await post({ row: id, [`verdict-${id}`]: "wrong" })).toMatchObject({ statusCode: 422 });
    expect(await post({ row: id })).toMatchObject({ statusCode: 422 });
    expect(await verdicts()).toEqual([]);
    await post({ row: id, [`verdict-${id}`]: "wrong", [`wrong-${id}`]: ["phone", "email"] });
    expect(await verdicts()).toMatchObject([{ verdict: "wrong", wrong: ["phone", "email"] }]);
    const again = (await get("amina", `row=${id}`)).body;
    expect(again).toContain("wrong: phone, e-mail");
    expect(again).toContain("Wrong: 1");
  });

  it("R9 B5 what its kind of things does not have cannot be wrong of a row, and nobody is asked for it", async () => {
    const boxes = async () =>
      [...(await get()).body.matchAll(/type="checkbox" name="wrong-\d+" value="(\w+)"/gu)].map(
        ([, aspect]) => aspect,
      );
    expect(await boxes()).toEqual(["name", "phone", "email", "classification", "action"]);
    const pin = storedPin(ecoin);
    const parts = pin.look.parts.map((part) => ({ ...part, main: { email: part.main.email } }));
    await world.admin.query("set session_replication_role = replica");
    await world.admin.query(
      `update wavegate.legacy_import_runs set pin = $1 where id = '${runId}'`,
      [JSON.stringify({ ...pin, look: { ...pin.look, parts } })],
    );
    await world.admin.query("reset session_replication_role");
    expect(await boxes()).toEqual(["email", "classification", "action"]);
  });

  it("R9 the last verdict is taken back, its row opens, and another one can be given", async () => {
    const id = rowOf((await get()).body);
    await post({ row: id, [`verdict-${id}`]: "wrong", [`wrong-${id}`]: "name" });
    const next = (await get()).body;
    expect(next).toMatch(
      new RegExp(
        `name="undo" value="${id}"><input type="hidden" name="focus" value=""><button type="submit" data-key="u"`,
        "u",
      ),
    );
    expect(await post({ undo: id })).toMatchObject({
      statusCode: 303,
      headers: { location: `${path}?row=${id}` },
    });
    expect(await verdicts()).toEqual([]);
    expect((await get("amina", `row=${id}`)).body).toContain("not judged");
    expect(await post({ undo: id })).toMatchObject({ statusCode: 409 });
    // Whoever looks at rows of one focus goes on doing so, and a row outside of it is found all the same.
    await post({ row: id, [`verdict-${id}`]: "right" });
    const undone = await post({ undo: id, focus: "historical_completed" });
    expect(undone.headers.location).toBe(`${path}?row=${id}&focus=historical_completed`);
    for (const focus of ["historical_completed", "lead_only"]) {
      const { statusCode, body } = await get("amina", `row=${id}&focus=${focus}`);
      expect([focus, statusCode, rowOf(body)]).toEqual([focus, 200, id]);
    }
    await post({ row: id, [`verdict-${id}`]: "right" });
    expect(await verdicts()).toMatchObject([{ id: Number(id), verdict: "right", wrong: [] }]);
  });

  it("B10 a row that changed since it was judged says so, with what was said; others keep their verdict", async () => {
    const first = rowOf((await get()).body);
    await post({ row: first, [`verdict-${first}`]: "right" });
    const second = rowOf((await get()).body);
    await post({ row: second, [`verdict-${second}`]: "right" });
    await world.admin.query(
      "update wavegate.legacy_student_imports_source set full_name = 'Other' where id = $1",
      [first],
    );
    await review(world);
    await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
    const { rows } = await world.admin.query(
      `select id from wavegate.sign_offs where run_id = '${runId}' and status = 'pending'`,
    );
    path = `/admin/legacy-imports/sign-offs/${rows[0].id}/review`;
    const body = (await get("amina", `row=${first}`)).body;
    expect(body).toContain("1 of 3 judged");
    expect(body).toContain("changed since it was looked at</span> <small>right by amina");
  });

  it("R7 W8 what somebody else judged wrong is shown as theirs, and offers no verdict; a page from before keeps none", async () => {
    const id = rowOf((await get("amina")).body);
    await post({ row: id, [`verdict-${id}`]: "wrong", [`wrong-${id}`]: "phone" }, "brahim");
    const shown = (await get("amina", `row=${id}`)).body;
    expect(shown).toContain(`brahim judged row ${id} wrong, and nobody takes that back for them.`);
    expect(shown).not.toContain(`name="verdict-${id}"`);
    expect((await get("brahim", `row=${id}`)).body).toContain(`name="verdict-${id}"`);
    expect(await post({ row: id, [`verdict-${id}`]: "right" })).toMatchObject({ statusCode: 409 });
    expect(await verdicts()).toMatchObject([{ verdict: "wrong", judged_by: "brahim" }]);
  });

  it("R9 skipping says nothing, and after the last verdict it leads back to the sign-off", async () => {
    const ids: string[] = [];
    let { body } = await get();
    for (let at = 0; at < 3; at++) {
      ids.push(rowOf(body));
      const [, next = ""] = /href="[^"]*\?(row=\d+)" data-key="s"/u.exec(body) ?? [];
      body = (await get("amina", next)).body;
    }
    expect(new Set(ids).size).toBe(3);
    expect(rowOf(body)).toBe(ids[0]);
    expect(await verdicts()).toEqual([]);
    for (const id of ids) await post({ row: id, [`verdict-${id}`]: "right" });
    expect((await get()).body).toContain("Every row here has a verdict.");
  });

  it("R9 W8 whoever may approve and judged none where all have a verdict is led to one of each sample, and told so", async () => {
    const ids = (
      await world.admin.query(
        "select distinct staged_id::int as id from wavegate.samples order by 1",
      )
    ).rows;
    for (const { id } of ids) await post({ row: String(id), [`verdict-${id}`]: "right" });
    const verdict = () => get("brahim").then(({ body }) => ({ body, row: rowOf(body) }));
    const led =
      /Every row has a verdict, and whoever approves .* You have none yet of: (.*)\.<\/p>/u;
    let { body, row } = await verdict();
    expect(led.exec(body)?.[1]).toBe("completed, archived training");
    expect(body).toContain(`name="verdict-${row}"`);
    await post({ row, [`verdict-${row}`]: "right" }, "brahim");
    ({ body, row } = await verdict());
    expect(led.exec(body)?.[1]).toBe("archived training");
    await post({ row, [`verdict-${row}`]: "right" }, "brahim");
    expect((await verdict()).body).toContain("Every row here has a verdict.");
    // Who may not approve has nothing left.
    await world.admin.query(
      `update wavegate.people set permissions = '["legacy_imports.view", "legacy_imports.review"]' where name = 'lina'`,
    );
    expect((await get("lina")).body).toContain("Every row here has a verdict.");
  });

  it("R5 shows one of the definition's focus modes, and refuses another", async () => {
    const completedOnly = (await get("amina", "focus=historical_completed")).body;
    expect(completedOnly).toContain('aria-current="true">historical completed</a>');
    expect(completedOnly).toContain("of 3 judged");
    // One of which no row was drawn.
    const leads = await get("amina", "focus=lead_only");
    expect(leads.statusCode).toBe(200);
    expect(rowOf(leads.body)).toBe("");
    expect((await get("amina", "focus=toString")).statusCode).toBe(409);
    expect((await get("amina", "row=999999")).statusCode).toBe(422);
    expect((await get("amina", "row=x&after=')%20or%201=1")).statusCode).toBe(200);
  });

  it("W8 shows a hostile name and remark as text", async () => {
    const shown: string[] = [];
    const { rows } = await world.admin.query(
      `select distinct staged_id from wavegate.samples where run_id = '${runId}'`,
    );
    for (const { staged_id } of rows) shown.push((await get("amina", `row=${staged_id}`)).body);
    const all = shown
      .join("\n")
      .replaceAll(/<script src="\/assets\/keys-[0-9a-f]{12}\.js" defer>/gu, "");
    expect(all).not.toContain("<script");
    expect(all).not.toContain("<img");
    expect(all).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x");
  });

  it("M14 shows whole rows to reviewers, masked ones to others, who judge nothing", async () => {
    const { rows } = await world.admin.query(
      `select distinct staged_id from wavegate.samples where run_id = '${runId}' order by 1 limit 1`,
    );
    const where = `row=${rows[0].staged_id}`;
    const whole = (await get("amina", where)).body;
    for (const shown of ["Benali Sara", "213559446168", "a remark"]) expect(whole).toContain(shown);
    expect(whole).toContain(
      "What a wave would write of it, as a new row of legacy_completed_trainings",
    );
    expect(whole).toMatch(/<code>full_name<\/code><\/th><td[^>]*><bdi>Benali Sara<\/bdi><\/td>/u);
    // Every column, beside what the legacy row had of it.
    const [table = ""] = /<caption>What a wave would.*?<\/table>/su.exec(whole) ?? [];
    const action = ecoin.entity.actions.create_legacy_completed_training;
    const columns = [...table.matchAll(/scope="row"><code>(.*?)<\/code>/gu)].map(
      ([, name]) => name,
    );
    expect(columns.sort()).toEqual(Object.keys(action?.values ?? {}).sort());
    expect(table).toContain(">In the legacy row</th>");
    expect(table).toContain('<bdi>Benali Sara</bdi> <code class="soft">nom</code><br>');
    // Also of what is staged under another name, and of what a reference is; what no legacy column tells is left blank.
    for (const from of ["telephone", "email", "formation_id"])
      expect(table).toContain(`<code class="soft">${from}</code>`);
    expect(table).toMatch(
      /<code>classification<\/code><\/th><td[^>]*>.*?<\/td><td data-label="In the legacy row" class="absent">/u,
    );
    const all = (await get("vera", where)).body;
    const masked = all.slice(0, all.indexOf("<footer>"));
    expect(masked).toContain("B. S.");
    expect(masked).toContain("213•••••••68");
    expect(masked).toContain("What a wave would write of it");
    expect(masked).not.toContain("In the legacy row");
    expect(masked).not.toMatch(/Benali|213559446168|sara\.benali|a remark|<form/);
  });

  it("W8 the starter sees why somebody else judges, and the script is ours alone", async () => {
    const answer = await get("karim");
    expect(answer.body).toContain("You started this run, so somebody else judges its samples.");
    expect(answer.body).not.toContain('data-key="r"');
    expect(answer.headers["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
  });

  it("R5 speaks French to who prefers it", async () => {
    const answer = await pages({
      rawPath: path,
      headers: { "accept-language": "fr-DZ,fr;q=0.9" },
      requestContext: asks("amina", "GET"),
    });
    expect(answer.body).toContain("0 sur 3 jugées");
    expect(answer.body).not.toMatch(/Next unjudged|not judged|Birth date/);
  });
});
