import { rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a file that is there whole under its name, or not at all: a disk that takes no more, or a process that is killed,
 * leaves at most what ends in `.part`.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, content);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
