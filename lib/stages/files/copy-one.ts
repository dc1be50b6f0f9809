import type { Became, RowToCopy } from "../../compile/wave/file-copies.ts";
import { brokenTo } from "../../data/failures.ts";
import { Refusal } from "../../services/errors.ts";
import type { CopyStore, LyingCopy } from "../../services/services.ts";
import { type Files, OneFileUnreadable, onceMore, UnsafeName } from "../../sources/files/files.ts";
import { readFacts } from "../../sources/files/read-file.ts";

const nothing = { version: null, own: false };

/** Who a copy belongs to, as the object itself says; `toRemove` in `compile/wave/file-copies.ts` reads it so. */
const ownerOf = (run: string, row: number): string => `${run}/${row}`;

/**
 * Copies one file where nothing lies: only what holds the reviewed bytes, as the store tells of all that it took, or as
 * they are read again, is a copy. Errors: those of the store, and `FilesUnreachable`.
 */
export async function copyOne(
  copies: CopyStore,
  files: Files,
  run: string,
  row: RowToCopy,
): Promise<Became> {
  const { id, key, sha256 } = row;
  const owner = ownerOf(run, id);
  const put = await putReviewed(copies, files, row, owner);
  if (typeof put === "object" && put.sha256 === sha256)
    return { id, state: "copied", version: put.version, own: true };
  // Whatever became of the file, a copy that was made before is one.
  const lies = await copies.look(key);
  if (lies === undefined) {
    if (put === "changed") return { id, state: "changed", ...nothing };
    throw new Error("A copy was put, and is not there.");
  }
  if (await holdsReviewed(copies, row, lies))
    return { id, state: "copied", version: lies.version, own: lies.owner === owner };
  // Whatever an object says of itself, a copy of it says as well: only what was put just now is taken away again.
  if (typeof put !== "object" || !isSame(put, lies)) return { id, state: "occupied", ...nothing };
  const [removed] = await copies.remove([{ key, ...lies }]);
  if (removed instanceof Error) throw removed;
  return { id, state: "changed", ...nothing };
}

const isSame = (
  put: Pick<LyingCopy, "version" | "tag">,
  lies: Pick<LyingCopy, "version" | "tag">,
): boolean => put.version === lies.version && put.tag === lies.tag;

/** What the store took; `changed` where the file is no longer what was reviewed, and `taken` where something lies. */
async function putReviewed(
  copies: CopyStore,
  files: Files,
  { name, key, size, type, sha256 }: RowToCopy,
  owner: string,
): Promise<Awaited<ReturnType<CopyStore["put"]>> | "changed" | "taken"> {
  const bytes = await readAgain(files, name, size);
  if (bytes === undefined) return "changed";
  let broke: unknown;
  bytes.once("error", (error) => {
    broke = error;
  });
  try {
    return await copies.put(key, bytes, { size, type, sha256, owner });
  } catch (error) {
    if (broke !== undefined && error === broke) return unlessReadable(files, error);
    const named = error instanceof Error ? error.name : "";
    // Its bytes are no longer those that were reviewed: the store took nothing.
    if (["BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch"].includes(named))
      return "changed";
    if (named !== "ObjectExists") throw error;
    return "taken";
  } finally {
    // Of a put that failed nothing may have been read.
    bytes.destroy();
  }
}

/** What the reading of a file broke off with: where it is that file's alone, it is not what was reviewed. */
async function unlessReadable(files: Files, error: unknown): Promise<"changed"> {
  const failed = await files.failed(error);
  if (failed instanceof OneFileUnreadable) return "changed";
  throw failed;
}

/** Whether the reviewed bytes lie there: bytes of which the store tells no hash are read. */
async function holdsReviewed(
  copies: CopyStore,
  { key, size, sha256 }: RowToCopy,
  lies: LyingCopy,
): Promise<boolean> {
  return lies.size === size && (await digestOf(copies, key, lies)) === sha256;
}

/** The hash of what lies at a key, as the store tells it or as its bytes are. */
export const digestOf = async (copies: CopyStore, key: string, lies: LyingCopy): Promise<string> =>
  lies.sha256 ?? (await readFacts(await copies.get(key, lies.version))).sha256;

/** A file that was read when it was imported: what can no longer be read by its name, at that length, has changed. */
async function readAgain(files: Files, name: string, size: number) {
  try {
    return await onceMore(async () => {
      const found = await files.find(name);
      return found?.size === size ? await found.bytes() : undefined;
    });
  } catch (error) {
    if (error instanceof UnsafeName || error instanceof OneFileUnreadable) return undefined;
    throw error;
  }
}

/** Files copied or removed at once. */
const atOnce = 16;

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
export function inWords(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  if ("retriable" in error || /Exception$/u.test(error.name)) return error;
  const passing = brokenTo("service", error);
  if (passing !== error) return passing;
  return new Refusal(
    "CopyFailed",
    `A file could not be copied, or its copy not be read or removed (${error.name}). Nothing of the wave was written beside it, and no copy is taken for one that is not whole. ` +
      "Look at the room and the rights of the bucket; the same command goes on from there.",
    { cause: error },
  );
}
