import { stagedColumns } from "../../compile/columns.ts";
import { columnsBehind } from "../../compile/problems/fields.ts";
import { commit, defineMigration, insert, table } from "../../define/builders.ts";
import type { ListedTable } from "../../sources/tables.ts";
import { type Field, fieldName, type Guess, type Guessed, lettersAtMost, quote } from "../guess.ts";
import { guessField, regionsOf } from "../guess-field.ts";
import { names } from "../problem.ts";
import type { TargetColumn, TargetTable } from "../target.ts";
import { withAddress } from "./address.ts";
import { columnFor, first, full, last, nameParts, wholeName } from "./alike.ts";
import { withClocks, written } from "./as-written.ts";
import { assigned, isEmpty } from "./assigned.ts";
import { fromCountries } from "./countries.ts";
import { offered } from "./offered.ts";
import { goneFrom, withReferences } from "./references.ts";
import { statusWords } from "./status-words.ts";
import { withRange } from "./with-range.ts";

/** Guesses every column of a legacy table, and what tells its rows apart. */
export function guessed(table: ListedTable): Guessed {
  const keyed = keyOfTable(table);
  const valuesAt = (at: number) => table.sample.map((row) => row[at] ?? null);
  const held = (column: string) =>
    valuesAt(table.columns.indexOf(column)).flatMap((value) => value?.trim() || []);
  const guesses = fromCountries(
    fromOneRegion(
      table.columns.map((column, at) => guessField(column, valuesAt(at), table.types?.[at])),
      held,
    ),
    held,
  );
  return {
    ...table,
    keyed,
    guesses: named(
      guesses.filter(({ column }) => keyed.columns.length > 1 || !keyed.columns.includes(column)),
      table.objects === true,
    ),
  };
}

/** Numbers of which none says where it is from are from where others of the same table are. */
function fromOneRegion(
  guesses: readonly Guess[],
  held: (column: string) => readonly string[],
): Guess[] {
  const phones = guesses.filter(({ kind }) => kind === "phone").map(({ column }) => column);
  const regions = regionsOf(phones.map((column) => [column, held(column)]));
  return guesses.map((guess) => {
    const region = regions.get(guess.column);
    const code = `phone(${quote(guess.column)}, { region: ${quote(region ?? "")} })`;
    if (region === undefined || code === guess.code) return guess;
    return { ...guess, code, because: `other numbers of these rows are of ${region}` };
  });
}

/** A definition without fields: what it stages all the same are the engine's own columns. */
const bare = defineMigration({
  name: "bare",
  title: "Bare",
  connection: "bare",
  source: { rows: table("no") },
  entity: {
    from: ["rows"],
    fields: {},
    decide: {},
    actions: { row: insert("rows", { no: "legacy_id" }) },
    plan: [commit("row")],
  },
});
const ownColumns = [...stagedColumns(bare).map(([name]) => name), ...columnsBehind];

/** Names that say little without what they stand in. */
const saysLittle =
  /^(?:first|last|given|family|middle|name|id|no|code|key|type|kind|value|field)$/u;

/** What is called `address.city` is the `city`, where nothing else is. */
function withinName({ column, field }: Guess, all: readonly Guess[]): string {
  const bare = (of: string) => fieldName(of.slice(of.lastIndexOf(".") + 1));
  const own = bare(column);
  const alone = all.filter((each) => bare(each.column) === own).length === 1;
  return alone && !saysLittle.test(own) ? own : field;
}

/** Fields have names of their own, which two columns may give alike, and the engine's columns have theirs. */
function named(guesses: readonly Guess[], objects: boolean): Guess[] {
  const taken = new Set(ownColumns);
  const fields = guesses.map((guess) => (objects ? withinName(guess, guesses) : guess.field));
  return guesses.map((guess, at) => {
    const own = fields[at] ?? guess.field;
    let field = own;
    for (let n = 1; taken.has(field); n++) {
      const behind = n === 1 ? "_of_row" : `_of_row_${n}`;
      field = `${own.slice(0, lettersAtMost - behind.length)}${behind}`;
    }
    taken.add(field);
    return { ...guess, field };
  });
}

/** Rows of the sample that have no, or another row's, value are none that a key tells apart. */
function keyOfTable({ columns, key, sample, types }: ListedTable): Guessed["keyed"] {
  const valuesOf = (column: string) => sample.map((row) => row[columns.indexOf(column)] ?? null);
  const digits = (column: string) =>
    valuesOf(column).every((value) => value !== null && /^-?\d{1,18}$/u.test(value));
  const zeros = (column: string) => valuesOf(column).some((value) => /^0\d/u.test(value ?? ""));
  // A whole number that a database fills up with zeros is one: what names it elsewhere has none.
  const filledUp = (column: string) =>
    /^(tiny|small|medium|big)?int$/u.test(types?.[columns.indexOf(column)] ?? "");
  const whole = (column: string) => digits(column) && (!zeros(column) || filledUp(column));
  const [only] = key;
  if (key.length === 1 && only !== undefined) {
    return { columns: key, integer: whole(only), because: "the table’s primary key" };
  }
  if (key.length > 1) return { columns: key, integer: false, because: "the table’s primary key" };
  const unique = columns.filter((column) => {
    const values = valuesOf(column);
    return (
      values.every((value) => value !== null && value !== "") &&
      new Set(values).size === values.length
    );
  });
  const pair = columns.slice(0, 2);
  if (unique.length === 0 && toldApartBy(pair, valuesOf)) {
    const because =
      "no column tells the rows apart; together the first two did in the rows that were looked at";
    return { columns: pair, integer: false, because };
  }
  // Of who somebody is rows are staged by a digest alone: another one is better to look things up by.
  const said = unique.filter((column) => !saysWho(column, valuesOf(column)));
  const best =
    unique.find((column) => /(^|_)(id|no|nr|number|key|code|ref)$/u.test(fieldName(column))) ??
    said[0] ??
    unique[0] ??
    columns[0] ??
    "id";
  const { kind } = guessField(best, valuesOf(best));
  const because = unique.includes(best)
    ? `each of the rows that were looked at has another value${kind === "account" ? "; exports and logs show a key as it stands, and this is somebody's account: another one is better" : ""}`
    : "nothing tells the rows apart for certain: look";
  const integer = unique.includes(best) && whole(best);
  const offered =
    integer || !digits(best) || !zeros(best)
      ? ""
      : "; integerKey(…) where what names these rows elsewhere has no zeros before it";
  return { columns: [best], integer, because: `${because}${offered}` };
}

/** Whether two columns, of which none says who somebody is, always hold something, and never the same together. */
function toldApartBy(
  pair: readonly string[],
  valuesOf: (column: string) => readonly (string | null)[],
): boolean {
  const [one = [], other = []] = pair.map(valuesOf);
  const held = one.map((value, at) => [value, other[at]]);
  return (
    pair.length === 2 &&
    held.length > 1 &&
    held.every((values) => values.every((value) => value !== null && value !== "")) &&
    new Set(held.map((values) => JSON.stringify(values))).size === held.length &&
    !pair.some((column) => saysWho(column, valuesOf(column)))
  );
}

const ofPeople = new Set(["email", "phone", "birth_date"]);

/** Whether a column says who somebody is. */
const saysWho = (column: string, values: readonly (string | null)[]): boolean => {
  const { field, kind } = guessField(column, values);
  return (
    kind === "account" ||
    ofPeople.has(kind) ||
    [last, first, full].some((looks) => looks.test(field))
  );
};

/** How much of a person a table has. */
export const weight = ({ guesses, table }: Guessed): number =>
  guesses.filter(({ kind }) => ofPeople.has(kind)).length * 10 +
  nameParts(guesses).length * 5 +
  (/(member|person|people|customer|client|user|contact)/iu.test(table) ? 3 : 0) +
  guesses.length / 100;

/** The fields of a definition: a name is made of its parts, which are written by themselves where a platform has both. */
function fieldsOf(main: Guessed, into: TargetTable | undefined): Field[] {
  const { guesses } = main;
  const parts = nameParts(guesses);
  if (parts.length === 0) return [...guesses];
  const written = parts.map((part) => ({
    ...part,
    kind: "text",
    code: `text(${quote(part.column)})`,
    because: "a part of the name, of which the platform has both",
  }));
  const columns = new Set(written.map((part) => columnFor(part, into?.columns ?? [])));
  const both = parts.length > 1 && columns.size === parts.length && !columns.has(undefined);
  const others = guesses.flatMap((guess) => {
    const at = parts.indexOf(guess);
    return at < 0 ? [guess] : both ? (written[at] ?? []) : [];
  });
  const field = others.some((each) => each.field === "full_name") ? "person_name" : "full_name";
  const code = `name(${parts.map(({ column }) => quote(column)).join(", ")})`;
  const [only] = parts.length === 1 ? parts : [];
  const because = only ? wholeName(main, only) : "what they are called; the last name comes first";
  return [{ field, kind: "name", code, because }, ...others];
}

/** The platform table that has most of the fields, not counting those that only have an id. */
export function targetOf(main: Guessed, targets: readonly TargetTable[]): TargetTable | undefined {
  const scored = targets.map((table) => ({
    table,
    fits: withAddress(fieldsOf(main, table), table).filter((field) =>
      columnFor(field, table.columns),
    ).length,
    // Of those that fit alike: one that is called as the legacy table, or has a column that is called as its key.
    alike:
      (fieldName(table.name) === fieldName(main.table) ? 2 : 0) +
      (table.columns.some((column) => isKey(main, column)) ? 1 : 0),
  }));
  const best = scored.sort((one, other) => other.fits - one.fits || other.alike - one.alike)[0];
  return best && best.fits > 0 ? best.table : undefined;
}

/** What a definition of one legacy table into one platform table says. */
export interface Draft {
  readonly fields: readonly Field[];
  readonly values: readonly {
    readonly column: string;
    readonly code: string;
    readonly because: string;
  }[];
  readonly identity: string | undefined;
  readonly status: Field | undefined;
  /** What says that the legacy system took a row for deleted. */
  readonly gone: Field | undefined;
  readonly words: readonly string[];
  readonly match: readonly (readonly [word: string, column: string])[];
  readonly left: readonly string[];
}

/** What of a legacy table goes where in a platform table, and what of it nobody can guess. */
export function draftOf(
  name: string,
  main: Guessed,
  into: TargetTable | undefined,
  others: readonly Guessed[] = [],
): Draft {
  const fields = withReferences(
    withClocks(withRange(withAddress(fieldsOf(main, into), into), into)).map(written(main, into)),
    main,
    others,
    // Of several of a kind the first is the one that people are compared by.
  ).sort((one, other) => Number(isEmpty(main, one)) - Number(isEmpty(main, other)));
  const status = fields.find(({ kind }) => kind === "status");
  const from = main.guesses.find(({ kind }) => kind === "status")?.column;
  const words = statusWords(main, from, nameParts(main.guesses));
  const columns = into?.columns ?? [];
  const free = columns.filter((each) => !into?.key.includes(each.name));
  const goesInto = assigned(fields, free, (field) => isEmpty(main, field));
  const taken = new Set([...goesInto.values()].map(({ name }) => name));
  const values = fields.flatMap((field) => {
    const column = goesInto.get(field);
    if (!column) return [];
    const code = `staged(${quote(staged(field))})`;
    return [{ column: column.name, code, because: `called alike${offered(field, column, main)}` }];
  });
  const legacy =
    columns.find((column) =>
      /^(legacy|old|external|source)_?(id|no|ref|key)$/u.test(fieldName(column.name)),
    ) ?? columns.find((column) => isKey(main, column) && !into?.key.includes(column.name));
  const runId = columns.find(
    (column) => /import_run|run_id/u.test(column.name) && column.type === "uuid",
  );
  const more = [
    ...(legacy && !taken.has(legacy.name)
      ? [{ column: legacy.name, code: 'staged("legacy_id")', because: "keeps the legacy key" }]
      : []),
    ...(runId ? [{ column: runId.name, code: "run", because: "keeps the run" }] : []),
  ];
  for (const { column } of more) taken.add(column);
  // What refers to rows of the platform is rarely a text.
  const perhaps = columns
    .filter(
      (column) =>
        /_(id|no|ref|key)$/u.test(fieldName(column.name)) &&
        /^(text|character varying|citext)$/u.test(column.basic) &&
        !taken.has(column.name),
    )
    .map((column) => column.name);
  const empty = columns.filter(
    (column) =>
      column.notNull &&
      !column.filled &&
      !taken.has(column.name) &&
      !into?.key.includes(column.name),
  );
  const match = (["name", "phone", "email", "birth_date"] as const).flatMap((kind) => {
    const field = fields.find((each) => each.kind === kind);
    const value = field && values.find(({ code }) => code === `staged(${quote(staged(field))})`);
    const shown =
      kind === "name" && field ? columns.find(({ name }) => full.test(fieldName(name))) : undefined;
    const column = value?.column ?? shown?.name;
    return column ? [[kind === "birth_date" ? "birthDate" : kind, column] as const] : [];
  });
  return {
    fields,
    values: [...values, ...more],
    identity: legacy?.name,
    status,
    gone: goneFrom(fields),
    words,
    match: match.some(([word]) => word !== "name") ? match : [],
    left: [
      ...(into !== undefined && into.key.length > 1
        ? [
            `A row of ${into.name} is named by ${into.key.join(", ")}: say in \`id\` what each of them is.`,
          ]
        : []),
      ...(into === undefined
        ? [`No platform table looks like “${main.table}”: say in actions where its rows go.`]
        : []),
      ...empty.map(
        ({ name: column, type, triggers }) =>
          `${into?.name}.${column} (${type}) has to have a value, and ${triggers.length === 0 ? "nothing of the source is called like it" : `the trigger ${names(triggers)} may give it one: look`}.`,
      ),
      ...(legacy === undefined && into !== undefined
        ? [
            `${into.name} has no column for the legacy key, such as legacy_id${perhaps.length === 0 ? "" : `, unless that is ${names(perhaps)}`}: without one only the ledger knows what was moved by ${name}.`,
          ]
        : []),
    ],
  };
}

/** Whether a column of the platform is called as the legacy table's key, and takes it. */
function isKey({ keyed: { columns, integer } }: Guessed, { name, basic }: TargetColumn): boolean {
  const [only = "", ...more] = columns;
  const takes = integer
    ? /^(integer|bigint|numeric|text|character varying)$/u
    : /^(text|character varying)$/u;
  return more.length === 0 && fieldName(only) === fieldName(name) && takes.test(basic);
}

/** The staged column that is written: a phone's number, not its text. */
export const staged = ({ code, field, kind }: Field): string =>
  kind === "phone" && code.endsWith(", plus: true })")
    ? `${field}_plus`
    : kind === "phone" || kind === "email"
      ? `${field}_normalized`
      : field;
