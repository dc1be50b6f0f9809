/** What may stand between the columns of a file; a comma, where its header tells of nothing else. */
export type Separator = "," | ";" | "\t" | "|";
const others = [";", "\t", "|"] as const;

/**
 * What separates the columns of a header: commas, unless none stands outside of quotes and another mark does, as
 * spreadsheets of many languages write files. A header that has several of them as well as commas is taken for one with
 * commas: whoever looks for its columns finds them missing. One of tabs by its name may have commas in its names.
 */
export function separatorOf(header: string, file: string): Separator {
  const bare = unquoted(header);
  if (/\.(?:tsv|tab)$/iu.test(file) && bare.includes("\t")) return "\t";
  if (bare.includes(",")) return ",";
  const found = others.filter((mark) => bare.includes(mark));
  return found.length === 1 && found[0] !== undefined ? found[0] : ",";
}

/** What stands outside of quotes. */
const unquoted = (text: string): string => text.replace(/"(?:[^"]|"")*(?:"|$)/gu, "");

/**
 * What separates several columns on both lines below a first line that has none of it: then that line is a title, and
 * the columns' names stand below. One mark alone may stand within a text.
 */
export function separatorBelow([title = "", ...below]: readonly string[]): Separator | undefined {
  const [names = "", row = ""] = below.map(unquoted);
  const marks = (text: string, mark: string) => text.split(mark).length - 1;
  if ([",", ...others].some((mark) => title.includes(mark))) return undefined;
  return ([",", ...others] as const).find(
    (mark) => marks(names, mark) > 1 && marks(names, mark) === marks(row, mark),
  );
}
