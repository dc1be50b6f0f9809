import { literal } from "../../data/sql.ts";
import { asText, type ComparedTable, type Digest, digestQuery } from "./compare.ts";

/** The platform is another one than was shown: what is lost is more. */
export const CHANGED_SINCE = "WG001";
/** What was restored is not what the backup holds. */
export const NOT_THE_BACKUP = "WG002";

/** Before the backup: nobody writes any more, and the platform is what was shown of it. */
export const before = (tables: readonly ComparedTable[]): string =>
  [
    "set lock_timeout = '60s';",
    // Whoever ran this may be killed: it ends within a second then, and waits for no lock that others wait behind.
    "set client_connection_check_interval = '1s';",
    ...asText.map((each) => `${each};`),
    ...schemasOf(tables).map((schema) => `create schema if not exists ${schema};`),
    ...present(tables).map(({ name }) => `lock table only ${name} in access exclusive mode;`),
    ...present(tables).map(({ name, now }) => holds(name, now, CHANGED_SINCE)),
    "",
  ].join("\n");

/**
 * Behind it: wavegate's own guards on the platform's tables are back before anybody may write, and the platform is, row
 * for row, what the backup holds.
 */
export const behind = (tables: readonly ComparedTable[], guards: readonly string[]): string =>
  [
    ...asText.map((each) => `${each};`),
    ...guards.map((each) => `${each};`),
    // What is said to stay is still there, too: a partition goes with the table that it is one of.
    ...tables.map(({ name, now, backup }) => holds(name, backup ?? now, NOT_THE_BACKUP)),
    "",
  ].join("\n");

/** Of the backup's tables, as quoted names have them: one that was dropped since is made again. */
const schemasOf = (tables: readonly ComparedTable[]): readonly string[] => [
  ...new Set(
    tables.flatMap(({ name, backup }) =>
      backup === undefined ? [] : (/^"(?:[^"]|"")*"/u.exec(name)?.[0] ?? []),
    ),
  ),
];

const present = (tables: readonly ComparedTable[]) => tables.filter(({ there }) => there);

function holds(table: string, { rows, sum }: Digest, code: string): string {
  // The body is a literal: a table may be called as whatever would end another quote, and psql reads on behind it.
  const body = `begin
  if (select (d.rows, d.sum) is distinct from (${literal(String(rows))}, ${literal(sum)}) from (${digestQuery(table)}) d) then
    raise exception 'another platform' using errcode = ${literal(code)};
  end if;
end`;
  return `do ${literal(body)};`;
}
