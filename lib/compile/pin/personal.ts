import type { Field, Migration } from "../../define/definition.ts";
import { columnsRead } from "../../define/fields.ts";
import { sayingTheSame } from "../../define/saying-the-same.ts";
import { fieldColumns } from "../columns.ts";

/** Kinds of fields that say nothing of who somebody is. */
const impersonal: ReadonlySet<Field["kind"]> = new Set([
  "status",
  "created_at",
  "reference",
  "choice",
  "boolean",
]);

/** Keys under which the audit log says something of its own. */
const ownKeys = new Set([
  ...["action", "backup", "because", "by", "checks", "comment", "error", "execution", "gate", "id"],
  ...["backup_sha256", "expiresAt", "feature", "file", "question", "sign_off", "trial"],
  ...["manifest", "override", "person", "prefix", "reason", "record", "report", "signOff", "table"],
  ...["at", "digest", "run", "target", "vouchedBy", "what"],
]);

/**
 * Columns that hold personal data, in staging and in the source, by the kinds of the fields that are made
 * of them: whatever a migration calls them, they have no place in a log (W14).
 */
export function personalColumns(migration: Migration): string[] {
  const names = Object.entries(migration.entity.fields).flatMap(([name, field]) =>
    impersonal.has(field.kind)
      ? []
      : [
          name,
          ...fieldColumns(migration, name, field).map((column) => column.name),
          ...sourcesOf(field),
        ],
  );
  const all = sayingTheSame(migration.source, migration.entity.from, names);
  return [...new Set([...all, "raw_payload", "source_values", "raw_values", "proposals"])].filter(
    (name) => !ownKeys.has(name),
  );
}

function sourcesOf(field: Field): readonly string[] {
  // A digest is hidden itself; what it is made of is as personal as the other fields say.
  if (field.kind === "digest" || field.kind === "template") return [];
  if ("parts" in field) return field.parts;
  return "from" in field ? columnsRead(field) : [];
}
