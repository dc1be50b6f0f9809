import type { Field, Migration } from "../define/definition.ts";
import { columnsRead } from "../define/fields.ts";
import { keyColumns } from "../define/keys.ts";
import { madeFrom } from "../define/made.ts";
import { wholeOf } from "../define/parted.ts";
import { sayingTheSame } from "../define/saying-the-same.ts";

/** Kinds of fields that say who somebody is. */
const PERSONAL: readonly Field["kind"][] = ["name", "phone", "email", "birth_date"];

/** Whether a key says who somebody is: keys are shown as they stand, so such a one is staged as its digest. */
export function isPersonal({ entity, source }: Migration, columns: readonly string[]): boolean {
  const alike = sayingTheSame(source, entity.from, columns);
  return Object.values(entity.fields).some((field) => {
    if (!PERSONAL.includes(field.kind)) return false;
    const from = "parts" in field ? field.parts : [field.from];
    return from.some((column) => alike.includes(column));
  });
}

/**
 * How the key of a table is staged that says who somebody is by what other kinds of things read of the same columns, or by
 * what a reference finds somebody by: a ticket that is known by its holder's phone, rows of a list that stands in a person's
 * row. As its digest too, but `plain` where it is written, looked at, or what rows are referred to by: those need it.
 * Undefined for a key that says nothing of anybody.
 *
 * @param parts every kind of things of the migration
 */
export function personalElsewhere(
  parts: readonly Migration[],
  part: Migration,
  table: string,
): "digest" | "plain" | undefined {
  const personal = personalColumns(parts);
  const says = keyColumns(part.source[table]?.key ?? []).some((column) =>
    personal.has(rootOf(part, table, column)),
  );
  return says ? (isNeeded(parts, part) ? "plain" : "digest") : undefined;
}

function isNeeded(parts: readonly Migration[], { part, entity }: Migration): boolean {
  const referred = parts.some((other) =>
    Object.values(other.entity.refs ?? {}).some(
      ({ to, by, asks }) => to === part && ("legacy_id" in by || asks !== undefined),
    ),
  );
  const { fields: _fields, refs: _refs, ...looked } = entity;
  // A UUID that is derived of a key is one of its digest as well.
  const seen = JSON.stringify(looked, (name, value) => (name === "from" ? undefined : value));
  return referred || seen.includes('"legacy_id"');
}

/** The columns of the source that say who somebody is, as {@link rootOf} names them. */
function personalColumns(parts: readonly Migration[]): ReadonlySet<string> {
  const known = new Set<string>();
  const note = (part: Migration, columns: readonly string[]) => {
    for (const table of part.entity.from)
      for (const column of columns) known.add(rootOf(part, table, column));
  };
  for (const part of parts)
    for (const field of Object.values(part.entity.fields))
      if (PERSONAL.includes(field.kind)) note(part, readBy(field));
  for (const part of parts)
    for (const { to, by } of Object.values(part.entity.refs ?? {})) {
      const above = parts.find((each) => each.part === to);
      if (above === undefined) continue;
      for (const [theirs, own] of Object.entries(by))
        if (finds(above, theirs, known)) note(part, readBy(part.entity.fields[own]));
    }
  return known;
}

/** Whether rows are found by what says who somebody is. */
function finds(above: Migration, by: string, known: ReadonlySet<string>): boolean {
  const { entity, source } = above;
  const columnsIn = (table: string) =>
    by === "legacy_id" ? keyColumns(source[table]?.key ?? []) : readBy(fieldOf(above, by));
  return entity.from.some((table) =>
    columnsIn(table).some((column) => known.has(rootOf(above, table, column))),
  );
}

/** The field of a staged column, such as `mail_normalized`. */
const fieldOf = ({ entity }: Migration, staged: string): Field | undefined =>
  entity.fields[staged] ?? entity.fields[staged.replace(/_(?:normalized|plus|raw)$/u, "")];

const readBy = (field: Field | undefined): readonly string[] =>
  field === undefined
    ? []
    : "parts" in field
      ? field.parts
      : "from" in field
        ? columnsRead(field)
        : [];

/** Where a column of a table, be it one that is made of others, stands in the source. */
function rootOf(migration: Migration, table: string, column: string): string {
  const made = migration.source[table]?.made;
  if (made === undefined)
    return JSON.stringify([table, wholeOf(migration.source[table], column) ?? column]);
  const [first = "", ...rest] = column.split(".");
  const partner = "joined" in made ? made.with[first] : undefined;
  return partner !== undefined && rest.length > 0
    ? rootOf(migration, partner.table, rest.join("."))
    : rootOf(migration, madeFrom(made), column);
}
