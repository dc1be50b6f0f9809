import { identifier, literal, literals } from "../../data/sql.ts";
import { nameWithin, wholeName } from "../../define/database-roles.ts";
import type { Migration } from "../../define/definition.ts";
import { everyWrite } from "../above-columns.ts";
import { decisionsTable } from "../rows.ts";
import { indexOfWaves } from "../statistics.ts";

/**
 * The indexes of what was decided about rows. None mentions what a commit or its undoing changes, but that of ranges of
 * pages: such a change stays in its page and writes no index, not even of what it leaves as it is.
 */
export const decisionIndexes = (migration: Migration): readonly string[] => [
  ...nextOfKinds(migration),
  ...rareValues(migration),
  ...writtenByWaves(migration),
];

/**
 * Indexes of the few rows that people look for, by key, so that a page of them is found at once;
 * the many others are met while walking along the ids. Rows with a duplicate are found along the
 * hints: an index on their confidence would have matching write every index of each of them again.
 */
function rareValues(migration: Migration): string[] {
  const { staging, decide } = migration.entity;
  const last = decide.classification?.at(-1);
  const found = {
    ...(last ? { classification: ["classification", `classification = ${literal(last.is)}`] } : {}),
    validation_status: ["validation_status", "validation_status in ('needs_review', 'failed')"],
    why: [`(${reasonOf("")})`, `(${asideAs("")}) is not null`],
    aside: [`(${asideAs("")})`, `(${asideAs("")}) is not null`],
  };
  return [
    ...Object.entries(found).map(
      ([
        name,
        [of, few],
      ]) => `create index if not exists ${identifier(wholeName(`${staging.table}_by_${name}`))}
  on ${decisionsTable(migration)} (run_id, ${of}, staged_id) where ${few}`,
    ),
    // How many stand aside, which PostgreSQL takes from no index of some rows alone.
    `create statistics if not exists wavegate.${identifier(wholeName(`${staging.table}_aside`))}
  on (${asideAs("")}) from ${decisionsTable(migration)}`,
    // Of older tables, behind those that take their place: a commit and its undoing wrote each of them again.
    ...["import_state", "state", "reason"].map(
      (name) =>
        `drop index if exists wavegate.${identifier(wholeName(`${staging.table}_by_${name}`))}`,
    ),
  ];
}

/**
 * As what a row stands aside that no wave writes, over a decision: held, skipped or failed by the plan, or since by a wave or
 * a person, who say why: what the plan notes of a row that is written is no such reason. Null for all others. Indexes go by this and not by the state, which a commit and its undoing
 * change: with no index of what they change, each row that they write stays in its page and in every index.
 */
const asideAs = (alias: string): string =>
  `case when ${alias}planned in ('hold', 'conflict') then 'held' when ${alias}planned = 'skip' then 'skipped'
       when ${alias}planned = 'fail' then 'failed'
       when ${alias}state_reason is null or ${alias}state_reason = ${alias}planned_reason then null
       when ${alias}state_reason = 'moved_before' then 'skipped' else 'held' end`;

/**
 * Whether a row stands aside in that state, found along an index. Its state is asked as a case, of which the planner takes
 * half of all rows to be true: of two comparisons that say the same it expects too few rows, and sorts all there are.
 */
export const standsAside = (alias: string, state: string): string =>
  `(${asideAs(alias)}) = ${literal(state)} and case ${alias}import_state when ${literal(state)} then true else false end`;

/** States of rows that no wave writes. */
export const asideStates: readonly string[] = ["held", "skipped", "failed"];

/** Whether a row stands aside at all, as the index of reasons has it. */
export const isAside = (alias: string): string =>
  `(${asideAs(alias)}) is not null and ${alias}import_state in (${literals([...asideStates])})`;

/** The index of what waves wrote: of ranges of pages, as an entry for each row would be written by each commit and its undoing. */
const writtenByWaves = (migration: Migration): string[] => {
  const { table } = migration.entity.staging;
  return [
    `create index if not exists ${identifier(indexOfWaves(table))} on ${decisionsTable(migration)}
  using brin (run_id, wave) with (pages_per_range = 8, autosummarize = on)`,
    `drop index if exists wavegate.${identifier(wholeName(`${table}_written`))}`,
  ];
};

/**
 * Why a row is not written, over a decision: what a wave or a person says goes before the plan. Compared byte by byte,
 * as an index of names has no use for an alphabet, and a half of what keeping it costs is comparing.
 */
export const reasonOf = (alias: string): string =>
  `coalesce(${alias}state_reason, ${alias}planned_reason) collate "C"`;

/**
 * Indexes of what waves take, in their order: one for each kind, in which rows come one behind the other, so that
 * its pages are filled from their end, and its keys are a run and a number. In one of all kinds each was filled in its
 * middle, which took twice the room. Rows that are written stay in it, and are passed by beginning behind them.
 */
function nextOfKinds(migration: Migration): string[] {
  const { entity, waves } = migration;
  const index = (name: string) => identifier(wholeName(`${entity.staging.table}_${name}`));
  return [
    ...waves.order.map(
      (kind) => `create index if not exists ${index(`take_${nameWithin(kind, 15)}`)}
  on ${decisionsTable(migration)} (run_id, staged_id) where classification = ${literal(kind)}
   and planned in ${everyWrite}`,
    ),
    // Of older tables, behind those that take its place.
    ...[
      ...["next", "next_of_all"],
      ...["next", "due"].flatMap((name) =>
        waves.order.map((kind) => `${name}_${nameWithin(kind, 15)}`),
      ),
    ].map((name) => `drop index if exists wavegate.${index(name)}`),
  ];
}

/** Has the database keep from where on waves look for rows (`schema/022-next-rows.sql`). */
export const noteNextRows = (migration: Migration): readonly string[] =>
  ["insert", "update"].map(
    (
      event,
    ) => `create or replace trigger next_rows_on_${event} after ${event} on ${decisionsTable(migration)}
  referencing new table as added for each statement execute function wavegate.note_next_rows()`,
  );
