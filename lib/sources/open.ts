import { openCsvSource } from "./csv/source.ts";
import { openMysqlSource } from "./mysql/source.ts";
import { openPostgresSource } from "./postgres/source.ts";
import type { SourceSettings } from "./settings.ts";
import type { Source } from "./source.ts";
import type { WhichReading } from "./wild-apricot/reading.ts";
import type { Shelf } from "./wild-apricot/shelf.ts";
import { openWildApricotSource } from "./wild-apricot/source.ts";
import { realTime } from "./wild-apricot/time.ts";

/**
 * Opens a legacy system to read it. A server is connected to at once, so that a wrong address or
 * password shows here (`SourceUnreachable`, `SourceAccessDenied`, `SourceSchemaMismatch`).
 */
export function openSource(
  settings: SourceSettings,
  /** Where readings of accounts are kept; in a folder of this machine unless said. */
  shelfOf?: (connection: string) => Shelf,
  /** Which of such readings: a day old at most unless said. */
  which?: WhichReading,
): Promise<Source> {
  switch (settings.driver) {
    case "csv":
      return openCsvSource(settings);
    case "mysql":
      return openMysqlSource(settings);
    case "pgsql":
      return openPostgresSource(settings);
    case "wild-apricot":
      return openWildApricotSource(settings, realTime, shelfOf?.(settings.connection), which);
  }
}
