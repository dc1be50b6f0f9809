import { isPersonal, personalElsewhere } from "../../compile/personal-keys.ts";
import type { Migration } from "../../define/definition.ts";
import { keyColumns } from "../../define/keys.ts";
import { type Problem, warning } from "../problem.ts";

/**
 * Keys that say who somebody is and are staged as they stand.
 *
 * @param seen how many rows were looked at, and how many of their keys hold an address
 */
export function shownKeys(
  parts: readonly Migration[],
  migration: Migration,
  table: string,
  seen: { readonly rows: number; readonly addressed: number },
): Problem[] {
  if (isPersonal(migration, keyColumns(migration.source[table]?.key ?? []))) return [];
  const people = parts.find(
    ({ part, entity }) =>
      part !== migration.part &&
      (entity.match.against.length > 0 ||
        Object.values(entity.fields).some(({ kind }) => kind === "email" || kind === "phone")),
  );
  const elsewhere = personalElsewhere(parts, migration, table);
  const shown = (says: string, remedy: string, rows: number): Problem[] =>
    rows === 0 || elsewhere === "digest"
      ? []
      : [warning("key_personal", table, `Keys of “${table}” ${says}`, remedy, rows)];
  return elsewhere === "plain"
    ? shown(
        "say who somebody is, as other kinds of things read them, and stand in lists, logs and bundles as they are: something writes them, looks at them, or refers to rows by them.",
        "Refer to its rows by a field and write no legacy_id: then they are staged by a digest of their key. Or name another key.",
        seen.rows,
      )
    : shown(
        "hold e-mail addresses, and keys stand in lists, logs and bundles as they are.",
        people === undefined
          ? "Read the key as an email(…) as well: then rows are staged by its digest. Or name another key."
          : `Name another key: addresses are read in one kind of things, which is “${people.part}”.`,
        seen.addressed,
      );
}
