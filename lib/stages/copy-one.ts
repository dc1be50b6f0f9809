import type { Became, RowToCopy } from "../compile/file-copies.ts";
import { Refusal } from "../services/errors.ts";
import type { CopyStore } from "../services/services.ts";
import { type Files, UnsafeName } from "../sources/files/files.ts";
import { readFacts } from "../sources/files/read-file.ts";

const nothing = { version: null, own: false };

/** Who a copy belongs to, as the object itself says; `toRemove` in `compile/file-copies.ts` reads it so. */
const ownerOf = (run: string, row: number): string => `${run}/${row}`;

/**
 * Copies one file where nothing lies, and reads what lies there then: only bytes that were reviewed are a copy.
 * Errors: those of the store, and `FilesUnreachable`.
 */
export async function copyOne(
  copies: CopyStore,
  files: Files,
  run: string,
  { id, name, key, type, size, sha256 }: RowToCopy,
): Promise<Became> {
  const owner = ownerOf(run, id);
  const there = await copies.look(key);
  if (there === undefined) {
    const found = await findAgain(files, name);
    if (found === undefined || found.size !== size) return { id, state: "changed", ...nothing };
    const bytes = await found.bytes();
    try {
      await copies.put(key, bytes, { size, type, sha256, owner });
    } catch (error) {
      const named = error instanceof Error ? error.name : "";
      // Its bytes are no longer those that were reviewed: the store took nothing.
      if (["BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch"].includes(named))
        return { id, state: "changed", ...nothing };
      if (named !== "ObjectExists") throw error;
    } finally {
      // Of a put that failed nothing may have been read.
      bytes.destroy();
    }
  }
  const lies = await copies.look(key);
  if (lies === undefined) throw new Error("A copy was put, and is not there.");
  const own = lies.owner === owner;
  const facts = await readFacts(await copies.get(key, lies.version));
  if (facts.sha256 === sha256 && facts.size === size)
    return { id, state: "copied", version: lies.version, own };
  if (!own) return { id, state: "occupied", ...nothing };
  await copies.remove(key, lies.version);
  return { id, state: "changed", ...nothing };
}

/** A file that was found when it was imported: what can no longer be read by its name has changed. */
async function findAgain(files: Files, name: string) {
  try {
    return await files.find(name);
  } catch (error) {
    if (error instanceof UnsafeName) return undefined;
    throw error;
  }
}

/** Files copied or removed at once. */
const atOnce = 4;

/** Does something with each copy, a few at once: what came of those that went well, and the first that failed. */
export async function eachCopy<Row, Result>(
  rows: readonly Row[],
  work: (row: Row) => Promise<Result>,
): Promise<{ readonly done: readonly Result[]; readonly failed?: unknown }> {
  const open = [...rows];
  const done: Result[] = [];
  const failures: unknown[] = [];
  const take = async () => {
    for (let row = open.shift(); row !== undefined && failures.length === 0; row = open.shift())
      await work(row).then(
        (result) => void done.push(result),
        (error) => void failures.push(error),
      );
  };
  await Promise.all(Array.from({ length: atOnce }, take));
  return failures.length === 0 ? { done } : { done, failed: inWords(failures[0]) };
}

/** What a store fails with, in a sentence; what is said already as it is. */
function inWords(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  if ("retriable" in error || /Exception$/u.test(error.name)) return error;
  return new Refusal(
    "CopyFailed",
    `A file could not be copied, or its copy not be read or removed (${error.name}). Nothing of the wave was written beside it, and no copy is taken for one that is not whole. ` +
      "Look at the room and the rights of the bucket; the same command goes on from there.",
    { cause: error },
  );
}
