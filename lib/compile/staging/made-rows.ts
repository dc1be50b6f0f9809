import { identifier, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { wholeName } from "../../define/database-roles.ts";
import type { Field, Migration, SourceTable } from "../../define/definition.ts";
import { keyColumns } from "../../define/keys.ts";
import {
  groupDiffers,
  groupRows,
  groupValue,
  itemOf,
  type Made,
  madeFrom,
  type OfGroup,
  placeOfItem,
  rowPlace,
} from "../../define/made.ts";
import { anyMark, type Marks } from "../../define/marks.ts";
import { partsOf, type WholeMigration } from "../../define/several.ts";
import { importedColumn, rawText } from "../columns.ts";
import { compileCondition } from "../condition.ts";
import { legacyIdType } from "../keys.ts";
import { ofField } from "../pin/used-columns.ts";
import { sourceTable } from "../rows.ts";
import { isInteger, type MadeRows, pairs, type Staged } from "./made-pairs.ts";
import { keptColumns, placeOf, withKept } from "./row-place.ts";

/** The columns that a run reads of each table, in the order in which staging keeps their values. */
export type ColumnsOf = Readonly<Record<string, readonly string[]>>;

/**
 * Makes rows of a table of what is staged, all of them or a {@link Part}, in the order of their keys: `made_rows` keeps them
 * until they are staged in their turn. Rows of one key follow each other.
 */
export function makeRows(
  migration: WholeMigration,
  run: string,
  table: string,
  columns: ColumnsOf,
  part?: Part,
): Sql {
  const { key, columns: shown, made } = migration.source[table] as SourceTable;
  if (made === undefined) throw new Error(`“${table}” is not made of anything.`);
  const staged = (name: string) => stagedRowsOf(migration, run, name, part);
  const keyOf = (name: string) => keyColumns((migration.source[name] as SourceTable).key);
  const { from, expressionOf, noted } = withInside(
    made,
    madeRows(migration, table, made, columns, staged, keyOf),
  );
  const used = shown.filter((column) => columns[table]?.includes(column));
  const values = used.map(expressionOf);
  const keys = keyColumns(key).map(expressionOf);
  const of = part === undefined ? sql`` : raw(` and ${ofPart(made, part, keys)}`);
  const numbered = made.numbered;
  const kept = numbered === undefined ? "" : keptColumns(numbered, expressionOf, rowOf(made));
  const rows = sql`(select ${raw(`case when num_nulls(${keys.join(", ")}) = 0 then to_jsonb(array[${keys.join(", ")}]::text[])::text end`)} as key,
                 ${raw(noted)} as noted, ${raw(`to_jsonb(array[${values.join(", ")}]::text[])`)} as source_values,
                 ${raw(rowOf(made, "as id"))} as nth${raw(kept)}
            from ${from}${of})`;
  const at = used.indexOf(rowPlace);
  return sql`
  insert into wavegate.made_rows (run_id, source_table, place, key, noted, source_values)
  select ${uuid(run)}, ${table}::text, ${part === undefined ? sql`0` : lastPlace(run, table)} + row_number() over (order by m.key collate "C" nulls first, m.id, m.nth), m.key, m.noted, m.source_values
    from ${kept === "" || at < 0 ? rows : withKept(rows, at)} m`;
}

/**
 * Which elements a statement makes, where several make all of them: those that no key tells apart, or those of rows whose
 * keys are in a range, of which one end at least is said. Elements of one key are in one part.
 */
export type Part = "without key" | { readonly after: string | null; readonly upTo: string | null };

/** Bytes of rows as they were read of which elements are made in one statement: far from the Data API's 45 s. */
const bytesOfPart = 8_000_000;

/**
 * The ends of the ranges of keys of a table's staged rows of whose lists rows are made, each of about so many bytes; none
 * where one statement makes them.
 */
export function partBounds(migration: WholeMigration, run: string, made: Made): Sql | undefined {
  if (!("each" in made) || made.numbered !== undefined) return undefined;
  return sql`
  select distinct r.legacy_id::text as up_to, r.legacy_id
    from (select s.legacy_id, octet_length(${raw(rawText("s"))}) as size,
                 sum(octet_length(${raw(rawText("s"))})) over (order by s.legacy_id rows unbounded preceding) as bytes
            from ${raw(sourceTable(partFrom(migration, made.each)))} s
           where s.run_id = ${uuid(run)} and s.source_table = ${made.each} and s.legacy_id is not null) r
   where r.bytes / ${bytesOfPart}::bigint > (r.bytes - r.size) / ${bytesOfPart}::bigint
   order by r.legacy_id`;
}

/** Which elements are in a part, beside which rows they are of: their key is that of the row, and what tells them apart in it. */
function ofPart(made: Made, part: Part, keys: readonly string[]): string {
  const known = "each" in made && made.key !== undefined ? keys : keys.slice(0, -1);
  const lacks = `(not l.readable or num_nulls(${known.join(", ")}) > 0)`;
  return part === "without key" ? `(b.legacy_id is null or ${lacks})` : `not ${lacks}`;
}

/** The place of the last row that is made already. */
const lastPlace = (run: string, table: string): Sql => sql`coalesce((
           select max(place) from wavegate.made_rows where run_id = ${uuid(run)} and source_table = ${table}), 0)`;

/** What tells rows apart that are made: the row, and which one of it. */
const rowOf = (made: Made, named = ""): string =>
  "each" in made ? "b.id, i.place" : "grouped" in made ? `0 ${named}, 0` : "b.id, 0";

/** Whether a text is JSON of which nothing is lost: of a key that stands twice in an object the last value alone would be read. */
const readableJson = (text: string): string =>
  `pg_input_is_valid(${text}, 'jsonb') and ${text} is json with unique keys`;

/** Rows with the fields of objects that stand in their columns, and with their places. */
function withInside(made: Made, { from, expressionOf, noted }: MadeRows): MadeRows {
  const objects = Object.keys(made.opened ?? {}).map((column) => ({
    column,
    text: expressionOf(column),
    as: identifier(wholeName(`inside_${column}`)),
  }));
  const joins = objects.map(({ text, as }) =>
    raw(`
            cross join lateral (select case when ${readableJson(text)} then (${text})::jsonb end as value offset 0) ${as}`),
  );
  const unread = objects.map(
    ({ text, as }) =>
      `when ${text} is not null and jsonb_typeof(${as}.value) is distinct from 'object' then 'object_unreadable'`,
  );
  const whole = (column: string): string => {
    const inside = objects.find((object) => column.startsWith(`${object.column}.`));
    if (inside !== undefined) {
      const field = literal(column.slice(inside.column.length + 1));
      return `(case when jsonb_typeof(${inside.as}.value) = 'object' then ${inside.as}.value ->> ${field} end)`;
    }
    return column === rowPlace && made.numbered !== undefined
      ? placeOf(made.numbered, whole, rowOf(made))
      : expressionOf(column);
  };
  return {
    from: objects.length === 0 ? from : insideFrom(made, from, joins),
    expressionOf: whole,
    noted: unread.length === 0 ? noted : `coalesce(${noted}, case ${unread.join(" ")} end)`,
  };
}

/** Where `from` ends with a condition, the joins stand before it. */
const insideFrom = (made: Made, from: Sql, joins: readonly Sql[]): Sql => {
  if ("each" in made) throw new Error("What stands in an element is named as a field of it.");
  return joins.reduce((all, join) => sql`${all}${join}`, from);
};

function madeRows(
  migration: WholeMigration,
  name: string,
  made: Made,
  columns: ColumnsOf,
  staged: Staged,
  keyOf: (table: string) => readonly string[],
): MadeRows {
  const base = madeFrom(made);
  const at = (alias: string, table: string) => (column: string) => {
    const index = columns[table]?.indexOf(column) ?? -1;
    // A column that the source lacks and that nothing uses.
    return index < 0 ? "null::text" : `${alias}[${index + 1}]`;
  };
  const own = at('b."own cells"', base);
  if ("each" in made) return elements(made, own, staged(base));
  if ("grouped" in made) {
    // Each row has a key of its own: in that they always differ.
    const others = (columns[base] ?? []).filter(
      (column) => !made.by.includes(column) && !keyOf(base).includes(column),
    );
    const part = partFrom(migration, base);
    return groups(made, part, own, at("g.first_cells", base), others, staged(base));
  }
  const alike = (table: string, column: string, other: string): boolean =>
    isInteger(migration, table, column) || isInteger(migration, name, other);
  return pairs(made.with, own, at, staged, base, keyOf, alike);
}

/** Elements of lists: what is no list is one row, and is noted. */
function elements(
  made: Extract<Made, { readonly each: string }>,
  own: MadeRows["expressionOf"],
  base: Sql,
): MadeRows {
  const { list, by, key } = made;
  const item = itemOf(made);
  const text = own(list);
  const value = by === undefined ? listIn(text) : partedIn(text, by);
  // Of one that stands there several times the first counts, where rows are known by it.
  const once = key === undefined ? "" : "distinct on (e.value) ";
  const ordered = key === undefined ? "" : " order by e.value, e.place";
  return {
    from: sql`${base} b cross join lateral (select ${raw(value)} as value offset 0) v
            cross join lateral (select v.value is not null as readable) l
            cross join lateral (select ${raw(once)}e.value, e.place
              from jsonb_array_elements(coalesce(v.value, '[null]')) with ordinality e(value, place)${raw(ordered)}) i
           where btrim(${raw(text)}) not in ('', 'null')`,
    expressionOf: (column) => {
      if (column === placeOfItem(made)) return "(case when l.readable then i.place::text end)";
      if (column === item) return "(i.value #>> '{}')";
      if (!column.startsWith(`${item}.`)) return own(column);
      const field = literal(column.slice(item.length + 1));
      return `(case when jsonb_typeof(i.value) = 'object' then i.value ->> ${field} end)`;
    },
    noted: "case when not l.readable then 'list_unreadable' end",
  };
}

/** A text as a list: JSON, or an array as PostgreSQL writes it; null for what is neither. */
const listIn = (text: string): string =>
  `case when ${readableJson(text)} and ${text} !~ '^\\s*[{]\\s*[}]\\s*$' then case when jsonb_typeof((${text})::jsonb) = 'array' then (${text})::jsonb end
                when pg_input_is_valid(${text}, 'text[]') then to_jsonb(array(select unnest((${text})::text[]))) end`;

/** The parts of a text between what parts them, without blanks and ends of lines around them and without empty ones. */
const partedIn = (text: string, by: Marks): string => {
  const split =
    typeof by === "string"
      ? `string_to_table(${text}, ${literal(by)})`
      : `regexp_split_to_table(${text}, ${literal(anyMark(by))}, 'i')`;
  return `(select coalesce(jsonb_agg(p.part order by p.place), '[]')
                   from (select btrim(w.part, e' \\t\\r\\n') as part, w.place from ${split} with ordinality w(part, place)) p where p.part <> '')`;
};

/** Groups, each with what its first row has and the columns in which its rows differ. */
function groups(
  { by, order, where, values = {} }: Extract<Made, { readonly grouped: string }>,
  part: Migration,
  own: MadeRows["expressionOf"],
  first: MadeRows["expressionOf"],
  others: readonly string[],
  base: Sql,
): MadeRows {
  const keys = by.map((column, n) => `${own(column)} as k${n}`);
  const ordered = [...order.map((column) => `${own(column)} collate "C" nulls last`), "b.id"];
  const differs = others.map((column) => {
    const all = (of: string) => `${of}(${own(column)} collate "C")`;
    const some = `bool_or(${own(column)} is null) and bool_or(${own(column)} is not null)`;
    return `case when ${all("min")} <> ${all("max")} or (${some}) then ${literal(column)} end`;
  });
  const named = Object.entries(values).map(
    ([name, value]) => `, ${ofGroup(part, value, own)} as ${identifier(groupValue(name))}`,
  );
  const grouped = where === undefined ? "" : ` where ${compileCondition(where, part, () => "b")}`;
  return {
    from: sql`(select ${raw(keys.join(", "))}, count(*)::text as rows,
                 (array_agg(b."own cells"::text order by ${raw(ordered.join(", "))}))[1]::text[] as first_cells,
                 nullif(array_to_string(array[${raw(["null", ...differs].join(", "))}]::text[], ', '), '') as differs${raw(named.join(""))}
            from ${base} b${raw(grouped)} group by ${raw(by.map((_, n) => `${n + 1}`).join(", "))}) g`,
    expressionOf: (column) => {
      if (column === groupRows) return "g.rows";
      if (column === groupDiffers) return "g.differs";
      if (Object.keys(values).some((name) => groupValue(name) === column))
        return `g.${identifier(column)}`;
      const at = by.indexOf(column);
      return at < 0 ? first(column) : `g.k${at}`;
    },
    noted: "null::text",
  };
}

/** What a group has of a field of its rows `b`, as a text. */
function ofGroup(part: Migration, value: OfGroup, own: MadeRows["expressionOf"]): string {
  const field = (name: string) => `b.${identifier(importedColumn(part, name))}`;
  const instant = (of: string) =>
    `to_char(${of} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  if ("earliest" in value) return instant(`min(${field(value.earliest)})`);
  if ("latest" in value) return instant(`max(${field(value.latest)})`);
  if ("highest" in value) {
    const order = `array[${value.order.map((word) => literal(word)).join(", ")}]`;
    return `(${order})[max(array_position(${order}, ${field(value.highest)}))]`;
  }
  if ("total" in value) {
    const of = part.entity.fields[value.total] as Field;
    const said = ofField(of).map((column) => `btrim(${own(column)}) <> ''`);
    // What could not be read of one is no part of a sum, and is no number here either.
    return `case when bool_or(${field(value.total)} is null and (${said.join(" or ")})) then '?' else sum(${field(value.total)})::text end`;
  }
  const ordered = `order by ${field(value.by)} nulls last, b.legacy_id, b.id`;
  if ("first" in value) return `(array_agg(${field(value.first)} ${ordered}))[1]::text`;
  if ("text" in value)
    return `string_agg(${field(value.text)}::text, ${literal(value.with)} ${ordered})`;
  const pairs = value.list.map(([name, of]) => `${literal(name)}, ${field(of)}`).join(", ");
  return `jsonb_agg(jsonb_build_object(${pairs}) ${ordered})::text`;
}

/** The kind that is read from a table: of several the first. */
export function partFrom(migration: WholeMigration, table: string): Migration {
  const part = partsOf(migration).find(({ entity }) => entity.from.includes(table));
  if (part !== undefined) return part;
  throw new Error(`No entity is read from “${table}”.`);
}

/**
 * The staged rows of a table, in parentheses, with what they hold beside their own columns, taken apart once each: of several kinds
 * that are made of it those of the first.
 */
function stagedRowsOf(migration: WholeMigration, run: string, table: string, part?: Part): Sql {
  const of = partFrom(migration, table);
  const { after = null, upTo = null } = typeof part === "object" ? part : {};
  const type = raw(legacyIdType(of));
  const behind = after === null ? sql`` : sql` and s.legacy_id > ${after}::${type}`;
  const within = upTo === null ? sql`` : sql` and s.legacy_id <= ${upTo}::${type}`;
  return sql`(select s.*, ${raw(rawText("s"))}::text[] as "own cells" from ${raw(sourceTable(of))} s
                   where s.run_id = ${uuid(run)} and s.source_table = ${table}${behind}${within} offset 0)`;
}

/** Bytes of a made row beyond which it is read by itself: a row of an answer of the Data API ends at 64 KB, with escapes. */
const longRow = 30_000;

/** Made rows between two places, as many as an answer may hold, before one that is long: none where that one is the first. */
export const selectMade = (run: string, table: string, after: number, upTo: number): Sql => sql`
  select m.place, m.noted, m.source_values
    from (select place, noted, source_values, sum(size) over (order by place) as bytes, max(size) over (order by place) as longest
            from (select place, noted, source_values, octet_length(source_values::text) as size from wavegate.made_rows
                   where run_id = ${uuid(run)} and source_table = ${table} and place > ${after} and place <= ${upTo}
                   order by place limit 1000) next) m
   where m.bytes <= 300000 and m.longest <= ${longRow}::int
   order by m.place`;

/** The next made row alone, however long. */
export const selectNextMade = (run: string, table: string, after: number, upTo: number): Sql => sql`
  select place, noted, source_values from wavegate.made_rows
   where run_id = ${uuid(run)} and source_table = ${table} and place > ${after} and place <= ${upTo}
   order by place limit 1`;

/** The last places of ranges of about so many made rows: rows of one key are in one range, those without one in the first. */
export const madeBounds = (run: string, table: string, rows: number): Sql => sql`
  select distinct coalesce((select o.place - 1 from wavegate.made_rows o
                             where o.run_id = m.run_id and o.source_table = m.source_table and o.place > m.place
                               and o.key is distinct from m.key
                             order by o.place limit 1), last.place) as up_to
    from (select max(place) as place from wavegate.made_rows where run_id = ${uuid(run)} and source_table = ${table}) last
    join wavegate.made_rows m on m.run_id = ${uuid(run)} and m.source_table = ${table}
         and (m.place % ${rows} = 0 or m.place = last.place)
   order by 1`;
