import { ofField } from "../../compile/pin/used-columns.ts";
import { insertedType } from "../../compile/target/inserted-types.ts";
import type { Migration, Value } from "../../define/definition.ts";
import { type Problem, warning } from "../problem.ts";
import type { TargetTable } from "../target.ts";

/** What a value without a zone is, by its type. */
const shows: Readonly<Record<string, string>> = {
  timestamp: "what a clock showed, nobody says where",
  date: "a day, which begins at another moment in each zone",
};

/**
 * Columns of instants that are written from what is none: PostgreSQL takes it for a time of UTC, and elsewhere each row would
 * be hours beside itself.
 */
export const clockProblems = (
  migration: Migration,
  name: string,
  written: readonly (readonly [column: string, value: Value])[],
  table: TargetTable,
): Problem[] =>
  written.flatMap(([column, value]) => {
    if (!("staged" in value)) return [];
    const to = table.columns.find((each) => each.name === column);
    const is = shows[insertedType(migration, value) ?? ""];
    if (to?.basic !== "timestamp with time zone" || is === undefined) return [];
    const field = migration.entity.fields[value.staged];
    const [from = "…"] = field === undefined ? [] : ofField(field);
    return [
      warning(
        "target_clock",
        value.staged,
        `“${name}” writes ${table.name}.${column} (${to.type}) from “${value.staged}”, which is ${is}: it would be taken for UTC’s.`,
        `Stage it as timestamp(${JSON.stringify(from)}, { zone: "…" }), which says where the clock hung, "UTC" where it did.`,
      ),
    ];
  });
