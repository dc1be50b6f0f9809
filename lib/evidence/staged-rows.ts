import { fieldOf, linkColumns } from "../compile/columns.ts";
import { rangeBounds, stagedRows } from "../compile/rows.ts";
import { identifier, literal, raw, sql } from "../data/sql.ts";
import type { Migration, PlanRule } from "../define/definition.ts";
import { type ExportColumn, lineOf, wordCell } from "./csv-sql.ts";
import { initialsSql, maskEmailSql, maskPhoneSql, yearOfSql } from "./masking-sql.ts";
import { type LineQuery, RECORDS_OF_PAGE } from "./pages.ts";

/** What a reviewer may see of every staged row: masked, without free text, with the decisions (R10, D20). */
export function reviewColumns(migration: Migration): readonly ExportColumn[] {
  const field = (kind: string, suffix = "") => `s.${identifier(fieldOf(migration, kind) + suffix)}`;
  const { from, classify, importAction, actions, plan } = migration.entity;
  const classifications = [...classify.as.map((each) => each.classification), classify.otherwise];
  return [
    plain("id"),
    word("source_table", from),
    plain("legacy_id"),
    { name: "name", cell: initialsSql(field("name")) },
    { name: "phone", cell: maskPhoneSql(field("phone", "_normalized")) },
    { name: "email", cell: maskEmailSql("s.email_normalized") },
    { name: "birth_year", cell: yearOfSql(field("birth_date")) },
    word("classification", classifications),
    plain("validation_status"),
    { name: "validation_issues", cell: issues(migration) },
    plain("duplicate_confidence"),
    plain("source_duplicate_confidence"),
    { name: "session_type", cell: "s.session_type" },
    {
      name: "import_action",
      cell: wordCell(
        "s.import_action",
        importAction.map(({ action }) => action),
      ),
    },
    plain("planned"),
    word("planned_action", Object.keys(actions)),
    word("planned_reason", plan.flatMap(reasonOf)),
  ];
}

/** The same, with where each row stands in the end and what was made of it. */
export function finalColumns(migration: Migration): readonly ExportColumn[] {
  return [
    ...reviewColumns(migration),
    plain("import_state"),
    word("state_reason"),
    // The constraint that refused a row (D38): the name of something, never a value.
    word("state_detail"),
    plain("wave"),
    { name: "target_table", cell: targetTable(migration) },
    { name: "target_id", cell: targetId(migration) },
    ...linkColumns(migration).map((name) => ({ name, cell: `s.${identifier(name)}` })),
  ];
}

/** The masked rows of a run as CSV lines, by key range. */
export function stagedLines(
  migration: Migration,
  runId: string,
  columns: readonly ExportColumn[],
): LineQuery {
  return {
    bounds: rangeBounds(migration, runId, RECORDS_OF_PAGE),
    lines: (after, upTo) => sql`
      select s.id, ${raw(lineOf(columns))} as line
        from ${stagedRows(migration, { run: runId, after, upTo })} s`,
  };
}

/** The platform table that holds what was made of a row, or that a row is linked to; null for neither. */
export function targetTable(migration: Migration): string {
  return byOutcome(migration, {
    committed: ({ into }) => literal(into),
    linked: ({ table }) => literal(table),
  });
}

/** The id in {@link targetTable}. */
export function targetId(migration: Migration): string {
  return byOutcome(migration, {
    committed: ({ importedAs }) => `s.${identifier(importedAs)}`,
    linked: ({ linkedAs }) => `s.${identifier(linkedAs)}`,
  });
}

/** A `case` over what became of a row: committed by which action, or linked to which table. */
function byOutcome(
  { entity }: Migration,
  value: {
    committed: (action: { into: string; importedAs: string }) => string;
    linked: (target: { table: string; linkedAs: string }) => string;
  },
): string {
  const committed = Object.entries(entity.actions).map(
    ([name, action]) =>
      `when s.import_state = 'committed' and s.planned_action = ${literal(name)} then ${value.committed(action)}`,
  );
  const linked = entity.match.against.map((target, _, all) => {
    const column = `s.${identifier(target.linkedAs)} is not null`;
    // Where two tables' ids are kept in one column, the column does not tell them apart.
    const shared = all.filter(({ linkedAs }) => linkedAs === target.linkedAs).length > 1;
    const table = shared ? ` and s.link_table = ${literal(target.table)}` : "";
    return `when s.import_state = 'linked' and ${column}${table} then ${value.linked(target)}`;
  });
  return `case ${[...committed, ...linked].join("\n    ")} end`;
}

/** A number, or one word of a list that the schema checks: it needs no quotes. */
const plain = (name: string): ExportColumn => ({ name, cell: `s.${identifier(name)}` });

/** A word that a definition or a stage chose. */
const word = (name: string, known: readonly string[] = []): ExportColumn => ({
  name,
  cell: wordCell(`s.${identifier(name)}`, known),
});

const reasonOf = (rule: PlanRule): string[] => {
  if ("hold" in rule) return [rule.hold];
  if ("fail" in rule) return [rule.fail];
  return "skip" in rule ? [rule.skip] : [];
};

/** The ids of the rules that fired, between spaces; none or one, as usual, is read without a query. */
function issues({ entity }: Migration): string {
  const known = entity.validate.map(({ id }) => id);
  return `case jsonb_array_length(s.validation_issues) when 0 then ''
  when 1 then ${wordCell("(s.validation_issues ->> 0)", known)}
  else (select ${wordCell("ids")}
          from (select string_agg(issue, ' ') as ids
                  from jsonb_array_elements_text(s.validation_issues) issue offset 0) fired) end`;
}
