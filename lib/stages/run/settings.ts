import { type Database, onlyReading } from "../../data/database.ts";
import { join, raw, sql, text } from "../../data/sql.ts";
import type { Setting } from "../../define/setting.ts";
import type { WholeMigration } from "../../define/several.ts";
import { momentSetting } from "../../normalize/moment-setting.ts";
import { Refusal } from "../../services/errors.ts";

/** A setting that every run takes: rows of a range that is read and staged at once. */
export const batchSize = "batch_size";

function rowsOfBatch(text: string): string {
  if (/^[1-9][0-9]{0,6}$/u.test(text)) return text;
  throw new Refusal(
    "InvalidSetting",
    `Invalid ${batchSize} value [${text.slice(0, 60)}]: it is a whole number of rows, such as 25000. Nothing was written.`,
  );
}

/**
 * What somebody said of a run, as it is pinned: moments as ISO 8601 in UTC, flags as `yes`, things of the platform by
 * their ids. Errors: `UnknownSetting`, `InvalidSetting`, `SettingNotFound`.
 *
 * @param now the run's start, from which relative moments are counted
 * @param db where things of the platform are looked up; without it they stay as they were said
 */
export async function runSettings(
  { name, settings: known = {} }: WholeMigration,
  said: Readonly<Record<string, string>>,
  now: Date,
  db?: Database,
): Promise<Readonly<Record<string, string>>> {
  const pinned: Record<string, string> = {};
  for (const [setting, value] of Object.entries(said)) {
    if (setting === batchSize && !Object.hasOwn(known, setting)) {
      pinned[setting] = rowsOfBatch(value);
      continue;
    }
    const declared = Object.hasOwn(known, setting) ? known[setting] : undefined;
    if (declared === undefined) {
      throw new Refusal(
        "UnknownSetting",
        `“${setting.slice(0, 60)}” is no setting of ${name}. Nothing was written. There are: ${Object.keys(known).join(", ") || "none"}.`,
      );
    }
    pinned[setting] =
      declared.kind === "files"
        ? value
        : declared.kind !== "named"
          ? plain(declared, setting, value, now)
          : db === undefined
            ? value
            : await idOf(db, declared, value);
  }
  return pinned;
}

function plain(
  declared: Exclude<Setting, { kind: "named" | "files" }>,
  setting: string,
  value: string,
  now: Date,
): string {
  if (declared.kind === "word") {
    if (declared.words.includes(value)) return value;
    throw invalid(setting, value, `it is one of ${declared.words.join(", ")}`);
  }
  if (declared.kind === "flag") {
    if (value.trim() === "yes") return "yes";
    throw invalid(setting, value, "it is “yes”, or is not said");
  }
  const at = momentSetting(value, now);
  if (at !== undefined) return at.toISOString();
  throw invalid(
    setting,
    value,
    "it is a moment such as 2025-01-31, 2025-01-31T08:00Z or “-90 days”",
  );
}

const invalid = (setting: string, value: string, is: string): Refusal =>
  new Refusal(
    "InvalidSetting",
    `Invalid ${setting} value [${value.slice(0, 60)}]: ${is}. Nothing was written.`,
  );

/** The id of a thing of the platform that somebody named: one select, as a role and in a transaction that only read. */
async function idOf(
  db: Database,
  { what, sql: select }: Extract<Setting, { kind: "named" }>,
  value: string,
): Promise<string> {
  const [first = "", ...others] = select.split("{said}");
  const asked = join([raw(first), ...others.map((part) => sql`${text(value)}${raw(part)}`)], "");
  const found = await onlyReading(db, (reading) =>
    reading.rows<{ id: string | null }>(sql`select id::text as id from (${asked}) found limit 2`),
  );
  const [one] = found;
  if (found.length === 1 && typeof one?.id === "string") return one.id;
  throw new Refusal(
    "SettingNotFound",
    `${what} [${value.slice(0, 60)}] was not found${found.length > 1 ? ", as several are called so" : ""}. Nothing was written.`,
  );
}
