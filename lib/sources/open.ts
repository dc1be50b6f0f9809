import type { SourceSettings } from "./settings.ts";
import type { Source } from "./source.ts";
import type { WhichReading } from "./wild-apricot/reading.ts";
import type { Shelf } from "./wild-apricot/shelf.ts";
import { realTime } from "./wild-apricot/time.ts";

/**
 * Opens a legacy system to read it. A server is connected to at once, so that a wrong address or
 * password shows here (`SourceUnreachable`, `SourceAccessDenied`, `SourceSchemaMismatch`).
 * A driver is loaded by whoever opens a system of its kind: others start in two thirds of the time.
 */
export async function openSource(
  settings: SourceSettings,
  /** Where readings of accounts are kept; in a folder of this machine unless said. */
  shelfOf?: (connection: string) => Shelf,
  /** Which of such readings: a day old at most unless said. Files are refused that are others than those of a fingerprint. */
  which?: WhichReading,
): Promise<Source> {
  switch (settings.driver) {
    case "csv":
      return (await import("./folder/source.ts")).openFolderSource(settings, which);
    case "mysql":
      return (await import("./mysql/source.ts")).openMysqlSource(settings);
    case "pgsql":
      return (await import("./postgres/source.ts")).openPostgresSource(settings);
    case "wild-apricot": {
      const { openWildApricotSource } = await import("./wild-apricot/source.ts");
      return openWildApricotSource(settings, realTime, shelfOf?.(settings.connection), which);
    }
  }
}
