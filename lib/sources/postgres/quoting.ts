/** A quoted name of a column. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A quoted name of a table, which may be named with its schema. */
export const quotedTable = (name: string): string => name.split(".").map(quoted).join(".");

/** A quoted text; the session takes a backslash for itself. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
