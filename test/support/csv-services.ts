import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WholeMigration } from "../../lib/define/several.ts";
import { type TestServices, testServices } from "./services.ts";

/** Services over a migration of a test's own, with the folder of its source. */
export interface CsvServices extends TestServices {
  readonly folder: string;
}

/**
 * Services over a migration of a test's own.
 *
 * @param platform SQL that makes its tables
 * @param files the lines of each table of its source, its columns first
 */
export async function csvServices(
  migration: WholeMigration,
  platform: string,
  files: Readonly<Record<string, readonly string[]>>,
): Promise<CsvServices> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const [name, lines] of Object.entries(files))
    await writeFile(join(folder, `${name}.csv`), [...lines, ""].join("\n"));
  const test = await testServices({ world: { migration, platform: [platform], legacy: folder } });
  return {
    ...test,
    folder,
    close: async () => {
      await test.close();
      await rm(folder, { recursive: true });
    },
  };
}
