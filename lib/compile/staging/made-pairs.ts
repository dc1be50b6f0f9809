import { identifier, raw, type Sql, sql } from "../../data/sql.ts";
import { isIntegerKey } from "../../define/keys.ts";
import { firstPair, madeFrom, type Partner, pairOf } from "../../define/made.ts";
import type { WholeMigration } from "../../define/several.ts";
import { smallLetters } from "../as-read.ts";

/** Rows that are made of staged ones. */
export interface MadeRows {
  readonly from: Sql;
  /** A column's expression. */
  readonly expressionOf: (column: string) => string;
  /** What is noted on a row, or null. */
  readonly noted: string;
}

export type Staged = (table: string) => Sql;

/** Whether a column has the values of a key of whole numbers, as it stands in the table that has it or in one made of that. */
export function isInteger(
  migration: Pick<WholeMigration, "source">,
  table: string,
  column: string,
): boolean {
  const known = migration.source[table];
  if (known === undefined) return false;
  const { key, made } = known;
  if (made === undefined) return isIntegerKey(key) && key === column;
  const partners = "joined" in made ? Object.entries(made.with) : [];
  const of = partners.find(([name]) => column.startsWith(`${name}.`));
  return of === undefined
    ? isInteger(migration, madeFrom(made), column)
    : isInteger(migration, of[1].table, column.slice(of[0].length + 1));
}

/** A whole number as it is compared, `7` of `0007`; any other text as it stands. */
const asNumber = (text: string): string =>
  `(case when ${text} ~ '^\\s*[+-]?[0-9]{1,38}\\s*$' then (${text})::numeric::text else ${text} end)`;

/** A text as it is compared where case is ignored: an empty one is none. */
const folded = (text: string): string =>
  `nullif(${smallLetters(`normalize(btrim(regexp_replace(${text}, '\\s+', ' ', 'g')), NFC)`)}, '')`;

/** Partners, each behind those by whose columns it is found. */
function inOrder(
  partners: Readonly<Record<string, Partner>>,
): readonly (readonly [name: string, partner: Partner])[] {
  const order: (readonly [string, Partner])[] = [];
  const visit = (name: string) => {
    const partner = partners[name];
    if (partner === undefined || order.some(([known]) => known === name)) return;
    for (const column of Object.values(partner.on)) {
      const other = Object.keys(partners).find((each) => column.startsWith(`${each}.`));
      if (other !== undefined && other !== name) visit(other);
    }
    order.push([name, partner]);
  };
  for (const name of Object.keys(partners).sort()) visit(name);
  return order;
}

/**
 * Rows beside the one row of others that they name, found by what they hold in common.
 *
 * @param asNumbers whether a column of a table and one of the made table are compared as whole numbers
 */
export function pairs(
  partners: Readonly<Record<string, Partner>>,
  own: MadeRows["expressionOf"],
  at: (alias: string, table: string) => MadeRows["expressionOf"],
  staged: Staged,
  base: string,
  keyOf: (table: string) => readonly string[],
  asNumbers: (table: string, column: string, other: string) => boolean,
): MadeRows {
  const all = inOrder(partners).map(([name, partner]) => ({
    name,
    partner,
    rows: identifier(`of_${name}`),
    found: identifier(`found_${name}`),
  }));
  const whole = (column: string): string => {
    const of = all.find(({ name }) => column.startsWith(`${name}.`));
    if (of === undefined) return own(column);
    // A key is never without it.
    if (of.partner.each && column === pairOf(of.name)) return `coalesce(${of.rows}.pair, '-')`;
    if (of.partner.each && column === firstPair(of.name))
      return `(case when coalesce(${of.rows}.place, 1) = 1 then ${keyText(keyOf(base).map(own))} end)`;
    return at(`${of.rows}."own cells"`, of.partner.table)(column.slice(of.name.length + 1));
  };
  const joins = all.map(({ partner: { table, on, each: several, case: letters }, rows, found }) => {
    const theirs = at('p."own cells"', table);
    const pairs = Object.entries(on);
    // A key of whole numbers is found by its number, as by references: `7` and `0007` of a column that is filled up.
    const compared = ([column, other]: readonly [string, string], text: string) =>
      asNumbers(table, column, other)
        ? asNumber(text)
        : letters === "ignored"
          ? folded(text)
          : text;
    if (several) {
      const key = keyText(keyOf(table).map(theirs));
      const found = pairs.map((pair) => compared(pair, theirs(pair[0])));
      const same = pairs
        .map((pair, n) => `${rows}.k${n} = ${compared(pair, own(pair[1]))}`)
        .join(" and ");
      return sql`
            left join (select p.id, p."own cells", ${raw(found.map((each, n) => `${each} as k${n}`).join(", "))}, ${raw(key)} as pair,
                              row_number() over (partition by ${raw(found.join(", "))} order by char_length(${raw(key)}), (${raw(key)}) collate "C", p.id) as place
                         from ${staged(table)} p) ${raw(rows)} on ${raw(same)}`;
    }
    const keys = pairs.map((pair, n) => `${compared(pair, theirs(pair[0]))} as k${n}`).join(", ");
    const same = pairs
      .map((pair, n) => `${found}.k${n} = ${compared(pair, whole(pair[1]))}`)
      .join(" and ");
    const each = pairs.map((_, n) => `k.k${n}`).join(", ");
    return sql`
            left join (select ${raw(each)}, count(*) as rows, min(k.id) as row
                         from (select ${raw(keys)}, p.id from ${staged(table)} p) k group by ${raw(each)}) ${raw(found)}
              on ${raw(same)}
            left join ${staged(table)} ${raw(rows)} on ${raw(found)}.rows = 1 and ${raw(rows)}.id = ${raw(found)}.row`;
  });
  const wrong = all.flatMap(({ partner: { optional, each: several }, rows, found }) => [
    ...(several ? [] : [`when ${found}.rows > 1 then 'partner_several'`]),
    ...(optional
      ? []
      : [`when ${several ? `${rows}.id` : `${found}.rows`} is null then 'partner_absent'`]),
  ]);
  return {
    from: joins.reduce((from, join) => sql`${from}${join}`, sql`${staged(base)} b`),
    expressionOf: whole,
    noted: wrong.length === 0 ? "null::text" : `case ${wrong.join(" ")} end`,
  };
}

/** A key as one text: of one column as it stands, of several a JSON list. */
const keyText = (columns: readonly string[]): string =>
  columns.length === 1 ? `${columns[0]}` : `to_jsonb(array[${columns.join(", ")}]::text[])::text`;
