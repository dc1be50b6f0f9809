import { identifier, literal, literals, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { wholeName } from "../../define/database-roles.ts";
import { namesAbove, namesIn } from "../../define/default-rules.ts";
import type {
  EntityReference,
  InsertAction,
  Migration,
  Referrer,
} from "../../define/definition.ts";
import { updatesOf } from "../../define/identity.ts";
import { keyColumns } from "../../define/keys.ts";
import { inCircle } from "../../define/reference-above.ts";
import {
  aliasOf,
  levelColumn,
  rowColumn,
  selvesOf,
  stateAbove,
  stateColumn,
  writes,
} from "../above-columns.ts";
import { keyAsRead } from "../as-read.ts";
import { importedColumn } from "../columns.ts";
import { legacyIdType } from "../keys.ts";
import { isPersonal } from "../personal-keys.ts";
import { decisionsTable, sourceTable, stagedFrom } from "../rows.ts";
import { blankRow, keyColumnsOf } from "../target-key.ts";
import { amongJoin, noteCandidates } from "./among.ts";
import { choicesOf } from "./choices.ts";

/** The references of a kind of things to kinds above it, by name. */
export const refsOf = ({ entity }: Migration): readonly (readonly [string, EntityReference])[] =>
  Object.entries(entity.refs ?? {});

/** The kind of things that a reference goes to, which may be its own. */
export function parentOf(migration: Migration, name: string): Migration {
  const to = migration.entity.refs?.[name]?.to;
  if (selvesOf(migration).includes(name)) return migration;
  const parent = migration.above?.find(({ part }) => part === to);
  if (parent !== undefined) return parent;
  throw new Error(`“${name}” of “${migration.part}” refers to nothing above it.`);
}

/** The table of the platform in which the rows stand that others refer to: there is one. */
export function standsIn({ part, entity }: Migration): InsertAction {
  const [action] = Object.values(entity.actions);
  if (action !== undefined) return action;
  throw new Error(`“${part}” writes nothing that could be referred to.`);
}

/** The statements that note what could be meant where a person is asked ({@link noteCandidates}). */
export const noteChoices = (migration: Migration, run: string): readonly Sql[] =>
  choicesOf(migration).flatMap((choice) => {
    const reference = migration.entity.refs?.[choice.name];
    if (reference === undefined) return [];
    const parent = parentOf(migration, choice.name);
    return noteCandidates(choice, isSame(migration, parent, reference), run);
  });

/** Whether rows above are named by their keys through a field that is tidied as it is read, which those are not. */
export const namesTidied = (
  { entity }: Migration,
  parent: Migration,
  theirs: string,
  ours: string,
): boolean =>
  theirs === "legacy_id" && legacyIdType(parent) === "text" && entity.fields[ours]?.kind === "text";

/** Whether keys of a kind's rows say who somebody is, so that a digest stands for them. */
const isDigest = (parent: Migration): boolean =>
  parent.entity.from.some((table) =>
    isPersonal(parent, keyColumns(parent.source[table]?.key ?? [])),
  );

/** What stands for a key where a digest does, of a row `s` of the same run. */
const digestOf = (key: string): string =>
  `case when ${key} is not null then wavegate.staged_key((select r.key_digests from wavegate.legacy_import_runs r where r.id = s.run_id),
                       'sha256:' || encode(sha256(convert_to(${key}, 'UTF8')), 'hex')) end`;

/** Whether a reference's value can be asked of a row above: the fields that hold the same. */
export function isSame(migration: Migration, parent: Migration, { by }: EntityReference): string {
  const own = (field: string) => `s.${identifier(importedColumn(migration, field))}`;
  return Object.entries(by)
    .map(([theirs, ours]) => {
      if (theirs !== "legacy_id")
        return `a.${identifier(importedColumn(parent, theirs))}::text = ${own(ours)}::text`;
      return legacyIdType(parent) === "bigint"
        ? // What is no number names no row.
          `a.legacy_id = case when ${own(ours)}::text ~ '^-?[0-9]{1,18}$' then ${own(ours)}::text::bigint end`
        : isDigest(parent)
          ? `a.legacy_id in (${own(ours)}::text, ${digestOf(`${own(ours)}::text`)})`
          : namesTidied(migration, parent, theirs, ours)
            ? `(a.legacy_id = ${own(ours)} or ${keyAsRead("a.legacy_id")} = ${own(ours)} and a.legacy_id <> ${keyAsRead("a.legacy_id")})`
            : `a.legacy_id = ${own(ours)}::text`;
    })
    .join(" and ");
}

/**
 * Joins to a row `s` that find the rows above it, each by name: which one it is, and what that one is in the plan
 * that was just made of it.
 */
export const aboveJoins = (migration: Migration): string =>
  refsOf(migration)
    .map(([name, reference]) => {
      const parent = parentOf(migration, name);
      if (reference.beside !== undefined)
        return amongJoin(migration, name, reference, isSame(migration, parent, reference));
      const values = Object.values(reference.by).map(
        (field) => `s.${identifier(importedColumn(migration, field))}`,
      );
      // Of rows of its own kind those above it are planned before it; one that comes back to itself names none.
      const circle = selvesOf(migration).includes(name)
        ? `s.${identifier(levelColumn)} = -1`
        : undefined;
      return `cross join lateral (
        select case when n.rows = 1${circle === undefined ? "" : ` and not (${circle})`} then n.id end as ${identifier(rowColumn(name))},
               case when num_nulls(${values.join(", ")}) > 0 then 'none' when n.rows = 0 then '${reference.others ? "none" : "absent"}'
                    when n.rows > 1 then 'several'${circle === undefined ? "" : ` when ${circle} then '${inCircle}'`} else n.state end as ${identifier(stateColumn(name))}
          from (select count(*) as rows, min(a.id) as id, min(${stateAbove(parent)}) as state
                  from ${sourceTable(parent)} a
                  left join lateral (select * from ${decisionsTable(parent)} each where each.run_id = a.run_id and each.staged_id = a.id offset 0) d on true
                 where a.run_id = s.run_id and a.source_table in (${literals([...parent.entity.from])})
                   and ${isSame(migration, parent, reference)}) n offset 0) ${aliasOf(name)}`;
    })
    .join("\n      ");

/** Where a column of a reference stands beside {@link aboveJoins}; undefined for any other column. */
export const aboveAlias = (migration: Migration, column: string): string | undefined =>
  refsOf(migration)
    .map(([name]) => name)
    .filter((name) => column === rowColumn(name) || column === stateColumn(name))
    .map(aliasOf)[0];

/** The references that the values of an action, or of what is written of a row that is there, come from. */
export const usedAbove = ({ entity }: Migration, action: InsertAction): readonly string[] => {
  const named = [...namesAbove(action), ...namesIn(updatesOf(entity))];
  return Object.keys(entity.refs ?? {}).filter((name) => named.includes(name));
};

/** The alias of the row of the platform that a row above is. */
const targetAlias = (name: string): string => identifier(`stands_${name}`);

/** Where {@link aboveJoins} have which row above a reference means. */
export const rowJustFound = (name: string): string =>
  `${aliasOf(name)}.${identifier(rowColumn(name))}`;

/**
 * Joins to a staged row `s` that find, of each reference, the row of the platform that the row above is: what this
 * run's ledger says of it, or what was there already.
 *
 * @param rowOf where it is known which row above is meant
 */
export const standingJoins = (
  migration: Migration,
  rowOf: (name: string) => string = (name) => `s.${identifier(rowColumn(name))}`,
): string =>
  refsOf(migration)
    .map(([name]) => {
      const parent = parentOf(migration, name);
      const { into, id } = standsIn(parent);
      const row = rowOf(name);
      const keys = keyColumnsOf(id);
      const own =
        typeof id === "string"
          ? `coalesce(l.target_key, jsonb_build_object(${literal(id)}, l.target_id))`
          : "l.target_key";
      const named = identifier(`key_of_${name}`);
      return `left join lateral (
        select jsonb_populate_record(${blankRow(identifier(into))}, coalesce(
          (select ${own} from wavegate.legacy_import_commit_logs l
            where l.run_id = s.run_id and l.staged_id = ${row} and l.rolled_back_at is null
              and l.target_table = ${literal(into)} order by l.id desc limit 1),
          (select d.there_key from ${decisionsTable(parent)} d
            where d.run_id = s.run_id and d.staged_id = ${row} and d.there_table = ${literal(into)}
              and d.import_state <> 'held'))) as key
         where ${row} is not null) ${named} on true
      left join ${identifier(into)} ${targetAlias(name)}
        on ${keys.map((column) => `${targetAlias(name)}.${identifier(column)} = (${named}.key).${identifier(column)}`).join(" and ")}`;
    })
    .join("\n      ");

/** The column of a wave's rows that holds a column of a row above. */
export const aboveValue = (value: { readonly of: string; readonly column?: string }): string =>
  identifier(wholeName(`own of ${value.of} ${value.column ?? ""}`));

/** What a wave looks up of the rows above, each once. */
export function aboveValues(migration: Migration): readonly string[] {
  const all = Object.values(migration.entity.actions).flatMap(({ id, values }) => [
    ...Object.values(values),
    ...(typeof id === "object" && "kept" in id ? Object.values(id.kept) : []),
  ]);
  const found = [...all, ...Object.values(updatesOf(migration.entity))].flatMap((value) =>
    "of" in value ? [`${standingValue(migration, value)} as ${aboveValue(value)}`] : [],
  );
  return [...new Set(found)];
}

/** A column of the row of the platform that a row above is, beside {@link standingJoins}; its key unless said. */
export function standingValue(
  migration: Migration,
  value: { readonly of: string; readonly column?: string },
): string {
  const { id } = standsIn(parentOf(migration, value.of));
  const column = value.column ?? (keyColumnsOf(id)[0] as string);
  return `${targetAlias(value.of)}.${identifier(column)}`;
}

/**
 * Whether what a reference of a row `s` beside {@link standingJoins} names is not on the platform. What may be
 * left out is missing only where something is named.
 */
export function isMissing(migration: Migration, name: string): string {
  const { id } = standsIn(parentOf(migration, name));
  const key = `${targetAlias(name)}.${identifier(keyColumnsOf(id)[0] as string)}`;
  const state = `coalesce(s.${identifier(stateColumn(name))}, 'absent')`;
  return migration.entity.refs?.[name]?.optional
    ? `(${key} is null and ${state} <> 'none')`
    : `${key} is null`;
}

/**
 * Whether a row above is still to be written: a row `s` that refers to it comes in a later wave, or in this one behind it.
 * Looked up row by row, as far as a wave goes (that is what `offset 0` fences): joined, the planner would take it that
 * no row is left, as all above were to be written when they were counted, and compare what the wave writes each with each.
 *
 * @param which of its references count; all of them unless said
 * @param but leaves out rows `above` for which none waits, as a further condition
 */
export const waitsForAbove = (
  migration: Migration,
  row: string,
  which: (name: string) => boolean = () => true,
  but = "",
): string =>
  refsOf(migration)
    .filter(([name]) => which(name))
    .map(([name]) => {
      const parent = parentOf(migration, name);
      return ` and not exists (select from ${decisionsTable(parent)} above
                  where above.run_id = ${row}.run_id and above.staged_id = ${row}.${identifier(rowColumn(name))}
                    and above.planned in ${writes(parent)} and above.import_state in ('pending', 'rolled_back')${but} offset 0)`;
    })
    .join("");

/**
 * Of some rows those above them that waves have still to write, reference by reference: as `row`, and as `kind` what each
 * is classified as.
 */
export const pendingAbove = (
  migration: Migration,
  run: string,
  ids: readonly number[],
): readonly { readonly parent: Migration; readonly statement: Sql }[] =>
  refsOf(migration).map(([name]) => {
    const parent = parentOf(migration, name);
    const row = raw(`d.${identifier(rowColumn(name))}`);
    return {
      parent,
      statement: sql`
  select d.staged_id as id, above.staged_id as row, above.classification as kind
    from ${raw(decisionsTable(migration))} d
    join ${raw(decisionsTable(parent))} above on above.run_id = d.run_id and above.staged_id = ${row}
   where d.run_id = ${uuid(run)} and d.staged_id in (${raw(ids.join(", "))})
     and above.planned in ${raw(writes(parent))} and above.import_state in ('pending', 'rolled_back')
   order by 1`,
    };
  });

/** Columns that are written with what a row above is. */
export interface PinnedReferrer extends Referrer {
  /** The table of decisions that say which row that is, and their column for it; older pins do not say. */
  readonly by?: { readonly decisions: string; readonly row: string };
  /** What the columns, and those that they stand for, are called at this moment; no part of a stored pin. */
  readonly now?: readonly string[];
  readonly targetNow?: readonly string[];
}

/**
 * The columns that are written with columns of a row above, by insert, key or update: keys of the platform over some of
 * them are references that a definition names by that.
 */
export const writtenAbove = (migration: Migration): PinnedReferrer[] =>
  Object.values(migration.entity.actions).flatMap(({ into, id, values }) => {
    const kept = typeof id === "object" && "kept" in id ? id.kept : {};
    const written = Object.entries({ ...updatesOf(migration.entity), ...values, ...kept });
    return Object.keys(migration.entity.refs ?? {}).flatMap((name) => {
      const taken = written.flatMap(([column, value]) =>
        "of" in value && value.of === name ? [[column, value.column] as const] : [],
      );
      if (taken.length === 0) return [];
      const parent = standsIn(parentOf(migration, name));
      const own = keyColumnsOf(parent.id)[0] as string;
      return [
        {
          table: into,
          columns: taken.map(([column]) => column),
          target: parent.into,
          targetColumns: taken.map(([, target]) => target ?? own),
          by: { decisions: stagedFrom(migration).decisions, row: rowColumn(name) },
        },
      ];
    });
  });
