import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { identifier } from "../../data/sql.ts";
import { CannotRun } from "../failure.ts";
import { ownClient } from "../own-client.ts";
import type { Archive } from "./archive.ts";
import { type ComparedTable, compareTables } from "./compare.ts";
import { type ClientTools, environmentOf, runTool } from "./tools.ts";

/** How databases are called that a backup is looked at in. */
const scratchName = /^wavegate_restore_[0-9a-f]{12}$/u;

/**
 * Restores a backup into a database of its own, so that what cannot be restored shows before anything is touched. What a
 * restore that was killed left of this kind goes first.
 */
export async function beside(
  tools: ClientTools,
  archive: Archive,
  url: string,
  signal?: AbortSignal,
): Promise<readonly ComparedTable[]> {
  const name = `wavegate_restore_${randomBytes(6).toString("hex")}`;
  const scratch = new URL(url);
  scratch.pathname = `/${name}`;
  const live = ownClient(url);
  await live.connect();
  try {
    // Where its scripts cannot be written nothing is begun.
    await withFolder(async (write) => write("tried", ""));
    await dropLeftovers(live);
    await live.query(`create database ${identifier(name)} template template0`);
    // Connected for as long as it is needed: one that nobody is connected to was left.
    const backup = ownClient(scratch.href);
    try {
      await backup.connect();
      await fill(tools, archive, scratch.href, signal);
      const stop = () => void backup.end();
      signal?.addEventListener("abort", stop, { once: true });
      return await compareTables(live, backup);
    } finally {
      await backup.end().catch(() => {});
      await live.query(`drop database if exists ${identifier(name)} with (force)`);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CannotRun) throw error;
    throw notHere(archive, `SQLState ${(error as { code?: unknown }).code ?? "unknown"}`, error);
  } finally {
    await live.end();
  }
}

/** Drops what was left behind: databases of our name and our own, that nobody is connected to. */
async function dropLeftovers(live: pg.Client): Promise<void> {
  const { rows } = await live.query<{ name: string }>(`
    select d.datname as name from pg_database d
     where d.datname like 'wavegate\\_restore\\_%' and pg_get_userbyid(d.datdba) = current_user
       and not exists (select from pg_stat_activity a where a.datid = d.oid)`);
  // Without force: whoever connected in between keeps it.
  for (const { name } of rows.filter((each) => scratchName.test(each.name)))
    await live.query(`drop database if exists ${identifier(name)}`).catch(() => {});
}

/** Tables and their rows, without keys, triggers, owners and rights: what there is to compare. */
async function fill(
  tools: ClientTools,
  archive: Archive,
  url: string,
  signal?: AbortSignal,
): Promise<void> {
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
    signal,
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

const folderName = /^wavegate-restore-(\d+)-/u;

/**
 * A folder for scripts that are read by their owner alone, and go with the work; those of processes that were killed
 * go first, as they hold the platform's rows.
 */
export async function withFolder<Answer>(
  work: (write: (name: string, text: string) => Promise<string>, folder: string) => Promise<Answer>,
): Promise<Answer> {
  await clearFolders().catch(notWritten);
  const folder = await mkdtemp(join(tmpdir(), `wavegate-restore-${process.pid}-`)).catch(
    notWritten,
  );
  try {
    return await work(async (name, text) => {
      const file = join(folder, name);
      await writeFile(file, text, { mode: 0o600 }).catch(notWritten);
      return file;
    }, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function notWritten(error: NodeJS.ErrnoException): never {
  throw new CannotRun(
    "FileNotWritten",
    `${tmpdir()} takes no file (${error.code}), and a restore writes its scripts there. The platform is as it was; make room, or set TMPDIR to a folder that takes them, and run the command again.`,
    { cause: error },
  );
}

async function clearFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = folderName.exec(name) ?? [];
    if (pid !== undefined && !runs(Number(pid)))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
