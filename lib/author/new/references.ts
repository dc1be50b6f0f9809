import type { ForeignKey } from "../../sources/tables.ts";
import { deleted } from "../deleted.ts";
import { type Field, fieldName, type Guessed, keyOf, quote } from "../guess.ts";

/** What keys are called that may be of anything. */
const ofAnything = /^(id|no|nr|num|numero|number|code|key|ref|uuid|name|title)$/u;
const behindName = /_?(id|no|nr|num|number|code|key|ref|fk)$/u;

/** A table as one of its rows is called: `clubs`, `branches` and `categories` without what makes them many. */
const singular = (table: string): readonly string[] => {
  const word = fieldName(table.slice(table.lastIndexOf(".") + 1));
  return [word, word.replace(/s$/u, ""), word.replace(/es$/u, ""), word.replace(/ies$/u, "y")];
};

/**
 * The columns of a table that name rows of others, or of its own: by its foreign keys; else those that are called as
 * another table's key, or as the table itself.
 */
function foreignOf(main: Guessed, others: readonly Guessed[]): readonly ForeignKey[] {
  const declared = main.foreign ?? [];
  const known = new Set([...declared.flatMap(({ columns }) => columns), ...main.keyed.columns]);
  const called = main.columns
    .filter((column) => !known.has(column) || main.keyed.columns.length > 1)
    .filter((column) => !declared.some(({ columns }) => columns.includes(column)))
    .flatMap((column) => {
      const name = fieldName(column);
      const to = others.find(({ table, keyed }) => {
        const [key = "", ...more] = keyed.columns;
        if (more.length > 0) return false;
        const own = fieldName(key);
        return (
          (own === name && !ofAnything.test(own) && behindName.test(own)) ||
          (behindName.test(name) && singular(table).includes(name.replace(behindName, "")))
        );
      });
      return to === undefined
        ? []
        : [{ columns: [column], to: to.table, toColumns: to.keyed.columns }];
    });
  return [...declared, ...called];
}

/**
 * Fields that name rows of other tables, as what names them there: words of a list, or numbers, they are none. What is
 * written of it is for a person to say.
 */
export function withReferences(
  fields: readonly Field[],
  main: Guessed,
  others: readonly Guessed[],
): Field[] {
  const foreign = foreignOf(main, others);
  return fields.map((field) => {
    const column = main.guesses.find((guess) => guess.field === field.field)?.column;
    const key = foreign.find(({ columns }) => column !== undefined && columns.includes(column));
    if (column === undefined || key === undefined || !mayName.has(field.kind)) return field;
    const own = (name: string) =>
      main.guesses.find((guess) => guess.column === name)?.field ?? name;
    const by =
      key.columns.length === 1
        ? quote(own(column))
        : `{ ${key.columns.map((name, at) => `${keyOf(key.toColumns[at] ?? "")}: ${quote(own(name))}`).join(", ")} }`;
    const above = `refs: { ${keyOf(fieldName(key.to))}: ref(${quote(fieldName(key.to))}, ${by}) }`;
    const which =
      key.to === main.table
        ? `a row of its own table: ${above}, beside entity(${quote(fieldName(key.to))}, …)`
        : `a row of ${quote(key.to)}: ${above} where an entity is read from that table, or reference(${quote(column)}, …), of things that the platform has already`;
    const none = field.code.includes("none:") ? {} : { code: asNamed(field, column) };
    return { ...field, ...none, kind: "names", because: `it names ${which}` };
  });
}

/** Kinds of fields that a column may look like that names rows. */
const mayName = new Set(["number", "text", "choice", "boolean", "uuid"]);

/** What names a row is compared to the letter, or as the whole number that it is. */
const asNamed = ({ code, kind }: Field, column: string): string =>
  kind === "uuid" || (kind === "number" && code.startsWith("integer("))
    ? code
    : `text(${quote(column)})`;

/** The field by which the legacy system took rows for deleted: rather one that says yes or no. */
export const goneFrom = (fields: readonly Field[]): Field | undefined =>
  ["boolean", "timestamp", "date"].flatMap((kind) =>
    fields.filter((field) => field.kind === kind && deleted.test(field.field)),
  )[0];
