import { createHash } from "node:crypto";
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
 * later call and process uses while it is young enough, a day unless said. Its exports lie in the settings' folder while they are read from.
 */
export async function openWildApricotSource(
  settings: WildApricotSettings,
  time: Time = realTime,
  shelf: Shelf = folderShelf(settings.path),
  atMostMs: number = oneDayMs,
): Promise<Source> {
  const { connection, path, account, url } = settings;
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
    close: () => files.close(),
  };
}
