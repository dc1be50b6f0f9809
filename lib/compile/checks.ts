import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { decisionsTable } from "./rows.ts";

/** Rows of a guarded table that a transaction wrote, by its id (R13): none may be. */
export function writtenBy(tables: readonly string[], transaction: string): Sql {
  // xmin keeps the low 32 bits of the transaction's id; compared as what it is, no row is converted.
  const counts = tables.map(
    (table) =>
      `select ${literal(table)} as "table", count(*) as rows from ${identifier(table)} where xmin = `,
  );
  return counts
    .map((each) => sql`${raw(each)}(${transaction}::bigint & 4294967295)::text::xid`)
    .reduce((all, each, index) => (index === 0 ? each : sql`${all} union all ${each}`));
}

/**
 * What this session did to each guarded table, as a number that grows with every row inserted, updated
 * or deleted and changes with a truncation: the same before and after the writes of a wave's own
 * transaction means that it touched no row, deleted ones included (R13). PostgreSQL keeps these
 * counts as it goes, so no table is read; where it was told not to, rows are counted.
 */
export const touchesOf = (tables: readonly string[]): Sql =>
  raw(`select ${tables.map((table) => `${touches(table)} as ${identifier(table)}`).join(", ")}`);

const touches = (table: string): string => `
    case when current_setting('track_counts')::boolean then (
      with recursive parts as (
        select to_regclass(${literal(identifier(table))})::oid as part
        union select i.inhrelid from parts join pg_inherits i on i.inhparent = part)
      select sum(pg_stat_get_xact_tuples_inserted(part) + pg_stat_get_xact_tuples_updated(part)
               + pg_stat_get_xact_tuples_deleted(part) + coalesce(pg_relation_filenode(part), 0)::bigint)::bigint
        from parts)
    else (select count(*) from ${identifier(table)}) end`;

/**
 * Ledger of a wave against the target tables: entries, and entries whose row is there as written. What a
 * rollback spared, because somebody changed it since (D16), is no longer the wave's: it is not counted.
 */
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
         (select count(*) from ${raw(decisionsTable(migration))} m
           where m.run_id = ${uuid(run)} and m.wave = ${wave} and m.import_state in ('committed', 'linked')
             and m.staged_id not in (${sparedRows(run)} and l.wave = ${wave})) as marked
    from wavegate.legacy_import_commit_logs l
    join ${raw(decisionsTable(migration))} s on s.run_id = l.run_id and s.staged_id = l.staged_id
   where l.run_id = ${uuid(run)} and l.wave = ${wave} and l.rolled_back_at is null and l.conflict is null`;
}

const sparedRows = (run: string): Sql => sql`
  select l.staged_id from wavegate.legacy_import_commit_logs l
   where l.run_id = ${uuid(run)} and l.rolled_back_at is null and l.conflict is not null`;

/** How many rows of a run stand on the platform because a rollback spared them (D16). */
export const countSpared = (run: string): Sql =>
  sql`select count(*) as spared from (${sparedRows(run)}) spared`;

/** Classifications of the default focus: the historical ones. */
const historical = (migration: Migration): readonly string[] =>
  migration.focus.modes[migration.focus.default] ?? [];

/** Tables in which historical rows may stand: those whose rows carry the legacy row's identity. */
const compatibility = (migration: Migration): readonly string[] =>
  Object.values(migration.entity.actions).flatMap((action) =>
    action.identity && action.values.classification ? [action.into] : [],
  );
