import { type FileHandle, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { NameTaken, syncDirectory, writeFileDurably } from "../identity/durable.ts";
import { type NewBlob, newBlob } from "./blob.ts";
import { noSuchKey, S3Error } from "./errors.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { compareKeys, fileNameOf, keyOfFileName } from "./keys.ts";
import type { BucketFolders, ObjectRecord, WriteConditions } from "./records.ts";
import { hide, show } from "./view.ts";

/** An overwritten object's bytes vanish under a reader that has not opened them yet: it looks again. */
const OPEN_TRIES = 10;
/** Time stamps of folders are coarse: a younger one may hide a second change. */
const SETTLED_AFTER_NS = 1_000_000_000n;

/**
 * One bucket on disk. A key's record in the index is the truth, and appears, changes and goes in one
 * atomic step, so a process may be killed at any moment, and several may serve one folder.
 */
export class Bucket {
  readonly name: string;
  readonly folders: BucketFolders;
  readonly #writes = new KeyedLock();
  readonly #hashedKeys = new Map<string, string>();
  readonly #locked: readonly string[];
  #listed: { stamp: bigint; keys: string[] } | undefined;

  /** @param locked beginnings of keys whose objects nobody replaces or removes */
  constructor(name: string, folders: BucketFolders, locked: readonly string[] = []) {
    this.name = name;
    this.folders = folders;
    this.#locked = locked;
  }

  /** The record of a key, or `undefined`. */
  async find(key: string): Promise<ObjectRecord | undefined> {
    return readRecord(this.#indexFile(key));
  }

  /** The record and its opened bytes, which belong together. The caller closes the handle. */
  async openObject(key: string): Promise<{ record: ObjectRecord; handle: FileHandle }> {
    for (let tried = 0; tried < OPEN_TRIES; tried++) {
      const record = await this.find(key);
      if (record === undefined) throw noSuchKey();
      try {
        return { record, handle: await open(join(this.folders.data, record.blob), "r") };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      }
    }
    throw new S3Error("InternalError", "The bytes of this object are missing from the folder.");
  }

  /**
   * Stores an object whole or not at all: `fill` writes the bytes and says what they are.
   * Errors: those of `fill`, `PreconditionFailed`, `NoSuchKey` for `If-Match` on nothing, and
   * `AccessDenied` where other bytes lie under a lock.
   */
  async store(
    key: string,
    conditions: WriteConditions,
    fill: (blob: NewBlob) => Promise<Omit<ObjectRecord, "key" | "blob">>,
  ): Promise<ObjectRecord> {
    const blob = await newBlob(this.folders.data);
    let committing = false;
    try {
      const record = { key, blob: blob.name, ...(await fill(blob)) };
      await blob.finish();
      committing = true;
      const stored = await this.#commit(record, conditions);
      if (stored.blob !== blob.name) await blob.discard();
      return stored;
    } catch (error) {
      // A disk may fail after the record took its place: bytes that are referred to stay.
      const isReferred = committing && (await this.find(key))?.blob === blob.name;
      if (!isReferred) await blob.discard();
      throw error;
    }
  }

  async #commit(record: ObjectRecord, conditions: WriteConditions): Promise<ObjectRecord> {
    return this.#writes.run(record.key, async () => {
      const before = await this.find(record.key);
      if (conditions.onlyIfAbsent && before !== undefined)
        throw preconditionFailed("If-None-Match");
      if (conditions.onlyIfEtag !== undefined) checkEtag(before, conditions.onlyIfEtag);
      if (before !== undefined && this.#isLocked(record.key)) {
        if (before.etag === record.etag) return before;
        throw protectedByLock();
      }
      try {
        await writeFileDurably(this.#indexFile(record.key), JSON.stringify(record), {
          placement: conditions.onlyIfAbsent ? "only-if-absent" : "replace",
          scratch: this.folders.incoming,
        });
      } catch (error) {
        if (error instanceof NameTaken) throw preconditionFailed("If-None-Match");
        throw error;
      }
      // Stored from here on: what follows is tidying, and its failure must not look like ours.
      await show(this.folders, record.key, record.blob).catch(() => undefined);
      if (before !== undefined) await this.#removeBlob(before);
      return record;
    });
  }

  /** Removes an object; one that is not there is fine, unless a condition wants it. Errors: `AccessDenied` for a locked one. */
  async remove(key: string, onlyIfEtag: string | undefined): Promise<void> {
    await this.#writes.run(key, async () => {
      const before = await this.find(key);
      if (onlyIfEtag !== undefined) checkEtag(before, onlyIfEtag);
      if (before === undefined) return;
      if (this.#isLocked(key)) throw protectedByLock();
      await hide(this.folders, key, before.blob);
      await rm(this.#indexFile(key), { force: true });
      await syncDirectory(this.folders.index);
      await this.#removeBlob(before);
    });
  }

  /** All keys in Amazon's order. */
  async keys(): Promise<readonly string[]> {
    const { mtimeNs: stamp } = await stat(this.folders.index, { bigint: true });
    if (this.#listed?.stamp === stamp) return this.#listed.keys;
    const keys: string[] = [];
    for (const name of await readdir(this.folders.index)) {
      const key = keyOfFileName(name) ?? (await this.#hashedKey(name));
      if (key !== undefined) keys.push(key);
    }
    keys.sort(compareKeys);
    const settled = BigInt(Date.now()) * 1_000_000n - stamp > SETTLED_AFTER_NS;
    this.#listed = settled ? { stamp, keys } : undefined;
    return keys;
  }

  #isLocked(key: string): boolean {
    return this.#locked.some((beginning) => key.startsWith(beginning));
  }

  #indexFile(key: string): string {
    return join(this.folders.index, fileNameOf(key));
  }

  async #hashedKey(name: string): Promise<string | undefined> {
    const known = this.#hashedKeys.get(name);
    if (known !== undefined) return known;
    const record = await readRecord(join(this.folders.index, name));
    if (record !== undefined) this.#hashedKeys.set(name, record.key);
    return record?.key;
  }

  async #removeBlob(record: ObjectRecord): Promise<void> {
    await rm(join(this.folders.data, record.blob), { force: true }).catch(() => undefined);
  }
}

/** Reads one record of the index; `undefined` when there is none. */
export async function readRecord(file: string): Promise<ObjectRecord | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as ObjectRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function checkEtag(before: ObjectRecord | undefined, etag: string): void {
  if (before === undefined) throw noSuchKey();
  if (etag !== "*" && etag !== before.etag) throw preconditionFailed("If-Match");
}

/**
 * As Object Lock answers for a version that is to go. A versioned bucket keeps what is replaced; here
 * an object has one version only, so only the very same bytes may be written again.
 */
function protectedByLock(): S3Error {
  return new S3Error(
    "AccessDenied",
    "Access Denied because object protected by object lock. Nothing was changed.",
  );
}

function preconditionFailed(condition: string): S3Error {
  return new S3Error(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold.",
    { details: { Condition: condition } },
  );
}
