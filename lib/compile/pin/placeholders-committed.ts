import { identifier, literal } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { referenceColumn, referenceOf } from "../condition.ts";
import { isPlaceholder, listedIds } from "../placeholder.ts";
import { stagedTable } from "../rows.ts";

/**
 * Rows, of one wave or of all, written with what a reference by code is on the platform though it is a
 * placeholder (R13), as a check's text: `{run}` and `{wave}` are bound when it is asked. Undefined where
 * nothing can be: no placeholders, or nothing that is written from it.
 */
export function placeholdersCommitted(migration: Migration, name: string): string | undefined {
  const reference = referenceOf(migration, name);
  const written = Object.values(migration.entity.actions).flatMap(({ into, values }) =>
    Object.entries(values)
      .filter(([, value]) => "mapped" in value && value.mapped === name)
      .map(
        ([column]) =>
          `(l.target_table = ${literal(into)} and l.after_image ->> ${literal(column)} is not null)`,
      ),
  );
  if (reference.kind !== "by_code" || !reference.placeholder || written.length === 0)
    return undefined;
  const { staging, placeholder } = reference;
  const column = `s.${identifier(referenceColumn(migration, name))}`;
  // One that was never staged is nobody's: it counts too.
  const rule = [
    ...(placeholder.ids.length === 0 ? [] : [`${column} in (${listedIds(placeholder.ids)})`]),
    `m.${identifier(staging.id)} is null`,
    isPlaceholder(reference, "m"),
  ].join(" or ");
  // What was written so are few, where not nobody: they are found first, and each is looked up.
  return `select count(*) as rows
    from (select distinct l.staged_id from wavegate.legacy_import_commit_logs l
           where l.run_id = {run} and ({wave} is null or l.wave = {wave}) and l.rolled_back_at is null
             and (${written.join(" or ")}) offset 0) l
    cross join lateral (select * from ${stagedTable(migration)} each where each.run_id = {run} and each.id = l.staged_id offset 0) s
    left join wavegate.${identifier(staging.table)} m
      on m.run_id = s.run_id and m.${identifier(staging.id)} = ${column}
   where ${rule}`;
}
