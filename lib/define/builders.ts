import { all, not, otherwise, referenced } from "./condition.ts";
import type {
  Condition,
  Effect,
  InsertAction,
  Matching,
  MatchTarget,
  Once,
  PlanRule,
  Referrer,
  StagingView,
  TargetKey,
  Value,
} from "./definition.ts";
import type { SameAs } from "./identity.ts";
import { always } from "./looked-at.ts";
import { givenKey } from "./target-key.ts";
import { valuesOf } from "./value.ts";

export {
  all,
  any,
  atLeast,
  before,
  below,
  changes,
  datedBefore,
  earlier,
  field,
  is,
  missing,
  not,
  noted,
  otherThan,
  otherwise,
  passed,
  present,
  referenced,
  said,
  thereBefore,
  thereIs,
} from "./condition.ts";
export { defineMigration, entity } from "./define.ts";
export { feature } from "./feature.ts";
export {
  birthDate,
  boolean,
  choice,
  composed,
  createdAt,
  date,
  decimal,
  duration,
  email,
  file,
  integer,
  json,
  lasting,
  list,
  name,
  phone,
  range,
  reference,
  sha1,
  sha256,
  status,
  template,
  text,
  time,
  timestamp,
  uuid,
} from "./field-builders.ts";
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
  textBy,
  total,
} from "./made.ts";
export { reconciled } from "./reconcile.ts";
export { beside, ref, theirs } from "./reference-above.ts";
export { count, distribution, rows, section, share, stop, takenForReal } from "./report.ts";
export { room } from "./room.ts";
export { files, flag, moment, named as namedSetting, oneOf } from "./setting.ts";
export { catalogue, connection, inherited, integerKey, named, parted, table } from "./tables.ts";
export {
  constant,
  label,
  linked,
  mapped,
  nothing,
  object,
  of,
  orDefault,
  run,
  staged,
  started,
  uuidFrom,
} from "./value.ts";
export { watch } from "./watch.ts";

/** What becomes of a row where what it refers to is neither there nor written before it. */
export const need = <const Name extends string, const Line extends PlanRule>(
  name: Name,
  line: Line,
) => when(not(referenced(name, "there")), line);
/** A view: each column as `name`, or as `name = of` where it shows a staged column of another name. */
export const view = (name: string, ...columns: string[]): StagingView => ({
  name,
  columns: columns.map((column) => {
    const [shown = "", of = shown] = column.split("=").map((part) => part.trim());
    return { name: shown, of };
  }),
});

/**
 * A key that the platform's own default gives: a UUID, a text from a sequence, a number. Of a key of several columns the
 * others are given `beside` it: `drawn("id", { tenant_id: constant("7") })`.
 */
export const drawn = (
  column: string,
  beside?: Readonly<Record<string, string | Value>>,
): TargetKey => ({
  drawn: column,
  ...(beside === undefined ? {} : { beside: valuesOf(beside) }),
});
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
  const { id = "id", identity = [], importedAs = keptAs(into), copies } = options;
  const known = { ...givenKey(id), ...made };
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

/** The staged column of ids of a table, however that is called; PostgreSQL keeps so many letters of a name. */
const keptAs = (table: string): string => `imported_${table.replace(/\W/g, "_")}_id`.slice(0, 63);

/** People on the platform: the table, and the columns that hold what is known of them. */
export const people = (
  target: Omit<MatchTarget, "id" | "linkedAs" | "table"> & {
    in: string;
    id?: string;
    linkedAs?: string;
  },
): MatchTarget => {
  const { in: table, id = "id", linkedAs = keptAs(table), ...has } = target;
  return { table, id, linkedAs, ...has };
};
/** Whom a row may be already, in order of preference. */
export const match = (
  against: MatchTarget[],
  options: Partial<Omit<Matching, "against">> = {},
): Matching => ({ against, similarity: 0.5, cap: 200, onePerPerson: [], ...options });

/**
 * Each once: `once(["mail"], { by: ["joined_on"] })`; the plan says what becomes of later ones. The best of several
 * attempts is `by: [most("score"), "taken_on"]`. Of times that lie near each other:
 * `once([lower("title"), within("starts", "60 minutes")])`. Of rows that count alone: `where: missing("deleted")`. By
 * several lists, each for itself: `once: [once(["mail"]), once(["card"])]`.
 */
export const once = (
  fields: (string | SameAs)[],
  options: { by?: Once["by"][number][]; where?: Condition } = {},
): Once => ({
  fields,
  by: options.by ?? [],
  ...(options.where === undefined ? {} : { where: options.where }),
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
/** Narrows a line: of one that is narrowed already, `when(present("card"), need("reader", hold("x")))`, both hold. */
export const when = <const When extends Condition, const Line extends PlanRule>(
  condition: When,
  line: Line,
): Omit<Line, "when"> & { readonly when: Narrowed<When, Line["when"]> } => ({
  ...line,
  when: (always(line.when) ? condition : all(condition, line.when)) as Narrowed<When, Line["when"]>,
});

type Narrowed<When, Already> = Already extends { readonly all: readonly [] }
  ? When
  : { readonly all: readonly [When, Already] };

const words = (id: string): string =>
  `${id.charAt(0).toUpperCase()}${id.slice(1).replaceAll("_", " ")}.`;

/** An effect of the platform that reaches nobody, and why. */
export const harmless = (says: string): Effect => ({ kind: "harmless", says });
/** An effect of the platform that is switched off while the run lasts, and how. */
export const detached = (says: string): Effect => ({ kind: "detached", says });
/** Columns of rows that waves write which the platform keeps by itself, and why: `keeps("donors(total)", "Sums of gifts.")`. */
export const keeps = (columns: string | readonly string[], says: string): Effect => ({
  kind: "keeps",
  says,
  kept: [columns].flat().map((each) => {
    const [table, names] = tableAndColumns(each);
    return { table, columns: names };
  }),
});

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
