import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type Terminal, terminal } from "./terminal.ts";

/** A document of `--output json`, as far as these tests look into it. */
// biome-ignore lint/suspicious/noExplicitAny: every command has a document of its own.
export type Document = any;

/** A runtime of its own with the sample on both sides, and two people on it. */
export interface SampleMachine {
  readonly folder: string;
  /** Whoever came first and starts runs. */
  readonly shell: Terminal;
  /** The same person with the password that was shown at the first start. */
  readonly starter: Terminal;
  /** Another person, with her password. */
  readonly karima: Terminal;
  /** The document of a command and its exit code. */
  json(...argv: string[]): Promise<Document>;
  /** Rows as the database's administrator sees them. */
  sql(text: string): Promise<Document[]>;
  close(): Promise<void>;
}

const migration = join(import.meta.dirname, "../../migrations/ecoin");

export async function startSampleMachine(): Promise<SampleMachine> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-sample-"));
  const shell = terminal({ cwd: folder });
  const json = async (...argv: string[]): Promise<Document> => {
    const { exit, out } = await shell.run(...argv, "--output", "json");
    return { exit, ...JSON.parse(out) };
  };
  const sql = async (text: string) => {
    const client = new pg.Client({ connectionString: (await json("local", "database")).url });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  await writeFile(
    join(folder, ".env"),
    `LEGACY_DB_DRIVER=csv\nLEGACY_DB_PATH=${join(migration, "sample/legacy")}\n`,
  );
  const { operator } = await json("local", "up");
  await sql(await readFile(join(migration, "platform-schema.postgres.sql"), "utf8"));
  await sql(await readFile(join(migration, "sample/platform.sql"), "utf8"));
  const added = await json("people", "add", "karima", "--email", "k@example.com", "--can", "all");
  return {
    folder,
    shell,
    starter: terminal({ cwd: folder, env: { WAVEGATE_PASSWORD: operator.password } }),
    karima: terminal({
      cwd: folder,
      env: { WAVEGATE_PERSON: "karima", WAVEGATE_PASSWORD: added.password },
    }),
    json,
    sql,
    close: async () => {
      await shell.run("local", "down");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
