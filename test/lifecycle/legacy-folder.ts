import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Lines of tables by their names. */
export type Files = Readonly<Record<string, readonly string[]>>;

/** A folder with a file of each table. */
export async function folderOf(files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  for (const [table, lines] of Object.entries(files))
    await writeFile(join(folder, `${table}.csv`), `${lines.join("\n")}\n`);
  return folder;
}
