import type { Condition } from "./condition.ts";
import type { SourceTable } from "./definition.ts";
import { keyColumns } from "./keys.ts";
import type { Elements, Made, Numbered, OfGroup, Partner } from "./made-of.ts";

export type { Elements, Made, Numbered, OfGroup, Partner } from "./made-of.ts";

/** The table that gives rows their number. */
export const madeFrom = (made: Made): string =>
  "each" in made ? made.each : "joined" in made ? made.joined : made.grouped;

/** Every table that rows are made of. */
export const madeOf = (made: Made): readonly string[] => [
  madeFrom(made),
  ...("joined" in made ? Object.values(made.with).map(({ table }) => table) : []),
];

/** The columns of a table of whose JSON rows are made. */
export function insideOf(made: Made, table: string): readonly string[] {
  const partners = "joined" in made ? Object.entries(made.with) : [];
  const opened = Object.keys(made.opened ?? {}).flatMap((column) => {
    const of = partners.find(([name]) => column.startsWith(`${name}.`));
    if (of !== undefined) return of[1].table === table ? [column.slice(of[0].length + 1)] : [];
    return madeFrom(made) === table ? [column] : [];
  });
  return "each" in made && made.each === table ? [...opened, made.list] : opened;
}

/** Columns that no table has: an element, where in its list it stands, and what is known of a group. */
export const itemOf = ({ as = "item" }: Elements): string => as;
export const placeOfItem = (made: Elements): string => `${itemOf(made)}.place`;
export const groupRows = "group.rows";
export const groupDiffers = "group.differs";
export const groupValue = <const Name extends string>(name: Name) => `group.${name}` as const;
export const rowPlace = "row.place";

/** A table of which types know what it is made of, and the columns that it has beside theirs. */
interface MadeTable<How extends Made, Own extends string = never> extends SourceTable {
  readonly columns: readonly Own[];
  readonly made: How;
}

/**
 * One row for each element of a list in a column of a table, JSON or PostgreSQL's array, with the columns of its row. The
 * element is `item`, as a text, and each of the fields that are named `item.FIELD`; `item.place` says where it stands, from
 * 1. Its key is that of the row and its place, or with `each("rows", "words", { by: ";", key: "item" })`, of a text that
 * is parted by semicolons, of the row and the element. What should be a list and is none is one row without a key, and is
 * held. A list within an element is of rows made of rows, `each("shelves", "item.parts", "size", { as: "part" })`, and says
 * what its own elements are called: `part.size` and `part.place` beside `item.place`, all of them its key.
 */
export const each = <
  const Table extends string,
  const List extends string,
  const Names extends readonly (string | Elements)[],
>(
  table: Table,
  list: List,
  ...given: Names
): MadeTable<
  { readonly each: Table; readonly list: List } & Elements,
  ItemOf<Names> | `${ItemOf<Names>}.${"place" | Extract<Names[number], string>}`
> => {
  type Name = Extract<Names[number], string>;
  const fields = given.filter((each): each is Name => typeof each === "string");
  const elements = given.filter(
    (each): each is Exclude<Names[number], string> => typeof each !== "string",
  );
  const made = Object.assign({ each: table, list }, ...elements);
  const item = itemOf(made) as ItemOf<Names>;
  return {
    key: [],
    columns: [`${item}.place`, item, ...fields.map((field) => `${item}.${field}` as const)],
    made,
  };
};

/** What elements are called, by the names that are given to them. */
type ItemOf<Names extends readonly (string | Elements)[]> = [
  Extract<Names[number], Elements>,
] extends [never]
  ? "item"
  : Extract<Names[number], Elements> extends { readonly as: infer As extends string }
    ? As
    : "item";

/** Of a partner of which a row may have several: what tells them apart, and the row's key on the first of them. */
export const pairOf = (partner: string): string => `${partner}.pair`;
export const firstPair = (partner: string): string => `${partner}.first`;

/**
 * The rows of a table, each with the one row of another that it names: `joined("task", { base: { table: "base",
 * on: { id: "base_id" } } })` has the columns of `task`, and of `base` as `base.COLUMN`. A row that has no partner, or
 * several, is one all the same, and is held; with `each: true` it is one row for each partner that it has.
 */
export const joined = <
  const Table extends string,
  const Partners extends Readonly<Record<string, Partner>>,
>(
  table: Table,
  partners: Partners,
): MadeTable<{ readonly joined: Table; readonly with: Partners }> => ({
  key: [],
  columns: [],
  made: { joined: table, with: partners },
});

/**
 * One row for all rows of a table that have the same in some columns, which are its key: `grouped("members", { by:
 * ["bundle"], order: ["joined"] })`. It has what the first row by that order has, `group.rows`, how many there are,
 * and `group.differs`, the columns in which they do not agree. The order is that of texts; the key decides last.
 */
export const grouped = <const Table extends string, const Groups extends GroupedBy>(
  table: Table,
  { by, order = [], ...of }: Groups,
): MadeTable<
  { readonly grouped: Table; readonly by: Groups["by"]; readonly order: OrderOf<Groups> } & Pick<
    Groups,
    "values" & keyof Groups
  >
> => ({
  key: [],
  columns: [],
  made: {
    grouped: table,
    by,
    order: order as OrderOf<Groups>,
    ...(of as Pick<Groups, "values" & keyof Groups>),
  },
});

interface GroupedBy {
  readonly by: readonly string[];
  readonly order?: readonly string[];
  readonly where?: Condition;
  readonly values?: Readonly<Record<string, OfGroup>>;
}
type OrderOf<Groups> = Groups extends { readonly order: infer Order extends readonly string[] }
  ? Order
  : readonly [];

/** What a group has of a field of its rows, as `group.NAME`. */
export const earliest = (field: string): OfGroup => ({ earliest: field });
export const latest = (field: string): OfGroup => ({ latest: field });
export const highest = (field: string, order: readonly string[]): OfGroup => ({
  highest: field,
  order,
});
export const firstBy = (time: string, field: string): OfGroup => ({ first: field, by: time });
/** `total("amount")`: what a number comes to in all rows. */
export const total = (field: string): OfGroup => ({ total: field });
/**
 * `textBy("line", "says")`: what stands in a field of all rows, in the order of a number or a time, with a space or
 * `{ with: "\n" }` between, as of a remark that was kept in lines.
 */
export const textBy = (order: string, field: string, { with: between = " " } = {}): OfGroup => ({
  text: field,
  by: order,
  with: between,
});
/** `listBy("joined", { branch: "branch_id" })`: a JSON list of objects. */
export const listBy = (time: string, of: Readonly<Record<string, string>>): OfGroup => ({
  list: Object.entries(of).sort(([one], [other]) => (one < other ? -1 : 1)),
  by: time,
});

/**
 * A made table with fields of the JSON object that stands in a column, `column.FIELD`, in place of the column. What
 * should be an object and is none is held (`object_unreadable`); `joined("answers", {})` are the rows of a table as
 * they are.
 */
export const opened = <
  Table extends SourceTable,
  const Column extends string,
  const Names extends readonly string[],
>(
  table: Table,
  column: Column,
  ...fields: Names
) =>
  beside<Table, { readonly opened: { readonly [C in Column]: Names } }>(table, (made) => ({
    ...made,
    opened: { ...made.opened, [column]: fields },
  }));

/**
 * A made table with `row.place`, the place of each row, from 1, among those that have the same in some columns:
 * `numbered(joined("sections", {}), { within: ["unit"], by: ["order", "made"] })`. The key decides last, so that the
 * same rows have the same places whenever they are read. With `keep` the numbers of a column are kept, and rows without
 * one stand at those that are free.
 */
export const numbered = <Table extends SourceTable, const By extends Numbered>(
  table: Table,
  by: By,
) => beside<Table, { readonly numbered: By }>(table, (made) => ({ ...made, numbered: by }));

function beside<Table extends SourceTable, What>(
  table: Table,
  with_: (made: Made) => Made,
): Table & { readonly made: What } {
  if (table.made !== undefined)
    return { ...table, made: with_(table.made) } as Table & { readonly made: What };
  throw new Error(
    "Only rows that are made are opened or numbered: begin with each, joined or grouped.",
  );
}

type Tables = Readonly<Record<string, SourceTable>>;

/** Tables with the keys and columns of those that are made; what is made of nothing known has none. */
export function completeTables(tables: Tables): Record<string, SourceTable> {
  const done = new Map<string, SourceTable>();
  const complete = (name: string, above: readonly string[]): SourceTable | undefined => {
    const table = Object.hasOwn(tables, name) ? tables[name] : undefined;
    if (table?.made === undefined || above.includes(name)) return table;
    const known = done.get(name);
    if (known !== undefined) return known;
    const of = (other: string) => complete(other, [...above, name]);
    const whole = { ...table, ...shapeOf(table, table.made, of) };
    done.set(name, whole);
    return whole;
  };
  return Object.fromEntries(
    Object.entries(tables).map(([name, table]) => [name, complete(name, []) ?? table]),
  );
}

function shapeOf(
  table: SourceTable,
  made: Made,
  of: (table: string) => SourceTable | undefined,
): Pick<SourceTable, "key" | "columns"> {
  const { key, columns } = ownShape(table, made, of);
  const inside = made.opened ?? {};
  return {
    key,
    columns: [
      ...new Set([
        ...columns.filter((column) => !Object.hasOwn(inside, column)),
        ...Object.entries(inside)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .flatMap(([column, fields]) => fields.map((field) => `${column}.${field}`)),
        ...(made.numbered === undefined ? [] : [rowPlace]),
      ]),
    ],
  };
}

function ownShape(
  { columns }: SourceTable,
  made: Made,
  of: (table: string) => SourceTable | undefined,
): Pick<SourceTable, "key" | "columns"> {
  const from = of(madeFrom(made));
  const own = from?.columns ?? [];
  const key = from === undefined ? [] : keyColumns(from.key);
  if ("each" in made) {
    const beside = own.filter((column) => column !== made.list);
    const known = made.key === undefined ? placeOfItem(made) : itemOf(made);
    return { key: [...key, known], columns: [...new Set([...beside, ...columns])] };
  }
  if ("joined" in made) {
    const others = Object.entries(made.with).flatMap(([name, { table }]) =>
      (of(table)?.columns ?? []).map((column) => `${name}.${column}`),
    );
    const each = Object.entries(made.with).flatMap(([name, partner]) =>
      partner.each ? [name] : [],
    );
    return {
      key: [...key, ...each.map(pairOf)],
      columns: [...own, ...others, ...each.flatMap((name) => [pairOf(name), firstPair(name)])],
    };
  }
  const others = own.filter((column) => !made.by.includes(column));
  const values = Object.keys(made.values ?? {}).map(groupValue);
  return {
    key: [...made.by],
    columns: [...made.by, ...others, groupRows, groupDiffers, ...values],
  };
}

/** The tables that are read, and not made. */
export const readTables = (tables: Tables): Tables =>
  Object.fromEntries(Object.entries(tables).filter(([, { made }]) => made === undefined));

/** The tables that are made, each behind those that it is made of. */
export function madeInOrder(tables: Tables): readonly string[] {
  const order: string[] = [];
  const visit = (name: string, above: readonly string[]) => {
    const made = tables[name]?.made;
    if (made === undefined || order.includes(name) || above.includes(name)) return;
    for (const other of madeOf(made)) visit(other, [...above, name]);
    order.push(name);
  };
  for (const name of Object.keys(tables).sort()) visit(name, []);
  return order;
}
