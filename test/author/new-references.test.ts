import pg from "pg";
import { expect, it } from "vitest";
import { newDefinition } from "../../lib/author/new/definition.ts";
import type { TargetColumn, TargetTable } from "../../lib/author/target.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { type ListedTable, listTables } from "../../lib/sources/tables.ts";
import { startMariaDb } from "../support/mariadb.ts";
import { testDatabase } from "../support/postgres.ts";

const rows = (many: number, row: (n: number) => (string | null)[]) =>
  Array.from({ length: many }, (_, n) => row(n + 1));
const towns = ["WIEN", "GRAZ"];
const sites: ListedTable = {
  table: "sites",
  columns: ["code", "label"],
  key: ["code"],
  sample: towns.map((code) => [code, `Site ${code}`]),
};
const courses: ListedTable = {
  table: "courses",
  columns: ["site", "nr", "title"],
  key: ["site", "nr"],
  sample: rows(20, (n) => [towns[n % 2] ?? "", `${n}`, `Course ${n}`]),
};
const pupils = (foreign: ListedTable["foreign"] = []): ListedTable => ({
  table: "pupils",
  columns: [
    "pnr",
    "surname",
    "given",
    "geb",
    "tel",
    "mobile",
    "site",
    "guardian",
    "course",
    "course_site",
    "deleted",
    "remark",
  ],
  types: [...Array.from({ length: 11 }), "text"] as (string | undefined)[],
  key: ["pnr"],
  foreign,
  sample: rows(40, (n) => [
    `${n}`,
    `Peeters${n}`,
    `Ann${n}`,
    `19${60 + (n % 30)}-02-03`,
    null,
    `0664 12345${10 + n}`,
    towns[n % 2] ?? "",
    n % 3 === 0 ? "1" : "2",
    `${n % 4}`,
    towns[n % 2] ?? "",
    n % 9 === 0 ? "1" : "0",
    n % 2 ? "pays late" : "pays early",
  ]),
});
const column = (name: string, of: Partial<TargetColumn> = {}): TargetColumn => ({
  name,
  type: "text",
  basic: "text",
  enumerated: false,
  typeId: 25,
  typeSeen: true,
  notNull: false,
  filled: false,
  triggers: [],
  made: false,
  drawn: false,
  longest: null,
  words: null,
  checks: [],
  ...of,
});
const people: TargetTable = {
  name: "people",
  isView: false,
  key: ["id"],
  unique: [["id"]],
  checks: [],
  columns: [
    column("id", { filled: true, type: "uuid", basic: "uuid" }),
    column("given_name"),
    column("family_name"),
    column("phone"),
    column("legacy_id"),
    column("born", { type: "date", basic: "date" }),
    column("display_name", { made: true, filled: true }),
  ],
};
const drafted = (...tables: ListedTable[]) =>
  newDefinition("school", "school", tables, [people], [], tables[0]?.table).text;
/** What is guessed of a field, and how it is read. */
const guess = (text: string, field: string): string =>
  new RegExp(`// guess: ([^\\n]*)\\n *${field}: ([^\\n]*),`, "u")
    .exec(text)
    ?.slice(1)
    .join(" | ") ?? "";

const declared = [
  { columns: ["site"], to: "sites", toColumns: ["code"] },
  { columns: ["guardian"], to: "pupils", toColumns: ["pnr"] },
  { columns: ["course_site", "course"], to: "courses", toColumns: ["site", "nr"] },
];

it("B12 what a foreign key of the source says is drafted as what names a row, and is no list of words", () => {
  const text = drafted(pupils(declared), sites, courses);
  expect(guess(text, "site")).toBe(
    'it names a row of "sites": refs: { sites: ref("sites", "site") } where an entity is read from that table, or reference("site", …), of things that the platform has already | text("site")',
  );
  expect(guess(text, "guardian")).toBe(
    'it names a row of its own table: refs: { pupils: ref("pupils", "guardian") }, beside entity("pupils", …) | integer("guardian")',
  );
  for (const [field, code] of [
    ["course", 'integer("course")'],
    ["course_site", 'text("course_site")'],
  ] as const) {
    expect(guess(text, field)).toContain('ref("courses", { site: "course_site", nr: "course" })');
    expect(guess(text, field)).toContain(`| ${code}`);
  }
});

it("B12 what is a phone or a status by its values stays one, be it a foreign key", () => {
  const text = drafted(pupils([{ columns: ["mobile"], to: "phones", toColumns: ["number"] }]));
  expect(guess(text, "mobile")).toContain("| phone(");
});

it("B12 without foreign keys a column is told by its name: another table's key, or its table", () => {
  const payments = (column: string): ListedTable => ({
    table: "payments",
    columns: ["receipt", column, "amount"],
    key: ["receipt"],
    sample: rows(20, (n) => [`R-${n}`, `${n % 7}`, "1.50"]),
  });
  for (const name of ["PNR", "pupil_id"])
    expect(drafted(payments(name), pupils())).toContain('it names a row of "pupils"');
  for (const name of ["count", "no", "id", "pupils"])
    expect(drafted(payments(name), pupils())).not.toContain("it names");
  // What anything may be called, and what is no key by its name.
  for (const name of ["id", "no", "town"])
    expect(
      drafted(payments(name), { ...sites, columns: [name, "label"], key: [name] }),
    ).not.toContain("it names");
});

it("B12 an empty column leaves the platform's to one that holds something, and what the platform makes of names tells who somebody is", () => {
  const text = drafted(pupils(), sites);
  expect(text).toContain('phone: staged("mobile_normalized")');
  const { columns, ...rest } = pupils();
  const called = drafted({
    ...rest,
    columns: columns.map((name) => (name === "tel" ? "phone" : name)),
  });
  expect(called).toContain('phone: staged("mobile_normalized")');
  expect(guess(text, "tel")).toContain("its name; there are no values");
  expect(text).toMatch(/name: "display_name",\s+phone: "phone",\s+birthDate: "born"/u);
  expect(guess(text, "geb")).toContain("birthDate");
  expect(guess(text, "remark")).toContain('text("remark")');
});

it("B12 what the legacy system took for deleted stays where it is", () => {
  const [first = ""] = /plan: \[.*?\},\n/su.exec(drafted(pupils())) ?? [];
  expect(first).toContain('field("deleted", "yes")');
  expect(first).toContain('skip: "deleted"');
  const { columns, ...rest } = pupils();
  const text = drafted({
    ...rest,
    columns: columns.map((name) => (name === "deleted" ? "lent" : name)),
  });
  expect(text).not.toContain('skip: "deleted"');
});

it("B12 W14 no word about somebody is drafted as a status: a contact, a number, or a word of the row's own name", () => {
  const { columns, sample, ...rest } = pupils();
  const moved = new Map([
    [7, "0664 1234567"],
    [9, "ann9@home.example"],
    [11, "Peeters11 left"],
  ]);
  const text = drafted({
    ...rest,
    columns: columns.map((name) => (name === "remark" ? "status" : name)),
    types: [],
    sample: sample.map((row, n) => [...row.slice(0, -1), moved.get(n + 1) ?? row.at(-1) ?? null]),
  });
  expect(text.match(/when: is\("status", .*\)/gu)).toEqual([
    'when: is("status", "pays late")',
    'when: is("status", "pays early")',
  ]);
  for (const word of moved.values()) expect(text).not.toContain(word);
});

it("B12 foreign keys of several columns, too, are read of MariaDB and PostgreSQL by a user who may read alone", async () => {
  const tables = [
    "create table courses (site varchar(4), nr integer, primary key (site, nr))",
    "create table pupils (no integer primary key, head integer, course_site varchar(4), course integer, constraint a_head foreign key (head) references pupils (no), constraint b_course foreign key (course_site, course) references courses (site, nr))",
  ];
  const wanted = [
    { columns: ["head"], to: "pupils", toColumns: ["no"] },
    { columns: ["course_site", "course"], to: "courses", toColumns: ["site", "nr"] },
  ];
  const foreignOf = async (settings: Record<string, string>) =>
    (await listTables(sourceSettings("legacy", settings), 5))
      .filter(({ table }) => ["courses", "pupils"].includes(table))
      .map(({ foreign }) => foreign);
  const mariadb = await startMariaDb();
  const postgres = await testDatabase({});
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  for (const each of tables) {
    await mariadb.query(each);
    await client.query(each);
  }
  await client.end();
  const url = new URL(postgres.url);
  expect(await foreignOf(mariadb.settings)).toEqual([undefined, wanted]);
  expect(
    await foreignOf({
      LEGACY_DB_DRIVER: "pgsql",
      LEGACY_DB_HOST: url.hostname,
      LEGACY_DB_PORT: url.port,
      LEGACY_DB_DATABASE: url.pathname.slice(1),
      LEGACY_DB_USERNAME: decodeURIComponent(url.username),
      LEGACY_DB_PASSWORD: decodeURIComponent(url.password),
    }),
  ).toEqual([undefined, wanted]);
  await postgres.drop();
  await mariadb.stop();
});
