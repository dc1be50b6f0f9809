import type {
  Besides,
  Condition,
  Count,
  Effect,
  EntityReference,
  Field,
  InsertAction,
  Matching,
  MatchTarget,
  Measure,
  Moment,
  Once,
  PlanRule,
  Referrer,
  Section,
  StagingView,
  Stop,
  TargetKey,
  Value,
} from "./definition.ts";
import type { FieldFinding, Finding } from "./findings.ts";

export { defineMigration, entity } from "./define.ts";
export { feature } from "./feature.ts";
export {
  lower,
  onlyBeside,
  onlyEarlier,
  onlyMissing,
  onlyUpwards,
  perhaps,
  placed,
  same,
  update,
  within,
} from "./identity.ts";
export {
  each,
  earliest,
  firstBy,
  grouped,
  highest,
  joined,
  latest,
  listBy,
  numbered,
  opened,
} from "./made.ts";
export { reconciled } from "./reconcile.ts";
export { room } from "./room.ts";
export { files, flag, moment, named as namedSetting, oneOf } from "./setting.ts";
export { catalogue, connection, inherited, integerKey, named, table } from "./tables.ts";
export { watch } from "./watch.ts";

type NameField = Extract<Field, { kind: "name" }>;

/** Its columns, last name first; the last argument may say what is none. */
export const name = (
  ...parts: [...string[], string | Omit<NameField, "kind" | "parts">]
): Field => {
  const options = parts.at(-1);
  return typeof options === "object"
    ? { kind: "name", parts: parts.slice(0, -1) as string[], ...options }
    : { kind: "name", parts: parts as string[] };
};
export const phone = (
  from: string,
  options: { region: string; shared?: { rows: number; names: number } },
): Field => ({
  kind: "phone",
  from,
  ...options,
});
export const email = (
  from: string,
  options: { placeholders: string[]; sharedBy?: number },
): Field => ({
  kind: "email",
  from,
  placeholders: options.placeholders,
  sharedBy: options.sharedBy ?? 5,
});
export const birthDate = (
  from: string,
  options: { implausible?: string[]; youngest?: number; format?: string } = {},
): Field => ({ kind: "birth_date", from, ...options });
export const status = (from: string, options: { as?: string } = {}): Field => ({
  kind: "status",
  from,
  ...options,
});
export const createdAt = (from: string, options: { format?: string } = {}): Field => ({
  kind: "created_at",
  from,
  ...options,
});
/** A text of the legacy system. */
export const text = (
  from: string,
  options: { longest?: number; lines?: boolean; placeholders?: string[] } = {},
): Field => ({ kind: "text", from, ...options });
type NumberOptions = Omit<Extract<Field, { kind: "number" }>, "kind" | "from" | "whole">;
export const integer = (from: string, options: NumberOptions = {}): Field => ({
  kind: "number",
  from,
  whole: true,
  ...options,
});
export const decimal = (from: string, options: NumberOptions = {}): Field => ({
  kind: "number",
  from,
  whole: false,
  ...options,
});
/** `boolean("newsletter", { yes: ["Y"], no: ["N", ""] })`. */
export const boolean = (from: string, words: { yes: string[]; no: string[] }): Field => ({
  kind: "boolean",
  from,
  ...words,
});
/** `sha1("post:{id}:{room|none}")`, as hex: the keys of platforms that make them so. */
export const sha1 = (of: string): Field => digest("sha1", of);
/** The same by SHA-256. */
export const sha256 = (of: string): Field => digest("sha256", of);
const digest = (by: "sha1" | "sha256", of: string): Field => ({
  kind: "digest",
  by,
  of,
  parts: columnsIn(of),
});
const columnsIn = (...texts: string[]): string[] => [
  ...new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\{([^{}|]+)(?:\|[^{}]*)?\}/gu)].map(([, column]) => `${column}`),
    ),
  ),
];
/** `template("{item.title}", "{item.filename}", "Untitled")`: the first text all of whose columns are there. */
export const template = (...of: string[]): Field => ({
  kind: "template",
  of,
  parts: columnsIn(...of),
});
type FileOptions = Omit<Extract<Field, { kind: "file" }>, "kind" | "from">;
/** `file("item.path", { within: "materials", types: ["application/pdf"], says: { size: "item.size" } })`. */
export const file = (from: string, options: FileOptions): Field => ({
  kind: "file",
  from,
  ...options,
});
/** `list("criteria", { most: 10 })`: the texts of a list, each once, in order; of several columns the first that has one. */
export const list = (...columns: [...string[], string | { readonly most?: number }]): Field => {
  const options = columns.at(-1);
  return typeof options === "object"
    ? { kind: "list", parts: columns.slice(0, -1) as string[], ...options }
    : { kind: "list", parts: columns as string[] };
};
export const uuid = (from: string, options: { derived?: true } = {}): Field => ({
  kind: "uuid",
  from,
  ...options,
});
export const json = (from: string): Field => ({ kind: "json", from });
export const date = (from: string, options: Moment = {}): Field => ({
  kind: "date",
  from,
  ...options,
});
export const timestamp = (from: string, options: Moment & { absent?: string } = {}): Field => ({
  kind: "timestamp",
  from,
  ...options,
});
/**
 * `choice("plan", { Gold: "gold", Junior: "concession" })`; of a list of words the first one,
 * `choice("tags", {}, { firstOf: ";", beginnings: [["Hik", "outdoor"]], otherwise: "general" })`.
 */
export const choice = (
  from: string,
  means: Readonly<Record<string, string>>,
  options: Omit<Extract<Field, { kind: "choice" }>, "kind" | "from" | "means"> = {},
): Field => ({ kind: "choice", from, means, ...options });
export const reference = (from: string, to: string): Field => ({ kind: "reference", from, to });

/** Conditions keep what they name in their types, so that a name that nothing has does not compile. */
export const missing = <const Name extends string>(field: Name) => ({ missing: field });
export const present = <const Name extends string>(field: Name) => ({ present: field });
/** `earlier("published", "since")`: a time, before a setting of the run. */
export const earlier = <const Name extends string>(time: Name, than: string) => ({
  time,
  earlierThan: than,
});
export const noted = <const Name extends Finding | FieldFinding>(finding: Name) => ({
  noted: finding,
});
export const field = <const Name extends string>(fieldName: Name, ...is: string[]) => ({
  field: fieldName,
  is,
});
/** A day or a time that is over when the run is started. */
export const passed = <const Name extends string>(time: Name) => ({ passed: time });
/** Of two days or times the one is before the other; never where one of them is missing. */
export const before = <const One extends string, const Other extends string>(
  one: One,
  other: Other,
) => ({ before: one, than: other });
/** A column of the row that is there: `thereIs("status", "banned")`. */
export const thereIs = (column: string, ...is: string[]) => ({ there: column, is });
/** A time of the row that is there is before one of this row: `thereBefore("updated_at", "enrolled")`. */
export const thereBefore = <const Name extends string>(column: string, time: Name) => ({
  there: column,
  before: time,
});
/** A column of the row that is there would be written, or was: `changes("role")`. */
export const changes = (column: string) => ({ changes: column });
/** Whoever started the run said this of it: `said("overwrite_edited")`. */
export const said = (setting: string) => ({ said: setting });
/** The run is about something else than this row: `otherThan("community", "only")`. */
export const otherThan = <const Name extends string>(column: Name, setting: string) => ({
  other: column,
  thanSetting: setting,
});
/** The same, as a line of a decision reads. */
export const is = field;
/**
 * A row of an entity above: by the field that holds what names it in the legacy system, or by fields of that
 * entity, each with the one of this that holds the same, `ref("tier", { code: "tier_code" })`.
 */
export const ref = <const To extends string>(
  to: To,
  by: string | Readonly<Record<string, string>>,
  options: Pick<EntityReference, "optional" | "beside" | "asks"> = {},
): EntityReference & { readonly to: To } => ({
  to,
  by: typeof by === "string" ? { legacy_id: by } : by,
  ...options,
});
/** A field of the row that is referred to, where others are meant that are rows beside it. */
export const theirs = (field: string): { readonly theirs: string } => ({ theirs: field });
/**
 * A row of another entity that has to be there for a row to be the one that is referred to:
 * `beside("card", { branch: theirs("branch"), reader: "reader" })`.
 */
export const beside = (
  entity: string,
  same: Besides["same"],
  options: Pick<Besides, "is" | "rather"> = {},
): Besides => ({ entity, same, ...options });
/** What becomes of a row where what it refers to is neither there nor written before it. */
export const need = <const Name extends string, const Line extends PlanRule>(
  name: Name,
  line: Line,
) => when(not(referenced(name, "there")), line);
export const referenced = <const Name extends string>(referenceName: Name, ...is: string[]) => ({
  reference: referenceName,
  is,
});
export const all = <const Each extends readonly Condition[]>(...conditions: Each) => ({
  all: conditions,
});
export const any = <const Each extends readonly Condition[]>(...conditions: Each) => ({
  any: conditions,
});
export const not = <const Inner extends Condition>(condition: Inner) => ({ not: condition });
/** A condition that always holds: the last line of a list of rules. */
export const otherwise: { readonly all: readonly [] } = { all: [] };

/** A view: each column as `name`, or as `name = of` where it shows a staged column of another name. */
export const view = (name: string, ...columns: string[]): StagingView => ({
  name,
  columns: columns.map((column) => {
    const [shown = "", of = shown] = column.split("=").map((part) => part.trim());
    return { name: shown, of };
  }),
});

export const staged = (column: string): Value => ({ staged: column });
export const mapped = (referenceName: string): Value => ({ mapped: referenceName });
export const label = (referenceName: string): Value => ({ label: referenceName });
export const linked = (targetTable: string): Value => ({ linked: targetTable });
export const constant = (value: string): Value => ({ constant: value });
/** What a row above is on the platform: a column of it, its key unless said. */
export const of = (reference: string, column?: string): Value =>
  column === undefined ? { of: reference } : { of: reference, column };
/** A JSON object: `object({ type: "type" })`; what is missing is left out. */
export const object = (values: Readonly<Record<string, string | Value>>): Value => ({
  object: Object.entries(valuesOf(values)).sort(([one], [other]) => (one < other ? -1 : 1)),
});
/** Null, such as of a row that is no longer deleted. */
export const nothing: Value = { nothing: true };
export const run: Value = { run: "id" };
/** When the run was started: never the moment at which a wave is written. */
export const started: Value = { run: "started" };

/** Values of columns: a text is the field or staged column that one is made from. */
const valuesOf = (
  values: Readonly<Record<string, string | Value>>,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(
    Object.entries(values).map(([column, value]) => [
      column,
      typeof value === "string" ? staged(value) : value,
    ]),
  );

/** A key that the platform's own default gives: a UUID, a text from a sequence. */
export const drawn = (column: string): TargetKey => ({ drawn: column });
/** A key that is kept: `kept({ member_no: "legacy_id" })`, or several columns together. */
export const kept = (columns: Readonly<Record<string, string | Value>>): TargetKey => ({
  kept: valuesOf(columns),
});
/** A UUID that is made of staged columns, the same whenever it is made. */
export const derived = (column: string, ...from: string[]): TargetKey => ({
  derived: column,
  from,
});

/**
 * A new row of a table: each column with the field or staged column it is made from, or another value.
 * `id` is the column of its key, `id` unless said, or what makes it ({@link drawn}, {@link kept},
 * {@link derived}); `identity` names the columns that tell a legacy row that was moved already;
 * `importedAs` the staged column that keeps the new row's key.
 */
export function insert(
  into: string,
  values: Readonly<Record<string, string | Value>>,
  options: { id?: TargetKey; identity?: string[]; importedAs?: string; copies?: string } = {},
): InsertAction {
  const made = valuesOf(values);
  const {
    id = "id",
    identity = [],
    importedAs = `imported_${into.replace(/\W/g, "_")}_id`,
    copies,
  } = options;
  const known = typeof id === "object" && "kept" in id ? { ...id.kept, ...made } : made;
  return {
    into,
    id,
    values: made,
    ...(identity.length === 0
      ? {}
      : {
          identity: Object.fromEntries(identity.map((column) => [column, valueFor(known, column)])),
        }),
    importedAs,
    ...(copies === undefined ? {} : { copies }),
    inverse: "delete_created",
  };
}

function valueFor(values: Readonly<Record<string, Value>>, column: string): Value {
  const value = values[column];
  if (value !== undefined) return value;
  throw new Error(`“${column}” is to tell rows that were moved already, and is given no value.`);
}

/** People on the platform: the table, and the columns that hold what is known of them. */
export const people = (
  target: Omit<MatchTarget, "id" | "linkedAs" | "table"> & {
    in: string;
    id?: string;
    linkedAs?: string;
  },
): MatchTarget => {
  const {
    in: table,
    id = "id",
    linkedAs = `imported_${table.replace(/\W/g, "_")}_id`,
    ...has
  } = target;
  return { table, id, linkedAs, ...has };
};
/** Whom a row may be already, in order of preference. */
export const match = (
  against: MatchTarget[],
  options: Partial<Omit<Matching, "against">> = {},
): Matching => ({ against, similarity: 0.5, cap: 200, onePerPerson: [], ...options });

/**
 * Each once: `once(["mail"], { by: ["joined_on"] })`; the plan says what becomes of later ones. The best of several
 * attempts is `by: [most("score"), "taken_on"]`.
 */
export const once = (fields: string[], options: { by?: Once["by"][number][] } = {}): Once => ({
  fields,
  by: options.by ?? [],
});
/** The most of a field comes first. */
export const most = (field: string) => ({ most: field });

/** A line of a plan for every row that comes to it; {@link when} narrows it. */
export const commit = <const Action extends string>(action: Action, says = words(action)) => ({
  when: otherwise,
  commit: action,
  says,
});
/** The same, where something is to be known about what is written: `noting("file_absent", commit("note"))`. */
export const noting = <const Line extends PlanRule & { readonly commit: string }>(
  note: string,
  line: Line,
) => ({ ...line, note });
export const link = (
  says = "The platform knows this one already: linked, nothing is created.",
) => ({
  when: otherwise,
  link: true as const,
  says,
});
export const hold = (reason: string, says = words(reason)) => ({
  when: otherwise,
  hold: reason,
  says,
});
/** Held, and the run's exit code is 1 for as long as it is. */
export const conflict = (reason: string, says = words(reason)) => ({
  when: otherwise,
  conflict: reason,
  says,
});
export const skip = (reason: string, says = words(reason)) => ({
  when: otherwise,
  skip: reason,
  says,
});
export const fail = (reason: string, says = words(reason)) => ({
  when: otherwise,
  fail: reason,
  says,
});
export const when = <const When extends Condition, const Line extends PlanRule>(
  condition: When,
  line: Line,
): Omit<Line, "when"> & { readonly when: When } => ({ ...line, when: condition });

const words = (id: string): string =>
  `${id.charAt(0).toUpperCase()}${id.slice(1).replaceAll("_", " ")}.`;

/** An effect of the platform that reaches nobody, and why. */
export const harmless = (says: string): Effect => ({ kind: "harmless", says });
/** An effect of the platform that is switched off while the run lasts, and how. */
export const detached = (says: string): Effect => ({ kind: "detached", says });

/** `refers("cards(member_id)", "members(id)")`. */
export function refers(from: string, to: string): Referrer {
  const [table, columns] = tableAndColumns(from);
  const [target, targetColumns] = tableAndColumns(to);
  return { table, columns, target, targetColumns };
}

function tableAndColumns(text: string): [table: string, columns: string[]] {
  const [, name = "", columns = ""] = /^\s*([^()]+?)\s*\(([^()]+)\)\s*$/.exec(text) ?? [];
  if (name === "") throw new Error(`“${text}” is not of the form table(column, …).`);
  return [name, columns.split(",").map((column) => column.trim())];
}

export const count = (id: string, says: string, when: Condition): Count => ({ id, says, when });
export const distribution = (column: string, says: string) => ({ column, says });
export const section = (
  id: string,
  says: string,
  lines: Count[],
  options: { rest?: string } = {},
): Section => ({ id, says, lines, ...options });
/** A share of all rows, or of those for which `of` holds. */
export const share = (part: Condition, of?: Condition): Measure =>
  of === undefined ? { share: part } : { share: part, of };
export const rows = (when: Condition): Measure => ({ rows: when });
export const takenForReal = (
  referenceName: string,
  where: Condition,
): Extract<Measure, { takenForReal: string }> => ({
  takenForReal: referenceName,
  where,
});
/** Stops a sign-off when more than `above` is measured. */
export const stop = (id: string, says: string, measure: Measure, above: number): Stop => ({
  id,
  says,
  measure,
  above,
});
