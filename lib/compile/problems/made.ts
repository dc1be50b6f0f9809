import type { SourceTable } from "../../define/definition.ts";
import { itemOf, type Made, madeFrom, madeInOrder, madeOf, rowPlace } from "../../define/made.ts";
import { partsNothing } from "../../define/marks.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { undecided } from "../../define/unknown-dates.ts";
import { conditionProblems, importedScope } from "./names.ts";

/** What is wrong with tables whose rows are made of others. */
export function madeProblems(migration: WholeMigration): string[] {
  const { source } = migration;
  const staged = new Set(partsOf(migration).flatMap(({ entity }) => entity.from));
  const inOrder = madeInOrder(source);
  return Object.entries(source).flatMap(([name, { made }]) => {
    if (made === undefined) return [];
    const says = (problem: string) => `“${name}” ${problem}`;
    const unknown = madeOf(made).filter((table) => !Object.hasOwn(source, table));
    if (unknown.length > 0)
      return unknown.map((table) =>
        says(`is made of “${table}”, which is no table of the source.`),
      );
    const behind = inOrder.slice(inOrder.indexOf(name));
    return [
      ...madeOf(made)
        .filter((table) => !staged.has(table))
        .map((table) =>
          says(
            `is made of rows of “${table}”, which no entity is read from: one that writes nothing will do, \`actions: {}\` and \`plan: [skip("part_of_others")]\`.`,
          ),
        ),
      ...madeOf(made)
        .filter((table) => behind.includes(table))
        .map((table) => says(`is made of “${table}”, which is made of it.`)),
      ...columnsNamed(made).flatMap(([table, columns]) =>
        columns
          .filter((column) => !(source[table] as SourceTable).columns.includes(column))
          .map((column) => says(`asks for “${column}”, which is no column of “${table}”.`)),
      ),
      ...besideProblems(source, name, made).map(says),
      ...calledTwice(source, made).map(says),
      ...("grouped" in made && made.by.length === 0 ? [says("is grouped by nothing.")] : []),
      ...("grouped" in made ? groupProblems(migration, made, says) : []),
      ...("joined" in made
        ? Object.entries(made.with)
            .filter(([as, { on }]) => Object.keys(on).length === 0 || as.includes("."))
            .map(([as]) => says(`finds “${as}” by nothing, or calls it by a name with a dot.`))
        : []),
    ];
  });
}

/** Names under which a made table has columns, and under which the rows that it is made of have some already. */
function calledTwice(source: WholeMigration["source"], made: Made): readonly string[] {
  const from = madeFrom(made);
  const columns = source[from]?.columns ?? [];
  const taken = (name: string, calls: string, remedy: string) =>
    columns.some((column) => column.startsWith(`${name}.`))
      ? [`${calls} “${name}”, and rows of “${from}” have columns that are called so: ${remedy}.`]
      : [];
  if ("joined" in made)
    return Object.keys(made.with).flatMap((name) =>
      taken(name, "calls a partner", "call it otherwise"),
    );
  if ("grouped" in made) return [];
  const name = itemOf(made);
  const calls = "calls its elements";
  if (name === "" || name.includes(".") || ["row", "group"].includes(name))
    return [`${calls} “${name}”, which is no word of their own, without a dot.`];
  const other = 'say another word, { as: "…" }';
  return columns.includes(name)
    ? [`${calls} “${name}”, and so is a column of “${from}” called: ${other}.`]
    : taken(name, calls, other);
}

/** What is wrong with what a group has of the fields of its rows. */
function groupProblems(
  migration: WholeMigration,
  { grouped, where, values = {} }: Extract<Made, { readonly grouped: string }>,
  says: (problem: string) => string,
): string[] {
  const part = partsOf(migration).find(({ entity }) => entity.from.includes(grouped));
  if (part === undefined) return [];
  const scope = importedScope(part);
  const times = Object.values(values).flatMap((value) =>
    "earliest" in value
      ? [value.earliest]
      : "latest" in value
        ? [value.latest]
        : "by" in value && !("text" in value)
          ? [value.by]
          : [],
  );
  const totals = Object.values(values).flatMap((value) => ("total" in value ? [value.total] : []));
  const orders = Object.values(values).flatMap((value) => ("text" in value ? [value.by] : []));
  const others = Object.values(values).flatMap((value) =>
    "highest" in value
      ? [value.highest]
      : "first" in value || "text" in value
        ? ["first" in value ? value.first : value.text]
        : "list" in value
          ? value.list.map(([, field]) => field)
          : [],
  );
  return [
    ...(where === undefined ? [] : conditionProblems(where, scope, part, "A group")),
    ...(where === undefined || undecided(where) === null
      ? []
      : [
          says(
            "counts rows by a date that some may not have, of which nobody is asked: say present(…) or missing(…) beside it.",
          ),
        ]),
    ...times
      .filter((name) => {
        const field = part.entity.fields[name];
        return field?.kind !== "timestamp" || field.zone === undefined;
      })
      .map((name) => says(`orders its rows by “${name}”, which is no timestamp with a zone.`)),
    ...totals
      .filter((name) => part.entity.fields[name]?.kind !== "number")
      .map((name) => says(`adds up “${name}”, which is no number.`)),
    ...orders
      .filter((name) => {
        const field = part.entity.fields[name];
        return !["number", "date", "timestamp"].includes(field?.kind ?? "");
      })
      .map((name) => says(`orders its rows by “${name}”, which is no number, date or timestamp.`)),
    ...others
      .filter((name) => !Object.hasOwn(part.entity.fields, name))
      .map((name) => says(`asks for “${name}”, which is no field of “${part.part}”.`)),
  ];
}

/** What is wrong with what is opened or numbered, or found by a partner that is not there. */
function besideProblems(
  source: WholeMigration["source"],
  name: string,
  made: Made,
): readonly string[] {
  const partners = "joined" in made ? Object.entries(made.with) : [];
  const has = (column: string): boolean => {
    const of = partners.find(([as]) => column.startsWith(`${as}.`));
    const [table, own] =
      of === undefined ? [madeFrom(made), column] : [of[1].table, column.slice(of[0].length + 1)];
    return source[table]?.columns.includes(own) ?? false;
  };
  const { within = [], by = [], keep } = made.numbered ?? {};
  const named = [
    ...Object.keys(made.opened ?? {}),
    ...partners.flatMap(([, { on }]) =>
      Object.values(on).filter((column) => partners.some(([as]) => column.startsWith(`${as}.`))),
    ),
  ].filter((column) => !has(column));
  const numbered = [...within, ...by, ...(keep === undefined ? [] : [keep])].filter(
    (column) => column === rowPlace || (!has(column) && !source[name]?.columns.includes(column)),
  );
  return [
    ...[...named, ...numbered].map((column) => `asks for “${column}”, which no table of it has.`),
    ...(made.numbered !== undefined && within.length === 0 ? ["is numbered within nothing."] : []),
    ...("grouped" in made && made.numbered !== undefined
      ? ["is numbered, and a group has no place among others."]
      : []),
    ...("each" in made && made.by !== undefined && partsNothing(made.by)
      ? ["is parted by nothing: letter by letter."]
      : []),
    ...("each" in made && made.opened !== undefined
      ? ["opens a column, where elements name their fields themselves."]
      : []),
  ];
}

/** The columns that a made table names, by the table that has to have them. */
function columnsNamed(
  made: Made,
): readonly (readonly [table: string, columns: readonly string[]])[] {
  const from = madeFrom(made);
  if ("each" in made) return [[from, [made.list]]];
  if ("grouped" in made) return [[from, [...made.by, ...made.order]]];
  const partners = Object.keys(made.with).map((name) => `${name}.`);
  return Object.values(made.with).flatMap(({ table, on }) => [
    [table, Object.keys(on)] as const,
    [
      from,
      Object.values(on).filter((column) => !partners.some((name) => column.startsWith(name))),
    ] as const,
  ]);
}
