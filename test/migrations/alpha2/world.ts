import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import type { WholeMigration } from "../../../lib/define/several.ts";
import { pullBundle } from "../../../lib/evidence/pull.ts";
import { verifyBundle } from "../../../lib/evidence/verify-bundle.ts";
import { auditExport } from "../../../lib/stages/export-audit.ts";
import { alpha2 } from "../../../migrations/alpha2/definition.ts";
import { truth } from "../../../scripts/school/generate.ts";
import type { School } from "../../../scripts/school/school.ts";
import { sqlOf, writeFiles } from "../../../scripts/school/write.ts";
import { standing } from "../../lifecycle/whole-life.ts";
import { testDatabase } from "../../support/postgres.ts";
import { type TestServices, testServices } from "../../support/services.ts";

const read = (name: string) =>
  readFile(fileURLToPath(new URL(`../../../migrations/alpha2/${name}`, import.meta.url)), "utf8");

/** A school's dump, restored, its files and the platform, with services over them. */
export interface SchoolServices extends TestServices {
  /** The place of the files. */
  readonly files: string;
  /** A query of the dump, as its owner. */
  legacyQuery(text: string): Promise<unknown>;
}

const reader = "reader_of_alpha2";

/** @param options another definition than that of the dump itself, and what is made in the dump besides */
export async function schoolServices(
  school: School,
  { migration = alpha2, dumped = "" }: { migration?: WholeMigration; dumped?: string } = {},
): Promise<SchoolServices> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-school-"));
  const files = join(folder, "blobs");
  await writeFiles(school, join(folder, "subs"), files);
  const dump = await testDatabase();
  const admin = new pg.Client({ connectionString: dump.url });
  await admin.connect();
  await admin.query(await read("legacy-schema.postgres.sql"));
  await admin.query(sqlOf(school));
  await admin.query(`
    do $$ begin create role ${reader} login password 'right'; exception when duplicate_object or unique_violation then null; end $$;
    revoke create on schema public from public; grant usage on schema auth to ${reader};
    grant select on all tables in schema public, auth to ${reader}`);
  if (dumped !== "") await admin.query(dumped);
  const test = await testServices({
    world: {
      migration,
      platform: [await read("platform-schema.postgres.sql")],
      legacy: folder,
    },
  });
  const url = new URL(dump.url);
  Object.assign(test.legacy, {
    ALPHA2_DB_DRIVER: "pgsql",
    ALPHA2_DB_HOST: url.hostname,
    ALPHA2_DB_PORT: url.port,
    ALPHA2_DB_DATABASE: dump.name,
    ALPHA2_DB_USERNAME: reader,
    ALPHA2_DB_PASSWORD: "right",
    ALPHA2_SUBS_DB_DRIVER: "csv",
    ALPHA2_SUBS_DB_PATH: join(folder, "subs"),
    ALPHA2_DB_FILES: files,
  });
  return {
    ...test,
    files,
    legacyQuery: async (text) => (await admin.query(text)).rows,
    close: async () => {
      await admin.end();
      await test.close();
      await dump.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Rows of a kind of things that came out otherwise than the table by hand says. */
export async function otherwise(
  test: TestServices,
  school: School,
  entity: string,
  run: string,
): Promise<string[]> {
  const rows = await standing(test, `"alpha2_${entity}"`, run);
  return rows.flatMap(({ no, state, why }) => {
    const kind = school.kinds.get(`${entity} ${no}`);
    const line = truth.find((each) => each.entity === entity && each.kind === kind);
    return line?.state === state && line.reason === (why ?? "")
      ? []
      : [`${no} ${kind}: ${state} ${why}`];
  });
}

/** The audit bundle of a run as it was pulled: texts of its files, and what a check of it finds wrong. */
export async function bundleOf({ services }: TestServices, run: string) {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-bundle-"));
  const { prefix, manifestDigest } = await auditExport(services, run);
  await pullBundle(services.evidence, prefix, folder);
  const { checks } = await verifyBundle(folder, { digest: manifestDigest });
  const names = await readdir(folder);
  const texts = new Map(
    await Promise.all(
      names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
    ),
  );
  await rm(folder, { recursive: true });
  return {
    text: (name: string) => texts.get(name) ?? "",
    wrong: checks.filter(({ passed }) => !passed),
  };
}
