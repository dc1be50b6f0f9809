/** What may stand between the columns of a file; a comma, where its header tells of nothing else. */
export type Separator = "," | ";" | "\t" | "|";
const others = [";", "\t", "|"] as const;

/**
 * What separates the columns of a header: commas, unless none stands outside of quotes and another mark does, as
 * spreadsheets of many languages write files. A header that has several of them as well as commas is taken for one with
 * commas: whoever looks for its columns finds them missing. One of tabs by its name may have commas in its names.
 */
export function separatorOf(header: string, file: string): Separator {
  const bare = header.replace(/"(?:[^"]|"")*(?:"|$)/gu, "");
  if (/\.(?:tsv|tab)$/iu.test(file) && bare.includes("\t")) return "\t";
  if (bare.includes(",")) return ",";
  const found = others.filter((mark) => bare.includes(mark));
  return found.length === 1 && found[0] !== undefined ? found[0] : ",";
}
