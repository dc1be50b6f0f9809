import { identifier, literal } from "../data/sql.ts";
import { nameWithin } from "../define/database-roles.ts";
import type { Migration } from "../define/definition.ts";

/** A target table where it is found, and its key. */
export interface Target {
  readonly table: string;
  /** With its schema, quoted. */
  readonly place: string;
  readonly id: string;
}

/** The trigger of the ledger that holds its entries against what was really written. */
export const checkFunction = (migration: string): string =>
  nameWithin(`check_created_${migration}`, 63);

/**
 * Refuses entries of the ledger that name a row which this very transaction did not create: a forged
 * entry would have a rollback delete a row of the platform's.
 */
export function ledgerCheck(migration: Migration, targets: readonly Target[]): readonly string[] {
  const written = targets
    .map(
      ({ table, place, id }) =>
        `(n.target_table = ${literal(table)} and exists (select from ${place} t where t.${identifier(id)} = n.target_id and t.xmin = pg_current_xact_id()::xid))`,
    )
    .join("\n            or ");
  const name = identifier(checkFunction(migration.name));
  return [
    `create or replace function wavegate.${name}() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select from written n join wavegate.legacy_import_runs r on r.id = n.run_id and r.migration = ${literal(migration.name)}
     where n.action = 'commit' and not coalesce(${written || "false"}, false)) then
    raise exception 'an entry of the ledger names a row that this transaction did not create' using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$`,
    `create or replace trigger ${name} after insert on wavegate.legacy_import_commit_logs
  referencing new table as written for each statement execute function wavegate.${name}()`,
  ];
}
