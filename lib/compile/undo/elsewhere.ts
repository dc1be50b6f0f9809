import { identifier, literal, literals } from "../../data/sql.ts";
import type { PinnedTarget } from "../pin/pin.ts";
import { keyNamed } from "../target-key.ts";
import { drawnKey, imageNow, type Reshaping } from "../wave/written-rows.ts";

/**
 * Whether the row of the entry `e` that is not there under its key is there under another one, as a key that follows another
 * table's does when that is changed: something that no entry names holds all that was written but for the key, and of
 * a key of several columns all but one of them. Of a row that has nothing but its key, what would be it was written after
 * the wave: who looks cannot tell a changed one from one that was replaced. A key that the platform draws nobody changes but
 * who joins platforms, or numbers rows anew: such a row was written after the wave, and holds something beside its key.
 * Undefined where that cannot be told; what lost its image is never found so.
 *
 * The table is read once for all entries, whatever the planner expects of either: its rows are looked up among what the
 * few entries hold, by the rest of the key before their whole content is, and not the other way round.
 *
 * @param from the entries that are looked for, of which `e` is one
 */
export function isElsewhere(
  target: PinnedTarget,
  reshaped: readonly Reshaping[],
  from: string,
): string | undefined {
  const { table, id, key, made = [], ordinary = false } = target;
  const drawn = drawnKey(target).length > 0 && key?.follows !== true;
  if (drawn && !ordinary) return undefined;
  const reshaping = reshaped.find((each) => each.table === table);
  const image = (entry: string) => imageNow(`(${entry}.after_image - '')`, reshaping, made);
  const names = key?.columns.map(({ now }) => now) ?? [id];
  const without = (row: string, but: readonly string[]) =>
    `(${row} - array[${literals(but)}]::text[])`;
  const content = (row: string, but: readonly string[]) =>
    `jsonb_hash_extended(${without(row, but)}, 0)`;
  const named = isEntryOf(target);
  const changed = names.length === 1 ? [names] : names.map((name) => [name]);
  // Never joined with the entries: of those the planner expects one, and would read the table for each.
  const isOne = (what: string, of: string) => `
                   and ((${what}) in (select ${of} from ${from} a where a.target_table = ${literal(table)})) is true`;
  const same = (but: string) =>
    changed
      .map((some) => {
        const rest = names.filter((name) => !some.includes(name)).map(identifier);
        const ofEntry = key && keyNamed(key, "a", identifier(table));
        const there = content("wavegate.row_image(m.*)", [
          ...some,
          ...made,
          ...(reshaping?.added ?? []),
        ]);
        return `${content(image("e"), some)} = any (array(
                select ${there} from ${identifier(table)} m
                 where not exists (select from wavegate.legacy_import_commit_logs o
                                    where o.action = 'commit' and o.target_table = ${literal(table)} and o.rolled_back_at is null
                                      and ${named})${
                                        rest.length === 0
                                          ? ""
                                          : isOne(
                                              rest.map((name) => `m.${name}`).join(", "),
                                              rest.map((name) => `(${ofEntry}).${name}`).join(", "),
                                            )
                                      }${isOne(there, content(image("a"), some))}${but}))`;
      })
      .join(" or ");
  const since = ordinary ? writtenSince(from) : "";
  const bare = `jsonb_strip_nulls(${without(image("e"), names)}) = '{}'`;
  if (drawn) return `coalesce(not (${bare}) and (${same(since)}), false)`;
  return `coalesce(case when ${bare} then ${same(since)} else ${same("")} end, false)`;
}

/**
 * The same of the entry `e` of a row that was brought up to date, of which the ledger knows the written columns alone: something
 * that no entry of the run ever named, and that was written since where that can be told, holds in one of them what was
 * written and is to be taken back. Undefined where the platform draws the key, which nobody changes.
 *
 * @param held what is to be taken back of an entry, as rows of (key, value); `of`, the same columns of the row `m`
 */
export function isUpdatedElsewhere(
  target: PinnedTarget,
  from: string,
  held: (entry: string) => string,
  of: string,
): string | undefined {
  const { table, ordinary = false } = target;
  if (drawnKey(target).length > 0) return undefined;
  const pair = (of: string) => `jsonb_hash_extended(jsonb_build_array(${of}.key, ${of}.value), 0)`;
  // Narrowed to what entries hold: else every value of the table would be kept, and looked through for each.
  return `exists (select from ${held("e")} i where ${pair("i")} = any (array(
             select distinct ${pair("w")} from ${identifier(table)} m cross join lateral jsonb_each(${of}) w
              where ${pair("w")} in (select ${pair("h")} from ${from} a cross join lateral ${held("a")} h
                                      where a.action = 'update' and a.target_table = ${literal(table)})
                and not exists (select from wavegate.legacy_import_commit_logs o
                                 where o.action in ('commit', 'update') and o.target_table = ${literal(table)}
                                   and (o.rolled_back_at is null or o.run_id in (select run_id from ${from})) and ${isEntryOf(target)})${ordinary ? writtenSince(from) : ""})))`;
}

/** Whether an entry `o` has the key of the row `m`. */
function isEntryOf({ id, key }: PinnedTarget): string {
  const own = key?.columns.map(({ written, now }) => `${literal(written)}, m.${identifier(now)}`);
  return own === undefined
    ? `o.target_id = m.${identifier(id)}`
    : `o.target_key = jsonb_build_object(${own.join(", ")})`;
}

/** That the row `m` was written since the wave was, as an entry that the wave's transaction wrote tells: all of these are. */
const writtenSince = (from: string): string => `
                   and coalesce(age(m.xmin) < (select min(age(a.entry_xmin)) from ${from} a where a.by_wave), true)`;
