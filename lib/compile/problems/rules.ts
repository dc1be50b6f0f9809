import type { Condition, Migration, Once, PlanRule } from "../../define/definition.ts";
import { isSpan, isTimeSpan, onceField, oncesOf } from "../../define/identity.ts";
import { always } from "../../define/looked-at.ts";
import { madeOf } from "../../define/made.ts";
import { undecided } from "../../define/unknown-dates.ts";
import { linkColumns, stagedColumns, valueColumn } from "../columns.ts";
import { listed } from "./listed.ts";
import {
  columnProblems,
  conditionProblems,
  decidedScope,
  importedScope,
  plannedScope,
  reportedScope,
  type Scope,
} from "./names.ts";
import { valueProblems } from "./values.ts";

/** What is wrong with rules, decisions, the plan, and what is counted and written by them. */
export const ruleProblems = (migration: Migration): string[] => [
  ...validation(migration),
  ...decisions(migration),
  ...plan(migration),
  ...actions(migration),
  ...copies(migration),
  ...roomFor(migration),
  ...kinds(migration),
  ...reports(migration),
  ...views(migration),
];

const twice = (what: string, ids: readonly string[]): string[] =>
  [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].map(
    (id) => `Two ${what} are called “${id}”.`,
  );

function validation(migration: Migration): string[] {
  const scope = importedScope(migration);
  const { validate } = migration.entity;
  return [
    ...twice(
      "rules",
      validate.map(({ id }) => id),
    ),
    ...validate.flatMap(({ id, when }) =>
      conditionProblems(when, scope, migration, `The rule “${id}”`),
    ),
  ];
}

function decisions(migration: Migration): string[] {
  const scope = decidedScope(migration);
  return Object.entries(migration.entity.decide).flatMap(([name, lines]) => {
    const where = `The decision “${name}”`;
    return [
      ...listProblems(where, lines),
      ...lines.flatMap(({ when }) => conditionProblems(when, scope, migration, where)),
    ];
  });
}

/** How many there is room for is told by fields that there are, of a kind that is written. */
function roomFor(migration: Migration): string[] {
  const { room, actions } = migration.entity;
  if (room === undefined) return [];
  const known = new Set(stagedColumns(migration).map(([name]) => name));
  return [
    ...[room.by, room.first]
      .filter((field) => !known.has(field))
      .map((field) => `\`room\` looks at “${field}”, which is no field.`),
    ...(Object.keys(actions).length === 1
      ? []
      : ["There is `room` for rows of one action: for a kind that has one."]),
    ...(Object.keys(room.takes).length > 0 ? [] : ["`room` does not say what takes a place."]),
  ];
}

/** A list of which the first line that holds counts ends with one that always does, and has no such before. */
function listProblems(where: string, lines: readonly { readonly when: Condition }[]): string[] {
  const last = lines.at(-1);
  const early = lines.slice(0, -1).findIndex(({ when }) => always(when));
  return [
    ...(last && always(last.when)
      ? []
      : [`${where} leaves rows undecided: its last line has to be “otherwise”.`]),
    ...(early === -1
      ? []
      : [`${where} never comes to line ${early + 2}: line ${early + 1} is for every row.`]),
  ];
}

function plan(migration: Migration): string[] {
  const scope = plannedScope(migration);
  const { plan: lines, actions, match } = migration.entity;
  return [
    ...listProblems("The plan", lines),
    ...lines.flatMap((line, at) => {
      const where = `Line ${at + 1} of the plan`;
      return [
        ...conditionProblems(line.when, scope, migration, where),
        ...outcome(line, where, Object.keys(actions), match.against.length > 0),
      ];
    }),
  ];
}

function outcome(
  line: PlanRule,
  where: string,
  actions: readonly string[],
  matches: boolean,
): string[] {
  if ("commit" in line && !actions.includes(line.commit))
    return [
      `${where} commits “${line.commit}”, which is no action: there is ${listed(actions, line.commit)}.`,
    ];
  if ("link" in line && !matches)
    return [`${where} links a row, and \`match\` names nothing to link to.`];
  return [];
}

/** A file's row is written with its copy or not at all. */
function copies(migration: Migration): string[] {
  const { actions: all, fields } = migration.entity;
  const kind = (name: string) => (Object.hasOwn(fields, name) ? fields[name]?.kind : undefined);
  return Object.entries(all).flatMap(([name, { copies: copied, values }]) => [
    ...(copied === undefined || kind(copied) === "file"
      ? []
      : [`“${name}” copies “${copied}”, which is no field of a file.`]),
    ...Object.values(values).flatMap((value) => {
      const of = "staged" in value ? /^(.+)_key$/.exec(value.staged)?.[1] : undefined;
      return of === undefined || kind(of) !== "file" || of === copied
        ? []
        : [`“${name}” writes the key of “${of}” and does not copy it: say \`copies\`.`];
    }),
  ]);
}

function actions(migration: Migration): string[] {
  const { actions: all, match } = migration.entity;
  // A row as it was read may be written, whole, and nothing is decided by it.
  const scope = new Map([...reportedScope(migration), ["raw_payload", null]]);
  const names = new Set(stagedColumns(migration).map(([name]) => name));
  for (const link of linkColumns(migration)) names.delete(link);
  return [
    ...(Object.keys(all).length === 0 && !isPartOfOthers(migration)
      ? [
          migration.entity.is === undefined
            ? "Nothing is written: there is no action."
            : 'Nothing is written: there is no action. Of what is there alone it says in which table: insert(…), in a plan that keeps others from it, when(is("there_is", "none"), skip("not_there")).',
        ]
      : []),
    ...valueProblems(migration, scope),
    ...Object.entries(all).flatMap(([name, { values, importedAs }]) => [
      ...(Object.keys(values).length === 0 ? [`The action “${name}” writes no column.`] : []),
      ...(names.has(importedAs)
        ? [`“${importedAs}” cannot keep new ids: it is staged for something else.`]
        : []),
    ]),
    ...match.against.flatMap(({ table, name, phone, email, where = {} }) => [
      ...((name ?? phone ?? email)
        ? []
        : [
            `Nobody is found in “${table}”: say which column is the name, the phone or the e-mail.`,
          ]),
      ...Object.entries(where).flatMap(([column, value]) =>
        "nothing" in value || "constant" in value
          ? []
          : [
              `“${column}” of “${table}” says who is meant by what no person of the platform holds: it is \`nothing\` or a constant(…).`,
            ],
      ),
    ]),
  ];
}

/** Waves, focus and matching go by what a row is: the words of `classification`. */
function kinds(migration: Migration): string[] {
  const { entity, waves, focus } = migration;
  const known = (entity.decide.classification ?? []).map(({ is }) => is);
  const strange = (what: string, words: readonly string[]) =>
    words
      .filter((word) => !known.includes(word))
      .map(
        (word) =>
          `${what} “${word}”, which no row is: a row is ${listed([...new Set(known)], word)}.`,
      );
  return [
    ...strange("Waves take", waves.order),
    ...strange("The first wave takes", waves.first),
    ...strange("One row of a person commits of", entity.match.onePerPerson),
    ...onceProblems(entity),
    ...onceCounts(migration),
    ...Object.entries(focus.modes).flatMap(([mode, words]) =>
      strange(`The focus “${mode}” names`, words),
    ),
    ...(Object.hasOwn(focus.modes, focus.default) ? [] : [`There is no focus “${focus.default}”.`]),
  ];
}

function reports(migration: Migration): string[] {
  const { report, stops, samples, references } = migration;
  const scope = reportedScope(migration);
  const of = (where: string, when: Condition) => conditionProblems(when, scope, migration, where);
  const lines = [...report.counts, ...report.sections.flatMap((section) => section.lines)];
  return [
    ...twice(
      "counts",
      report.counts.map(({ id }) => id),
    ),
    ...twice(
      "stops",
      stops.map(({ id }) => id),
    ),
    ...twice(
      "samples",
      samples.map(({ id }) => id),
    ),
    ...lines.flatMap(({ id, when }) => of(`The count “${id}”`, when)),
    ...report.distributions.flatMap(({ column }) => distribution(migration, column, scope)),
    ...stops.flatMap(({ id, measure }) => {
      const where = `The stop “${id}”`;
      if ("share" in measure)
        return [...of(where, measure.share), ...(measure.of ? of(where, measure.of) : [])];
      if ("rows" in measure) return of(where, measure.rows);
      const coded = references[measure.takenForReal]?.kind === "by_code";
      return [
        ...(coded
          ? []
          : [`${where} is about “${measure.takenForReal}”, which is no reference by code.`]),
        ...of(where, measure.where),
      ];
    }),
    ...samples.flatMap(({ id, when }) =>
      "duplicates" in when || "unusualReferences" in when ? [] : of(`The sample “${id}”`, when),
    ),
  ];
}

/** A distribution lists every value: of a column that may hold anything, it would list people. */
function distribution(migration: Migration, column: string, scope: Scope): string[] {
  const known = scope.get(column);
  if (known === undefined) return columnProblems(column, [], scope, "A distribution");
  const listed = known !== null || column === "source_table" || column === "link_table";
  const kind = migration.entity.fields[column]?.kind;
  return listed || kind === "status" || /^planned/.test(column)
    ? []
    : [
        `A distribution of “${column}” would list what it holds of people: only words of a list are counted.`,
      ];
}

function views(migration: Migration): string[] {
  const names = stagedColumns(migration).map(([name]) => name);
  return (migration.entity.staging.views ?? []).flatMap(({ name, columns }) =>
    columns
      .filter(({ of }) => !names.includes(valueColumn(migration, of)))
      .map(({ of }) => `The view “${name}” shows “${of}”, which is no staged column.`),
  );
}

/** The kinds of fields that may lie near one another, and what a distance of theirs is. */
const distances: Readonly<Record<string, (within: string) => boolean>> = {
  timestamp: isTimeSpan,
  created_at: isTimeSpan,
  number: isSpan,
};

/** Which rows `once` counts is told by their fields, and of each whether it does. */
function onceCounts(migration: Migration): string[] {
  return oncesOf(migration.entity).flatMap(({ where }) =>
    where === undefined
      ? []
      : [
          ...conditionProblems(where, importedScope(migration), migration, "`once`"),
          ...(undecided(where) === null
            ? []
            : [
                "`once` counts rows by a date that some may not have, of which nobody is asked: say present(…) or missing(…) beside it.",
              ]),
        ],
  );
}

/** Kinds of fields whose value is a text as it stands. */
const textual: ReadonlySet<string> = new Set(["text", "composed", "template"]);

/** What rows are wanted once by, and in which order they come. */
const onceProblems = (entity: Migration["entity"]): string[] => [
  ...new Set(oncesOf(entity).flatMap((once) => problemsOfOnce(entity, once))),
];

function problemsOfOnce(entity: Migration["entity"], { fields, by }: Once): string[] {
  const ordered = by.map((of) => (typeof of === "string" ? of : of.most));
  const asked = fields.map(onceField);
  const near = asked.filter(({ within }) => within !== undefined);
  const unknown = [...asked.map(({ name }) => name), ...ordered].filter(
    (name) => !Object.hasOwn(entity.fields, name),
  );
  const kindOf = (name: string) => entity.fields[name]?.kind ?? "";
  return [
    ...(asked.length === near.length ? ["`once` names no field by which rows are the same."] : []),
    ...(near.length > 1 ? ["`once` names more than one field that may lie near another."] : []),
    ...near.flatMap(({ name, within = "" }) => [
      ...(distances[kindOf(name)]?.(within) === false
        ? [`\`once\` takes “${name}” within “${within}”, which is no distance of such a field.`]
        : []),
      ...(unknown.includes(name) || kindOf(name) in distances
        ? []
        : [`\`once\` takes “${name}” within a distance, and it is neither a time nor a number.`]),
    ]),
    ...asked
      .filter(({ name, lower }) => lower && !unknown.includes(name) && !textual.has(kindOf(name)))
      .map(({ name }) => `\`once\` compares “${name}” in lower case, and it is no text.`),
    ...unknown.map((name) => `\`once\` names “${name}”, which is no field.`),
  ];
}
/** Whether rows of other kinds are made of these, so that they need not be written themselves. */
const isPartOfOthers = ({ part, entity, source }: Migration): boolean =>
  part !== undefined &&
  Object.values(source).some(
    ({ made }) => made !== undefined && madeOf(made).some((table) => entity.from.includes(table)),
  );
