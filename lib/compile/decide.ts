import { identifier, raw, type Sql, sql } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { fieldOf, importedColumns } from "./columns.ts";
import { type AliasOf, referenceJoins, sessionType } from "./condition.ts";
import { decisionsTable, type RowRange, sourceTable, within } from "./rows.ts";
import { classification, firedRules, importAction, planLine, planned, verdict } from "./verdict.ts";

/**
 * The first decisions about the rows of a range that have none: what validation, classification and
 * the plan say as long as no duplicate is known. The stages that follow weigh every row again, and
 * write only those for which they find something else.
 *
 * @param repeated leaves rows alone about which somebody else decides at this moment; without it they
 * are an error (23505)
 */
export function decideRows(migration: Migration, range: RowRange, repeated: boolean): Sql {
  const plan = planned(migration, "p.line");
  const values: Record<string, string> = {
    run_id: "s.run_id",
    staged_id: "s.id",
    email_shared: "s.email_shared",
    phone_shared: "s.phone_shared",
    validation_status: "v.validation_status",
    validation_issues: "v.validation_issues",
    classification: "c.classification",
    session_type: "t.session_type",
    import_action: "a.import_action",
    ...plan,
    state_reason: plan.planned_reason,
  };
  return sql`
  insert into ${raw(decisionsTable(migration))} (${raw(Object.keys(values).map(identifier).join(", "))})
  select ${raw(Object.values(values).join(",\n         "))}
    from (select ${raw(knownColumns(migration))},
                 'none' as high_hits, 'none' as duplicate_confidence, 'none' as source_duplicate_confidence,
                 false as another_person, false as later_of_person, false as moved_before
            from ${raw(sourceTable(migration))} s ${sharedContacts(migration)}
           where ${within(range, "s", "id")}
             and not exists (select from ${raw(decisionsTable(migration))} d
                              where d.staged_id = s.id and ${within(range, "d", "staged_id")}) offset 0) s
    ${raw(referenceJoins(migration))}
    cross join lateral (
      select ${raw(firedRules(migration))} as validation_issues, ${raw(verdict(migration, "false"))} as validation_status
      offset 0) v
    cross join lateral (select ${raw(classification(migration))} as classification offset 0) c
    cross join lateral (select ${raw(sessionType(migration))} as session_type offset 0) t
    cross join lateral (select ${raw(importAction(migration, decided))} as import_action offset 0) a
    cross join lateral (select ${raw(planLine(migration, decided))} as line offset 0) p
  ${raw(repeated ? "on conflict do nothing" : "")}`;
}

/** Where each column that is being decided stands in {@link decideRows}. */
const decided: AliasOf = (column) =>
  ({ validation_status: "v", classification: "c", session_type: "t", import_action: "a" })[
    column
  ] ?? "s";

/**
 * What validation looks at, of a row `s` of the source with {@link sharedContacts}: an address that too
 * many rows share says nothing about a person (D4), nor does a phone (D31), and that is noted.
 */
export function knownColumns(migration: Migration): string {
  const candidate = `s.${identifier(`${fieldOf(migration, "email")}_candidate`)}`;
  const own = importedColumns(migration).filter(({ name }) => name !== "findings");
  const noted = "coalesce(s.findings, '[]')";
  return [
    "s.id",
    "s.run_id",
    "s.source_table",
    "s.legacy_id",
    ...own.map(({ name }) => `s.${identifier(name)}`),
    "shared.address is not null as email_shared",
    "phones.shared as phone_shared",
    `case when shared.address is null then ${candidate} end as email_normalized`,
    `case when shared.address is null and not phones.shared then s.findings
          when shared.address is null then ${noted} || '["phone_shared"]'
          when phones.shared then ${noted} || '["email_shared", "phone_shared"]'
          else ${noted} || '["email_shared"]' end as findings`,
  ].join(", ");
}

/** The joins that tell whether the address, or one of the phones, of a row `s` is shared by too many. */
export function sharedContacts(migration: Migration): Sql {
  const phone = fieldOf(migration, "phone");
  const further = raw(`s.${identifier(`${phone}_alternates`)}`);
  return sql`
            left join wavegate.shared_emails shared
              on shared.run_id = s.run_id and shared.address = s.${raw(identifier(`${fieldOf(migration, "email")}_candidate`))}
            left join wavegate.shared_phones phone
              on phone.run_id = s.run_id and phone.phone = s.${raw(identifier(`${phone}_normalized`))}
            cross join lateral (
              select phone.phone is not null or (${further} is not null and exists (
                       select from wavegate.shared_phones other
                        where other.run_id = s.run_id and ${further} ? other.phone)) as shared) phones`;
}
