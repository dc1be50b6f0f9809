import { identifier, literal } from "../data/sql.ts";
import { nameWithin } from "../define/database-roles.ts";
import { type Target, takingBack } from "./created-rows.ts";
import { firstOfKey, isNamedBy, isNamedExactlyBy } from "./target-key.ts";

/** A target of which a migration changes rows, with the catalogue's numbers of the columns: a name may change. */
export interface ChangedTarget extends Target {
  readonly columns: readonly { readonly name: string; readonly number: number }[];
}

const changesFunction = (migration: string, table: string): string =>
  nameWithin(`check_changed_${migration}_${table}`, 63);

/** The trigger beside the one that guards deletions. */
const changesTrigger = (role: string): string => {
  const name = `${role}_changes`;
  return name.length <= 63 ? name : nameWithin(name, 63);
};

/**
 * What {@link changesGuard} calls: refuses changes of rows unless this very transaction wrote the ledger's entry for
 * each, and what was and is there is what the entry says; or closed it, or noted why it is spared, and each column that
 * changed got back what it held. Which wave to look at the transaction says itself, see `deletesCheck`.
 */
export function changesCheck(migration: string, target: ChangedTarget): string {
  const { table, place, columns } = target;
  const numbers = columns.map(({ name, number }) => `(${literal(name)}, ${number})`).join(", ");
  const key = firstOfKey(target);
  const keys = target.key?.columns.map(({ now }) => identifier(now)) ?? [key];
  const look = `
    select exists (
      select from (select n, jsonb_build_object(%2$s) as image from now_is n) n
        left join (select o, jsonb_build_object(%3$s) as image from was o) o
          on ${keys.map((column) => `(o.o).${column} = (n.n).${column}`).join(" and ")}
       where not exists (
         select from wavegate.legacy_import_commit_logs l join wavegate.legacy_import_runs r on r.id = l.run_id
          where r.migration = ${literal(migration)} and l.run_id = $1 and l.wave = $2 and l.action = 'update'
            and l.target_table = ${literal(table)} and l.xmin = pg_current_xact_id()::xid
            and ${isNamedBy(target, "(n.n)", "l", place)} and o.image is not null
            and not exists (
              select from jsonb_each(n.image) i
               where case when l.rolled_back_at is null and l.conflict is null
                          -- A column of the entry is as it says; every other one is untouched.
                          then case when l.after_image ? i.key
                                    then i.value is distinct from l.after_image -> i.key or o.image -> i.key is distinct from l.before_image -> i.key
                                    else i.value is distinct from o.image -> i.key end
                          else i.value is distinct from o.image -> i.key
                               and not (l.before_image ? i.key and i.value is not distinct from l.before_image -> i.key
                                        and o.image -> i.key is not distinct from l.after_image -> i.key) end)))`;
  const format = look
    .split(/(%[23]\$s)/)
    .map((part) => (/^%[23]\$s$/.test(part) ? part : part.replaceAll("%", "%%")))
    .join("");
  return `create or replace function wavegate.${identifier(changesFunction(migration, table))}() returns trigger
language plpgsql security invoker set search_path = pg_catalog, pg_temp set enable_nestloop = off as $$
declare
  run uuid := nullif(current_setting(${literal(takingBack.run)}, true), '');
  wave int := nullif(current_setting(${literal(takingBack.wave)}, true), '');
  news text; olds text;
  uncovered boolean;
begin
  select string_agg(format('%L, (n).%I::text', w.name, a.attname), ', '), string_agg(format('%L, (o).%I::text', w.name, a.attname), ', ')
    into news, olds
    from (values ${numbers}) w (name, number)
    join pg_attribute a on a.attrelid = tg_relid and a.attnum = w.number and not a.attisdropped;
  execute format($look$${format}$look$, '', news, olds) into uncovered using run, wave;
  if uncovered then
    raise exception 'a row may be changed only with the entry of the ledger that says what it held' using errcode = ${literal(changedAlone)};
  end if;
  return null;
end $$`;
}

/**
 * The guard's own code. A trial of what the platform refuses (`schema/007-refused-rows.sql`) changes rows without entries:
 * as the guard speaks behind the platform's own checks of them, they were taken.
 */
const changedAlone = "WGCHG";

/** A trigger that refuses the commit role's changes which {@link changesCheck} does not allow, and asks nobody else anything. */
export const changesGuard = (migration: string, { table, place }: Target, role: string): string =>
  `create or replace trigger ${identifier(changesTrigger(role))} after update on ${place} referencing old table as was new table as now_is
  for each statement when (current_user = ${literal(role)}) execute function wavegate.${identifier(changesFunction(migration, table))}()`;

/** Whether {@link changesGuard} is there, for this role and not switched off. */
export const findChangesGuard = (
  migration: string,
  { table, place }: Target,
  role: string,
): string => `
  select 1 as yes from pg_trigger t join pg_proc p on p.oid = t.tgfoid
   where t.tgrelid = to_regclass(${literal(place)}) and t.tgname = ${literal(changesTrigger(role))}
     and p.pronamespace = to_regnamespace('wavegate') and p.proname = ${literal(changesFunction(migration, table))}
     and t.tgenabled in ('O', 'A') and t.tgtype = 16 and t.tgoldtable = 'was' and t.tgnewtable = 'now_is'
     and position(${literal(`WHEN ((CURRENT_USER = ${literal(role)}::name))`)} in pg_get_triggerdef(t.oid)) > 0`;

/**
 * Whether the entry `n` of the ledger, of a change, names a row that this very transaction wrote and that holds what the
 * entry says, in columns that waves may change, and says what they held.
 */
export const changeWritten = ({ place, columns, ...target }: ChangedTarget): string => {
  const image = `jsonb_build_object(${columns.map(({ name }) => `${literal(name)}, t.${identifier(name)}::text`).join(", ")})`;
  return `(n.target_table = ${literal(target.table)} and n.rolled_back_at is null and n.conflict is null
          and n.after_image <> '{}' and (select array_agg(k order by k) from jsonb_object_keys(n.after_image) k) = (select array_agg(k order by k) from jsonb_object_keys(n.before_image) k)
          and exists (select from ${place} t where ${isNamedExactlyBy(target, "t", "n", place)} and t.xmin = pg_current_xact_id()::xid
                         and ${image} @> n.after_image))`;
};
