import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkAround } from "../../lib/author/check/around.ts";
import { idFor } from "../../lib/author/check/key.ts";
import { checkTarget } from "../../lib/author/check/target.ts";
import { locate } from "../../lib/author/lines.ts";
import { targetTables } from "../../lib/author/target.ts";
import { ofItself } from "../../lib/cli/verbs/check.ts";
import {
  boolean,
  choice,
  constant,
  date,
  field,
  harmless,
  integer,
  list,
  orDefault,
  otherwise,
  refers,
  run,
  staged,
} from "../../lib/define/builders.ts";
import type { Entity, Field, Migration } from "../../lib/define/definition.ts";
import { partsOf, type WholeMigration } from "../../lib/define/several.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { entity, short } from "./ecoin-with.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

const ask = (sql: string) => test.query(sql);

describe("B5 check holds a definition against the platform", () => {
  it("finds nothing wrong with one that is right", async () => {
    expect(await checkTarget(ecoin, ask)).toEqual([]);
  });

  it("V11 a row's values as they were read go into a column of JSON, or into one of texts, and into no other", async () => {
    await test.query("alter table crm_leads add j jsonb, add t text, add b boolean");
    const { create_course_interest: lead } = ecoin.entity.actions;
    const into = async (column: string) =>
      short(
        await checkTarget(
          entity({
            actions: {
              ...ecoin.entity.actions,
              create_course_interest: {
                ...lead,
                values: { ...lead?.values, [column]: staged("raw_payload") },
              } as never,
            },
          }),
          ask,
        ),
      );
    const found = [await into("j"), await into("t"), await into("b")];
    await test.query("alter table crm_leads drop j, drop t, drop b");
    expect(found).toEqual([[], [], ["error target_type raw_payload"]]);
  });

  it("M7 people that the platform took for deleted, who are matched as others are", async () => {
    await test.query("alter table users add column deleted_at timestamptz");
    const { against } = ecoin.entity.match;
    const where = (of: Migration["entity"]["match"]["against"][number]["where"] = {}) =>
      entity({
        match: {
          ...ecoin.entity.match,
          against: against.map((each) => (each.table === "users" ? { ...each, where: of } : each)),
        },
      });
    const found = short(await checkTarget(ecoin, ask));
    await test.query("alter table courses add column deleted_at timestamptz");
    const course = ecoin.references.course as Migration["references"][string];
    const live = { ...course.platform, where: { deleted_at: { nothing: true } } };
    const referred = short(await checkTarget(where({ deleted_at: { nothing: true } }), ask));
    const left = short(
      await checkTarget(
        {
          ...where({ deleted_at: { nothing: true } }),
          references: {
            ...ecoin.references,
            course: { ...course, platform: live } as typeof course,
          },
        },
        ask,
      ),
    );
    await test.query("alter table courses drop column deleted_at");
    const told = await checkTarget(where({ deleted_at: { nothing: true } }), ask);
    const strange = await checkTarget(where({ deleted: { nothing: true } }), ask);
    await test.query("alter table users drop column deleted_at");
    expect(found).toEqual(["warning deleted_matched users"]);
    expect(referred).toEqual(["warning deleted_referred_to courses"]);
    expect(left).toEqual([]);
    expect(told).toEqual([]);
    expect(short(strange)).toContain("error target_column_missing deleted");
  });

  it("tables and columns that are missing, by name, with those that are there", async () => {
    const { create_course_interest: lead, ...others } = ecoin.entity.actions;
    const migration = {
      ...entity({
        actions: {
          ...others,
          create_course_interest: {
            ...(lead as Entity["actions"][string]),
            values: { ...lead?.values, nickname: staged("full_name") },
          },
        },
      }),
      guarded: ["users", "invoices"],
    };
    expect(short(await checkTarget(migration, ask))).toEqual([
      "error target_column_missing nickname",
      "error target_table_missing invoices",
    ]);
  });

  it("values of another type, words that a type does not hold, and columns that get none", async () => {
    await test.query(`
      create type seat as enum ('front', 'back');
      create table seats (id bigserial primary key, place seat not null, born date, rank int not null, note varchar(5), level int, grade int default 3)`);
    const migration = entity({
      fields: { ...ecoin.entity.fields, joined: date("created_at"), age: integer("niveau") },
      actions: {
        seat: {
          into: "seats",
          id: "id",
          values: {
            place: constant("middle"),
            born: staged("full_name"),
            note: staged("joined"),
            level: orDefault("age"),
            grade: orDefault("age"),
          },
          importedAs: "imported_seat_id",
          inverse: "delete_created",
        },
      },
    });
    const found = (await checkTarget(migration, ask)).filter(({ says }) => says.includes("seat"));
    expect(short(found)).toEqual([
      "error target_column_unfilled seat",
      "error target_no_default seat",
      "error target_type full_name",
      "error target_word middle",
    ]);
    expect(found[0]?.says).toContain("seats.rank");
    expect(found[1]?.says).toBe(
      "“seat” leaves seats.level to its default where the value is missing, and the platform has none: nothing would stand there.",
    );
    expect(found[2]?.says).toBe(
      "“seat” writes seats.born (date) from “full_name”, which is text: PostgreSQL does not take the one for the other.",
    );
  });
});

it("B12 a column that has to have a value and that a trigger may give is one to look at, and no error", async () => {
  await test.query(`
    create table tags (id bigserial primary key, note text, slug text not null, "Old No" text not null, rank int not null, mark text not null default 'm');
    create function tag_slug() returns trigger language plpgsql as $$ begin
      if new.rank > 7 then select max(note) into new."Old No" from tags; end if; new.slug := new.note; return new; end $$;
    create trigger slugs before insert on tags for each row execute function tag_slug();
    create trigger ranks before update on tags for each row execute function tag_slug()`);
  const action = {
    ...{ into: "tags", id: "id", values: { note: staged("full_name") } },
    ...{ importedAs: "imported_tag_id", inverse: "delete_created" as const },
  };
  const found = await checkTarget(entity({ actions: { tag: action } }), ask);
  expect(short(found)).toEqual([
    "warning target_column_triggered tag",
    "warning target_column_triggered tag",
    "error target_column_unfilled tag",
  ]);
  expect(found.map(({ says }) => says)).toEqual([
    "“tag” gives no value to tags.slug, which has to have one (text): unless the trigger “slugs” gives it, the platform refuses every row, and the first wave shows it.",
    "“tag” gives no value to tags.Old No, which has to have one (text): unless the trigger “slugs” gives it, the platform refuses every row, and the first wave shows it.",
    "“tag” gives no value to tags.rank, which has to have one (integer): the platform would refuse every row.",
  ]);
});

it("B12 a field that says what an empty cell means is never missing, and nobody is told to look whether it is", async () => {
  await test.query(
    "create table flags (id bigserial primary key, on_list boolean not null, kind text not null)",
  );
  const told = async (onList: Field, kind: Field) =>
    (
      await checkTarget(
        entity({
          fields: { ...ecoin.entity.fields, on_list: onList, kind },
          actions: {
            flag: {
              ...{
                into: "flags",
                id: "id",
                importedAs: "imported_flag_id",
                inverse: "delete_created",
              },
              values: { on_list: staged("on_list"), kind: staged("kind") },
            },
          },
        }),
        ask,
      )
    ).flatMap(({ id, about }) => (id === "target_not_null" ? [about] : []));
  const marks = { yes: ["x"], no: [""] };
  expect(await told(boolean("a", marks), choice("b", { "": "none", c: "some" }))).toEqual([]);
  expect(
    await told(boolean("a", marks), choice("b", { c: "some" }, { otherwise: "none" })),
  ).toEqual([]);
  expect(await told(boolean("a", { yes: ["x"], no: ["-"] }), choice("b", { c: "some" }))).toEqual([
    "on_list",
    "kind",
  ]);
  await test.query("drop table flags");
});

describe("B5 B12 check says what set-up, preflight and the platform would refuse", () => {
  const into = (
    action: Pick<Entity["actions"][string], "into" | "id" | "values">,
    more: Partial<Entity> = {},
  ) =>
    entity({
      fields: { ...ecoin.entity.fields, tier: choice("niveau", { a: "plain", b: "good" }) },
      actions: {
        card: { ...action, importedAs: "imported_card_id", inverse: "delete_created" as const },
      },
      ...more,
    });
  const says = async (migration: Migration) =>
    (await checkTarget(migration, ask))
      .filter(({ id }) => id !== "target_not_null")
      .map(({ id, says }) => `${id}: ${says}`);
  beforeAll(() =>
    test.query(`
      create type "card Tier" as enum ('plain', 'good');
      create domain rank as smallint; create domain high_rank as rank; create domain top_rank as high_rank;
      create schema "Far away"; create table "Far away".vaults (id int primary key);
      create table kept_doors (id bigserial primary key, status text); create view doors as select * from kept_doors;
      create table "Cards" (
        "no" uuid primary key default gen_random_uuid(), "the tier" "card Tier", rank rank, top top_rank, holder text unique,
        initial text generated always as (left(holder, 1)) stored);
      create table stamps (page int, place int, kind text, primary key (page, place));
      create table slips (id int primary key, note text);
      create table marks (id int primary key default (random() * 1000)::int, note text)`),
  );
  const key = { "the tier": staged("tier") };

  it("nothing of what a wave casts: words into an enumeration, numbers into a domain, be it one upon another", async () => {
    const fields = {
      ...ecoin.entity.fields,
      tier: choice("niveau", { a: "plain" }),
      rank: integer("niveau"),
    };
    const values = { ...key, rank: staged("rank"), top: staged("rank") };
    const id = { drawn: "no" };
    expect(await says(into({ into: "Cards", id, values }, { fields }))).toEqual([]);
  });

  it.each<[string, Migration, string[]]>([
    [
      "a column that is drawn as a number and is none",
      into({ into: "Cards", id: "no", values: key }),
      [
        "target_key: “card” draws Cards.no as a whole number from a sequence of its own, and it is uuid.",
      ],
    ],
    [
      "one without a sequence, with a default or not",
      into({ into: "slips", id: "id", values: { note: staged("raw_status") } }),
      [
        "target_key: “card” draws slips.id as a whole number from a sequence of its own, and it is integer without one.",
      ],
    ],
    [
      "one whose default is no sequence",
      into({ into: "marks", id: "id", values: { note: staged("raw_status") } }),
      [
        "target_key: “card” draws marks.id as a whole number from a sequence of its own, and it is integer without one.",
      ],
    ],
    [
      "one that nothing gives",
      into({ into: "slips", id: { drawn: "id" }, values: { note: staged("raw_status") } }),
      ["target_key: “card” lets the platform give slips.id, which has no default."],
    ],
    [
      "a UUID for a number",
      into({
        into: "slips",
        id: { derived: "id", from: ["legacy_id"] },
        values: { note: staged("raw_status") },
      }),
      ["target_key: “card” makes a UUID for slips.id, which is integer."],
    ],
    [
      "a text for a number, below however many domains",
      into({
        into: "Cards",
        id: { drawn: "no" },
        values: { rank: staged("raw_status"), top: staged("raw_status") },
      }),
      ["rank (rank)", "top (top_rank)"].map(
        (column) =>
          `target_type: “card” writes Cards.${column} from “raw_status”, which is text: PostgreSQL does not take the one for the other.`,
      ),
    ],
    [
      "half a key",
      into({
        into: "stamps",
        id: { kept: { page: staged("legacy_id") } },
        values: { place: constant("1"), kind: staged("raw_status") },
      }),
      [
        "target_key: “card” names new rows of stamps by “page”, which several rows may have: its key is “page”, “place”.",
      ],
    ],
    [
      "what the platform makes by itself",
      into({ into: "Cards", id: { drawn: "no" }, values: { initial: staged("full_name") } }),
      [
        "target_generated: Cards.initial is made by the platform of other columns, and nobody may write it.",
      ],
    ],
    [
      "what is looked for, brought up to date, and looked at, in columns that are not there",
      into(
        { into: "Cards", id: { drawn: "no" }, values: key },
        {
          is: [[["holder_no", staged("legacy_id")]]],
          there: { update: { held_by: staged("full_name"), "the tier": constant("worst") } },
          plan: [
            { when: { there: "locked", is: ["yes"] }, hold: "locked", says: "Locked." },
            { when: otherwise, commit: "card", says: "A card." },
          ],
        },
      ),
      [
        ...["holder_no", "held_by", "locked"].map(
          (column) =>
            `target_column_missing: The platform’s table “Cards” has no column “${column}”.`,
        ),
        'target_word: “card” may write “worst” into Cards.the tier, which is "card Tier" and does not hold it.',
      ],
    ],
    [
      "a view, which is written into through no wave",
      into({ into: "doors", id: "id", values: { status: staged("raw_status") } }),
      [
        "target_is_view: “card” writes into “doors”, which is a view or a table elsewhere: only tables of the platform’s own are written.",
      ],
    ],
    [
      "a table of another schema",
      into({ into: "vaults", id: "id", values: { note: staged("raw_status") } }),
      [
        "target_table_elsewhere: The platform has “vaults” in the schema “Far away” alone, where nothing is looked for.",
      ],
    ],
    [
      "one that is named with its schema",
      into({ into: "Far away.vaults", id: "id", values: { note: staged("raw_status") } }),
      [
        "target_table_elsewhere: The platform has “Far away.vaults” in the schema “Far away” alone, where nothing is looked for.",
      ],
    ],
  ])("%s", async (_, migration, expected) => {
    expect(await says(migration)).toEqual(expected);
  });

  it("a view that is only read is looked into as a table is", async () => {
    await test.query("create view people_there as select * from users");
    const [first, ...others] = ecoin.entity.match.against;
    const against = [
      { ...first, table: "people_there" },
      ...others,
    ] as typeof ecoin.entity.match.against;
    const read = entity({ match: { ...ecoin.entity.match, against } });
    expect(short(await checkTarget(read, ask))).toEqual([]);
  });

  it("which field a column takes that does not take what is written, and that none does where none would", async () => {
    const types = {
      ...{ at: "time", span: "interval", host: "inet", bytes: "bytea" },
      ...{ tier: '"card Tier"', many: "int[]", day: "date", seen: "timestamptz", ref: "uuid" },
    };
    const columns = Object.entries(types).map(([name, type]) => `${name} ${type}`);
    await test.query(`create table typed (id bigserial primary key, run bigint, ${columns})`);
    const values = {
      ...Object.fromEntries(Object.keys(types).map((name) => [name, staged("raw_status")])),
      run,
    };
    const found = await checkTarget(into({ into: "typed", id: "id", values }), ask);
    const remedies = found
      .filter(({ id }) => id === "target_type")
      .map(({ says, remedy }) => [/typed\.(\w+)/u.exec(says)?.[1], remedy]);
    const stage = (field: string) => `Stage it as ${field}, or write it into another column.`;
    const none = (type: string) =>
      `Nothing is staged as ${type}: write it into another column, such as one of text.`;
    const words = 'choice("statut", { "…": "…" }), each word with what it is on the platform';
    expect(Object.fromEntries(remedies)).toEqual({
      tier: stage(words),
      at: stage('time("statut")'),
      span: stage('duration("statut")'),
      host: none("inet"),
      bytes: none("bytea"),
      many: stage('list("statut")'),
      day: stage('date("statut")'),
      seen: stage('timestamp("statut", { zone: "…" })'),
      ref: stage('uuid("statut")'),
      run: "Write it into another column.",
    });
    // What it says is so: a list is taken.
    const fields = { ...ecoin.entity.fields, rooms: list("statut") };
    const lists = into({ into: "typed", id: "id", values: { many: staged("rooms") } }, { fields });
    expect(await says(lists)).toEqual([]);
    await test.query("drop table typed");
  });

  it("each place in which a definition names a column of the platform, by file, line and what to do", async () => {
    await test.query(`
      create table shelves (id bigserial primary key, code text unique, label text);
      create table volumes (id bigserial primary key, shelf_id bigint references shelves, code text unique, title text)`);
    const builders = new URL("../../lib/define/builders.ts", import.meta.url);
    // Types see none of these names: the platform's tables are its own, and change without the definition.
    const lines = `import {
  commit, defineMigration, drawn, entity, hold, insert, of, ref, refers, same, table, text, thereIs, update, when,
} from ${JSON.stringify(builders.href)};
const misnamed = defineMigration({
  name: "misnamed",
  title: "Misnamed",
  connection: "old",
  source: { shelves: table("no", "label"), volumes: table("no", "shelf", "title") },
  entities: [
    entity("shelf", {
      from: ["shelves"],
      fields: { label: text("label") },
      decide: {},
      actions: {
        shelf: insert(
          "shelves",
          {
            code: "legacy_id",
            lable: "label",
          },
          { id: drawn("nr"), identity: ["lable"] },
        ),
      },
      is: [same({ kode: "legacy_id" })],
      there: update({
        labl: "label",
      }),
      plan: [when(thereIs("lock", "yes"), hold("locked")), commit("shelf")],
    }),
    entity("volume", {
      from: ["volumes"],
      fields: { shelf: text("shelf"), title: text("title") },
      refs: { shelf: ref("shelf", "shelf") },
      decide: {},
      actions: {
        volume: insert("volumes", {
          title: of("shelf", "tittle"),
        }),
      },
      is: [same({ code: of("shelf", "cude") })],
      plan: [commit("volume")],
    }),
  ],
  refersTo: [refers("volumes(shlf_id)", "shelves(di)")],
});
export { misnamed };
`;
    const root = await mkdtemp(join(tmpdir(), "wavegate-misnamed-"));
    const folder = join(root, "migrations", "misnamed");
    await mkdir(folder, { recursive: true });
    const file = join(folder, "definition.ts");
    await writeFile(file, lines);
    try {
      const { misnamed } = (await import(pathToFileURL(file).href)) as { misnamed: WholeMigration };
      const found = (
        await Promise.all(
          partsOf(misnamed).map(async (part) =>
            (await checkTarget(part, ask)).map((each) => ({ ...each, of: part.part })),
          ),
        )
      ).flat();
      const told = locate(root, "misnamed", found as never).filter(
        ({ id }) => id === "target_column_missing",
      );
      const wrong = ["lable", "nr", "kode", "labl", "lock", "tittle", "cude", "shlf_id", "di"];
      expect(new Set(told.map(({ about }) => about))).toEqual(new Set(wrong));
      for (const { about, file: at, line, remedy } of told) {
        expect([about, at]).toEqual([about, join("migrations", "misnamed", "definition.ts")]);
        expect([about, lines.split("\n")[(line ?? 0) - 1]?.includes(about)]).toEqual([about, true]);
        expect(remedy).toMatch(/^Correct the name; there are “id”, /u);
      }
    } finally {
      await rm(root, { recursive: true });
      await test.query("drop table volumes, shelves");
    }
  });

  it("M14 the same for who may not look into the platform's schemas", async () => {
    const migration = into({ into: "Cards", id: { drawn: "no" }, values: key });
    await test.query(
      "create role blind; revoke usage on schema public from public; set role blind",
    );
    try {
      expect(await says(migration)).toEqual([]);
    } finally {
      await test.query("reset role; grant usage on schema public to public; drop role blind");
    }
  });

  it("B12 W13 what acts around the tables, with what names it, and what is declared and is not there", async () => {
    await test.query(`
      create function noted() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger "when it's ""used""" after insert on "Cards" for each row execute function noted();
      create table "Uses" ("of card" uuid references "Cards", at date)`);
    const migration = {
      ...into({ into: "Cards", id: { drawn: "no" }, values: key }),
      refersTo: [{ table: "Loans", columns: ["card"], target: "Cards", targetColumns: ["no"] }],
    };
    const found = await checkAround(migration, ask);
    expect(found.map(({ id, about, remedy }) => `${id} ${about}: ${remedy}`)).toEqual([
      'target_unnamed Uses: Name it: refersTo: [refers("Uses(of card)", "Cards(no)")].',
      `target_unnamed Cards: Mend or detach it, or name it, and each table that it writes: effects: { "Cards.when it's \\"used\\"": harmless("why") }; one that keeps columns of rows that waves write, such as a sum: keeps("TABLE(COLUMN)", "why").`,
      "target_reference_unknown Loans: Call them as the platform calls them.",
    ]);
    const named = {
      ...migration,
      effects: { 'Cards.when it\'s "used"': harmless("Nothing.") },
      refersTo: [refers("Uses(of card)", "Cards(no)")],
    };
    expect(await checkAround(named, ask)).toEqual([]);
    // Who may not look into the schema is told so, and not that what is there is not.
    await test.query(
      "create role blind; revoke usage on schema public from public; set role blind",
    );
    const unseen = await checkAround(named, ask);
    await test.query("reset role; grant usage on schema public to public; drop role blind");
    expect(unseen).toMatchObject([
      {
        level: "warning",
        id: "target_unseen",
        about: "Cards",
        says: expect.stringContaining("“blind” may not look into the schema “public”"),
      },
    ]);
    await test.query('drop table "Uses"; drop function noted cascade');
  });

  it("a fault by itself stands once, and where the kind of things that it is about is written", async () => {
    expect(await ofItself(ecoin)).toEqual([]);
    const wrong = entity({
      decide: { ...ecoin.entity.decide, état: [{ is: "a", when: otherwise }] },
      plan: [{ when: field("nickname", "x"), fail: "x", says: "…" }, ...ecoin.entity.plan],
    });
    expect(short(await ofItself(wrong))).toEqual([
      "error unknown_name nickname",
      "error definition état",
    ]);
  });
});

it("B5 B12 check sees what a domain takes, one upon another or by its condition", async () => {
  await test.query(`
    create domain word as varchar(5); create domain own_word as word not null; create domain upon as own_word;
    create domain told as text check (value is not null); create domain either as text check (value is not null or true);
    create table domained (a word, b own_word, c upon, d told, e either)`);
  const [table] = await targetTables(ask, ["domained"]);
  expect(table?.columns.map(({ name, notNull, longest }) => [name, notNull, longest])).toEqual([
    ["a", false, 5],
    ["b", true, 5],
    ["c", true, 5],
    ["d", true, null],
    ["e", false, null],
  ]);
  await test.query("drop table domained; drop domain upon, own_word, word, told, either");
});

it("B12 of a key of several columns what the platform draws is proposed beside what is given", async () => {
  const own = await testServices();
  await own.query(`create table pages (tenant int, id bigserial, primary key (tenant, id));
    create table places (tenant int, no int, primary key (tenant, no));`);
  const found = await targetTables((sql) => own.query(sql), ["pages", "places"]);
  expect(found.map((table) => [table.name, idFor(table)])).toEqual([
    ["pages", 'drawn("id", { "tenant": … })'],
    ["places", 'kept({ "tenant": …, "no": … })'],
  ]);
  await own.close();
});
