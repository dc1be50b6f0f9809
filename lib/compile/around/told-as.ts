/**
 * How a definition calls a table, as SQL over its oid: by its name as it is, without quotes, and with its schema where
 * the search path does not find it.
 */
export const toldAs = (oid: string): string =>
  `(select case when pg_table_is_visible(told.oid) then '' else place.nspname || '.' end || told.relname
      from pg_class told join pg_namespace place on place.oid = told.relnamespace where told.oid = ${oid})`;
