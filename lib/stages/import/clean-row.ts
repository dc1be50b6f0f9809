import { ofField } from "../../compile/pin/used-columns.ts";
import type { Migration } from "../../define/definition.ts";
import { columnsElse } from "../../define/fields.ts";
import type { FieldFinding, Finding } from "../../define/findings.ts";
import { keyColumns } from "../../define/keys.ts";
import { insideOf } from "../../define/made.ts";
import { damageOf } from "../../normalize/damage.ts";
import { remembered } from "../../normalize/remembered.ts";
import { cleanText, holdsInvisible, holdsUseless } from "../../normalize/text.ts";
import type { LegacyRow } from "../../sources/source.ts";

/** Text columns beyond this length are cut in `raw_payload`. A row of several is longer than an answer takes of one: who reads it whole reads it in pieces. */
export const longestText = 8_000;

/** Lists beyond this length are cut, for the same reason: nothing is made of one, and that is noted. */
export const longestList = 48_000;

/** So are lists in lists in lists: a database goes into each of them, and gives up with an error where they are too many. */
const deepestList = 4_000;

/** Spellings before the damage, by the source's column. */
export type Proposals = Record<string, string>;

/** A finding, also of one field. */
export type Noted = Finding | FieldFinding;

export const note = (findings: Noted[], finding: Noted): void => {
  if (!findings.includes(finding)) findings.push(finding);
};

/**
 * Makes the function that cleans the columns of a table's rows: without what no database keeps, cut where they are too
 * long, and with what was seen noted; damaged letters also by the field of texts that the column is. Of a made row nothing
 * is noted of a column that it has from another one and that no field reads: that is noted of the other row. Called with
 * a `part` it cuts at this part of what is usually kept.
 */
export function rowCleaner(migration: Migration, table: string) {
  const names = migration.source[table]?.columns ?? [];
  const looked = names.map(unseenIn(migration));
  const lists = names.map((column) => isListed(migration, table, column));
  const texts = names.map(textsOf(migration));
  const parted = names.map(partedBy(migration, table));
  const isOthers = names.map(isUnread(migration, table));
  return (row: LegacyRow, findings: Noted[], proposals: Proposals, part = 1): LegacyRow => {
    const clean: LegacyRow = [];
    const longest = Math.floor(longestText / part);
    for (let index = 0; index < row.length; index++) {
      const value = row[index];
      clean.push(
        isPlain(value, longest) || isHarmless(value, longest)
          ? (value as string)
          : lists[index] === true
            ? cleanList(value, findings, Math.floor(longestList / part))
            : isOthers[index] === true
              ? cleanValue(value, [], {}, nobodys, longest)
              : cleanValue(
                  value,
                  findings,
                  proposals,
                  {
                    column: names[index] ?? "",
                    unseen: looked[index],
                    texts: texts[index] ?? [],
                    parted: parted[index] ?? [],
                  },
                  longest,
                ),
      );
    }
    return clean;
  };
}

/** Text in which nothing can be wrong: ASCII without control characters, and without entities. */
const PLAIN = /^[\t-\r\x20-\x25\x27-\x7E]*$/;

const isPlain = (value: string | null | undefined, longest: number): value is string =>
  value !== null && value !== undefined && value.length <= longest && PLAIN.test(value);

/** Short texts beyond {@link PLAIN} in which nothing is wrong: few are many rows' status, town or first name. */
const isHarmless = (value: string | null | undefined, longest: number): boolean =>
  value !== null && value !== undefined && value.length <= longest && harmless(value);
const harmless = remembered(
  (text: string): boolean =>
    cleanText(text).stripped === 0 && !holdsInvisible(text) && damageOf(text) === null,
);

interface Column {
  readonly column: string;
  /** Whether a value holds what cannot be seen and is left out of it. */
  readonly unseen: ((text: string) => boolean) | undefined;
  /** The fields that are texts of it. */
  readonly texts: readonly string[];
  /** Control characters that part its values: they are no damage. */
  readonly parted: readonly string[];
}

const nobodys: Column = { column: "", unseen: undefined, texts: [], parted: [] };

function cleanValue(
  value: string | null | undefined,
  findings: Noted[],
  proposals: Proposals,
  { column, unseen, texts, parted }: Column,
  longest: number,
): string | null {
  if (value === null || value === undefined) return null;
  const { text, stripped } = cleanText(value);
  if (stripped > 0) note(findings, "text_repaired");
  if (unseen?.(text)) note(findings, "text_invisible");
  const damage = damageOf(withoutParts(text, parted));
  if (damage?.proposal) proposals[column] = cleanText(damage.proposal).text;
  if (damage !== null) {
    note(findings, "text_damaged");
    for (const name of texts) note(findings, `${name}_damaged`);
  }
  if (text.length <= longest) return text;
  note(findings, "text_cut");
  return text.slice(0, longest).toWellFormed();
}

/**
 * A list that rows are made of is kept as it is written: its elements are cleaned, once each is a row. What no database keeps
 * stands in it as a lost letter, so that the row of its element is held.
 */
function cleanList(
  value: string | null | undefined,
  findings: Noted[],
  longest: number,
): string | null {
  if (value === null || value === undefined) return null;
  const text = value.replaceAll("\0", "\uFFFD").toWellFormed();
  if (text !== value) note(findings, "text_repaired");
  const end = Math.min(longest, tooDeepAt(text));
  if (text.length <= end) return text;
  note(findings, "text_cut");
  return text.slice(0, end).toWellFormed();
}

/** Where a text opens a bracket in too many others, outside of its strings; its end where it does not. */
function tooDeepAt(text: string): number {
  let depth = 0;
  let inString = false;
  if (text.length <= deepestList) return text.length;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (inString) {
      if (letter === "\\") at += 1;
      else inString = letter !== '"';
    } else if (letter === '"') inString = true;
    else if (letter === "[" || letter === "{") {
      if (depth === deepestList) return at;
      depth += 1;
    } else if (letter === "]" || letter === "}") depth -= 1;
  }
  return text.length;
}

/** A text without the control characters that part it, as U+001D does a repeating field of FileMaker's. */
export const withoutParts = (text: string, parted: readonly string[]): string =>
  parted.reduce((whole, by) => whole.replaceAll(by, " "), text);

/** The control characters by which lists are read of a column, or parts of one that is not read itself. */
export function partedBy(
  { entity, source }: Pick<Migration, "entity" | "source">,
  table: string,
): (column: string) => string[] {
  const read = new Set(Object.values(entity.fields).flatMap(ofField));
  const wholes = Object.entries(source[table]?.parted ?? {}).flatMap(([whole, how]) =>
    "by" in how && !read.has(whole)
      ? [how.by].flat().flatMap((by) => (CONTROL.test(by) ? [{ by, parts: [whole] }] : []))
      : [],
  );
  const lists = Object.values(entity.fields).flatMap((field) =>
    field.kind === "list"
      ? [field.by ?? []]
          .flat()
          .flatMap((by) => (CONTROL.test(by) ? [{ by, parts: field.parts }] : []))
      : [],
  );
  return (column) =>
    [...lists, ...wholes].flatMap(({ by, parts }) => (parts.includes(column) ? [by] : []));
}
const CONTROL = /^\p{Cc}$/u;

/** Whether a column of a made row is of the rows that it is made of, and nothing reads it. */
function isUnread({ entity, source }: Migration, table: string): (column: string) => boolean {
  const { made, key } = source[table] ?? {};
  if (made === undefined || key === undefined) return () => false;
  const read = new Set([...keyColumns(key), ...Object.values(entity.fields).flatMap(ofField)]);
  return (column) => !read.has(column);
}

/** Whether rows of another table are made of what is inside a column. */
const isListed = ({ source }: Migration, table: string, column: string): boolean =>
  Object.values(source).some(
    ({ made }) => made !== undefined && insideOf(made, table).includes(column),
  );

/** How what cannot be seen is found in values of a column that it is left out of: of a name joiners that say something stay. */
function unseenIn({ entity }: Migration): (column: string) => Column["unseen"] {
  const fields = Object.values(entity.fields);
  const names = fields.flatMap((field) => (field.kind === "name" ? field.parts : []));
  const others = fields.flatMap((field) => {
    const { kind } = field;
    return kind === "phone" || kind === "email" || kind === "reference"
      ? [field.from, ...columnsElse(field)]
      : [];
  });
  return (column) => {
    if (others.includes(column)) return holdsInvisible;
    return names.includes(column) ? holdsUseless : undefined;
  };
}

/** The fields that are a column's text. */
function textsOf({ entity }: Migration): (column: string) => readonly string[] {
  const texts = Object.entries(entity.fields).flatMap(([name, field]) =>
    field.kind === "text" ? [{ name, from: field.from }] : [],
  );
  return (column) => texts.flatMap(({ name, from }) => (from === column ? [name] : []));
}
