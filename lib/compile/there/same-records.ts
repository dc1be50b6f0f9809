import { identifier, literal, plainText } from "../../data/sql.ts";
import type { Migration, Same, SameAs } from "../../define/definition.ts";
import { isUntidy, keyAsRead } from "../as-read.ts";
import { valueColumn } from "../columns.ts";
import { standsIn } from "../references/above.ts";
import { type Targets, toldAbove } from "../target/ahead.ts";
import { unplainFor } from "../target/identity-types.ts";
import { readAs, takesText } from "../target/type-fit.ts";
import { type ColumnTypes, typeOf, valueAt, writtenAs } from "./value.ts";

/** One column of a way to tell that a row is there. */
interface Compared {
  /** What the staged row `s` says. */
  readonly ours: string;
  /** What has to hold of the staged row before that can be told, as of what a row above is. */
  readonly known: readonly string[];
  /** Whether the column of the record `p` is it, read as it stands or as the import reads a text. */
  is(ours: string, tidied: boolean): string;
}

function comparedBy(
  migration: Migration,
  same: Same,
  types: ColumnTypes,
  targets: Targets,
): readonly Compared[] {
  return same.map(([column, as], at) => {
    const { type, base, collation, longest } = typeOf(types, column);
    const own = `p.${identifier(column)}`;
    // Where what a row above has is of another collation, PostgreSQL would not know by which of the two.
    const sorted = takesText.test(base) ? ` collate ${collation}` : "";
    const theirs = (tidied: boolean) =>
      tidied && takesText.test(base)
        ? `(${keyAsRead(`p.${plainText(column)}`)})${base === "citext" ? `::${base}` : sorted}`
        : own;
    const above = "of" in as ? toldAbove(migration, targets, as, column, at) : undefined;
    const known = above?.known ?? [];
    const orNeither = (equal: string, ours: string) =>
      at === 0 ? equal : `(${equal} or (${own} is null and ${ours} is null))`;
    if (as.lower) {
      const ours = `lower((${above?.is ?? valueAt(migration, as)})::text${"of" in as ? sorted : ""})`;
      const is = (ours: string, tidied: boolean) =>
        orNeither(`lower(${theirs(tidied)}::text) = ${ours}`, ours);
      return { ours, known, is };
    }
    const plain = above?.is ?? plainly(migration, as, types, column);
    // What the column cannot hold is not nothing; one of texts holds any.
    const held =
      "staged" in as && at > 0 && !(takesText.test(type) && longest === undefined)
        ? [`((${writtenAs(migration, as, types, column)}) is null or (${plain}) is not null)`]
        : [];
    const ours = "of" in as && sorted !== "" ? `(${plain})${sorted}` : plain;
    const is = (ours: string, tidied: boolean) =>
      orNeither(
        as.within === undefined
          ? `${theirs(tidied)} = ${ours}`
          : near(theirs(tidied), ours, as, type),
        ours,
      );
    return { ours, known: [...known, ...held], is };
  });
}

/** Staged rows that are looked up on the platform, and what is answered of those that are there. */
interface Asked {
  /** The rows `s` and what is joined to them. */
  readonly from: string;
  readonly where: string;
  /** Columns that are answered, of the row's id and the record `p`. */
  readonly answer: (id: string) => string;
  /** A further condition of the record `p`. */
  readonly unless?: string;
  /** The key beyond which texts that are not tidy are looked for; all of them where it is not said. */
  readonly beyond?: string | undefined;
}

/**
 * The records `p` that staged rows `s` say they are, in one way: as they stand, which an index finds; and those of which a
 * text has blanks around it, or what is not seen, as the import would read it. Those are few. What rows say is told once
 * for both, as of many columns it is long.
 *
 * @param targets where rows above may still be to be written: what they will be, beside {@link aheadJoins}
 */
export function sameRecords(
  migration: Migration,
  same: Same,
  types: ColumnTypes,
  { from, where, answer, unless, beyond }: Asked,
  targets: Targets = new Map(),
): string {
  const table = identifier(standsIn(migration).into);
  const compared = comparedBy(migration, same, types, targets);
  const also = unless === undefined ? "" : ` and ${unless}`;
  const texts = same.flatMap(([column]) =>
    takesText.test(typeOf(types, column).base) ? [isUntidy(`t.${plainText(column)}`)] : [],
  );
  if (texts.length === 0) {
    const is = compared.flatMap(({ ours, known, is }) => [is(ours, false), ...known]).join(" and ");
    return `
    select ${answer("s.id")}
      from ${from}
      join ${table} p on ${is}
     where ${where}${also}`;
  }
  const known = compared.flatMap((each) => each.known.map((one) => ` and ${one}`)).join("");
  const found = (records: string, tidied: boolean) => `
      select ${answer("w.id")} from wanted w
        join ${records} p on ${compared.map(({ is }, at) => is(`w.w${at}`, tidied)).join(" and ")}
       where true${also}`;
  const untidy = `(select * from ${table} t where ${beyond === undefined ? "" : `${beyond} and `}(${texts.join(" or ")}) offset 0)`;
  return `
    select * from (
      with wanted as materialized (
        select s.id, ${compared.map(({ ours }, at) => `${ours} as w${at}`).join(", ")}
          from ${from}
         where ${where}${known})${found(table, false)}
      union all${found(untidy, true)}) told`;
}

/** Whether the record `p` is what the staged row `s` says, in one way, with blanks around its texts or without. */
export const isSameRecord = (migration: Migration, same: Same, types: ColumnTypes): string =>
  comparedBy(migration, same, types, new Map())
    .flatMap(({ ours, known, is }) => [
      `(${[...new Set([is(ours, false), is(ours, true)])].join(" or ")})`,
      ...known,
    ])
    .join(" and ");

/** What a row says as a column of the platform reads it; null where it is another text than the number it reads as. */
function plainly(migration: Migration, as: SameAs, types: ColumnTypes, column: string): string {
  const is = writtenAs(migration, as, types, column);
  const read = readAs(is, typeOf(types, column).type);
  const unplain = as.within === undefined ? unplainThere(migration, as, types, column) : undefined;
  return unplain === undefined ? read : `case when not ${unplain} then ${read} end`;
}

/** When a row does not say which row it is by a column of numbers, as its text is none that a number has. */
export const unplainThere = (
  migration: Migration,
  as: SameAs,
  types: ColumnTypes,
  column: string,
): string | undefined =>
  "staged" in as && as.lower === undefined && as.within === undefined
    ? unplainFor(
        migration,
        as,
        valueColumn(migration, as.staged),
        typeOf(types, column).base,
        writtenAs(migration, as, types, column),
      )
    : undefined;

/** Whether a time, or a number, lies near another. */
function near(theirs: string, ours: string, { within = "0" }: SameAs, type: string): string {
  const distance = /^(timestamp|date|time)/.test(type)
    ? `${literal(within)}::interval`
    : `${literal(within)}::numeric`;
  return `${theirs} between ${ours} - ${distance} and ${ours} + ${distance}`;
}
