import { identifier, literal, literals, raw, type Sql, sql } from "../data/sql.ts";
import type { MatchTarget } from "../define/definition.ts";
import { idInPart, type MatchContext } from "./match-context.ts";
import { fieldOf, stagedTable } from "./rows.ts";

/**
 * The staged rows as matching compares them: a narrow copy, as a staged row is many times as wide
 * and every comparison reads all of them.
 */
export function copyRows(context: MatchContext): Sql {
  const { migration, run } = context;
  const field = (kind: string, suffix = "") =>
    raw(identifier(`${fieldOf(migration, kind)}${suffix}`));
  const { onePerPerson } = migration.entity.match;
  return sql`
  insert into wavegate.match_rows
    (run_id, staged_id, source_table, legacy_id, created_at, one_per_person,
     name_folded, name_key, birth_date, phone, alternates, raw_phone, email)
  select run_id, id, source_table, legacy_id, ${field("created_at")},
         coalesce(classification in (${raw(literals(onePerPerson) || "null")}), false),
         name_folded, name_key, ${field("birth_date")}, ${field("phone", "_normalized")},
         nullif(${field("phone", "_alternates")}, '[]'),
         case when ${field("phone", "_normalized")} is null
              then wavegate.raw_phone_key(${field("phone", "_raw")}) end,
         email_normalized
    from ${raw(stagedTable(migration))} where run_id = ${run} and ${idInPart(context, "id")}`;
}

/** The platform's people as matching compares them; rows that this run made are no hint against it. */
export function copyPeople(target: MatchTarget, context: MatchContext): Sql {
  const { run } = context;
  const own = target.madeByRun
    ? sql`and ${raw(identifier(target.madeByRun))} is distinct from ${run}`
    : raw("");
  return sql`
  insert into wavegate.match_people
    (run_id, target_table, target_id, name_folded, name_key, phone, raw_phone, email, birth_date)
  select ${run}, ${raw(literal(target.table))}, id, folded, wavegate.name_key(folded),
         case when phone ~ '^[1-9][0-9]*$' then phone
              else nullif(regexp_replace(phone, '^00|[^0-9]', '', 'g'), '') end,
         case when phone ~ '^[0-9]+$' then phone else wavegate.raw_phone_key(phone) end,
         nullif(lower(btrim(email)), ''), birth_date
    from (select ${raw(identifier(target.id))} as id,
                 wavegate.fold_name(${raw(identifier(target.name))}) as folded,
                 ${raw(identifier(target.phone))} as phone, ${raw(identifier(target.email))} as email,
                 ${raw(identifier(target.birthDate))} as birth_date
            from ${raw(identifier(target.table))}
           where ${idInPart(context, identifier(target.id))} ${own} offset 0) people`;
}
