import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { expect, it } from "vitest";
import { partsOf, type WholeMigration } from "../../lib/define/several.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { writeExports } from "../../scripts/club/exports.ts";
import { clubOf, small as smallClub } from "../../scripts/club/generate.ts";
import { schoolOf, small as smallSchool } from "../../scripts/school/generate.ts";
import { gym } from "../gym/definition.ts";
import { schoolServices } from "../migrations/alpha2/world.ts";
import { communityServices } from "../migrations/community/platform.ts";
import { clubWorld } from "../migrations/wild-apricot/club.ts";
import { everyStep } from "../support/every-step.ts";
import { killedAt } from "../support/killed.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { mulberry32 } from "../support/random.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { refusal, reviewedRun, toTheEnd } from "../support/steps.ts";
import { type Files, folderOf } from "./legacy-folder.ts";
import { committed, faultsOfBundle, standing, takenBack } from "./whole-life.ts";
import { bare, bareFiles, barePlatform } from "./worlds/bare.ts";
import { feed, feedFiles, feedPlatform } from "./worlds/feed.ts";
import { kiln, kilnLegacy, kilnPlatform } from "./worlds/kiln.ts";
import { lending, lendingFiles, lendingPlatform } from "./worlds/lending.ts";
import { lessons, lessonsFiles, lessonsPlatform } from "./worlds/lessons.ts";
import { library, libraryFiles, libraryPlatform } from "./worlds/library.ts";
import { registry, registryFiles, registryPlatform, signInFiles } from "./worlds/registry.ts";
import { rich, richFiles, richPlatform } from "./worlds/rich.ts";
import { roster, rosterFiles, rosterPlatform } from "./worlds/roster.ts";

/** Services over a world, and what is left of it to remove. */
type Open = () => Promise<{ readonly test: TestServices; readonly folders: readonly string[] }>;

const ofFiles =
  (migration: WholeMigration, files: Files, platform: string | readonly string[]): Open =>
  async () => {
    const legacy = await folderOf(files);
    const test = await testServices({ world: { migration, platform: [platform].flat(), legacy } });
    return { test, folders: [legacy] };
  };

/** A PostgreSQL that is read: its database goes with what is removed. */
async function openKiln() {
  const legacy: TestDatabase = await testDatabase();
  const reader = `reader_${legacy.name}`;
  const admin = new pg.Client({ connectionString: legacy.url });
  await admin.connect();
  await admin.query(`create role ${reader} login password 'right'`);
  await admin.query(kilnLegacy(reader));
  const test = await testServices({
    world: { migration: kiln, platform: [kilnPlatform], legacy: tmpdir() },
  });
  for (const setting of Object.keys(test.legacy)) delete test.legacy[setting];
  Object.assign(test.legacy, {
    LEGACY_DB_DRIVER: "pgsql",
    LEGACY_DB_PORT: new URL(legacy.url).port,
    LEGACY_DB_DATABASE: legacy.name,
    LEGACY_DB_USERNAME: reader,
    LEGACY_DB_PASSWORD: "right",
  });
  const close = async () => {
    await test.close();
    await admin.query(`drop owned by ${reader}; drop role ${reader}`);
    await admin.end();
    await legacy.drop();
  };
  return { test: { ...test, close }, folders: [] };
}

const gymFolder = new URL("../gym/", import.meta.url);

/** Every definition of the project, and those of tests, over their small samples. */
const worlds: readonly (readonly [name: string, open: Open])[] = [
  ["library", ofFiles(library, libraryFiles, libraryPlatform)],
  ["bare", ofFiles(bare, bareFiles, barePlatform)],
  ["rich", ofFiles(rich, richFiles, richPlatform)],
  ["feed", ofFiles(feed, feedFiles, feedPlatform)],
  ["lending", ofFiles(lending, lendingFiles, lendingPlatform)],
  ["lessons", ofFiles(lessons, lessonsFiles, lessonsPlatform)],
  ["roster", ofFiles(roster, rosterFiles, rosterPlatform)],
  [
    "registry",
    async () => {
      const { test, folders } = await ofFiles(registry, registryFiles, registryPlatform)();
      const signIn = await folderOf(signInFiles);
      Object.assign(test.legacy, { SIGN_IN_DB_DRIVER: "csv", SIGN_IN_DB_PATH: signIn });
      return { test, folders: [...folders, signIn] };
    },
  ],
  [
    "gym",
    async () => {
      const platform = [await readFile(new URL("customers.sql", gymFolder), "utf8")];
      const legacy = fileURLToPath(new URL("legacy/", gymFolder));
      return {
        test: await testServices({ world: { migration: gym, platform, legacy } }),
        folders: [],
      };
    },
  ],
  ["kiln", openKiln],
  ["ecoin", async () => ({ test: await testServices(), folders: [] })],
  [
    "wild-apricot",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "wavegate-club-"));
      await writeExports(clubOf(smallClub), folder);
      const test = await testServices({ world: await clubWorld(folder) });
      test.legacy.WILD_APRICOT_DB_ORGANIZATION = "The Bridge Club";
      return { test, folders: [folder] };
    },
  ],
  ["alpha2", async () => ({ test: await schoolServices(schoolOf(smallSchool)), folders: [] })],
  ["community", async () => ({ test: await communityServices(), folders: [] })],
];

/** Columns that a trigger of the platform writes itself whenever a row is changed, and changed back. */
const ofTriggers = ["touched", "changed_at"];

/** Every row of every table of the platform, whichever it is, as PostgreSQL writes it. */
async function everyRow(test: TestServices): Promise<readonly string[]> {
  const tables = await test.query<{ name: string }>(`
    select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'wavegate') and n.nspname !~ '^pg_t'
     order by 1`);
  const rows: string[] = [];
  for (const { name } of tables) {
    const found = await test.query<{ row: string }>(
      `select (to_jsonb(t) - $1::text[])::text as row from ${name} t order by 1`,
      [ofTriggers],
    );
    rows.push(...found.map(({ row }) => `${name} ${row}`));
  }
  return rows;
}

/** One after the other each is committed as a whole, by waves that grow as fast as they may. */
const waves = { wavePlan: [3, 15, 75, 375, 1875] };
const runs = [1, 2, 3].map((n) => `7f3a0000-0000-4000-8000-00000000ed0${n}`) as [
  string,
  string,
  string,
];

/** Does work in processes that die at random, each begun again where the one before ended, until one comes to its end. */
async function dyingAtRandom<Result>(
  test: TestServices,
  random: () => number,
  work: (mortal: TestServices) => Promise<Result>,
): Promise<Result> {
  for (let most = 60; ; most *= 2) {
    const services = killedAt(test.services, 1 + Math.floor(random() * most));
    try {
      return await work({ ...test, services });
    } catch (error) {
      if (services.alive()) throw error;
    }
  }
}

/** What is planned of a run's rows, whatever kind they are of. */
async function plannedOf(test: TestServices, run: string): Promise<string[]> {
  const each = partsOf(test.definition).map(
    ({ entity }) => `select planned from wavegate.${entity.staging.table} where run_id = $1`,
  );
  const found = await test.query<{ planned: string }>(
    `select distinct planned from (${each.join(" union all ")}) p order by 1`,
    [run],
  );
  return found.map(({ planned }) => planned);
}

it.each(everyStep ? worlds : worlds.filter(([name]) => name === "bare"))(
  "B5 W3 R17 D16 M11 %s goes all the way and back, killed at random, row for row; committed again, once more writes nothing",
  { timeout: 900_000 },
  async (name, open) => {
    const { test, folders } = await open();
    const random = mulberry32(13);
    const before = await everyRow(test);
    await dyingAtRandom(test, random, (mortal) => reviewedRun(mortal, runs[0], waves));
    await dyingAtRandom(test, random, (mortal) => toTheEnd(mortal, runs[0]));
    const { checks } = await finalVerify(test.services, runs[0]);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    expect(await faultsOfBundle(test, runs[0])).toEqual([]);
    expect(await everyRow(test)).not.toEqual(before);
    await dyingAtRandom(test, random, ({ services }) => rollback(services, runs[0]));
    expect(await faultsOfBundle(test, runs[0])).toEqual([]);
    expect(await everyRow(test)).toEqual(before);
    expect(await committed(test, runs[1], waves)).toEqual([]);
    const after = await everyRow(test);
    expect(after).not.toEqual(before);
    const again = committed(test, runs[2], waves);
    if (name === "ecoin") {
      // Whom the platform knows by now is linked, and so many who are known are a person's to look at (D15).
      expect(await refusal(again)).toBe("StopConditionHolds");
    } else {
      expect(await again).toEqual([]);
    }
    expect(await everyRow(test)).toEqual(after);
    const planned = await plannedOf(test, runs[2]);
    expect([planned.includes("commit"), planned.includes("update")]).toEqual([false, false]);
    await test.close();
    for (const folder of folders) await rm(folder, { recursive: true });
  },
);

it("B5 V10 D16 R14 odd names, and keys made of several rows above, go all the way and back", async () => {
  const { test, folders } = await ofFiles(library, libraryFiles, libraryPlatform)();
  const [run] = runs;
  const before = await everyRow(test);
  expect(await committed(test, run)).toEqual([]);
  const states: string[] = [];
  for (const kind of ["reader", "copy", "loan", "fee"]) {
    for (const { no, state, why } of await standing(test, `library_${kind}`, run))
      states.push(`${kind} ${no} ${state}${why ? ` ${why}` : ""}`);
  }
  expect(states).toEqual([
    "reader L-1 committed",
    "reader L-3 held noted_without_rule",
    "reader L-4 failed name_missing",
    "reader ä 2 committed",
    'copy ["R1","1"] committed',
    'copy ["R1","2"] committed',
    'copy ["R2","1"] held noted_without_rule',
    'copy ["R3","1"] held refused_by_platform',
    'loan ["L-1","R1","1","2023-01-01"] committed',
    'loan ["L-1","R1","2","2023-01-02"] committed',
    'loan ["L-1","R2","1","2023-05-01"] held copy_missing',
    'loan ["nobody","R1","1","2023-05-01"] held reader_missing',
    'loan ["ä 2","R1","1","2023-03-01"] committed',
    "fee G/1 committed",
    "fee G/2 committed",
    "fee G/3 held loan_missing",
  ]);
  expect(
    await test.query(`
      select p."fullName", p."order", p.phone, p."état", p."note ""internal""" as note, l.lent_on::text, l."Offen", f.amount::text, f.paid
        from loans l join "Patrons" p on p."patronId" = l.patron left join "Überfällig" f using (patron, item, lent_on)
       order by l.lent_on`),
  ).toEqual([
    {
      fullName: "Müller Anna",
      order: "regular",
      phone: "493090182001",
      état: "actif",
      note: 'said "x"',
      lent_on: "2023-01-01",
      Offen: true,
      amount: "0.50",
      paid: true,
    },
    {
      fullName: "Müller Anna",
      order: "regular",
      phone: "493090182001",
      état: "actif",
      note: 'said "x"',
      lent_on: "2023-01-02",
      Offen: false,
      amount: null,
      paid: null,
    },
    {
      fullName: "O'Neill Björn",
      order: "young",
      phone: "493090182002",
      état: null,
      note: null,
      lent_on: "2023-03-01",
      Offen: true,
      amount: "1.50",
      paid: null,
    },
  ]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await everyRow(test)).toEqual(before);
  await test.close();
  for (const folder of folders) await rm(folder, { recursive: true });
});

it("B2 B5 M1 R17 arrays, JSON, instants and parts of a table go from a PostgreSQL's schema into another one's, and back", async () => {
  const { test } = await openKiln();
  const [run] = runs;
  const before = await everyRow(test);
  expect(await committed(test, run)).toEqual([]);
  const states: string[] = [];
  for (const kind of ["maker", "firing"])
    for (const { no, state, why } of await standing(test, `kiln_${kind}`, run))
      states.push(
        `${kind} ${no.replace("00000000-0000-4000-8000-00000000000", "…")} ${state}${why ? ` ${why}` : ""}`,
      );
  expect(states).toEqual([
    "maker …1 committed",
    "maker …2 committed",
    "maker …3 held refused_by_platform",
    "maker …4 failed name_missing",
    "maker …5 held tier_unknown",
    "maker …6 committed",
    'firing ["1","2024-11-03 05:30:00.123456+00","top"] committed',
    'firing ["1","2025-01-02 05:30:00+00","top"] committed',
    'firing ["2","2025-01-02 05:30:00+00","top"] committed',
    'firing ["2","2025-01-03 05:30:00+00","low"] held maker_missing',
    'firing ["2","2025-01-04 05:30:00+00","low"] held cone_unknown',
    'firing ["3","2025-01-04 05:30:00+00","low"] skipped there',
  ]);
  // What is there takes what the legacy system knows: no list without elements, and no later day.
  expect(
    await test.query(`
      select "DisplayName" as name, "Email" as mail, "Phone" as phone, "Membership"::text as membership, skills, visits::text, profile,
             ("joinedAt" at time zone 'UTC')::text as joined, "Postcode" as postcode, active, right("legacyNo"::text, 1) as no
        from "Members" order by "DisplayName"`),
  ).toEqual([
    {
      ...{ name: "Ada O'Brien", mail: "ada@mail.example", phone: "447911100001" },
      ...{ membership: "monthly", skills: ["throwing", 'glaze "raku"', "a,b"], visits: "{3,1}" },
      ...{ profile: { a: [1.5, null] }, joined: "2023-03-26 01:30:00.5", postcode: "BS1 5TY" },
      ...{ active: true, no: "1" },
    },
    {
      ...{ name: "Bruno", mail: "bruno@mail.example", phone: null, membership: "resident" },
      ...{ skills: ["old"], visits: "{7}", profile: null, joined: "2023-05-01 00:00:00" },
      ...{ postcode: null, active: true, no: "2" },
    },
    {
      ...{ name: "Elif", mail: null, phone: null, membership: "monthly", skills: ["wedging"] },
      ...{ visits: "{9}", profile: null, joined: "2020-01-01 00:00:00", postcode: null },
      ...{ active: true, no: "6" },
    },
  ]);
  const fired = await test.query(`
      select kiln, ("firedAt" at time zone 'UTC')::text as at, m."DisplayName" as member, cone, "topC"::text as top, "loadG"::text as load, pieces, glazes
        from "Firings" left join "Members" m on m.id = member order by kiln, "firedAt"`);
  expect(fired.map((row) => Object.values(row))).toEqual([
    [
      ...[1, "2024-11-03 05:30:00.123456", "Ada O'Brien", "06", "999.5", "1200.4", 3],
      ["celadon", "tenmoku"],
    ],
    [1, "2025-01-02 05:30:00", "Bruno", "6", "1222.0", null, 0, []],
    [2, "2025-01-02 05:30:00", null, "10", "1280.0", "1.0", 1, []],
    [3, "2025-01-04 05:30:00", null, "6", null, null, 3, null],
  ]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await everyRow(test)).toEqual(before);
  await test.close();
});
