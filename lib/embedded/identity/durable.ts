/**
 * Writing files so that neither a crash nor a second process leaves half of one: temporary file,
 * fsync, rename or link, fsync of the folder. Used by the people file, the object store and the
 * outbox.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, link, open, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** How a finished file takes its place: over what is there, or only where nothing is. */
type Placement = "replace" | "only-if-absent";

/** Thrown by {@link placeFile} with `only-if-absent` when the name is taken; nothing was written. */
export class NameTaken extends Error {
  override readonly name = "NameTaken";
}

/** Syncs of folders that are under way, and those that begin once these end: whoever comes later shares one. */
const underWay = new Map<string, Promise<void>>();
const next = new Map<string, Promise<void>>();

/** Makes the names inside `directory` survive a power cut: those that are there when it is called. */
export function syncDirectory(directory: string): Promise<void> {
  const shared = next.get(directory);
  if (shared !== undefined) return shared;
  const before = underWay.get(directory);
  if (before === undefined) return beginSync(directory);
  const begun = () => {
    next.delete(directory);
    return beginSync(directory);
  };
  const after = before.then(begun, begun);
  next.set(directory, after);
  return after;
}

function beginSync(directory: string): Promise<void> {
  const sync = syncNow(directory).finally(() => {
    if (underWay.get(directory) === sync) underWay.delete(directory);
  });
  underWay.set(directory, sync);
  return sync;
}

async function syncNow(directory: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(directory, "r");
  } catch {
    return; // Windows cannot open folders; its renames are journaled by the file system.
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes a file; one that is not there is fine. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

/** Moves a finished, synced temporary file to its name, atomically. `temporary` is gone afterwards. */
async function placeFile(temporary: string, target: string, placement: Placement): Promise<void> {
  if (placement === "replace") {
    await rename(temporary, target);
  } else {
    try {
      await link(temporary, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      throw new NameTaken(`${basename(target)} exists already. Nothing was written.`);
    } finally {
      await removeFile(temporary);
    }
  }
  await syncDirectory(dirname(target));
}

/** Writes a whole small file at once, atomically and durably. `scratch` is on the same file system. */
export async function writeFileDurably(
  target: string,
  content: string | Uint8Array,
  options: { mode?: number; placement?: Placement; scratch?: string } = {},
): Promise<void> {
  const scratch = options.scratch ?? dirname(target);
  const temporary = join(scratch, `.${randomUUID()}.tmp`);
  try {
    const handle = await open(temporary, "wx", options.mode ?? 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await placeFile(temporary, target, options.placement ?? "replace");
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
}
