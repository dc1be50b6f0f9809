import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../services/errors.ts";
import { MANIFEST, parseManifest, SIGNATURE } from "./manifest.ts";

/** A folder that a bundle is fetched into: nothing in it looks finished until all of it is there. */
export interface PullFolder {
  keep(name: string, content: Uint8Array): Promise<void>;
  /** From now on it has a manifest: it is a whole bundle. */
  finish(): Promise<void>;
  /** Takes away what was kept. */
  abandon(): Promise<void>;
}

/**
 * What a folder has for a manifest while a process fetches into it: it says which files are a part of the bundle, so that a
 * process that is killed leaves nothing in the way of the next one.
 */
const marker = /^\.pulling-(\d+)$/u;
const unfinished = `.pulling-${process.pid}`;

/** Folders that this process fetches into. */
const underWay = new Set<string>();

/**
 * Begins to fetch into an empty or new folder, or one in which a process that is gone left a part of a bundle.
 *
 * @param manifest the bundle's own
 * @throws {Refusal} `FolderNotEmpty`
 */
export async function beginPull(directory: string, manifest: Uint8Array): Promise<PullFolder> {
  const { markers, files } = await leftIn(directory);
  await mkdir(directory, { recursive: true });
  const own = join(directory, unfinished);
  underWay.add(directory);
  const written = [unfinished];
  const abandon = async () => {
    underWay.delete(directory);
    for (const name of written) await rm(join(directory, name), { force: true });
  };
  try {
    // Of two that clear away the same, one has it.
    for (const name of markers) await rename(join(directory, name), own);
    for (const name of files) await rm(join(directory, name), { force: true });
    await writeFile(own, manifest, markers.length === 0 ? { flag: "wx" } : {});
  } catch (error) {
    underWay.delete(directory);
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOENT") throw notFree(directory, "is not empty");
    await abandon();
    throw error;
  }
  return {
    keep: async (name, content) => {
      await writeFile(join(directory, name), content, { flag: "wx" }).catch((error) => {
        // Somebody else fetches into the same folder: what is there is theirs.
        if (error.code === "EEXIST") throw notFree(directory, "is not empty");
        written.push(name);
        throw error;
      });
      written.push(name);
    },
    finish: async () => {
      await rename(own, join(directory, MANIFEST));
      underWay.delete(directory);
    },
    abandon,
  };
}

/** Refuses a folder that holds something, or is none; makes nothing. Errors: `FolderNotEmpty`. */
export const requireFreeFolder = async (directory: string): Promise<void> =>
  void (await leftIn(directory));

/** What processes that are gone left in a folder that holds nothing else. Errors: `FolderNotEmpty`. */
async function leftIn(directory: string) {
  const found = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw notFree(directory, `cannot be used (${error.code})`);
  });
  const markers = found.filter((name) => marker.test(name));
  const files = found.filter((name) => !marker.test(name));
  const parts = new Set([SIGNATURE]);
  for (const name of markers) {
    if (runs(Number(marker.exec(name)?.[1]), directory)) {
      throw notFree(directory, `is being fetched into (${name})`);
    }
    const bytes = await readFile(join(directory, name)).catch(() => {
      throw notFree(directory, `is being fetched into (${name})`);
    });
    const parsed = parseManifest(bytes);
    // One that is not whole was cut off before the first file.
    if ("manifest" in parsed) for (const file of parsed.manifest.files) parts.add(file.name);
  }
  if (files.length > 0 && (markers.length === 0 || files.some((name) => !parts.has(name)))) {
    throw notFree(directory, "is not empty");
  }
  return { markers, files };
}

function runs(pid: number, directory: string): boolean {
  // A container gives every first process the same number.
  if (pid === process.pid) return underWay.has(directory);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const notFree = (directory: string, why: string): Refusal =>
  new Refusal(
    "FolderNotEmpty",
    `“${directory}” ${why}. Nothing was written; name a new or an empty folder.`,
  );
