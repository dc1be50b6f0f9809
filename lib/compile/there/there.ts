import { identifier, literal, raw, type Sql, sql, textObject, uuid } from "../../data/sql.ts";
import type { InsertAction, Migration, Same } from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { seenThere } from "../../define/looked-at.ts";
import { referenceJoins } from "../condition.ts";
import { aboveJoins, rowJustFound, standingJoins, standsIn } from "../references/above.ts";
import { decisionsTable, stagedTable } from "../rows.ts";
import { gatherStatistics } from "../statistics.ts";
import { aheadJoins, type Targets, takenBelow, toldAbove } from "../target/ahead.ts";
import { blankRow, keyColumnsOf, keyObject } from "../target-key.ts";
import { refusedAfter } from "./refused-after.ts";
import { sameRecords } from "./same-records.ts";
import { afterOf, unfitOf, updatedJoins } from "./updated.ts";
import type { ColumnTypes } from "./value.ts";

/** Columns of a row as PostgreSQL writes them: exact for every type, and read back as they were. */
export const imageOf = (columns: readonly string[], row: string): string =>
  textObject(columns.map((name) => [name, `${row}.${identifier(name)}::text`]));

/** Of an image the columns that another one has. */
export const columnsOf = (image: string, other: string): string =>
  `(select jsonb_object_agg(i.key, i.value) from jsonb_each(${image}) i where jsonb_exists(${other}, i.key))`;

/** Whether the row `row` of a kind's table is the one that a key, a JSON object of its columns, names. */
export const isKey = ({ into, id }: InsertAction, row: string, key: string): string =>
  keyColumnsOf(id)
    .map(
      (column) =>
        `${row}.${identifier(column)} = (jsonb_populate_record(${blankRow(identifier(into))}, ${key})).${identifier(column)}`,
    )
    .join(" and ");

/** The key of what was found there, in a kind's table: those of others, of other types, are not even read as one. */
export const keyIn = ({ into }: InsertAction, found: string): string =>
  `case when ${found}.target_table = ${literal(into)} then ${found}.target_key end`;

/** The columns of the platform that tell whether a row is there. */
export const identityColumns = ({ entity }: Migration): readonly string[] => [
  ...new Set((entity.is ?? []).flatMap((same) => same.map(([column]) => column))),
];

/** The ways by which a row is told to be there for certain. */
export const certainWays = ({ entity }: Migration): readonly Same[] =>
  (entity.is ?? []).filter((same) => !isDoubtful(same));

/** Joins that say what the rows above are, or will be, by which a way tells whether a row is there. */
const toldJoins = (migration: Migration, same: Same, targets: Targets) =>
  [
    aheadJoins(migration, targets, { rowOf: rowJustFound, oneByOne: true, told: same }),
    ...same.flatMap(([column, as], at) =>
      "of" in as ? (toldAbove(migration, targets, as, column, at)?.join ?? []) : [],
    ),
  ].join("\n      ");

/** What is looked at beside what stands on the platform, to find what rows are there and what would be written of them. */
interface Looked {
  /** What rows above will be, by which rows below them are found as well. */
  readonly targets?: Targets;
  /** The same, of which something is written. */
  readonly written?: Targets;
  /** Whether a row is held against conditions and references of its table, too, which may fail on it. */
  readonly tried?: boolean;
  /** The kinds that are written behind: what they take of such rows is noted. */
  readonly below?: readonly Migration[];
}

/**
 * The statements that find, once for a dry run and behind the rows above, which rows of a kind are on the platform
 * already (see `schema/014-rows-there.sql`), and what would be written of them. By rows above that are still to be
 * written they are found, too.
 */
export function findRowsThere(
  migration: Migration,
  run: string,
  types: ColumnTypes,
  { targets = new Map(), written: ahead = new Map(), tried = false, below = [] }: Looked = {},
): readonly Sql[] {
  const { entity } = migration;
  const action = standsIn(migration);
  const keys = keyColumnsOf(action.id);
  const updates = Object.keys(updatesOf(entity)).sort();
  const taken = takenBelow(migration, below).filter((column) => types[column] !== undefined);
  const looked = [...new Set([...seenOf(migration), ...taken])].sort();
  const own = referenceJoins(migration);
  const joins = `${own}
      ${aboveJoins(migration)}
      ${standingJoins(migration, rowJustFound)}`;
  const told = (same: Same) => `${joins}
      ${targets.size === 0 ? "" : toldJoins(migration, same, targets)}`;
  // A way that is not certain counts where no other finds anything.
  const doubtful = (entity.is ?? []).some(isDoubtful);
  // Rows above are looked up row by row, all in one statement: only where a way asks for them.
  const found = (entity.is ?? []).map((same) =>
    sameRecords(
      migration,
      same,
      types,
      {
        from: `${stagedTable(migration)} s
      ${same.some(([, as]) => "of" in as) ? told(same) : own}`,
        where: `s.run_id = '${run}'`,
        answer: (id) =>
          `${id}, ${keyObject(keys, "p")} as key, ${updates.length === 0 ? "null::jsonb" : imageOf(updates, "p")} as image, ${looked.length === 0 ? "null::jsonb" : imageOf(looked, "p")} as seen${doubtful ? `, ${!isDoubtful(same)} as certain` : ""}`,
      },
      targets,
    ),
  );
  const certain = doubtful ? " and certain" : "";
  const written =
    updates.length === 0
      ? "null::jsonb as own, null::jsonb as beside, null::text as unfit"
      : `${afterOf(migration, types, ahead, false)} as own, ${afterOf(migration, types, ahead, true)} as beside, ${unfitOf(migration, types, ahead)} as unfit`;
  const refused = tried ? refusedAfter(migration, types, ahead) : undefined;
  const differs = `(select jsonb_object_agg(n.key, case $of when 'b' then o.image -> n.key else n.value end)
             from jsonb_each(o.new) n where n.value is distinct from o.image -> n.key)`;
  const one = (side: "a" | "b") => differs.replace("$of", `'${side}'`);
  return [
    // What waves wrote stays as it was reviewed.
    sql`delete from wavegate.rows_there t using ${raw(decisionsTable(migration))} d
         where t.run_id = ${uuid(run)} and d.run_id = t.run_id and d.staged_id = t.staged_id
           and d.import_state not in ('committed', 'linked')`,
    sql`
  with found as materialized (${raw(doubtful ? bestOf(found) : found.join("\n    union "))}),
  counted as (
    select id, count(*) as n, min(key::text)::jsonb as key, min(image::text)::jsonb as image,
           min(seen::text)::jsonb as seen${raw(doubtful ? ", bool_or(certain) as certain" : "")} from found group by id),
  -- Of a join the planner expects one row on each side, and would count them again for each.
  held as materialized (select key from counted where n = 1${raw(certain)} group by key having count(*) > 1${raw(takenAbove(migration, run))}),
  ones as materialized (
    select c.id, c.key, c.image, c.seen, ${raw(written)}
      from counted c join ${raw(stagedTable(migration))} s on s.run_id = ${uuid(run)} and s.id = c.id
      ${raw(joins)}
      ${raw(updatedJoins(migration, ahead))}
     where c.n = 1${raw(doubtful ? " and c.certain" : "")} and c.key not in (select h.key from held h where h.key is not null)),
  -- What is written beside others alone is not what a row differs by.
  written as (select o.*, case when exists (
                  select from jsonb_each(o.own) n where n.value is distinct from o.image -> n.key) then o.own || o.beside else o.own end as new
                from ones o),
  differing as (select o.*, ${raw(one("b"))} as before, ${raw(one("a"))} as after from written o),
  changed as (${raw(
    refused === undefined
      ? "select * from differing"
      : `
    select o.id, o.key, o.before, o.after, o.seen, coalesce(o.unfit, r.by) as unfit
      from differing o left join lateral (
        select ${refused} as by from ${identifier(action.into)} p where ${isKey(action, "p", "o.key")} offset 0) r
        on o.after is not null and o.unfit is null`,
  )})
  insert into wavegate.rows_there (run_id, staged_id, there_is, target_table, target_key, before, after, unfit, seen)
  select ${uuid(run)}, c.id,
         case when c.n > 1 then 'several' ${raw(doubtful ? "when not c.certain then 'perhaps' " : "")}when o.id is null then 'shared'
              when ${updates.length === 0} then 'one' when o.after is null and o.unfit is null then 'same' else 'differs' end,
         ${action.into}, o.key, o.before, o.after, o.unfit, o.seen
    from counted c left join changed o on o.id = c.id
  on conflict do nothing`,
    gatherStatistics("rows_there"),
  ];
}

/** Whether what is found in this way is nobody's for certain. */
const isDoubtful = (same: Same): boolean => same.some(([, as]) => as.perhaps === true);

/** Of what was found of a row what is certain, or else all of it. */
const bestOf = (found: readonly string[]): string => `
    select f.id, f.key, f.image, f.seen, f.certain
      from (select u.*, bool_or(u.certain) over (partition by u.id) as any_certain from (${found.join("\n    union ")}) u) f
     where f.certain = f.any_certain`;

/** Keys of rows of the platform that are rows of a kind above already: of a table, each row is of one kind. */
const takenAbove = (migration: Migration, run: string): string => {
  const { into, id } = standsIn(migration);
  return (migration.above ?? [])
    .filter(({ entity }) => Object.values(entity.actions).some((action) => action.into === into))
    .map(
      (parent) => `
            union select d.there_key from ${decisionsTable(parent)} d
                   where d.run_id = '${run}' and d.there_table = ${literal(into)}
            union select ${typeof id === "string" ? `jsonb_build_object(${literal(id)}, l.target_id)` : "l.target_key"}
                    from wavegate.legacy_import_commit_logs l join ${decisionsTable(parent)} d using (run_id, staged_id)
                   where l.run_id = '${run}' and l.target_table = ${literal(into)} and l.rolled_back_at is null`,
    )
    .join("");
};

/** The columns of a row that is there at which the plan looks: they have to be what they were when it is written. */
export const seenOf = ({ entity }: Migration): readonly string[] =>
  [...new Set(entity.plan.flatMap(({ when }) => seenThere(when)))].sort();

/**
 * Rows of a wave, `looked_up`, for which the platform is no longer what the dry run saw: what they would change is not as
 * it was, or they are there meanwhile. What waves wrote of rows of this kind is none of it.
 *
 * @param seen by table the key beyond which rows came since
 */
export function changedThere(
  migration: Migration,
  run: string,
  types: ColumnTypes,
  seen: Readonly<Record<string, number | null>> = {},
): readonly Sql[] {
  const { entity } = migration;
  if (entity.is === undefined) return [];
  const action = standsIn(migration);
  const last = seen[action.into] ?? null;
  // Those that were there the dry run found, whatever they look like.
  const beyond =
    last === null || typeof action.id !== "string"
      ? undefined
      : `t.${identifier(action.id)} > ${last}`;
  const updates = Object.keys(updatesOf(entity)).sort();
  const looked = seenOf(migration);
  const keys = keyColumnsOf(action.id);
  const own =
    typeof action.id === "string"
      ? `l.target_id = p.${identifier(action.id)}`
      : `l.target_key = ${keyObject(keys, "p")}`;
  const came = entity.is.map((same) =>
    raw(
      sameRecords(migration, same, types, {
        from: `looked_up c join ${stagedTable(migration)} s on s.run_id = '${run}' and s.id = c.id
      ${referenceJoins(migration)}
      ${standingJoins(migration)}`,
        where: "c.planned = 'commit'",
        answer: (id) => id,
        unless: `not exists (
       select from wavegate.legacy_import_commit_logs l
        where l.run_id = '${run}' and l.target_table = ${literal(action.into)} and l.action = 'commit'
          and l.rolled_back_at is null and ${own}
          and exists (select from ${decisionsTable(migration)} d where d.run_id = l.run_id and d.staged_id = l.staged_id))`,
        beyond,
      }),
    ),
  );
  if (updates.length === 0) return came;
  return [
    ...came,
    sql`
    select c.id from looked_up c
     where c.planned = 'update' and not exists (
       select from wavegate.rows_there t join ${raw(identifier(action.into))} p on ${raw(isKey(action, "p", keyIn(action, "t")))}
        where t.run_id = ${uuid(run)} and t.staged_id = c.id
          and t.before = ${raw(columnsOf(imageOf(updates, "p"), "t.before"))}${raw(looked.length === 0 ? "" : ` and ${columnsOf("t.seen", imageOf(looked, "p"))} = ${imageOf(looked, "p")}`)})`,
  ];
}
