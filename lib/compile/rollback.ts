import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { InsertAction, Migration } from "../define/definition.ts";
import { linkColumns } from "./columns.ts";
import { decisionsTable } from "./rows.ts";

/** A foreign key of the platform that points at a table the migration writes. */
export interface ForeignKey {
  readonly target: string;
  readonly target_column: string;
  readonly table: string;
  readonly column: string;
  /** Deletes or clears by itself when the row goes: such tables are locked while a rollback looks. */
  readonly acts: boolean;
}

const targetsOf = (migration: Migration): [table: string, action: InsertAction][] => [
  ...new Map(Object.values(migration.entity.actions).map((action) => [action.into, action])),
];

/** Single-column foreign keys at the target tables, from PostgreSQL's catalog. */
export const findForeignKeys = (migration: Migration): Sql => sql`
  select f.relname as target, fa.attname as target_column,
         quote_ident(n.nspname) || '.' || quote_ident(t.relname) as "table",
         quote_ident(a.attname) as "column", c.confdeltype not in ('a', 'r') as acts
    from pg_constraint c
    join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
    join pg_class f on f.oid = c.confrelid
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    join pg_attribute fa on fa.attrelid = c.confrelid and fa.attnum = c.confkey[1]
   where c.contype = 'f' and c.conparentid = 0
     and f.oid in (${raw(
       targetsOf(migration)
         .map(([table]) => `to_regclass(${literal(identifier(table))})`)
         .join(", "),
     )})
   order by 1, 3, 4`;

/** The ledger entries of one wave that are not undone yet. */
const open = (run: string, wave: number): Sql =>
  sql`l.run_id = ${uuid(run)} and l.wave = ${wave} and l.rolled_back_at is null`;

const referenced = (keys: readonly ForeignKey[], target: string): string =>
  keys
    .filter((key) => key.target === target)
    .map(
      (key) =>
        `exists (select from ${key.table} r where r.${key.column} = t.${identifier(key.target_column)})`,
    )
    .join(" or ") || "false";

/**
 * Undoes one wave in one statement. A created row is deleted only if it is still, to the letter,
 * what the ledger says was written, and nothing refers to it (D16); a link is undone by clearing it
 * (D17). What was edited or is referred to stays, and its ledger entry says why; a row that
 * somebody else deleted meanwhile is noted as gone.
 *
 * The delete itself compares, so that a row that changes at this moment is compared as it then is;
 * only what it left is looked at for the reason.
 */
export function undoWave(
  migration: Migration,
  run: string,
  wave: number,
  keys: readonly ForeignKey[],
): Sql {
  const targets = targetsOf(migration);
  const columns = linkColumns(migration);
  const deleted = targets.map(
    ([table, { id }], index) => `deleted_${index} as (
    delete from ${identifier(table)} t using entries e
     where e.action = 'commit' and e.target_table = ${literal(table)} and t.${identifier(id)} = e.target_id
       and to_jsonb(t) = e.after_image and not (${referenced(keys, table)})
     returning e.id as log, e.staged_id)`,
  );
  const kept = targets.map(
    ([table, { id }]) => `
    select e.id as log, e.target_table, e.target_id, t.${identifier(id)} is null as gone,
           t.${identifier(id)} is not null and (${referenced(keys, table)}) as referenced,
           to_jsonb(t) <> e.after_image as edited,
           (select jsonb_agg(n.key order by n.key) from jsonb_each(to_jsonb(t)) n
             where n.value is distinct from e.after_image -> n.key) as changed
      from left_over e left join ${identifier(table)} t on t.${identifier(id)} = e.target_id
     where e.target_table = ${literal(table)}`,
  );
  return sql`
  with entries as materialized (
    select l.* from wavegate.legacy_import_commit_logs l where ${open(run, wave)}),
  ${raw(deleted.join(",\n  "))},
  deleted as materialized (
    ${raw(targets.map((_, index) => `select * from deleted_${index}`).join(" union all "))}),
  left_over as materialized (
    select * from entries e
     where e.action = 'commit' and not exists (select from deleted d where d.log = e.id)),
  looked as materialized (${raw(kept.join("\n    union all "))}),
  spared as materialized (
    -- What nothing refers to was edited, be it only at this moment.
    select log, target_table, target_id,
           jsonb_build_object('edited', edited or not referenced, 'referenced', referenced,
             'changed', coalesce(changed, '[]')) as conflict
      from looked where not gone),
  undone as materialized (
    select log, staged_id from deleted
    union all select e.id, e.staged_id from entries e join looked k on k.log = e.id where k.gone
    union all select id, staged_id from entries where action <> 'commit'),
  logged as (
    update wavegate.legacy_import_commit_logs l
       set rolled_back_at = case when u.log is not null then now() end,
           conflict = case when u.log is null then p.conflict
                           when k.gone then '{"gone": true}' end
      from entries e
      left join undone u on u.log = e.id
      left join spared p on p.log = e.id
      left join looked k on k.log = e.id
     where ${open(run, wave)} and l.id = e.id returning l.id),
  reset as (
    update ${raw(decisionsTable(migration))} s
       set import_state = 'rolled_back', state_reason = null, wave = null,
           ${raw(columns.map((column) => `${identifier(column)} = null`).join(", "))}
      from undone u where s.run_id = ${uuid(run)} and s.staged_id = u.staged_id returning s.staged_id)
  select (select count(*) from entries) as entries,
         (select count(*) from undone) as undone,
         (select count(*) from entries e join undone u on u.log = e.id where e.action = 'link') as unlinked,
         (select count(*) from looked where gone) as gone,
         (select count(*) from logged) as logged, (select count(*) from reset) as reset,
         coalesce((select jsonb_agg(jsonb_build_object(
             'table', p.target_table, 'id', p.target_id, 'conflict', p.conflict) order by p.target_table, p.target_id)
            from (select * from spared order by log limit 100) p), '[]') as conflicts,
         (select count(*) from spared) as spared`;
}

/** Target rows that still carry the run's ledger ids of a wave: a complete rollback leaves none. */
export function leftBehind(migration: Migration, run: string, wave: number): Sql {
  const there = targetsOf(migration).map(
    ([table, { id }]) =>
      `(l.target_table = ${literal(table)} and exists (select from ${identifier(table)} t
          where t.${identifier(id)} = l.target_id))`,
  );
  return sql`
  select count(*) as n from wavegate.legacy_import_commit_logs l
   where l.run_id = ${uuid(run)} and l.wave = ${wave} and l.rolled_back_at is not null
     and l.action = 'commit' and (${raw(there.join(" or "))})`;
}

/**
 * Rows of two rounds of one wave whose content differs, ids and moments aside: a drill that
 * committed again must have written the same (D13).
 */
export function differingRounds(
  migration: Migration,
  run: string,
  wave: number,
  round: number,
): Sql {
  const columns = literals([
    ...new Set(
      Object.values(migration.entity.actions).flatMap(({ values }) => Object.keys(values)),
    ),
  ]);
  const content = (alias: string) => `(select jsonb_object_agg(e.key, e.value)
      from jsonb_each(${alias}.after_image) e where e.key in (${columns}))`;
  return sql`
  with rounds as (
    select staged_id, round, action, target_table, ${raw(content("l"))} as content
      from wavegate.legacy_import_commit_logs l
     where run_id = ${uuid(run)} and wave = ${wave} and round in (${round}, ${round + 1}))
  select count(*) as differing
    from (select * from rounds where round = ${round}) a
    full join (select * from rounds where round = ${round + 1}) b on b.staged_id = a.staged_id
   where (a.action, a.target_table, a.content) is distinct from (b.action, b.target_table, b.content)`;
}
