import type { Database } from "../../data/database.ts";
import { ofNewerServers, settingsOf } from "../../data/session-settings.ts";
import { identifier, literal, literals, raw, type Sql } from "../../data/sql.ts";
import type { DatabaseRoles } from "../../define/database-roles.ts";

/**
 * Settles them for roles, and forgets whatever else is: whoever has a role's password may settle for all of its sessions
 * where they look for tables, how long they may take, or what a library is that they cannot load.
 */
export function settleRoles(settled: readonly string[], roles: DatabaseRoles): Sql {
  const statements = settled.flatMap((role) => {
    const who = identifier(role);
    const sets = Object.entries(settingsOf(role, roles)).map(([name, value]) => {
      const set = `alter role ${who} set ${name} = ${name === "search_path" ? value : literal(value)};`;
      if (!(name in ofNewerServers)) return set;
      return `if exists (select from pg_settings where name = ${literal(name)}) then ${set} end if;`;
    });
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
  const { known } = await db.one<{ known: readonly string[] }>(
    raw(
      `select coalesce(json_agg(name), '[]') as known from pg_settings where name in (${literals(Object.keys(ofNewerServers))})`,
    ),
  );
  const wrong: string[] = [];
  for (const [role, has] of Map.groupBy(found, (each) => each.role)) {
    const wanted = settingsOf(role, roles);
    const values = new Map(has.map(({ name, value }) => [name, value]));
    for (const [name, value] of Object.entries(wanted))
      if (values.get(name) !== value && (!(name in ofNewerServers) || known.includes(name)))
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
