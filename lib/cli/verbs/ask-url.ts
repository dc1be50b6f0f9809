import type pg from "pg";
import type { Ask } from "../../author/target.ts";
import { openTurns } from "../../data/turns.ts";
import { oldestVersion, tooOld } from "../../stages/set-up/database-version.ts";
import { pathOfAnybody } from "../../stages/set-up/platform.ts";
import { CannotRun } from "../failure.ts";
import { ownClient } from "../own-client.ts";

/**
 * Asks a PostgreSQL by its address, in a transaction that may only read, and that finds tables where a run would, be it
 * not where this user's own connections do. Errors: {@link CannotRun}, `DatabaseTooOld`.
 */
export async function askingUrl<Answer>(
  url: string,
  work: (ask: Ask) => Promise<Answer>,
): Promise<Answer> {
  const client = clientOf(url);
  try {
    await client.connect();
    await client.query("begin transaction isolation level repeatable read read only");
    await client.query(pathOfAnybody);
  } catch {
    await client.end().catch(() => {});
    throw new CannotRun(
      "TargetUnreachable",
      "The platform’s database of --target cannot be reached or does not let this user in. Nothing was written; an address is postgresql://USER@HOST/DATABASE.",
    );
  }
  try {
    const { rows } = await client.query<{ shown: string }>(
      "select current_setting('server_version') as shown",
    );
    const [{ shown } = { shown: "" }] = rows;
    if (Number.parseInt(shown, 10) < oldestVersion) throw tooOld(shown);
    // A client takes one question at a time.
    const { take } = openTurns();
    return await work((text) => take(async () => (await client.query(text)).rows));
  } finally {
    await client.end();
  }
}

function clientOf(url: string): pg.Client {
  if (!/^postgres(ql)?:\/\//u.test(url)) {
    throw new CannotRun(
      "Usage",
      "--target takes the address of a PostgreSQL, as in postgresql://USER@HOST/DATABASE. Nothing was written.",
    );
  }
  return ownClient(url);
}
