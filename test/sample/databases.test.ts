import { readFile } from "node:fs/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { foldName } from "../../lib/normalize/name.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { COURSES, FORMATIONS } from "../../scripts/sample/catalogue.ts";
import { startMariaDb, type TestMariaDb } from "../support/mariadb.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { everyRow, SAMPLE } from "./read.ts";

const PLATFORM = new URL("../../migrations/ecoin/platform-schema.postgres.sql", import.meta.url);

let legacy: TestMariaDb;
let database: TestDatabase;
let platform: pg.Client;

beforeAll(async () => {
  [legacy, database] = await Promise.all([
    startMariaDb({ sample: `${SAMPLE}/legacy` }),
    testDatabase(),
  ]);
  platform = new pg.Client({ connectionString: database.url });
  await platform.connect();
  await platform.query(await readFile(PLATFORM, "utf8"));
  await platform.query(await readFile(`${SAMPLE}/platform.sql`, "utf8"));
  await platform.query("CREATE EXTENSION pg_trgm");
});

afterAll(async () => {
  await platform?.end();
  await Promise.all([legacy?.stop(), database?.drop()]);
});

const rowsOf = async (sql: string, values?: unknown[]) => (await platform.query(sql, values)).rows;

describe("the sample in its databases", () => {
  it("M1 reads the same from MariaDB as from the CSV files, dirt and all", async () => {
    const source = await openSource(sourceSettings("legacy", legacy.settings));
    const columns = {
      formations: ["id", "nom", "prix", "duree", "created_at"],
      session_ecoins: ["id", "code", "formation_id", "date_debut", "date_fin"],
      stagiaires: [
        "id",
        "nom",
        "prenom",
        "date_naissance",
        "telephone",
        "email",
        "adresse",
        "niveau",
        "statut",
        "formation_id",
        "session_ecoin_id",
        "remarque",
        "created_at",
        "updated_at",
      ],
      archives: [
        "id",
        "nom",
        "prenom",
        "date_naissance",
        "telephone",
        "email",
        "statut",
        "remarque",
        "created_at",
        "archived_at",
      ],
    };
    for (const [table, wanted] of Object.entries(columns)) {
      const rows: (string | null)[][] = [];
      const all = { table, after: null, upTo: null };
      for await (const page of source.read(table, "id", wanted, all, 700)) rows.push(...page);
      expect(rows.length).toBeGreaterThan(20);
      expect(rows).toEqual(await everyRow(SAMPLE, table, wanted));
    }
    await source.close();
  });

  it("has a platform of users, courses, sessions, leads and what no migration may touch", async () => {
    const counts: Record<string, number> = {};
    for (const table of [
      "users",
      "courses",
      "course_sessions",
      "crm_leads",
      "enrollments",
      "payments",
      "attendances",
      "legacy_completed_trainings",
    ]) {
      const [row] = await rowsOf(`SELECT count(*)::int AS n FROM ${table}`);
      counts[table] = row.n;
    }
    expect(counts).toEqual({
      users: 300,
      courses: 20,
      course_sessions: counts.course_sessions,
      crm_leads: 150,
      enrollments: 180,
      payments: 180,
      attendances: 360,
      legacy_completed_trainings: 0,
    });
    expect(counts.course_sessions).toBeGreaterThanOrEqual(50);
    const [made] = await rowsOf("INSERT INTO users (full_name) VALUES ('New') RETURNING id::int");
    expect(made.id).toBe(301);
  });

  it("D25 has trainings that are exactly one course, that are two, that resemble one, that are none", async () => {
    const found: Record<string, number[]> = { one: [], two: [], similar: [], none: [] };
    for (const [i, { name }] of FORMATIONS.entries()) {
      const equal = COURSES.filter((course) => foldName(course) === foldName(name)).length;
      const [near] = await rowsOf(
        "SELECT max(similarity(course, $1)) AS s FROM unnest($2::text[]) AS course",
        [foldName(name), COURSES.map(foldName)],
      );
      const kind = equal === 1 ? "one" : equal > 1 ? "two" : near.s >= 0.6 ? "similar" : "none";
      found[kind]?.push(i + 1);
    }
    expect(found).toEqual({
      one: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18],
      two: [20],
      similar: [19, 25],
      none: [21, 22, 23, 24],
    });
  });

  it("D7 has planted names that are similar enough, also the landmark's", async () => {
    const [landmark] = await rowsOf("SELECT similarity('guerach nassim', 'guerrache nassim') AS s");
    expect(landmark.s).toBeGreaterThanOrEqual(0.5);
    const planted = (await readFile(`${SAMPLE}/truth.csv`, "utf8"))
      .split("\n")
      .map((line) => line.split(","))
      .filter(([, , kind]) => kind === "similar_name");
    expect(planted.length).toBeGreaterThan(10);
    for (const [table = "", id, , on, platformId] of planted) {
      const [source] = (
        await everyRow(SAMPLE, table, ["id", "nom", "prenom", "date_naissance"])
      ).filter((row) => row[0] === id);
      const [same] = await rowsOf(
        `SELECT full_name, birth_date::text AS birth FROM ${on} WHERE id = $1`,
        [platformId],
      );
      expect(same.birth).toBe(source?.[3]);
      const names = [`${source?.[1]} ${source?.[2]}`, same.full_name].map(foldName);
      const [near] = await rowsOf("SELECT similarity($1, $2) AS s", names);
      expect(near.s, String(names)).toBeGreaterThanOrEqual(0.5);
      expect(near.s).toBeLessThan(1);
    }
  });
});
