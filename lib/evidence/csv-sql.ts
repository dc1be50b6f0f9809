import { joinedTexts, literal, literals } from "../data/sql.ts";
import { FORMULA_STARTS, FORMULA_WITHIN, SKIPPED_BEFORE_FORMULA, STEERING } from "./csv.ts";

/** A column of an export that the database writes: its header and the SQL of its cell's text. */
export interface ExportColumn {
  readonly name: string;
  /** Text, a number or null; {@link wordCell} unless it cannot hold a quote, a comma or a formula. */
  readonly cell: string;
}

/**
 * What {@link wordCell} looks for, as one more item of the FROM clause: said once for all cells of a line, as a statement
 * of many columns would be longer than the Data API takes.
 */
export const csvLetters = `(select array[${[...FORMULA_STARTS].map(literal).join(", ")}] as starts, ${literal(SKIPPED_BEFORE_FORMULA)} as skipped,
       ${literal(FORMULA_WITHIN)} as within, '[${STEERING}]' as steering) csv`;

/**
 * `csvCell` of `csv.ts` in SQL, beside {@link csvLetters}: for a word that a definition or a stage chose. Words in `known`
 * are looked up instead of being looked through, which is four times as fast.
 */
export function wordCell(text: string, known: readonly string[] = []): string {
  const plain = [...new Set(known)].filter((word) => /^[A-Za-z0-9_.]+$/.test(word));
  const lookUp = plain.length === 0 ? "" : `when ${text} in (${literals(plain)}) then ${text}`;
  return `case when ${text} is null then '' ${lookUp}
  when ${text} ~ '^[A-Za-z0-9_.]+$' then ${text}
  else '"' || case when left(ltrim(${text}, csv.skipped), 1) = any (csv.starts)
                     or left(${text}, 1) in (E'\\t', E'\\r') then '''' else '' end
    || replace(regexp_replace(regexp_replace(${text}, csv.within, '\\1''\\2', 'g'), csv.steering, '\ufffd', 'g'), '"', '""') || '"' end`;
}

/** The cell of a column that the rows of a kind do not have. */
export const noCell = "''";

/** A whole line, with its end, as one SQL expression. */
export const lineOf = (columns: readonly ExportColumn[]): string => {
  const cells = columns.map(({ cell }) =>
    cell === noCell ? cell : `coalesce((${cell})::text, '')`,
  );
  return `${joinedTexts(",", cells)} || E'\\r\\n'`;
};
