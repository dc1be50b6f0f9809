import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { startPostgres } from "../../lib/embedded/postgres/start.ts";
import { schoolOf, small } from "../school/generate.ts";
import { sqlOf, writeFiles } from "../school/write.ts";

/** A small school as it is restored from a dump: a database of its own, read by a role that can only read, and files. */
export async function restoreDump(root: string, home: string) {
  const school = schoolOf(small);
  const subs = join(home, "subs");
  const files = join(home, "blobs");
  await mkdir(files, { recursive: true });
  await writeFiles(school, subs, files);
  const postgres = await startPostgres({ directory: join(home, "dump"), durable: false });
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query("create database alpha1");
  await admin.query("create role alpha1_reader login password 'only-reads'");
  await admin.end();
  const url = new URL(postgres.url);
  url.pathname = "/alpha1";
  const owner = new pg.Client({ connectionString: url.href });
  await owner.connect();
  await owner.query(
    await readFile(join(root, "migrations/alpha2/legacy-schema.postgres.sql"), "utf8"),
  );
  await owner.query(sqlOf(school));
  await owner.query(`
    revoke create on schema public from public; grant usage on schema auth to alpha1_reader;
    grant select on all tables in schema public, auth to alpha1_reader`);
  await owner.end();
  return {
    files,
    settings: {
      ALPHA2_DB_DRIVER: "pgsql",
      ALPHA2_DB_PORT: String(postgres.port),
      ALPHA2_DB_DATABASE: "alpha1",
      ALPHA2_DB_USERNAME: "alpha1_reader",
      ALPHA2_DB_PASSWORD: "only-reads",
      ALPHA2_SUBS_DB_DRIVER: "csv",
      ALPHA2_SUBS_DB_PATH: subs,
    },
    close: () => postgres.stop(),
  };
}
