import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { InsertAction, Migration, Value } from "../../define/definition.ts";
import { isUpdated } from "../../define/identity.ts";
import { hasDefault, innerValues } from "../../define/value.ts";
import { changedNew, type Given, insertMeant, type OnTheWay } from "../around/on-the-way.ts";
import { linkTypes, valueColumn } from "../columns.ts";
import { ofRun, referenceJoins, referenceOf } from "../condition.ts";
import { legacyIdType } from "../keys.ts";
import { isKeyed, keyedPeople, linkedId, linkKey, linkTarget } from "../people-keys.ts";
import { aboveValue, aboveValues, standingJoins, standsIn } from "../references/above.ts";
import { decisionsTable } from "../rows.ts";
import { imageOfNew, type JsonColumns } from "../target/json-columns.ts";
import {
  type Drawn,
  derivedUuid,
  keyColumn,
  keyedActions,
  keyNeeds,
  newKeys,
  stagedOf,
} from "../target/new-keys.ts";
import { mappedTarget, objectOf, referenceLabel } from "../target/value-into.ts";
import { blankRow, keyColumnsOf, keyObject, targetShown } from "../target-key.ts";
import type { ColumnTypes } from "../there/value.ts";
import { nextRows, type Settling, stagedNext, type WaveOrder } from "./rows.ts";
import { changedByOthers, changedRows, joinThere, updateColumns, updateOf } from "./updates.ts";

/**
 * Writes one wave in one statement: new rows in the target tables, links, the ledger with each
 * created row as it was written, and the staging markers. Ids are drawn beforehand, so that each
 * created row is known to belong to its staged row: by its table and its id, as two tables may hand
 * out the same ids.
 *
 * @param settling what settles rows of it first for which the platform changed: if there are any, nothing is written,
 * and the answer has how many were `held` and `skipped`
 * @param onTheWay triggers that may write something else: where they did the answer says which, and of which columns, as `altered`
 */
export function writeWave(
  migration: Migration,
  order: WaveOrder,
  drawn: Drawn = {},
  types: ColumnTypes = {},
  json: JsonColumns = {},
  settling?: Settling,
  onTheWay: OnTheWay = {},
): Sql {
  // Where every key is a drawn integer the ledger has no other.
  const keyed = keyedActions(migration).length + keyedPeople(migration).length > 0;
  const updates = isUpdated(migration.entity);
  const link = linkTarget(migration);
  const key = keyed ? ", target_key" : "";
  const images = Object.entries(migration.entity.actions).map(([name, action]) => {
    const numbered = typeof action.id === "string";
    const id = numbered ? `p."own new_id"` : "null::bigint";
    const own = numbered ? "null::jsonb" : keyObject(keyColumnsOf(action.id), "i");
    return `select p.id as staged_id, 'commit' as action, ${literal(action.into)} as target_table,
           ${id} as target_id${keyed ? `, ${own} as target_key` : ""}, ${imageOfNew(json[action.into])} as image${updates ? ", null::jsonb as before" : ""}
      from picked p join ${identifier(`made_${name}`)} i
        on ${isMadeOf(name, action)}`;
  });
  if (updates) images.push(changedRows(migration, keyed));
  const was = raw(updates ? ", before_image" : "");
  const picked = pickedRows(migration, drawn, types, settling?.by);
  const changes = changedOnTheWay(migration, drawn, onTheWay);
  const altered =
    changes.length === 0 ? "" : `,\n         concat_ws(', ', ${changes.join(", ")}) as altered`;
  const first = settling === undefined ? raw("") : sql`,${settling.tables}`;
  return sql`
  with ${nextRows(migration, order)},
  ${raw(picked.begins)}
      from ${stagedNext(migration, order.run)}
      ${raw(referenceJoins(migration))}
      ${raw(standingJoins(migration))}${raw(picked.joins)}${raw(picked.looked)}${first},
  ${raw(picked.ends)}${raw(settling === undefined ? "" : " where not exists (select from to_settle)")}),
  ${raw(insertsOf(migration, drawn, types, onTheWay))},
  written as (
    ${raw(images.map((image) => `${image}\n    union all `).join(""))}select p.id, 'link', p.link_table, ${raw(keyed ? `${link.id}, ${link.key}` : link.id)}, null::jsonb${raw(updates ? ", null::jsonb" : "")} from picked p where p.planned = 'link'),
  ledger as (
    insert into wavegate.legacy_import_commit_logs
      (run_id, wave, round, staged_id, action, target_table, target_id${raw(key)}, after_image${was})
    select ${uuid(order.run)}, ${order.wave}, ${order.round}, staged_id, action, target_table, target_id${raw(key)}, image${raw(updates ? ", before" : "")}
      from written returning staged_id, action, target_table),
  marked as (
    update ${raw(decisionsTable(migration))} t
       set import_state = case w.action when 'link' then 'linked' else 'committed' end,
           state_reason = null, wave = ${order.wave}${raw(marksOf(migration).join(""))}
      from written w join picked p on p.id = w.staged_id
     -- By their places: of a join with what the planner takes for many rows all decisions of the run are read for each wave.
     where t.ctid = any (array(select place from next))
       and t.run_id = ${uuid(order.run)} and t.staged_id = w.staged_id returning t.staged_id)
  select (select count(*) from picked) as picked, (select count(*) from marked) as marked,
         (select count(*) from ledger where action = 'commit') as committed,
         (select count(*) from ledger where action = 'link') as linked,
         coalesce((select jsonb_object_agg(target_table, n)
                     from (select target_table, count(*) as n from ledger where action = 'commit' group by 1) t),
                  '{}') as created${raw(updates ? updatedRows : "")}${raw(settling === undefined ? "" : settledRows)}${raw(altered)}`;
}

const settledRows = `,
         (select count(*) from settled where import_state = 'held') as held,
         (select count(*) from settled where import_state = 'held' and lacks is not null) as waiting,
         (select count(*) from settled where import_state = 'skipped') as skipped`;

const updatedRows = `,
         coalesce((select jsonb_object_agg(target_table, n)
                     from (select target_table, count(*) as n from ledger where action = 'update' group by 1) t),
                  '{}') as updated`;

/**
 * The platform's ids that a wave keeps on its staged rows, each behind a comma: what it made in the column of the action,
 * whom it linked in that of the people. One column may be both.
 */
function marksOf(migration: Migration): string[] {
  const { actions, match } = migration.entity;
  return linkTypes(migration).map(({ name: column, type }) => {
    const linked = match.against.filter(({ linkedAs }) => linkedAs === column);
    const known = linked.some(isKeyed)
      ? `coalesce(p."own link_key", p.link_id::text)`
      : "p.link_id";
    const shown = type === "text" && known === "p.link_id" ? "p.link_id::text" : known;
    const made = type === "text" ? targetShown("w") : "w.target_id";
    const own = Object.entries(actions).flatMap(([name, { importedAs }]) =>
      importedAs === column ? [name] : [],
    );
    const ofActions =
      own.length === 0
        ? ""
        : ` when w.action <> 'link' and p.planned_action in (${literals(own)}) then ${made}`;
    // A created record that carries a linked user says so on the staged row too.
    const ofPeople =
      linked.length === 0
        ? ""
        : ` when p.link_table in (${literals(linked.map(({ table }) => table))}) then ${shown}`;
    return `, ${identifier(column)} = case${ofActions}${ofPeople} end`;
  });
}

/**
 * `looked_up` and `picked`, as common tables: what a wave looks up of each row that it takes, and the new keys of those
 * that it writes, drawn before it writes anything. Between `begins` and `looked` stands where staged rows come from, as
 * `s`, with their mappings; behind `ends` a bracket.
 *
 * @param also further staged columns
 */
export function pickedRows(
  migration: Migration,
  drawn: Drawn,
  types: ColumnTypes,
  also: readonly string[] = [],
): {
  readonly begins: string;
  readonly joins: string;
  readonly looked: string;
  readonly ends: string;
} {
  const named = Object.entries(migration.entity.actions);
  const columns = [
    ...neededColumns(migration, named, also),
    // One condition, not two: of two the planner expects a single row, and compares every row with every row.
    `case when s.planned = 'commit' then s.planned_action end as "own makes"`,
    ...(keyedPeople(migration).length === 0 ? [] : [`${linkKey("s")} as "own link_key"`]),
    ...values(migration),
    ...aboveValues(migration),
    ...updateColumns(migration, types),
  ].join(", ");
  const keys = newKeys(migration, drawn, (value) => compileValue(migration, value));
  return {
    begins: `looked_up as materialized (
    select ${columns}`,
    joins: joinThere(migration),
    looked: ")",
    ends: `picked as materialized (
    select p.*, ${[`${newIds(named)} as "own new_id"`, ...keys].join(", ")} from looked_up p`,
  };
}

/**
 * What a wave writes from its rows, `picked`, each as a common table: `made_…` of the records it made, and of those that
 * it changed.
 *
 * @param tried with what {@link leftOut} asks of a trial
 */
export const insertsOf = (
  migration: Migration,
  drawn: Drawn,
  types: ColumnTypes,
  onTheWay: OnTheWay,
  tried = false,
): string =>
  [
    ...Object.entries(migration.entity.actions).map(([name, action]) =>
      insert(migration, name, action, drawn, onTheWay),
    ),
    ...updateOf(migration, types, onTheWay, tried),
  ].join(",\n  ");

/** What of the rows that {@link insertsOf} writes triggers that came since made something else of: each as a text that is null for nothing. */
export function changedOnTheWay(
  migration: Migration,
  drawn: Drawn,
  onTheWay: OnTheWay,
): readonly string[] {
  const created = Object.entries(migration.entity.actions).flatMap(([name, action]) => {
    const watched = onTheWay[action.into];
    if (!watched?.insert) return [];
    return [changedNew(name, action, givenTo(migration, name, action, drawn), watched)];
  });
  const there = isUpdated(migration.entity) ? onTheWay[standsIn(migration).into] : undefined;
  return there?.update ? [...created, changedByOthers(migration, there)] : created;
}

/** Of each table the sequence is looked up once: for each row that would take longer than all else that is looked up of it. */
const newIds = (named: readonly [string, InsertAction][]): string =>
  `case when false then null::bigint ${named
    .flatMap(([name, { into, id }]) =>
      typeof id !== "string"
        ? []
        : `when p.planned = 'commit' and p.planned_action = ${literal(name)}
         then nextval((select pg_get_serial_sequence(${literal(identifier(into))}, ${literal(id)})::regclass))`,
    )
    .join(" ")} end`;

/** The staged columns that a wave writes elsewhere or decides by. */
function neededColumns(
  migration: Migration,
  named: readonly [string, InsertAction][],
  also: readonly string[],
): readonly string[] {
  const written = named.flatMap(([, { values }]) =>
    Object.values(values)
      .flatMap(innerValues)
      .flatMap(stagedOf)
      .map((column) => valueColumn(migration, column)),
  );
  const decided = ["id", "run_id", "planned", "planned_action", "link_table", "link_id"];
  const keys = keyNeeds(migration).map((column) => valueColumn(migration, column));
  return [...new Set([...decided, ...written, ...keys, ...also])].map(
    (name) => `s.${identifier(name)}`,
  );
}

/** Values that come from mappings, by a name that tells reference and use apart. */
function values(migration: Migration): readonly string[] {
  return Object.keys(migration.references).flatMap((name) => [
    `${mappedTarget(migration, name)} as ${identifier(`own mapped ${name}`)}`,
    `${referenceLabel(migration, name)} as ${identifier(`own label ${name}`)}`,
  ]);
}

function insert(
  migration: Migration,
  name: string,
  action: InsertAction,
  drawn: Drawn,
  onTheWay: OnTheWay,
): string {
  const given = givenTo(migration, name, action, drawn);
  const from = `picked p\n     where ${makes(name)}`;
  const watched = onTheWay[action.into];
  if (watched?.insert) return insertMeant(name, action.into, given, watched, from);
  return `${identifier(`made_${name}`)} as (
    insert into ${identifier(action.into)} (${given.map(([column]) => identifier(column)).join(", ")}) overriding system value
    select ${given.map(([, is]) => is).join(", ")} from ${from} returning *)`;
}

/** The columns that an action gives its rows, its key's first, and what it gives them. */
function givenTo(
  migration: Migration,
  name: string,
  action: InsertAction,
  { missing = {} }: Drawn,
): readonly Given[] {
  const keys = keyColumnsOf(action.id);
  const others = Object.entries(action.values).filter(([column]) => !keys.includes(column));
  return [
    ...keys.map((column): Given => [column, newKey(name, action, column)]),
    ...others.map(([column, value]): Given => {
      const is = asTyped(migration, action.into, column, value, compileValue(migration, value));
      const own = hasDefault(value) ? missing[action.into]?.[column] : undefined;
      return [
        column,
        own === undefined ? is : `coalesce((${is})::${own.type}, (${own.expression})::${own.type})`,
      ];
    }),
  ];
}

/**
 * A value as the column's own type reads it, where it is a word that the definition chose, or a key that is staged as
 * a text whatever it is: PostgreSQL takes no text for a column of another type, such as an enumeration. What else is
 * read from the source is of the column's type already.
 */
function asTyped(
  migration: Migration,
  into: string,
  column: string,
  value: Value,
  compiled: string,
): string {
  const { entity } = migration;
  const isOther =
    "uuid" in value ||
    ("staged" in value &&
      (Object.hasOwn(entity.decide, value.staged) ||
        ["choice", "duration", "list", "range"].includes(entity.fields[value.staged]?.kind ?? "") ||
        (value.staged === "legacy_id" && legacyIdType(migration) === "text")));
  if (!isOther) return compiled;
  const row = `jsonb_populate_record(${blankRow(identifier(into))}, jsonb_build_object(${literal(column)}, ${compiled}))`;
  return `(${row}).${identifier(column)}`;
}

/**
 * Whether a picked row is made by an action. As a case, of which the planner takes half of all rows to be true: of a
 * comparison with a value that no statistics know it takes one in two hundred, and compares each row with each other
 * to find the one that it made.
 */
export const makes = (name: string): string =>
  `case p."own makes" when ${literal(name)} then true else false end`;

/** Whether the row `i` that an action made is that of the picked row `p`. */
export const isMadeOf = (name: string, action: InsertAction): string =>
  `${makes(name)} and ${keyColumnsOf(action.id)
    .map((column) => `i.${identifier(column)} = ${newKey(name, action, column)}`)
    .join(" and ")}`;

/** The value of a column of the key that a new row of an action gets. */
const newKey = (name: string, { id }: InsertAction, column: string): string =>
  typeof id === "string" ? `p."own new_id"` : `(p.${keyColumn(name)}).${identifier(column)}`;

function compileValue(migration: Migration, value: Value): string {
  if ("staged" in value) return `p.${identifier(valueColumn(migration, value.staged))}`;
  if ("constant" in value) return literal(value.constant);
  if ("run" in value) return ofRun(value.run, "p");
  if ("linked" in value) {
    const { against } = migration.entity.match;
    return linkedId(
      against.find(({ table }) => table === value.linked),
      value.linked,
    );
  }
  if ("of" in value) return `p.${aboveValue(value)}`;
  if ("uuid" in value) return derivedUuid(migration, value.uuid, value.from);
  if ("nothing" in value) return "null";
  if ("object" in value) return objectOf(value.object, (each) => compileValue(migration, each));
  const [kind, reference] = "mapped" in value ? ["mapped", value.mapped] : ["label", value.label];
  referenceOf(migration, reference);
  return `p.${identifier(`own ${kind} ${reference}`)}`;
}
