import { identifier, raw, type Sql, sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { decisionColumns } from "../../define/looked-at.ts";
import { aboveColumns } from "../above-columns.ts";
import { fieldsOf, importedColumns, sharedFlags } from "../columns.ts";
import { type AliasOf, referenceJoins } from "../condition.ts";
import { decisionsTable, type RowRange, sourceTable, within } from "../rows.ts";
import { decided, decisionJoins, justDecided } from "./decisions.ts";
import { firedJoin, firedRules, planLine, planned, verdictOfFired } from "./verdict.ts";

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
  const decisions = decided(migration);
  const values: Record<string, string> = {
    run_id: "s.run_id",
    staged_id: "s.id",
    ...Object.fromEntries(sharedFlags(migration).map((flag) => [flag, `s.${identifier(flag)}`])),
    validation_status: "v.validation_status",
    validation_issues: "v.validation_issues",
    ...Object.fromEntries(
      decisionColumns(migration).map((column, at) => [column, decisions[at] as string]),
    ),
    ...plan,
    state_reason: plan.planned_reason,
  };
  return sql`
  insert into ${raw(decisionsTable(migration))} (${raw(Object.keys(values).map(identifier).join(", "))})
  select ${raw(Object.values(values).join(",\n         "))}
    from (select ${raw(knownColumns(migration))},
                 'none' as high_hits, 'none' as duplicate_confidence, 'none' as source_duplicate_confidence,
                 false as another_person, false as later_of_person, false as moved_before${raw(nothingAbove(migration))}
            from ${raw(sourceTable(migration))} s ${sharedContacts(migration)}
           where ${within(range, "s", "id")}
             -- Read once, before anything is written: joined to a table that is empty yet, what is written would be read again for each row.
             and s.id not in (select d.staged_id from ${raw(decisionsTable(migration))} d
                               where ${within(range, "d", "staged_id")}) offset 0) s
    ${raw(referenceJoins(migration))}
    ${raw(firedJoin(migration))}
    cross join lateral (
      select ${raw(firedRules)} as validation_issues, ${raw(verdictOfFired(migration, "false"))} as validation_status
      offset 0) v
    ${raw(decisionJoins(migration))}
    cross join lateral (select ${raw(planLine(migration, judged(migration)))} as line offset 0) p
  ${raw(repeated ? "on conflict do nothing" : "")}`;
}

/** What rows refer to is known once those are planned: a dry run finds it. */
const nothingAbove = (migration: Migration): string =>
  aboveColumns(migration)
    .map(([name, type]) => `, null::${type} as ${identifier(name)}`)
    .join("");

/** Where each column that is being decided stands in {@link decideRows}. */
const judged = (migration: Migration): AliasOf => {
  const decided = justDecided(migration);
  return (column) => (column === "validation_status" ? "v" : decided(column));
};

/**
 * What validation looks at, of a row `s` of the source with {@link sharedContacts}: an address that too
 * many rows share says nothing about a person (D4), nor does a phone (D31), and that is noted.
 */
export function knownColumns(migration: Migration): string {
  const emails = fieldsOf(migration, "email").map(([name]) => name);
  const phones = fieldsOf(migration, "phone").map(([name]) => name);
  const own = importedColumns(migration).filter(({ name }) => name !== "findings");
  const noted = "coalesce(s.findings, '[]')";
  const someEmail = emails.map((name) => emailShared(name)).join(" or ") || "false";
  const somePhone = phones.map((name) => phoneShared(name)).join(" or ") || "false";
  return [
    "s.id",
    "s.run_id",
    "s.source_table",
    "s.legacy_id",
    ...own.map(({ name }) => `s.${identifier(name)}`),
    ...emails.map((name) => `${emailShared(name)} as ${identifier(`${name}_shared`)}`),
    ...phones.map((name) => `${phoneShared(name)} as ${identifier(`${name}_shared`)}`),
    ...emails.map(
      (name) =>
        `case when not ${emailShared(name)} then s.${identifier(`${name}_candidate`)} end as ${identifier(`${name}_normalized`)}`,
    ),
    `case when not (${someEmail} or ${somePhone}) then s.findings
          when not (${someEmail}) then ${noted} || '["phone_shared"]'
          when ${somePhone} then ${noted} || '["email_shared", "phone_shared"]'
          else ${noted} || '["email_shared"]' end as findings`,
  ].join(", ");
}

const emailShared = (name: string): string => `(${identifier(`many_${name}`)}.address is not null)`;
const phoneShared = (name: string): string => `${identifier(`nobodys_${name}`)}.shared`;

/** The joins that tell whether an address, or one of the phones, of a row `s` is shared by too many. */
export function sharedContacts(migration: Migration): Sql {
  const emails = fieldsOf(migration, "email").map(([name]) => {
    const many = identifier(`many_${name}`);
    return `
            left join wavegate.shared_emails ${many}
              on ${many}.run_id = s.run_id and ${many}.address = s.${identifier(`${name}_candidate`)}`;
  });
  const phones = fieldsOf(migration, "phone").map(([name]) => {
    const first = identifier(`many_${name}`);
    const further = `s.${identifier(`${name}_alternates`)}`;
    return `
            left join wavegate.shared_phones ${first}
              on ${first}.run_id = s.run_id and ${first}.phone = s.${identifier(`${name}_normalized`)}
            cross join lateral (
              select ${first}.phone is not null or (${further} is not null and exists (
                       select from wavegate.shared_phones other
                        where other.run_id = s.run_id and jsonb_exists(${further}, other.phone))) as shared) ${identifier(`nobodys_${name}`)}`;
  });
  return raw([...emails, ...phones].join(""));
}
