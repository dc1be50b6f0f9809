import {
  identifier,
  inLists,
  join,
  json,
  literal,
  raw,
  type Sql,
  sql,
  uuid,
} from "../../data/sql.ts";
import type { InsertAction, Migration } from "../../define/definition.ts";
import type { Value } from "../../define/value.ts";
import { importedColumn, mainField, nameForms, valueColumn } from "../columns.ts";
import { decisionsTable, sourceTable } from "../rows.ts";
import { gatherStatistics } from "../statistics.ts";
import { comparedWith, type IdentityTypes } from "../target/identity-types.ts";
import { isNamedBy, keyColumnsOf, keyObject, pinnedKey } from "../target-key.ts";

/** Characters of what one statement looks for, of however many kinds of things. */
const mostOfMoved = 30_000;

/**
 * The statements that find, once for a dry run, the rows that an earlier run moved already: told by
 * the ledger, and by the platform itself.
 */
export function findMovedBefore(
  parts: readonly Migration[],
  run: string,
  types: IdentityTypes,
): readonly Sql[] {
  // No two kinds of things share an id: each is found by itself, in as few statements as take them.
  const each = parts.map((part) =>
    join([...movedOf(part, run, types), ...movedElsewhere(part, run)], " union "),
  );
  return [
    sql`delete from wavegate.moved_before where run_id = ${uuid(run)}`,
    ...inLists(each, mostOfMoved).map((some) =>
      parts.every(({ part }) => part === undefined)
        ? sql`insert into wavegate.moved_before (run_id, staged_id, another, gone)
            select ${uuid(run)}, id, bool_or(another), bool_and(gone) from (${join(some, " union ")}) moved group by id`
        : // Where two rows say that they are it, nobody can tell which one is referred to.
          // Nor is it whoever had its key before.
          sql`insert into wavegate.moved_before (run_id, staged_id, another, gone, target_table, target_key)
            select ${uuid(run)}, id, bool_or(another), bool_and(gone), case when count(*) = 1 and not bool_or(another) then min(target_table) end,
                   case when count(*) = 1 and not bool_or(another) then min(target_key::text)::jsonb end
              from (select id, target_table, target_key, bool_or(another) as another, bool_and(gone) as gone from (${join(some, " union ")}) each group by 1, 2, 3) moved group by id`,
    ),
    gatherStatistics("moved_before"),
  ];
}

/**
 * Holds the rows of one kind of things that were skipped as moved before, and of which nothing stands by now: the run that
 * moved them was taken back since, or somebody deleted what it wrote.
 */
export const holdMovedNoMore = (
  migration: Migration,
  run: string,
  types: IdentityTypes,
): Sql => sql`
  with standing as materialized (
    select id from (${join(movedOf(migration, run, types), " union ")}) moved group by id having not bool_and(gone))
  update ${raw(decisionsTable(migration))} d set import_state = 'held', state_reason = 'moved_and_gone'
   where d.run_id = ${uuid(run)} and d.import_state = 'skipped' and d.state_reason = 'moved_before'
     and d.staged_id not in (select id from standing)`;

/** Ids of such rows of one kind of things, by the ledger and by each action's identity. */
function movedOf(migration: Migration, run: string, types: IdentityTypes): readonly Sql[] {
  const source = raw(sourceTable(migration));
  const several = migration.part !== undefined;
  const onPlatform = Object.values(migration.entity.actions).flatMap((action) =>
    action.identity
      ? [
          movedTo(
            migration,
            action,
            run,
            types,
            sql`(select * from ${source} where run_id = ${uuid(run)})`,
            `, false as another, false as gone${several ? thereOn(action) : ""}`,
            importedColumn,
          ),
        ]
      : [],
  );
  const inLedger = sql`
    select s.id, ${raw(isAnother(migration))} as another, not y.there as gone${raw(several ? `, l.target_table, case when y.there then ${ledgerKey(migration)} end as target_key` : "")} from wavegate.legacy_import_commit_logs l
      join ${source} o on o.run_id = l.run_id and o.id = l.staged_id
      join ${source} s on s.run_id = ${uuid(run)} and s.source_table = o.source_table and s.legacy_id = o.legacy_id
      cross join lateral (select ${raw(stillThere(migration))} as there offset 0) y
     where l.run_id <> ${uuid(run)} and l.rolled_back_at is null`;
  return [inLedger, ...onPlatform];
}

/**
 * Rows under whose key an earlier run moved one of a table that this kind of things reads no more, and that no run ever read beside
 * theirs: mostly it is the same one under another name, and where neither `identity` nor `is` asks the platform nothing else tells.
 */
function movedElsewhere(migration: Migration, run: string): readonly Sql[] {
  const { entity, name, part } = migration;
  const asked = entity.is !== undefined;
  if (asked || Object.values(entity.actions).every(({ identity }) => identity)) return [];
  const source = raw(sourceTable(migration));
  const read =
    part === undefined
      ? sql`definition #> '{entity,from}'`
      : sql`(select kinds.kind #> '{entity,from}' from jsonb_array_elements(definition -> 'entities') kinds(kind) where kinds.kind ->> 'name' = ${part})`;
  const earlier = sql`
    (select id, ${read} as tables from wavegate.legacy_import_runs where migration = ${name} and id <> ${uuid(run)} offset 0)`;
  const tables = json(entity.from);
  return [
    sql`
    select s.id, true as another, false as gone${raw(part === undefined ? "" : ", null::text as target_table, null::jsonb as target_key")}
      from ${earlier} r
      join ${source} o on o.run_id = r.id and not r.tables <@ ${tables} and not ${tables} @> to_jsonb(o.source_table)
      join wavegate.legacy_import_commit_logs l on l.run_id = o.run_id and l.staged_id = o.id and l.rolled_back_at is null
      join ${source} s on s.run_id = ${uuid(run)} and s.legacy_id = o.legacy_id
     where not ${raw(isAnother(migration))}
       and not exists (select from ${earlier} b where b.tables @> jsonb_build_array(o.source_table, s.source_table))`,
  ];
}

/** How alike the words of two names of one person are at least, who married or whose name was written otherwise. */
const sameName = 0.4;

/**
 * Whether a row `s` is somebody else than the row `o` that an earlier run moved under the same key, as where a source
 * uses a key again: of name, birth date, phone and e-mail both have two or more, and none of them is the same. What was erased
 * tells nothing.
 */
function isAnother(migration: Migration): string {
  const name = mainField(migration, "name");
  const { key } = nameForms(migration, name ?? "");
  const others = (["birth_date", "phone", "email"] as const).flatMap((kind) => {
    const field = mainField(migration, kind);
    if (field === undefined) return [];
    const column = identifier(importedColumn(migration, field));
    return [`o.${column} = s.${column}`];
  });
  const same = [
    ...(name === undefined ? [] : [`similarity(o.${key}, s.${key}) >= ${sameName}`]),
    ...others,
  ];
  if (same.length < 2) return "false";
  const any = (of: readonly string[]) => `coalesce(${of.join(" or ")}, false)`;
  // Nearly all rows are as they were: of those no names are compared letter by letter.
  return `case when ${any([...(name === undefined ? [] : [`o.${key} = s.${key}`]), ...others])} then false
               else num_nonnulls(${same.join(", ")}) > 1 and not ${any(same)} end`;
}

/** The row of the platform that a record `p` of an action's target is. */
const thereOn = ({ into, id }: InsertAction): string =>
  `, ${literal(into)} as target_table, ${keyObject(keyColumnsOf(id), "p")} as target_key`;

/**
 * Whether the row that an entry `l` of the ledger names is still there: what somebody deleted nothing can refer to, nor what
 * is somebody else's by now, as where a table was emptied and its numbers began anew.
 */
const stillThere = (migration: Migration): string => {
  const each = Object.values(migration.entity.actions).map((action) => {
    const { into, id } = action;
    const key = pinnedKey(id);
    const target = { table: into, id: keyColumnsOf(id)[0] as string, ...(key && { key }) };
    return `when ${literal(into)} then exists (select from ${identifier(into)} p where ${isNamedBy(target, "p", "l")}${isNoStranger(migration, action)})`;
  });
  return each.length === 0
    ? "true"
    : `case l.target_table ${[...new Set(each)].join(" ")} else true end`;
};

/** Kinds of fields whose values few have in common, those that tell most first; and of how many columns that is asked. */
const telling = ["legacy_id", "email", "phone", "name", "date", "text"];
const mostTelling = 12;

/**
 * As a further condition on the record `p` that an entry `l` names, that it holds any of what tells people apart as it was
 * written. Of one value alone, and of what was erased, nothing is told.
 */
function isNoStranger({ entity }: Migration, { values }: InsertAction): string {
  const tells = (value: Value): number =>
    "staged" in value ? telling.indexOf(entity.fields[value.staged]?.kind ?? value.staged) : -1;
  // Of a table with hundreds of columns all of them would be more than a statement holds.
  const columns = Object.entries(values)
    .filter(([, value]) => tells(value) >= 0)
    .sort(([, one], [, other]) => tells(one) - tells(other))
    .slice(0, mostTelling)
    .map(([column]) => column);
  if (columns.length < 2) return "";
  const was = columns.map((column) => `l.after_image ->> ${literal(column)}`);
  const same = columns.map(
    (column) => `to_jsonb(p.${identifier(column)}) = l.after_image -> ${literal(column)}`,
  );
  return ` and (num_nonnulls(${was.join(", ")}) < 2 or ${same.join(" or ")})`;
}

/** The key of what an entry `l` of the ledger names, of whichever of a migration's targets. */
function ledgerKey({ entity }: Migration): string {
  const drawn = Object.values(entity.actions).flatMap(({ into, id }) =>
    typeof id === "string"
      ? [`when ${literal(into)} then jsonb_build_object(${literal(id)}, l.target_id)`]
      : [],
  );
  return drawn.length === 0
    ? "l.target_key"
    : `coalesce(l.target_key, case l.target_table ${drawn.join(" ")} end)`;
}

/**
 * Ids of those rows, given in parentheses, with their values under `columnOf`, whose legacy row a record in a target table names as its
 * own that this run did not make: by all that `identity` says, which is what the source has, or a constant.
 */
export function movedTo(
  migration: Migration,
  { into, identity = {}, values }: InsertAction,
  run: string,
  types: IdentityTypes,
  rows: Sql,
  also = "",
  columnOf = valueColumn,
): Sql {
  const same = Object.entries(identity).map(([column, value]) => {
    if ("constant" in value) return `p.${identifier(column)} = ${literal(value.constant)}`;
    // Left out it would take other rows for this one.
    if (!("staged" in value)) throw new Error(`“${column}” tells of no legacy row.`);
    const ours = columnOf(migration, value.staged);
    return `p.${identifier(column)} = ${comparedWith(migration, value, ours, types[into]?.[column])}`;
  });
  const maker = Object.entries(values).find(
    ([, value]) => "run" in value && value.run === "id",
  )?.[0];
  const foreign = maker
    ? sql`and p.${raw(identifier(maker))} is distinct from ${uuid(run)}`
    : raw("");
  return sql`
    select s.id${raw(also)} from ${rows} s join ${raw(identifier(into))} p on ${raw(same.join(" and "))} ${foreign}`;
}
