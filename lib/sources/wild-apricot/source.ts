import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { openCsvSource, organizationIs } from "../csv/source.ts";
import type { Source } from "../source.ts";
import { apiClient } from "./client.ts";
import { exportsIn, layOut, oneDayMs, readAccount, readingIn } from "./reading.ts";
import type { WildApricotSettings } from "./settings.ts";
import { folderShelf, type Shelf } from "./shelf.ts";
import { realTime, type Time } from "./time.ts";

/** Scopes that let somebody change the account. */
const writes = /(?:_edit|_manage|_full|^finances$|^account_full_access$)$/u;

/**
 * An account through its API, as it was read: a shelf keeps the reading, which is made the first time, and which every
 * later call and process uses while it is young enough, a day unless said. On a shelf that is another place its exports lie
 * in a folder of their own below the settings' while they are read from, and no longer: an erasure knows the shelf alone.
 */
export async function openWildApricotSource(
  settings: WildApricotSettings,
  time: Time = realTime,
  shelf?: Shelf,
  atMostMs: number = oneDayMs,
): Promise<Source> {
  const laid = shelf === undefined ? keptAt(settings.path) : await laidOut(settings.path);
  try {
    return await opened(settings, time, shelf ?? folderShelf(settings.path), atMostMs, laid);
  } catch (error) {
    await laid.remove();
    throw error;
  }
}

/** Where exports lie while they are read from. */
interface Laid {
  readonly path: string;
  remove(): Promise<void>;
}

const keptAt = (path: string): Laid => ({ path, remove: async () => {} });

const beginning = "open-";

/** A folder of one reader alone; those of processes that were killed go with the next that is made a day later. */
async function laidOut(below: string): Promise<Laid> {
  await mkdir(below, { recursive: true, mode: 0o700 });
  const there = await readdir(below);
  // What readers of earlier versions left; a command that has no other shelf keeps its exports beside their reading.
  if (!there.includes("reading.json") && !there.includes("pages"))
    await rm(exportsIn(below), { recursive: true, force: true });
  for (const name of there) {
    if (!name.startsWith(beginning)) continue;
    const made = await stat(join(below, name)).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > oneDayMs)
      await rm(join(below, name), { recursive: true, force: true });
  }
  const path = await mkdtemp(join(below, beginning));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

async function opened(
  settings: WildApricotSettings,
  time: Time,
  shelf: Shelf,
  atMostMs: number,
  { path, remove }: Laid,
): Promise<Source> {
  const { connection, account, url } = settings;
  const reading =
    (await readingIn(shelf, account, time.now() - atMostMs)) ??
    (await readAccount(apiClient(settings, time), shelf, account));
  await layOut(shelf, reading, path);
  const files = await openCsvSource({ driver: "csv", connection, path: exportsIn(path) });
  const fingerprint = createHash("sha256")
    .update(JSON.stringify([account, reading.files]))
    .digest("hex");
  return {
    description: `Wild Apricot account ${account}, read at ${reading.readAt}`,
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
      await remove();
    },
  };
}
