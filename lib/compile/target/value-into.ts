import { identifier, literal } from "../../data/sql.ts";
import type { Migration, Value } from "../../define/definition.ts";
import { valueColumn } from "../columns.ts";
import { isKnown, ofRun, referenceAlias, referenceOf } from "../condition.ts";
import { isKeyed, linkKey } from "../people-keys.ts";
import { derivedUuid } from "./new-keys.ts";

/** What a wave would write, over the aliases of conditions: as `writeWave` has it. */
export function valueInto(migration: Migration, value: Value): string {
  if ("staged" in value) return `s.${identifier(valueColumn(migration, value.staged))}`;
  if ("constant" in value) return literal(value.constant);
  if ("run" in value) return ofRun(value.run, "s");
  if ("uuid" in value) return derivedUuid(migration, value.uuid, value.from, "s");
  if ("nothing" in value) return "null";
  if ("object" in value) return objectOf(value.object, (each) => valueInto(migration, each));
  if ("of" in value)
    throw new Error("What a row above is on the platform is known by a wave alone.");
  if ("linked" in value) {
    const people = migration.entity.match.against.find(({ table }) => table === value.linked);
    const id = people && isKeyed(people) ? `${linkKey("s")}::${people.idType}` : "s.link_id";
    return `case when s.link_table = ${literal(value.linked)} then ${id} end`;
  }
  return "mapped" in value
    ? mappedTarget(migration, value.mapped)
    : referenceLabel(migration, value.label);
}

/** A JSON object of values; what is missing is left out. */
export const objectOf = (
  values: readonly (readonly [name: string, value: Value])[],
  compile: (value: Value) => string,
): string =>
  [
    "'{}'::jsonb",
    ...values.map(([name, value]) => {
      const is = compile(value);
      const shown = "constant" in value ? `${is}::text` : is;
      return `case when (${is}) is null then '{}'::jsonb else jsonb_build_object(${literal(name)}, ${shown}) end`;
    }),
  ].join(" || ");

/** The platform's id that a reference is mapped to, if that is known. */
export const mappedTarget = (migration: Migration, name: string): string =>
  `case when ${isKnown(migration, name)} then ${referenceAlias(name)}.${identifier(referenceOf(migration, name).staging.target)} end`;

/** What the legacy system calls a reference. */
export function referenceLabel(migration: Migration, name: string): string {
  const reference = referenceOf(migration, name);
  const label = reference.kind === "by_name" ? reference.staging.label : reference.staging.code;
  return `${referenceAlias(name)}.${identifier(label)}`;
}
