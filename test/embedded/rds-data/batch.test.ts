import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { long, nothing, startTrial, type Trial, text } from "./support.ts";

let trial: Trial;

beforeAll(async () => {
  trial = await startTrial();
  await trial.execute("CREATE TABLE notes (id int PRIMARY KEY, body text)");
});
beforeEach(() => trial.execute("TRUNCATE notes"));
afterAll(() => trial.end());

const INSERT = "INSERT INTO notes VALUES (:id, :body)";
const set = (id: number, body: string) => [long("id", id), text("body", body)];
const ids = async () => (await trial.one("SELECT array_agg(id ORDER BY id) FROM notes")).arrayValue;

it("runs the statement once for each set and returns no rows", async () => {
  const { updateResults } = await trial.batch(INSERT, [set(1, "a"), set(2, "b"), set(3, "c")]);
  expect(updateResults).toEqual([
    { generatedFields: [] },
    { generatedFields: [] },
    { generatedFields: [] },
  ]);
  expect(await ids()).toEqual({ longValues: [1, 2, 3] });
});

it("types each set for itself", async () => {
  await trial.batch("INSERT INTO notes VALUES (:id::int, :body)", [
    [long("id", 1), nothing("body")],
    [text("id", "2"), text("body", "b")],
  ]);
  expect(await ids()).toEqual({ longValues: [1, 2] });
});

it("writes nothing when one set fails", async () => {
  await expect(trial.batch(INSERT, [set(1, "a"), set(2, "b"), set(1, "c")])).rejects.toMatchObject({
    name: "DatabaseErrorException",
    message: expect.stringMatching(/^ERROR: duplicate key .*; SQLState: 23505$/),
  });
  expect(await ids()).toBeUndefined();
  await expect(trial.batch(INSERT, [set(1, "a"), [long("id", 2)]])).rejects.toMatchObject({
    name: "BadRequestException",
    message: "Cannot find parameter: body",
  });
  expect(await ids()).toBeUndefined();
});

it("is a part of the transaction that it names", async () => {
  const id = await trial.begin();
  await trial.batch(INSERT, [set(1, "a")], id);
  await trial.batch(INSERT, [set(2, "b")], id);
  expect(await ids()).toBeUndefined();
  await trial.rollback(id);
  expect(await ids()).toBeUndefined();
});

it("does nothing without parameter sets, and runs once for an empty one", async () => {
  const insert = "INSERT INTO notes VALUES (9, 'x')";
  expect((await trial.batch(insert)).updateResults).toEqual([]);
  expect((await trial.batch(insert, [])).updateResults).toEqual([]);
  expect(await ids()).toBeUndefined();
  expect((await trial.batch(insert, [[]])).updateResults).toEqual([{ generatedFields: [] }]);
  expect(await ids()).toEqual({ longValues: [9] });
});

it("refuses a semicolon at the end, and a second statement", async () => {
  await expect(trial.batch(`${INSERT};`, [set(1, "a")])).rejects.toMatchObject({
    name: "BadRequestException",
    message: "The SQL statement of a batch must not end with a semicolon",
  });
  await expect(trial.batch(`${INSERT}; SELECT 1`, [set(1, "a")])).rejects.toMatchObject({
    name: "ValidationException",
    message: "Multistatements aren't supported.",
  });
});

it("W2 takes 1,000 sets at once, and no more: then nothing is written", async () => {
  const sets = (count: number) => Array.from({ length: count }, (_, n) => set(100 + n, "many"));
  await expect(trial.batch(INSERT, sets(1001))).rejects.toMatchObject({
    name: "BadRequestException",
    message: "A batch takes at most 1000 parameter sets",
  });
  expect((await trial.batch(INSERT, sets(1000))).updateResults).toHaveLength(1000);
});

it("refuses a statement that returns rows, and writes nothing", async () => {
  await expect(trial.batch(`${INSERT} RETURNING id`, [set(1, "a")])).rejects.toMatchObject({
    name: "DatabaseErrorException",
    message: "ERROR: A result was returned when none was expected.; SQLState: 0100E",
  });
  expect(await ids()).toBeUndefined();
});

it("leaves the connection fit for the next caller after a failure", async () => {
  await expect(trial.batch(INSERT, [set(1, "a"), set(1, "b")])).rejects.toThrow();
  await trial.execute("INSERT INTO notes VALUES (5, 'kept')");
  expect(await ids()).toEqual({ longValues: [5] });
});
