import { asText, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { OnTheWay } from "../around/on-the-way.ts";
import type { Pin, PinnedEntity } from "../pin/pin.ts";
import { compareWritten, openEntries, type Reshaping, type Shape } from "../wave/written-rows.ts";
import { claimedEntries } from "./claimed.ts";
import { type Kept, type KeptAbove, keptApart, keptByThose } from "./kept-above.ts";
import { isOf, open } from "./kinds-of-wave.ts";
import { multirange } from "./multirange.ts";
import { type Referring, referred } from "./referrers.ts";
import { deletes } from "./rollback.ts";
import { undoUpdates } from "./undo-updates.ts";

/** What takes back the entries of one kind of things in one target by itself, as `wavegate.refused_rows` tries it. */
export interface TriedUndo {
  readonly table: string;
  readonly action: "commit" | "update";
  /** With more entries `l` than it is given, as a further condition. */
  readonly statement: (also: string) => string;
  /** By which columns without a foreign key rows that stay refer to its rows: those are not tried. */
  readonly above: readonly KeptAbove[];
}

/**
 * The parts of {@link undoWave} as they are tried, of which nothing stays: each table and action apart, as the guard of
 * one speaks before the platform's own checks of the next.
 */
export function triedUndos(
  pin: Pin,
  run: string,
  wave: number,
  referring: readonly Referring[],
  reshaped: readonly Reshaping[],
  present: Shape,
  above: readonly KeptAbove[] = [],
  onTheWay: OnTheWay = {},
): readonly TriedUndo[] {
  const tried = (table: string, action: TriedUndo["action"], does: string): TriedUndo => ({
    ...{ table, action, above },
    // Entries that others claim are left out beforehand: what they are is not found anew with each try.
    statement: (also) => `
  with entries as materialized (select l.* from ${asText(openEntries(run, wave))} l where l.run_id = $1 and (l.id = any ($2)${also})),
  claimed (log) as (select null::bigint where false)${does}`,
  });
  return [
    ...pin.targets.map((target) => {
      const { unchanged } = compareWritten(target, "e", reshaped);
      return tried(
        target.table,
        "commit",
        deletes(target, referred(referring, target.table), "", unchanged),
      );
    }),
    ...pin.targets.flatMap((target) => {
      const own = { ...pin, targets: [target] };
      const { restored, altered } = undoUpdates(own, reshaped, present, "", onTheWay);
      const then =
        altered.length === 0
          ? "count(*) from restored_0"
          : `wavegate.say_left_out(concat_ws(', ', ${altered.join(", ")}))`;
      return restored.map((each) =>
        tried(target.table, "update", `,\n  ${each}\n  select ${then}`),
      );
    }),
  ];
}

/** The kind of things whose entries are tried, and of one that refers to itself which level. */
export interface TakenOf {
  readonly staging: PinnedEntity["staging"];
  readonly level?: number | null;
}

const isOfLevel = ({ staging, level }: TakenOf): string => isOf(staging, "l", level ?? undefined);

/** Of the entries of a wave those up to one, but some. */
export interface TakenBefore {
  readonly upTo: number;
  readonly but: readonly number[];
}

/** Which entries are tried: so many behind one. */
export interface Slice {
  readonly after: number;
  readonly atMost: number;
}

/** The common table of the next entries of a wave that are tried. */
const nextEntries = (
  { table, action }: TriedUndo,
  of: TakenOf,
  run: string,
  wave: number,
  { after, atMost }: Slice,
): Sql => sql`entries as materialized (
    select l.* from wavegate.legacy_import_commit_logs l
     where ${open(run, wave)} and l.target_table = ${table} and l.action = ${action} and l.id > ${after} and ${raw(isOfLevel(of))}
     order by l.id limit ${atMost})`;

/** Those of them whose rows are kept by some references alone, as {@link keptApart} says them. */
export const keptOfTried = (
  tried: TriedUndo,
  of: TakenOf,
  run: string,
  wave: number,
  slice: Slice,
  some: readonly KeptAbove[],
): Sql => keptApart(nextEntries(tried, of, run, wave, slice), keptByThose(some, [tried.table]));

/**
 * The next entries of a wave that {@link triedUndos} is tried with: those refused, those that others claim, which are
 * not tried, and the last one looked at, or null.
 *
 * @param before what is taken back before them
 * @param kept by what rows that stay keep them
 */
export function refusedEntries(
  tried: TriedUndo,
  of: TakenOf,
  run: string,
  wave: number,
  slice: Slice,
  before: TakenBefore = { upTo: 0, but: [] },
  kept: Kept = tried.above,
): Sql {
  return sql`
  with ${nextEntries(tried, of, run, wave, slice)},
  ${claimedEntries(run, wave, keptByThose(kept, [tried.table]))}
  select (select max(id) from entries) as last,
         (select coalesce(jsonb_agg(log), '[]') from claimed) as claimed,
         wavegate.refused_rows(${tried.statement(beside(of, before))}, ${uuid(run)}, (
           select coalesce(jsonb_agg(id order by id), '[]') from entries
            where id not in (select log from claimed) and not id <@ ${multirange(before.but)}::int8multirange)) as refused`;
}

/** Whether the platform refuses to have some entries taken back together, as `(refused)`: what refuses it, or nothing. */
export const refusedTogether = (
  tried: TriedUndo,
  of: TakenOf,
  run: string,
  before: TakenBefore,
): Sql => sql`
  select wavegate.refused_rows(${tried.statement(beside(of, before))}, ${uuid(run)}, '[0]') as refused`;

const beside = (of: TakenOf, { upTo, but }: TakenBefore): string =>
  upTo === 0
    ? ""
    : ` or l.id <= ${upTo} and not l.id <@ '${multirange(but)}'::int8multirange and ${isOfLevel(of)}`;
