import type { Migration } from "../../define/definition.ts";
import type { Source } from "../../sources/source.ts";
import { longestList } from "../../stages/import/clean-row.ts";
import { isListText } from "../../stages/import/list-field.ts";
import { type Problem, warning } from "../problem.ts";
import { readFrom, rowsRead } from "./made-of-read.ts";

/** Rows that are read: seconds. */
const rowsAtMost = 100_000;
const rowsPerPage = 10_000;

/** Rows of whose column, which should hold a list, a table of elements can make none: each is held. */
export async function listProblems(
  { source: tables }: Migration,
  table: string,
  source: Source,
): Promise<Problem[]> {
  const made = tables[table]?.made;
  if (made === undefined || !("each" in made) || made.by !== undefined) return [];
  const from = readFrom(tables, made.each);
  if (from === undefined || !from.has(made.list)) return [];
  let [rows, of] = [0, 0];
  for await (const page of rowsRead(source, tables, from, [made.list], rowsPerPage)) {
    of += page.length;
    for (const [value] of page) if (!isRead(value ?? "")) rows += 1;
    if (of >= rowsAtMost) break;
  }
  if (rows === 0) return [];
  return [
    warning(
      "list_unread",
      made.list,
      `“${made.list}” of “${made.each}” holds something that is no list, or is a longer one than is read. Of such a row “${table}” makes one row, which is held.`,
      `Of a text that something parts say what: each("${made.each}", "${made.list}", { by: ";" }); or correct them in a copy of the source.`,
      rows,
    ),
  ];
}

/** Whether an import makes rows of it: what it cuts is no list any more. */
const isRead = (text: string): boolean => text.length <= longestList && isListText(text);
