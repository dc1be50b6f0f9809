import { importedColumn, importedColumns, referenceType } from "../../compile/columns.ts";
import { legacyIdType } from "../../compile/keys.ts";
import { ofField } from "../../compile/pin/used-columns.ts";
import type { Migration } from "../../define/definition.ts";
import { keyColumns, keyText } from "../../define/keys.ts";
import { collapse, stripUseless } from "../../normalize/text.ts";
import { shapeOf } from "../../review/shape.ts";
import { asInteger } from "../../sources/folder/keys.ts";
import type { LegacyRow, Source, TableFacts } from "../../sources/source.ts";
import { rowImporter, type StagedValues } from "../../stages/import/import-row.ts";
import { names, type Problem, warning } from "../problem.ts";
import { type ReadFrom, readFrom, rowsRead } from "./made-of-read.ts";

/** Rows that have to name something before it is told how few of them do. */
const rowsAtLeast = 20;
/** Of the rows that name something, so few that are right are no accident: a tenth. */
const hardlyAny = 0.1;
/** Different values that are looked for, and keys that are read to find them: seconds of either source. */
const valuesAtMost = 5_000;
const keysAtMost = 1_000_000;
/** Whole rows are read to know a field of theirs. */
const rowsAtMost = 100_000;
const keysPerPage = 10_000;

/** Where what rows refer to stands in the source. */
interface Referred {
  readonly tables: readonly string[];
  /** The field of theirs by which its rows are referred to, where it is not their key. */
  readonly by?: string;
  /** The columns of a table of which it is made. */
  readonly columnsOf: (table: string) => readonly string[];
  /** Those without which nothing is read of it. */
  readonly needs: (table: string) => readonly string[];
  /** What reads of those what a row is referred to by. */
  readonly readerOf: (table: string) => (row: LegacyRow) => string | null;
  /** Found by its number, as its key is an integer; else to the letter. */
  readonly integer: boolean;
}

interface Reference extends Referred {
  /** As the definition calls it. */
  readonly name: string;
  /** Where its value stands among those that are staged of a row. */
  readonly at: number;
  /** The columns that it is read from. */
  readonly from: readonly string[];
  /** The tables of whose rows are made those that refer. */
  readonly made: Set<string>;
  /** In how many rows each value stands. */
  readonly values: Map<string, number>;
}

/** What the rows that were read refer to: held against the keys of the tables that they refer to. */
export class References {
  readonly #migration: Migration;
  readonly #all: readonly Reference[];

  /** @param today day by which birth dates are judged, `YYYY-MM-DD` */
  constructor(migration: Migration, today: string) {
    this.#migration = migration;
    this.#all = [...toThings(migration), ...toAbove(migration, today)]
      .map(({ field, ...to }) => ({
        ...to,
        at: placeOf(migration, field),
        from: columnsOfField(migration, field),
        made: new Set<string>(),
        values: new Map<string, number>(),
      }))
      .filter(
        ({ at, tables, needs }) =>
          at > 0 && tables.every((table) => isRead(migration, table, needs(table))),
      );
  }

  note(row: StagedValues): void {
    this.#note(this.#all, row);
  }

  /**
   * The same of a table whose rows are made, of the rows that they are made of: as far as what refers to something stands
   * in those.
   */
  async noteMade(source: Source, table: string, today: string): Promise<void> {
    const from = readFrom(this.#migration.source, table);
    const read = from && this.#all.filter((each) => each.from.every(from.has));
    if (from === undefined || read === undefined || read.length === 0) return;
    for (const each of read) each.made.add(from.table);
    const { columns = [] } = this.#migration.source[table] ?? {};
    const make = rowImporter(this.#migration, table, today);
    let rows = 0;
    for await (const page of rowsRead(source, this.#migration.source, from, columns, keysPerPage)) {
      for (const row of page) this.#note(read, make(row));
      rows += page.length;
      if (rows >= rowsAtMost) break;
    }
  }

  #note(all: readonly Reference[], row: StagedValues): void {
    for (const { at, integer, values } of all) {
      const value = row[at];
      if (value === null || value === undefined || value === "") continue;
      const text = integer ? asNumber(String(value)) : String(value);
      const rows = values.get(text);
      if (rows !== undefined || values.size < valuesAtMost) values.set(text, (rows ?? 0) + 1);
    }
  }

  /** The references of which hardly any value is a key: that is the definition's doing, not its rows'. */
  async problems(source: Source, facts: readonly TableFacts[]): Promise<Problem[]> {
    const rowsOf = (table: string) => {
      const read = readFrom(this.#migration.source, table)?.table;
      return facts.find((each) => each.table === read)?.rows ?? 0;
    };
    const found: Problem[] = [];
    for (const reference of this.#all) {
      // Of more keys than are read nobody knows which are not there.
      const keys = reference.tables.reduce((sum, table) => sum + rowsOf(table), 0);
      if (sumOf(reference.values.values()) < rowsAtLeast || keys > mostOf(reference)) continue;
      const { named, alike, key } = await this.#lookFor(reference, source);
      const of = sumOf(reference.values.values());
      if (named < of * hardlyAny) found.push(said(reference, { named, alike, of, key }));
    }
    return found;
  }

  /** In how many rows a key is named, or is the same number; and one of the keys. Done as soon as there are enough. */
  async #lookFor(
    { tables, columnsOf, readerOf, integer, values }: Reference,
    source: Source,
  ): Promise<{ readonly named: number; readonly alike: number; readonly key?: string }> {
    const enough = sumOf(values.values()) * hardlyAny;
    const numbers = new Map<string, number>();
    for (const [value, rows] of values) {
      const number = asNumber(value);
      numbers.set(number, (numbers.get(number) ?? 0) + rows);
    }
    const named = new Set<string>();
    const alike = new Set<string>();
    let [rows, key]: [number, string | undefined] = [0, undefined];
    for (const table of tables) {
      const columns = columnsOf(table);
      const read = readerOf(table);
      const tables = this.#migration.source;
      const from = readFrom(tables, table) as ReadFrom;
      for await (const page of rowsRead(source, tables, from, columns, keysPerPage)) {
        for (const row of page) {
          const text = read(row);
          if (text === null) continue;
          key ??= text;
          const number = asNumber(text);
          const own = integer ? number : values.has(text) ? text : collapse(stripUseless(text));
          if (numbers.has(number)) alike.add(number);
          if (!values.has(own) || named.has(own)) continue;
          named.add(own);
          rows += values.get(own) ?? 0;
        }
        if (rows >= enough) break;
      }
    }
    const rowsAlike = sumOf([...alike].map((number) => numbers.get(number) ?? 0));
    return { named: rows, alike: rowsAlike, ...(key === undefined ? {} : { key }) };
  }
}

const mostOf = ({ by }: Referred): number => (by === undefined ? keysAtMost : rowsAtMost);

/** Where what a field is stands among the values that are staged of a row; 0 where it is none of them. */
function placeOf(migration: Migration, field: string): number {
  // The importer makes no value of columns that are texts of the source as they stand.
  const made = importedColumns(migration).filter(({ from }) => from === undefined);
  return 1 + made.findIndex(({ name }) => name === importedColumn(migration, field));
}

/** A whole number as it is compared; any other text as it stands. */
const asNumber = (text: string): string => String(asInteger(text) ?? text);

const sumOf = (all: Iterable<number>): number => [...all].reduce((sum, each) => sum + each, 0);

/** Whether columns of a table come from the source as they stand: what else is made of others is known once rows are staged. */
const isRead = ({ source }: Migration, table: string, columns: readonly string[]): boolean => {
  const from = readFrom(source, table);
  return from !== undefined && columns.every(from.has);
};

/** The columns that a field is made of. */
const columnsOfField = ({ entity }: Migration, name: string): readonly string[] => {
  const field = Object.hasOwn(entity.fields, name) ? entity.fields[name] : undefined;
  return field === undefined ? [] : ofField(field);
};

type Declared = Referred & Pick<Reference, "name"> & { readonly field: string };

/** Fields that name something of the source which the platform has already. */
const toThings = (migration: Migration): Declared[] =>
  Object.entries(migration.entity.fields).flatMap(([field, of]) => {
    const to = of.kind === "reference" ? migration.references[of.to] : undefined;
    if (of.kind !== "reference" || to === undefined) return [];
    const integer = referenceType(migration, of.to) === "bigint";
    const columnsOf = () => [to.id];
    return [
      {
        ...{ name: field, field, tables: [to.from], integer },
        ...{ columnsOf, needs: columnsOf, readerOf: () => keyText },
      },
    ];
  });

/** References to rows above, by their key and by each of their fields. */
const toAbove = (migration: Migration, today: string): Declared[] =>
  Object.entries(migration.entity.refs ?? {}).flatMap(([name, { to, by: all }]) => {
    const known =
      to === migration.part ? migration : migration.above?.find(({ part }) => part === to);
    if (known === undefined) return [];
    const { source } = migration;
    // As its tables are found, some of their columns may be left out.
    const parent = { ...known, source };
    const tables = parent.entity.from;
    const keysOf = (table: string) => keyColumns(source[table]?.key ?? []);
    return Object.entries(all).flatMap(([by, field]): Declared[] => {
      if (by === "legacy_id") {
        const integer = legacyIdType(parent) === "bigint";
        return [
          {
            ...{ name, field, tables, integer },
            ...{ columnsOf: keysOf, needs: keysOf, readerOf: () => keyText },
          },
        ];
      }
      const at = placeOf(parent, by);
      if (at === 0) return [];
      const columnsOf = (table: string) => source[table]?.columns ?? [];
      const readerOf = (table: string) => {
        const make = rowImporter(parent, table, today);
        return (row: LegacyRow) => {
          const value = make(row)[at];
          return value === null || value === undefined ? null : String(value);
        };
      };
      const needs = () => columnsOfField(parent, by);
      return [{ name, field, by, tables, columnsOf, needs, readerOf, integer: false }];
    });
  });

/** By shapes only: a key may say who somebody is, whatever the definition reads of it. */
function said(
  { name, by, tables, columnsOf, integer, values, made }: Reference,
  seen: {
    readonly named: number;
    readonly alike: number;
    readonly of: number;
    readonly key?: string;
  },
): Problem {
  const { named, alike, of, key } = seen;
  const [[value = ""] = []] = [...values].sort(([, one], [, other]) => other - one);
  const keys = key === undefined ? "there are none there" : `the keys there like “${shapeOf(key)}”`;
  const column = JSON.stringify(columnsOf(tables[0] ?? "")[0] ?? "");
  const mend =
    by === undefined
      ? `say integerKey(${column}) as that table’s key, if its column is of whole numbers`
      : "read both of them as integer(…)";
  return warning(
    "reference_unnamed",
    name,
    `“${name}” names a row of ${names(tables)}${by === undefined ? "" : ` by “${by}”`} in only ${named} of ${of} rows${made.size === 0 ? "" : ` of ${names([...made])}, of which its own are made`}: its values look like “${shapeOf(value)}”, ${keys}.`,
    !integer && alike >= of * hardlyAny
      ? `As whole numbers ${alike} of ${of} are the same: ${mend}.`
      : "Look which table it names, and by which column; or make the field of it as the keys are written.",
  );
}
