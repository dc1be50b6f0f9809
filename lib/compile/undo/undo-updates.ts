import { identifier, literal } from "../../data/sql.ts";
import { changedThere, type OnTheWay, type Watched, wholeRow } from "../around/on-the-way.ts";
import type { Pin, PinnedTarget } from "../pin/pin.ts";
import { firstOfKey, isNamedBy, keyNames, targetAsJson } from "../target-key.ts";
import type { Reshaping, Shape } from "../wave/written-rows.ts";
import { isUpdatedElsewhere } from "./elsewhere.ts";
import { type RowRule, refusesRow } from "./row-rules.ts";
import {
  answersFor,
  asNow,
  differing,
  everything,
  givenBack,
  image,
  notBack,
  type UpdatedColumn,
  unfitOf,
  updatedColumns,
} from "./updated-columns.ts";

/**
 * What is told of the row of an entry `e` of `from` that is `away`: nothing of one that is gone, and its key with all that was
 * written of one that may have another key. As what is found of each once, `v`, and whether it is gone.
 */
function ofAway(
  target: PinnedTarget,
  columns: readonly UpdatedColumn[],
  away: string,
  from: string,
): { readonly found: string; readonly gone: string; readonly changed: string } {
  const held = (entry: string) =>
    `(select j.key, j.value from jsonb_each(${asNow(columns, `${entry}.after_image`)}) j
               where jsonb_exists(${entry}.before_image, j.key) and ${answersFor(entry, "j.key")})`;
  const moved =
    target.key?.follows === true
      ? "true"
      : columns.length === 0
        ? undefined
        : isUpdatedElsewhere(target, from, held, image(columns, "m"));
  if (moved === undefined) return { found: "", gone: away, changed: "'[]'" };
  const key = `${literal(JSON.stringify(keyNames(target)))}::jsonb`;
  const written = `coalesce((select jsonb_agg(h.key order by h.key) from ${held("e")} h), ${everything(columns)})`;
  return {
    found: `
      cross join lateral (select case when ${away} then ${moved} else false end as moved offset 0) v`,
    gone: `(${away} and not v.moved)`,
    changed: `case when v.moved then ${key} || ${written} else '[]' end`,
  };
}

/** Whether a row that is there holds what an entry of the ledger says was written of it. */
export function holdsUpdate(
  target: PinnedTarget,
  entry: string,
  reshaped: readonly Reshaping[],
): string {
  const columns = updatedColumns(target, reshaped, {});
  // An entry that lost its image proves nothing.
  return `(${entry}.after_image is not null and jsonb_array_length(${differing(image(columns, "t"), asNow(columns, `${entry}.after_image`))}) = 0)`;
}

/** Whether a row of which columns were not given back holds in one of them something else than the entry wrote. */
export function isEdited(
  target: PinnedTarget,
  entry: string,
  reshaped: readonly Reshaping[],
): string {
  const columns = updatedColumns(target, reshaped, {});
  const after = asNow(columns, `${entry}.after_image`);
  const left = ` and jsonb_exists(${entry}.conflict -> 'changed', i.key)`;
  return `(${entry}.after_image is null or jsonb_array_length(${differing(image(columns, "t"), after, left)}) > 0)`;
}

/**
 * Whether somebody, a later run or another migration, wrote a column of the same row after the entry `e`, be it that
 * the row was gone and written anew, and that stands: what is undone is the newest first. Of one that lost its image
 * nobody can say that it was another column.
 */
const writtenAgain = (target: PinnedTarget): string => `exists (
           select from wavegate.legacy_import_commit_logs u where ${writesAgain(target, "")})`;

/**
 * Whether that is so of an entry `e` of `from`: found once for all of them and looked up. Asked of each, or joined, each entry
 * would be compared with each.
 */
const amongWrittenAgain = (target: PinnedTarget, from: string, but: string): string =>
  `e.id in (select e.id from ${from} e join wavegate.legacy_import_commit_logs u on ${writesAgain(target, but)})`;

const writesAgain = (target: PinnedTarget, but: string): string => `
                u.action in ('update', 'commit') and u.target_table = e.target_table and u.id > e.id and u.rolled_back_at is null
            and ${target.key === undefined ? "u.target_id = e.target_id" : "u.target_key = e.target_key"}
            and (u.after_image is null or exists (select from jsonb_object_keys(u.after_image) c where jsonb_exists(e.after_image, c)))${but}`;

/** Of an entry `e` that spared a row until now the columns that it had given back before: they are none of it any more. */
const returned = `jsonb_build_object('returned', (select coalesce(jsonb_agg(c), '[]') from jsonb_object_keys(e.before_image) c
                               where not jsonb_exists(e.conflict -> 'changed', c)))`;

/** What {@link undoWave} and its preview need of the targets of which waves change rows. */
interface UndoneUpdates {
  /** Common tables that write back what was there, column by column, each from `entries`. */
  readonly restored: readonly string[];
  /** What triggers that came since made of rows that got something back, each as a text that is null for nothing. */
  readonly altered: readonly string[];
  /** Their names, with the table that each is about. */
  readonly of: readonly (readonly [name: string, table: string])[];
  /** What became of each entry, or would: as rows of (log, staged_id, place, target_table, target, gone, changed, returned). */
  readonly looked: readonly string[];
}

/**
 * Takes changes of rows back: each column gets what it held before, where it still holds what was written and
 * nobody wrote it again. A row with another column stays to be told of.
 *
 * @param but leaves out entries `e`, as a further condition
 * @param onTheWay triggers that may make something else of rows that get something back
 */
export function undoUpdates(
  { targets }: Pin,
  reshaped: readonly Reshaping[],
  present: Shape,
  but = "",
  onTheWay: OnTheWay = {},
): UndoneUpdates {
  const changed = targets
    .filter(({ updated }) => updated !== undefined)
    .map((target, index) => ({
      target,
      name: `restored_${index}`,
      // Of columns that are all gone there is nothing to give back.
      columns: updatedColumns(target, reshaped, present),
      watched: watchedIn(target, reshaped, onTheWay),
    }));
  const given = changed.filter(({ columns }) => columns.length > 0);
  const restored = given.map(({ target, name, columns, watched }) => {
    const back = givenBack(columns);
    const set = back.map(
      ({ now, ours, was }) =>
        `${identifier(now)} = case when ${ours} then ${was} else t.${identifier(now)} end`,
    );
    return `${name} as (
    update ${identifier(target.table)} t set ${set.join(",\n           ")}
      from entries e
     where e.action = 'update' and e.target_table = ${literal(target.table)} and ${isNamedBy(target, "t", "e")}
       and (${back.map(({ ours }) => ours).join(" or ")}) and not ${amongWrittenAgain(target, "entries", "")}${but}
    returning e.*, ${image(columns, "t")} as image${watched === undefined ? "" : `, ${wholeRow(watched)} as whole`})`;
  });
  const altered = given.flatMap(({ target, name, columns, watched }) => {
    if (watched === undefined) return [];
    const from = `${name} e join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")}`;
    const back = new Map(givenBack(columns).map((each) => [each.now, each]));
    const meant = (column: string) => {
      const given = back.get(column);
      return given && `case when ${given.ours} then ${given.was} else t.${identifier(column)} end`;
    };
    return [changedThere(target.table, watched, from, (column) => meant(column.name))];
  });
  const looked = changed.flatMap(({ target, name, columns }) => {
    const away = `t.${firstOfKey(target)} is null`;
    const { found, gone, changed } = ofAway(target, columns, away, "entries");
    const each = (away: string, gone: string, is: string, from: string) => `
    select e.id as log, e.staged_id, e.entry_place as place, e.target_table, ${targetAsJson("e")} as target, ${gone} as gone,
           case when ${away} then ${away === "false" ? "'[]'" : changed} when e.before_image is null then ${everything(columns)} else ${notBack(columns, is)} end as changed,
           case when jsonb_exists(e.conflict, 'changed') then ${returned} end as returned
      from ${from}`;
    const others = each(
      away,
      gone,
      image(columns, "t"),
      `entries e left join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")}${found}
     where e.action = 'update' and e.target_table = ${literal(target.table)}`,
    );
    // Apart: joined with those that got something back, each entry would be compared with each.
    return columns.length === 0
      ? [others]
      : [
          each("false", "false", "e.image", `${name} e`),
          `${others} and e.id not in (select id from ${name})`,
        ];
  });
  return {
    restored,
    altered,
    of: given.map(({ name, target }) => [name, target.table] as const),
    looked,
  };
}

/** The columns of a target that a trigger may change of rows that get something back; those that came later are the platform's own. */
function watchedIn(
  { table, made = [] }: PinnedTarget,
  reshaped: readonly Reshaping[],
  onTheWay: OnTheWay,
): Watched | undefined {
  const watched = onTheWay[table];
  if (!watched?.update) return undefined;
  const { added = [] } = reshaped.find((each) => each.table === table) ?? {};
  const others = [...made, ...added];
  return { ...watched, columns: watched.columns.filter(({ name }) => !others.includes(name)) };
}

/**
 * What {@link undoUpdates} would leave of the entries in `from`, as `looked` has it, with the name of what would refuse
 * what it gives back, and with the columns that take no more what they held; nothing is written.
 *
 * @param but leaves out entries `u` that wrote a row again and are taken back before
 * @param refusing what the platform demands of rows of these tables, and what of a target refused it `before`, of an entry
 *   `e` and its row `t`; `others`, whether `t` is none of `others` that came in its place and go before
 */
export function previewUpdates(
  { targets }: Pin,
  reshaped: readonly Reshaping[],
  present: Shape,
  from: string,
  but: string,
  refusing: {
    readonly rules: readonly RowRule[];
    readonly before: (target: PinnedTarget) => string;
    readonly others: (target: PinnedTarget) => string;
  },
): readonly string[] {
  return targets
    .filter(({ updated }) => updated !== undefined)
    .map((target) => {
      const columns = updatedColumns(target, reshaped, present);
      const away = `t.${firstOfKey(target)} is null`;
      const is = image(columns, "t");
      const { found, gone, changed } = ofAway(target, columns, away, from);
      const refused = refusesRow(target, present[target.table] ?? [], givenBack(columns), {
        rules: refusing.rules,
        before: refusing.before(target),
      });
      // Of columns that are of another type since.
      const unfit = unfitOf(
        target,
        columns.filter(({ retyped }) => retyped),
      );
      return `
    select e.id as log, e.staged_id, e.target_table, ${targetAsJson("e")} as target, ${gone} as gone, f.refused, u.unfit, ${firstOf(unfit.map(({ written, says }) => `when ${literal(written)} = any (u.unfit) then ${says}`))} as unfit_by,
           case when ${away} then ${changed} when e.before_image is null then ${everything(columns)} when a.again or f.refused is not null then ${notBack(columns, is)}
                else (select coalesce(jsonb_agg(c.value), '[]')
                        from jsonb_array_elements_text(${notBack(columns, is)}) c, (select ${asNow(columns, "e.after_image")} as image offset 0) n
                       where ${is} -> c.value is distinct from n.image -> c.value or c.value = any (u.unfit)) end as changed
      from ${from} e left join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")} and ${refusing.others(target)}${found}
      cross join lateral (select ${amongWrittenAgain(target, from, but)} as again offset 0) a
      cross join lateral (select case when not ${away} and not a.again then ${refused} end as refused offset 0) f
      cross join lateral (select case when not ${away} and not a.again and f.refused is null then ${listOf(unfit.map(({ written, is }) => `case when ${is} then ${literal(written)} end`))} else '{}' end as unfit offset 0) u
     where e.action = 'update' and e.target_table = ${literal(target.table)}`;
    });
}

const listOf = (texts: readonly string[]): string =>
  texts.length === 0 ? "'{}'::text[]" : `array_remove(array[${texts.join(", ")}], null)`;
const firstOf = (cases: readonly string[]): string =>
  cases.length === 0 ? "null::text" : `case ${cases.join(" ")} end`;

/** Rows that were changed and do not hold what they held before, though this transaction took that back. */
export const leftChanged = ({ targets }: Pin, reshaped: readonly Reshaping[]): readonly string[] =>
  targets
    .filter(({ updated }) => updated !== undefined)
    .map((target) => {
      const columns = updatedColumns(target, reshaped, {});
      const before = asNow(columns, "l.before_image");
      const stays = differing(
        image(columns, "t"),
        before,
        " and not coalesce(jsonb_exists(l.conflict -> 'returned', i.key), false)",
      );
      return `(l.action = 'update' and l.conflict ->> 'gone' is null and l.target_table = ${literal(target.table)}
          and exists (select from ${identifier(target.table)} t
          where ${isNamedBy(target, "t", "l")} and jsonb_array_length(${stays}) > 0))`;
    });

/** Why the row `t` still holds what an undo of the entry `e` should have given back, as conditions; of a target that waves change. */
export function notGivenBack(
  target: PinnedTarget,
  reshaped: readonly Reshaping[],
  present: Shape,
): { readonly kept: string; readonly unfit: ReturnType<typeof unfitOf> } | undefined {
  const columns = updatedColumns(target, reshaped, present);
  if (columns.length === 0) return undefined;
  const kept = givenBack(columns).map(({ ours }) => ours);
  return {
    kept: `(${kept.join(" or ")}) and not ${writtenAgain(target)}`,
    unfit: unfitOf(target, columns),
  };
}

/** The tables of which waves change rows. */
export const tablesUpdated = ({ targets }: Pin): readonly string[] =>
  targets.flatMap(({ table, updated }) => (updated === undefined ? [] : [table]));
