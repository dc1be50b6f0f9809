import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import { guessed } from "../../lib/author/new/draft.ts";
import {
  commit,
  defineMigration,
  each,
  email,
  entity,
  grouped,
  insert,
  integer,
  integerKey,
  joined,
  numbered,
  ref,
  reference,
  table,
  text,
} from "../../lib/define/builders.ts";
import type { Field, SourceTable } from "../../lib/define/definition.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { listTables } from "../../lib/sources/tables.ts";
import { startMariaDb, type TestMariaDb } from "../support/mariadb.ts";
import { testDatabase } from "../support/postgres.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";

type Row = readonly (string | null)[];
const rows = <Of extends Row>(many: number, row: (n: number) => Of): Of[] =>
  Array.from({ length: many }, (_, n) => row(n + 1));

const pupils = rows(30, (n) => [String(n).padStart(6, "0")] as const);
/** 24 of pupils by the number alone, one that names nobody. */
const payments = rows(25, (n) => [String(n), n === 25 ? null : String(n)] as const);

/** Pupils, and payments of theirs. */
const school = (
  key: Parameters<typeof table>[0],
  payer: (from: string) => Field = text,
  of: Partial<ReturnType<typeof byCard>> = {},
) =>
  defineMigration({
    name: "school",
    title: "School",
    connection: "legacy",
    source: { pupils: of.pupils ?? table(key), payments: table("id", "payer") },
    entities: [
      entity("pupil", {
        from: ["pupils"],
        fields: of.fields ?? {},
        decide: {},
        actions: { pupil: insert("pupils", { no: "legacy_id" }) },
        plan: [commit("pupil")],
      }),
      entity("payment", {
        from: ["payments"],
        fields: { payer: payer("payer") },
        refs: { whose: ref("pupil", of.by ?? "payer", { optional: true }) },
        decide: {},
        actions: { payment: insert("payments", { no: "legacy_id" }) },
        plan: [commit("payment")],
      }),
    ],
  });

/** Pupils who are known by the number of a card that they have. */
const byCard = (card: (from: string) => Field) => ({
  pupils: table("no", "card"),
  fields: { card: card("card") },
  by: { card: "payer" },
});

let test: TestServices;
let mariadb: TestMariaDb;
let postgres: { url: string; drop(): Promise<void> };
const settings: Record<string, Record<string, string>> = {};

beforeAll(async () => {
  test = await testServices();
  mariadb = await startMariaDb();
  postgres = await testDatabase({});
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await mariadb.query("CREATE TABLE pupils (no INT(6) UNSIGNED ZEROFILL PRIMARY KEY)");
  await client.query("create table pupils (no text primary key)");
  for (const [no] of pupils) {
    await mariadb.query("INSERT INTO pupils VALUES (?)", [no]);
    await client.query("insert into pupils values ($1)", [no]);
  }
  await mariadb.query("CREATE TABLE payments (id INT PRIMARY KEY, payer INT)");
  await client.query("create table payments (id integer primary key, payer integer)");
  for (const payment of payments) {
    await mariadb.query("INSERT INTO payments VALUES (?, ?)", payment);
    await client.query("insert into payments values ($1, $2)", [...payment]);
  }
  await client.end();
  const url = new URL(postgres.url);
  settings.mysql = mariadb.settings;
  settings.pgsql = {
    LEGACY_DB_DRIVER: "pgsql",
    LEGACY_DB_HOST: url.hostname,
    LEGACY_DB_PORT: url.port,
    LEGACY_DB_DATABASE: url.pathname.slice(1),
    LEGACY_DB_USERNAME: decodeURIComponent(url.username),
    LEGACY_DB_PASSWORD: decodeURIComponent(url.password),
  };
});
afterAll(async () => {
  await mariadb.stop();
  await postgres.drop();
  await test.close();
});

type Whole = Parameters<typeof checkSource>[0];
const told = async (migration: Whole, env: Record<string, string>) => {
  const source = await openSource(sourceSettings("legacy", env));
  try {
    const { problems } = await checkSource(migration, source, "2026-11-20");
    return problems.filter(({ id }) => id === "reference_unnamed");
  } finally {
    await source.close();
  }
};
/** Of files with these tables. */
const toldOf = async (migration: Whole, tables: Record<string, readonly Row[]>) => {
  const before = { ...test.legacy };
  const folder = await folderOf(test, tables);
  try {
    return await told(migration, test.legacy as Record<string, string>);
  } finally {
    await folder.remove();
    Object.assign(test.legacy, before);
  }
};
const files = {
  pupils: [["no"], ...pupils],
  payments: [["id", "payer"], ...payments],
};

describe("B12 check tells of a reference whose values are hardly ever a key of what it refers to", () => {
  it.each(["csv", "mysql", "pgsql"])(
    "a number, and a key filled up with zeros: %s",
    async (kind) => {
      const of = (migration: Whole) =>
        kind === "csv" ? toldOf(migration, files) : told(migration, settings[kind] ?? {});
      expect(await of(school("no"))).toEqual([
        {
          level: "warning",
          id: "reference_unnamed",
          about: "whose",
          of: "payment",
          says: "“whose” names a row of “pupils” in only 0 of 24 rows: its values look like “9”, the keys there like “999999”.",
          remedy:
            'As whole numbers 24 of 24 are the same: say integerKey("no") as that table’s key, if its column is of whole numbers.',
        },
      ]);
      // PostgreSQL has numbers without zeros only: there its column is a text, and no such key.
      if (kind !== "pgsql") expect(await of(school(integerKey("no")))).toEqual([]);
    },
  );

  it("and new takes such a key of MySQL for the number that it is", async () => {
    const tables = await listTables(sourceSettings("legacy", mariadb.settings), 5);
    const keys = tables.map(guessed).find((each) => each.table === "pupils")?.keyed;
    expect(keys).toMatchObject({ columns: ["no"], integer: true });
  });

  it("a number is staged without zeros before it, and names no text that has them", async () => {
    const zeros = { ...files, payments: [["id", "payer"], ...pupils.map(([no]) => [no, no])] };
    expect(await toldOf(school("no", integer), zeros)).toHaveLength(1);
    expect(await toldOf(school("no"), zeros)).toEqual([]);
    expect(await toldOf(school(integerKey("no"), integer), zeros)).toEqual([]);
  });

  it("another table’s values by their shape alone, and what no number mends", async () => {
    const [only, ...more] = await toldOf(school("no"), {
      ...files,
      payments: [["id", "payer"], ...rows(20, (n) => [String(n), `zoë.${n}@club.example`])],
    });
    expect(more).toEqual([]);
    expect(only?.says).toBe(
      "“whose” names a row of “pupils” in only 0 of 20 rows: its values look like “aaa.9@aaaa.aaaaaaa”, the keys there like “999999”.",
    );
    expect(only?.remedy).not.toContain("integerKey");
    const [none] = await toldOf(school("no"), { ...files, pupils: [["no"]] });
    expect(none?.says).toContain(
      "in only 0 of 24 rows: its values look like “9”, there are none there.",
    );
  });

  it("nothing of a tenth that are right, of fewer than 20 rows, and of rows that name nothing", async () => {
    const paid = (payers: readonly (string | null)[]) => ({
      ...files,
      payments: [["id", "payer"], ...payers.map((payer, n) => [String(n), payer])],
    });
    const wrong = rows(18, () => ["7"] as const).flat();
    const right = "000007";
    expect(await toldOf(school("no"), paid([...wrong, right, right]))).toEqual([]);
    expect(await toldOf(school("no"), paid([...wrong, "7"]))).toEqual([]);
    expect(await toldOf(school("no"), paid([...wrong, "7", null, "", null]))).toEqual([]);
    expect(await toldOf(school("no"), paid([...wrong, "7", right]))).toHaveLength(1);
  });

  it("of a field of theirs, by which they are referred to", async () => {
    const carded = {
      ...files,
      pupils: [["no", "card"], ...rows(30, (n) => [`P-${n}`, `00${n}`])],
    };
    expect(await toldOf(school("no", text, byCard(text)), carded)).toMatchObject([
      {
        about: "whose",
        says: "“whose” names a row of “pupils” by “card” in only 0 of 24 rows: its values look like “9”, the keys there like “999”.",
        remedy: "As whole numbers 24 of 24 are the same: read both of them as integer(…).",
      },
    ]);
    expect(await toldOf(school("no", integer, byCard(integer)), carded)).toEqual([]);
  });

  it("an address by which a row above is known, which is compared in small letters", async () => {
    const mail = (from: string) => email(from, { placeholders: [] });
    const mailed = (of: string) => ({
      pupils: [["no", "card"], ...rows(30, (n) => [`P-${n}`, `Pupil${n}@x.example`])],
      payments: [["id", "payer"], ...rows(24, (n) => [String(n), `pupil${n}@${of}`])],
    });
    const by = school("no", (from) => text(from, { lower: true }), byCard(mail));
    expect(await toldOf(by, mailed("x.example"))).toEqual([]);
    expect(await toldOf(by, mailed("y.example"))).toMatchObject([{ about: "whose" }]);
  });

  it("an address that is the key of a row above, which is found to the letter", async () => {
    const known = {
      pupils: table("card"),
      fields: { card: email("card", { placeholders: [] }) },
    };
    const mailed = (of: string) => ({
      pupils: [["card"], ...rows(30, (n) => [`pupil${n}@x.example`])],
      payments: [["id", "payer"], ...rows(24, (n) => [String(n), `${of}${n}@x.example`])],
    });
    expect(await toldOf(school("no", text, known), mailed("pupil"))).toEqual([]);
    const [told] = await toldOf(school("no", text, known), mailed("Pupil"));
    expect(told?.says).toContain("“whose” names a row of “pupils” in only 0 of 24 rows");
  });

  const madeOf = (pupils: SourceTable, payments: SourceTable) =>
    defineMigration({
      name: "school",
      title: "School",
      connection: "legacy",
      source: {
        all_pupils: table("no", "class"),
        all_payments: table("id", "payer", "items"),
        pupils,
        payments,
      },
      entities: [
        entity("pupil", {
          from: ["pupils"],
          fields: {},
          decide: {},
          actions: { pupil: insert("pupils", { no: "legacy_id" }) },
          plan: [commit("pupil")],
        }),
        entity("payment", {
          from: ["payments"],
          fields: { payer: text("payer") },
          refs: { whose: ref("pupil", "payer", { optional: true }) },
          decide: {},
          actions: { payment: insert("payments", { no: "legacy_id" }) },
          plan: [commit("payment")],
        }),
      ],
    } as never) as Whole;
  const madeFiles = {
    all_pupils: [["no", "class"], ...pupils.map(([no]) => [no, "1a"])],
    all_payments: [["id", "payer", "items"], ...payments.map((each) => [...each, '["a","b"]'])],
  };
  const asTheyAre = joined("all_payments", {});
  const told_ = (pupils_: string) =>
    `“whose” names a row of ${pupils_} in only 0 of 24 rows of “all_payments”, of which its own are made: its values look like “9”, the keys there like “999999”.`;

  it.each<[string, SourceTable, SourceTable]>([
    ["rows as they are", joined("all_pupils", {}), asTheyAre],
    [
      "of rows with others beside them",
      table("no"),
      joined("all_payments", { who: { table: "all_pupils", on: { no: "payer" }, optional: true } }),
    ],
    ["of rows of rows", grouped("all_pupils", { by: ["no"] }), each("all_payments", "items")],
    [
      "of numbered rows",
      numbered(joined("all_pupils", {}), { within: ["class"], by: ["no"] }),
      numbered(asTheyAre, { within: [], by: ["id"] }),
    ],
  ])("of tables that are made: %s", async (_, to, from) => {
    const files = { ...madeFiles, pupils: madeFiles.all_pupils };
    const all = await toldOf(madeOf(to, from), files);
    expect(all.map(({ says }) => says)).toEqual([told_("“pupils”")]);
  });

  it("nothing of tables that are made where it is known only once they are staged", async () => {
    const where = { field: "no", is: ["1"] };
    for (const [to, from] of [
      [grouped("all_pupils", { by: ["no"], where }), asTheyAre],
      [joined("all_pupils", {}), grouped("all_payments", { by: ["id"], where })],
      [each("all_pupils", "class"), asTheyAre],
    ] as const)
      expect(await toldOf(madeOf(to, from), madeFiles)).toEqual([]);
  });

  it("of things that the platform has, too", async () => {
    const courses = (key: Parameters<typeof table>[0]) =>
      small(
        "courses",
        "no",
        {},
        {
          source: { things: table("no", "word", "course"), courses: table(key, "label") },
          references: {
            course: {
              kind: "by_name",
              from: "courses",
              id: "id",
              label: "label",
              platform: { table: "courses", id: "id", label: "label" },
              suggestFrom: 0.5,
              staging: { table: "courses_map", id: "id", label: "label", target: "target" },
            },
          },
          fields: { about: reference("course", "course") },
        },
      );
    const tables = {
      things: [["no", "word", "course"], ...rows(20, (n) => [`T${n}`, "a", String(n % 5)])],
      courses: [["id", "label"], ...rows(9, (n) => [`0${n - 1}`, "One"])],
    };
    expect((await toldOf(courses("id"), tables)).map(({ about, says }) => [about, says])).toEqual([
      [
        "about",
        "“about” names a row of “courses” in only 0 of 20 rows: its values look like “9”, the keys there like “99”.",
      ],
    ]);
    expect(await toldOf(courses(integerKey("id")), tables)).toEqual([]);
  });
});
