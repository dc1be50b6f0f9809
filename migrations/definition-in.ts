import type { WholeMigration } from "../lib/define/several.ts";

/** The definition that a folder's `definition.ts` exports, under whatever name. Errors: none of that name. */
export function definitionIn(
  folder: string,
  module: Readonly<Record<string, unknown>>,
): WholeMigration {
  const named = Object.values(module).find(
    (each): each is WholeMigration =>
      typeof each === "object" &&
      each !== null &&
      ("entity" in each || "entities" in each) &&
      "name" in each &&
      each.name === folder,
  );
  if (named !== undefined) return named;
  throw new Error(
    `migrations/${folder}/definition.ts exports no definition whose name is “${folder}”: a migration is called as its folder.`,
  );
}
