import { identifier, literal, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { MatchTarget, Migration } from "../define/definition.ts";
import type { MatchContext, MatchNames } from "./match-context.ts";
import {
  nameWithinOneEdit,
  sameContact,
  sameNameAndBirthDate,
  sameNameAndRawPhone,
  similarName,
} from "./match-platform.ts";
import { sourceContact, sourceNames, sourceSimilar } from "./match-source.ts";
import { fieldOf, stagedTable } from "./rows.ts";

/** One step of matching: what it does in a word, and its statements, which belong together. */
export interface MatchStep {
  readonly name: string;
  readonly statements: readonly Sql[];
  /** Its share of the time, measured at a million rows: for the time left (W11). */
  readonly weight: number;
}

/**
 * Matching in two rounds: first what was found before is forgotten and the platform's people are
 * taken down, then everything is found anew, in any order. Pairs are never formed from junk: only
 * validated contacts match (high), groups are joined by `(row, first of the group, size)`, similar
 * names by blocks, and what is too common is capped (D7).
 */
export function matchRounds(
  migration: Migration,
  run: string,
): readonly [before: readonly MatchStep[], steps: readonly MatchStep[]] {
  const context: MatchContext = {
    migration,
    names: columnNames(migration),
    rows: stagedTable(migration),
    run: sql`${uuid(run)}`,
  };
  const found = ["duplicate_hints", "source_hints", "capped_groups", "match_people"];
  const { against } = migration.entity.match;
  return [
    [
      {
        name: "forget",
        weight: 1,
        statements: found.map(
          (table) => sql`delete from wavegate.${raw(table)} where run_id = ${context.run}`,
        ),
      },
      ...against.map((target) => ({
        name: `look at ${target.table}`,
        weight: 3,
        statements: [takeSnapshot(target, context)],
      })),
      { name: "statistics", weight: 1, statements: [raw("analyze wavegate.match_people")] },
    ],
    [
      { name: "name within one edit", weight: 15, statements: nameWithinOneEdit(context) },
      { name: "similar name, same birth date", weight: 5, statements: [similarName(context)] },
      { name: "similar name in the source", weight: 4, statements: [sourceSimilar(context)] },
      { name: "same contact in the source", weight: 7, statements: sourceContact(context) },
      { name: "same contact", weight: 3, statements: [sameContact(context)] },
      { name: "same name in the source", weight: 5, statements: [sourceNames(context)] },
      { name: "same name and birth date", weight: 2, statements: [sameNameAndBirthDate(context)] },
      { name: "same name and raw phone", weight: 1, statements: [sameNameAndRawPhone(context)] },
    ],
  ];
}

function columnNames(migration: Migration): MatchNames {
  const phone = fieldOf(migration, "phone");
  return {
    phone: identifier(`${phone}_normalized`),
    alternates: identifier(`${phone}_alternates`),
    rawPhone: identifier(`${phone}_raw`),
    email: "email_normalized",
    birthDate: identifier(fieldOf(migration, "birth_date")),
    createdAt: identifier(fieldOf(migration, "created_at")),
  };
}

/** The platform's people as matching compares them; rows that this run made are no hint against it. */
function takeSnapshot(target: MatchTarget, { run }: MatchContext): Sql {
  const own = target.madeByRun
    ? sql`where ${raw(identifier(target.madeByRun))} is distinct from ${run}`
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
            from ${raw(identifier(target.table))} ${own} offset 0) people`;
}
