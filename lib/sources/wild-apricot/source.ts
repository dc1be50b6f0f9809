import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { openFolderSource, organizationIs } from "../folder/source.ts";
import type { Source } from "../source.ts";
import { apiClient } from "./client.ts";
import {
  fingerprintOf,
  layOut,
  oneDayMs,
  type Reading,
  readAccount,
  readingIn,
  readingOf,
  type WhichReading,
} from "./reading.ts";
import type { WildApricotSettings } from "./settings.ts";
import { folderShelf, type Shelf } from "./shelf.ts";
import { realTime, type Time } from "./time.ts";

/** Scopes that let somebody change the account. */
const writes = /(?:_edit|_manage|_full|^finances$|^account_full_access$)$/u;

/**
 * An account through its API, as it was read: a shelf keeps the reading, which is made the first time, and which every
 * later call and process uses while it is young enough, a day unless said; the steps of a run use the very one that it
 * began with. Its exports lie below the settings' folder while they are read from, and go when it is closed.
 */
export async function openWildApricotSource(
  settings: WildApricotSettings,
  time: Time = realTime,
  shelf: Shelf = folderShelf(settings.path),
  which: WhichReading = { atMostMs: oneDayMs },
): Promise<Source> {
  const { connection, account, url } = settings;
  const { reading, folder, clear } = await laidOut(settings, time, shelf, which);
  const files = await openFolderSource({ driver: "csv", connection, path: folder }).catch(
    async (error: unknown) => {
      await clear();
      throw error;
    },
  );
  const fingerprint = fingerprintOf(reading);
  return {
    description: `Wild Apricot account ${account}, read at ${reading.readAt}`,
    // Of one reading.
    guarded: true,
    identify: async () => ({
      kind: "api",
      fingerprint,
      privileges: reading.scopes,
      readOnly: !reading.scopes.some((scope) => writes.test(scope)),
      encrypted: url.startsWith("https:"),
      ...(settings.organization
        ? organizationIs(settings.organization, "manual")
        : reading.organization
          ? organizationIs(reading.organization, "wa_api")
          : {}),
    }),
    inspect: (tables) => files.inspect(tables),
    ranges: (table, key, rowsPerRange) => files.ranges(table, key, rowsPerRange),
    read: (table, key, columns, range, pageRows) =>
      files.read(table, key, columns, range, pageRows),
    header: async (table) => files.header?.(table),
    close: async () => {
      await files.close();
      await clear();
    },
  };
}

/** The exports of a reading in a folder of their own, until they are cleared away. */
export async function laidOut(
  settings: WildApricotSettings,
  time: Time = realTime,
  shelf: Shelf = folderShelf(settings.path),
  which: WhichReading = { atMostMs: oneDayMs },
): Promise<{ reading: Reading; folder: string; clear(): Promise<void> }> {
  const { path, account } = settings;
  const reading =
    "fingerprint" in which
      ? await readingOf(shelf, account, which.fingerprint)
      : ((await readingIn(shelf, account, time.now(), which.atMostMs)) ??
        (await readAccount(apiClient(settings, time), shelf, account)));
  const folder = await folderFor(path);
  const clear = () => rm(folder, { recursive: true, force: true });
  try {
    await layOut(shelf, reading, folder);
    return { reading, folder, clear };
  } catch (error) {
    await clear();
    throw error;
  }
}

const beginning = "open-";

/** A folder of one opening's own; those of processes that were killed go with the next that is made a day later. */
async function folderFor(below: string): Promise<string> {
  await mkdir(below, { recursive: true, mode: 0o700 });
  // What readers of earlier versions left.
  await rm(join(below, "exports"), { recursive: true, force: true });
  for (const name of await readdir(below)) {
    if (!name.startsWith(beginning)) continue;
    const made = await stat(join(below, name)).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > oneDayMs)
      await rm(join(below, name), { recursive: true, force: true });
  }
  return mkdtemp(join(below, beginning));
}
