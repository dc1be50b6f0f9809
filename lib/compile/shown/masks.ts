import type { Migration } from "../../define/definition.ts";
import { fieldColumns, valueColumn } from "../columns.ts";

/** How `why` shows a column: masked by its kind (D20), as a word unless it is about somebody, hidden, or not at all. */
export type LookMask = "initials" | "phone" | "email" | "year" | "word" | "hidden" | "left_out";

/** How each staged column of a field is shown; one that is not named holds no personal data. */
export function masksOf(
  migration: Migration,
): readonly (readonly [column: string, mask: LookMask])[] {
  return Object.entries(migration.entity.fields).flatMap(
    ([name, field]): (readonly [string, LookMask])[] => {
      switch (field.kind) {
        case "name": {
          const [, ...forms] = fieldColumns(migration, name, field);
          return [[name, "initials"], ...forms.map((form) => [form.name, "hidden"] as const)];
        }
        case "phone":
          return [
            [`${name}_normalized`, "phone"],
            [`${name}_raw`, "hidden"],
            [`${name}_alternates`, "left_out"],
            ...(field.plus ? [[`${name}_plus`, "phone"] as const] : []),
          ];
        case "email":
          return [
            [`${name}_candidate`, "email"],
            [`${name}_normalized`, "email"],
            [`${name}_raw`, "hidden"],
          ];
        case "birth_date":
        case "date":
        case "timestamp":
          return [[name, "year"]];
        // Whatever may be about a person; what a choice, a status or a yes and no means are the definition's words.
        case "text":
        case "json":
        case "number":
        case "uuid":
        case "digest":
        case "template":
        case "composed":
        case "range":
        case "time":
        case "duration":
        case "list":
          return [[name, "hidden"]];
        case "file":
          return [
            [name, "hidden"],
            [`${name}_key`, "hidden"],
          ];
        case "status":
          return [...new Set([name, valueColumn(migration, name)])].map((column) => [
            column,
            "word",
          ]);
        case "choice":
          return [[`${name}_raw`, "hidden"]];
        default:
          return [];
      }
    },
  );
}
