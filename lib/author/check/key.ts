import { keyColumnsOf } from "../../compile/target-key.ts";
import type { InsertAction } from "../../define/definition.ts";
import { error, names, type Problem } from "../problem.ts";
import type { TargetTable } from "../target.ts";

const whole = ["smallint", "integer", "bigint"];
export const isWhole = (type: string): boolean => whole.includes(type);

/** What is wrong with how new rows of a table are named. */
export function checkKey(name: string, { id }: InsertAction, table: TargetTable): Problem[] {
  const columns = keyColumnsOf(id);
  const known = columns.map((column) => table.columns.find((each) => each.name === column));
  // What is not there is said where every column is looked for.
  if (known.includes(undefined)) return [];
  const [first] = known;
  const problem = (says: string, remedy: string) => [error("target_key", name, says, remedy)];
  const own = [...columns].sort().join();
  if (!table.unique.some((unique) => [...unique].sort().join() === own)) {
    return problem(
      `“${name}” names new rows of ${table.name} by ${names(columns)}, which several rows may have${table.key.length === 0 ? "" : `: its key is ${names(table.key)}`}.`,
      `Say in \`id\` what names a row, such as ${idFor(table)}.`,
    );
  }
  if (first === undefined) return [];
  const of = `${table.name}.${first.name}`;
  if (typeof id === "string" && !(whole.includes(first.type) && first.drawn)) {
    return problem(
      `“${name}” draws ${of} as a whole number from a sequence of its own, and it is ${first.type}${whole.includes(first.type) ? " without one" : ""}.`,
      `Say ${first.filled ? `drawn(${JSON.stringify(first.name)}) where the platform gives it, or ` : ""}kept({ ${JSON.stringify(first.name)}: "legacy_id" }) where the legacy system’s is kept, or derived(${JSON.stringify(first.name)}, "legacy_id") for a UUID.`,
    );
  }
  if (typeof id === "object" && "drawn" in id && !first.filled) {
    return problem(
      `“${name}” lets the platform give ${of}, which has no default.`,
      `Say kept({ ${JSON.stringify(first.name)}: "legacy_id" }), or derived(${JSON.stringify(first.name)}, "legacy_id") for a UUID.`,
    );
  }
  if (typeof id === "object" && "derived" in id && whole.includes(first.type)) {
    return problem(
      `“${name}” makes a UUID for ${of}, which is ${first.type}.`,
      `Say ${idFor(table)}.`,
    );
  }
  return known.some((column) => column?.made)
    ? problem(
        `“${name}” names rows of ${table.name} by a column that the platform makes of others.`,
        "Name them by columns that are written.",
      )
    : [];
}

/** How new rows of a table may be named, as it is written in a definition. */
export function idFor({ key, columns }: Pick<TargetTable, "key" | "columns">): string {
  const of = (name: string) => columns.find((column) => column.name === name);
  const [first = "id"] = key;
  const column = of(first);
  const drawnOne = key.find((name) => of(name)?.drawn);
  if (key.length > 1 && drawnOne !== undefined)
    return `drawn(${JSON.stringify(drawnOne)}, { ${key
      .filter((name) => name !== drawnOne)
      .map((name) => `${JSON.stringify(name)}: …`)
      .join(", ")} })`;
  if (key.length > 1)
    return `kept({ ${key.map((name) => `${JSON.stringify(name)}: …`).join(", ")} })`;
  if (column && whole.includes(column.type) && column.drawn) return JSON.stringify(first);
  return column?.filled
    ? `drawn(${JSON.stringify(first)})`
    : `kept({ ${JSON.stringify(first)}: "legacy_id" })`;
}
