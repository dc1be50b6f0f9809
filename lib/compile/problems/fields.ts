import type { Field, Migration } from "../../define/definition.ts";
import type { BoundField, Lasting } from "../../define/fields.ts";
import { partsNothing } from "../../define/marks.ts";
import { importedColumns, sharedFlags, stagedColumns } from "../columns.ts";
import { ofField, ofReference } from "../pin/used-columns.ts";
import { optionProblems } from "./options.ts";
import { choice, composed, isBothCases } from "./texts.ts";

/** The Data API takes no statement of more than 65,536 characters, and one names each field of a kind of things. */
const fieldsAtMost = 300;

/** Names become names of columns and tables. */
const NAME = /^[a-z_][a-z0-9_]{0,39}$/;

/** What is wrong with names, sources and fields. */
export function fieldProblems(migration: Migration): string[] {
  const fields = Object.keys(migration.entity.fields).length;
  return [
    ...(fields > fieldsAtMost
      ? [
          `There are ${fields} fields, and ${fieldsAtMost} are the most that one kind of things may have: leave out what is not written, or make it two kinds that are read from one table.`,
        ]
      : []),
    ...nameProblems(migration),
    ...columnsTwice(migration),
    ...exportedTwice(migration),
    ...optionProblems(migration),
    ...sourceProblems(migration),
    ...placelessFiles(migration),
    ...Object.entries(migration.entity.fields).flatMap(([name, field]) => ofKind(name, field)),
    ...Object.keys(migration.references).flatMap((name) => referred(migration, name)),
  ];
}

function nameProblems({ name, entity, references, audit }: Migration): string[] {
  const views = entity.staging.views ?? [];
  const choices = Object.values(entity.refs ?? {}).flatMap(({ asks }) => asks?.as ?? []);
  const unfit = (what: string, names: readonly string[]) =>
    names
      .filter((each) => !NAME.test(each))
      .map(
        (each) =>
          `“${each.slice(0, 60)}” cannot name ${what}: a name is of small letters, digits and “_”, at most 40.`,
      );
  return [
    ...(/^[a-z][a-z0-9_-]{0,30}$/.test(name)
      ? []
      : [
          `“${name.slice(0, 60)}” cannot name a migration: a name is of small letters, digits, “-” and “_”, at most 31.`,
        ]),
    ...unfit("a field", Object.keys(entity.fields)),
    ...unfit("a decision", Object.keys(entity.decide)),
    ...unfit("an action", Object.keys(entity.actions)),
    ...unfit("a reference", [...Object.keys(references), ...Object.keys(entity.refs ?? {})]),
    ...unfit("what a person is asked", choices),
    ...unfit("a table of staging", [
      entity.staging.table,
      ...views.map((view) => view.name),
      ...Object.values(references).map(({ staging }) => staging.table),
      ...(audit === undefined ? [] : [audit.runs, audit.mappings]),
    ]),
    ...unfit("a column of staging", [
      ...Object.values(references).flatMap(({ staging: { table: _, ...columns } }) =>
        Object.values(columns),
      ),
      ...views.flatMap(({ columns }) => columns.map((column) => column.name)),
    ]),
    ...views.flatMap((view) =>
      view.columns
        .filter((column, at) => view.columns.findIndex(({ name: of }) => of === column.name) < at)
        .map((column) => `The view “${view.name}” has two columns “${column.name}”.`),
    ),
  ];
}

/** A run is pinned to where its files lie, by a setting's name. */
function placelessFiles({ entity, settings = {} }: Migration): string[] {
  const named = Object.entries(entity.fields).find(([, { kind }]) => kind === "file")?.[0];
  if (named === undefined || Object.values(settings).some(({ kind }) => kind === "files"))
    return [];
  return [
    `“${named}” names files, and no setting says where they lie: settings: { storage: files("The folder or bucket of the files.") }.`,
  ];
}

/** Columns of the tables behind the view of staged rows. */
export const columnsBehind = ["source_values", "raw_values", "key_repeat", "staged_id"];

/** A column of staging that two things would be kept in. */
function columnsTwice(migration: Migration): string[] {
  const twice = (names: readonly string[]) =>
    names.filter((name, at) => names.indexOf(name) !== at);
  const staged = [
    ...stagedColumns(migration).map(([name]) => name),
    ...sharedFlags(migration),
    ...columnsBehind,
  ];
  const imported = importedColumns(migration).map(({ name }) => name);
  return [...new Set([...twice(staged), ...twice(imported)])].map(
    (name) =>
      `Two things would be staged as “${name}”: give the field or decision of that name another one.`,
  );
}

/** Columns of exports that are no columns of staging: a decision is shown under its own name beside them. */
const exported = [
  ...["entity", "name", "phone", "email", "birth_year", "changes", "target_table", "target_id"],
];

const exportedTwice = ({ entity }: Migration): string[] =>
  Object.keys(entity.decide)
    .filter((name) => exported.includes(name))
    .map(
      (name) =>
        `Exports have a column “${name}” of their own: give the decision of that name another one.`,
    );

function sourceProblems({ source, entity, references }: Migration): string[] {
  // Of a table that is made of others it says nothing how those call their columns.
  const isOfAnother = (table: string, column: string) =>
    entity.from.includes(table) &&
    entity.from.every((table) => source[table]?.made === undefined) &&
    entity.from.some((table) => source[table]?.columns.includes(column));
  const lacks = (table: string, columns: readonly string[], what: string): string[] => {
    const declared = Object.hasOwn(source, table) ? source[table]?.columns : undefined;
    if (declared === undefined)
      return [`${what} is read from “${table}”, which the source does not declare.`];
    return columns
      .filter((column) => !declared.includes(column))
      .map(
        (column) =>
          `${what} is made from “${column}”, a column that “${table}” does not declare${
            isOfAnother(table, column)
              ? `: named(table(…), { ${JSON.stringify(column)}: […] }) says what it is called there, or with [] that there is none`
              : ""
          }.`,
      );
  };
  return [
    ...(entity.from.length === 0 ? ["No table is judged: `from` names none."] : []),
    ...entity.from.flatMap((table) =>
      Object.entries(entity.fields).flatMap(([name, field]) =>
        lacks(table, ofField(field), `The field “${name}”`),
      ),
    ),
    ...Object.entries(references).flatMap(([name, reference]) =>
      lacks(reference.from, ofReference(reference), `The reference “${name}”`),
    ),
  ];
}

/** A sentence about what is wrong, or false where nothing is. */
type Fault = string | false;

const ofKind = (name: string, field: Field): string[] =>
  faultsOf(field).flatMap((fault) => (fault ? [`The field “${name}” ${fault}`] : []));

function faultsOf(field: Field): readonly Fault[] {
  switch (field.kind) {
    case "number":
      return ofNumber(field);
    case "text":
      return [
        isBothCases(field),
        field.without?.includes("") === true &&
          "leaves nothing out: “without” names an empty text.",
        field.digits !== undefined &&
          !(Number.isInteger(field.digits) && field.digits >= 2 && field.digits <= 100) &&
          `has ${field.digits} digits: say a whole number from 2 to 100.`,
      ];
    case "boolean": {
      const both = field.yes.find((word) => field.no.includes(word));
      return [
        both !== undefined && `takes “${both}” for yes and for no.`,
        field.yes.length + field.no.length === 0 && "has no word for yes and none for no.",
      ];
    }
    case "digest":
      return [
        field.parts.length === 0 &&
          "is the digest of a text without columns: every row has the same.",
      ];
    case "file":
      return [
        !/^[a-z0-9][a-z0-9_-]{0,39}$/.test(field.within) &&
          "is within what cannot name a folder and the beginning of keys.",
        field.types.length === 0 && "takes no type of file.",
      ];
    case "list":
    case "template":
      return [
        field.parts.length === 0 && "is made of no column: every row has the same.",
        "by" in field &&
          field.by !== undefined &&
          partsNothing(field.by) &&
          "is parted by nothing: letter by letter.",
        "means" in field &&
          Object.keys(field.means ?? {}).length === 0 &&
          "has no words to choose from.",
      ];
    case "range":
      return ofRange(field);
    case "composed":
      return composed(field);
    case "choice":
      return choice(field);
    case "date":
    case "timestamp":
      return ofMoment(field);
    default:
      return [];
  }
}

type Of<Kind extends Field["kind"]> = Extract<Field, { kind: Kind }>;

function ofNumber(field: Of<"number">): readonly Fault[] {
  const { least = -Infinity, most = Infinity, decimal = ".", group = [], places = 0 } = field;
  const { per, times, beside = [] } = field;
  return [
    [per, times].some((power) => power !== undefined && !/^10{1,9}$/.test(String(power))) &&
      "is multiplied or divided by what is no power of ten, such as 100: the point of a number moves, and nothing is rounded.",
    per !== undefined && times !== undefined && "says both `per` and `times`: say one.",
    !(Number.isInteger(places) && places >= 0 && places <= 38) &&
      `keeps ${places} digits behind the point: say a whole number from 0 to 38.`,
    least > most && `is never believed: ${least} is more than ${most}.`,
    beside.some((word) => /^\s*$|\d/u.test(word)) &&
      "has a word beside it that is none, or has digits of its own.",
    [group].flat().includes(decimal) &&
      `has “${decimal}” for both its decimal mark and its thousands.`,
  ];
}

function ofRange({ starts, ends, whole, open = [] }: Of<"range">): readonly Fault[] {
  const zones = [starts, ends].map((bound) =>
    bound.kind === "timestamp" ? bound.zone : undefined,
  );
  const lasts = ends.kind === "lasting";
  return [
    lasts && lastsNot(starts, ends),
    !lasts && starts.kind !== ends.kind && `goes from a ${starts.kind} to a ${ends.kind}.`,
    !lasts &&
      zones.includes(undefined) &&
      zones.some((zone) => zone !== undefined) &&
      "has a zone at one end: what a clock showed and an instant have no order.",
    [starts, ends].some((bound) => "absent" in bound) &&
      "takes no other column where one is empty: it is open there.",
    open.includes("") && "has “” among its `open` texts, which is open anyway.",
    whole === true &&
      "at" in starts &&
      "has its times in another column, and a range holds its own.",
    ...faultsOf(starts),
    ...(lasts || whole === true ? [] : faultsOf(ends)),
  ];
}

function ofMoment(field: Of<"date" | "timestamp">): readonly Fault[] {
  const { format = "iso", since, until } = field;
  const counts = ["unix", "unix-ms", "unix or iso"].includes(format);
  const bounds = [since, until].filter((bound) => bound !== undefined);
  const clock = field.kind === "timestamp" ? field.at : undefined;
  return [
    clock !== undefined &&
      counts &&
      "counts seconds, which have a time of day: none stands in another column.",
    counts &&
      bounds.length < 2 &&
      "counts seconds, and any number is a time: say `since` and `until`.",
    format.split(" or ").includes("serial") &&
      bounds.length < 2 &&
      "counts days, and any number is a day: say `since` and `until`.",
    ...bounds.map(
      (bound) =>
        !/^\d{4}-\d\d-\d\d$/.test(bound) &&
        `has the bound “${bound}”, which is not written YYYY-MM-DD.`,
    ),
    since !== undefined &&
      until !== undefined &&
      since > until &&
      `is never believed: ${since} is after ${until}.`,
  ];
}

/** Why what begins so does not last so many of a unit; false where it does. */
function lastsNot(starts: BoundField, { unit }: Lasting): string | false {
  if (starts.kind === "number") return `is of numbers, which last no ${unit}.`;
  const ofClock = unit === "minutes" || unit === "hours";
  if (starts.kind === "date")
    return ofClock && `begins with a day, and lasts ${unit}: take a time, \`timestamp(…)\`.`;
  return (
    starts.zone !== undefined &&
    !ofClock &&
    `begins with an instant, and lasts ${unit}, which are longer or shorter where clocks change: say minutes or hours, or leave the zone out.`
  );
}

/** A text that every row would have, or of which half a bracket would be left. */
/** A reference that no field, or more than one, names; one that belongs to what is not by name. */
function referred({ references, entity }: Migration, name: string): string[] {
  const fields = Object.values(entity.fields).filter(
    (field) => field.kind === "reference" && field.to === name,
  ).length;
  const reference = references[name];
  const parent = reference?.kind === "by_code" ? reference.parent : undefined;
  const belongs = parent && references[parent.reference];
  return [
    ...Object.entries(reference?.platform.where ?? {}).flatMap(([column, value]) =>
      "nothing" in value || "constant" in value
        ? []
        : [
            `“${name}” says by “${column}” what is meant, and by what no row of the platform holds: it is \`nothing\` or a constant(…).`,
          ],
    ),
    ...(fields === 1
      ? []
      : [
          `${fields === 0 ? "No field names" : "Several fields name"} the reference “${name}”: one has to.`,
        ]),
    ...(parent !== undefined && belongs?.kind !== "by_name"
      ? [`“${name}” belongs to “${parent.reference}”, which is no reference by name.`]
      : []),
    ...(parent !== undefined &&
    reference?.kind === "by_code" &&
    reference.platform.parent === undefined
      ? [`“${name}” belongs to something: say by which column on the platform.`]
      : []),
  ];
}
