import type { Privilege } from "../../compile/privileges/privilege.ts";
import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { identifier, json, literal, literals, raw, sql } from "../../data/sql.ts";
import type { DatabaseRoles } from "../../define/database-roles.ts";
import { unsettled } from "./role-settings.ts";

/**
 * What is wrong with the roles themselves of one migration (D19, D43), beside what they are granted on what it needs:
 * each a sentence that ends with the command that mends it. A commit role that the set-up did not note is kept
 * from nothing; a membership, an attribute or a grant to everybody gives what no list of grants shows.
 *
 * @param wanted what roles may do on the platform's tables
 */
export async function wrongRoles(
  db: Database,
  migration: string,
  roles: DatabaseRoles,
  wanted: readonly Privilege[],
): Promise<string[]> {
  return [
    ...(await unnoted(db, migration, roles)),
    ...(await attributes(db, migration, roles)),
    ...(await unsettled(db, everyRole(migration, roles), roles, {
      setUp: setUp(migration),
      asAdministrator,
    })),
    ...(await memberships(db, migration, roles)),
    ...(await reachesElsewhere(db, migration, roles, wanted)),
  ];
}

const setUp = (migration: string): string =>
  `run \`wavegate set-up ${migration}\` (on AWS: deploy again)`;

const asAdministrator = (statement: string): string =>
  `as the database's administrator: \`${statement}\``;

/** Which migration a commit role writes for. */
async function unnoted(db: Database, migration: string, roles: DatabaseRoles): Promise<string[]> {
  const role = roles.commit(migration);
  // One who may not read it lacks a privilege, which is told beside this.
  const { readable } = await db.one<{ readable: boolean | null }>(
    raw("select has_table_privilege(to_regclass('wavegate.commit_roles'), 'select') as readable"),
  );
  if (readable !== true) return [];
  const [noted] = await db.rows<{ for: string }>(
    raw(`select migration as for from wavegate.commit_roles where role = ${literal(role)}`),
  );
  if (noted?.for === migration) return [];
  return [
    noted === undefined
      ? `${role} is not noted as the commit role of ${migration}, so nothing keeps it to runs of its own: ${setUp(migration)}`
      : `${role} is noted as the commit role of ${noted.for}, not of ${migration}: ${setUp(migration)}`,
  ];
}

/** Those that log in; the one that answers people is there where a migration is served. */
const everyRole = (migration: string, roles: DatabaseRoles): readonly string[] => [
  roles.stage,
  roles.sign,
  roles.operator,
  roles.commit(migration),
  roles.serve,
];

interface Attributes {
  readonly name: string;
  readonly login: boolean;
  readonly beyond: readonly string[];
}

async function attributes(
  db: Database,
  migration: string,
  roles: DatabaseRoles,
): Promise<string[]> {
  const all = [roles.owner, ...everyRole(migration, roles)];
  const found = await db.rows<Omit<Attributes, "beyond"> & { beyond: string }>(
    raw(`
    select rolname as name, rolcanlogin as login,
           concat_ws(' ', case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end,
                     case when rolcreatedb then 'createdb' end, case when rolreplication then 'replication' end,
                     case when rolbypassrls then 'bypassrls' end) as beyond
      from pg_roles where rolname in (${literals(all)})`),
  );
  const known = new Map(found.map((each) => [each.name, each]));
  return all.flatMap((name) => {
    const role = known.get(name);
    if (role === undefined)
      return name === roles.serve ? [] : [`the role ${name} is missing: ${setUp(migration)}`];
    const { login } = role;
    const may = role.beyond.split(" ").filter(Boolean);
    const not = may.map((each) => `no${each}`).join(" ");
    return [
      ...(name !== roles.serve && login === (name === roles.owner)
        ? [`${name} ${login ? "may log in and must not" : "may not log in"}: ${setUp(migration)}`]
        : []),
      ...(may.length === 0
        ? []
        : [
            `${name} is ${may.join(" ")}: ${asAdministrator(`alter role ${identifier(name)} ${not}`)}`,
          ]),
    ];
  });
}

/** Roles that one of these may act as, and those who may act as one of these but for administrators. */
async function memberships(
  db: Database,
  migration: string,
  roles: DatabaseRoles,
): Promise<string[]> {
  const own = everyRole(migration, roles);
  const found = await db.rows<{ role: string; member: string }>(
    raw(`
    select r.rolname as role, m.rolname as member
      from pg_auth_members a join pg_roles r on r.oid = a.roleid join pg_roles m on m.oid = a.member
     where m.rolname in (${literals(own)})
        or (r.rolname in (${literals([roles.owner, ...own])}) and not (m.rolsuper or m.rolcreaterole))
     order by 1, 2`),
  );
  return found.map(
    ({ role, member }) =>
      `${member} is a member of ${role}, and may do what that role may: ${asAdministrator(`revoke ${identifier(role)} from ${identifier(member)}`)}`,
  );
}

/**
 * What a role reaches outside the schema `wavegate` by whatever way: its own grants, a membership, a
 * grant to everybody, or as an owner. Only the commit role changes anything there, as its migration says (R12), and
 * the role of terminals sees nothing there (M14).
 */
async function reachesElsewhere(
  db: Database,
  migration: string,
  roles: DatabaseRoles,
  wanted: readonly Privilege[],
): Promise<string[]> {
  const allowed = wanted.map(({ role, schema, name, may }) => [role, may, schema, name]);
  const found = await rowsWhole<{ role: string; may: string; on: string; all: number }>(
    db,
    sql`
    with allowed as materialized (
      select a.value ->> 0 as role, a.value ->> 1 as may, a.value ->> 2 as schema, a.value ->> 3 as name from jsonb_array_elements(${json(allowed)}) a),
         ${raw(`roles as (select oid, rolname from pg_roles where rolname in (${literals(everyRole(migration, roles))}) and not rolsuper),
         tables as (
      select c.oid, n.nspname as schema, c.relname as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'wavegate')
         -- What an extension shows to everybody is none of the platform's.
         and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')),
         reached (role, may, schema, name, "on") as (
    select r.rolname, may, t.schema, t.name, format('%I.%I', t.schema, t.name)
      from roles r cross join tables t cross join unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) may
     where case when may in ('insert', 'update', 'references') then has_any_column_privilege(r.oid, t.oid, may)
                else has_table_privilege(r.oid, t.oid, may) end
    union all
    select r.rolname, 'select', t.schema, t.name, format('%I.%I', t.schema, t.name)
      from roles r cross join tables t
     where r.rolname = ${literal(roles.operator)} and has_any_column_privilege(r.oid, t.oid, 'select')
    union all
    select r.rolname, 'create', n.nspname, n.nspname, format('schema %I', n.nspname)
      from roles r cross join pg_namespace n
     where n.nspname !~ '^pg_' and has_schema_privilege(r.oid, n.oid, 'create'))`)}
    -- Counted here: where everybody may everything, each role may six things on each of a platform's thousands of tables.
    select role, "on", string_agg(may, ', ' order by may) as may, count(*) over () as "all"
      from reached r
     where not exists (select from allowed a where a.role = r.role and a.may = r.may and a.schema = r.schema and a.name = r.name)
     group by role, "on", r.name
     order by role, r.name, "on" limit ${toldOf}`,
  );
  const more = (found[0]?.all ?? 0) - found.length;
  return [
    ...found.map(
      ({ role, on, may }) =>
        `${role} may ${may} on ${on}, by a grant of its own or to everybody: ${asAdministrator(`revoke ${may} on ${on} from ${identifier(role)}, public`)}`,
    ),
    ...(more > 0
      ? [
          `roles of wavegate may more than they should in ${more.toLocaleString("en")} further places alike`,
        ]
      : []),
  ];
}

/** Of so many grants, where there are more, each is told of. */
const toldOf = 200;
