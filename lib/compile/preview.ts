import { literal, literals, raw, type Sql, sql } from "../data/sql.ts";
import type { Pin, PinnedEntity, PinnedTarget } from "./pin.ts";
import type { Referring } from "./referrers.ts";
import { claimedEntries, isOf, lookedAt } from "./rollback.ts";
import { isNamedBy } from "./target-key.ts";
import { previewUpdates } from "./undo-updates.ts";
import { openEntries, type Reshaping, type Shape } from "./written-rows.ts";

/**
 * Entries of the ledger that a rollback would spare, by their ids: under the empty text rows that would stay, under a
 * column's name changed rows that would keep what was written into it.
 */
export type Stays = Readonly<Record<string, readonly number[]>>;

/**
 * What `undoWave` would do with every kind of things, the last one first, and with which rows: nothing is written. Rows
 * are looked at as an undo looks at those it leaves, so the two agree unless the platform changes in between: what
 * would go refers to nothing any more, and what would be spared spares what it refers to.
 *
 * @param later what would stay of the waves behind it, which are taken back first
 */
export function previewWave(
  pin: Pin,
  { run, wave, later }: { readonly run: string; readonly wave: number; readonly later: Stays },
  referring: readonly Referring[],
  reshaped: readonly Reshaping[],
  present: Shape = {},
): Sql {
  const kinds = pin.entities.map((entity, at) => ({ entity, at }));
  const of = (at: number) => kinds.filter((kind) => kind.at > at);
  const looked = kinds.map(({ entity: { staging }, at }) => {
    const before = { run, wave, kinds: of(at) };
    const but = kinds.length === 1 ? undefined : takenBackBefore(pin, before);
    const created = pin.targets.map((target) =>
      lookedAt(target, referring, reshaped, `created_${at}`, but),
    );
    const updates = previewUpdates(pin, reshaped, present, `entries_${at}`, takenBackToo(before));
    return `entries_${at} as materialized (select e.* from entries e${kinds.length === 1 ? "" : ` where ${isOf(staging, "e")}`}),
  created_${at} as (select * from entries_${at} where action = 'commit'),
  looked_${at} as materialized (${[
    ...created.map((each) => `select *, 'commit' as action from (${each}) created`),
    ...updates.map(
      (each) =>
        `select log, target_table, target, gone, false, changed <> '[]', changed, 'update' from (${each}) changed_back`,
    ),
  ].join("\n    union all ")}),
  spared_${at} as materialized (select * from looked_${at} where not gone and (edited or referenced))`;
  });
  const all = (name: string) =>
    kinds.map(({ at }) => `select * from ${name}_${at}`).join(" union all ");
  const listed = [...kinds].reverse().map(
    ({
      at,
    }) => `coalesce((select jsonb_agg(jsonb_build_object('table', p.target_table, 'id', p.target,
             'conflict', jsonb_build_object('edited', p.edited, 'referenced', p.referenced, 'changed', p.changed))
             order by p.target_table, p.target)
            from (select * from spared_${at} order by log limit 100) p), '[]')`,
  );
  const stays = Object.entries(later).map(
    ([what, ids]) => `(${literal(what)}, ${literal(multirange(ids))}::int8multirange)`,
  );
  return sql`
  with later_stay (what, ids) as materialized (${raw(stays.length === 0 ? "select ''::text, '{}'::int8multirange where false" : `values ${stays.join(", ")}`)}),
  entries as materialized (
    select l.* from ${openEntries(run, wave)} l),
  ${claimedEntries(run, wave)},
  ${raw([...looked].reverse().join(",\n  "))},
  looked as materialized (${raw(all("looked"))}),
  spared as materialized (${raw(all("spared"))})
  select (select count(*) from entries) as entries,
         (select count(*) from entries) - (select count(*) from spared) as undone,
         (select count(*) from entries where action = 'link') as unlinked,
         (select count(*) from looked where gone) as gone,
         (select count(*) from spared) as spared,
         (select count(*) from spared where edited) as edited,
         (select count(*) from spared where referenced) as referenced,
         coalesce((select jsonb_object_agg(name, rows) from (
             select c.name, count(*) as rows from spared s, jsonb_array_elements_text(s.changed) c (name) group by 1) n), '{}') as changed,
         ${raw(listed.join(" || "))} as conflicts,
         ${raw(kinds.length === 1 ? "'{}'::jsonb" : staysOf)} as stays`;
}

const staysOf = `coalesce((select jsonb_object_agg(what, ids) from (
             select what, jsonb_agg(log order by log) as ids from (
               select '' as what, log from spared where action = 'commit'
               union all select c.name, log from spared s, jsonb_array_elements_text(s.changed) c (name) where s.action = 'update') w
              group by 1) n), '{}')`;

/** Ids as PostgreSQL writes a set of ranges: those that follow each other are one. */
export function multirange(ids: readonly number[]): string {
  const ranges: [from: number, below: number][] = [];
  for (const id of [...ids].sort((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && id <= last[1]) last[1] = Math.max(last[1], id + 1);
    else ranges.push([id, id + 1]);
  }
  return `{${ranges.map(([from, below]) => `[${from},${below})`).join(",")}}`;
}

/** What is taken back before the rows of a kind: the waves behind theirs, and in theirs the kinds behind them. */
interface Before {
  readonly run: string;
  readonly wave: number;
  readonly kinds: readonly { readonly entity: PinnedEntity; readonly at: number }[];
}

/** Whether an entry `u` is taken back before, be it spared. */
function isBefore({ run, wave, kinds }: Before): string {
  const own = kinds.map(({ entity }) => isOf(entity.staging, "u"));
  const inWave = own.length === 0 ? "" : ` or u.wave = ${wave} and (${own.join(" or ")})`;
  return `u.run_id = '${run}' and u.rolled_back_at is null and (u.wave > ${wave}${inWave})`;
}

/** Whether an entry `u` that is taken back before would stay: its row, or one of some columns that it wrote. */
function staysThere({ kinds }: Before, action: "commit" | "update", columns?: readonly string[]) {
  const [later, here] =
    action === "commit"
      ? ["what = ''", ""]
      : columns === undefined
        ? ["what <> ''", ""]
        : [`what in (${literals(columns)})`, ` and x.changed ?| array[${literals(columns)}]`];
  return [
    `exists (select from later_stay where ${later} and u.id <@ ids)`,
    ...kinds.map(({ at }) => `exists (select from spared_${at} x where x.log = u.id${here})`),
  ].join(" or ");
}

/** Leaves out referring rows that go before the row that they refer to, or no longer refer to it by then. */
const takenBackBefore =
  ({ targets }: Pin, before: Before) =>
  ({ schema, table, columns }: Referring): string => {
    const own = targets.find(
      (target) => table.slice(schema.length + 1).replaceAll('"', "") === target.table,
    );
    return own === undefined
      ? ""
      : ` and not exists (select from wavegate.legacy_import_commit_logs u
            where ${isBefore(before)} and ${goes(own, columns, before)}
              and u.target_table = ${literal(own.table)} and ${isNamedBy(own, "r", "u")})`;
  };

/** Whether an entry `u` is about a row that goes, or about columns that get back what they held. */
function goes({ updated }: PinnedTarget, columns: readonly string[], before: Before): string {
  const created = `(u.action = 'commit' and not (${staysThere(before, "commit")}))`;
  return updated === undefined
    ? created
    : `(${created} or u.action = 'update' and u.after_image ?| array[${literals(columns)}] and not (${staysThere(before, "update", columns)}))`;
}

/** Of entries `u` that wrote a row again those that are still there when an earlier one is taken back. */
const takenBackToo = (before: Before): string =>
  ` and not (${isBefore(before)} and not (${staysThere(before, "update")}))`;
