import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { NameTaken, syncDirectory, writeFileDurably } from "../identity/durable.ts";
import { withFileLock } from "../identity/lock.ts";
import { type NewBlob, newBlob } from "./blob.ts";
import { noSuchKey, noSuchVersion, preconditionFailed, S3Error, thatIsAMarker } from "./errors.ts";
import { KeyList } from "./key-list.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { compareKeys, fileNameOf } from "./keys.ts";
import {
  type BucketFolders,
  isMarker,
  type NewObject,
  type ObjectRecord,
  type Version,
  versionIdOf,
  type WriteConditions,
} from "./records.ts";
import {
  checkVersionId,
  newId,
  nextPlace,
  readRecord,
  readVersions,
  writeHistory,
} from "./versions.ts";
import { hide, show } from "./view.ts";

/** A version's bytes vanish with it under a reader that has not opened them yet: it looks again. */
const OPEN_TRIES = 10;

/**
 * One bucket on disk, with versions. A key's record in the index is the truth, and appears, changes
 * and goes in one atomic step, so a process may be killed at any moment, and several may serve one
 * folder.
 */
export class Bucket {
  readonly name: string;
  readonly folders: BucketFolders;
  readonly #writes = new KeyedLock();
  readonly #locked: readonly string[];
  readonly #live: KeyList;
  readonly #earlier: KeyList;

  /** @param locked beginnings of keys whose versions nobody removes */
  constructor(name: string, folders: BucketFolders, locked: readonly string[] = []) {
    this.name = name;
    this.folders = folders;
    this.#locked = locked;
    this.#live = new KeyList(folders.index);
    this.#earlier = new KeyList(folders.versions);
  }

  /** The record of the object there is now, or `undefined`. */
  async find(key: string): Promise<ObjectRecord | undefined> {
    return readRecord(this.#indexFile(key));
  }

  /** All versions of a key, delete markers among them, the latest first. */
  async versions(key: string): Promise<readonly Version[]> {
    return readVersions(this.folders, key);
  }

  /**
   * The record of one version, or of the latest. Errors: `NoSuchKey` (also for a deleted one, which
   * says its marker), `NoSuchVersion`, `InvalidArgument`, `MethodNotAllowed` for a marker by its id.
   */
  async locate(key: string, version: string | undefined): Promise<ObjectRecord> {
    if (version !== undefined) {
      checkVersionId(version);
      const found = (await this.versions(key)).find((one) => versionIdOf(one) === version);
      if (found === undefined) throw noSuchVersion(key, version);
      if (isMarker(found)) throw thatIsAMarker(found);
      return found;
    }
    const record = await this.find(key);
    if (record !== undefined) return record;
    const [latest] = await this.versions(key);
    if (latest === undefined || isMarker(latest)) throw noSuchKey(latest);
    return latest;
  }

  /** The record of a version, or of the latest, and its opened bytes. The caller closes the handle. */
  async openObject(
    key: string,
    version?: string,
  ): Promise<{ record: ObjectRecord; handle: FileHandle }> {
    for (let tried = 0; tried < OPEN_TRIES; tried++) {
      const record = await this.locate(key, version);
      try {
        return { record, handle: await open(join(this.folders.data, record.blob), "r") };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    throw new S3Error("InternalError", "The bytes of this object are missing from the folder.");
  }

  /**
   * Stores a new version whole or not at all: `fill` writes the bytes and says what they are. What
   * was there stays as an earlier version.
   * Errors: those of `fill`, `PreconditionFailed`, and `NoSuchKey` for `If-Match` on nothing.
   */
  async store(
    key: string,
    conditions: WriteConditions,
    fill: (blob: NewBlob) => Promise<NewObject>,
  ): Promise<ObjectRecord> {
    const blob = await newBlob(this.folders.data);
    let committing = false;
    try {
      const filled = await fill(blob);
      await blob.finish();
      committing = true;
      return await this.#commit({ key, blob: blob.name, ...filled }, conditions);
    } catch (error) {
      // A disk may fail after the record took its place: bytes that are referred to stay.
      const isReferred = committing && (await this.#refersTo(key, blob.name));
      if (!isReferred) await blob.discard();
      throw error;
    }
  }

  async #commit(object: ObjectRecord, conditions: WriteConditions): Promise<ObjectRecord> {
    return this.#alone(object.key, async () => {
      const versions = await this.versions(object.key);
      const before = currentOf(versions);
      if (conditions.onlyIfAbsent && before !== undefined) {
        throw preconditionFailed("If-None-Match");
      }
      if (conditions.onlyIfEtag !== undefined) checkEtag(before, conditions.onlyIfEtag);
      const record = { ...object, version: newId(), number: nextPlace(versions) };
      if (before !== undefined) await writeHistory(this.folders, object.key, versions);
      await writeFileDurably(this.#indexFile(object.key), JSON.stringify(record), {
        placement: before === undefined ? "only-if-absent" : "replace",
        scratch: this.folders.incoming,
      }).catch((error) => {
        throw error instanceof NameTaken ? preconditionFailed("If-None-Match") : error;
      });
      // Stored from here on: what follows is tidying, and its failure must not look like ours.
      await show(this.folders, record.key, record.blob).catch(() => undefined);
      return record;
    });
  }

  /**
   * Puts a delete marker on top of what is there, also where nothing is.
   * Errors: `PreconditionFailed` and `NoSuchKey` for a condition on what is there.
   */
  async mark(key: string, onlyIfEtag: string | undefined): Promise<Version> {
    return this.#alone(key, async () => {
      const versions = await this.versions(key);
      const before = currentOf(versions);
      if (onlyIfEtag !== undefined) checkEtag(before, onlyIfEtag);
      const marker: Version = {
        key,
        version: newId(),
        number: nextPlace(versions),
        modified: new Date().toISOString(),
        deleted: true,
      };
      await writeHistory(this.folders, key, [marker, ...versions]);
      if (before !== undefined) await this.#unlist(before);
      return marker;
    });
  }

  /**
   * Removes one version for good, and returns it; one that is not there is fine. What came before
   * the latest is the latest then. Errors: `AccessDenied` for an object under a lock.
   */
  async removeVersion(
    key: string,
    version: string,
    onlyIfEtag: string | undefined,
  ): Promise<Version | undefined> {
    checkVersionId(version);
    return this.#alone(key, async () => {
      const versions = await this.versions(key);
      const [latest] = versions;
      const gone = versions.find((one) => versionIdOf(one) === version);
      if (onlyIfEtag !== undefined) checkEtag(isMarker(gone) ? undefined : gone, onlyIfEtag);
      if (gone === undefined) return undefined;
      if (!isMarker(gone) && this.#isLocked(key)) throw protectedByLock();
      const kept = versions.filter((one) => one !== gone);
      if (gone === latest) await this.#replaceLatest(gone, kept);
      else await writeHistory(this.folders, key, currentOf(kept) ? kept.slice(1) : kept);
      if (!isMarker(gone)) await rm(this.#data(gone), { force: true }).catch(() => undefined);
      return gone;
    });
  }

  /** The latest version goes: the one before it takes its place in a single step. */
  async #replaceLatest(latest: Version, kept: readonly Version[]): Promise<void> {
    const { folders } = this;
    const next = currentOf(kept);
    if (!isMarker(latest) || next === undefined) await writeHistory(folders, latest.key, kept);
    if (next === undefined) {
      if (!isMarker(latest)) await this.#unlist(latest);
      return;
    }
    await writeFileDurably(this.#indexFile(next.key), JSON.stringify(next), {
      scratch: folders.incoming,
    });
    await writeHistory(folders, next.key, kept.slice(1));
    await show(folders, next.key, next.blob).catch(() => undefined);
  }

  /** Takes the object out of the index. */
  async #unlist(record: ObjectRecord): Promise<void> {
    await rm(this.#indexFile(record.key), { force: true });
    await syncDirectory(this.folders.index);
    await hide(this.folders, record.key, record.blob).catch(() => undefined);
  }

  /** The keys that have an object now, in Amazon's order. */
  async keys(): Promise<readonly string[]> {
    return this.#live.all();
  }

  /** The keys that have any version, in Amazon's order. */
  async keysOfVersions(): Promise<readonly string[]> {
    const [live, earlier] = await Promise.all([this.#live.all(), this.#earlier.all()]);
    return [...new Set([...live, ...earlier])].sort(compareKeys);
  }

  /** Changes of one key come one after the other, also of other processes. */
  async #alone<T>(key: string, work: () => Promise<T>): Promise<T> {
    const lock = join(this.folders.incoming, `${fileNameOf(key)}.lock`);
    return this.#writes.run(key, () => withFileLock(lock, work));
  }

  async #refersTo(key: string, blob: string): Promise<boolean> {
    return (await this.versions(key)).some((one) => !isMarker(one) && one.blob === blob);
  }

  #isLocked(key: string): boolean {
    return this.#locked.some((beginning) => key.startsWith(beginning));
  }

  #indexFile(key: string): string {
    return join(this.folders.index, fileNameOf(key));
  }

  #data(record: ObjectRecord): string {
    return join(this.folders.data, record.blob);
  }
}

function currentOf([latest]: readonly Version[]): ObjectRecord | undefined {
  return isMarker(latest) ? undefined : latest;
}

function checkEtag(before: ObjectRecord | undefined, etag: string): void {
  if (before === undefined) throw noSuchKey();
  if (etag !== "*" && etag !== before.etag) throw preconditionFailed("If-Match");
}

/** As Object Lock answers: a version stays, whatever is put on top of it. */
function protectedByLock(): S3Error {
  return new S3Error("AccessDenied", "Access Denied because object protected by object lock.");
}
