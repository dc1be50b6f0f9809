import { inLists, join, json, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { selvesOf, writes } from "../above-columns.ts";
import { waitsForAbove } from "../references/above.ts";
import { decisionsTable, stagedFrom, stagedTable } from "../rows.ts";

/** A wave as it is written: which run, which number, how many rows at most, which round of the drill. */
export interface WaveOrder {
  readonly run: string;
  readonly wave: number;
  readonly round: number;
  readonly size: number;
  /** Classifications it may take: those of wave one are the definition's `first` (R11). */
  readonly kinds: readonly string[];
  /** The rows it takes, by their staged ids and in this order, where a slice chose them. */
  readonly rows?: readonly number[];
  /** Rows that are taken to be written by it already, where it is only looked at: no row waits for them. */
  readonly before?: readonly number[];
}

/** What settles rows of `looked_up` for which the platform changed. */
export interface Settling {
  /** The staged columns by which it tells them. */
  readonly by: readonly string[];
  /** Common tables: `to_settle`, those rows, and `settled`, what became of them. */
  readonly tables: Sql;
}

/** Rows that are planned and not yet written. */
const open = (migration: Migration): string =>
  `s.planned in ${writes(migration)} and s.import_state in ('pending', 'rolled_back')`;

/**
 * `next`, as the first of a statement's common tables: the rows a wave may take, in the definition's
 * order (R16), each with the place of what was decided about it. A kind's index has rows that were written as well: it is
 * read from the first one on that is open (`schema/022-next-rows.sql`), and only as far as the kinds before it left room;
 * the limits by the wave's own size cut nothing more, but tell the planner how few rows these are.
 */
export function nextRows(migration: Migration, order: WaveOrder): Sql {
  const { rows, before } = order;
  const first =
    before === undefined
      ? raw("")
      : sql`
  before as materialized (select b.id::bigint as id from jsonb_array_elements_text(${json(before)}) b(id)),`;
  // What is written of it by the wave is none that it takes, and none that anything waits for.
  const [own, but] =
    before === undefined
      ? ["", ""]
      : ["s", "above"].map((row) => ` and ${row}.staged_id not in (select id from before)`);
  const waits = (which?: (name: string) => boolean) =>
    `${waitsForAbove(migration, "s", which, but)}${own}`;
  if (rows !== undefined) {
    return sql`${first}
  next as materialized (
    select s.staged_id as id, s.ctid as place
      from jsonb_array_elements_text(${json(rows)}) with ordinality r(id, place)
      join ${raw(decisionsTable(migration))} s on s.run_id = ${uuid(order.run)} and s.staged_id = r.id::bigint
     where ${raw(open(migration))}${raw(waits((name) => selvesOf(migration).includes(name)))} order by r.place)`;
  }
  return sql`${first}${inOrder(migration, order, waits())}`;
}

/**
 * The staged rows `s` of `next`, each looked up by its key: of a join the planner may read all rows of the run for every
 * wave.
 */
export const stagedNext = (migration: Migration, run: string): Sql => sql`next cross join lateral (
        select * from ${raw(stagedTable(migration))} each where each.run_id = ${uuid(run)} and each.id = next.id offset 0) s`;

/** The rows that a slice may begin with: also those that refer to what is still to be written. */
export const candidates = (migration: Migration, order: WaveOrder): Sql => sql`
  with ${inOrder(migration, order, "")} select id from next`;

/** The rows that the round before wrote, in its order: a drill writes what it took back. */
export const writtenBefore = (
  migration: Migration,
  { run, wave, round }: Pick<WaveOrder, "run" | "wave" | "round">,
): Sql => sql`
  select s.staged_id as id
    from wavegate.legacy_import_commit_logs l
    join ${raw(decisionsTable(migration))} s on s.run_id = l.run_id and s.staged_id = l.staged_id
   where l.run_id = ${uuid(run)} and l.wave = ${wave} and l.round = ${round - 1} and ${raw(open(migration))}
   order by l.id`;

function inOrder(migration: Migration, order: WaveOrder, but: string): Sql {
  const kinds = migration.waves.order.filter((kind) => order.kinds.includes(kind));
  // What the kinds before one left of the wave, each from the one before it: a sum of all would be longer with each.
  const room = (rank: number) =>
    rank === 0
      ? { table: raw(""), left: sql`${order.size}` }
      : {
          table: sql`
  ${raw(`room_${rank}`)} (n) as materialized (select ${rank === 1 ? sql`${order.size}` : raw(`(select n from room_${rank - 1})`)} - (select count(*) from ${raw(`next_${rank - 1}`)})),`,
          left: raw(`(select n from room_${rank})`),
        };
  const each = kinds.map(
    (kind, rank) => sql`${room(rank).table}
  ${raw(`next_${rank}`)} as materialized (
    select id, place from (
      select s.staged_id as id, s.ctid as place from ${raw(decisionsTable(migration))} s
       where s.run_id = ${uuid(order.run)} and ${raw(open(migration))} and s.classification = ${raw(literal(kind))}${behindWritten(migration, order.run, kind)}${raw(but)}
       order by s.staged_id limit ${order.size}) of_kind
     limit ${room(rank).left})`,
  );
  const all = kinds.map((_, rank) => `select id, place from next_${rank}`).join(" union all ");
  return sql`${join(each, ",")},
  next as materialized (select id, place from (${raw(all)}) next limit ${order.size})`;
}

/** Of a kind's rows `s` those from the first one on that is open, as the database notes it; all where nothing is noted. */
const behindWritten = (
  migration: Migration,
  run: string,
  kind: string,
): Sql => sql` and s.staged_id >= coalesce((
           select n.starts from wavegate.next_rows n
            where n.run_id = ${uuid(run)} and n.staging = ${stagedFrom(migration).decisions} and n.kind = ${kind}), 0)`;

/** Characters of what one statement looks for, of however many kinds of things. */
const mostOfLook = 20_000;

/**
 * Whether waves may still take rows, or wave one may (R11): conditions, of which it is enough that one holds, in as few
 * as statements take.
 *
 * @param which the classifications of a kind of things that are taken
 * @param from where it is looked: where rows are noted to begin, or at the first row, before it is said that none is left
 */
export function anyCandidates(
  parts: readonly Migration[],
  run: string,
  which: "order" | "first",
  from: "noted" | "start" = "start",
): readonly Sql[] {
  // Kind by kind, the first along the index of each: where it is only asked whether there is one, the planner reads the
  // table through as long as it takes it that there are many.
  const any = parts.flatMap((part) =>
    part.waves[which].map(
      (kind) => sql`
    coalesce((select true from ${raw(decisionsTable(part))} s
               where s.run_id = ${uuid(run)} and ${raw(open(part))} and s.classification = ${raw(literal(kind))}${from === "noted" ? behindWritten(part, run, kind) : raw("")}${raw(waitsForAbove(part, "s", (name) => selvesOf(part).includes(name)))}
               order by s.staged_id limit 1), false)`,
    ),
  );
  return inLists(any, mostOfLook).map((some) => join(some, " or "));
}

/** Has the waves of a run look for their rows from the first one on. */
export const beginAtTheFirst = (run: string): Sql =>
  sql`select wavegate.next_from_start(${uuid(run)})`;
