import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Where what is read of an account is kept, by names such as `exports/members.csv`: seen by every process that imports,
 * and by nobody else, as it holds people.
 */
export interface Shelf {
  /** For messages: where it is, and how it is emptied. */
  readonly description: string;
  /** Undefined for what is not there. */
  get(name: string): Promise<string | undefined>;
  /** There whole or not at all, in place of what was there. */
  put(name: string, text: string): Promise<void>;
  /** Takes away everything whose name begins so; with an age, what was put there before that. */
  clear(beginning: string, olderThanMs?: number): Promise<void>;
}

/** A folder of one machine, its owner's alone. */
export const folderShelf = (path: string): Shelf => ({
  description: path,
  get: (name) => readFile(join(path, name), "utf8").catch(() => undefined),
  put: (name, text) => writeWhole(join(path, name), text),
  // A beginning is a folder's name, or none; of what is older the folders in it go.
  clear: async (beginning, olderThanMs) => {
    const folder = join(path, beginning);
    if (olderThanMs === undefined) return rm(folder, { recursive: true, force: true });
    const before = Date.now() - olderThanMs;
    for (const name of await readdir(folder).catch(() => [])) {
      const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: before }));
      if (mtimeMs < before) await rm(join(folder, name), { recursive: true, force: true });
    }
  },
});

export async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // Two processes may write the same at the same time.
  const part = `${file}.${randomUUID()}`;
  try {
    await writeFile(part, text, { mode: 0o600 });
    await rename(part, file);
  } catch (error) {
    // It holds people.
    await rm(part, { force: true });
    throw error;
  }
}
