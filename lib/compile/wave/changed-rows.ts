import { identifier, literal, textObject } from "../../data/sql.ts";
import { nameWithin, wholeName } from "../../define/database-roles.ts";
import { isNamedExactlyBy, keyNames } from "../target-key.ts";
import { keysNow, namedNow, type Target, takingBack, wholeTexts } from "./created-rows.ts";

/**
 * A target of which a migration changes rows, with the catalogue's numbers of the columns: a name may change. A column
 * that the platform renamed has two here, where a run stands that wrote it under the one and the definition has the other.
 */
export interface ChangedTarget extends Target {
  readonly columns: readonly {
    readonly name: string;
    readonly now: string;
    readonly number: number;
  }[];
}

const changesFunction = (migration: string, table: string): string =>
  nameWithin(`check_changed_${migration}_${table}`, 63);

/** The trigger beside the one that guards deletions. */
const changesTrigger = (role: string): string => wholeName(`${role}_changes`);

/**
 * What {@link changesGuard} calls: refuses changes of rows unless this very transaction wrote the ledger's entry for
 * each, and what was and is there is what the entry says; or closed it, or noted why it is spared, and each column that
 * changed got back what it held. Which wave to look at the transaction says itself, see `deletesCheck`.
 */
export function changesCheck(migration: string, target: ChangedTarget): string {
  const { table, columns } = target;
  const numbers = columns.map(({ name, number }) => `(${literal(name)}, ${number})`).join(", ");
  const plain = (text: string) => text.replaceAll("%", "%%");
  const same = keyNames(target).map((_, n) => `o.%${5 + n}$I = n.%${5 + n}$I`);
  // What an entry holds of a column that is of another type since is read as that one, where it is not the same anyway.
  const is = (value: string, side: "before" | "after", now: string) =>
    `case when ${value} is not distinct from l.${side}_image -> i.key then true else ${value} is not distinct from jsonb_object(${now}) -> i.key end`;
  const aliases = columns.flatMap(({ name, number }) => {
    const others = columns.filter((each) => each.number === number && each.name !== name);
    return others.length === 0 ? [] : [[name, others.map((each) => each.name)] as const];
  });
  // Of a column with two names it is the entry's own that counts.
  const own =
    aliases.length === 0
      ? ""
      : `not coalesce(l.before_image ?| array(select jsonb_array_elements_text(${plain(literal(JSON.stringify(Object.fromEntries(aliases))))}::jsonb -> i.key)), false) and `;
  const look = `
    select exists (
      -- Column by column: as a whole, a row of such a table has its values in wrong places where a column was dropped.
      select from now_is n
      left join was o on ${same.join(" and ")}
     cross join lateral (
       select jsonb_object(%1$s) as new, case when o.%5$I is not null then jsonb_object(%2$s) end as old) image
       where not exists (
         select from wavegate.legacy_import_commit_logs l join wavegate.legacy_import_runs r on r.id = l.run_id
          where r.migration = ${plain(literal(migration))} and l.run_id = $1 and l.wave = $2 and l.action = 'update'
            and l.target_table = ${plain(literal(table))} and l.xmin = pg_current_xact_id()::xid
            and ${namedNow(target, "n", "l", 5)} and image.old is not null
            and not exists (
              select from jsonb_each(image.new) i
               where ${own}case when l.rolled_back_at is null and l.conflict is null
                          -- A column of the entry is as it says; every other one is untouched.
                          then case when l.after_image ? i.key
                                    then i.value is distinct from l.after_image -> i.key or image.old -> i.key is distinct from l.before_image -> i.key
                                    else i.value is distinct from image.old -> i.key end
                          else i.value is distinct from image.old -> i.key
                               and not (l.before_image ? i.key and ${is("i.value", "before", "%3$s")}
                                        and ${is("image.old -> i.key", "after", "%4$s")}) end)))`;
  // Names and values each as a list: a function takes a hundred of both, and several kinds may change one table.
  const object = (value: string) =>
    `format('array[%s]::text[], array[%s]::text[]', string_agg(format('%L', w.name), ', ' order by w.name, w.number), string_agg(${value}, ', ' order by w.name, w.number))`;
  const held = (side: string) =>
    object(
      `format($v$case when pg_input_is_valid(l.${side}_image ->> %1$L, %2$L) then (l.${side}_image ->> %1$L)::%2$s::text else l.${side}_image ->> %1$L end$v$, w.name, format_type(a.atttypid, a.atttypmod))`,
    );
  return `create or replace function wavegate.${identifier(changesFunction(migration, table))}() returns trigger
language plpgsql security invoker set search_path = pg_catalog, pg_temp set standard_conforming_strings = on ${wholeTexts} set enable_nestloop = off as $$
declare
  run uuid := nullif(current_setting(${literal(takingBack.run)}, true), '');
  wave int := nullif(current_setting(${literal(takingBack.wave)}, true), '');
  keys text[] := ${keysNow(target)};
  news text; olds text; befores text; afters text;
  uncovered boolean;
begin
  select ${object("format('n.%I::text', a.attname)")}, ${object("format('o.%I::text', a.attname)")},
         ${held("before")}, ${held("after")}
    into news, olds, befores, afters
    from (values ${numbers}) w (name, number)
    join pg_attribute a on a.attrelid = tg_relid and a.attnum = w.number and not a.attisdropped;
  execute format($look$${look}$look$, variadic array[news, olds, befores, afters] || keys) into uncovered using run, wave;
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
  const names = [...new Set(columns.map(({ now }) => now))];
  const image = textObject(names.map((name) => [name, `t.${identifier(name)}::text`]));
  return `(n.target_table = ${literal(target.table)} and n.rolled_back_at is null and n.conflict is null
          and n.after_image <> '{}' and (select array_agg(k order by k) from jsonb_object_keys(n.after_image) k) = (select array_agg(k order by k) from jsonb_object_keys(n.before_image) k)
          and exists (select from ${place} t where ${isNamedExactlyBy(target, "t", "n", place)} and t.xmin = pg_current_xact_id()::xid
                         and ${image} @> n.after_image))`;
};
