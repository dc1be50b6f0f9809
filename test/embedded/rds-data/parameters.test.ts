import type { SqlParameter } from "@aws-sdk/client-rds-data";
import { afterAll, beforeAll, expect, it } from "vitest";
import { long, nothing, startTrial, type Trial, text } from "./support.ts";

const ID = "0b6c3f1e-4f1c-4f5e-9a8e-3d2f7a1b6c5d";
let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.execute("CREATE TABLE people (id uuid, name text, age int, facts jsonb, born date)");
});
afterAll(() => trial.end());

it.each<[string, SqlParameter, string]>([
  ["a text", text("p", "x"), "text"],
  ["a whole number", long("p", 7), "bigint"],
  ["a fraction", { name: "p", value: { doubleValue: 0.5 } }, "double precision"],
  ["a truth value", { name: "p", value: { booleanValue: true } }, "boolean"],
  ["bytes", { name: "p", value: { blobValue: Buffer.from([1]) } }, "bytea"],
  ["a null", nothing("p"), "text"],
  ["a date", { ...text("p", "2024-02-29"), typeHint: "DATE" }, "date"],
  ["a time", { ...text("p", "10:20:30.5"), typeHint: "TIME" }, "time without time zone"],
  [
    "a timestamp",
    { ...text("p", "2024-02-29 10:20:30.123"), typeHint: "TIMESTAMP" },
    "timestamp without time zone",
  ],
  ["a decimal", { ...text("p", "-1.50"), typeHint: "DECIMAL" }, "numeric"],
  ["JSON", { ...text("p", '{"a":1}'), typeHint: "JSON" }, "jsonb"],
  ["a UUID", { ...text("p", ID), typeHint: "UUID" }, "uuid"],
  ["a null with a hint", { ...nothing("p"), typeHint: "DATE" }, "date"],
])("types %s", async (_what, parameter, type) => {
  expect(await trial.one("SELECT pg_typeof(:p)::text", [parameter])).toEqual({ stringValue: type });
});

it("keeps every value as it was", async () => {
  const parameters = [
    text("t", 'l\'élève "a" \\ \n 🙂'),
    long("l", -9007199254740991),
    { name: "d", value: { doubleValue: 1e-300 } },
    { name: "b", value: { blobValue: Buffer.from([0, 255, 92, 39]) } },
    { name: "n", value: { doubleValue: Number.NaN } },
  ];
  const { records } = await trial.execute("SELECT :t, :l, :d, :b, :n", parameters);
  expect(records).toEqual([
    [
      { stringValue: 'l\'élève "a" \\ \n 🙂' },
      { longValue: -9007199254740991 },
      { doubleValue: 1e-300 },
      { blobValue: new Uint8Array([0, 255, 92, 39]) },
      { doubleValue: Number.NaN },
    ],
  ]);
});

it("does not put an uncast text into a uuid column", async () => {
  await expect(
    trial.execute("INSERT INTO people (id) VALUES (:id)", [text("id", ID)]),
  ).rejects.toMatchObject({
    name: "DatabaseErrorException",
    message:
      'ERROR: column "id" is of type uuid but expression is of type text; ' +
      "Hint: You will need to rewrite or cast the expression.; Position: 34; SQLState: 42804",
  });
});

it("puts a text into a uuid column with a cast, or with a hint", async () => {
  await trial.execute("INSERT INTO people (id, facts) VALUES (:id::uuid, :facts::jsonb)", [
    text("id", ID),
    text("facts", "[1]"),
  ]);
  const { numberOfRecordsUpdated } = await trial.execute("UPDATE people SET id = :id", [
    { ...text("id", ID), typeHint: "UUID" },
  ]);
  expect(numberOfRecordsUpdated).toBe(1);
});

it("does not put an untyped null into a date column", async () => {
  const born = "INSERT INTO people (born) VALUES (:born)";
  await expect(trial.execute(born, [nothing("born")])).rejects.toThrow(/SQLState: 42804$/);
  const hinted = await trial.execute(born, [{ ...nothing("born"), typeHint: "DATE" }]);
  expect(hinted.numberOfRecordsUpdated).toBe(1);
});

it("means the cast value in what follows a parameter", async () => {
  const list = { ...text("list", "[10,20]"), typeHint: "JSON" } as const;
  expect(await trial.one("SELECT :list[1]", [list])).toEqual({ stringValue: "20" });
  expect(await trial.one("SELECT -:n", [long("n", 3)])).toEqual({ longValue: -3 });
});

it("refuses a parameter without a value, and lets one that is not used pass", async () => {
  await expect(trial.execute("SELECT :a, :b", [text("a", "x")])).rejects.toMatchObject({
    name: "BadRequestException",
    message: "Cannot find parameter: b",
  });
  expect(await trial.one("SELECT :a", [text("a", "x"), text("b", "y")])).toEqual({
    stringValue: "x",
  });
});

it.each<[string, SqlParameter, string]>([
  [
    "an array",
    { name: "p", value: { arrayValue: { longValues: [1, 2] } } },
    "Array parameters are not supported.",
  ],
  ["an empty value", { name: "p" }, 'Parameter "p" has value with no field set'],
  [
    "a date of another format",
    { ...text("p", "29/02/2024"), typeHint: "DATE" },
    'Parameter "p" does not have the format of type hint DATE',
  ],
  [
    "a time with microseconds",
    { ...text("p", "10:20:30.123456"), typeHint: "TIME" },
    'Parameter "p" does not have the format of type hint TIME',
  ],
  [
    "a timestamp of ISO 8601",
    { ...text("p", "2024-02-29T10:20:30Z"), typeHint: "TIMESTAMP" },
    'Parameter "p" does not have the format of type hint TIMESTAMP',
  ],
  [
    "a decimal with a comma",
    { ...text("p", "1,5"), typeHint: "DECIMAL" },
    'Parameter "p" does not have the format of type hint DECIMAL',
  ],
  [
    "a short UUID",
    { ...text("p", "0b6c3f1e"), typeHint: "UUID" },
    'Parameter "p" does not have the format of type hint UUID',
  ],
  [
    "a hint on a number",
    { ...long("p", 1), typeHint: "DECIMAL" },
    'Parameter "p" does not have the format of type hint DECIMAL',
  ],
  [
    "an unknown hint",
    { ...text("p", "1"), typeHint: "MONEY" as "JSON" },
    'Parameter "p" has the unknown type hint MONEY',
  ],
])("refuses %s", async (_what, parameter, message) => {
  await expect(trial.execute("SELECT :p", [parameter])).rejects.toMatchObject({
    name: "BadRequestException",
    message,
  });
});

it("leaves it to the database whether JSON is JSON", async () => {
  const broken = { ...text("p", "{"), typeHint: "JSON" } as const;
  await expect(trial.execute("SELECT :p", [broken])).rejects.toThrow(
    /^ERROR: invalid input syntax for type json;.*SQLState: 22P02$/,
  );
});

it("does not know PostgreSQL's own parameters", async () => {
  await expect(trial.execute("SELECT $1")).rejects.toThrow(
    "ERROR: there is no parameter $1; SQLState: 42P02",
  );
});

it("keeps serving a statement whose types change, and one whose table changes", async () => {
  await trial.execute("CREATE TABLE wide (a int)");
  for (let i = 0; i < 5; i++) await trial.execute("SELECT * FROM wide");
  await trial.execute("ALTER TABLE wide ADD COLUMN b text");
  await trial.execute("INSERT INTO wide VALUES (1, 'x')");
  expect((await trial.execute("SELECT * FROM wide")).records).toEqual([
    [{ longValue: 1 }, { stringValue: "x" }],
  ]);
  for (const parameter of [text("p", "1"), long("p", 1), nothing("p"), text("p", "2")]) {
    await trial.execute("SELECT :p", [parameter]);
  }
  expect(await trial.one("SELECT :p", [long("p", 5)])).toEqual({ longValue: 5 });
});

/** As another client than JavaScript's sends it: longs are JSON numbers of 64 bits. */
async function sent(sql: string, longValue: string, more: object = {}) {
  const body = JSON.stringify({
    ...trial.target,
    sql,
    parameters: [{ name: "p", value: { longValue: "LONG" } }],
    ...more,
  }).replace('"LONG"', longValue);
  const answer = await fetch(`${trial.service.url}/Execute`, { method: "POST", body });
  return { status: answer.status, text: await answer.text() };
}

it.each([
  "9007199254740992",
  "9007199254740993",
  "-9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
])("takes and gives the long %s exactly, as the service does", async (digits) => {
  const { text } = await sent("SELECT :p AS p, (:p)::text AS t", digits);
  expect(text).toContain(`"records":[[{"longValue":${digits}},{"stringValue":"${digits}"}]]`);
  const asText = await sent("SELECT :p AS p", digits, {
    resultSetOptions: { longReturnType: "STRING" },
  });
  expect(asText.text).toContain(`[[{"stringValue":"${digits}"}]]`);
});

it.each(["9223372036854775808", "-9223372036854775809", "1.5", "1e30"])(
  "refuses %s, which is no long",
  async (digits) => {
    const { status, text } = await sent("SELECT :p AS p", digits);
    expect(status).toBe(400);
    expect(text).toContain('"__type":"BadRequestException"');
  },
);
