import {
  findSurroundings,
  namesSurrounding,
  type Surrounding,
  saysSurrounding,
} from "../../compile/around/surroundings.ts";
import { compilePin } from "../../compile/pin/pin.ts";
import { findUnknownKept, saysUnknownKept } from "../../compile/target/unknown-kept.ts";
import { findUnknownReferences } from "../../compile/undo/referrers.ts";
import { asText } from "../../data/sql.ts";
import { keptColumns } from "../../define/kept-columns.ts";
import type { WholeMigration } from "../../define/several.ts";
import { error, type Problem, warning } from "../problem.ts";
import { type Ask, unseenTables } from "../target.ts";
import { checkEffects } from "./effects.ts";
import { checkKept } from "./kept.ts";
import { lookupProblems } from "./lookups.ts";
import { checkSight } from "./sight.ts";

/** What the platform does by itself around the tables of a migration and its definition does not name: preflight stops there. */
export async function checkAround(migration: WholeMigration, ask: Ask): Promise<Problem[]> {
  const pin = compilePin(migration);
  const unseen = await unseenSchemas(
    ask,
    pin.targets.map(({ table }) => table),
  );
  if (unseen.length > 0) return unseen;
  const found = (await ask(asText(findSurroundings(pin)))) as unknown as Surrounding[];
  const unknown = pin.refersTo.length === 0 ? [] : await ask(asText(findUnknownReferences(pin)));
  const unkept =
    keptColumns(pin.effects).length === 0 ? [] : await ask(asText(findUnknownKept(pin.effects)));
  return [
    ...unkept.map(({ column }) =>
      error(
        "target_kept_unknown",
        String(column).replace(/\.[^.]*$/u, ""),
        saysUnknownKept(String(column)),
        "Call it as the platform calls it.",
      ),
    ),
    ...found
      .filter(({ named }) => !named)
      .map((each) =>
        error("target_unnamed", each.table, saysSurrounding(each), namesSurrounding(each)),
      ),
    ...unknown.map(({ reference }) =>
      error(
        "target_reference_unknown",
        String(reference).replace(/\(.*$/u, ""),
        `The definition says that ${reference} refers, and there are no such columns.`,
        "Call them as the platform calls them.",
      ),
    ),
    ...(await checkEffects(pin, ask)),
    ...(await checkKept(pin, ask)),
    ...(await checkSight(pin, migration.name, ask)),
    ...(await lookupProblems(migration, ask)),
  ];
}

/** Schemas into which who asks may not look, as before a set-up: of what is around their tables nothing is known. */
async function unseenSchemas(ask: Ask, tables: readonly string[]): Promise<Problem[]> {
  return (await unseenTables(ask, tables)).map(({ schema, table, role }) =>
    warning(
      "target_unseen",
      table,
      `“${role}” may not look into the schema “${schema}”: triggers, rules and keys around its tables were not looked at.`,
      "`wavegate set-up` gives wavegate's roles that right: check again behind it. Or grant usage on the schema to who asks.",
    ),
  );
}
