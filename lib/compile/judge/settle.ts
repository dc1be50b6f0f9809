import { identifier, join, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Migration, Reference } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { givenKey } from "../../define/target-key.ts";
import { innerValues, type Value } from "../../define/value.ts";
import { valueColumn } from "../columns.ts";
import { referenceColumn, referenceJoin } from "../condition.ts";
import { isLinked, isMeant } from "../people-keys.ts";
import { isMissing, standingJoins, usedAbove } from "../references/above.ts";
import { calledThen, isCalledSo } from "../references/called.ts";
import { decisionsTable, sourceTable, stagedTable } from "../rows.ts";
import type { IdentityTypes } from "../target/identity-types.ts";
import { mappedTarget } from "../target/value-into.ts";
import { movedTo } from "../there/moved-before.ts";
import { changedThere } from "../there/there.ts";
import { toldOtherwise } from "../there/told-otherwise.ts";
import type { ColumnTypes } from "../there/value.ts";
import { nextRows, type Settling, stagedNext, type WaveOrder } from "../wave/rows.ts";
import { arrivalColumns, arrivals, type CameSince } from "./came-since.ts";
import { withoutRoom } from "./room.ts";

/**
 * Settles the next rows of a wave for which the platform is no longer what was reviewed. Skipped is
 * what another run moved meanwhile (M11); held is a row whose link's target is gone, which somebody since
 * came to be by what matching compares (`came-since.ts`), or that refers to what is not there, which are those `waiting`. Answers
 * `(skipped, held, waiting)`.
 */
export function settleWhatChanged(
  migration: Migration,
  order: WaveOrder,
  types: ColumnTypes = {},
  identities: IdentityTypes = {},
  since: CameSince = nobodyCame,
): Sql {
  const { by, tables } = settling(migration, order.run, types, identities, since);
  return sql`
  with ${nextRows(migration, order)},
  looked_up as materialized (
    select ${raw(by.map((name) => `s.${identifier(name)}`).join(", "))}
      from ${stagedNext(migration, order.run)}),${tables}
  select count(*) filter (where import_state = 'skipped') as skipped,
         count(*) filter (where import_state = 'held') as held,
         count(*) filter (where import_state = 'held' and lacks is not null) as waiting from settled`;
}

/** What is known where nobody looked who came. */
export const nobodyCame: CameSince = { numbering: { code: "", prefix: "", lengths: [] }, to: {} };

/** What settles rows of a wave for which the platform is no longer what was reviewed, see {@link settleWhatChanged}. */
export function settling(
  migration: Migration,
  run: string,
  types: ColumnTypes,
  identities: IdentityTypes,
  since: CameSince = nobodyCame,
): Settling {
  const { against } = migration.entity.match;
  const tells = Object.values(migration.entity.actions).flatMap(({ identity = {} }) =>
    Object.values(identity).flatMap((value) => ("staged" in value ? [value.staged] : [])),
  );
  const by = [
    ...["id", "source_table", "legacy_id", "planned", "planned_action", "link_table", "link_id"],
    ...arrivalColumns(migration, since),
    ...writtenReferences(migration).flatMap(([name]) => [
      ...["run_id", referenceColumn(migration, name), "findings"],
    ]),
    ...tells.map((name) => valueColumn(migration, name)),
  ];
  const gone = against.map(
    (target) => sql`
    select s.id from looked_up s where s.link_table = ${raw(literal(target.table))} and not exists
         (select from ${raw(identifier(target.table))} p where ${isLinked(target, run)}${raw(isMeant(target, "p"))})`,
  );
  const came = arrivals(migration, run, since);
  const full = withoutRoom(migration, run, "looked_up");
  const changed = [
    ...gone,
    ...referencesGone(migration, run),
    ...came.rows,
    ...changedThere(migration, run, types, since.keys),
    ...toldOtherwise(migration, run, { types, above: since.above, keys: since.keys }),
    ...(full ? [full] : []),
  ];
  const tables = sql`${join([raw(""), ...came.tables], "")}
  moved as materialized (${movedMeanwhile(migration, run, identities)}),
  changed as (${changed.length === 0 ? raw("select id from looked_up where false") : join(changed, "\n    union ")}),
  lacking as (${raw(lacking(migration, run))}),
  to_settle as materialized (
    select id, bool_or(moved) as moved, min(lacks) as lacks
      from (select id, true as moved, null::text as lacks from moved
            union all select id, false, null from changed
            union all select id, false, lacks from lacking) each group by 1),
  settled as (
    update ${raw(decisionsTable(migration))} d
       set import_state = case when c.moved then 'skipped' else 'held' end,
           state_reason = case when c.moved then 'moved_before'
                               when c.lacks is not null then 'waits_for_' || c.lacks
                               else 'platform_changed_since_review' end
      from to_settle c
     -- Looked up by their keys, as they are none mostly: of a join all that was decided may be read for each wave.
     where d.staged_id = any (array(select id from to_settle))
       and d.run_id = ${uuid(run)} and d.staged_id = c.id returning d.import_state, c.lacks)`;
  return { by: [...new Set(by)], tables };
}

/**
 * Rows that would name something of the platform that is none of those that are meant any more, is gone, or is called
 * otherwise than when it was reviewed: under its id something else may stand.
 */
const referencesGone = (migration: Migration, run: string): Sql[] =>
  writtenReferences(migration).map(([name, reference, writes]) => {
    const { platform } = reference;
    const target = mappedTarget(migration, name);
    // Of what was looked up of the rows already: each is looked up once for all that settles it.
    return sql`
    select s.id from looked_up s ${raw(referenceJoin(migration, name))}${calledThen(name, target, run)}
     where (${raw(writes.join(" or "))}) and ${raw(target)} is not null
       and not exists (select from ${raw(identifier(platform.table))} p
                        where p.${raw(identifier(platform.id))} = ${raw(target)}${raw(isMeant(platform, "p"))}
                          and ${isCalledSo(reference)})`;
  });

/** The references with what they are mapped to rows are written, each with which rows those are. */
const writtenReferences = (
  migration: Migration,
): readonly (readonly [name: string, reference: Reference, writes: readonly string[]])[] =>
  Object.entries(migration.references).flatMap(([name, reference]) => {
    const writes = namedBy(migration, name);
    return writes.length === 0 ? [] : [[name, reference, writes] as const];
  });

/** What is planned for rows that are written with what a reference is mapped to, as conditions. */
function namedBy({ entity }: Migration, name: string): string[] {
  const names = (values: readonly Value[]) =>
    values.flatMap(innerValues).some((value) => "mapped" in value && value.mapped === name);
  return [
    ...Object.entries(entity.actions).flatMap(([action, { id, values }]) =>
      names([...Object.values(values), ...Object.values(givenKey(id))])
        ? [`s.planned = 'commit' and s.planned_action = ${literal(action)}`]
        : [],
    ),
    ...(names(Object.values(updatesOf(entity))) ? ["s.planned = 'update'"] : []),
  ];
}

/** Rows that refer to a row above which does not stand on the platform, each with the first such reference. */
function lacking(migration: Migration, run: string): string {
  const each = Object.entries(migration.entity.actions).flatMap(([name, action]) =>
    usedAbove(migration, action).map(
      (ref) =>
        `when s.planned_action = ${literal(name)} and ${isMissing(migration, ref)} then ${literal(ref)}`,
    ),
  );
  if (each.length === 0) return "select id, null::text as lacks from looked_up where false";
  return `
    select id, lacks from (
      select s.id, case ${each.join("\n           ")} end as lacks
        from looked_up p join ${stagedTable(migration)} s on s.run_id = '${run}' and s.id = p.id
        ${standingJoins(migration)}
       where s.planned in ('commit', 'update')) found where lacks is not null`;
}

/**
 * Rows whose legacy row another run wrote or linked, though the dry run did not know: told by that
 * run's ledger, whatever became of the contact on either side, and by the platform itself. The other
 * runs that still have anything on the platform are few; their rows are looked up one by one, so
 * that no table is read for it.
 */
function movedMeanwhile(migration: Migration, run: string, types: IdentityTypes): Sql {
  const onPlatform = Object.entries(migration.entity.actions).flatMap(([name, action]) => {
    if (!action.identity) return [];
    const planned = `planned = 'commit' and planned_action = ${literal(name)}`;
    return [
      movedTo(migration, action, run, types, raw(`(select * from looked_up where ${planned})`)),
    ];
  });
  const inLedger = sql`
    select p.id from looked_up p
      cross join (
        select r.id from wavegate.legacy_import_runs r
         where r.migration = ${migration.name} and r.id <> ${uuid(run)} and exists (
           select from wavegate.waves w where w.run_id = r.id
              -- What a rollback spared stands (D16).
              and (w.status <> 'rolled_back' or coalesce((w.counts -> 'rolledBack' ->> 'spared')::bigint, 1) > 0))
        offset 0) earlier
      cross join lateral (
        select from ${raw(sourceTable(migration))} o
          join wavegate.legacy_import_commit_logs l on l.run_id = o.run_id and l.staged_id = o.id
         where o.run_id = earlier.id and o.source_table = p.source_table and o.legacy_id = p.legacy_id
           and l.rolled_back_at is null limit 1) moved
      -- What a row that is there would be changed to is held against what it is: nothing is there twice by that.
     where p.planned <> 'update'`;
  return join([inLedger, ...onPlatform], "\n    union ");
}
