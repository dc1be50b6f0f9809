import type { TestServices } from "./services.ts";

/** What everybody but the owner may do with each table, view, sequence and function of the schema. */
export async function grantedTo({
  query,
}: Pick<TestServices, "query">): Promise<Record<string, Record<string, string>>> {
  const found = await query<{ who: string; what: string; may: string }>(`
    with objects as (
      select oid::regclass::text as what, relowner as owner, relacl as acl, null::text as col
        from pg_class where relnamespace = 'wavegate'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S', 'f')
      union all
      select c.oid::regclass::text, c.relowner, a.attacl, a.attname
        from pg_attribute a join pg_class c on c.oid = a.attrelid
       where c.relnamespace = 'wavegate'::regnamespace and a.attacl is not null
      union all
      select proname || '()', proowner, coalesce(proacl, acldefault('f', proowner)), null
        from pg_proc where pronamespace = 'wavegate'::regnamespace
         -- Those that the tests themselves write staged rows by.
         and proname not like 'write\\_%'
      union all
      select 'schema', nspowner, nspacl, null from pg_namespace where nspname = 'wavegate'),
    single as (
      select coalesce(r.rolname, 'public') as who, replace(what, 'wavegate.', '') as what,
             lower(a.privilege_type) as may, string_agg(col, ' ' order by col) as columns
        from objects cross join lateral aclexplode(acl) a left join pg_roles r on r.oid = a.grantee
       where a.grantee <> owner group by 1, 2, 3)
    select who, what, string_agg(may || coalesce('(' || columns || ')', ''), ', ' order by may) as may
      from single group by 1, 2 order by 1, 2`);
  const all: Record<string, Record<string, string>> = {};
  for (const { who, what, may } of found) {
    all[who] ??= {};
    all[who][what] = may;
  }
  return all;
}
