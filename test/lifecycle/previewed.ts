import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import {
  type LeftServices,
  type TestServices,
  testServices,
  type World,
} from "../support/services.ts";
import { committed, rowsOf, saidAndDone } from "./whole-life.ts";

export const run = "7f3a0000-0000-4000-8000-00000000d501";

/** A run that is complete, with two waves and more, to be lent in copies. */
export function whole(
  migration: World["migration"],
  platform: string,
  files: Record<string, string[]>,
) {
  let legacy: string;
  let world: World;
  let left: LeftServices;
  let before: Awaited<ReturnType<typeof rowsOf>>;
  beforeAll(async () => {
    legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
    for (const [table, lines] of Object.entries(files)) {
      await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
    }
    world = { migration, platform: [platform], legacy };
    const test = await testServices({ world });
    before = await standing(test);
    expect(await committed(test, run)).toEqual([]);
    left = await test.leave();
  });
  afterAll(async () => {
    await left.remove();
    await rm(legacy, { recursive: true });
  });
  const standing = (test: TestServices) => rowsOf(test, tablesOf(migration));
  return {
    lend: () => testServices({ world, from: left }),
    standing,
    asItWas: () => before,
  };
}

const tables: Readonly<Record<string, readonly string[]>> = {
  lending: ["levels", "sites", "patrons", "loans"],
  roster: ["club_grades", "club_members", "club_notes"],
  rooms: ["rooms"],
};
const tablesOf = ({ name }: World["migration"]) => tables[name] ?? [];

export const ofTheRun = ({ definition: { name } }: TestServices) =>
  databaseRoles(`draft_${name}`).commit(name);

/** Of this database alone: roles are every test's. */
export const ofRoleHere = (setting: string) =>
  `do $do$ begin execute format('alter role $commit in database %I ${setting.replaceAll("'", "''")}', current_database()); end $do$`;

export async function agree(test: TestServices, toWave = 1): Promise<number> {
  const { said, done, differs, spared } = await saidAndDone(test, run, toWave);
  expect(said).toEqual(done);
  expect(differs).toEqual([]);
  return spared;
}

/** Not when a row changed last, which a trigger of the platform's own says. */
export const shown = (rows: unknown) =>
  JSON.parse(JSON.stringify(rows, (key, value) => (key === "changed_at" ? null : value)));
