import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { openLegacy } from "../../lib/sources/legacy.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";
import { registry, registryFiles, registryPlatform, signInFiles } from "./worlds/registry.ts";

const runs = [1, 2, 3, 4].map((n) => `7f3a0000-0000-4000-8000-00000000c70${n}`) as [
  string,
  string,
  string,
  string,
];

const folders: string[] = [];
const folderOf = async (files: Readonly<Record<string, readonly string[]>>) => {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  folders.push(folder);
  for (const [table, lines] of Object.entries(files)) {
    await writeFile(join(folder, `${table}.csv`), `${lines.join("\n")}\n`);
  }
  return folder;
};

let test: TestServices;
beforeAll(async () => {
  test = await testServices({
    world: {
      migration: registry,
      platform: [registryPlatform],
      legacy: await folderOf(registryFiles),
    },
  });
  test.legacy.SIGN_IN_DB_DRIVER = "csv";
  test.legacy.SIGN_IN_DB_PATH = await folderOf(signInFiles);
});
afterAll(async () => {
  await test.close();
  for (const folder of folders) await rm(folder, { recursive: true });
});

const tables = ["logins", "persons", "addresses"];
const states = async (view: string, run: string) =>
  (await standing(test, view, run)).map(
    ({ no, state, why }) => `${no} ${state}${why ? ` ${why}` : ""}`,
  );

it("R2 a connection without settings, or that may write, is named before anything is staged", async () => {
  const { SIGN_IN_DB_PATH: path = "" } = test.legacy;
  delete test.legacy.SIGN_IN_DB_PATH;
  const input = { migration: "registry", run: runs[3], executionArn: "" };
  await expect(preflight(test.services, input)).rejects.toMatchObject({
    name: "SourceSettingsInvalid",
    message: expect.stringContaining("SIGN_IN_DB_PATH"),
  });
  test.legacy.SIGN_IN_DB_PATH = path;
  const open = test.services.openSource;
  const services = {
    ...test.services,
    openSource: async (connection: string) => {
      const source = await open(connection);
      const asItIs = source.identify.bind(source);
      const identify = async () => ({
        ...(await asItIs()),
        ...(connection === "sign-in" ? { readOnly: false, privileges: ["INSERT", "SELECT"] } : {}),
      });
      return Object.assign(source, { identify });
    },
  };
  await expect(preflight(services, input)).rejects.toMatchObject({
    name: "PreflightFailed",
    message: expect.stringContaining(
      "The user of the source “sign-in” may do more than SELECT: INSERT, SELECT.",
    ),
  });
  expect(await test.query("select from wavegate.registry_person")).toEqual([]);
});

it("B5 R17 several sources go all the way, and back; two kinds are read from one table", async () => {
  const before = await rowsOf(test, tables);
  expect(await committed(test, runs[0])).toEqual([]);
  expect(await states("registry_account", runs[0])).toEqual([
    "P1 committed",
    "P2 committed",
    "P3 held sub_missing",
    "P4 committed",
  ]);
  expect(await states("registry_person", runs[0])).toEqual([
    "P1 committed",
    "P2 committed",
    "P3 held account_missing",
    "P4 committed",
  ]);
  expect(await states("registry_address", runs[0])).toEqual([
    "P1 committed",
    "P2 held street_missing",
    "P3 held person_missing",
    "P4 committed",
  ]);
  expect(
    await test.query(
      "select a.street, p.title, l.sub from addresses a join persons p on p.id = a.person_id join logins l on l.id = p.login_id order by 1",
    ),
  ).toEqual([
    { street: "Mill Lane 1", title: "Ada Okafor", sub: "s-1" },
    { street: "Mill Lane 4", title: "Dan Evans", sub: "s-4" },
  ]);
  // Read once each; a row that two kinds are made of counts for both.
  expect(
    await test.query(
      "select source_table, rows_read::int, rows_staged::int from wavegate.import_ranges where run_id = $1 order by 1",
      [runs[0]],
    ),
  ).toEqual([
    { source_table: "accounts", rows_read: 4, rows_staged: 4 },
    { source_table: "people", rows_read: 8, rows_staged: 8 },
  ]);
  const { counts, source } = await findRun(test.services.stage, runs[0]);
  expect(counts).toMatchObject({ people: 4, accounts: 4, source_rows: 12, staged_rows: 12 });
  expect(source).toMatchObject({
    connections: [{ connection: "town-hall" }, { connection: "sign-in" }],
  });
  expect(source.description).toMatch(/^town-hall: files in .*; sign-in: files in /);
  expect(await takenBack(test, runs[0])).toEqual([]);
  expect(await rowsOf(test, tables)).toEqual(before);
});

it("M11 once more writes nothing", async () => {
  expect(await committed(test, runs[1])).toEqual([]);
  const after = await rowsOf(test, tables);
  expect(await committed(test, runs[2])).toEqual([]);
  expect(await rowsOf(test, tables)).toEqual(after);
  expect(await states("registry_address", runs[2])).toEqual([
    "P1 skipped moved_before",
    "P2 held street_missing",
    "P3 held person_missing",
    "P4 skipped moved_before",
  ]);
});

it("R4 what is read from one connection needs no other; one that was opened is closed where the next fails", async () => {
  const { openSource } = test.services;
  const closed: string[] = [];
  const opening = async (connection: string) => {
    if (connection === "sign-in") throw new Error("nobody is there");
    const source = await openSource(connection);
    const asItIs = source.close.bind(source);
    const close = async () => {
      closed.push(connection);
      await asItIs();
    };
    return Object.assign(source, { close });
  };
  await expect(openLegacy(opening, "town-hall", registry.source)).rejects.toThrow(
    "nobody is there",
  );
  expect(closed).toEqual(["town-hall"]);
  const { people = { key: ["no"], columns: [] } } = registry.source;
  const alone = await openLegacy(opening, "town-hall", { people });
  expect(await alone.inspect({ people })).toMatchObject([{ exists: true, rows: 4 }]);
  await alone[Symbol.asyncDispose]();
});
