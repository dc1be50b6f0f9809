import { identifier, literal, raw, type Sql } from "../data/sql.ts";
import { wholeName } from "../define/database-roles.ts";
import type { Migration } from "../define/definition.ts";
import { importedColumns } from "./columns.ts";

/**
 * Gathering statistics is up to a table's owner: what a stage may have is a function of the owner's that
 * does that for one table, and takes nothing from whoever calls it.
 */
interface Statistics {
  /** Of the function. */
  readonly name: string;
  readonly table: string;
  /** Those that stages join and group by, where not all of them are of use. */
  readonly columns?: readonly string[];
  /** An index that has ranges of pages, once those are summed up. */
  readonly ranges?: string;
}

const statistics = (
  table: string,
  columns?: readonly string[],
  also: Pick<Statistics, "ranges"> = {},
): Statistics => ({
  name: `analyze_${table}`,
  table,
  ...(columns ? { columns } : {}),
  ...also,
});

/** The index of what waves wrote among what was decided about rows of a staging. */
export const indexOfWaves = (staging: string): string => wholeName(`${staging}_waves`);

/** Of tables that all migrations share. */
export const sharedStatistics: readonly Statistics[] = [
  statistics("shared_emails"),
  statistics("shared_phones"),
  statistics("duplicate_hints"),
  statistics("source_hints"),
  statistics("match_people"),
  statistics("moved_before"),
  statistics("rows_there"),
  statistics("legacy_import_commit_logs", [
    "run_id",
    "wave",
    "action",
    "target_table",
    "rolled_back_at",
  ]),
];

/** Of a migration's own staging. Statistics of columns of JSON cost much and help nobody. */
export function stagingStatistics(migration: Migration): readonly Statistics[] {
  const { table } = migration.entity.staging;
  const columns = importedColumns(migration).filter(({ type }) => type !== "jsonb");
  const names = ["id", "run_id", "source_table", ...columns.map(({ name }) => name)];
  return [
    statistics(`${table}_source`, names),
    statistics(`${table}_decisions`, undefined, { ranges: indexOfWaves(table) }),
  ];
}

/** The owner's function for one table. Joins by hash need to know how many, not which: a third of the usual sample. */
export const statisticsFunction = ({ name, table, columns = [], ranges }: Statistics): string => {
  const only = columns.length === 0 ? "" : ` (${columns.map(identifier).join(", ")})`;
  return `create or replace function wavegate.${identifier(name)}() returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp set standard_conforming_strings = on set default_statistics_target = 30 as $$
begin
  analyze wavegate.${identifier(table)}${only};${
    ranges === undefined
      ? ""
      : `
  perform brin_summarize_new_values(${literal(`wavegate.${identifier(ranges)}`)}::regclass);`
  }
  return true;
end $$`;
};

/** Asks for the statistics of a table of the schema `wavegate`. */
export const gatherStatistics = (table: string): Sql =>
  raw(`select wavegate.${identifier(`analyze_${table}`)}()`);
