import { createHash } from "node:crypto";
import { readlinkSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { Refusal } from "../services/errors.ts";
import { MANIFEST, parseManifest, SIGNATURE } from "./manifest.ts";

/** A folder that a bundle is fetched into: nothing in it looks finished until all of it is there. */
interface PullFolder {
  keep(name: string, content: Uint8Array): Promise<void>;
  /** From now on it has a manifest: it is a whole bundle. */
  finish(): Promise<void>;
  /** Takes away what was kept. */
  abandon(): Promise<void>;
}

/**
 * What a folder has for a manifest while a process fetches into it: it says which files are a part of the bundle, so that a
 * process that is killed leaves nothing in the way of the next one. Its name says which process it is, and where: in a shared
 * folder another machine's or container's is known to be at work by its marker, which is touched as long as it is.
 */
const marker = /^\.pulling-(\d+)(?:-([0-9a-f]{8}))?$/u;
const here = createHash("sha256")
  .update(`${hostname()} ${processesHere()}`)
  .digest("hex")
  .slice(0, 8);
const unfinished = `.pulling-${process.pid}-${here}`;
const touchedEveryMs = 20_000;
const goneAfterMs = 120_000;

/** Who begins has it while they look at the folder: of two at once one is first. */
const beginning = ".pulling";

/** Folders that this process fetches into. */
const underWay = new Set<string>();

/**
 * Begins to fetch into an empty or new folder, or one in which a process that is gone left a part of a bundle.
 *
 * @param manifest the bundle's own
 * @throws {Refusal} `FolderNotEmpty`
 */
export async function beginPull(directory: string, manifest: Uint8Array): Promise<PullFolder> {
  await requireFreeFolder(directory);
  await mkdir(directory, { recursive: true });
  const turn = join(directory, beginning);
  await writeFile(turn, "", { flag: "wx" }).catch(async (error) => {
    if (error.code !== "EEXIST") throw error;
    if (await isTouched(turn)) throw notFree(directory, atWork(beginning));
  });
  try {
    return await take(directory, manifest);
  } finally {
    await rm(turn, { force: true });
  }
}

async function take(directory: string, manifest: Uint8Array): Promise<PullFolder> {
  const { markers, files } = await leftIn(directory);
  const own = join(directory, unfinished);
  underWay.add(directory);
  const written = [unfinished];
  const touching = setInterval(
    () => utimes(own, new Date(), new Date()).catch(() => {}),
    touchedEveryMs,
  );
  touching.unref();
  const abandon = async () => {
    clearInterval(touching);
    underWay.delete(directory);
    for (const name of written) await rm(join(directory, name), { force: true });
  };
  try {
    // Of two that clear away the same, one has it.
    for (const name of markers) await rename(join(directory, name), own);
    for (const name of files) await rm(join(directory, name), { force: true });
    await writeFile(own, manifest, markers.length === 0 ? { flag: "wx" } : {});
  } catch (error) {
    clearInterval(touching);
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
      clearInterval(touching);
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
  const files = found.filter((name) => !marker.test(name) && name !== beginning);
  const parts = new Set([SIGNATURE]);
  for (const name of markers) {
    const [, pid, where = here] = marker.exec(name) ?? [];
    if (where === here ? runs(Number(pid), directory) : await isTouched(join(directory, name)))
      throw notFree(directory, atWork(name));
    const bytes = await readFile(join(directory, name)).catch(() => {
      throw notFree(directory, atWork(name));
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

/** Which numbers of processes are counted together. */
function processesHere(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

const isTouched = (file: string): Promise<boolean> =>
  stat(file).then(
    ({ mtimeMs }) => Math.abs(Date.now() - mtimeMs) < goneAfterMs,
    () => false,
  );

const atWork = (name: string): string =>
  `is being fetched into (${name}); where nobody does any more, it is free two minutes later`;

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
