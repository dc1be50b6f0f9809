import { literal, literals, raw, type Sql, sql, tablesNamed, uuid } from "../../data/sql.ts";
import { onTheWayNow } from "../around/on-the-way.ts";
import type { Pin, PinnedTarget } from "../pin/pin.ts";
import { heldToTheLetter, type JsonColumns, jsonColumnsNow } from "../target/json-columns.ts";
import { detachedParts, ofWaves, partedTargets, repeatingTargets } from "./parts.ts";

/** A column as the catalog has it: its number stays when it is renamed, as long as the table is the same one. */
export interface ShapeColumn {
  readonly number: number;
  readonly name: string;
  readonly type: string;
  /** The catalogue's number of the table. */
  readonly of?: number;
}

/** The columns of target tables. */
export type Shape = Readonly<Record<string, readonly ShapeColumn[]>>;

/** What the platform changed about a target table since a wave was written. */
export interface Reshaping {
  readonly table: string;
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  readonly retyped: readonly {
    readonly column: string;
    readonly from: string;
    readonly to: string;
  }[];
}

const columnsOf = ({ targets }: Pin): string => `
    select coalesce(jsonb_object_agg(name, columns), '{}')
      from (select t.name, jsonb_agg(jsonb_build_object('number', a.attnum, 'name', a.attname,
                     'type', format_type(a.atttypid, a.atttypmod), 'of', a.attrelid::bigint) order by a.attnum) as columns
              from (${tablesNamed(targets.map(({ table }) => table))}) t
              join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
             group by 1) shapes`;

/** What {@link shapeLooks} tell. */
export interface ShapeNow {
  readonly shape: Shape;
  readonly parted: readonly string[];
  readonly transaction: string;
}

/** The target tables' columns as they are, which of them have parts, and the transaction that looks. */
export const shapeLooks = (pin: Pin): Readonly<Record<keyof ShapeNow, Sql>> => ({
  shape: raw(columnsOf(pin)),
  parted: raw(partedTargets(pin)),
  transaction: raw("select pg_current_xact_id()::text"),
});

/** The target tables' columns as they are, and what came since, as an undo of changes looks at them: `(shape, onTheWay)`. */
export const undoneNow = (pin: Pin): Sql =>
  sql`select (${raw(columnsOf(pin))}) as shape, (${onTheWayNow(pin)}) as "onTheWay"`;

/** What {@link shapesOf} answers. */
export interface Shapes {
  readonly present: Shape;
  readonly written: Shape;
  /** Ordinary tables, whose rows say what wrote them. */
  readonly ordinary: readonly string[];
  /** By table the columns that the platform makes by itself. */
  readonly made: Readonly<Record<string, readonly string[]>>;
  /** By table the columns of JSON. */
  readonly json: JsonColumns;
  /** By table the columns that follow a key of another table when that is changed. */
  readonly following: Readonly<Record<string, readonly string[]>>;
  /** Tables that were written and are called otherwise now, by what they were called. */
  readonly moved: Readonly<Record<string, string>>;
  /** Parts of theirs that hold rows of the waves and are detached now. */
  readonly detached: Readonly<Record<string, readonly string[]>>;
  /** Tables in which two rows may have one key. */
  readonly repeating: readonly string[];
  /** Whether the tables were the same when each of the waves was written. */
  readonly alike: boolean;
}

/**
 * The target tables' columns as they are, and as they were when waves were written, of which the first one tells; of a
 * wave that kept none, the names in its ledger are what is known (number 0, no type). `moved` are those that were written and have
 * another name now, as more than half of their columns tell: in a database that was loaded from a dump the number of a
 * table may be another one's.
 */
export const shapesOf = (
  pin: Pin,
  run: string,
  waves: readonly [number, ...(readonly number[])],
): Sql => sql`
  select (${raw(columnsOf(pin))}) as present,
         coalesce((select jsonb_agg(c.name)
                     from unnest(array[${raw(literals(pin.targets.map(({ table }) => table)))}]::text[]) c(name)
                     join pg_class t on t.oid = to_regclass(quote_ident(c.name)) and t.relkind = 'r'), '[]') as ordinary,
         coalesce((select jsonb_object_agg(m.name, m.columns)
                     from (select c.name, jsonb_agg(a.attname) as columns
                             from unnest(array[${raw(literals(pin.targets.map(({ table }) => table)))}]::text[]) c(name)
                             join pg_attribute a on a.attrelid = to_regclass(quote_ident(c.name)) and a.attgenerated <> '' and not a.attisdropped
                            group by 1) m), '{}') as made,
         (${raw(jsonColumnsNow(pin.targets.map(({ table }) => table)))}) as json,
         coalesce((select jsonb_object_agg(f.name, f.columns)
                     from (select c.name, jsonb_agg(a.attname) as columns
                             from unnest(array[${raw(literals(pin.targets.map(({ table }) => table)))}]::text[]) c(name)
                             join pg_constraint k on k.conrelid = to_regclass(quote_ident(c.name)) and k.contype = 'f' and k.confupdtype in ('c', 'n', 'd')
                             join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
                            group by 1) f), '{}') as following,
         coalesce((select jsonb_object_agg(s.key, c.oid::regclass::text)
                     from wavegate.waves w, jsonb_each(w.shape) s
                     join pg_class c on c.oid = (s.value -> 0 ->> 'of')::oid and c.relkind in ('r', 'p')
                    where w.run_id = ${uuid(run)} and ${ofWaves("w", waves)} and c.oid is distinct from to_regclass(quote_ident(s.key))
                      -- Of a table that became a partition of the one that has its name the rows are found there.
                      and not exists (select from pg_partition_ancestors(c.oid) a where a.relid = to_regclass(quote_ident(s.key)))
                      and 2 * (select count(*) from jsonb_array_elements(s.value) e
                                 join pg_attribute a on a.attrelid = c.oid and a.attnum = (e ->> 'number')::int and a.attname = e ->> 'name'
                                where not a.attisdropped) > jsonb_array_length(s.value)), '{}') as moved,
         (${detachedParts(run, waves)}) as detached,
         (${raw(repeatingTargets(pin))}) as repeating,
         ${
           waves.length === 1
             ? raw("true")
             : sql`(select count(w.shape) = ${waves.length} and count(distinct w.shape) = 1 from wavegate.waves w
                   where w.run_id = ${uuid(run)} and ${ofWaves("w", waves)})`
         } as alike,
         coalesce((select w.shape from wavegate.waves w where w.run_id = ${uuid(run)} and w.wave = ${waves[0]}),
           (select coalesce(jsonb_object_agg(l.target_table, l.columns), '{}')
              from (select distinct on (target_table) target_table,
                           (select jsonb_agg(jsonb_build_object('number', 0, 'name', name, 'type', ''))
                              from jsonb_object_keys(after_image) name) as columns
                      from wavegate.legacy_import_commit_logs
                     where run_id = ${uuid(run)} and wave = ${waves[0]} and after_image is not null
                     order by target_table, id) l)) as written`;

/** What differs between two shapes, table by table; tables that are as they were are left out. */
export function reshapings(written: Shape, present: Shape): Reshaping[] {
  return Object.entries(written).flatMap(([table, before]) => {
    const now = present[table] ?? [];
    // Of a table that was made anew, as from a dump, the numbers say nothing.
    const same = (left: ShapeColumn, right: ShapeColumn) =>
      left.number === 0 || (left.of !== undefined && left.of !== right.of)
        ? left.name === right.name
        : left.number === right.number;
    const pairs = before.flatMap((column) => {
      const found = now.find((each) => same(column, each));
      return found ? [{ was: column, is: found }] : [];
    });
    const reshaping: Reshaping = {
      table,
      added: now.filter((each) => !pairs.some(({ is }) => is === each)).map(({ name }) => name),
      dropped: before
        .filter((each) => !pairs.some(({ was }) => was === each))
        .map(({ name }) => name),
      renamed: pairs
        .filter(({ was, is }) => was.name !== is.name)
        .map(({ was, is }) => ({ from: was.name, to: is.name })),
      retyped: pairs
        .filter(({ was, is }) => was.type !== "" && was.type !== is.type)
        .map(({ was, is }) => ({ column: is.name, from: was.type, to: is.type })),
    };
    const { added, dropped, renamed, retyped } = reshaping;
    return added.length + dropped.length + renamed.length + retyped.length === 0 ? [] : [reshaping];
  });
}

/** A pin whose targets have the names that their columns have now, and what else they are at this moment. */
export function asReshaped(
  pin: Pin,
  reshaped: readonly Reshaping[],
  { ordinary, made, json, following }: Pick<Shapes, "ordinary" | "made" | "json" | "following">,
): Pin {
  const nowIn = (table: string) => {
    const { renamed = [] } = reshaped.find((each) => each.table === table) ?? {};
    return (column: string) => renamed.find(({ from }) => from === column)?.to ?? column;
  };
  const targets = pin.targets.map((target) => {
    const { renamed = [], dropped = [] } =
      reshaped.find(({ table }) => table === target.table) ?? {};
    const now = nowIn(target.table);
    const was = (column: string) => renamed.find(({ to }) => to === column)?.from ?? column;
    const { key, updated, kept = [] } = target;
    return {
      ...target,
      ...(updated === undefined
        ? {}
        : { updated: updated.filter((column) => !dropped.includes(column)) }),
      ordinary: ordinary.includes(target.table),
      made: [...(made[target.table] ?? []), ...kept.map(now)],
      json: (json[target.table] ?? []).map(({ name, base }) => ({
        ...{ written: was(name), now: name, base },
      })),
      id: now(target.id),
      ...(key === undefined
        ? {}
        : {
            key: {
              ...key,
              columns: key.columns.map(({ written }) => ({ written, now: now(written) })),
              follows: key.columns.some(({ written }) =>
                following[target.table]?.includes(now(written)),
              ),
            },
          }),
    };
  });
  if (pin.refersAbove === undefined) return { ...pin, targets };
  const refersAbove = pin.refersAbove.map((each) => ({
    ...each,
    now: each.columns.map(nowIn(each.table)),
    targetNow: each.targetColumns.map(nowIn(each.target)),
  }));
  return { ...pin, targets, refersAbove };
}

/** One sentence for each table that changed its shape. */
export const saysReshaping = ({ table, added, dropped, renamed, retyped }: Reshaping): string =>
  `Since the commit the platform changed ${table}: ${[
    ...added.map((column) => `${column} was added`),
    ...dropped.map((column) => `${column} was dropped`),
    ...renamed.map(({ from, to }) => `${from} is now called ${to}`),
    ...retyped.map(({ column, from, to }) => `${column} is ${to} and was ${from}`),
  ].join(", ")}. Only what was written is compared.`;

/** How the row `t` of a target compares with an image of the ledger, whatever the table looks like now. */
export interface Comparison {
  /** Whether every column that was written, and is still there, holds what was written. */
  readonly unchanged: string;
  /** The names of the columns that hold something else, as a JSON list. */
  readonly changed: string;
}

/**
 * The open entries of a wave's ledger, in parentheses, each with its place and with what wrote it: `entry_xmin` and
 * `entry_cmin`, and `by_wave`, whether that is the transaction that the wave is known to have been. Transactions' ids are 32 bits of a
 * row's; within 2^31 of them none comes again. What was loaded from a dump has other ids, and is compared in full.
 */
export const openEntries = (run: string, wave: number): Sql => sql`(
    select l.ctid as entry_place, l.xmin as entry_xmin, l.cmin as entry_cmin,
           coalesce(l.xmin = (
             select ((w.counts ->> 'transaction')::bigint & 4294967295)::text::xid from wavegate.waves w
              where w.run_id = ${uuid(run)} and w.wave = ${wave}
                and pg_snapshot_xmax(pg_current_snapshot())::text::bigint - (w.counts ->> 'transaction')::bigint
                    between 1 and 2147483647), false) as by_wave, l.*
      from wavegate.legacy_import_commit_logs l
     where l.run_id = ${uuid(run)} and l.wave = ${wave} and l.rolled_back_at is null)`;

/**
 * Whether the very command wrote the row `t` that wrote an entry of {@link openEntries}: nobody touched it since, neither
 * later nor by a trigger of the same transaction. It proves something of an entry that has its image. Undefined where
 * that cannot be told of a table.
 */
export function untouchedSince(
  { table, ordinary = false }: PinnedTarget,
  entry: string,
  reshaped: readonly Reshaping[],
): string | undefined {
  if (!ordinary || reshaped.some((each) => each.table === table)) return undefined;
  // As a condition beside the row's key, and none to look rows up by: it is one and the same of all rows of a wave, and
  // the planner, which cannot know that, would hash the whole table by it.
  return `${entry}.by_wave and t.xmin is not distinct from ${entry}.entry_xmin and t.cmin is not distinct from ${entry}.entry_cmin`;
}

/**
 * Compares the row `t` with the image of an entry of {@link openEntries}, where it was touched ({@link untouchedSince}):
 * as long as the table has its shape, the two as they stand; else, and where they differ in how a session writes
 * values, what was written is put back into the row as its columns are now.
 */
export function compareWritten(
  target: PinnedTarget,
  entry: string,
  reshaped: readonly Reshaping[],
): Comparison {
  const { table, made = [], json = [] } = target;
  const compared = json.filter((column) => !made.includes(column.now));
  const image = `(${entry}.after_image - '')`;
  const reshaping = reshaped.find((each) => each.table === table);
  const own = untouchedSince(target, entry, reshaped);
  const untouched =
    own === undefined ? "" : `when ${own} and ${entry}.after_image is not null then true `;
  const restored = `wavegate.with_written(t.*, ${imageNow(image, reshaping, made)})`;
  const { same, rewritten } = heldToTheLetter(compared, entry);
  // Put back into the row, nothing at all is the row itself: an entry that lost its image proves nothing.
  // As texts: as jsonb 1.5 and 1.50 are one number.
  const equal = `coalesce(${image} is not null and wavegate.row_image(t.*)::text = ${restored}::text${same}, false)`;
  return {
    // Of a changed row what was written is put back once, and not for each of its columns anew.
    unchanged: reshaping
      ? equal
      : `case ${untouched}when wavegate.row_image(t.*)::text = ${image}::text${same} then true else ${equal} end`,
    changed: `(select coalesce(jsonb_agg(c.key order by c.key), '[]')
             from (select ${restored} as row offset 0) w cross join lateral (
               select n.key from jsonb_each(wavegate.row_image(t.*)) n
                where n.value::text is distinct from (case when w.row is null then ${image} else w.row end -> n.key)::text${rewritten("n.key")} offset 0) c)`,
  };
}

/** The column of a key that the platform draws; of one that is made of rows above, `redrawn` has what is drawn with them. */
export function drawnKey({ id, key, redrawn = [] }: PinnedTarget): readonly string[] {
  if (key === undefined) return [id];
  return key.drawn && !key.columns.some(({ written }) => redrawn.includes(written)) ? [id] : [];
}

/** The image under the names that its columns have now, without those that are gone, or that nobody writes. */
export function imageNow(
  image: string,
  reshaping: Reshaping | undefined,
  made: readonly string[],
): string {
  const { dropped = [], renamed = [] } = reshaping ?? {};
  const gone = [...dropped, ...renamed.map(({ from }) => from), ...made];
  if (gone.length === 0) return image;
  const without = `(${image} - array[${gone.map(literal).join(", ")}])`;
  const still = renamed.filter(({ to }) => !made.includes(to));
  const again = still.map(
    ({ from, to }) => `jsonb_build_object(${literal(to)}, ${image} -> ${literal(from)})`,
  );
  return `(${[without, ...again].join(" || ")})`;
}
