import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { basename, extname } from "node:path";
import * as z from "zod";
import { canonicalJson } from "../../data/runs.ts";
import { Refusal } from "../../services/errors.ts";
import { writeNew } from "../../services/whole-file.ts";
import { CannotRun } from "../failure.ts";
import { ownClient } from "../own-client.ts";
import { type Archive, digestOf } from "./archive.ts";

/** What a backup is of, as it stands beside it: whose content, and of which cluster and database. */
const BackupNote = z.strictObject({
  sha256: z.string(),
  /** The number that PostgreSQL gave the cluster when it was made; a restored one has another. */
  system_identifier: z.string(),
  database: z.string(),
  /** When it was begun, by the clock of the database, in UTC. */
  made_at: z.string(),
});
type BackupNote = z.output<typeof BackupNote>;

type DatabaseIdentity = Pick<BackupNote, "system_identifier" | "database">;

/** How a backup is known to be the one that a run was started with. */
export type Known = { readonly by: "content"; readonly note: BackupNote } | { readonly by: "name" };

/** Where the note of a backup lies. */
export const noteFile = (file: string): string => `${file}.json`;
const letters = 16;
const ending = /\.([a-p]{16})$/u;

/**
 * `nightly-2026-11-19.fkbmhaopdgnlcjei`: the file's name without its ending, and the first 64 bits of the SHA-256 of
 * its note, in letters, as digits might be taken for somebody's phone.
 */
export const idOf = (file: string, note: BackupNote): string =>
  `${basename(file, extname(file))}.${fingerprint(note)}`;

/** What the file of a backup was called that has such an id, as an example. */
export const fileOf = (id = "backup"): string => `${id.replace(ending, "")}.dump`;

const fingerprint = (note: BackupNote): string =>
  createHash("sha256")
    .update(canonicalJson(note))
    .digest("hex")
    .slice(0, letters)
    .replace(/./gu, (digit) => String.fromCodePoint(97 + Number.parseInt(digit, 16)));

/** Which database a connection string means, and its clock. */
export async function identityOf(
  url: string,
): Promise<DatabaseIdentity & { readonly now: string }> {
  const client = ownClient(url);
  await client.connect();
  try {
    const { rows } = await client.query<DatabaseIdentity & { now: string }>(
      `select (select system_identifier::text from pg_control_system()), current_database()::text as database,
              to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as now`,
    );
    return rows[0] as DatabaseIdentity & { now: string };
  } finally {
    await client.end();
  }
}

/** Writes beside a backup what it is of: its id. Without the note the backup would be known by its name only: it goes. */
export async function noteBackup(
  file: string,
  { system_identifier, database }: DatabaseIdentity,
  madeAt: string,
): Promise<{ readonly id: string; readonly note: BackupNote }> {
  const note = { sha256: await digestOf(file), system_identifier, database, made_at: madeAt };
  try {
    await writeNew(noteFile(file), `${JSON.stringify(note, null, 2)}\n`);
  } catch (error) {
    await rm(file, { force: true });
    throw new CannotRun(
      "FileNotWritten",
      `${noteFile(file)}, which says what the backup is of, cannot be written or is there already. No backup was made; name another file.`,
      { cause: error },
    );
  }
  return { id: idOf(file, note), note };
}

/**
 * Looks whether a backup is the one that a run was started with, and of the database that it would replace. One whose
 * id has a fingerprint is known by it, whatever its file is called now; another by its name, which anything may have.
 * Errors: `OtherBackup`.
 *
 * @param sha256 what whoever restores it says that it is
 */
export async function requireSame(
  archive: Archive,
  of: { readonly run: string; readonly backup: string | undefined; readonly sha256?: string },
  live: DatabaseIdentity,
): Promise<Known> {
  const { file } = archive;
  const other = (why: string) =>
    new Refusal(
      "OtherBackup",
      `${of.run} was started with the backup ${of.backup ?? "of no name"}, and ${why}. Nothing was changed; name the file of that backup.`,
    );
  if (of.sha256 !== undefined && of.sha256.toLowerCase() !== archive.sha256)
    throw other(`the SHA-256 of ${file} is ${archive.sha256}, not the one that was said`);
  const [, said] = ending.exec(of.backup ?? "") ?? [];
  if (said === undefined) {
    if (archive.id === of.backup) return { by: "name" };
    throw other(`${file} is called ${archive.id}`);
  }
  const note = await readNote(file);
  if (note === undefined)
    throw other(
      `there is no ${noteFile(file)} that says what ${file} is of (\`wavegate backup\` wrote it beside the backup)`,
    );
  if (fingerprint(note) !== said || note.sha256 !== archive.sha256)
    throw other(`${file} is another one by its content`);
  if (note.system_identifier !== live.system_identifier || note.database !== live.database)
    throw other(
      `${file} is of the database ${note.database} of the cluster ${note.system_identifier}, while this one is ${live.database} of ${live.system_identifier}`,
    );
  return { by: "content", note };
}

async function readNote(file: string): Promise<BackupNote | undefined> {
  const text = await readFile(noteFile(file), "utf8").catch(() => "");
  try {
    return BackupNote.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** How it is known that this is the backup, in a sentence. */
export const saysKnown = (
  run: string,
  { sha256, database, madeAt }: Archive,
  known: Known,
): string =>
  known.by === "content"
    ? `It is the backup that ${run} was started with, by its content: SHA-256 ${sha256}, of the database ${known.note.database} of the cluster ${known.note.system_identifier}, begun ${known.note.made_at}.`
    : `It is known by its name only, as nobody noted its content when ${run} was started: its SHA-256 is ${sha256}, and it says that it is of a database ${database}, made ${madeAt}. Look that it is the right one.`;
