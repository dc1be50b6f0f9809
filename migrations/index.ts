import { readdir } from "node:fs/promises";
import type { WholeMigration } from "../lib/define/several.ts";
import { definitionIn } from "./definition-in.ts";

/**
 * Every migration, by the name operators use, and why a folder holds none that can be used. A migration is
 * a folder beside this file with a `definition.ts`; what is deployed knows those that were there when it
 * was bundled (lib/infra/bundles.ts).
 */
export const { migrations, unusable } = await findMigrations(new URL("./", import.meta.url));

/** What the folders of a folder hold: `folder` ends with a slash. */
export async function findMigrations(folder: URL) {
  const migrations: Record<string, WholeMigration> = {};
  const unusable: Record<string, string> = {};
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  for (const name of names.sort()) {
    const files = await readdir(new URL(`${name}/`, folder));
    if (!files.includes("definition.ts")) continue;
    try {
      migrations[name] = definitionIn(
        name,
        await import(new URL(`${name}/definition.ts`, folder).href),
      );
    } catch (error) {
      unusable[name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { migrations, unusable };
}
