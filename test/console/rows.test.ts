import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { storedPin } from "../../lib/compile/pin/pin.ts";
import { createConsole } from "../../lib/console/app.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { reference, review, runId, type Staged, stageRun } from "../review/fixture.ts";
import { startWorld, type World } from "../review/support.ts";
import { event } from "./event.ts";

const base = "/admin/legacy-imports/runs";
const rows = `${base}/${reference}/rows`;
const hostile = `<script>alert(1)</script>"'><img src=x>`;
const staged: Staged[] = [
  { legacyId: 1, name: "Benali Sara" },
  { legacyId: 2, name: hostile, remark: hostile, phone: "213661123456", email: "x@example.com" },
  { legacyId: 3, name: "Haddad Élodie", phone: null, email: "elodie@example.com", course: 6 },
  ...Array.from({ length: 60 }, (_, index) => ({
    legacyId: 100 + index,
    name: `Ziani Nour${index}`,
  })),
];

let world: World;
let pages: ReturnType<typeof createConsole>;
const ids: Record<number, number> = {};

beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, staged);
  await review(world);
  pages = createConsole({
    services: world.services,
    key: Buffer.alloc(32, 7),
    log: { info: () => {}, error: () => {} },
  });
  const found = await world.admin.query(
    `select id, legacy_id from wavegate.legacy_student_imports where run_id = '${runId}'`,
  );
  for (const { id, legacy_id } of found.rows) ids[legacy_id] = Number(id);
  await world.admin.query(
    `update wavegate.legacy_student_imports_decisions set import_state = 'held', planned = 'hold',
       planned_reason = 'course_unmapped' where staged_id in ($1, $2)`,
    [ids[2], ids[3]],
  );
  await world.admin.query(
    `update wavegate.legacy_student_imports_source set name_folded = 'sara benali', name_key = 'benali sara' where id = $1`,
    [ids[1]],
  );
  await world.admin.query(
    `insert into wavegate.match_people (run_id, target_table, target_id, name_folded, name_key, phone, email, birth_date)
     values ($1, 'users', 71, 'benali sara', 'benali sara', '213559446168', 'other@example.com', null)`,
    [runId],
  );
  await world.admin.query(
    `insert into wavegate.duplicate_hints (run_id, staged_id, target_table, target_id, level, rule)
     values ($1, $2, 'users', 71, 'high', 'same_phone')`,
    [runId, ids[1]],
  );
});
afterAll(() => world.close());

const send = (method: string, path: string, person: string, form?: Record<string, string>) =>
  pages(event(method, path, person, form && new URLSearchParams(form).toString()));
const look = async (path: string, person = "vera") => {
  const { statusCode, body } = await send("GET", path, person);
  expect(statusCode).toBe(200);
  return body;
};
const clear =
  /Benali|Sara\b|Élodie|Ziani|213559446168|213661123456|elodie@|x@example|alert\(1\)|a remark/u;

describe("B2 the rows of a run", () => {
  it("D20 W8 are masked for whoever looks, reviewers too, anywhere in the page", async () => {
    for (const person of ["vera", "karim"]) {
      const body = await look(rows, person);
      expect(body).not.toMatch(clear);
      expect(body).toContain("<bdi>B. S.</bdi>");
      expect(body).toContain("213•••••••68");
    }
  });

  it("B2 say in one sentence what would happen to each, and never what was only advised", async () => {
    const body = await look(`${rows}?import_state=held`);
    expect(body).toContain("It is held for a person, and nothing is written:");
    expect(body).not.toContain("A wave would write it");
    expect(await look(rows)).toContain(
      "A wave would write it to the platform as a new row: a completed training of the legacy platform.",
    );
  });

  it("B4 a reason that no definition lists any more is said by its name, and the list is narrowed by it", async () => {
    const set = (reason: string) =>
      world.admin.query(
        "update wavegate.legacy_student_imports_decisions set planned_reason = $2 where staged_id = $1",
        [ids[3], reason],
      );
    await set("of_an_older_version");
    const held = await look(`${base}/${reference}/held`);
    const body = await look(`${rows}?reason=of_an_older_version`);
    await set("course_unmapped");
    const says = "All that is kept of the reason is its name, “of_an_older_version”.";
    expect(held).toContain(
      `rows?reason=of_an_older_version&amp;import_state=held"><bdi>${says}</bdi></a>`,
    );
    expect(body.match(/<th scope="row"/gu)).toHaveLength(1);
    expect(body).toContain(`nothing is written: ${says}`);
    expect(body).toContain('<option value="of_an_older_version" selected>');
  });

  it("B2 follow each other by key, and are narrowed by every state", async () => {
    const first = await look(rows);
    const [, next = ""] = /href="[^"]+\?after=(\d+)"/u.exec(first) ?? [];
    expect(next).not.toBe("");
    const second = await look(`${rows}?after=${next}`);
    expect(second).toContain("First rows");
    expect(
      [...`${first}${second}`.matchAll(/rows\/(\d+)[?"]/gu)].map(([, id]) => Number(id)),
    ).toEqual(Object.values(ids).sort((one, other) => one - other));
    expect((await look(`${rows}?import_state=held`)).match(/rows\/\d+[?"]/gu)).toHaveLength(2);
    expect((await look(`${rows}?import_state=%27or%201=1`)).match(/rows\/\d+[?"]/gu)).toHaveLength(
      50,
    );
  });

  it.each([
    ["stagiaires:3", () => ids[3]],
    [" stagiaires:3 ", () => ids[3]],
    ["stagiaires 3", () => ids[3]],
  ])("B2 opens the row that %s names", async (named, id) => {
    const answer = await send("GET", `${rows}?row=${encodeURIComponent(named)}`, "vera");
    expect(answer).toMatchObject({
      statusCode: 303,
      headers: { location: `${rows}/${id()}` },
    });
  });

  it.each(["stagiaires:99999", "nothing:1", "x", "stagiaires:1;drop", "99999999"])(
    "W13 says of %s that there is no such row",
    async (named) => {
      const answer = await send("GET", `${rows}?row=${encodeURIComponent(named)}`, "vera");
      expect([200, 303]).toContain(answer.statusCode);
      if (answer.statusCode === 303) {
        const { statusCode, body } = await send("GET", answer.headers.location ?? "", "vera");
        expect(statusCode).toBe(404);
        expect(body).toContain("<h1>There is no such row</h1>");
        expect(body).toContain(`<a href="${rows}">Back to the page</a>`);
        return;
      }
      // Beside the field, which has what was looked for, above the list as it was.
      expect(answer.body).toContain(
        `value="${named}" aria-invalid="true" aria-describedby="no-row"`,
      );
      expect(answer.body).toMatch(/id="no-row">ecoin-\S+ has no such row\./u);
      expect(answer.body).toContain('<tr id="row-');
    },
  );

  it("W13 of a database that does not answer it says that, and not that there is no such row", async () => {
    const { sign } = world.services;
    const asleep = async () => {
      throw Object.assign(new Error("asleep"), { name: "DatabaseResumingException" });
    };
    const waking = createConsole({
      services: { ...world.services, sign: { ...sign, transaction: asleep } },
      key: Buffer.alloc(32, 7),
      log: { info: () => {}, error: () => {} },
    });
    const answer = await waking(event("GET", `${rows}?row=stagiaires:3`, "vera"));
    expect(answer.statusCode).toBe(503);
  });
});

describe("W14 somebody is looked for", () => {
  const token = async () => {
    const body = await look(rows, "karim");
    return (
      new RegExp(
        `action="${rows}" class="filter"><input type="hidden" name="csrf" value="([^"]+)"`,
        "u",
      ).exec(body)?.[1] ?? ""
    );
  };
  const found = async (by: string, value: string) => {
    const answer = await send("POST", rows, "karim", { csrf: await token(), by, value });
    return {
      status: answer.statusCode,
      body: answer.body.slice(0, answer.body.indexOf("<footer>")),
    };
  };

  it.each([
    ["phone", "0661 12 34 56", 2],
    ["phone", "+213661123456", 2],
    ["email", " Elodie@Example.com", 3],
  ])("B2 by a whole %s (%s), however it is written", async (by, value, legacyId) => {
    const { status, body } = await found(by, value);
    expect(status).toBe(200);
    expect(body).toContain("1 found");
    expect(body).toContain(`${rows}/${ids[legacyId]}"`);
    expect(body).not.toMatch(clear);
  });

  it.each([
    ["phone", "0661"],
    ["phone", "66112345"],
    ["email", "elodie@"],
    ["email", "%"],
  ])("W14 never by a part of a %s (%s)", async (by, value) => {
    const { status, body } = await found(by, value);
    expect(body).not.toContain(`${rows}/${ids[2]}"`);
    expect(body).not.toContain(`${rows}/${ids[3]}"`);
    expect([200, 400]).toContain(status);
  });

  it("W12 by what is no whole number or address nothing is looked for, nor told as a search", async () => {
    const searched = async () =>
      (
        await world.admin.query(
          `select count(*)::int as n from wavegate.audit_log where run_id = '${runId}' and action = 'rows-searched'`,
        )
      ).rows[0].n;
    const before = await searched();
    for (const [by, value] of [
      ["phone", "0661"],
      ["email", "elodie@"],
    ] as const) {
      const { status, body } = await found(by, value);
      expect([status, body]).toEqual([400, expect.stringContaining("Nothing was looked for.")]);
    }
    expect(await searched()).toBe(before);
  });

  it("W12 leaves an entry with who, by what, and a digest instead of the value", async () => {
    await found("email", "elodie@example.com");
    const [entry] = (
      await world.admin.query(
        `select actor, details from wavegate.audit_log where run_id = '${runId}' and action = 'rows-searched' order by seq desc limit 1`,
      )
    ).rows;
    expect(entry).toEqual({
      actor: "karim",
      details: { by: "email", digest: expect.stringMatching(/^[\w-]{43}$/u) },
    });
    expect(JSON.stringify(entry)).not.toMatch(clear);
  });

  it("M14 is offered to reviewers alone", async () => {
    expect(await look(rows)).not.toContain("Look for a person");
    expect(await look(rows, "karim")).toContain("Look for a person");
  });
});

describe("B3 one row", () => {
  it("M14 shows what it holds to reviewers, raw beside compared, and to others only how it was judged", async () => {
    const whole = await look(`${rows}/${ids[1]}`, "karim");
    for (const shown of ["Benali Sara", "213559446168", "a remark", "As it came"]) {
      expect(whole).toContain(shown);
    }
    const masked = await look(`${rows}/${ids[1]}`);
    expect(masked).not.toMatch(clear);
    expect(masked).toContain(
      "Values are whole for those with the permission legacy_imports.review.",
    );
  });

  it("W8 shows a hostile name and remark as text", async () => {
    const body = await look(`${rows}/${ids[2]}`, "karim");
    expect(body).not.toMatch(/<script>alert|<img src/u);
    expect(body).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });

  it("B3 holds the row against the platform's record: what agrees, what differs, what is not said", async () => {
    const body = await look(`${rows}/${ids[1]}`, "karim");
    const alike = (page: string) =>
      page.slice(page.indexOf('id="alike"'), page.indexOf('id="rules"'));
    const table = alike(body);
    expect(table).toContain("users 71: high");
    const said = (what: string) =>
      new RegExp(`<th scope="row">${what}</th><td[^>]*>.*?</svg> (\\w[\\w ]*)</td>`, "su").exec(
        table,
      )?.[1];
    expect([said("Name"), said("Phone"), said("E-mail"), said("Birth date")]).toEqual([
      "agrees",
      "agrees",
      "differs",
      "not said",
    ]);
    expect(table).toContain("other@example.com");
    // Of several numbers of either any one may be what they share.
    await world.admin.query("set session_replication_role = replica");
    const have = (own: string, theirs: string) =>
      world.admin.query(
        `update wavegate.legacy_student_imports_source set phone_normalized = '213770000001', phone_alternates = '${own}' where id = ${ids[1]};
         update wavegate.match_people set phone = '213770000002', phone_alternates = '${theirs}' where run_id = '${runId}' and target_id = 71`,
      );
    const phones = async () =>
      /<th scope="row">Phone<\/th><td[^>]*>.*?<\/svg> (\w+)<\/td><td[^>]*>(.*?)<\/td><td[^>]*>(.*?)<\/td>/su
        .exec(alike(await look(`${rows}/${ids[1]}`, "karim")))
        ?.slice(1)
        .map((each) => each.replaceAll(/<[^>]*>/gu, ""));
    await have('["213559446168"]', "{213559446168}");
    const both = ["213770000001, 213559446168", "213770000002, 213559446168"];
    expect(await phones()).toEqual(["agrees", ...both]);
    await have("null", "{213559446168}");
    expect(await phones()).toEqual(["differs", "213770000001", both[1]]);
    await world.admin.query("reset session_replication_role");
    const masked = await look(`${rows}/${ids[1]}`);
    expect(masked).toContain("users 71: high");
    expect(masked).not.toContain("other@example.com");
  });

  it("B3 names every rule that holds, with which decided and what it looked at", async () => {
    const body = await look(`${rows}/${ids[3]}`);
    expect(body).toContain("decided</span>");
    expect(body).toContain("rules that do not apply");
    // A line that comes behind the one that decided is not called as a row that is held is.
    expect(body).toContain('<span class="mark">applies too</span>');
    expect(body).not.toMatch(/class="mark">holds</u);
  });
});

describe("B4 held rows", () => {
  it("B4 stand by reason, the most first, with the first of them and what most share", async () => {
    const body = await look(`${base}/${reference}/held`);
    expect(body).toContain('<td class="number" data-label="Rows">2</td>');
    expect(body).toContain(`${rows}/${ids[2]}?`);
    expect(body).not.toMatch(clear);
  });

  it("M14 B4 share a word, or its shape where columns have moved and it is about somebody", async () => {
    const held = async (status: string) => {
      await world.admin.query(
        `with held as (
           update wavegate.legacy_student_imports_decisions set import_state = 'held', planned = 'hold',
             planned_reason = 'needs_review' where staged_id in ($1, $2, $3) returning staged_id)
         update wavegate.legacy_student_imports_source set raw_status = $4, legacy_formation_id = id, legacy_session_id = id
          where id in (select staged_id from held)`,
        [ids[100], ids[101], ids[102], status],
      );
      return look(`${base}/${reference}/held`);
    };
    expect(await held("en attente")).toContain("en attente");
    const shapes = [
      ["0559446168", "9999999999"],
      ["sara.benali@example.com", "aaaa.aaaaaa@aaaaaaa.aaa"],
      ["01/05/1987", "99/99/9999"],
    ] as const;
    for (const [moved, shape] of shapes) {
      const body = await held(moved);
      expect(body).toContain(shape);
      expect(body).not.toContain(moved);
    }
    // A reason is the way to all of its rows, and what they share to where that is decided.
    await world.admin.query(
      "update wavegate.legacy_student_imports_source set raw_status = id::text, legacy_formation_id = 5 where id in ($1, $2, $3)",
      [ids[100], ids[101], ids[102]],
    );
    const body = await look(`${base}/${reference}/held`);
    expect(body).toContain(`<a href="${rows}?reason=needs_review&amp;import_state=held">`);
    // Of the same reason may be rows that are not held.
    const listed = await look(`${rows}?reason=needs_review&import_state=held`);
    expect(listed.match(/rows\/\d+[?"]/gu)).toHaveLength(3);
    const [, mapping = ""] = /<a href="([^"]+)"><bdi>3 name the same/u.exec(body) ?? [];
    expect(mapping).toBe(`${base}/${reference}/mappings/course`);
    expect(await look(mapping)).toContain("<h1>");
    // One that no definition knows is a filter as well.
    expect(body).toContain(`<a href="${rows}?reason=course_unmapped&amp;import_state=held">`);
    await world.admin.query(
      `update wavegate.legacy_student_imports_decisions set import_state = 'pending', planned = 'commit',
         planned_reason = null where staged_id in ($1, $2, $3)`,
      [ids[100], ids[101], ids[102]],
    );
  });

  it("B4 of thousands of reasons those with the most rows are listed, and it is said", async () => {
    await world.admin.query(
      `insert into wavegate.legacy_student_imports_decisions (run_id, staged_id, import_state, state_reason)
       select $1, 9000000 + n, 'held', 'odd_' || (case when n > 49990 then 1 else n end) from generate_series(1, 50000) n`,
      [runId],
    );
    const body = await look(`${base}/${reference}/held`);
    expect(body).toContain("Listed are the 100 reasons with the most rows.");
    expect(body.match(/<th scope="row">/gu)).toHaveLength(100);
    expect(body).toMatch(/“odd_1”\.<\/bdi><\/a><\/th><td class="number" data-label="Rows">11</u);
    await world.admin.query(
      "delete from wavegate.legacy_student_imports_decisions where staged_id > 9000000",
    );
    expect(await look(`${base}/${reference}/held`)).not.toContain("Listed are the");
  });

  it("D20 B4 are downloaded masked, and run nothing in a spreadsheet", async () => {
    const { headers, body } = await send("GET", `${base}/${reference}/held/csv`, "vera");
    expect(headers).toMatchObject({
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${reference}-held.csv"`,
      "cache-control": "no-store",
    });
    expect(body.trim().split("\r\n")).toHaveLength(3);
    // Where it is opened by a spreadsheet letters of every script are what they are.
    expect(body.startsWith("\ufeffRow,")).toBe(true);
    expect(body).not.toMatch(clear);
  });
});

describe("D35 pages rest on what is stored with the run", () => {
  it.each([
    ["no definition", {}],
    [
      "one in words of another vocabulary",
      { version: 9, entity: [], references: null, samples: {} },
    ],
    [
      "one that was mended since",
      { ...ecoin, title: "Mended", entity: { ...ecoin.entity, fields: {}, plan: [] } },
    ],
  ])("B2 B3 B4 %s changes nothing of what they show", async (_what, definition) => {
    const shown = async () => {
      const found: string[] = [];
      for (const path of [
        rows,
        `${rows}?reason=course_unmapped`,
        `${rows}/${ids[1]}`,
        `${base}/${reference}/held`,
        `${base}/${reference}`,
      ]) {
        found.push(await look(path, "karim"));
      }
      return found;
    };
    const store = async (pin: unknown, as: unknown) => {
      await world.admin.query("alter table wavegate.legacy_import_runs disable trigger one_pin");
      await world.admin.query(
        `update wavegate.legacy_import_runs set pin = $1, definition = $2 where id = '${runId}'`,
        [JSON.stringify(pin), JSON.stringify(as)],
      );
      await world.admin.query("alter table wavegate.legacy_import_runs enable trigger one_pin");
    };
    await store(storedPin(ecoin), ecoin);
    const before = await shown();
    await store(storedPin(ecoin), definition);
    expect(await shown()).toEqual(before);
    expect(before[2]).toContain("<bdi>Benali Sara</bdi>");
    expect(before.at(-1)).toContain(ecoin.title);
    // A pin that is older than what pages show has it of the definition, and without it shows the rest.
    const pin = storedPin(ecoin);
    const parts = pin.look.parts.map(
      ({ part: _, fields, classifications, common, ...older }) => older,
    );
    await store({ ...pin, look: { ...pin.look, parts } }, ecoin);
    expect((await shown())[2]).toContain("<bdi>Benali Sara</bdi>");
    await store({ ...pin, look: { ...pin.look, parts } }, {});
    expect((await shown())[0]).toContain("B. S.");
  });
});
