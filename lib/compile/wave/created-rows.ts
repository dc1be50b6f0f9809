import { identifier, literal, literals, type Sql, sql } from "../../data/sql.ts";
import { nameWithin } from "../../define/database-roles.ts";
import type { Migration } from "../../define/definition.ts";
import { blankRow, isNamedExactlyBy, type KeyedTarget, keyNames } from "../target-key.ts";

/** A target table where it is found, and its key. */
export interface Target extends KeyedTarget {
  /** With its schema, quoted. */
  readonly place: string;
  /** The catalogue's numbers of the columns of its key, by their names: a name may change. */
  readonly numbers?: Readonly<Record<string, number>>;
}

/** The trigger of the ledger that holds its entries against what was really written. */
const checkFunction = (migration: string): string => nameWithin(`check_created_${migration}`, 63);

/** The function of the trigger that lets a commit role delete only what the ledger covers. */
const deletesFunction = (migration: string, table: string): string =>
  nameWithin(`check_deleted_${migration}_${table}`, 63);

/**
 * Settings under which what a guard reads as text is the whole of a value: in fewer digits, or by a clock that says one
 * hour twice, two of them would be written alike.
 */
export const wholeTexts =
  "set extra_float_digits = 1 set datestyle = 'ISO' set intervalstyle = postgres set bytea_output = hex";

/** Settings of a transaction that say which wave it takes back: where the ledger is to be looked at. */
export const takingBack = { run: "wavegate.run", wave: "wavegate.wave" } as const;

/**
 * What the guard calls itself. A trial of what the platform refuses (`schema/007-refused-rows.sql`) deletes rows under
 * open entries: as the guard speaks behind the platform's own checks of them, they were taken.
 */
const deletedAlone = "wavegate.deleted_alone";

/** Says it: what a transaction deletes or changes is held against the entries of this wave. */
export const saysWave = (run: string, wave: number): Sql => sql`
  select set_config(${takingBack.run}, ${run}, true), set_config(${takingBack.wave}, cast(${wave} as text), true)`;

/**
 * What {@link deletesGuard} calls, with the rights of the commit role: what it looks at is the platform's, whose
 * conditions of types and casts are code of the platform's. It refuses a deletion of rows unless this very transaction
 * closed the ledger's entry for each. Entries are of rows that the migration's runs created, see
 * {@link ledgerCheck}, and are closed once, see `schema/011-closed-entries.sql`. Which wave to look at
 * the transaction says itself: that is no proof, only the way to an index.
 *
 * Nested loops are forbidden to it: how many entries a transaction closed is not to be estimated.
 */
export const deletesCheck = (migration: string, target: Target): string => {
  const { table } = target;
  return `create or replace function wavegate.${identifier(deletesFunction(migration, table))}() returns trigger
language plpgsql security invoker set search_path = pg_catalog, pg_temp set standard_conforming_strings = on set enable_nestloop = off as $$
declare
  run uuid := nullif(current_setting(${literal(takingBack.run)}, true), '');
  wave int := nullif(current_setting(${literal(takingBack.wave)}, true), '');
  keys text[] := ${keysNow(target)};
  uncovered boolean;
begin
  execute format($look$
    select exists (
      select from gone g
       where not exists (
         select from wavegate.legacy_import_commit_logs l join wavegate.legacy_import_runs r on r.id = l.run_id
          where r.migration = %1$L and l.run_id = $1 and l.wave = $2
            and l.action = 'commit' and l.target_table = %2$L and ${namedNow(target, "g", "l", 3)}
            and l.rolled_back_at is not null and l.xmin = pg_current_xact_id()::xid))$look$,
    variadic array[${literal(migration)}, ${literal(table)}] || keys) into uncovered using run, wave;
  if uncovered then
    raise exception 'a row may be deleted only with the entry of the ledger that says it was created here' using errcode = 'integrity_constraint_violation', constraint = ${literal(deletedAlone)};
  end if;
  return null;
end $$`;
};

/**
 * The names that the columns of a target's key have now, as a trigger of its table finds them: by their numbers, or by
 * their names where the table was made anew since. Of a column that is neither, it is what is left of the primary key.
 */
export function keysNow(target: Target): string {
  const names = keyNames(target);
  const each = names.map(
    (name, place) => `(${place}, ${literal(name)}, ${target.numbers?.[name] ?? "null"}::int)`,
  );
  return `array(
    select coalesce(
             (select a.attname::text from pg_attribute a where a.attrelid = tg_relid and a.attnum = k.number and not a.attisdropped),
             (select a.attname::text from pg_attribute a where a.attrelid = tg_relid and a.attname = k.name and not a.attisdropped),
             (select min(a.attname::text) from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
               where i.indrelid = tg_relid and i.indisprimary and a.attname not in (${literals(names)}) having count(*) = 1))
      from (values ${each.join(", ")}) k (place, name, number) order by k.place)`;
}

/**
 * Whether the entry `entry` names the row `row`, for PostgreSQL's `format`: the columns of the key are the names that
 * are its arguments from the `first` on.
 */
export function namedNow(target: Target, row: string, entry: string, first: number): string {
  const { key, place } = target;
  if (key === undefined) return `${row}.%${first}$I = ${entry}.target_id`;
  const written = key.columns.map(({ written: name }) => literal(name).replaceAll("%", "%%"));
  const at = written.map((_, n) => `%${first + n}$`);
  // One column of a key may have had another name when the entry was written: it is the one that has no other.
  const heldOf = (name: string) =>
    written.length === 1
      ? `jsonb_path_query_first(${entry}.target_key, '$.*')`
      : `coalesce(${entry}.target_key -> ${name}, (
          select (min(k.value::text))::jsonb from jsonb_each(${entry}.target_key - array[${written.join(", ")}]::text[]) k having count(*) = 1))`;
  const pairs = written.map((name, n) => `${at[n]}L, ${heldOf(name)}`);
  const named = `(jsonb_populate_record(${blankRow(place.replaceAll("%", "%%"))}, jsonb_build_object(${pairs.join(", ")})))`;
  return at.map((name) => `${row}.${name}I = ${named}.${name}I`).join(" and ");
}

/**
 * A trigger that refuses the commit role's deletions which {@link deletesCheck} does not allow, and asks
 * nobody else anything. It is named after the role, so that in a copy of a database, which has roles of its
 * own, it goes on to stand beside theirs.
 */
export const deletesGuard = (migration: string, { table, place }: Target, role: string): string => {
  const name = identifier(deletesFunction(migration, table));
  return `create or replace trigger ${identifier(role)} after delete on ${place} referencing old table as gone
  for each statement when (current_user = ${literal(role)}) execute function wavegate.${name}()`;
};

/** What names the row of an entry, as one value: an equality of it can be hashed, which one of what may be null cannot. */
const oneKey = (entry: string): string =>
  `coalesce(${entry}.target_key, to_jsonb(${entry}.target_id), 'null')`;

/** Whether {@link deletesGuard} is there, for this role and not switched off. */
export const findDeletesGuard = (
  migration: string,
  { table, place }: Target,
  role: string,
): string => `
  select 1 as yes from pg_trigger t join pg_proc p on p.oid = t.tgfoid
   where t.tgrelid = to_regclass(${literal(place)}) and t.tgname = ${literal(role)}
     and p.pronamespace = to_regnamespace('wavegate') and p.proname = ${literal(deletesFunction(migration, table))}
     and t.tgenabled in ('O', 'A') and t.tgtype = 8 and t.tgoldtable = 'gone'
     and position(${literal(`WHEN ((CURRENT_USER = ${literal(role)}::name))`)} in pg_get_triggerdef(t.oid)) > 0`;

/**
 * Refuses entries of the ledger that name a row which this very transaction did not create: a forged
 * entry would have a rollback delete a row of the platform's. For the same reason a commit role enters a
 * row once, and only under an id that the platform's sequence gave out: an entry that stayed open would cover a row
 * that the platform makes under this id later. Several kinds of things may be rows of one table: each is entered by a
 * statement of its own, and a later one is held against those before it.
 */
export function ledgerCheck(
  migration: Pick<Migration, "name">,
  targets: readonly Target[],
  changes: readonly string[] = [],
): readonly string[] {
  // Looked up row by row, whatever their number is: `offset 0` keeps a table from being read whole for it.
  const written = targets
    .map(
      ({ place, ...target }) =>
        `(n.target_table = ${literal(target.table)} and exists (select from ${place} t where ${isNamedExactlyBy(target, "t", "n", place)} and t.xmin = pg_current_xact_id()::xid offset 0))`,
    )
    .join("\n            or ");
  // Of a key that is kept, derived or a UUID no sequence says what comes later.
  const sequences = targets
    .filter(({ key }) => key === undefined)
    .map(
      ({ table, place, id }) =>
        `(${literal(table)}, pg_get_serial_sequence(${literal(place)}, ${literal(id)}))`,
    )
    .join(", ");
  const name = identifier(checkFunction(migration.name));
  const refuse = (says: string) =>
    `raise exception ${literal(says)} using errcode = 'integrity_constraint_violation'`;
  return [
    `create or replace function wavegate.${name}() returns trigger
language plpgsql security invoker set search_path = pg_catalog, pg_temp set standard_conforming_strings = on ${wholeTexts} set plan_cache_mode = force_custom_plan set enable_nestloop = off as $$
declare
  -- What each statement asks by is a value, so that it is planned for the tables as they are: a plan of before anything
  -- was written would read them whole for each entry. How many entries there are is not to be estimated either.
  own_migration constant text := ${literal(migration.name)};
  its_run uuid;
  its_wave int;
  tables text[];
  entering text;
begin
  -- What became of this migration's tables since is nothing to the runs of another one.
  if not exists (select from written n join wavegate.legacy_import_runs r on r.id = n.run_id and r.migration = own_migration) then
    return null;
  end if;
  if exists (
    select from written n join wavegate.legacy_import_runs r on r.id = n.run_id and r.migration = own_migration
     where n.action = 'commit' and not coalesce(${written || "false"}, false)) then
    ${refuse("an entry of the ledger names a row that this transaction did not create")};
  end if;
  if exists (
    select from written n join wavegate.legacy_import_runs r on r.id = n.run_id and r.migration = own_migration
     where n.action not in ('commit', 'link', 'skip') and not (n.action = 'update' and coalesce(${changes.join(" or ") || "false"}, false))) then
    ${refuse("an entry of the ledger is about a row that this transaction did not change so")};
  end if;
  if exists (
    select from written n join wavegate.legacy_import_runs r on r.id = n.run_id and r.migration = own_migration
     where n.action in ('commit', 'update') group by n.target_table, n.target_id, n.target_key having count(*) > 1) then
    ${refuse("a row has one entry of the ledger")};
  end if;
  for its_run, its_wave, tables in
    select d.run_id, d.wave, array_agg(d.target_table) from (
      select distinct n.run_id, n.wave, n.target_table from written n join wavegate.legacy_import_runs r on r.id = n.run_id and r.migration = own_migration
       where n.action in ('commit', 'update')) d
     group by 1, 2
  loop
    entering := wavegate.enters(its_run, its_wave, tables);
    if entering = 'no' then
      ${refuse("entries of a transaction are of one wave, under the commit lock")};
    end if;
    if entering = 'again' and exists (
      select from written n join wavegate.legacy_import_commit_logs l on l.run_id = its_run and l.wave = its_wave and l.id <> n.id
         and l.target_table = n.target_table and ${oneKey("l")} = ${oneKey("n")}
       where n.run_id = its_run and n.wave = its_wave and n.action in ('commit', 'update') and l.action in ('commit', 'update') and l.rolled_back_at is null) then
      ${refuse("a row has one entry of the ledger")};
    end if;
  end loop;
  if exists (
    select from (values ${sequences || "(null, null)"}) s (target_table, sequence)
      join pg_sequence q on q.seqrelid = s.sequence::regclass
      join (select n.target_table, min(n.target_id) as lowest, max(n.target_id) as highest
              from written n join wavegate.legacy_import_runs r on r.id = n.run_id and r.migration = own_migration
             where n.action = 'commit' group by 1) n using (target_table)
     where coalesce(case when q.seqincrement > 0 then n.highest > pg_sequence_last_value(s.sequence::regclass)
                         else n.lowest < pg_sequence_last_value(s.sequence::regclass) end, true)) then
    ${refuse("an entry of the ledger names an id that the platform gives out later")};
  end if;
  return null;
end $$`,
    `create or replace trigger ${name} after insert on wavegate.legacy_import_commit_logs
  referencing new table as written for each statement execute function wavegate.${name}()`,
  ];
}
