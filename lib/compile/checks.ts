import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { stagedTable } from "./rows.ts";

/** How many rows of a run are committed or linked: what the waves of its summary add up to. */
export const countWritten = (migration: Migration, run: string): Sql => sql`
  select count(*) as written from ${raw(stagedTable(migration))}
   where run_id = ${uuid(run)} and wave is not null and import_state in ('committed', 'linked')`;

/** Rows of a guarded table that a transaction wrote, by its id (R13): none may be. */
export function writtenBy(tables: readonly string[], transaction: string): Sql {
  // xmin keeps the low 32 bits of the transaction's id.
  const counts = tables.map(
    (table) =>
      `select ${literal(table)} as "table", count(*) as rows from ${identifier(table)} where xmin::text::bigint = `,
  );
  return counts
    .map((each) => sql`${raw(each)}(${transaction}::bigint & 4294967295)`)
    .reduce((all, each, index) => (index === 0 ? each : sql`${all} union all ${each}`));
}

/** How many rows each guarded table holds, so that a delete inside a wave's own transaction shows. */
export const countRows = (tables: readonly string[]): Sql =>
  raw(
    `select ${tables
      .map((table) => `(select count(*) from ${identifier(table)}) as ${identifier(table)}`)
      .join(", ")}`,
  );

/** Ledger of a wave against the target tables: entries, and entries whose row is there as written. */
export function ledgerAgainstTargets(migration: Migration, run: string, wave: number): Sql {
  const there = [
    ...new Map(Object.values(migration.entity.actions).map((action) => [action.into, action.id])),
  ].map(
    ([table, id]) =>
      `(l.target_table = ${literal(table)} and exists (select from ${identifier(table)} t
          where t.${identifier(id)} = l.target_id and to_jsonb(t) = l.after_image))`,
  );
  return sql`
  select count(*) as entries,
         count(*) filter (where l.action = 'link' or ${raw(there.join(" or "))}) as there,
         count(*) filter (where s.classification in (${raw(literals(historical(migration)))})
                            and l.action = 'commit'
                            and l.target_table not in (${raw(literals(compatibility(migration)))})) as misplaced,
         (select count(*) from ${raw(stagedTable(migration))} m
           where m.run_id = ${uuid(run)} and m.wave = ${wave} and m.import_state in ('committed', 'linked')) as marked
    from wavegate.legacy_import_commit_logs l
    join ${raw(stagedTable(migration))} s on s.id = l.staged_id
   where l.run_id = ${uuid(run)} and l.wave = ${wave} and l.rolled_back_at is null`;
}

/** Classifications of the default focus: the historical ones. */
const historical = (migration: Migration): readonly string[] =>
  migration.focus.modes[migration.focus.default] ?? [];

/** Tables in which historical rows may stand: those whose rows carry the legacy row's identity. */
const compatibility = (migration: Migration): readonly string[] =>
  Object.values(migration.entity.actions).flatMap((action) =>
    action.identity && action.values.classification ? [action.into] : [],
  );
