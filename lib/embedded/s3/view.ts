/**
 * The plain files a person sees: hard links to the stored bytes, under the key's own path. They are
 * a convenience; the index decides what is stored. Where a key cannot be a path, or its place is
 * taken (`a` beside `a/b`), it has none.
 */
import { randomUUID } from "node:crypto";
import { link, mkdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { plainPathOf } from "./keys.ts";
import type { BucketFolders } from "./records.ts";

const TRIES = 3;

/** Shows the object's bytes under its path; keeps silent where that is impossible. */
export async function show(folders: BucketFolders, key: string, blob: string): Promise<void> {
  const path = plainPathOf(key);
  if (path === undefined) return;
  const target = join(folders.view, ...path);
  const source = join(folders.data, blob);
  for (let tried = 0; tried < TRIES; tried++) {
    try {
      await link(source, target);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return replace(folders, source, target);
      // The folder may have been emptied and removed between the two steps: once more.
      if (code !== "ENOENT") return;
    }
    const made = await mkdir(dirname(target), { recursive: true }).catch(() => false);
    if (made === false) return;
  }
}

/** Shows bytes where others are shown, or these already. */
async function replace(folders: BucketFolders, source: string, target: string): Promise<void> {
  if (await isSameFile(source, target)) return;
  const temporary = join(folders.incoming, `${randomUUID()}.view`);
  await link(source, temporary)
    .then(() => rename(temporary, target))
    .catch(() => undefined)
    .finally(() => rm(temporary, { force: true }));
}

/** Takes the object's plain file away, and the folders that are empty without it. */
export async function hide(folders: BucketFolders, key: string, blob: string): Promise<void> {
  const path = plainPathOf(key);
  if (path === undefined) return;
  const target = join(folders.view, ...path);
  if (!(await isSameFile(join(folders.data, blob), target))) return;
  await rm(target, { force: true });
  for (let depth = path.length - 1; depth > 0; depth--) {
    try {
      await rmdir(join(folders.view, ...path.slice(0, depth)));
    } catch {
      return;
    }
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [one, other].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}
