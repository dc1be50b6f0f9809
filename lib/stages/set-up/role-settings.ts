import { type Database, longestWait } from "../../data/database.ts";
import { identifier, literal, literals, raw, type Sql } from "../../data/sql.ts";
import type { DatabaseRoles } from "../../define/database-roles.ts";

/**
 * What sessions of wavegate's roles begin with, whatever is set for the database, by name as PostgreSQL keeps it. Nobody
 * waits for a lock until the Data API ends the statement, whatever it locks and be it outside of a transaction: behind a
 * long wave it is told that somebody else writes, which is sent again (`DatabaseContended`). No statement is ended before
 * the Data API does: a limit that the platform's people set for their database would end a rollback for ever. A statement that waited sees
 * what was written meanwhile, may write, and is read as it was meant; moments, days and names come as texts that say the
 * same in every database, and what has no zone is UTC's.
 */
const ofEveryRole: Readonly<Record<string, string>> = {
  lock_timeout: longestWait,
  statement_timeout: "0",
  row_security: "on",
  default_transaction_isolation: "read committed",
  default_transaction_read_only: "off",
  default_transaction_deferrable: "off",
  standard_conforming_strings: "on",
  transform_null_equals: "off",
  array_nulls: "on",
  TimeZone: "UTC",
  DateStyle: "ISO, MDY",
  IntervalStyle: "postgres",
  extra_float_digits: "1",
  bytea_output: "hex",
  quote_all_identifiers: "off",
  xmloption: "content",
};

/**
 * Whoever may make functions where the platform's tables are could have one of them called for PostgreSQL's own, as its
 * arguments fit better. Who decides is to call none but in transactions that write nothing.
 */
const pathOfSign = "pg_catalog, pg_temp";

const settingsOf = (role: string, { sign }: DatabaseRoles): Readonly<Record<string, string>> =>
  role === sign ? { ...ofEveryRole, search_path: pathOfSign } : ofEveryRole;

/**
 * Settles them for roles, and forgets whatever else is: whoever has a role's password may settle for all of its sessions
 * where they look for tables, how long they may take, or what a library is that they cannot load.
 */
export function settleRoles(settled: readonly string[], roles: DatabaseRoles): Sql {
  const statements = settled.flatMap((role) => {
    const who = identifier(role);
    const sets = Object.entries(settingsOf(role, roles)).map(
      ([name, value]) =>
        `alter role ${who} set ${name} = ${name === "search_path" ? value : literal(value)};`,
    );
    return [
      `alter role ${who} reset all;`,
      `execute format('alter role %I in database %I reset all', ${literal(role)}, current_database());`,
      ...sets,
    ];
  });
  return raw(`do $$ begin\n${statements.join("\n")}\nend $$`);
}

/** What somebody settled for roles otherwise, and what of it is missing, in words that end with what mends it. */
export async function unsettled(
  db: Database,
  settled: readonly string[],
  roles: DatabaseRoles,
  mends: { readonly setUp: string; readonly asAdministrator: (statement: string) => string },
): Promise<string[]> {
  const found = await db.rows<{ role: string; name: string | null; value: string | null }>(
    raw(`
    select distinct on (r.rolname, s.name) r.rolname as role, s.name, s.value
      from pg_roles r
      left join lateral (
        select split_part(c.setting, '=', 1) as name, substr(c.setting, strpos(c.setting, '=') + 1) as value, s.setdatabase
          from pg_db_role_setting s cross join unnest(s.setconfig) c (setting)
         where s.setrole = r.oid and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))) s on true
     where r.rolname in (${literals(settled)}) and (r.rolcanlogin or r.rolname <> ${literal(roles.serve)})
     -- What is set for a role in a database counts before what is set for it in all of them.
     order by 1, 2, s.setdatabase desc`),
  );
  const wrong: string[] = [];
  for (const [role, has] of Map.groupBy(found, (each) => each.role)) {
    const wanted = settingsOf(role, roles);
    const values = new Map(has.map(({ name, value }) => [name, value]));
    for (const [name, value] of Object.entries(wanted))
      if (values.get(name) !== value)
        wrong.push(
          name === "lock_timeout"
            ? `${role} does not wait ${value} for a lock: ${mends.setUp}`
            : `sessions of ${role} do not begin with ${name} = ${value}: ${mends.setUp}`,
        );
    for (const name of values.keys())
      if (name !== null && !(name in wanted))
        wrong.push(
          `${role} has a ${name} of its own, for every ${role === roles.operator ? "terminal" : "session"}: ${mends.setUp}`,
        );
  }
  // The guards are triggers: nobody but an administrator keeps them from speaking.
  const silenced = await db.rows<{ database: string }>(
    raw(`
    select current_database()::text as database from pg_db_role_setting s
     where s.setrole = 0 and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
       and exists (select from unnest(s.setconfig) c where c like 'session\\_replication\\_role=%' and c <> 'session_replication_role=origin')`),
  );
  return [
    ...wrong.sort(),
    ...silenced.map(
      ({ database }) =>
        `sessions of this database begin with a session_replication_role in which no trigger guards anything: ${mends.asAdministrator(`alter database ${identifier(database)} reset session_replication_role`)}`,
    ),
  ];
}
