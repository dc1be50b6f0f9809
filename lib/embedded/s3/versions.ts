/**
 * The versions of a key on disk. The index holds the record of the object there is now, and is the
 * truth; a second file holds what came before it, and delete markers. Every change is one atomic step
 * in one of the two, so that a crash between two steps leaves what was before or what is after:
 * what the second file says about versions that are not older than the object of the index is the
 * rest of such a crash, and is not read.
 */
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory, writeFileDurably } from "../identity/durable.ts";
import { S3Error } from "./errors.ts";
import { fileNameOf } from "./keys.ts";
import { type BucketFolders, isMarker, type ObjectRecord, type Version } from "./records.ts";

/** Between two reads another process may have moved a version from one file to the other. */
const READ_TRIES = 10;

/** An id as Amazon's are: 32 characters that tell nothing; no command line takes it for an option of its own. */
export const newId = (): string => randomBytes(24).toString("base64url").replaceAll("-", ".");

/** Whether this may be the id of a version. Errors: `InvalidArgument`. */
export function checkVersionId(id: string): void {
  if (/^(?:null|[A-Za-z0-9._-]{32})$/.test(id)) return;
  const message =
    id === "" ? "Version id cannot be the empty string" : "Invalid version id specified";
  const details = { ArgumentName: "versionId", ArgumentValue: id };
  throw new S3Error("InvalidArgument", message, { details });
}

/** Reads the record of the object there is now; `undefined` when there is none. */
export const readRecord = (file: string): Promise<ObjectRecord | undefined> =>
  readJson<ObjectRecord>(file);

/** All versions of a key, the latest first; none for a key that was never used. */
export async function readVersions(folders: BucketFolders, key: string): Promise<Version[]> {
  for (let tried = 0; tried < READ_TRIES; tried++) {
    const current = await readRecord(join(folders.index, fileNameOf(key)));
    const file = await readJson<{ versions: Version[] }>(historyFile(folders, key));
    const earlier = file?.versions ?? [];
    if (current !== undefined) {
      return [current, ...earlier.filter((one) => placeOf(one) < placeOf(current))];
    }
    if (isMarker(earlier[0])) return earlier;
    // An object on top belongs into the index: it was put there since we looked, or there is nothing.
    const isThere = await readRecord(join(folders.index, fileNameOf(key)));
    if (isThere === undefined && earlier.length === 0) return [];
  }
  throw new S3Error("InternalError", "The versions of this object cannot be read.");
}

/** The place of the next version of a key whose versions these are. */
export const nextPlace = (versions: readonly Version[]): number =>
  versions[0] === undefined ? 1 : placeOf(versions[0]) + 1;

/** Writes what is not the current object: earlier versions and markers, the latest first. */
export async function writeHistory(
  folders: BucketFolders,
  key: string,
  versions: readonly Version[],
): Promise<void> {
  const file = historyFile(folders, key);
  if (versions.length > 0) {
    await writeFileDurably(file, JSON.stringify({ key, versions }), { scratch: folders.incoming });
    return;
  }
  await rm(file, { force: true });
  await syncDirectory(folders.versions);
}

/** All records that a file of earlier versions refers to, read or not. */
export async function recordsIn(file: string): Promise<ObjectRecord[]> {
  const { versions = [] } = (await readJson<{ versions?: Version[] }>(file)) ?? {};
  return versions.filter((one): one is ObjectRecord => !isMarker(one));
}

const placeOf = ({ number = 0 }: Version): number => number;

const historyFile = (folders: BucketFolders, key: string): string =>
  join(folders.versions, fileNameOf(key));

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
