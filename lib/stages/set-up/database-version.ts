import type { Database } from "../../data/database.ts";
import { raw } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";

/** The oldest major version of PostgreSQL that has what wavegate's statements call (`pg_input_is_valid`). */
export const oldestVersion = 16;
/** The newest that whole runs were tested on (`test/versions`). */
const newestTested = 18;

/** A PostgreSQL as a person reads it, and what is to be said of its version, if anything. */
export interface Version {
  /** `18.4`. */
  readonly shown: string;
  readonly major: number;
  readonly says: string | undefined;
}

/** Which PostgreSQL a database is of. Works as any role. */
export async function versionOf(db: Database): Promise<Version> {
  const { shown, number } = await db.one<{ shown: string; number: number }>(
    raw(
      "select current_setting('server_version') as shown, current_setting('server_version_num')::int as number",
    ),
  );
  const major = Math.floor(number / 10_000);
  return { shown, major, says: saysVersion(major) };
}

/** What is to be said of a major version: nothing of one that is tested. */
export function saysVersion(major: number): string | undefined {
  if (major < oldestVersion)
    return `wavegate needs PostgreSQL ${oldestVersion} or newer, and this is ${major}`;
  if (major > newestTested)
    return `wavegate was never tested on PostgreSQL ${major}: on ${oldestVersion} to ${newestTested} whole runs were; try a copy of the platform first`;
  return undefined;
}

/** Errors: `DatabaseTooOld`. */
export async function requireVersion(db: Database, oldest = oldestVersion): Promise<void> {
  const { shown, major } = await versionOf(db);
  if (major < oldest) throw tooOld(shown, oldest);
}

/** Of a PostgreSQL that lacks what statements call. */
export const tooOld = (shown: string, oldest = oldestVersion): Refusal =>
  new Refusal(
    "DatabaseTooOld",
    `wavegate needs PostgreSQL ${oldest} or newer, and this is ${shown}. Nothing was written; upgrade the database, then set it up.`,
  );
