import type { Pin, PinnedEntity } from "../compile/pin/pin.ts";
import { pinnedBounds, pinnedRows } from "../compile/rows.ts";
import type { PinnedColumn, Shown } from "../compile/shown/export.ts";
import { shownKeySql, shownSourceKeySql } from "../compile/shown/key.ts";
import { identifier, joinedTexts, literal, raw, sql } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";
import { csvCell } from "./csv.ts";
import { csvLetters, type ExportColumn, lineOf, noCell, wordCell } from "./csv-sql.ts";
import { HIDDEN } from "./masking.ts";
import {
  initialsSql,
  maskEmailSql,
  maskPhoneSql,
  yearOfSql,
  yearOfTextSql,
} from "./masking-sql.ts";
import { type LineQuery, RECORDS_OF_PAGE } from "./pages.ts";

/** Columns of a file of rows of every kind of things, in the same places for each: empty where one has no such. */
type RowColumns = (entity: PinnedEntity) => readonly ExportColumn[];

/** What a reviewer may see of every staged row: masked, without free text, with the decisions (R10, D20). */
export const reviewColumns = ({ entities }: Pin): RowColumns => allColumns(entities, reviewedOf);

/** The same, with where each row stands in the end and what was made of it. */
export const finalColumns = (pin: Pin): RowColumns => {
  const reviewed = reviewColumns(pin);
  const settled = allColumns(pin.entities, (entity) => settledOf(pin, entity));
  return (entity) => [...reviewed(entity), ...settled(entity)];
};

/** The names of all columns of some kinds of things, in the order in which they first have one. */
function allColumns(entities: readonly PinnedEntity[], of: RowColumns): RowColumns {
  const names = [...new Set(entities.flatMap((entity) => of(entity).map(({ name }) => name)))];
  return (entity) => {
    const own = new Map(of(entity).map((column) => [column.name, column]));
    return names.map((name) => own.get(name) ?? { name, cell: noCell });
  };
}

const reviewedOf: RowColumns = ({ name, exported }) => [
  ...exported.reviewed.slice(0, 1).map(exportColumn),
  ...(name === null ? [] : [{ name: "entity", cell: literal(name) }]),
  ...exported.reviewed.slice(1).map(exportColumn),
];

const exportColumn = (column: PinnedColumn): ExportColumn => ({
  name: column.name,
  cell: cellOf(column),
});

function settledOf(pin: Pin, entity: PinnedEntity): readonly ExportColumn[] {
  return [
    plain("import_state"),
    word("state_reason"),
    // The constraint that refused a row (D38): the name of something, never a value.
    word("state_detail"),
    plain("wave"),
    // Tables may be called whatever a table is called.
    { name: "target_table", cell: byOutcome(entity, ({ table }) => literal(csvCell(table))) },
    { name: "target_id", cell: textCell(pin, targetId(pin, entity)) },
    ...entity.staging.ids.map((name) => ({ name, cell: textCell(pin, `s.${identifier(name)}`) })),
  ];
}

/** The masked rows of one kind of things of a run as CSV lines, by key range. */
export function stagedLines(
  { staging }: PinnedEntity,
  runId: string,
  columns: readonly ExportColumn[],
): LineQuery {
  return {
    bounds: pinnedBounds(staging, runId, RECORDS_OF_PAGE),
    lines: (after, upTo) => sql`
      select s.id, ${raw(lineOf(columns))} as line
        from ${pinnedRows(staging, { run: runId, after, upTo })} s cross join ${raw(csvLetters)}`,
  };
}

/** The platform table that holds what was made of a row, or that a row is linked to; null for neither. */
export const targetTable = (entity: PinnedEntity): string =>
  byOutcome(entity, ({ table }) => literal(table));

/** The id in {@link targetTable}. */
export const targetId = (pin: Pin, entity: PinnedEntity): string => {
  const text = hasTextIds(pin) ? "::text" : "";
  return byOutcome(entity, ({ id }) => `s.${identifier(id)}${text}`);
};

/** {@link targetId} as it is shown. */
export const shownTarget = (pin: Pin, entity: PinnedEntity): string =>
  hasTextIds(pin)
    ? `(select ${shownKeySql("s.run_id", "own.key")} from (select ${targetId(pin, entity)} as key offset 0) own)`
    : targetId(pin, entity);

/** Whether ids of the platform may be texts: keys of what is written, or of people. */
const hasTextIds = ({ targets, entities }: Pin): boolean =>
  targets.some(({ key }) => key !== undefined) ||
  entities.some(({ exported }) => exported.linked.some(({ keyed }) => keyed));

/** A `case` over what became of a row: committed by which action, or linked to which table. */
function byOutcome(
  { exported }: PinnedEntity,
  value: (target: { table: string; id: string }) => string,
): string {
  const committed = exported.committed.map(
    (made) =>
      `when s.import_state = 'committed' and s.planned_action = ${literal(made.action)} then ${value(made)}`,
  );
  const linked = exported.linked.map((target) => {
    const column = `s.${identifier(target.id)} is not null`;
    // Where two tables' ids are kept in one column, the column does not tell them apart.
    const table = target.shared ? ` and s.link_table = ${literal(target.table)}` : "";
    return `when s.import_state = 'linked' and ${column}${table} then ${value(target)}`;
  });
  // Of a kind of things that nothing is written of no row became anything.
  const became = [...committed, ...linked];
  return became.length === 0 ? "null::text" : `case ${became.join("\n    ")} end`;
}

/** The SQL of a pinned column's cell; masks are this program's, whenever the run was pinned. */
function cellOf({ name, from, shown, known, masks = [] }: PinnedColumn): string {
  const value = `s.${identifier(from)}`;
  switch (shown) {
    case "changes":
      return changes(value, known, new Map(masks));
    case "plain":
      return value;
    case "word":
      return wordCell(from === "legacy_id" ? shownSourceKeySql("s.run_id", value) : value, known);
    case "words":
      return words(value, known);
    case "initials":
      return initialsSql(value);
    case "phone":
      return maskPhoneSql(value);
    case "email":
      return maskEmailSql(value);
    case "year":
      return yearOfSql(value);
    default:
      // Never shown as it stands: it may be personal.
      throw new Refusal(
        "PinUnreadable",
        `The run's pin shows ${name} in a way that this wavegate does not know, so nothing of it was exported: ` +
          "use the version that began the run, or a later one.",
      );
  }
}

/** `email: k•••@example.com > l•••@example.com; tier_id: ••• > •••`: what would be written of a row that is there. */
function changes(
  value: string,
  columns: readonly string[],
  masks: ReadonlyMap<string, Shown>,
): string {
  const shown = (column: string, side: string) => {
    const mask = maskOf[masks.get(column) ?? ""];
    return mask ? mask(side) : `case when ${side} is null then '' else '${HIDDEN}' end`;
  };
  // A mask names its text many times: what is looked up for a row, or taken out of JSON, is so once.
  const each = columns.map(
    (column) => `case when jsonb_exists(v.found, ${literal(column)}) then (
      select ${literal(`${column}: `)} || ${shown(column, "t.before")} || ' > ' || ${shown(column, "t.after")}
        from (select v.found -> ${literal(column)} ->> 0 as before, v.found -> ${literal(column)} ->> 1 as after offset 0) t) end`,
  );
  return `(select ${wordCell("c.text")}
      from (select ${joinedTexts("; ", each)} as text from (select ${value} as found offset 0) v offset 0) c)`;
}

const maskOf: Readonly<Record<string, (text: string) => string>> = {
  initials: initialsSql,
  phone: maskPhoneSql,
  email: maskEmailSql,
  year: yearOfTextSql,
};

/** An id of the platform: integers need no quotes, other keys are texts. */
const textCell = (pin: Pin, value: string): string =>
  hasTextIds(pin)
    ? `(select ${wordCell("k.shown")} from (
         select ${shownKeySql("s.run_id", "own.key")} as shown from (select (${value})::text as key offset 0) own offset 0) k)`
    : value;

/** A number, or one word of a list that the schema checks: it needs no quotes. */
const plain = (name: string): ExportColumn => ({ name, cell: `s.${identifier(name)}` });

/** A word that a definition or a stage chose. */
const word = (name: string): ExportColumn => ({ name, cell: wordCell(`s.${identifier(name)}`) });

/** The ids of the rules that fired, between spaces; none or one, as usual, is read without a query. */
const words = (list: string, known: readonly string[]): string =>
  `case jsonb_array_length(${list}) when 0 then ''
  when 1 then ${wordCell(`(${list} ->> 0)`, known)}
  else (select ${wordCell("ids")}
          from (select string_agg(issue.value, ' ') as ids
                  from jsonb_array_elements_text(${list}) issue offset 0) fired) end`;
