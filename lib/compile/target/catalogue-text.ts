/** What of the catalogue rests on functions or operators that somebody made; what comes with PostgreSQL is recorded nowhere. */
export const ownFunctions = `
    select d.classid, d.objid from pg_depend d
     where d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass)`;

/**
 * Whether a constraint of the catalogue, by its alias, demands anything of a row by itself. One that is not enforced
 * (PostgreSQL 18) demands nothing; and what refers to a partitioned table has another one for each of its partitions, all
 * of which is one.
 */
export const isDemanded = (constraint: string): string =>
  `(coalesce((to_jsonb(${constraint}) ->> 'conenforced')::boolean, true) and not exists (
      select from pg_constraint w where w.oid = ${constraint}.conparentid and w.conrelid = ${constraint}.conrelid))`;

/** What PostgreSQL writes with colons in a literal, by the type behind it, and how it reads the same without. */
const written: readonly (readonly [literal: string, without: string])[] = [
  [
    "''([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}):([0-9]{2}):([0-9]{2}[.]?[0-9]*)([+-][0-9]{2})?:?([0-9]{2})?''::timestamp",
    "''\\1\\2\\3\\4\\5''::timestamp",
  ],
  ["''([0-9]{2}):([0-9]{2}):([0-9]{2}[.]?[0-9]*)''::time ", "''\\1\\2\\3''::time "],
  [
    "''([^'':]* )?([-+]?)([0-9]+):([0-9]{2}):([0-9]{2}[.]?[0-9]*)''::interval",
    "''\\1\\2\\3 hours \\2\\4 mins \\2\\5 secs''::interval",
  ],
];

/** An expression whose moments have no colons, which would be taken for parameters: PostgreSQL reads them as well. */
export const withoutColons = (text: string): string =>
  written.reduce(
    (expression, [literal, without]) =>
      `regexp_replace(${expression}, '${literal}', '${without}', 'g')`,
    text,
  );

/** Whether an expression of the platform's may stand in a statement: a colon of its own would be taken for a parameter. */
export const takesNoParameter = (text: string): string => `replace(${text}, '::', '') !~ ':'`;

/** An expression as the catalogue writes it of which no literal has a colon, which would be taken for a parameter: `'08:30'` is `E'08\\x3A30'`. */
export const literalsWithoutColons = (expression: string): string =>
  expression.replaceAll(/(E?)'((?:[^']|'')*)'/gu, (whole, escaped: string, text: string) =>
    text.includes(":")
      ? `E'${(escaped === "" ? text.replaceAll("\\", "\\\\") : text).replaceAll(":", "\\x3A")}'`
      : whole,
  );
