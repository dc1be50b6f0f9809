import pg from "pg";
import { testDatabase } from "../support/postgres.ts";
import { type TestServices, testServices, type World } from "../support/services.ts";

const reader = "legacy_reader_of_lifecycles";

/** Services of a migration, with the connection `legacy`, that reads a PostgreSQL, in which there are some tables, and changes of these. */
export async function fromPostgres(
  migration: World["migration"],
  { platform, legacy: tables }: { readonly platform: string; readonly legacy: string },
): Promise<TestServices & { inLegacy(sql: string): Promise<void> }> {
  const legacy = await testDatabase();
  const admin = new pg.Client({ connectionString: legacy.url });
  await admin.connect();
  await admin.query(`
    do $$ begin create role ${reader} login password 'right'; exception when duplicate_object or unique_violation then null; end $$;
    revoke create on schema public from public;
    ${tables};
    grant select on all tables in schema public to ${reader}`);
  const world = { migration, platform: [platform], legacy: "nowhere" };
  const test = await testServices({ world });
  Object.assign(test.legacy, {
    LEGACY_DB_DRIVER: "pgsql",
    LEGACY_DB_PORT: new URL(legacy.url).port,
    LEGACY_DB_DATABASE: legacy.name,
    LEGACY_DB_USERNAME: reader,
    LEGACY_DB_PASSWORD: "right",
  });
  const close = async () => {
    await admin.end();
    await test.query(`drop owned by ${reader}`).catch(() => {});
    await test.close();
    await legacy.drop();
  };
  const inLegacy = async (sql: string) => void (await admin.query(sql));
  return { ...test, close, inLegacy };
}

/** Everything that was left as evidence, as one text. */
export async function allEvidence({ services }: TestServices): Promise<string> {
  const keys = (await services.evidence.list("")).map(({ key }) => key);
  const files = await Promise.all(keys.map((key) => services.evidence.get(key)));
  return files.map((file) => file.toString()).join("\n");
}
