import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import { wholeName } from "../define/database-roles.ts";
import type { Migration, SourceTable } from "../define/definition.ts";
import { keyColumns } from "../define/keys.ts";
import {
  firstPair,
  groupDiffers,
  groupRows,
  groupValue,
  item,
  itemPlace,
  type Made,
  madeFrom,
  type OfGroup,
  type Partner,
  pairOf,
  rowPlace,
} from "../define/made.ts";
import { partsOf, type WholeMigration } from "../define/several.ts";
import { importedColumn, rawText } from "./columns.ts";
import { compileCondition } from "./condition.ts";
import { keptColumns, placeOf, withKept } from "./row-place.ts";
import { sourceTable } from "./rows.ts";

/** The columns that a run reads of each table, in the order in which staging keeps their values. */
export type ColumnsOf = Readonly<Record<string, readonly string[]>>;

/**
 * Makes all rows of a table of what is staged, in one statement, in the order of their keys: `made_rows` keeps them
 * until they are staged in their turn. Rows of one key follow each other.
 */
export function makeRows(
  migration: WholeMigration,
  run: string,
  table: string,
  columns: ColumnsOf,
): Sql {
  const { key, columns: shown, made } = migration.source[table] as SourceTable;
  if (made === undefined) throw new Error(`“${table}” is not made of anything.`);
  const staged = (name: string) => stagedRowsOf(migration, run, name);
  const keyOf = (name: string) => keyColumns((migration.source[name] as SourceTable).key);
  const { from, expressionOf, noted } = withInside(
    made,
    madeRows(migration, made, columns, staged, keyOf),
  );
  const used = shown.filter((column) => columns[table]?.includes(column));
  const values = used.map(expressionOf);
  const keys = keyColumns(key).map(expressionOf);
  const numbered = made.numbered;
  const kept = numbered === undefined ? "" : keptColumns(numbered, expressionOf, rowOf(made));
  const rows = sql`(select ${raw(`case when num_nulls(${keys.join(", ")}) = 0 then to_jsonb(array[${keys.join(", ")}]::text[])::text end`)} as key,
                 ${raw(noted)} as noted, ${raw(`to_jsonb(array[${values.join(", ")}]::text[])`)} as source_values,
                 ${raw(rowOf(made, "as id"))} as nth${raw(kept)}
            from ${from})`;
  const at = used.indexOf(rowPlace);
  return sql`
  insert into wavegate.made_rows (run_id, source_table, place, key, noted, source_values)
  select ${uuid(run)}, ${table}::text, row_number() over (order by m.key collate "C" nulls first, m.id, m.nth), m.key, m.noted, m.source_values
    from ${kept === "" || at < 0 ? rows : withKept(rows, at)} m`;
}

/** What tells rows apart that are made: the row, and which one of it. */
const rowOf = (made: Made, named = ""): string =>
  "each" in made ? "b.id, i.place" : "grouped" in made ? `0 ${named}, 0` : "b.id, 0";

/** Rows with the fields of objects that stand in their columns, and with their places. */
function withInside(made: Made, { from, expressionOf, noted }: MadeRows): MadeRows {
  const objects = Object.keys(made.opened ?? {}).map((column) => ({
    column,
    text: expressionOf(column),
    as: identifier(wholeName(`inside_${column}`)),
  }));
  const joins = objects.map(({ text, as }) =>
    raw(`
            cross join lateral (select case when pg_input_is_valid(${text}, 'jsonb') then (${text})::jsonb end as value offset 0) ${as}`),
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

interface MadeRows {
  readonly from: Sql;
  /** A column's expression. */
  readonly expressionOf: (column: string) => string;
  /** What is noted on a row, or null. */
  readonly noted: string;
}

type Staged = (table: string) => Sql;

function madeRows(
  migration: WholeMigration,
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
  const own = at("b.cells", base);
  if ("each" in made) return elements(made.list, own, staged(base));
  if ("grouped" in made) {
    // Each row has a key of its own: in that they always differ.
    const others = (columns[base] ?? []).filter(
      (column) => !made.by.includes(column) && !keyOf(base).includes(column),
    );
    const part = partFrom(migration, base);
    return groups(made, part, own, at("g.first_cells", base), others, staged(base));
  }
  return pairs(made.with, own, at, staged, base, keyOf);
}

/** Elements of lists: what is no list is one row, and is noted. */
function elements(list: string, own: MadeRows["expressionOf"], base: Sql): MadeRows {
  const text = own(list);
  const isList = `case when pg_input_is_valid(${text}, 'jsonb') then jsonb_typeof(${text}::jsonb) = 'array' else false end`;
  return {
    from: sql`${base} b cross join lateral (select ${raw(isList)} as readable offset 0) l
            cross join lateral jsonb_array_elements(case when l.readable then ${raw(text)}::jsonb else '[null]' end)
              with ordinality i(value, place)
           where btrim(${raw(text)}) not in ('', 'null')`,
    expressionOf: (column) => {
      if (column === itemPlace) return "(case when l.readable then i.place::text end)";
      if (column === item) return "(i.value #>> '{}')";
      if (!column.startsWith(`${item}.`)) return own(column);
      const field = literal(column.slice(item.length + 1));
      return `(case when jsonb_typeof(i.value) = 'object' then i.value ->> ${field} end)`;
    },
    noted: "case when not l.readable then 'list_unreadable' end",
  };
}

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

/** Rows beside the one row of others that they name, found by what they hold in common. */
function pairs(
  partners: Readonly<Record<string, Partner>>,
  own: MadeRows["expressionOf"],
  at: (alias: string, table: string) => MadeRows["expressionOf"],
  staged: Staged,
  base: string,
  keyOf: (table: string) => readonly string[],
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
    return at(`${of.rows}.cells`, of.partner.table)(column.slice(of.name.length + 1));
  };
  const joins = all.map(({ partner: { table, on, each: several }, rows, found }) => {
    const theirs = at("p.cells", table);
    const pairs = Object.entries(on);
    if (several) {
      const key = keyText(keyOf(table).map(theirs));
      const found = pairs.map(([column]) => theirs(column));
      const same = pairs.map(([, column], n) => `${rows}.k${n} = ${own(column)}`).join(" and ");
      return sql`
            left join (select p.id, p.cells, ${raw(found.map((each, n) => `${each} as k${n}`).join(", "))}, ${raw(key)} as pair,
                              row_number() over (partition by ${raw(found.join(", "))} order by char_length(${raw(key)}), (${raw(key)}) collate "C", p.id) as place
                         from ${staged(table)} p) ${raw(rows)} on ${raw(same)}`;
    }
    const keys = pairs.map(([column], n) => `${theirs(column)} as k${n}`).join(", ");
    const same = pairs.map(([, column], n) => `${found}.k${n} = ${whole(column)}`).join(" and ");
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
    ([name, value]) => `, ${ofGroup(part, value)} as ${identifier(groupValue(name))}`,
  );
  const grouped = where === undefined ? "" : ` where ${compileCondition(where, part, () => "b")}`;
  return {
    from: sql`(select ${raw(keys.join(", "))}, count(*)::text as rows,
                 (array_agg(b.cells::text order by ${raw(ordered.join(", "))}))[1]::text[] as first_cells,
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
function ofGroup(part: Migration, value: OfGroup): string {
  const field = (name: string) => `b.${identifier(importedColumn(part, name))}`;
  const instant = (of: string) =>
    `to_char(${of} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  if ("earliest" in value) return instant(`min(${field(value.earliest)})`);
  if ("latest" in value) return instant(`max(${field(value.latest)})`);
  if ("highest" in value) {
    const order = `array[${value.order.map((word) => literal(word)).join(", ")}]`;
    return `(${order})[max(array_position(${order}, ${field(value.highest)}))]`;
  }
  const ordered = `order by ${field(value.by)} nulls last, b.legacy_id, b.id`;
  if ("first" in value) return `(array_agg(${field(value.first)} ${ordered}))[1]::text`;
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
 * The staged rows of a table, in parentheses, with what they hold as `cells`, taken apart once each: of several kinds
 * that are made of it those of the first.
 */
const stagedRowsOf = (migration: WholeMigration, run: string, table: string): Sql =>
  sql`(select s.*, ${raw(rawText("s"))}::text[] as cells from ${raw(sourceTable(partFrom(migration, table)))} s
                   where s.run_id = ${uuid(run)} and s.source_table = ${table} offset 0)`;

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
  select max(o.place) as up_to
    from wavegate.made_rows m
    join wavegate.made_rows o on o.run_id = m.run_id and o.source_table = m.source_table and o.key is not distinct from m.key
   where m.run_id = ${uuid(run)} and m.source_table = ${table}
     and (m.place % ${rows} = 0 or m.place = (select max(place) from wavegate.made_rows where run_id = ${uuid(run)} and source_table = ${table}))
   group by m.place order by 1`;
