import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { completed, reference, review, runId, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";

const hostile = `<script>alert(1)</script>"'><img src=x>`;
const index = `/admin/legacy-imports/runs/${reference}/mappings`;
const path = `${index}/course`;

let world: World;
let pages: ReturnType<typeof createConsole>;

beforeEach(async () => {
  world = await startWorld();
  await stageRun(world.admin, [
    ...completed(2),
    { legacyId: 60, course: 6, session: null, sessionType: "none" },
    { legacyId: 61, course: 8, session: null, sessionType: "none" },
    { legacyId: 62, course: 8, session: null, sessionType: "none" },
  ]);
  await world.admin.query(
    `insert into wavegate.legacy_course_mappings
       (run_id, legacy_formation_id, legacy_name, course_id, confidence, status)
     values ($1, 8, 'Comptabilité Générales', 5, 0.71, 'needs_review'), ($1, 9, $2, 12, 0.55, 'needs_review')`,
    [runId, hostile],
  );
  await review(world);
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  pages = createConsole({ services: world.services, key: Buffer.alloc(32, 7) });
});
afterEach(() => world.close());

const asks = (person: string, method: string) => ({
  http: { method },
  authorizer: { jwt: { claims: { "cognito:username": person } } },
});

const get = (rawPath: string, rawQueryString = "", person = "amina") =>
  pages({ rawPath, rawQueryString, headers: {}, requestContext: asks(person, "GET") });

async function post(fields: Record<string, string>, person = "amina", to = path) {
  const { body } = await get(to, "all=1", person);
  const form = body.slice(body.indexOf('class="say"'));
  const [, csrf = ""] = /name="csrf" value="([^"]+)"/u.exec(form) ?? [];
  return pages({
    rawPath: to,
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
    },
    requestContext: asks(person, "POST"),
    body: new URLSearchParams({ csrf, ...fields }).toString(),
  });
}

const courses = async () =>
  (
    await world.admin.query(
      `select legacy_formation_id::int as id, course_id::int as target, status, decided_by from wavegate.legacy_course_mappings where run_id = '${runId}' order by 1`,
    )
  ).rows;
const namesIn = (body: string) =>
  [
    ...body.matchAll(
      /<th scope="row"><bdi>(.*?)<\/bdi><br><span class="soft small"><bdi>id (\d+)/gu,
    ),
  ].map(([, , id]) => id);

it("R8 of what goes by code a person looks at the real ones that nobody settled", async () => {
  const listed = async () => namesIn((await get(path.replace("course", "session"))).body);
  await world.admin.query(
    `insert into wavegate.legacy_session_mappings (run_id, legacy_session_id, code, parent_id, session_type, status)
     values ($1, 8, 'D-2020', 5, 'real_session', 'needs_review')`,
    [runId],
  );
  expect(await listed()).toEqual(["8"]);
  await world.admin.query(
    "update wavegate.legacy_session_mappings set status = 'confirmed' where run_id = $1 and legacy_session_id = 8",
    [runId],
  );
  expect(await listed()).toEqual([]);
});

it("R8 says which decisions were carried over from which run, in the list, on its page and on the sign-off's", async () => {
  await world.admin.query(
    `update wavegate.legacy_course_mappings set status = 'confirmed', course_id = 12, decided_by = 'lina',
       decided_at = '2026-11-01T10:00:00.123456Z' where run_id = '${runId}' and legacy_formation_id in (8, 9)`,
  );
  // The second was decided anew since.
  const decisions = [8, 9].map((id) => ({
    ...{ id, confirmed: true, target: 12, by: "lina", run: "ecoin-20261101-aaaa" },
    at: `2026-11-01T10:00:00.12345${id === 8 ? 6 : 5}Z`,
  }));
  await world.admin.query(
    `select wavegate.append_entry('${runId}', 'wavegate', 'mappings-carried', null, $1, wavegate.moment())`,
    [JSON.stringify({ table: "legacy_course_mappings", decisions })],
  );
  const { body } = await get(path, "all=1");
  expect(body).toContain(
    "1 was decided in an earlier run and is carried over; it can be decided anew.",
  );
  expect(body.match(/carried over from ecoin-20261101-aaaa, 2026-11-01/gu)).toHaveLength(1);
  expect((await get(index)).body).toContain("1 carried over");
  const { rows } = await world.admin.query(
    `select id from wavegate.sign_offs where run_id = '${runId}'`,
  );
  const asked = await get(`/sign-off/by-id/${rows[0].id}`);
  expect(asked.body).toMatch(
    /carried over; what you sign covers it:.*\/course\?all=1">[Cc]ourse \(1\)/su,
  );
});

describe("settling mappings", () => {
  it("R8 lists what needs a look by how many rows hang on it, with suggestion and score", async () => {
    const { body } = await get(path);
    expect(namesIn(body)).toEqual(["8", "6", "9"]);
    expect(body).toContain("3 to look at");
    expect(body).toContain("71 %");
    expect(body).toContain("nothing suggested");
    expect(namesIn((await get(path, "all=1")).body)).toEqual(["5", "8", "6", "9"]);
  });

  it("R8 W7 says which sign-offs a decision voids, keeps it, and withdraws what is asked", async () => {
    expect((await get(path)).body).toContain("the first wave</a>: pending");
    const kept = await post({ id: "8", say: "confirm", shown: "5" });
    expect(kept).toMatchObject({ statusCode: 303, headers: { location: path } });
    expect((await courses())[2]).toEqual({
      id: 8,
      target: 5,
      status: "confirmed",
      decided_by: "amina",
    });
    const told = await world.admin.query(
      `select actor from wavegate.audit_log where run_id = '${runId}' and action = 'mappings-decided'`,
    );
    expect(told.rows).toEqual([{ actor: "amina" }]);
  });

  it("R8 whoever decided goes on where they were in the list, which is the next one", async () => {
    const { body } = await get(path, "all=1");
    expect(body).toContain(
      '<input type="hidden" name="line" value="1"><input type="hidden" name="all" value="1">',
    );
    expect(body).toContain('<tr id="line-1">');
    const whereAfter = async (fields: Record<string, string>) =>
      (await post({ id: "8", say: "reject", ...fields })).headers.location;
    expect(await whereAfter({ line: "1", all: "1" })).toBe(`${path}?all=1#line-1`);
    expect(await whereAfter({ line: "19", from: "40" })).toBe(`${path}?from=40#line-19`);
    expect(await whereAfter({ line: "x", from: "//evil", all: "yes" })).toBe(path);
  });

  it("R8 a long list leads on and back by one page, with what was searched and which of them are shown", async () => {
    await world.admin.query(
      `insert into wavegate.legacy_course_mappings (run_id, legacy_formation_id, legacy_name, status)
       select '${runId}', id, 'Course ' || id, 'unmapped' from generate_series(1000, 1049) id`,
    );
    const ways = async (query: string) => {
      const { body } = await get(path, query);
      const [, nav = ""] = /<nav aria-label="Pages of the list">(.*?)<\/nav>/u.exec(body) ?? [];
      return [...nav.replaceAll("&amp;", "&").matchAll(/href="([^"]+)">([^<]+)/gu)].map(
        ([, to = "", says]) => `${says} ${to.slice(path.length)}`,
      );
    };
    expect(await ways("all=1")).toEqual(["Next ones ?all=1&from=20"]);
    expect(await ways("all=1&find=photo&from=20")).toEqual([
      "First ones ?all=1&find=photo",
      "Previous ones ?all=1&find=photo",
      "Next ones ?all=1&find=photo&from=40",
    ]);
    expect(await ways("from=40")).toEqual(["First ones ", "Previous ones ?from=20"]);
    await world.admin.query(
      `delete from wavegate.legacy_course_mappings where run_id = '${runId}' and legacy_formation_id >= 1000`,
    );
  });

  it("R8 of what nothing is suggested for nothing is alike", async () => {
    const scores = async () =>
      [...(await get(path, "all=1")).body.matchAll(/data-label="Alike">([^<]*)</gu)].map(
        ([, score]) => score,
      );
    const before = await scores();
    await world.admin.query(
      `update wavegate.legacy_course_mappings set course_id = null, confidence = 0 where run_id = '${runId}' and legacy_formation_id = 8`,
    );
    expect(before).toContain("71 %");
    expect(await scores()).toEqual(before.map((each) => (each === "71 %" ? "–" : each)));
  });

  it("R8 confirms what was seen, never what is suggested since", async () => {
    await world.admin.query(
      `update wavegate.legacy_course_mappings set course_id = 11 where run_id = '${runId}' and legacy_formation_id = 8`,
    );
    await post({ id: "8", say: "confirm", shown: "5" });
    expect((await courses())[2]).toMatchObject({ target: 5, status: "confirmed" });
    // Of several that are as near none is meant by pressing a button.
    const asked = await post({ id: "9", say: "confirm", shown: "12" });
    expect(asked.body).toContain("is equally near to");
    // What to do is said for who reads a page, and the way back is there.
    expect(asked.body).toContain("say which is meant by its id, in the console beside it");
    expect(asked.body).toContain(`<a href="${path}">`);
    expect((await courses())[3]).toMatchObject({ target: 12, status: "needs_review" });
  });

  it("R8 W8 undoes nothing that somebody else decided since the page was opened; what is looked at again is decided anew", async () => {
    const seenOf = async () =>
      /name="id" value="8"><input type="hidden" name="seen" value="([^"]*)"/u.exec(
        (await get(path, "all=1", "brahim")).body,
      )?.[1] ?? "nothing";
    const old = await seenOf();
    await post({ id: "8", say: "reject", seen: old });
    const rejected = (await courses())[2];
    expect(rejected).toMatchObject({ status: "rejected", decided_by: "amina" });
    const says: readonly Record<string, string>[] = [
      { say: "confirm", shown: "5" },
      { say: "other", target: "11" },
      { say: "reject" },
    ];
    for (const say of says) {
      const late = await post({ id: "8", seen: old, ...say }, "brahim");
      expect(late.statusCode).toBe(409);
      expect(late.body).toContain("8 was rejected by amina. Nothing was written; look at it again");
    }
    expect((await courses())[2]).toEqual(rejected);
    const looked = { id: "8", say: "other", target: "11", seen: await seenOf() };
    await post(looked, "brahim");
    expect((await courses())[2]).toMatchObject({ target: 11, decided_by: "brahim" });
    // The same person's other target is another decision as well.
    const eleven = await seenOf();
    await post({ id: "8", say: "other", target: "12", seen: eleven }, "brahim");
    const late = await post({ id: "8", say: "reject", seen: eleven });
    expect([late.statusCode, (await courses())[2]?.target]).toEqual([409, 12]);
    await post({ id: "8", say: "reject", seen: await seenOf() });
    expect((await courses())[2]).toMatchObject({ status: "rejected", decided_by: "amina" });
    await post({ id: "8", say: "other", target: "11", seen: await seenOf() }, "brahim");
    // In another window of one's own, what one said last is meant.
    await post({ id: "8", say: "reject", seen: old }, "brahim");
    expect((await courses())[2]).toMatchObject({ status: "rejected", decided_by: "brahim" });
  });

  it("R8 rejects one, names another id, and leaves the rest as they are", async () => {
    await post({ id: "8", say: "reject" });
    await post({ id: "6", say: "other", target: "11" });
    expect(await courses()).toEqual([
      { id: 5, target: 11, status: "mapped", decided_by: null },
      { id: 6, target: 11, status: "confirmed", decided_by: "amina" },
      { id: 8, target: null, status: "rejected", decided_by: "amina" },
      { id: 9, target: 12, status: "needs_review", decided_by: null },
    ]);
  });

  it("R8 M14 offers what the platform has by its label to who may decide, and takes a label that one thing alone has", async () => {
    await world.admin.query(
      "insert into courses (id, name) values (901, 'Broderie Fine'), (902, 'Dessin'), (903, 'dessin '), (904, '77')",
    );
    const { body } = await get(path);
    expect(body).toContain('<option value="Broderie Fine"></option>');
    expect(body).toContain('<option value="902" label="Dessin">');
    expect(body).toContain('<option value="904" label="77">');
    expect(body).not.toContain('name="find"');
    const found = await get(path, "find=BROD");
    expect(found.body.match(/<option/gu)).toHaveLength(1);
    expect(found.body).toContain("1 found, and offered in the lines below.");
    expect((await get(path, "", "vera")).body).not.toContain("<option");
    await post({ id: "6", say: "other", target: " broderie fine" });
    await post({ id: "8", say: "other", target: "904" });
    expect((await courses()).slice(1, 3)).toMatchObject([{ target: 901 }, { target: 904 }]);
    const several = await post({ id: "9", say: "other", target: "Dessin" });
    expect(several.statusCode).toBe(400);
    expect(several.body).toContain("902, 903");
    expect((await post({ id: "9", say: "other", target: "77" })).statusCode).toBe(409);
  });

  it("R8 of more things than a page offers some are searched for", async () => {
    await world.admin.query(
      "insert into courses (id, name) select 1000 + n, 'Cours ' || n from generate_series(1, 600) n",
    );
    const { body } = await get(path);
    expect(body.match(/<option/gu)).toHaveLength(500);
    expect(body).toContain('type="search" id="find" name="find"');
    expect((await get(path, "find=cours%2060")).body.match(/<option/gu)).toHaveLength(2);
  });

  it("W14 R8 of a table in which people are looked for no names are listed, nor taken for one of them", async () => {
    await world.admin.query("insert into courses (id, name) values (901, 'Broderie Fine')");
    await world.admin.query(
      "insert into wavegate.match_people (run_id, target_table, target_id, name_folded, name_key) values ($1, 'courses', 901, 'broderie fine', 'broderie fine')",
      [runId],
    );
    expect((await get(path, "find=brod")).body).not.toContain("<option");
    const named = await post({ id: "6", say: "other", target: "broderie fine" });
    expect(named.statusCode).toBe(400);
    await post({ id: "6", say: "other", target: "901" });
    expect((await courses())[1]).toMatchObject({ target: 901, status: "confirmed" });
    await world.admin.query("delete from wavegate.match_people where target_table = 'courses'");
  });

  it("W14 R8 nor before anybody was looked for there, nor where nobody was found", async () => {
    await world.admin.query("insert into courses (id, name) values (901, 'Broderie Fine')");
    const [{ definition }] = (
      await world.admin.query("select definition from wavegate.legacy_import_runs where id = $1", [
        runId,
      ])
    ).rows;
    const [people] = definition.entity.match.against;
    definition.entity.match.against.push({ ...people, table: "courses" });
    await world.admin.query(
      "update wavegate.legacy_import_runs set definition = $2 where id = $1",
      [runId, definition],
    );
    expect((await get(path, "find=brod")).body).not.toContain("<option");
    const named = await post({ id: "6", say: "other", target: "broderie fine" });
    expect(named.statusCode).toBe(400);
  });

  it("R8 many at once only where the name is the very same", async () => {
    const { body } = await get(path);
    expect(body).toContain("1 has the very name of one thing on the platform.");
    expect(await post({ say: "exact" })).toMatchObject({ statusCode: 303 });
    expect((await courses()).map(({ status }) => status)).toEqual([
      "confirmed",
      "unmapped",
      "needs_review",
      "needs_review",
    ]);
    expect((await get(path)).body).not.toContain('value="exact"');
    expect(await post({ say: "exact" })).toMatchObject({ statusCode: 422 });
  });

  it("R8 refuses what the platform does not have, what is no id, and no decision at all", async () => {
    const before = await courses();
    for (const [fields, status] of [
      [{ id: "6", say: "other", target: "999999" }, 409],
      [{ id: "6", say: "other", target: "1 or 1=1" }, 400],
      [{ id: "x", say: "reject" }, 400],
      [{ id: "6", say: "confirm", shown: "" }, 422],
      [{ id: "6" }, 422],
    ] as const) {
      expect((await post(fields)).statusCode).toBe(status);
    }
    expect(await courses()).toEqual(before);
  });

  it("M14 who only looks sees no form and decides nothing", async () => {
    const { body } = await get(path, "", "vera");
    expect(namesIn(body)).toEqual(["8", "6", "9"]);
    expect(body.slice(0, body.indexOf("<footer>"))).not.toContain("<form");
    expect((await post({ id: "8", say: "reject" }, "vera")).statusCode).toBe(403);
  });

  it("W8 shows a hostile label as text", async () => {
    const all = (await get(path)).body.replaceAll(
      /<script src="\/assets\/keys-[0-9a-f]{12}\.js" defer>/gu,
      "",
    );
    expect(all).not.toMatch(/<script|<img/);
    expect(all).toContain("&lt;script&gt;alert(1)");
  });

  it("R8 D2 lists every reference of the definition, and unlisted statuses with their rows", async () => {
    const { body } = await get(index);
    expect(body).toContain(`href="${path}"`);
    expect(body).toContain(`href="${index}/session"`);
    expect(body).toMatch(
      /<bdi>Formee \?<\/bdi><\/th>\s*<td[^>]*><bdi>Formée<\/bdi><\/td><td class="number"[^>]*>2</u,
    );
    expect(body).toContain(
      "<code>is(&quot;raw_status&quot;, &quot;Formée&quot;, &quot;Formee ?&quot;)</code>",
    );
    expect(body).toContain("Rarer ones besides: 3, in rows: 4. “wavegate check” lists them,");
    expect((await get(`${index}/session`, "all=1")).statusCode).toBe(200);
    expect((await get(`${index}/toString`)).statusCode).toBe(409);
    const french = await pages({
      rawPath: path,
      headers: { "accept-language": "fr" },
      requestContext: asks("amina", "GET"),
    });
    expect(french.body).toContain("Confirmer");
    expect(french.body).not.toMatch(/Confirm |to look at|Your decision/);
  });
});
