import { identifier, json, literal, literals, raw, type Sql, sql } from "../../data/sql.ts";
import { mayStillChange } from "../around/on-the-way.ts";
import type { Pin, PinnedEntity, PinnedTarget } from "../pin/pin.ts";
import { isNamedBy } from "../target-key.ts";
import { openEntries, type Reshaping, type Shape, untouchedSince } from "../wave/written-rows.ts";
import { claimedEntries } from "./claimed.ts";
import { type Kept, type KeptAbove, keptApart, keptByThose } from "./kept-above.ts";
import { mayStillKeep } from "./kept-in-silence.ts";
import { isOf, type KindOfWave } from "./kinds-of-wave.ts";
import { multirange } from "./multirange.ts";
import { type Referring, referringTo, refersTo } from "./referrers.ts";
import { firstSpared, looksAt, ofTables } from "./rollback.ts";
import type { RowRule } from "./row-rules.ts";
import { previewUpdates } from "./undo-updates.ts";

/**
 * Entries of the ledger that a rollback would spare, by their ids: under the empty text rows that would stay, under a
 * column's name changed rows that would keep what was written into it.
 */
export type Stays = Readonly<Record<string, readonly number[]>>;

/**
 * What `undoWave` would do with one kind of things of a wave, and with which rows: nothing is written. Rows
 * are looked at as an undo looks at those it leaves, so the two agree unless the platform changes in between: what
 * would go refers to nothing any more, and what would be spared spares what it refers to.
 *
 * @param later what would stay of what is taken back first: the waves behind it, and the kinds `behind` it in its own
 * @param above by which columns without a foreign key rows that waves wrote refer to these
 */
export function previewKind(
  whole: Pin,
  {
    run,
    wave,
    later,
    above = [],
  }: {
    readonly run: string;
    readonly wave: number;
    readonly later: Stays;
    readonly above?: Kept;
  },
  kind: KindOfWave & { readonly behind: readonly Behind[] },
  referring: readonly Referring[] | KnownEntries,
  reshaped: readonly Reshaping[],
  present: Shape = {},
  rules: readonly RowRule[] = [],
): Sql {
  const { tables } = kind;
  const several = whole.entities.length > 1;
  // Rows of one kind refer to each other where the platform made a key of it: what goes first refers to nothing any more.
  const among =
    several ||
    "known" in above ||
    above.length > 0 ||
    "known" in referring ||
    referring.some(({ own }) => own !== null);
  const pin = ofTables(whole, tables);
  const before = beforeKind(whole, { run, wave }, kind);
  const but = among ? takenBackBefore(whole, before) : () => "";
  // Looked up in a table of what was found: joined, each entry would be compared with each, as the planner expects one.
  const referenced = (target: PinnedTarget): string => {
    const found =
      "known" in referring
        ? ["select log from known_referred"]
        : referredEntries(target, referring, but);
    return found.length === 0 ? "false" : `e.id in (${found.join(" union ")})`;
  };
  const kept = keptByThose(above, tables, goesBefore(before));
  const looked = [
    ...pin.targets.map(
      (target) =>
        `select log, target_table, target, gone, referenced, edited, changed,
                case when refused is not null and not (gone or edited or referenced) then refused end, 'commit' as action
           from (${looksAt(target, reshaped, { from: "created", referenced: referenced(target), also: `${refusedBefore(target, "delete")} as refused`, but: untouchedOr(target, reshaped, notOfOthers(target, "created", before)) })} offset 0) c`,
    ),
    ...previewUpdates(pin, reshaped, present, "entries", takenBackToo(before), {
      rules,
      before: (target) => refusedBefore(target, "update"),
      others: (target) => notOfOthers(target, "entries", before),
    }).map(
      (each) =>
        `select log, target_table, target, gone, false, refused is null and changed - unfit <> '[]', changed, coalesce(refused, unfit_by), 'update' from (${each}) changed_back`,
    ),
    // Links alone name no table of a target's.
    `select null::bigint, null::text, null::jsonb, false, false, false, '[]'::jsonb, null::text, '' where false`,
  ];
  return sql`
  with ${entriesOf(whole, { run, wave, later }, kind)},
  ${createdEntries},
  ${"known" in referring ? sql`known_referred as materialized (select value::bigint as log from jsonb_array_elements_text(${json(referring.known)})),` : raw("")}
  ${claimedEntries(run, wave, kept)},
  looked (log, target_table, target, gone, referenced, edited, changed, refused, action) as materialized (${raw(looked.join("\n    union all "))}),
  spared as materialized (select * from looked where not gone and (edited or referenced or refused is not null))
  select (select count(*) from entries) as entries,
         (select count(*) from entries) - (select count(*) from spared) as undone,
         (select count(*) from entries where action = 'link') as unlinked,
         (select count(*) from looked where gone) as gone,
         (select count(*) from spared) as spared,
         (select count(*) from spared where edited) as edited,
         (select count(*) from spared where referenced) as referenced,
         coalesce((select jsonb_object_agg(refused, rows) from (
             select refused, count(*) as rows from spared where refused is not null group by 1) n), '{}') as refused,
         coalesce((select jsonb_object_agg(name, rows) from (
             select c.name, count(*) as rows from spared s, jsonb_array_elements_text(s.changed) c (name) group by 1) n), '{}') as changed,
         ${raw(
           firstSpared(`jsonb_build_object('edited', s.edited, 'referenced', s.referenced, 'changed', s.changed)
                || case when s.refused is null then '{}' else jsonb_build_object('refused', s.refused) end`),
         )} as conflicts,
         ${raw(staysOf)} as stays`;
}

const createdEntries = raw("created as (select * from entries where action = 'commit')");

/** Entries by their ids, where what tells them was looked at before. */
export interface KnownEntries {
  readonly known: readonly number[];
}

/**
 * The entries `created` to whose rows in a target something refers: for all of them at once, and not asked of each.
 *
 * @param but leaves out referring rows `r`, as a further condition
 */
const referredEntries = (
  target: PinnedTarget,
  referring: readonly Referring[],
  but: (referring: Referring) => string,
): readonly string[] =>
  referringTo(referring, target.table).map(
    (refers) => `
      select distinct e.id as log from created e join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")} join ${refers.table} r on ${refersTo(refers)}
       where e.target_table = ${literal(target.table)}${but(refers)}`,
  );

/** The entries of a kind whose rows stay as something refers to them, for some of the references alone: as `(logs)`. */
export const referredOfKind = (
  whole: Pin,
  about: { readonly run: string; readonly wave: number; readonly later: Stays },
  kind: KindOfWave & { readonly behind: readonly Behind[] },
  some: readonly Referring[],
): Sql => {
  const but = takenBackBefore(whole, beforeKind(whole, about, kind));
  const found = ofTables(whole, kind.tables).targets.flatMap((target) =>
    referredEntries(target, some, but),
  );
  return sql`
  with ${entriesOf(whole, about, kind)},
  ${createdEntries}
  select coalesce(jsonb_agg(log order by log), '[]') as logs from (${raw(found.join(" union "))}) referred`;
};

/** The entries of a kind whose rows stay as rows that stay refer to them, for some of the references alone: see {@link keptApart}. */
export const keptOfKind = (
  whole: Pin,
  about: { readonly run: string; readonly wave: number; readonly later: Stays },
  kind: KindOfWave & { readonly behind: readonly Behind[] },
  some: readonly KeptAbove[],
): Sql =>
  keptApart(
    entriesOf(whole, about, kind),
    keptByThose(some, kind.tables, goesBefore(beforeKind(whole, about, kind))),
  );

/** The common tables of what stays of what is taken back first, and of the entries of a kind. */
function entriesOf(
  whole: Pin,
  { run, wave, later }: { readonly run: string; readonly wave: number; readonly later: Stays },
  kind: KindOfWave & { readonly behind: readonly Behind[] },
): Sql {
  const { entities } = whole;
  const { at, level } = kind;
  const { staging } = entities[at] as PinnedEntity;
  const before = raw(beforeInWave(beforeKind(whole, { run, wave }, kind)));
  // A value and no part of the statement, which is no longer than 65,536 characters however much would stay.
  const stays = Object.fromEntries(
    Object.entries(later).map(([what, ids]) => [what, multirange(ids)]),
  );
  return sql`${before}later_stay (what, ids) as materialized (select key, value::int8multirange from jsonb_each_text(${json(stays)})),
  entries as materialized (
    select l.* from ${openEntries(run, wave)} l${raw(entities.length > 1 || level !== null ? ` where ${isOf(staging, "l", level ?? undefined)}` : "")})`;
}

const beforeKind = (
  { entities }: Pin,
  { run, wave }: { readonly run: string; readonly wave: number },
  { behind }: { readonly behind: readonly Behind[] },
): Before => ({
  ...{ run, wave },
  kinds: behind.map((each) => ({ ...each, of: entities[each.at] as PinnedEntity })),
});

/** Whether an entry `u` that a reference was written by is taken back before. */
const goesBefore =
  (before: Before) =>
  ({ from, pairs }: KeptAbove): string => {
    const columns = pairs.map(({ written }) => written);
    return `${isBefore(before)} and ${goes(from, columns)}`;
  };

const staysOf = `coalesce((select jsonb_object_agg(what, ids) from (
             select what, jsonb_agg(log order by log) as ids from (
               select '' as what, log from spared where action = 'commit'
               union all select c.name, log from spared s, jsonb_array_elements_text(s.changed) c (name) where s.action = 'update') w
              group by 1) n), '{}')`;

/**
 * What refused to have the row `t` of an entry `e` deleted, or given back what it held, when that was tried, where it is
 * still there: a look cannot tell what a trigger would do. What raised something is known by its function, what said
 * nothing by its trigger; constraints that a change would break are looked at themselves.
 */
const refusedBefore = ({ table }: PinnedTarget, event: "delete" | "update"): string => `(
             select r.by from (select e.conflict ->> 'refused' as by) r
              where r.by is not null and (
                ${event === "delete" ? "exists (select from pg_constraint k where k.conname = r.by)" : "false"}
                or ${mayStillKeep("r.by", event)}
                or ${mayStillChange("r.by", `to_regclass(${literal(identifier(table))})`)}
                or exists (select from pg_trigger g join pg_proc p on p.oid = g.tgfoid
                            where not g.tgisinternal and g.tgenabled <> 'D' and split_part(r.by, ' (', 1) in (p.proname::text, p.oid::regproc::text)
                              and g.tgrelid in (select to_regclass(${literal(identifier(table))})::oid
                                                union select conrelid from pg_constraint where confrelid = to_regclass(${literal(identifier(table))})))))`;

/** A kind of things, or one level of it, that is taken back before another one of the same wave. */
export type Behind = Pick<KindOfWave, "at" | "level">;

/** What is taken back before the rows of a kind: the waves behind theirs, and in theirs the kinds behind them. */
interface Before {
  readonly run: string;
  readonly wave: number;
  readonly kinds: readonly (Behind & { readonly of: PinnedEntity })[];
}

/** Whether an entry `u` is taken back before, be it spared. */
function isBefore({ run, wave, kinds }: Before): string {
  const inWave = kinds.length === 0 ? "" : " or u.id in (select id from before_in_wave)";
  return `u.run_id = '${run}' and u.rolled_back_at is null and (u.wave > ${wave}${inWave})`;
}

/** The entries of the kinds behind one in its own wave, as a common table: found once, however many kinds there are. */
const beforeInWave = ({ run, wave, kinds }: Before): string => {
  const own = kinds.map(({ of, level }) => isOf(of.staging, "u", level ?? undefined));
  return kinds.length === 0
    ? ""
    : `before_in_wave as materialized (
    select u.id from wavegate.legacy_import_commit_logs u
     where u.run_id = '${run}' and u.wave = ${wave} and u.rolled_back_at is null and (${own.join(" or ")})),
  `;
};

/** Whether an entry `u` that is taken back before would stay: its row, or one of some columns that it wrote. */
function staysThere(action: "commit" | "update", columns?: readonly string[]): string {
  const what =
    action === "commit"
      ? "what = ''"
      : columns === undefined
        ? "what <> ''"
        : `what in (${literals(columns)})`;
  return `exists (select from later_stay where ${what} and u.id <@ ids)`;
}

/** Leaves out referring rows that go before the row that they refer to, or no longer refer to it by then. */
const takenBackBefore =
  ({ targets }: Pin, before: Before) =>
  ({ own: of, columns }: Referring): string => {
    const own = targets.find(({ table }) => table === of);
    return own === undefined
      ? ""
      : ` and not exists (select from wavegate.legacy_import_commit_logs u
            where ${isBefore(before)} and ${goes(own, columns)}
              and u.target_table = ${literal(own.table)} and ${isNamedBy(own, "r", "u")})`;
  };

/** Whether an entry `u` is about a row that goes, or about columns that get back what they held. */
function goes({ updated }: PinnedTarget, columns: readonly string[]): string {
  const created = `(u.action = 'commit' and not (${staysThere("commit")}))`;
  return updated === undefined
    ? created
    : `(${created} or u.action = 'update' and jsonb_exists_any(u.after_image, array[${literals(columns)}]) and not (${staysThere("update", columns)}))`;
}

/**
 * Whether the row of an entry `e` of `from` is none that something taken back before created under the same key, and
 * that goes with it: where a table was emptied and its numbers began anew, the row of `e` is gone by then. Found once
 * for all of them and looked up.
 */
const notOfOthers = (target: PinnedTarget, from: string, before: Before): string =>
  `e.id not in (
           select e.id from ${from} e join wavegate.legacy_import_commit_logs u
               on u.target_table = e.target_table and ${target.key === undefined ? "u.target_id = e.target_id" : "u.target_key = e.target_key"} and u.id > e.id
            where u.action = 'commit' and e.target_table = ${literal(target.table)} and ${isBefore(before)} and not (${staysThere("commit")}))`;

/** As a further condition: it holds of a row `t` that nobody touched since the entry `e` wrote it, which nothing else is looked up for. */
function untouchedOr(
  target: PinnedTarget,
  reshaped: readonly Reshaping[],
  condition: string,
): string {
  const untouched = untouchedSince(target, "e", reshaped);
  return ` and case when ${untouched ?? "false"} then true else ${condition} end`;
}

/** Of entries `u` that wrote a row again those that are still there when an earlier one is taken back. */
const takenBackToo = (before: Before): string =>
  ` and not (${isBefore(before)} and not (${staysThere("update")}))`;
