import type { WholeMigration } from "../define/several.ts";
import { momentSetting } from "../normalize/moment-setting.ts";
import { Refusal } from "../services/errors.ts";

/**
 * What somebody said of a run, as it is pinned: moments as ISO 8601 in UTC. Errors: `UnknownSetting`, `InvalidSetting`.
 *
 * @param now the run's start, from which relative moments are counted
 */
export function runSettings(
  { name, settings: known = {} }: WholeMigration,
  said: Readonly<Record<string, string>>,
  now: Date,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(said).map(([setting, text]) => {
      if (!Object.hasOwn(known, setting)) {
        throw new Refusal(
          "UnknownSetting",
          `“${setting.slice(0, 60)}” is no setting of ${name}. Nothing was written. There are: ${Object.keys(known).join(", ") || "none"}.`,
        );
      }
      const at = momentSetting(text, now);
      if (at === undefined) {
        throw new Refusal(
          "InvalidSetting",
          `Invalid ${setting} value [${text.slice(0, 60)}]: it is a moment such as 2025-01-31, 2025-01-31T08:00Z or “-90 days”. Nothing was written.`,
        );
      }
      return [setting, at.toISOString()];
    }),
  );
}
