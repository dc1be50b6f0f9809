import { identifier, json, literal, raw, type Sql, sql } from "../../data/sql.ts";
import type { Referrer } from "../../define/definition.ts";
import type { Pin, PinnedTarget } from "../pin/pin.ts";
import type { PinnedReferrer } from "../references/above.ts";
import { stagingTable } from "../rows.ts";

/**
 * Columns that waves write with what a row above is (`of`), where no foreign key of the platform stands behind them: what a
 * row that stays refers to by them stays as well. A foreign key is looked at itself, of every row (`referrers.ts`); here
 * those rows alone count that the ledger says waves wrote, as a column may name rows of several tables.
 */
export interface KeptAbove {
  readonly target: string;
  /** The table that refers, as a target whose rows the ledger names. */
  readonly from: PinnedTarget;
  readonly pairs: readonly {
    /** The column that refers, as it is called now, and as it was when it was written. */
    readonly now: string;
    readonly written: string;
    /** What it names of the row above, as it was called when that was written. */
    readonly above: string;
    readonly aboveNow: string;
    /** Whether that is of its key. */
    readonly isKey: boolean;
    /** The type of both; null where they are of two, or of lists, and are compared as texts. */
    readonly type: string | null;
  }[];
  /** Which of the pairs an index of the table that refers begins with; null where none does. */
  readonly indexed: number | null;
  /** Where the decisions say which row above a row was written with; unknown of an older pin. */
  readonly by: PinnedReferrer["by"];
}

/** What {@link findKeptAbove} answers. */
export interface FoundAbove {
  readonly at: number;
  readonly types: readonly (string | null)[];
  readonly indexed: number | null;
}

/**
 * Which of a pin's references by `of` are to be looked at: those whose columns are there, name a row and not only
 * something of it, and have no foreign key behind them. Undefined where nothing refers.
 *
 * @param pin as its tables are now
 */
export function findKeptAbove(pin: Pin): Sql | undefined {
  const all = referrersOf(pin);
  if (all.length === 0) return undefined;
  // A value and no part of the statement, which is no longer than 65,536 characters however many columns refer.
  const says = all.map(({ from, target, pairs, ofKey }, at) => ({
    ...{ at, refers: identifier(from.table), target: identifier(target), of_key: ofKey },
    ...{ columns: pairs.map(({ now }) => now), above: pairs.map(({ aboveNow }) => aboveNow) },
  }));
  return sql`
  with says as materialized (
    select at, to_regclass(refers)::oid as refers, to_regclass(target)::oid as target, columns, above, of_key
      from jsonb_to_recordset(${json(says)}) s(at int, refers text, target text, columns jsonb, above jsonb, of_key boolean)),
  pairs as (
    select s.at, n.n, a.attnum as own, b.attnum as other,
           case when a.atttypid = b.atttypid and y.typcategory not in ('A', 'C') then format_type(a.atttypid, -1) end as type
      from says s cross join lateral generate_series(0, jsonb_array_length(s.columns) - 1) n (n)
      join pg_attribute a on a.attrelid = s.refers and a.attname = s.columns ->> n.n and not a.attisdropped and a.attnum > 0
      join pg_type y on y.oid = a.atttypid
      join pg_attribute b on b.attrelid = s.target and b.attname = s.above ->> n.n and not b.attisdropped and b.attnum > 0)
  select s.at, p.types, (
           select min(o.n) from pairs o
            where o.at = s.at and o.type is not null and exists (
              select from pg_index i where i.indrelid = s.refers and i.indisvalid and i.indpred is null and i.indkey[0] = o.own)) as indexed
    from says s
    cross join lateral (
      select jsonb_agg(type order by n) as types, array_agg(own) as own, array_agg(other) as other, count(*) as there from pairs where at = s.at) p
   where p.there = jsonb_array_length(s.columns)
     -- A value that several rows have in common is none of them.
     and (s.of_key or exists (
       select from pg_index i where i.indrelid = s.target and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
          and array(select i.indkey[n] from generate_series(0, i.indnkeyatts - 1) n) <@ p.other))
     and not exists (
       select from pg_constraint c where c.contype = 'f' and c.conrelid = s.refers and c.confrelid = s.target
          and c.conkey <@ p.own and c.confkey <@ p.other)
   order by s.at`;
}

/** The references that were found, with what is known of them. */
export function keptAbove(pin: Pin, found: readonly FoundAbove[]): readonly KeptAbove[] {
  const all = referrersOf(pin);
  return found.flatMap(({ at, types, indexed }) => {
    const each = all[at];
    if (each === undefined) return [];
    const { target, from, by } = each;
    const pairs = each.pairs.map((pair, n) => ({ ...pair, type: types[n] ?? null }));
    return [{ target, from, pairs, indexed, by }];
  });
}

/** What a pin says of its references, each by the columns that name the row above, or by all that are written of it. */
function referrersOf({ targets, refersAbove = [], refersTo }: Pin) {
  const of = (table: string) => targets.find((target) => target.table === table);
  return refersAbove.flatMap((each) => {
    const [from, above] = [of(each.table), of(each.target)];
    if (from === undefined || above === undefined || refersTo.some((said) => isSame(said, each)))
      return [];
    const keys = above.key?.columns ?? [{ written: above.id, now: above.id }];
    const all = each.columns.map((written, at) => {
      const named = each.targetColumns[at] as string;
      const aboveNow = each.targetNow?.[at] ?? named;
      const isKey = keys.some(({ now }) => now === aboveNow);
      return { written, now: each.now?.[at] ?? written, above: named, aboveNow, isKey };
    });
    const ofKey = all.filter(({ isKey }) => isKey);
    const whole = new Set(ofKey.map(({ aboveNow }) => aboveNow)).size === keys.length;
    return [
      {
        ...{ from, target: each.target, by: each.by },
        ...{ pairs: whole ? ofKey : all, ofKey: whole },
      },
    ];
  });
}

const isSame = (one: Referrer, other: Referrer): boolean =>
  one.table === other.table &&
  one.target === other.target &&
  one.columns.join() === other.columns.join() &&
  one.targetColumns.join() === other.targetColumns.join();

/**
 * By which references rows are kept that waves wrote; or, where a statement that looks at them all would be longer than
 * the Data API takes, the ids of the entries whose rows they keep, as {@link keptApart} found them before it.
 */
export type Kept = readonly KeptAbove[] | { readonly known: readonly number[] };

/** What {@link keptByThose} makes. */
export interface KeptByThose {
  readonly tables: readonly string[];
  readonly logs: readonly string[];
  /** Of entries that were found before. */
  readonly known?: readonly number[];
}

/** Of a common table `entries` and those before it the ids of the entries that are kept, as `(logs)`. */
export const keptApart = (entries: Sql, { tables, logs }: KeptByThose): Sql => sql`
  with ${entries},
  ${raw(tables.join(",\n  "))}
  select coalesce(jsonb_agg(log order by log), '[]') as logs from (${raw(logs.join("\n    union "))}) kept`;

/**
 * Common tables behind `entries`, and selects of `log` out of them: the entries `e` whose row one that stays refers to.
 * Each table that refers is read by its index, or once; the ledger once, and only where a row was found to refer.
 *
 * @param goes of an entry `u` of the ledger whether it is taken back before; nothing where what is, is not there any more
 */
export function keptByThose(
  all: Kept,
  tables: readonly string[],
  goes: (each: KeptAbove) => string | undefined = () => undefined,
): KeptByThose {
  if ("known" in all) return { tables: [], logs: [], known: all.known };
  const found = all
    .filter(({ target }) => tables.includes(target))
    .map((each, at) => ofOne(each, at, goes(each)));
  return { tables: found.flatMap((each) => each.tables), logs: found.map(({ log }) => log) };
}

function ofOne(
  { target, from, pairs, indexed, by }: KeptAbove,
  at: number,
  goes: string | undefined,
): { readonly tables: readonly string[]; readonly log: string } {
  const [above, met, open, kept] = [`above_${at}`, `met_${at}`, `open_${at}`, `kept_${at}`];
  const names = pairs.map((_, n) => `a${n}`).join(", ");
  const values = pairs.map(({ above, isKey, type }) => {
    const text = isKey
      ? `coalesce(e.target_key ->> ${literal(above)}, e.target_id::text)`
      : `e.after_image ->> ${literal(above)}`;
    return type === null ? text : `(${text})::${type}`;
  });
  const own = pairs.map(({ now, type }) => asType(`r.${identifier(now)}`, type));
  const found = indexed === null ? undefined : pairs[indexed];
  const looked =
    found === undefined
      ? ""
      : ` and r.${identifier(found.now)} = any (array(select a${indexed} from ${above}))`;
  // A row that names itself is none that would be left.
  const itself =
    from.table === target
      ? ` and (${pairs.map(({ aboveNow, type }, n) => `${own[n]} = ${asType(`r.${identifier(aboveNow)}`, type)}`).join(" and ")}) is not true`
      : "";
  const { row, entry } = namedOf(from);
  const written =
    by === undefined
      ? "true"
      : `not exists (select from ${stagingTable(by.decisions)} d where d.run_id = u.run_id and d.staged_id = u.staged_id and d.${identifier(by.row)} is null offset 0)`;
  const [first] = pairs as readonly [KeptAbove["pairs"][number]];
  const among = (what: string, of: string) => `((${what}) in (select ${of})) is true`;
  // Written with a row of another table, it names this one only if that was changed since.
  const otherwise =
    by === undefined
      ? ""
      : ` or ${among("m.named", `named from ${open}`)} and not ${among(`m.named, ${asType("m.a0", null)}`, `named, was from ${open}`)}`;
  const but =
    goes === undefined ? "" : ` and not ${among("m.named", `named from ${open} where goes`)}`;
  return {
    tables: [
      `${above} as materialized (
    select e.id as log, ${values.map((value, n) => `${value} as a${n}`).join(", ")} from entries e where e.action = 'commit' and e.target_table = ${literal(target)})`,
      `${met} as materialized (
    select ${own.map((value, n) => `${value} as a${n}`).join(", ")}, ${row} as named from ${identifier(from.table)} r
     where exists (select from ${above})${looked} and ${among(own.join(", "), `${names} from ${above}`)}${itself})`,
      `${open} as materialized (
    select ${entry} as named, ${written} as by_it, u.after_image ->> ${literal(first.written)} as was${goes === undefined ? "" : `, ${goes} as goes`}
      from wavegate.legacy_import_commit_logs u
     where exists (select from ${met}) and u.rolled_back_at is null and u.action in ('commit', 'update')
       and u.target_table = ${literal(from.table)} and ${among(entry, `named from ${met}`)})`,
      `${kept} as materialized (
    select ${names} from ${met} m where (${among("m.named", `named from ${open} where by_it`)}${otherwise})${but})`,
    ],
    log: `select log from ${above} where ${among(names, `${names} from ${kept}`)}`,
  };
}

const asType = (value: string, type: string | null): string =>
  type === null ? `(to_jsonb(${value}) #>> '{}')` : value;

/** What a row `r` of a table is named by, and what an entry `u` of the ledger names it by. */
function namedOf({ id, key }: PinnedTarget): { readonly row: string; readonly entry: string } {
  const columns = key?.columns ?? [{ written: id, now: id }];
  const [only] = columns;
  if (columns.length === 1 && only !== undefined)
    return {
      row: `to_jsonb(r.${identifier(only.now)})`,
      entry: `coalesce(u.target_key -> ${literal(only.written)}, to_jsonb(u.target_id))`,
    };
  const pairs = columns.map(({ written, now }) => `${literal(written)}, r.${identifier(now)}`);
  return { row: `jsonb_build_object(${pairs.join(", ")})`, entry: "u.target_key" };
}
