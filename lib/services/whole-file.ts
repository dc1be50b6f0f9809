import { randomUUID } from "node:crypto";
import { lstat, rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a file that is there whole under its name, in place of what was there, or not at all: a disk that takes no more, or
 * a process that is killed, leaves at most what ends in `.part`. Two may write the same at the same time. What is no file,
 * as a pipe or a link to one, is written to and stays what it is.
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) return writeFile(path, content);
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(part, content);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
