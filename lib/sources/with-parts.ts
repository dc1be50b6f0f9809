import type { SourceTable } from "../define/definition.ts";
import { anyMark } from "../define/marks.ts";
import { type Parted, partNames, wholeOf } from "../define/parted.ts";
import type { LegacyRow, Source } from "./source.ts";

type Text = string | null;

/** A source in which columns are parts of others: of a name that is written with a comma, of a number of bits. */
export function withParts(source: Source, tables: Readonly<Record<string, SourceTable>>): Source {
  if (Object.values(tables).every(({ parted }) => parted === undefined)) return source;
  return {
    description: source.description,
    identify: () => source.identify(),
    ranges: (table, key, rows) => source.ranges(table, key, rows),
    header: async (table) => source.header?.(table),
    close: () => source.close(),
    async inspect(wanted) {
      const asked = Object.entries(wanted).map(([table, { key, columns }]) => {
        const wholes = columns.map((column) => wholeOf(tables[table], column) ?? column);
        return [table, { key, columns: [...new Set(wholes)] }] as const;
      });
      const facts = await source.inspect(Object.fromEntries(asked));
      return facts.map((of) => ({
        ...of,
        missingColumns: of.missingColumns.flatMap((column) => {
          const isPart = (part: string) => wholeOf(tables[of.table], part) === column;
          return [column, ...(wanted[of.table]?.columns ?? []).filter(isPart)];
        }),
      }));
    },
    async *read(table, key, columns, range, pageRows) {
      const readers = Object.entries(tables[table]?.parted ?? {}).flatMap(([whole, how]) => {
        const to = partNames(how)
          .map((part, n) => ({ n, place: columns.indexOf(part) }))
          .filter(({ place }) => place !== -1);
        return to.length === 0 ? [] : [{ whole, to, partsOf: reader(how) }];
      });
      if (readers.length === 0) {
        yield* source.read(table, key, columns, range, pageRows);
        return;
      }
      const parts = new Set(Object.values(tables[table]?.parted ?? {}).flatMap(partNames));
      const asked = [
        ...new Set([
          ...columns.filter((column) => !parts.has(column)),
          ...readers.map(({ whole }) => whole),
        ]),
      ];
      const from = columns.map((column) => asked.indexOf(column));
      const parting = readers.map((each) => ({ ...each, at: asked.indexOf(each.whole) }));
      const withParts = (row: LegacyRow): LegacyRow => {
        const all = from.map((at) => row[at] ?? null);
        for (const { at, to, partsOf } of parting) {
          const texts = partsOf(row[at] ?? null);
          for (const { n, place } of to) all[place] = texts[n] ?? null;
        }
        return all;
      };
      for await (const page of source.read(table, key, asked, range, pageRows))
        yield page.map(withParts);
    },
  };
}

function reader(how: Parted): (text: Text) => readonly Text[] {
  if ("bits" in how) return bitsReader(Object.values(how.bits));
  return "widths" in how ? widthsReader(how.widths) : textsReader(how);
}

/** Texts of so many characters each, as they are counted without blanks around the whole, and what is left. */
const widthsReader =
  (widths: readonly number[]) =>
  (whole: Text): readonly Text[] => {
    let left = whole?.trim() ?? "";
    const parts = widths.map((width) => {
      // Of a text of millions of letters the first ones count: a letter is one or two units.
      const part = [...left.slice(0, 2 * width)].slice(0, width).join("");
      left = left.slice(part.length);
      return part;
    });
    return [...parts, left].map((part) => part.trim() || null);
  };

/** The texts between marks, in any case of their letters, without blanks around them: nothing where a text has fewer. */
function textsReader({ by, into, cutFrom }: Extract<Parted, { readonly by: unknown }>) {
  const mark = new RegExp(anyMark([by].flat()), "giu");
  return (whole: Text): readonly Text[] => {
    const text = whole?.trim() ?? "";
    const most = into.length - 1;
    const cuts: RegExpExecArray[] = [];
    // One by one: of a text of millions of marks a few count.
    for (const cut of text.matchAll(mark)) {
      if (cuts.length === most && cutFrom === undefined) break;
      if (cuts.length === most) cuts.shift();
      cuts.push(cut);
    }
    const texts: Text[] = [];
    let begin = 0;
    for (const { 0: found, index } of cuts) {
      texts.push(text.slice(begin, index).trim() || null);
      begin = index + found.length;
    }
    texts.push(text.slice(begin).trim() || null);
    if (cutFrom !== "end") return texts;
    return [...Array.from({ length: into.length - texts.length }, () => null), ...texts];
  };
}

/** For each mask whether all of its bits are set; what is no whole number is each part, so that no word is found for it. */
function bitsReader(masks: readonly number[]) {
  const each = masks.map(BigInt);
  return (text: Text): readonly Text[] => {
    const written = text?.trim() ?? "";
    if (written === "") return [];
    // Bits that are written out one by one are no number of tens.
    const isWritten = /^-?\d{1,20}$/u.test(written) && !/^0[01]*1[01]+$/u.test(written);
    if (!isWritten) return each.map(() => text);
    const bits = BigInt(written);
    return each.map((mask) => ((bits & mask) === mask ? "1" : "0"));
  };
}
