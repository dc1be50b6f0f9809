import { raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import type { MatchContext } from "./match-context.ts";
import { nameWithinOneEdit } from "./match-one-edit.ts";
import { sameContact, sameNameAndBirthDate, sameNameAndRawPhone } from "./match-platform.ts";
import { similarNames } from "./match-similar.ts";
import { copyPeople, copyRows } from "./match-snapshots.ts";
import { sourceContact, sourceNames } from "./match-source.ts";

/** One step of matching: what it does in a word, and its statements, which belong together. */
export interface MatchStep {
  readonly name: string;
  readonly statements: readonly Sql[];
  /** Its share of the time, measured at a million rows: for the time left (W11). */
  readonly weight: number;
}

/**
 * Matching in three rounds: what was found before is forgotten, then rows and the platform's people
 * are copied in the form that is compared, then everything is found anew, the steps of a round in any
 * order. Pairs are never formed from junk: only validated contacts match (high), groups are joined by
 * `(row, first of the group, size)`, similar names by blocks, and what is too common is capped (D7).
 */
export function matchRounds(migration: Migration, run: string): readonly (readonly MatchStep[])[] {
  const context: MatchContext = { migration, run: sql`${uuid(run)}` };
  const found = ["duplicate_hints", "source_hints", "capped_groups", "match_people", "match_rows"];
  const emptied = (table: string) =>
    sql`delete from wavegate.${raw(table)} where run_id = ${context.run}`;
  return [
    [{ name: "forget", weight: 1, statements: found.map(emptied) }],
    [
      { name: "look at the rows", weight: 5, statements: [copyRows(context)] },
      {
        name: "look at the platform's people",
        weight: 5,
        statements: migration.entity.match.against.map((target) => copyPeople(target, context)),
      },
    ],
    [
      {
        name: "statistics",
        weight: 1,
        statements: [raw("analyze wavegate.match_rows"), raw("analyze wavegate.match_people")],
      },
    ],
    [
      { name: "name within one edit", weight: 9, statements: nameWithinOneEdit(context) },
      { name: "similar names", weight: 6, statements: [similarNames(context)] },
      { name: "same contact in the source", weight: 5, statements: sourceContact(context) },
      { name: "same name in the source", weight: 4, statements: [sourceNames(context)] },
      { name: "same contact", weight: 2, statements: [sameContact(context)] },
      { name: "same name and birth date", weight: 2, statements: [sameNameAndBirthDate(context)] },
      { name: "same name and raw phone", weight: 1, statements: [sameNameAndRawPhone(context)] },
    ],
    // Nobody reads the copy of the rows any more; waves do read that of the people.
    [{ name: "tidy up", weight: 1, statements: [emptied("match_rows")] }],
  ];
}
