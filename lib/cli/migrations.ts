import { resolve } from "node:path";
import { migrations, unusable } from "../../migrations/index.ts";
import type { WholeMigration } from "../define/several.ts";
import { CannotRun } from "./failure.ts";
import { didYouMean } from "./suggest.ts";

/** The definition of a migration. Errors: {@link CannotRun} with a suggestion for a mistyped name. */
export function migrationNamed(name: string): WholeMigration {
  const found = Object.hasOwn(migrations, name) ? migrations[name] : undefined;
  if (found !== undefined) return found;
  const why = Object.hasOwn(unusable, name) ? unusable[name] : undefined;
  if (why !== undefined) {
    throw new CannotRun(
      "DefinitionInvalid",
      `The definition of “${name}” cannot be used: ${why.replace(/(?<=[^.!?])$/u, ".")} Nothing was written.`,
    );
  }
  const names = Object.keys(migrations);
  throw new CannotRun(
    "UnknownMigration",
    `There is no migration “${name}”.${didYouMean(name, names)} Nothing was written. There are: ${names.join(", ")}.`,
  );
}

/** Folders that hold no definition that can be used, and why. */
export const unusableMigrations = (): readonly (readonly [name: string, why: string])[] =>
  Object.entries(unusable);

/** The folder that holds `migrations/`. */
export const projectFolder: string = resolve(import.meta.dirname, "../..");

/** All migrations. */
export const allMigrations = (): readonly WholeMigration[] => Object.values(migrations);
