import type { Condition, Migration, Reference } from "../../define/definition.ts";
import { meaningsOf } from "../../define/fields.ts";
import { findingsOf, namedFinding, saysOf } from "../../define/findings.ts";
import { thereStatesOf, updatesOf } from "../../define/identity.ts";
import { statesOfRef } from "../../define/reference-above.ts";
import { fieldColumns, stagedColumns, valueColumn } from "../columns.ts";
import { typesOf } from "../condition.ts";
import { plannedWords } from "../staging/staging.ts";
import { writtenDateProblems } from "../written-date.ts";
import { listed } from "./listed.ts";

/** What a condition may look at where it stands, and what each may be: null for any words. */
export type Scope = ReadonlyMap<string, readonly string[] | null>;

const yesNo = ["yes", "no"];
const levels = ["none", "low", "medium", "high"];

/** What the engine keeps of every row beside fields and decisions, by when it is known. */
const ofRow = { source_table: null, legacy_id: null, findings: null };
const judged = { validation_status: ["valid", "pending", "duplicate", "needs_review", "failed"] };
const compared = {
  duplicate_confidence: levels,
  source_duplicate_confidence: levels,
  high_hits: ["none", "one", "several"],
  link_table: null,
  later_of_person: yesNo,
  another_person: yesNo,
  moved_before: yesNo,
};
const planned = {
  planned: plannedWords,
  planned_action: null,
  planned_reason: null,
};

/** Fields and what the import keeps: what a rule of validation may look at. */
export const importedScope = (migration: Migration): Scope =>
  new Map<string, readonly string[] | null>([
    ...Object.entries(ofRow),
    ...Object.entries(migration.entity.fields).flatMap(([name, field]) => {
      const words =
        field.kind === "boolean" ? yesNo : field.kind === "choice" ? meaningsOf(field) : null;
      const ofFile = field.kind === "file" ? fieldColumns(migration, name, field).slice(1) : [];
      return [
        [name, words] as const,
        [valueColumn(migration, name), words] as const,
        ...ofFile.map((column) => [column.name, null] as const),
      ];
    }),
    // As they are staged, under their own names.
    ...[...stagedColumns(migration)]
      .map(([name]) => name)
      .filter((name) => /_(raw|candidate|plus)$/.test(name))
      .map((name): [string, null] => [name, null]),
  ]);

/** Decisions beside them: what a decision may look at. */
export const decidedScope = (migration: Migration): Scope =>
  new Map([
    ...importedScope(migration),
    ...Object.entries(migration.entity.decide).map(([name, lines]): [string, readonly string[]] => [
      name,
      [...new Set(lines.map(({ is }) => is))],
    ]),
  ]);

/** Validation and matching beside them: what a line of the plan may look at. */
export const plannedScope = (migration: Migration): Scope =>
  new Map<string, readonly string[] | null>([
    ...decidedScope(migration),
    ...Object.entries(judged),
    ...Object.entries(compared),
    ...(migration.entity.is === undefined
      ? []
      : [["there_is", thereStatesOf(migration.entity)] as const]),
  ]);

/** The plan beside them: what reports, stops and samples may look at. */
export const reportedScope = (migration: Migration): Scope =>
  new Map<string, readonly string[] | null>([
    ...plannedScope(migration),
    ...Object.entries(planned),
  ]);

/** What is wrong with a condition, in sentences that say where it stands. */
export function conditionProblems(
  condition: Condition,
  scope: Scope,
  migration: Migration,
  where: string,
): string[] {
  const each = (conditions: readonly Condition[]) =>
    conditions.flatMap((inner) => conditionProblems(inner, scope, migration, where));
  if ("all" in condition) return each(condition.all);
  if ("any" in condition) return each(condition.any);
  if ("not" in condition) return each([condition.not]);
  if ("noted" in condition) return findingProblems(condition.noted, migration, where);
  if ("passed" in condition) return timeProblems([condition.passed], scope, migration, where);
  if ("said" in condition) return unknownSetting(condition.said, migration, where);
  if ("changes" in condition)
    return Object.hasOwn(updatesOf(migration.entity), condition.changes)
      ? []
      : [`${where} asks whether “${condition.changes}” is written, which no \`update\` names.`];
  if ("other" in condition)
    return [
      ...columnProblems(condition.other, [], scope, where),
      ...unknownSetting(condition.thanSetting, migration, where),
    ];
  if ("there" in condition)
    return [
      ...(scope.has("there_is")
        ? []
        : [`${where} looks at “${condition.there}” of a row that is there, which is not known.`]),
      ...("before" in condition
        ? timeProblems([condition.before], scope, migration, where)
        : condition.is.length === 0
          ? [`${where} compares “${condition.there}” with nothing.`]
          : []),
    ];
  if ("before" in condition)
    return timeProblems([condition.before, condition.than], scope, migration, where);
  if ("missing" in condition) return columnProblems(condition.missing, [], scope, where);
  if ("present" in condition) return columnProblems(condition.present, [], scope, where);
  if ("dated" in condition) {
    const none = timeProblems([condition.dated], scope, migration, where);
    return none.length > 0 ? none : writtenDateProblems(condition, migration, where);
  }
  if ("number" in condition) {
    const { number } = condition;
    const limit = "below" in condition ? condition.below : condition.atLeast;
    return [
      ...columnProblems(number, [], scope, where),
      ...(migration.entity.fields[number]?.kind === "number" && Number.isFinite(limit)
        ? []
        : [`${where} compares “${number}” with ${limit}: one of both is no number.`]),
    ];
  }
  if ("time" in condition) return settingProblems(condition, scope, migration, where);
  if ("field" in condition) {
    const none =
      condition.is.length === 0 ? [`${where} compares “${condition.field}” with nothing.`] : [];
    return [...none, ...columnProblems(condition.field, condition.is, scope, where)];
  }
  return referenceProblems(condition.reference, condition.is, migration, where);
}

/** A finding is one of the list, or one of a field whose kind notes it by the field's name. */
function findingProblems(noted: string, { entity }: Migration, where: string): string[] {
  if (Object.hasOwn(saysOf, noted)) return [];
  const fields = Object.entries(entity.fields);
  const isNoted = fields.some(([name, { kind }]) =>
    findingsOf[kind].some((finding) => namedFinding(name, entity.fields, finding) === noted),
  );
  if (isNoted) return [];
  const alike = fields.flatMap(([name, { kind }]) =>
    findingsOf[kind].filter((finding) => `${name}${finding.slice(kind.length)}` === noted),
  );
  const instead = alike.length === 0 ? "" : `: of that field it is “${alike[0]}”`;
  return [`${where} asks for “${noted}”, which nothing notes${instead}.`];
}

/** Days and times are compared with each other, and with nothing else. */
function timeProblems(
  names: readonly string[],
  scope: Scope,
  { entity }: Migration,
  where: string,
): string[] {
  return names.flatMap((name) => {
    const unknown = columnProblems(name, [], scope, where);
    const kind = entity.fields[name]?.kind;
    const isTime =
      kind === "date" || kind === "timestamp" || kind === "birth_date" || kind === "created_at";
    return unknown.length > 0 || isTime
      ? unknown
      : [`${where} asks when “${name}” is, which is neither a day nor a time.`];
  });
}

/** A time is compared with a setting of the definition. */
function settingProblems(
  condition: Extract<Condition, { time: string }>,
  scope: Scope,
  { entity, settings = {} }: Migration,
  where: string,
): string[] {
  const { time, earlierThan: than } = condition;
  const unknown = columnProblems(time, [], scope, where);
  if (unknown.length > 0) return unknown;
  const field = Object.hasOwn(entity.fields, time) ? entity.fields[time] : undefined;
  return [
    ...(field?.kind === "timestamp" && field.zone !== undefined
      ? []
      : [`${where} compares “${time}” with a moment, and it is no timestamp with a zone.`]),
    ...(Object.hasOwn(settings, than)
      ? []
      : [
          `${where} compares “${time}” with “${than}”, which is no setting: there is ${listed(Object.keys(settings), than)}.`,
        ]),
  ];
}

const unknownSetting = (name: string, { settings = {} }: Migration, where: string): string[] =>
  Object.hasOwn(settings, name)
    ? []
    : [
        `${where} looks at “${name}”, which is no setting: there is ${listed(Object.keys(settings), name)}.`,
      ];

/** What is wrong with a column that is named, and with the words that it is compared with. */
export function columnProblems(
  column: string,
  words: readonly string[],
  scope: Scope,
  where: string,
): string[] {
  const known = scope.get(column);
  if (known === undefined) {
    const names = [...scope.keys()].filter((name) => !/_(raw|candidate|plus)$/.test(name));
    return [
      `${where} looks at “${column}”, which is not known there: there ${names.length === 1 ? "is" : "are"} ${listed(names, column)}.`,
    ];
  }
  if (known === null) return [];
  return words
    .filter((word) => !known.includes(word))
    .map(
      (word) =>
        `${where} compares “${column}” with “${word}”, which it never is: it is ${listed(known, word)}.`,
    );
}

function referenceProblems(
  name: string,
  states: readonly string[],
  migration: Migration,
  where: string,
): string[] {
  const refs = new Map(Object.entries(migration.entity.refs ?? {}));
  const ref = refs.get(name);
  if (ref !== undefined) {
    const all = statesOfRef(ref.to, migration.part);
    return states
      .filter((state) => !all.some((known) => known === state))
      .map(
        (state) =>
          `${where} asks whether “${name}” is “${state}”, which it never is: it is ${all.join(", ")}.`,
      );
  }
  const reference = migration.references[name];
  if (!reference || !Object.hasOwn(migration.references, name)) {
    const names = listed(Object.keys(migration.references), name);
    return [`${where} looks at the reference “${name}”, which is not declared: there is ${names}.`];
  }
  const known = statesOf(reference);
  return states
    .filter((state) => !known.includes(state))
    .map(
      (state) =>
        `${where} asks whether “${name}” is “${state}”, which it never is: it is ${listed(known, state)}.`,
    );
}

const statesOf = (reference: Reference): readonly string[] =>
  reference.kind === "by_name"
    ? ["mapped", "confirmed", "needs_review", "unmapped", "rejected"]
    : [
        ...Object.values(typesOf(reference)),
        ...["none", "unreadable", "confirmed", "suggested", "needs_review", "rejected"],
      ];
