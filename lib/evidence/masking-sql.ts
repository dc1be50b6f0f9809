import { literal, literals } from "../data/sql.ts";
import {
  DIGITS,
  EMAIL,
  EMAIL_WITH_LETTER,
  HIDDEN,
  MOST_INITIALS,
  NAME_SEPARATORS,
  NOT_NAME,
  PHONE_LENGTH,
  TWO_DIGIT_COUNTRY_CODES,
} from "./masking.ts";

/**
 * The masks of `masking.ts` as SQL expressions: an export of any size masks inside the database, so
 * that unmasked data never leaves it. Each takes a SQL expression of type text (or date) and gives
 * text, '' for null.
 */

/** {@link maskPhone} in SQL. */
export function maskPhoneSql(phone: string): string {
  const { least, most } = PHONE_LENGTH;
  const shown = (code: number) =>
    `left(${phone}, ${code}) || repeat('•', length(${phone}) - ${code + 2}) || right(${phone}, 2)`;
  return `case when coalesce(${phone}, '') = '' then ''
  when ${phone} !~ ${literal(DIGITS)} or length(${phone}) not between ${least} and ${most} then ${literal(HIDDEN)}
  when left(${phone}, 1) in ('1', '7') then ${shown(1)}
  when left(${phone}, 2) in (${literals(TWO_DIGIT_COUNTRY_CODES)}) then ${shown(2)}
  else ${shown(3)} end`;
}

/** {@link maskEmail} in SQL. */
export function maskEmailSql(email: string): string {
  return `case when coalesce(${email}, '') = '' then ''
  when ${email} !~ ${literal(EMAIL)} then ${literal(HIDDEN)}
  else case when ${email} ~ ${literal(EMAIL_WITH_LETTER)} then left(${email}, 1) else '' end
    || ${literal(`${HIDDEN}@`)} || split_part(${email}, '@', 2) end`;
}

/**
 * Letters of which most names are made: some of those that masking knows, none of which
 * normalisation changes or joins with its neighbours.
 */
const usual = "A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u024f\\u0621-\\u063a\\u0641-\\u064a";
/** Words of such letters with one space or hyphen in between: nothing is to be removed. */
const USUAL_NAME = `^[${usual}]+([ -][${usual}]+)*$`;

/** {@link initials} in SQL; usual names, nearly all of them, take a path four times as fast. */
export function initialsSql(name: string): string {
  return `case when coalesce(${name}, '') = '' then ''
  when ${name} ~ ${literal(USUAL_NAME)} then ${initialsOfUsual(name)}
  else ${initialsOfAnything(name)} end`;
}

function initialsOfUsual(name: string): string {
  const words = `replace(${name}, '-', ' ')`;
  const others = Array.from(
    { length: MOST_INITIALS - 1 },
    (_, index) => `nullif(left(split_part(${words}, ' ', ${index + 2}), 1), '')`,
  );
  const letters = `concat_ws('. ', left(${name}, 1), ${others.join(", ")}) || '.'`;
  // First by ASCII's own rules: in a Turkish database an i would get a dot.
  return `upper(upper((${letters}) collate "C") collate "default")`;
}

function initialsOfAnything(name: string): string {
  const bare = `regexp_replace(normalize(${name}), ${literal(NOT_NAME)}, '', 'g')`;
  const spaced = `ltrim(regexp_replace(${bare}, ${literal(`[${NAME_SEPARATORS}]+`)}, ' ', 'g'))`;
  const each = Array.from(
    { length: MOST_INITIALS },
    (_, index) => `nullif(left(split_part(words, ' ', ${index + 1}), 1), '') || '.'`,
  );
  return `(select coalesce(nullif(upper(concat_ws(' ', ${each.join(", ")})), ''), ${literal(HIDDEN)})
            from (select ${spaced} as words offset 0) name)`;
}

/** {@link yearOf} in SQL, of a text, as a column of the platform may hold any. */
export const yearOfTextSql = (text: string): string =>
  `coalesce(substring(${text} from '^([0-9]{4,6})-[0-9]{2}-[0-9]{2}'), '')`;

/** The same of a date, which needs no look at its letters. */
export const yearOfSql = (date: string): string =>
  `coalesce(split_part(${date}::text, '-', 1), '')`;
