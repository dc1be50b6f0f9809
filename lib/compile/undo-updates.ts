import { identifier, literal } from "../data/sql.ts";
import type { Pin, PinnedTarget } from "./pin.ts";
import { firstOfKey, isNamedBy, targetAsJson } from "./target-key.ts";
import type { Reshaping, Shape } from "./written-rows.ts";

/** A column that waves change of rows that were there: as it was called then, and as it is now. */
interface UpdatedColumn {
  readonly written: string;
  readonly now: string;
  readonly type: string;
}

/** The columns of a target that waves change, as they are now; one that is gone is none of them. */
function updatedColumns(
  { table, updated = [] }: PinnedTarget,
  reshaped: readonly Reshaping[],
  present: Shape,
): readonly UpdatedColumn[] {
  const { dropped = [], renamed = [] } = reshaped.find((each) => each.table === table) ?? {};
  return updated
    .filter((column) => !dropped.includes(column))
    .map((written) => {
      const now = renamed.find(({ from }) => from === written)?.to ?? written;
      const type = present[table]?.find(({ name }) => name === now)?.type ?? "text";
      return { written, now, type };
    });
}

const image = (columns: readonly UpdatedColumn[], row: string): string =>
  `jsonb_build_object(${columns.map(({ written, now }) => `${literal(written)}, ${row}.${identifier(now)}::text`).join(", ")})`;

/** Of an image the columns that another has as well and that hold something else there. */
const differing = (one: string, other: string): string =>
  `(select coalesce(jsonb_agg(i.key order by i.key), '[]') from jsonb_each(${one}) i
             where ${other} ? i.key and i.value is distinct from ${other} -> i.key)`;

/** Of an entry that lost its images: nothing of it can be taken back. */
const everything = (columns: readonly UpdatedColumn[]): string =>
  `${literal(JSON.stringify(columns.map(({ written }) => written)))}::jsonb`;

/** Whether a row that is there holds what an entry of the ledger says was written of it. */
export function holdsUpdate(
  target: PinnedTarget,
  entry: string,
  reshaped: readonly Reshaping[],
): string {
  const columns = updatedColumns(target, reshaped, {});
  // An entry that lost its image proves nothing.
  return `(${entry}.after_image is not null and jsonb_array_length(${differing(image(columns, "t"), `${entry}.after_image`)}) = 0)`;
}

/**
 * Whether somebody, a later run or another migration, wrote a column of the same row after the entry `e`, and that
 * stands: what is undone is the newest first.
 */
const writtenAgain = (target: PinnedTarget, but: string): string => `exists (
           select from wavegate.legacy_import_commit_logs u
            where u.action = 'update' and u.target_table = e.target_table and u.id > e.id and u.rolled_back_at is null
              and ${target.key === undefined ? "u.target_id = e.target_id" : "u.target_key = e.target_key"}
              and exists (select from jsonb_object_keys(u.after_image) c where e.after_image ? c)${but})`;

/** What {@link undoWave} and its preview need of the targets of which waves change rows. */
export interface UndoneUpdates {
  /** Common tables that write back what was there, column by column, each from `entries`. */
  readonly restored: readonly string[];
  /** Their names, with the table that each is about. */
  readonly of: readonly (readonly [name: string, table: string])[];
  /** What became of each entry, or would: as rows of (log, staged_id, target_table, target, gone, changed). */
  readonly looked: readonly string[];
}

/**
 * Takes changes of rows back: each column gets what it held before, where it still holds what was written and
 * nobody wrote it again. A row with another column stays to be told of.
 */
export function undoUpdates(
  { targets }: Pin,
  reshaped: readonly Reshaping[],
  present: Shape,
): UndoneUpdates {
  const changed = targets.filter(({ updated }) => updated !== undefined);
  const restored = changed.map((target, index) => {
    const columns = updatedColumns(target, reshaped, present);
    const ours = ({ written, now, type }: UpdatedColumn) => {
      const [was, is] = ["before", "after"].map(
        (side) => `(e.${side}_image ->> ${literal(written)})`,
      );
      return `(e.before_image ? ${literal(written)} and t.${identifier(now)}::text is not distinct from ${is}
             and (${was} is null or pg_input_is_valid(${was}, ${literal(type)})))`;
    };
    const set = columns.map((column) => {
      const name = identifier(column.now);
      return `${name} = case when ${ours(column)} then (e.before_image ->> ${literal(column.written)})::${column.type} else t.${name} end`;
    });
    return `restored_${index} as (
    update ${identifier(target.table)} t set ${set.join(",\n           ")}
      from entries e
     where e.action = 'update' and e.target_table = ${literal(target.table)} and ${isNamedBy(target, "t", "e")}
       and (${columns.map(ours).join(" or ")}) and not ${writtenAgain(target, "")}
    returning e.id as log, e.target_table, ${image(columns, "t")} as image)`;
  });
  const looked = changed.map((target, index) => {
    const columns = updatedColumns(target, reshaped, present);
    const gone = `t.${firstOfKey(target)} is null`;
    return `
    select e.id as log, e.staged_id, e.target_table, ${targetAsJson("e")} as target, ${gone} as gone,
           case when ${gone} then '[]' when e.before_image is null then ${everything(columns)} else ${differing(`coalesce(r.image, ${image(columns, "t")})`, "e.before_image")} end as changed
      from entries e left join restored_${index} r on r.log = e.id
      left join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")}
     where e.action = 'update' and e.target_table = ${literal(target.table)}`;
  });
  return {
    restored,
    of: changed.map(({ table }, index) => [`restored_${index}`, table] as const),
    looked,
  };
}

/**
 * What {@link undoUpdates} would leave of the entries in `from`, as `looked` has it; nothing is written.
 *
 * @param but leaves out entries `u` that wrote a row again and are taken back before
 */
export function previewUpdates(
  { targets }: Pin,
  reshaped: readonly Reshaping[],
  present: Shape,
  from: string,
  but: string,
): readonly string[] {
  return targets
    .filter(({ updated }) => updated !== undefined)
    .map((target) => {
      const columns = updatedColumns(target, reshaped, present);
      const gone = `t.${firstOfKey(target)} is null`;
      const is = image(columns, "t");
      return `
    select e.id as log, e.staged_id, e.target_table, ${targetAsJson("e")} as target, ${gone} as gone,
           case when ${gone} then '[]' when e.before_image is null then ${everything(columns)} when ${writtenAgain(target, but)} then ${differing(is, "e.before_image")}
                else (select coalesce(jsonb_agg(c), '[]')
                        from jsonb_array_elements_text(${differing(is, "e.before_image")}) c
                       where ${is} -> c is distinct from e.after_image -> c) end as changed
      from ${from} e left join ${identifier(target.table)} t on ${isNamedBy(target, "t", "e")}
     where e.action = 'update' and e.target_table = ${literal(target.table)}`;
    });
}

/** Rows that were changed and do not hold what they held before, though this transaction took that back. */
export const leftChanged = ({ targets }: Pin, reshaped: readonly Reshaping[]): readonly string[] =>
  targets
    .filter(({ updated }) => updated !== undefined)
    .map(
      (target) =>
        `(l.action = 'update' and l.conflict is null and l.target_table = ${literal(target.table)}
          and l.xmin = pg_current_xact_id()::xid and exists (select from ${identifier(target.table)} t
          where ${isNamedBy(target, "t", "l")} and jsonb_array_length(${differing(image(updatedColumns(target, reshaped, {}), "t"), "l.before_image")}) > 0))`,
    );

/** The tables of which waves change rows. */
export const tablesUpdated = ({ targets }: Pin): readonly string[] =>
  targets.flatMap(({ table, updated }) => (updated === undefined ? [] : [table]));
