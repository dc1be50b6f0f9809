import { identifier, literal, raw, type Sql, sql } from "../data/sql.ts";
import type { MatchTarget, Migration } from "../define/definition.ts";
import { fieldsOf, importedColumn } from "./columns.ts";

/**
 * Whether the person `p` is none whom this run wrote, by its ledger, as a further condition: nothing where people
 * say so themselves, or the migration writes none of them.
 *
 * @param among what narrows the entries `l` that are looked through, as `and …`
 */
export function butWritten(
  migration: Migration,
  target: MatchTarget,
  run: Sql,
  among: Sql = raw(""),
): Sql {
  if (!writesUnmarked(migration, target)) return raw("");
  const { table, id } = target;
  const own = `p.${identifier(id)}`;
  const drawn = Object.values(migration.entity.actions).some(
    (action) => action.into === table && action.id === id,
  );
  // Of a key of several columns the person's is one.
  const isNamed = drawn
    ? `l.target_id = ${own}`
    : `l.target_key -> ${literal(id)} = to_jsonb(${own})`;
  return sql`
             and not exists (select from wavegate.legacy_import_commit_logs l
               where l.run_id = ${run} and l.action = 'commit' and l.target_table = ${raw(literal(table))}
                 and ${raw(isNamed)} ${among})`;
}

/** Whether the migration writes people into that table of theirs, and no column tells which run made one. */
export const writesUnmarked = ({ entity }: Migration, { table, madeByRun }: MatchTarget): boolean =>
  madeByRun === undefined && Object.values(entity.actions).some(({ into }) => into === table);

/** The columns of what the source has in which contacts of a kind stand: of people who are so written an index has them. */
export const contactColumns = (migration: Migration, kind: "phone" | "email"): readonly string[] =>
  fieldsOf(migration, kind).map(([name]) => importedColumn(migration, name));

/** Those of people who are so written, by which a wave looks before each row which others have its contacts. */
export function contactsWritten(migration: Migration): readonly string[] {
  const { against } = migration.entity.match;
  const looksFor = (kind: "phone" | "email") =>
    against.some((target) => target[kind] !== undefined && writesUnmarked(migration, target));
  return (["phone", "email"] as const)
    .filter(looksFor)
    .flatMap((kind) => contactColumns(migration, kind));
}
