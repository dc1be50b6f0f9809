import { identifier, literal } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { referenceColumn, referenceOf } from "./condition.ts";
import { isPlaceholder, listedIds } from "./placeholder.ts";
import { stagedTable } from "./rows.ts";

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
  return `select count(*) as rows
    from ${stagedTable(migration)} s
    left join wavegate.${identifier(staging.table)} m
      on m.run_id = s.run_id and m.${identifier(staging.id)} = ${column}
   where s.run_id = {run} and s.wave is not null and ({wave} is null or s.wave = {wave})
     and (${rule}) and exists (
       select from wavegate.legacy_import_commit_logs l
        where l.run_id = s.run_id and l.staged_id = s.id and l.rolled_back_at is null and (${written.join(" or ")}))`;
}
