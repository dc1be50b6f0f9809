import { openCsvSource } from "./csv/source.ts";
import { openMysqlSource } from "./mysql/source.ts";
import type { SourceSettings } from "./settings.ts";
import type { Source } from "./source.ts";

/**
 * Opens a legacy system to read it. MySQL is connected to at once, so that a wrong address or
 * password shows here (`SourceUnreachable`, `SourceAccessDenied`, `SourceSchemaMismatch`).
 */
export function openSource(settings: SourceSettings): Promise<Source> {
  return settings.driver === "csv" ? openCsvSource(settings) : openMysqlSource(settings);
}
