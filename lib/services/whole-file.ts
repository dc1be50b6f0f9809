import { randomUUID } from "node:crypto";
import { link, lstat, open, rename, rm, writeFile } from "node:fs/promises";

/**
 * Writes a file that is there whole under its name, in place of what was there, or not at all: a disk that takes no more, or
 * a process that is killed, leaves at most what ends in `.part`. Two may write the same at the same time. What is no file,
 * as a pipe or a link to one, is written to and stays what it is.
 */
export async function writeWhole(path: string, content: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) return writeFile(path, content);
  await beside(path, content, rename);
}

/** The same of a file that is not there yet. Errors: `EEXIST` where something is, which stays as it is. */
export const writeNew = (path: string, content: string): Promise<void> =>
  beside(path, content, putNew);

async function beside(
  path: string,
  content: string,
  put: (part: string, path: string) => Promise<void>,
): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(part, content);
    await put(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Gives a file that is whole its name, which nothing has yet. Errors: `EEXIST`; the file stays where it was then. */
export async function putNew(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
    await rm(part);
  } catch (error) {
    // Not every disk, as a stick's, knows two names of one file: there the name is taken first.
    if (!linkless.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await (await open(path, "wx", 0o600)).close();
    await rename(part, path);
  }
}

const linkless: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);
