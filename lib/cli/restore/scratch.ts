import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { identifier } from "../../data/sql.ts";
import { CannotRun } from "../failure.ts";
import type { Archive } from "./archive.ts";
import { type ComparedTable, compareTables } from "./compare.ts";
import { type ClientTools, environmentOf, runTool } from "./tools.ts";

const beginning = "wavegate_restore_";

/** What a look that was killed left behind holds the platform's people: nobody else's look is connected to it. */
async function clear(live: pg.Client): Promise<void> {
  const { rows } = await live.query<{ name: string }>(
    `select datname as name from pg_database d where datname ~ '^${beginning}[0-9a-f]{12}$'
       and not exists (select from pg_stat_activity a where a.datid = d.oid)`,
  );
  // One that somebody just comes to stays: without force it is not dropped.
  for (const { name } of rows)
    await live.query(`drop database if exists ${identifier(name)}`).catch(() => {});
}

/** Restores a backup into a database of its own, so that what cannot be restored shows before anything is touched. */
export async function beside(
  tools: ClientTools,
  archive: Archive,
  url: string,
): Promise<readonly ComparedTable[]> {
  const name = `${beginning}${randomBytes(6).toString("hex")}`;
  const scratch = new URL(url);
  scratch.pathname = `/${name}`;
  const live = new pg.Client({ connectionString: url });
  await live.connect();
  try {
    await clear(live);
    await live.query(`create database ${identifier(name)} template template0`);
    try {
      await fill(tools, archive, scratch.href);
      const backup = new pg.Client({ connectionString: scratch.href });
      await backup.connect();
      try {
        return await compareTables(live, backup);
      } finally {
        await backup.end();
      }
    } finally {
      await live.query(`drop database if exists ${identifier(name)} with (force)`);
    }
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    throw notHere(archive, `SQLState ${(error as { code?: unknown }).code ?? "unknown"}`, error);
  } finally {
    await live.end();
  }
}

/** Tables and their rows, without keys, triggers, owners and rights: what there is to compare. */
async function fill(tools: ClientTools, archive: Archive, url: string): Promise<void> {
  const { code, said } = await runTool(
    tools,
    "pg_restore",
    [
      ...[
        "--no-owner",
        "--no-acl",
        "--no-comments",
        "--exclude-schema=wavegate",
        "--exit-on-error",
      ],
      ...["--section=pre-data", "--section=data", "--dbname", "", archive.file],
    ],
    environmentOf(url),
  );
  if (code !== 0) throw notHere(archive, withoutValues(said));
}

const notHere = ({ file }: Archive, why: string, cause?: unknown): CannotRun =>
  new CannotRun(
    "BackupUnreadable",
    `${file} could not be restored beside the platform to look at it (${why}). Nothing was changed; make sure that the server has what the backup needs, and that its administrator may create a database.`,
    { cause },
  );

/** What a program said, without what it quotes: that may be about a person. */
const withoutValues = (said: string): string => said.replace(/["(].*$/su, "…").slice(0, 200);

/** A folder for scripts that are read by their owner alone, and go with the work. */
export async function withFolder<Answer>(
  work: (write: (name: string, text: string) => Promise<string>, folder: string) => Promise<Answer>,
): Promise<Answer> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-restore-"));
  try {
    return await work(async (name, text) => {
      const file = join(folder, name);
      await writeFile(file, text, { mode: 0o600 });
      return file;
    }, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
