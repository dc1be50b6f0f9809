import type { Checked, Seen } from "./checked.ts";
import type { CheckedSeveral, SeenSeveral } from "./checked-several.ts";
import { complete } from "./complete.ts";
import type { Definition, Migration } from "./definition.ts";
import { completeTables } from "./made.ts";
import {
  completeSeveral,
  type EntityDefinition,
  type SeveralDefinition,
  type SeveralEntities,
} from "./several.ts";
import { requireWhole } from "./written.ts";

/**
 * A definition with everything that it left out, frozen to the bottom: what an approver signs cannot
 * change afterwards. `entity` is the one kind of things that is migrated, `entities` are several in order:
 * what a row refers to stands above it. Throws an error that says what is missing, where something is.
 */
export function defineMigration<const D extends Definition | SeveralDefinition>(
  definition: D &
    (D extends Seen ? Checked<D> : D extends SeenSeveral ? CheckedSeveral<D> : unknown),
): D extends Definition ? Migration : SeveralEntities {
  requireWhole(definition);
  const written: Definition | SeveralDefinition = definition;
  const copy = { ...structuredClone(written), source: completeTables(written.source) };
  const whole = "entities" in copy ? completeSeveral(copy) : complete(copy);
  return deepFreeze(whole) as D extends Definition ? Migration : SeveralEntities;
}

/** One kind of things of a migration of several. */
export const entity = <const Name extends string, const E extends Omit<EntityDefinition, "name">>(
  name: Name,
  of: E,
): E & { readonly name: Name } => ({ ...of, name });

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
