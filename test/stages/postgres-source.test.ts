import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { type TestDatabase, testDatabase } from "../support/postgres.ts";
import { sampleFolder, type TestServices, testServices } from "../support/services.ts";
import { importAll, judgeAll } from "../support/steps.ts";

let test: TestServices;
let legacy: TestDatabase;
const reader = "legacy_reader_of_stages";

beforeAll(async () => {
  [test, legacy] = [await testServices(), await testDatabase()];
  await loadSample(legacy.url);
});

afterAll(async () => {
  await test?.query(`drop owned by ${reader}`).catch(() => {});
  await test?.close();
  await legacy?.drop();
});

/** The committed sample, in tables of text with an integer key, as a restored dump might hold it. */
async function loadSample(url: string): Promise<void> {
  const path = new URL("legacy/", sampleFolder).pathname;
  const sample = await openSource({ driver: "csv", connection: "sample", path });
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  for (const [table, { key, columns }] of Object.entries(ecoin.source)) {
    const others = columns.filter((column) => column !== key);
    await admin.query(
      `create table ${table} (${key} bigint primary key, ${others.map((name) => `${name} text`).join(", ")})`,
    );
    const all = { table, after: null, upTo: null };
    for await (const rows of sample.read(table, key, columns, all, 2_000)) {
      await admin.query(
        `insert into ${table} (${columns.join(", ")})
         select ${columns.map((name, n) => (name === key ? `(e->>${n})::bigint` : `e->>${n}`)).join(", ")}
           from jsonb_array_elements($1::jsonb) e`,
        [JSON.stringify(rows).replaceAll("\\u0000", "")],
      );
    }
  }
  await admin.query(`
    do $$ begin create role ${reader} login password 'right'; exception when duplicate_object or unique_violation then null; end $$;
    revoke create on schema public from public;
    grant select on all tables in schema public to ${reader}`);
  await admin.end();
  await sample.close();
}

const decided = (run: string) =>
  test.query(
    `select source_table, legacy_id, full_name, birth_date::text, phone_normalized, email_normalized, raw_status,
            validation_status, classification, duplicate_confidence, import_state
       from wavegate.legacy_student_imports where run_id = $1 order by 1, 2`,
    [run],
  );

it("M1 a PostgreSQL as the source gives the decisions that the same rows give from files", async () => {
  const [fromFiles, fromPostgres] = [
    "00000000-0000-4000-8000-00000000f11e",
    "00000000-0000-4000-8000-0000000000d5",
  ];
  await importAll(test, fromFiles);
  await judgeAll(test, fromFiles);
  const url = new URL(legacy.url);
  Object.assign(test.legacy, {
    LEGACY_DB_DRIVER: "pgsql",
    LEGACY_DB_PORT: url.port,
    LEGACY_DB_DATABASE: legacy.name,
    LEGACY_DB_USERNAME: reader,
    LEGACY_DB_PASSWORD: "right",
  });
  await importAll(test, fromPostgres);
  await judgeAll(test, fromPostgres);
  const [first, second] = [await decided(fromFiles), await decided(fromPostgres)];
  expect(first).toHaveLength(3_000);
  expect(second).toEqual(first);
});

it("W5 runs of one day whose ids begin alike have references of their own", async () => {
  expect(
    await test.query("select reference from wavegate.legacy_import_runs order by created_at"),
  ).toEqual([
    { reference: expect.stringMatching(/^ecoin-\d{8}-0000$/) },
    { reference: expect.stringMatching(/^ecoin-\d{8}-00000000$/) },
  ]);
});
