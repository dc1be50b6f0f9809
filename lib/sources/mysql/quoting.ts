/** A quoted name of a table or column. */
export const quoted = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

/** A quoted text. */
export const literal = (text: string): string =>
  `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
