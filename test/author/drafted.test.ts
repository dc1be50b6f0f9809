import { expect, it } from "vitest";
import { draftOf, guessed, targetOf } from "../../lib/author/new/draft.ts";
import type { TargetColumn } from "../../lib/author/target.ts";

const targetColumn = (name: string): TargetColumn => ({
  ...{ name, type: "text", basic: "text", typeId: 25, notNull: false, filled: false, triggers: [] },
  ...{
    drawn: false,
    made: false,
    enumerated: false,
    words: null,
    checks: [],
    typeSeen: true,
    longest: null,
  },
});

it.each([
  [
    ["first_name", "last_name"],
    ["last_name: efternavn", "first_name: fornavn"],
  ],
  [
    ["Fornavn", "surname", "name"],
    ["name: full_name", "surname: efternavn", "Fornavn: fornavn"],
  ],
  [["first_name", "name"], ["name: full_name"]],
  [["name"], ["name: full_name"]],
  [["first_name"], []],
])("B12 both parts of a name are written where the platform has both: %j", (called, written) => {
  const school = guessed({
    table: "elever",
    columns: ["elev_nr", "Fornavn", "Efternavn"],
    key: ["elev_nr"],
    // Few first names are none of a list, either.
    sample: Array.from({ length: 12 }, (_, n) => [String(n), ["Bo", "Ida"][n % 2] ?? "", `Å${n}`]),
  });
  const into = {
    name: "pupils",
    isView: false,
    key: ["id"],
    columns: ["id", ...called].map(targetColumn),
    unique: [],
    checks: [],
  };
  const { fields, values } = draftOf("school", school, into);
  expect(fields[0]?.code).toBe('name("Efternavn", "Fornavn")');
  expect(values.map(({ column, code }) => `${column}: ${code.slice(8, -2)}`).toSorted()).toEqual(
    written.toSorted(),
  );
});

it.each([
  [["Gade", "husnr"], ["address"], ['address: composed("{Gade} {husnr}")']],
  [["house_no", "street"], ["street", "town"], ['street: composed("{house_no} {street}")']],
  [
    ["street", "house_no"],
    ["street", "house_no"],
    ['street: text("street")', 'house_no: text("house_no")'],
  ],
  [["street", "house_no", "address"], ["address"], ['address: text("address")']],
  [["street|", "house_no"], ["address"], []],
  [["street"], ["address"], []],
])(
  "B12 street and number are one text where the platform has one column for both: %j into %j",
  (from, called, written) => {
    const main = guessed({
      table: "members",
      columns: ["no", ...from],
      key: ["no"],
      sample: [["1", "Rosenallee", "12b", "x"].slice(0, from.length + 1)],
    });
    const into = {
      name: "members",
      isView: false,
      key: ["id"],
      columns: ["id", ...called].map(targetColumn),
      unique: [],
      checks: [],
    };
    const { fields, values } = draftOf("club", main, into);
    const names = values.map(({ code }) => code.slice(8, -2));
    expect(
      names.map((name) => `${name}: ${fields.find(({ field }) => field === name)?.code}`),
    ).toEqual(written);
  },
);

/** What is drafted of rows, into a platform's columns: fields by name, and why each column gets its value. */
const drafted = (
  rows: Record<string, string[]>,
  columns: (Partial<TargetColumn> & { name: string })[],
) => {
  const names = Object.keys(rows);
  const main = guessed({
    table: "courses",
    columns: ["no", ...names],
    key: ["no"],
    sample: (rows[names[0] ?? ""] ?? []).map((_, n) => [
      String(n),
      ...names.map((name) => rows[name]?.[n] ?? ""),
    ]),
  });
  const into = {
    ...{ name: "lessons", isView: false, key: ["id"], unique: [], checks: [] },
    columns: [
      targetColumn("id"),
      ...columns.map((each) => ({ ...targetColumn(each.name), ...each })),
    ],
  };
  const { fields, values, left } = draftOf("school", main, into);
  return { fields: fields.map(({ field, code }) => `${field}: ${code}`), values, left };
};
const daterange = { name: "runs", type: "daterange", basic: "daterange" };

it.each<[string, Record<string, string[]>, string[]]>([
  [
    "a beginning and an end",
    { debut: ["2024-01-31"], fin: ["2024-03-31"] },
    ['runs: range(date("debut"), date("fin"))'],
  ],
  [
    "a beginning and how long it lasts",
    { start_date: ["31.01.2024"], "nb semaines": ["3"] },
    ['runs: range(date("start_date", { format: "dd.MM.yyyy" }), lasting("nb semaines", "weeks"))'],
  ],
  [
    "two beginnings",
    { debut: ["2024-01-31"], from: ["2024-01-31"], fin: ["2024-03-31"] },
    ['debut: date("debut")', 'from: date("from")', 'fin: date("fin")'],
  ],
  ["an end alone", { fin: ["2024-03-31"] }, ['fin: date("fin")']],
  [
    "ranges, and of numbers that are none",
    {
      runs: ["[2024-01-01,2024-02-01)", "empty", "(,2024-02-01)"],
      share: ["[1.5,2)", "(,)"],
      seats: ["(1,2)", "[1,2)", "5-6"],
      slot: ['["2025-01-03 07:30:00+00","2025-01-03 09:00:00+00")'],
      none: ["empty"],
    },
    [
      'runs: range(date("runs"))',
      'share: range(decimal("share"))',
      'seats: text("seats")',
      'slot: range(timestamp("slot", { zone: "UTC" }))',
      'none: text("none")',
    ],
  ],
])("B12 a column of ranges is made of %s where both sides say so", (_what, rows, fields) => {
  expect(drafted(rows, [daterange]).fields).toEqual(fields);
});

it("B12 what both sides show of a column is offered where it is written, and nothing of it is said", () => {
  const numeric = { type: "numeric(8,2)", basic: "numeric" };
  const { values, left } = drafted(
    {
      joined: ["2024-01-31", ""],
      seen: ["2024-01-31", "2024-01-31"],
      fee: ["1.234", "2.5"],
      due: ["1.20", "2.5"],
    },
    [
      { name: "joined", notNull: true, filled: true },
      { name: "seen", notNull: true, filled: true },
      { name: "fee", ...numeric },
      { name: "due", ...numeric },
      { name: "slug", notNull: true, triggers: ["slugs"] },
    ],
  );
  expect(values).toEqual([
    {
      column: "joined",
      code: 'staged("joined")',
      because:
        'called alike; it is missing in some rows, which are held; orDefault("joined") is the platform\'s own default there',
    },
    { column: "seen", code: 'staged("seen")', because: "called alike" },
    {
      column: "fee",
      code: 'staged("fee")',
      because:
        "called alike; some have more digits behind the point than the 2 that are kept, and are held; places: 2 rounds them",
    },
    { column: "due", code: 'staged("due")', because: "called alike" },
  ]);
  expect(left[0]).toBe(
    "lessons.slug (text) has to have a value, and the trigger “slugs” may give it one: look.",
  );
});

it("B12 W14 a table without a key of its own is keyed by who somebody is only where nothing else tells its rows apart", () => {
  const sample = [1, 2, 3].map((n) => [`zoe.${n}@a.example`, `055944616${n}`, `M${n}`, "x"]);
  const columns = ["e-mail", "phone", "card", "word"];
  const keyOf = (from: number[]) =>
    guessed({
      table: "t",
      columns: from.map((at) => columns[at] ?? ""),
      key: [],
      sample: sample.map((row) => from.map((at) => row[at] ?? null)),
    }).keyed.columns;
  expect(keyOf([0, 1, 2, 3])).toEqual(["card"]);
  expect(keyOf([3, 1, 0])).toEqual(["phone"]);
  // Of rows between others each of two columns is there again and again.
  const between = ["1,7,x", "1,8,x", "2,7,x"].map((line) => line.split(","));
  const pair = (rows: string[][]) =>
    guessed({ table: "t", columns: ["dog", "owner", "word"], key: [], sample: rows }).keyed;
  expect(pair(between)).toMatchObject({ columns: ["dog", "owner"], integer: false });
  expect(pair([...between, ["1", "7", "y"]]).columns).toEqual(["dog"]);
  expect(pair([...between, ["", "9", "y"]]).columns).toEqual(["dog"]);
  // Nor is somebody's address a part of one.
  const shared = ["a@x.example,1", "a@x.example,2", "b@x.example,1"].map((line) => line.split(","));
  const keyed = guessed({ table: "t", columns: ["mail", "n"], key: [], sample: shared }).keyed;
  expect(keyed.columns).toHaveLength(1);
  const accounts = [1, 2, 3].map((n) => [`CH93 0076 2011 6238 529${n} 7`, `card ${n}`]);
  expect(
    guessed({ table: "t", columns: ["iban", "card"], key: [], sample: accounts }).keyed.columns,
  ).toEqual(["card"]);
});

it("B12 a whole number that a database fills up with zeros is an integerKey; of a text of digits it is offered", () => {
  const keyed = (types: string[] | undefined, key: string[]) =>
    guessed({
      table: "t",
      columns: ["no", "word"],
      key,
      sample: [1, 2, 30].map((n) => [String(n).padStart(6, "0"), "x"]),
      ...(types === undefined ? {} : { types }),
    }).keyed;
  expect(keyed(["int", "varchar"], ["no"])).toMatchObject({ columns: ["no"], integer: true });
  expect(keyed(["varchar", "varchar"], ["no"])).toMatchObject({ columns: ["no"], integer: false });
  expect(keyed(undefined, [])).toEqual({
    columns: ["no"],
    integer: false,
    because:
      "each of the rows that were looked at has another value; integerKey(…) where what names these rows elsewhere has no zeros before it",
  });
});

it("B12 of a list without elements nobody says that its row is held: it is written as one", () => {
  const { values } = drafted({ hobbies: ["chess,go", "", "go"] }, [
    { name: "hobbies", type: "text[]", basic: "text[]", notNull: true, filled: true },
  ]);
  expect(values[0]?.because).toBe("called alike");
  const { values: ofList } = drafted({ hobbies: ["{chess,go}", "", "{go}"] }, [
    { name: "hobbies", type: "text[]", basic: "text[]", notNull: true, filled: true },
  ]);
  expect(ofList[0]?.because).toBe("called alike");
});

const mobiles = ["+4915112345678", "+4915112345679"];
const landlines = ["+4989123456", "+4989123457"];
it.each<[string, Record<string, string[]>, string[], string[]]>([
  ["mobile first", { mobil: mobiles, telefon: landlines }, ["mobile"], ["mobile: mobil"]],
  ["mobile last", { telefon: landlines, mobil: mobiles }, ["mobile"], ["mobile: mobil"]],
  [
    "of both",
    { telefon: landlines, handy: mobiles },
    ["mobile", "phone"],
    ["phone: telefon", "mobile: handy"],
  ],
  ["the other", { mobil: mobiles, telefon: landlines }, ["phone"], ["phone: telefon"]],
  ["the only one", { telefon: landlines }, ["mobile"], ["mobile: telefon"]],
  ["none that is empty", { mobil: ["", ""], telefon: landlines }, ["mobile"], ["mobile: telefon"]],
])("B12 a platform's phones are those that are called so: %s", (_what, rows, columns, written) => {
  const { values } = drafted(
    rows,
    columns.map((name) => ({ name })),
  );
  expect(values.map(({ column, code }) => `${column}: ${code.slice(8, -13)}`)).toEqual(written);
});

it.each<[string, Record<string, string[]>, Partial<TargetColumn> & { name: string }, string]>([
  [
    "cents into a decimal",
    { betrag_cent: ["1250", "7"] },
    { name: "amount", type: "numeric(8,2)", basic: "numeric" },
    'betrag_cent: decimal("betrag_cent", { per: 100 })',
  ],
  [
    "a decimal into cents",
    { fee: ["12,50", "7,00"] },
    { name: "fee_cents", type: "integer", basic: "integer" },
    'fee: integer("fee", { decimal: ",", times: 100 })',
  ],
  [
    "cents into cents",
    { fee_cents: ["1250", "7"] },
    { name: "fee_cents", type: "integer", basic: "integer" },
    'fee_cents: integer("fee_cents")',
  ],
  [
    "cents into a whole amount",
    { fee_cents: ["1250", "7"] },
    { name: "fee", type: "bigint", basic: "bigint" },
    'fee_cents: integer("fee_cents")',
  ],
])("B12 amounts are counted as the platform counts them: %s", (_what, rows, column, field) => {
  const { fields, values } = drafted(rows, [column]);
  expect(fields).toEqual([field]);
  expect(values.map((value) => value.column)).toEqual([column.name]);
});

it("B12 a day whose time stands beside it is told as the moment that both are", () => {
  const main = guessed({
    table: "visits",
    columns: ["no", "booked_on", "booked_at", "left"],
    key: ["no"],
    sample: [["1", "2024-01-31", "10:30", "11:00"]],
  });
  const { fields } = draftOf("school", main, undefined);
  expect(fields.map(({ because }) => because)).toEqual([
    expect.stringContaining(
      'timestamp("booked_on", { at: time("booked_at") }) is the moment, with its time of day',
    ),
    expect.not.stringContaining("moment"),
    expect.not.stringContaining("moment"),
  ]);
});

it("B12 a table is not taken for another's by a column that is called as a kind of values is", () => {
  const kinder = guessed({
    table: "kinder",
    columns: ["no", "vorname", "nachname", "place", "height", "weight"],
    key: ["no"],
    sample: ["Bo", "Ida", "Li"].map((name, n) => [
      `${n}`,
      name,
      `Å${n}`,
      `${n}`,
      `1${n}.5`,
      `${n}`,
    ]),
  });
  const table = (name: string, ...columns: string[]) => ({
    ...{ name, isView: false, key: ["id"], unique: [], checks: [] },
    columns: ["id", ...columns].map(targetColumn),
  });
  const tables = [table("invoices", "number", "text"), table("pupils", "first_name", "last_name")];
  expect(targetOf(kinder, tables)?.name).toBe("pupils");
  expect(targetOf(kinder, tables.slice(0, 1))).toBeUndefined();
});

it.each([
  ["name", "Ågård, Søren", "parted(table(…)"],
  ["Navn", "Ågård, Søren", "parted(table(…)"],
  ["NOM_ET_PRENOM", "Søren Ågård", "the whole name stands in one column"],
  ["Apellidos y nombre", "Søren Ågård", "the whole name stands in one column"],
])(
  "B12 V11 a name in one column is drafted as that, and how its comma parts it is said: %s %s",
  (column, called, says) => {
    const school = guessed({
      table: "elever",
      columns: ["elev_nr", column],
      key: ["elev_nr"],
      sample: Array.from({ length: 12 }, (_, n) => [String(n), `${called} ${"abcdefghijkl"[n]}`]),
    });
    const [field] = draftOf("school", school, undefined).fields;
    const code = `name("${column}")`;
    expect(field).toMatchObject({ code, because: expect.stringContaining(says) });
  },
);
