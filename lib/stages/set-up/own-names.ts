import { namesMadeBy } from "../../compile/staging/made-names.ts";
import { stagedNames } from "../../compile/staging/staged-names.ts";
import { sharedStatistics, statisticsFunction } from "../../compile/statistics.ts";
import type { WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";
import { requireSound } from "../preflight/definition-faults.ts";
import { platformPath, schemaStatements } from "./schema-statements.ts";

/** Every name that the engine itself gives in the schema `wavegate`, told from the statements by which it makes it. */
export async function namesOfTheEngine(): Promise<ReadonlySet<string>> {
  const statements = [
    ...(await schemaStatements()),
    ...sharedStatistics.map(statisticsFunction),
    platformPath(""),
  ];
  return new Set(namesMadeBy(statements).map(({ name }) => name));
}

/**
 * What of a sound definition would be called as something of the engine's own, in sentences: a staging table, a view over
 * it, what is made beside them. Where a name is taken PostgreSQL makes nothing, and says nothing.
 */
export async function takenNames(migration: WholeMigration): Promise<readonly string[]> {
  const own = await namesOfTheEngine();
  return stagedNames(migration).flatMap(({ of, names }) =>
    names
      .filter(({ name }) => own.has(name))
      .map(({ name }) =>
        name === of
          ? `“${name}” is a name of the engine's own in the schema “wavegate”: call the table of staging otherwise.`
          : `For “${of}” there would be a “${name}”, which is a name of the engine's own in the schema “wavegate”: call it otherwise.`,
      ),
  );
}

/**
 * Refuses a definition that set-up could not stage by its own names.
 *
 * Errors: `DefinitionInvalid`
 */
export async function requireOwnNames(migration: WholeMigration): Promise<void> {
  requireSound(migration);
  const [first] = await takenNames(migration);
  if (first === undefined) return;
  throw new Refusal(
    "DefinitionInvalid",
    `The definition “${migration.name}” is wrong. ${first} Nothing was set up.`,
  );
}
