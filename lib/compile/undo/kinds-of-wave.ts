import { identifier, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Pin, PinnedEntity } from "../pin/pin.ts";
import { stagingTable } from "../rows.ts";

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
 * The kinds of things of which a wave has open entries, by their place in the pin, with the tables that these name, in
 * the order in which they are taken back: of a kind that refers to itself what stands below comes first.
 *
 * @param round of which alone
 */
export const kindsOfWave = (
  { entities }: Pin,
  run: string,
  wave: number,
  round?: number,
): Sql => sql`
  with entries as materialized (
    select ${raw(entities.length === 1 ? "distinct l.target_table" : "l.run_id, l.staged_id, l.target_table")} from wavegate.legacy_import_commit_logs l
     where l.run_id = ${uuid(run)} and l.wave = ${wave} and l.rolled_back_at is null${ofRound(round)})
  select k.at, k.level, k.tables from (
    ${raw(
      entities
        .map(({ staging }, at) =>
          staging.level === undefined
            ? `select ${at} as at, null::int as level, (
      select jsonb_agg(distinct e.target_table) from entries e${entities.length === 1 ? "" : ` where ${isOf(staging, "e")}`}) as tables`
            : `select ${at}, ${levelIn(staging)}, jsonb_agg(distinct l.target_table)
      from wavegate.legacy_import_commit_logs l join ${stagingTable(staging.decisions)} d on d.run_id = l.run_id and d.staged_id = l.staged_id
     where l.run_id = '${run}' and l.wave = ${wave} and l.rolled_back_at is null${round === undefined ? "" : ` and l.round = ${round}`} group by 2`,
        )
        .join("\n    union all "),
    )}) k (at, level, tables) where k.tables is not null order by k.at desc, k.level desc`;

/** A kind of things of a wave, with the tables that its open entries name. */
export interface KindOfWave {
  readonly at: number;
  /** Of a kind that refers to itself: how many rows of it stand above these; null of any other. */
  readonly level: number | null;
  readonly tables: readonly string[];
}
