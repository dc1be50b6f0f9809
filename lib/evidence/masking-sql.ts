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
  const code = `case when left(${phone}, 1) in ('1', '7') then 1
    when left(${phone}, 2) in (${literals(TWO_DIGIT_COUNTRY_CODES)}) then 2 else 3 end`;
  return `case when coalesce(${phone}, '') = '' then ''
  when ${phone} !~ ${literal(DIGITS)} or length(${phone}) not between ${least} and ${most} then ${literal(HIDDEN)}
  else left(${phone}, ${code}) || repeat('•', length(${phone}) - 2 - ${code}) || right(${phone}, 2) end`;
}

/** {@link maskEmail} in SQL. */
export function maskEmailSql(email: string): string {
  return `case when coalesce(${email}, '') = '' then ''
  when ${email} !~ ${literal(EMAIL)} then ${literal(HIDDEN)}
  else case when ${email} ~ ${literal(EMAIL_WITH_LETTER)} then left(${email}, 1) else '' end
    || ${literal(`${HIDDEN}@`)} || split_part(${email}, '@', 2) end`;
}

/** {@link initials} in SQL; names of two plain words, nearly all of them, take a path four times as fast. */
export function initialsSql(name: string): string {
  return `case when coalesce(${name}, '') = '' then ''
  when ${name} ~ '^[A-Za-z]+ [A-Za-z]+$'
  then upper((left(${name}, 1) || '. ' || left(split_part(${name}, ' ', 2), 1) || '.') collate "C")
  else ${initialsOfAnything(name)} end`;
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

/** {@link yearOf} in SQL, of a date. */
export const yearOfSql = (date: string): string =>
  `coalesce(split_part(${date}::text, '-', 1), '')`;
