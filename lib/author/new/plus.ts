import { type CountryCode, getExampleNumber } from "libphonenumber-js/core";
import metadata from "libphonenumber-js/max/metadata";
import examples from "libphonenumber-js/mobile/examples";
import { refusedBy } from "../check/constraints.ts";
import { type Ask, type TargetColumn, type TargetTable, unfit } from "../target.ts";

/** A number of each country, with the plus. */
const numbers = Object.keys(examples).flatMap((country) => {
  const { number } = getExampleNumber(country as CountryCode, examples, metadata) ?? {};
  return number === undefined ? [] : [number];
});

/** The same tables, with those columns told that take a phone with its plus alone, by a domain or a check. */
export async function withPlus(ask: Ask, tables: readonly TargetTable[]): Promise<TargetTable[]> {
  const found: TargetTable[] = [];
  for (const table of tables) {
    const columns: TargetColumn[] = [];
    for (const column of table.columns)
      columns.push((await wantsPlus(ask, column)) ? { ...column, plus: true } : column);
    found.push({ ...table, columns });
  }
  return found;
}

async function wantsPlus(ask: Ask, column: TargetColumn): Promise<boolean> {
  const { basic, checks, type } = column;
  const isText = /^(text|character varying|citext)$/u.test(basic);
  const bare = type.replace(/\(\d+\)$/u, "");
  if (!isText || (bare === basic && checks.length === 0)) return false;
  const both = [...numbers, ...numbers.map((number) => number.slice(1))];
  const refused = new Set([
    ...(await unfit(ask, column, both)),
    ...(await refusedBy(ask, column, both)).map(({ text }) => text),
  ]);
  const taken = numbers.filter((number) => !refused.has(number));
  return taken.length > 0 && taken.every((number) => refused.has(number.slice(1)));
}
