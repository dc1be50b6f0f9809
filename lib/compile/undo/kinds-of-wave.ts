import { identifier, join, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Pin, PinnedEntity } from "../pin/pin.ts";
import { stagingTable } from "../rows.ts";
import { ofWaves } from "../wave/parts.ts";

/** The ledger entries of one wave that are not undone yet. */
export const open = (run: string, wave: number): Sql =>
  sql`l.run_id = ${uuid(run)} and l.wave = ${wave} and l.rolled_back_at is null`;

/** Whether an entry is about a row of one kind of things, and of one level of it where that is said. */
export const isOf = (staging: PinnedEntity["staging"], entry: string, level?: number): string =>
  `exists (select from ${stagingTable(staging.decisions)} d where d.run_id = ${entry}.run_id and d.staged_id = ${entry}.staged_id${level === undefined ? "" : ` and ${levelIn(staging)} = ${level}`})`;

/** How many rows of its own kind stand above a row with the decisions `d`; 0 where none are known. */
const levelIn = ({ level }: PinnedEntity["staging"]): string =>
  level === undefined ? "0" : `coalesce(d.${identifier(level)}, 0)`;

/** Of entries `l` those of one round, where it is said which. */
export const ofRound = (round: number | undefined): Sql =>
  round === undefined ? raw("") : sql` and l.round = ${round}`;

/**
 * The kinds of things of which waves have open entries, by their place in the pin, with the tables that these name, in
 * the order in which they are taken back: the latest wave first, and of a kind that refers to itself what stands below.
 *
 * @param round of which alone
 */
export const kindsOfWaves = (
  { entities }: Pin,
  run: string,
  waves: readonly number[],
  round?: number,
): Sql => {
  const entries = sql`wavegate.legacy_import_commit_logs l`;
  const those = sql`l.run_id = ${uuid(run)} and ${ofWaves("l", waves)} and l.rolled_back_at is null${ofRound(round)}`;
  const kinds = entities.map(({ staging }, at) =>
    staging.level === undefined
      ? sql`select e.wave, ${raw(`${at}`)} as at, null::int as level, jsonb_agg(distinct e.target_table) as tables
      from entries e${raw(entities.length === 1 ? "" : ` where ${isOf(staging, "e")}`)} group by 1`
      : sql`select l.wave, ${raw(`${at}, ${levelIn(staging)}`)} as level, jsonb_agg(distinct l.target_table)
      from ${entries} join ${raw(stagingTable(staging.decisions))} d on d.run_id = l.run_id and d.staged_id = l.staged_id
     where ${those} group by 1, 3`,
  );
  return sql`
  with entries as materialized (
    select ${raw(entities.length === 1 ? "distinct l.wave, l.target_table" : "l.run_id, l.staged_id, l.wave, l.target_table")} from ${entries}
     where ${those})
  select k.wave, k.at, k.level, k.tables from (
    ${join(kinds, "\n    union all ")}) k (wave, at, level, tables)
   order by k.wave desc, k.at desc, k.level desc`;
};

/** A kind of things of a wave, with the tables that its open entries name. */
export interface KindOfWave {
  readonly wave: number;
  readonly at: number;
  /** Of a kind that refers to itself: how many rows of it stand above these; null of any other. */
  readonly level: number | null;
  readonly tables: readonly string[];
}
