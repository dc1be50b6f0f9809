import { identifier, json, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { OnTheWay } from "../around/on-the-way.ts";
import type { Pin, PinnedEntity, PinnedTarget } from "../pin/pin.ts";
import { stagingTable } from "../rows.ts";
import { foundKeyAsJson } from "../shown/key.ts";
import { firstOfKey, isNamedBy, targetAsJson } from "../target-key.ts";
import { takingBack } from "../wave/created-rows.ts";
import { ofWaves } from "../wave/parts.ts";
import type { RefusedRow } from "../wave/refused.ts";
import {
  compareWritten,
  openEntries,
  type Reshaping,
  type Shape,
  untouchedSince,
} from "../wave/written-rows.ts";
import { claimedEntries } from "./claimed.ts";
import { isElsewhere } from "./elsewhere.ts";
import { type Kept, type KeptAbove, keptApart, keptByThose } from "./kept-above.ts";
import { isOf, ofRound } from "./kinds-of-wave.ts";
import { type Referring, referred } from "./referrers.ts";
import { leftChanged, undoUpdates } from "./undo-updates.ts";

/**
 * A pin with some of its targets: what is about others makes a statement longer than the Data API takes, and does
 * nothing. One stays in any case, as a statement is about some table.
 */
export function ofTables(pin: Pin, tables: readonly string[]): Pin {
  const some = pin.targets.filter(({ table }) => tables.includes(table));
  return { ...pin, targets: some.length > 0 ? some : pin.targets.slice(0, 1) };
}

const isClaimed = "e.id in (select log from claimed)";

/**
 * Deletes rows of a target that entries created.
 *
 * @param referenced whether something refers to the row `t` of the entry `e`
 * @param from the common table of the entries
 */
export const deletes = (
  target: PinnedTarget,
  referenced: string,
  but: string,
  unchanged: string,
  from = "entries",
): string => `
    delete from ${identifier(target.table)} t using ${from} e
     where e.action = 'commit' and e.target_table = ${literal(target.table)} and ${isNamedBy(target, "t", "e")}
       and ${unchanged}
       and not (${referenced}) and not ${isClaimed}${but}`;

/**
 * The same of `entries` as common tables: first the rows that nobody touched since, which are told by their marks alone, then
 * of those left over the ones that are compared. In one go the planner, which reads the table past the entries, would make
 * the whole row of each that is in it. Those left over stand by themselves: of a row that changes at this moment
 * PostgreSQL asks the condition again, and cannot ask what was deleted.
 */
function deletesOf(
  target: PinnedTarget,
  index: number,
  referenced: string,
  reshaped: readonly Reshaping[],
  but: string,
): readonly string[] {
  const untouched = untouchedSince(target, "e", reshaped);
  const { unchanged } = compareWritten(target, "e", reshaped);
  const each = (name: string, unchanged: string, from?: string) =>
    `${name}_${index} as (${deletes(target, referenced, but, unchanged, from)}
     returning e.id as log, e.staged_id, e.entry_place as place, e.target_table)`;
  if (untouched === undefined) return [each("deleted", unchanged)];
  return [
    each("untouched", untouched, "brief"),
    `touched_${index} as materialized (
    select * from entries e
     where e.action = 'commit' and e.target_table = ${literal(target.table)} and e.id not in (select log from untouched_${index}))`,
    each("compared", unchanged, `touched_${index}`),
    `deleted_${index} as (select * from untouched_${index} union all select * from compared_${index})`,
  ];
}

/** Of which round and level alone entries are taken back. */
interface TakenBackOf {
  readonly round?: number | undefined;
  readonly level?: number | null;
}

/** The open entries `l` of one kind of things of a wave. */
const takenBack = (
  { entities }: Pin,
  staging: PinnedEntity["staging"],
  run: string,
  wave: number,
  { round, level }: TakenBackOf,
): Sql => sql`${openEntries(run, wave)} l
     where true${raw(entities.length === 1 && staging.level === undefined ? "" : ` and ${isOf(staging, "l", level ?? undefined)}`)}${ofRound(round)}`;

/** Those of them whose rows are kept by some references alone, as {@link keptApart} says them. */
export const keptOfWave = (
  pin: Pin,
  { staging }: PinnedEntity,
  run: string,
  wave: number,
  of: TakenBackOf,
  some: readonly KeptAbove[],
): Sql => {
  const tables = pin.targets.map(({ table }) => table);
  const entries = sql`entries as materialized (select l.* from ${takenBack(pin, staging, run, wave, of)})`;
  return keptApart(entries, keptByThose(some, tables));
};

/**
 * Undoes what one wave did with one kind of things, in one statement. A created row is deleted only if what was written is still,
 * to the letter, what it holds, and nothing refers to it (D16); a link is undone by clearing it
 * (D17). What was edited or is referred to stays, and its ledger entry says why; a row that
 * somebody else deleted meanwhile is noted as gone.
 *
 * What goes is held by the database against the entries of the wave that the statement says, as guards look when it is done.
 *
 * The delete itself compares, so that a row that changes at this moment is compared as it then is;
 * only what it left is looked at for the reason.
 *
 * @param refused entries that the platform refuses to have taken back, by what does: they stay
 * @param of which round alone: what an earlier one left stays as it is; and of which level of a kind that refers to itself;
 *   `above`, by which columns without a foreign key rows that waves wrote refer to these; `onTheWay`, triggers that may make
 *   something else of rows that get something back: where they did the answer says which, and of which columns, as `altered`
 */
export function undoWave(
  pin: Pin,
  { staging }: PinnedEntity,
  run: string,
  wave: number,
  referring: readonly Referring[],
  reshaped: readonly Reshaping[],
  present: Shape = {},
  refused: readonly RefusedRow[] = [],
  of: TakenBackOf & { readonly above?: Kept; readonly onTheWay?: OnTheWay } = {},
): Sql {
  const { targets } = pin;
  const { above = [], onTheWay } = of;
  const tables = targets.map(({ table }) => table);
  const taken = refused.length === 0 ? "" : " and e.refused_by is null";
  const updates = undoUpdates(pin, reshaped, present, taken, onTheWay);
  // Looked up by their keys: joined, each entry would be compared with each, as the planner expects one.
  const by = (entry: string) => `(select by_id from refused) ->> ${entry}::text`;
  const names = Object.fromEntries(refused.map((each) => [each.id, each.by]));
  const refusedToo = raw(
    taken === ""
      ? ""
      : `|| case when ${by("k.log")} is null then '{}' else jsonb_build_object('refused', ${by("k.log")}) end`,
  );
  const changes = updates.looked.length > 0;
  const also = (some: string) => raw(changes ? some : "");
  const references = targets.map((target, index) => referencesOf(target, index, referring));
  const deleted = targets.flatMap((target, index) =>
    deletesOf(target, index, references[index]?.is ?? "false", reshaped, taken),
  );
  const kept = targets.map((target, index) =>
    lookedAt(target, references[index]?.is ?? "false", reshaped),
  );
  return sql`
  with refused as materialized (select ${json(names)} as by_id),
  entries as materialized (
    select l.*${raw(taken === "" ? "" : `, ${by("l.id")} as refused_by`)} from ${takenBack(pin, staging, run, wave, of)}),
  -- Without their images, which are copied with each row that is written otherwise.
  brief as materialized (
    select id, staged_id, action, target_table, target_id, target_key, entry_place, entry_xmin, entry_cmin,
           by_wave and after_image is not null as by_wave${raw(taken === "" ? "" : ", refused_by")} from entries),
  ${claimedEntries(run, wave, keptByThose(above, tables))},
  ${raw([...references.flatMap(({ before }) => before), ...deleted, ...updates.restored].join(",\n  "))},
  deleted as materialized (
    ${raw(targets.map((_, index) => `select * from deleted_${index}`).join(" union all "))}),
  left_over as materialized (
    -- Looked up in a table of what was deleted: joined, each entry would be compared with each, as the planner expects one.
    select * from entries e
     where e.action = 'commit' and e.id not in (select log from deleted)),
  looked as materialized (${raw(kept.join("\n    union all "))}),
  ${also(`changed_back as materialized (${updates.looked.join("\n    union all ")}),
  `)}spared as materialized (
    -- What nothing refers to and nothing refuses was edited, be it only at this moment.
    select k.log, k.staged_id, k.place, k.target_table, k.target,
           jsonb_build_object('edited', k.edited or not k.referenced${raw(taken === "" ? "" : ` and ${by("k.log")} is null`)}, 'referenced', k.referenced,
             'changed', coalesce(k.changed, '[]')) ${refusedToo} as conflict
      from looked k where not k.gone${
        changes
          ? sql`
    union all select k.log, k.staged_id, k.place, k.target_table, k.target,
           jsonb_build_object('edited', ${raw(taken === "" ? "true" : `${by("k.log")} is null`)}, 'referenced', false, 'changed', k.changed) ${refusedToo}
      from changed_back k where not k.gone and k.changed <> '[]'`
          : raw("")
      }),
  -- What became of each entry, and where that lies: put together of parts that have both, and joined with nothing but
  -- the rows that are written, as the planner expects one entry, and would compare each with each.
  outcome (log, staged_id, place, undone, conflict) as materialized (
    select log, staged_id, place, true, null::jsonb from deleted
    union all select log, staged_id, place, true, ${raw(isGone)} from looked where gone
    ${also(`union all select log, staged_id, place, true, case when gone then ${isGone} else returned end from changed_back where changed = '[]'`)}
    union all select id, staged_id, entry_place, true, null from brief where action not in ('commit', 'update')
    union all select log, staged_id, place, false, conflict from spared),
  -- By their places, and decisions by their keys, joined with nothing: of a join the ledger may be read whole for each wave.
  closed as (
    update wavegate.legacy_import_commit_logs l set rolled_back_at = now(), conflict = null
     where l.ctid = any (array(select place from outcome where undone and conflict is null))
       and l.rolled_back_at is null returning l.id),
  told as (
    update wavegate.legacy_import_commit_logs l set rolled_back_at = case when o.undone then now() end, conflict = o.conflict
      from outcome o where not (o.undone and o.conflict is null)
       and l.ctid = o.place and l.id = o.log and l.rolled_back_at is null returning l.id),
  reset as (
    update ${raw(stagingTable(staging.decisions))} s
       set import_state = 'rolled_back', state_reason = null,
           ${raw(["wave", ...staging.ids].map((column) => `${identifier(column)} = null`).join(", "))}
     where s.run_id = ${uuid(run)} and s.staged_id = any (array(select staged_id from outcome where undone))
    returning s.staged_id)
  select set_config(${takingBack.wave}, cast(${wave} as text), true) as of_wave, (select count(*) from brief) as entries,
         coalesce((select jsonb_object_agg(target_table, n)
                     from (select target_table, count(*) as n from deleted group by 1) d), '{}') as deleted,
         (select count(*) from outcome where undone) as undone,
         (select count(*) from brief where action = 'link') as unlinked,
         (select count(*) from looked where gone)${also(" + (select count(*) from changed_back where gone)")} as gone,
         ${also(`jsonb_build_object(${updates.of.map(([name, table]) => `${literal(table)}, (select count(*) from ${name})`).join(", ")}) as restored, `)}(select count(*) from closed) + (select count(*) from told) as logged, (select count(*) from reset) as reset,
         ${raw(firstSpared("s.conflict"))} as conflicts,
         (select count(*) from spared) as spared${raw(updates.altered.length === 0 ? "" : `, concat_ws(', ', ${updates.altered.join(", ")}) as altered`)}`;
}

/** Bytes of conflicts that an answer has whole: a row of it ends at 64 KB. */
const mostOfConflicts = 40_000;

/**
 * The first hundred entries `s` that are spared, as a JSON list. Which columns changed is said for as many as an answer
 * holds, as a platform may have changed each of several hundred columns; the ledger says it of every one.
 */
export const firstSpared = (conflict: string): string => `
         coalesce((select jsonb_agg(jsonb_build_object('table', p.target_table, 'id', ${foundKeyAsJson("p.log", "p.target")}, 'conflict',
             case when p.bytes <= ${mostOfConflicts} then p.conflict else p.conflict || '{"changed": []}' end) order by p.target_table, p.target)
            from (select f.*, sum(octet_length(f.conflict::text)) over (order by f.log) as bytes
                    from (select s.log, s.target_table, s.target, ${conflict} as conflict from spared s order by s.log limit 100) f) p), '[]')`;

/** What an entry says of a row that somebody else had deleted. */
const isGone = `'{"gone": true}'::jsonb`;

/** Characters of what tells whether a row is referred to that stand wherever that is asked, three times in an undo. */
const mostOfReferences = 5_000;
/** Whether something refers to the row `t` of an entry `e`; looked up once, before anything else, where much may. */
function referencesOf(
  target: PinnedTarget,
  index: number,
  referring: readonly Referring[],
): { readonly is: string; readonly before: readonly string[] } {
  const is = referred(referring, target.table);
  if (is.length <= mostOfReferences) return { is, before: [] };
  return {
    is: `e.id in (select log from referred_${index})`,
    before: [
      `referred_${index} as materialized (
    select e.id as log from brief e join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")}
     where e.action = 'commit' and e.target_table = ${literal(target.table)} and (${is}))`,
    ],
  };
}

/** The entries left over, beside `claimed`, in one target: whether the row is gone, edited or referred to, and what changed. */
const lookedAt = (
  target: PinnedTarget,
  referenced: string,
  reshaped: readonly Reshaping[],
): string =>
  looksAt(target, reshaped, {
    from: "left_over",
    referenced,
    also: "e.staged_id, e.entry_place as place",
  });

/**
 * Entries of a list in one target: whether the row of each is gone, edited or referred to, and what changed.
 *
 * @param how `but`, which leaves rows `t` out as if they were gone, as a further condition
 */
export const looksAt = (
  target: PinnedTarget,
  reshaped: readonly Reshaping[],
  how: {
    readonly from: string;
    readonly referenced: string;
    readonly also?: string;
    readonly but?: string;
  },
): string => {
  const { unchanged, changed } = compareWritten(target, "e", reshaped);
  const [away, there] = ["is null", "is not null"].map((is) => `t.${firstOfKey(target)} ${is}`);
  const elsewhere = isElsewhere(target, reshaped, how.from);
  const key = literal(JSON.stringify(target.key?.columns.map(({ now }) => now) ?? [target.id]));
  // Found once for each, and only for those that are away.
  const [also, moved, ofKey] =
    elsewhere === undefined
      ? ["", "false", ""]
      : [
          `
      cross join lateral (select case when ${away} then ${elsewhere} else false end as moved offset 0) v`,
          "v.moved",
          ` when v.moved then ${key}`,
        ];
  return `
    select e.id as log, e.target_table, ${targetAsJson("e")} as target, ${away} and not ${moved} as gone,
           ${there} and (${isClaimed} or ${how.referenced}) as referenced,
           ${moved} or ${there} and not (${unchanged}) as edited,
           case${ofKey} when ${there} and not (${unchanged}) then ${changed} else '[]' end as changed${how.also === undefined ? "" : `, ${how.also}`}
      from ${how.from} e left join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")}${how.but ?? ""}${also}
     where e.target_table = ${literal(target.table)}`;
};

/** Rows of which this transaction closed the ledger's entries and which are there all the same: a rollback leaves none. */
export function leftBehind(
  pin: Pin,
  run: string,
  waves: readonly number[],
  reshaped: readonly Reshaping[] = [],
): Sql {
  const changed = leftChanged(pin, reshaped);
  const there = pin.targets.map(
    (target) =>
      `(l.target_table = ${literal(target.table)} and exists (select from ${identifier(target.table)} t
          where ${isNamedBy(target, "t", "l")}))`,
  );
  return sql`
  select count(*) as n from wavegate.legacy_import_commit_logs l
   where l.run_id = ${uuid(run)} and ${ofWaves("l", waves)} and l.rolled_back_at is not null
     -- An id comes again, where it is kept or derived or where a sequence begins anew: what was closed before says nothing.
     and l.xmin = pg_current_xact_id()::xid
     and (${raw([`l.action = 'commit' and (${there.join(" or ")})`, ...changed].join(" or "))})`;
}
