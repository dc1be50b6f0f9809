/** A quoted name of a column. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A quoted name of a table, which may be named with its schema: what stands before the first dot is one. */
export const quotedTable = (name: string): string => {
  const [, schema, table] = /^([^.]+)\.(.+)$/su.exec(name) ?? [];
  return schema === undefined || table === undefined
    ? quoted(name)
    : `${quoted(schema)}.${quoted(table)}`;
};

/**
 * What a table of the catalogue, `c` in its schema `n`, is called: by its name alone where that finds it, else with its
 * schema; null where neither finds it.
 */
export const calledAs = `case when pg_table_is_visible(c.oid) and c.relname not like '%.%' then c.relname
              when n.nspname not like '%.%' then n.nspname || '.' || c.relname end`;

const ofUsers = `n.nspname not in ('pg_catalog', 'information_schema')
          and n.nspname !~ '^pg_t(oast|emp)' and has_schema_privilege(n.oid, 'usage')`;

/** Tables, `c` in a schema `n`, that the user may read and that are none of the server's own, nor a part of another one. */
export const readable = `c.relkind in ('r', 'p') and not c.relispartition and ${ofUsers}`;

/** Views, and tables of other servers, likewise. */
export const readableView = `c.relkind in ('v', 'm', 'f') and not c.relispartition and ${ofUsers}`;

/** A quoted text; the session takes a backslash for itself. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
