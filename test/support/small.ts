import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { defineMigration, otherwise, staged, table, text } from "../../lib/define/builders.ts";
import type { InsertAction, Migration } from "../../lib/define/definition.ts";
import type { TestServices } from "./services.ts";

/** A whole small migration: the rows of `things`, each with a word, into the platform's `things`. */
export function small(
  name: string,
  key: Parameters<typeof table>[0],
  action: Partial<InsertAction> = {},
  changes: Partial<Pick<Migration, "references" | "source">> & {
    fields?: Migration["entity"]["fields"];
    match?: Migration["entity"]["match"];
    validate?: Migration["entity"]["validate"];
  } = {},
): Migration {
  return defineMigration({
    name,
    title: `Small ${name}`,
    connection: "legacy",
    source: { things: table(key, "word"), ...changes.source },
    ...(changes.references === undefined ? {} : { references: changes.references }),
    entity: {
      from: ["things"],
      fields: { word: text("word"), ...changes.fields },
      decide: {},
      ...(changes.validate === undefined ? {} : { validate: changes.validate }),
      ...(changes.match === undefined ? {} : { match: changes.match }),
      actions: {
        thing: {
          into: "things",
          id: "id",
          values: { word: staged("word") },
          importedAs: "thing_id",
          inverse: "delete_created",
          ...action,
        },
      },
      plan: [{ when: otherwise, says: "Every thing is moved.", commit: "thing" }],
    },
  });
}

/** Points the connection `legacy` at a folder with these tables: a header, and rows; null is absent. */
export async function folderOf(
  test: TestServices,
  tables: Readonly<Record<string, readonly (readonly (string | null)[])[]>>,
): Promise<{ remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-small-"));
  for (const [table, rows] of Object.entries(tables)) {
    await writeFile(
      join(folder, `${table}.csv`),
      stringify(rows as (string | null)[][], { quoted_string: true, quoted_empty: false }),
    );
  }
  for (const name of Object.keys(test.legacy)) delete test.legacy[name];
  test.legacy.LEGACY_DB_DRIVER = "csv";
  test.legacy.LEGACY_DB_PATH = folder;
  return { remove: () => rm(folder, { recursive: true, force: true }) };
}
