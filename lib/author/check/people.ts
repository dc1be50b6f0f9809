import { fieldsOf } from "../../compile/columns.ts";
import type { Migration } from "../../define/definition.ts";
import { engineReasons } from "../../define/reasons.ts";
import { type Problem, warning } from "../problem.ts";

/** What a definition says of rows that the platform may have, and does not mean. */
export const checkPeople = (migration: Migration): Problem[] => [
  ...takenForMoved(migration),
  ...heldAsDuplicates(migration),
  ...notCompared(migration),
];

/** Rows that are there and would be brought up to date, which the line that holds possible duplicates unasked takes first. */
function heldAsDuplicates({ entity }: Migration): Problem[] {
  const { possible_duplicate: own } = engineReasons;
  const taken =
    typeof entity.there === "object" &&
    entity.plan.some(
      (line) => "hold" in line && line.hold === "possible_duplicate" && line.says === own.says,
    );
  return taken
    ? [
        warning(
          "held_as_duplicates",
          "there",
          "Whom `is` finds on the platform `match` mostly finds as well, and no line of the plan looks at duplicates: such rows are held as possible duplicates and not brought up to date.",
          'Hold those alone that are not there: when(all(is("duplicate_confidence", "low", "medium", "high"), is("there_is", "none")), hold("possible_duplicate")).',
        ),
      ]
    : [];
}

/** Rows that `is` would find, which by `identity` count as moved by an earlier run before anything asks about them. */
function takenForMoved({ entity }: Migration): Problem[] {
  const { is = [], there = "keep" } = entity;
  if (there === "keep") return [];
  return Object.values(entity.actions).flatMap(({ into, identity = {} }) => {
    const columns = Object.keys(identity);
    const taken =
      columns.length > 0 &&
      is.some((way) => columns.every((column) => way.some(([name]) => name === column)));
    if (!taken) return [];
    const named = columns.map((column) => `${into}.${column}`).join(", ");
    return [
      warning(
        "taken_for_moved",
        "identity",
        `“identity” and “is” both tell by ${named} which row of the platform a legacy row is: one that anybody else made counts as moved by an earlier run (“moved_before”), and “there” never comes to it.`,
        "Leave “identity” out, as the ledger knows what was moved; or name in it a column that this migration alone fills.",
      ),
    ];
  });
}

/** What people of the platform are known by, and what a row has of it. */
const compared = [
  ["name", "name", "name(…)"],
  ["phone", "phone", "phone(…)"],
  ["email", "email", "email(…)"],
  ["birthDate", "birth_date", "birthDate(…)"],
] as const;

/** Columns of people with which nothing is compared, as no field of the rows is of their kind: a day is no birth date. */
function notCompared(migration: Migration): Problem[] {
  return migration.entity.match.against.flatMap((target) =>
    compared.flatMap(([of, kind, word]) => {
      const column = target[of];
      return column === undefined || fieldsOf(migration, kind).length > 0
        ? []
        : [
            warning(
              "not_compared",
              of,
              `“match” names ${target.table}.${column}, and nobody is told by it: no field is a ${word}.`,
              `Stage what the legacy system has of it as ${word}, or leave “${of}” out.`,
            ),
          ];
    }),
  );
}
