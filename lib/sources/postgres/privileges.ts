/**
 * Everything the user may do in this database beyond connecting, in upper case: what was granted to
 * it, to everybody, or to a role it can become, on any table, column, sequence, schema, large object
 * or on the database, and what owners and attributes of roles may do anyway. Temporary tables do not
 * reach what others see, and are left out.
 */
export const allPrivileges = `
with mine as (
  select oid, rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication
    from pg_roles where pg_has_role(current_user, oid, 'member')),
spaces as (
  select oid, nspowner, nspacl from pg_namespace
   where nspname <> 'information_schema' and nspname !~ '^pg_'),
granted as (
  select c.relkind = 'S' as sequence, a.grantee, a.privilege_type, a.is_grantable
    from pg_class c join spaces n on n.oid = c.relnamespace
    cross join lateral aclexplode(c.relacl) a
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all
  select false, a.grantee, a.privilege_type, a.is_grantable
    from pg_attribute t join pg_class c on c.oid = t.attrelid join spaces n on n.oid = c.relnamespace
    cross join lateral aclexplode(t.attacl) a
   where t.attacl is not null and not t.attisdropped
  union all
  select false, a.grantee, a.privilege_type, a.is_grantable
    from spaces n cross join lateral aclexplode(n.nspacl) a where a.privilege_type <> 'USAGE'
  union all
  select false, a.grantee, a.privilege_type, a.is_grantable
    from pg_database d cross join lateral aclexplode(d.datacl) a
   where d.datname = current_database() and a.privilege_type not in ('CONNECT', 'TEMPORARY')
  union all
  select false, a.grantee, a.privilege_type, a.is_grantable
    from pg_largeobject_metadata l cross join lateral aclexplode(l.lomacl) a),
held as (
  select case when sequence and privilege_type <> 'SELECT' then 'SEQUENCE ' || privilege_type
              else privilege_type end as privilege
    from granted where grantee = 0 or grantee in (select oid from mine)
  union all select 'GRANT OPTION' from granted
   where is_grantable and grantee in (select oid from mine)
  union all select 'OWNER' from pg_class c join spaces n on n.oid = c.relnamespace
   where c.relowner in (select oid from mine) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
  union all select 'OWNER' from spaces where nspowner in (select oid from mine)
  union all select 'OWNER' from pg_database
   where datname = current_database() and datdba in (select oid from mine)
  union all select 'SUPERUSER' from mine where rolsuper
  union all select 'CREATEDB' from mine where rolcreatedb
  union all select 'CREATEROLE' from mine where rolcreaterole
  union all select 'REPLICATION' from mine where rolreplication
  union all select 'SELECT' from mine where rolname = 'pg_read_all_data'
  -- What is not known to read only may write: a later PostgreSQL brings more of them.
  union all select upper(rolname) from mine
   where rolname ~ '^pg_' and rolname not in ('pg_read_all_data', 'pg_read_all_settings',
     'pg_read_all_stats', 'pg_stat_scan_tables', 'pg_monitor', 'pg_use_reserved_connections'))
select distinct privilege from held order by 1`;
