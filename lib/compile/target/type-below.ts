/**
 * Of a column, `a` of `pg_attribute`, the type below all of its domains, which may lie one upon another, as `base` with
 * its `mod`; and as `required` whether one of them takes no null, by itself or by its condition. A select of one row, in
 * which each type is looked up: joined, all types that there are would be read for each column.
 */
export const typeBelow = String.raw`
  with recursive types as (
    select a.atttypid as oid, a.atttypmod as mod, 0 as depth
    union all
    select d.typbasetype, d.typtypmod, types.depth + 1
      from types cross join lateral (
        select * from pg_catalog.pg_type each where each.oid = types.oid and each.typtype = 'd' offset 0) d)
  select (array_agg(types.oid order by depth desc))[1] as base, (array_agg(types.mod order by depth desc))[1] as mod,
         bool_or(d.typtype = 'd' and (d.typnotnull or exists (
           select from pg_catalog.pg_constraint k cross join lateral (select pg_get_constraintdef(k.oid) as says) c
            where k.contypid = d.oid and c.says ~* '\mvalue is not null\M' and c.says !~* '\mor\M'))) as required
    from types cross join lateral (select * from pg_catalog.pg_type each where each.oid = types.oid offset 0) d`;
