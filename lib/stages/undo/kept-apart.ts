import { type Database, longestStatement } from "../../data/database.ts";
import { charactersAround, oneRecord } from "../../data/records.ts";
import { render, type Sql } from "../../data/sql.ts";

/** Characters that a statement has at most which is asked as one record. */
const longest = longestStatement - charactersAround;

/** Whether the Data API takes a statement that is asked as one record. */
export const fits = (statement: Sql): boolean => render(statement).sql.length <= longest;

/**
 * By what rows that stay keep others, as a statement looks at it: at each reference itself, or, where many tables refer to
 * one and it would be longer than the Data API takes, as the ids of entries that were found before it, piece by piece.
 *
 * @param all the references of which one of some `tables` is the target are looked at
 * @param statement with all of them
 * @param apart the entries that some of them keep, as `(logs)`
 */
export async function keptFor<Reference extends { readonly target: string }>(
  db: Database,
  all: readonly Reference[],
  tables: readonly string[],
  statement: (kept: readonly Reference[]) => Sql,
  apart: (some: readonly Reference[]) => Sql,
): Promise<readonly Reference[] | { readonly known: readonly number[] }> {
  if (all.length === 0 || fits(statement(all))) return all;
  const known = new Set<number>();
  const left = all.filter(({ target }) => tables.includes(target));
  while (left.length > 0) {
    let some = left.splice(0, 1);
    while (left.length > 0 && fits(apart([...some, left[0] as Reference])))
      some = [...some, ...left.splice(0, 1)];
    const { logs } = await oneRecord<{ logs: readonly number[] }>(db, apart(some));
    for (const log of logs) known.add(log);
  }
  return { known: [...known] };
}
