import {
  copiesFiles,
  copyState,
  holdUncopied,
  intendCopy,
  isBeingRemoved,
  noteCopy,
  type RowToCopy,
  uncopied,
} from "../compile/file-copies.ts";
import type { WaveOrder } from "../compile/wave.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import type { Migration } from "../define/definition.ts";
import { Refusal } from "../services/errors.ts";
import type { CopyStore, Services } from "../services/services.ts";
import { type Files, UnsafeName } from "../sources/files/files.ts";
import { readFacts } from "../sources/files/read-file.ts";
import { filesOf } from "./row-files.ts";

/** Why a row is held whose file is not copied, by what became of the copy. */
const heldFor: Readonly<Record<string, string>> = {
  changed: "blob_changed_since_review",
  occupied: "file_there_differs",
};

/** A wave that is signed wants copies first: nothing of it is written until they are there. */
export class CopiesNeeded extends Error {
  readonly rows: readonly RowToCopy[];

  constructor(rows: readonly RowToCopy[]) {
    super("Files are copied first.");
    this.rows = rows;
  }
}

/**
 * Holds the next rows of a wave whose files are no longer what was reviewed; answers how many. Errors:
 * {@link CopiesNeeded} where some are not copied, `CopiesBeingRemoved`.
 */
export async function requireCopies(
  transaction: Database,
  migration: Migration,
  order: WaveOrder,
): Promise<number> {
  if (!copiesFiles(migration)) return 0;
  let held = 0;
  for (;;) {
    const open = await transaction.rows<RowToCopy>(uncopied(migration, order));
    const settled = open.filter(({ state }) => state !== null && state in heldFor);
    for (const [state, reason] of Object.entries(heldFor)) {
      const ids = settled.filter((row) => row.state === state).map(({ id }) => id);
      if (ids.length > 0)
        await transaction.execute(holdUncopied(migration, order.run, ids, reason));
    }
    held += settled.length;
    const needed = open.filter((row) => !settled.includes(row));
    if (needed.some(({ state }) => state === "removing")) throw beingRemoved();
    if (needed.length > 0) throw new CopiesNeeded(needed);
    if (settled.length === 0) return held;
  }
}

const beingRemoved = () =>
  new Refusal(
    "CopiesBeingRemoved",
    "Copies of files that this wave names are being taken away, and the rollback that does it has not ended. Nothing was written; send the rollback again, or wait for it.",
  );

/** Writes a wave once the copies that it wants are there. */
export async function withCopies<Result>(
  services: Services,
  run: Run,
  work: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CopiesNeeded)) throw error;
      await copyAll(services, run, error.rows);
    }
  }
}

/** Files copied at once. */
const atOnce = 4;

async function copyAll(services: Services, run: Run, rows: readonly RowToCopy[]): Promise<void> {
  const db = services.commitOf(run.migration);
  const files = filesOf(services, run);
  const open = [...rows];
  const work = async () => {
    for (let row = open.shift(); row !== undefined; row = open.shift()) {
      if ((await db.execute(intendCopy(run.id, row))) === 0) {
        await requireKept(db, run, row);
        continue;
      }
      const { yes } = await db.one<{ yes: boolean }>(isBeingRemoved(row.key));
      if (yes) throw beingRemoved();
      const became = await copyOne(services.copies, files, run, row);
      if ((await db.execute(noteCopy(run.id, row.id, became))) > 0) continue;
      await requireKept(db, run, row).catch(async (error) => {
        // Nobody looks for it there any more.
        if (became.own) await services.copies.remove(row.key, became.version);
        throw error;
      });
    }
  };
  const done = await Promise.allSettled(Array.from({ length: atOnce }, work));
  const failed = done.find((each) => each.status === "rejected");
  if (failed !== undefined) throw inWords(failed.reason);
}

/** Another delivery of this wave noted the copy meanwhile, or a rollback took it away. Errors: `CopiesBeingRemoved`. */
async function requireKept(db: Database, run: Run, { id }: RowToCopy): Promise<void> {
  const { state } = await db.one<{ state: string }>(copyState(run.id, id));
  if (state === "removing" || state === "removed") throw beingRemoved();
}

interface Became {
  readonly state: "copied" | "changed" | "occupied";
  readonly version: string | null;
  readonly own: boolean;
}
const nothing = { version: null, own: false };

/** Who a copy belongs to, as the object itself says. */
export const ownerOf = (run: string, row: number): string => `${run}/${row}`;

/** Copies one file where nothing lies, and reads what lies there then: only bytes that were reviewed are a copy. */
async function copyOne(
  copies: CopyStore,
  files: Files,
  run: Run,
  { id, name, key, type, size, sha256 }: RowToCopy,
): Promise<Became> {
  const owner = ownerOf(run.id, id);
  const there = await copies.look(key);
  if (there === undefined) {
    const found = await findAgain(files, name);
    if (found === undefined || found.size !== size) return { state: "changed", ...nothing };
    const bytes = await found.bytes();
    try {
      await copies.put(key, bytes, { size, type, sha256, owner });
    } catch (error) {
      const named = error instanceof Error ? error.name : "";
      // Its bytes are no longer those that were reviewed: the store took nothing.
      if (["BadDigest", "InvalidRequest", "XAmzContentChecksumMismatch"].includes(named))
        return { state: "changed", ...nothing };
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
    return { state: "copied", version: lies.version, own };
  if (!own) return { state: "occupied", ...nothing };
  await copies.remove(key, lies.version);
  return { state: "changed", ...nothing };
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

/** What a store fails with, in a sentence; what is said already as it is. */
export function inWords(error: unknown): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error;
  if ("retriable" in error || /Exception$/u.test(error.name)) return error;
  return new Refusal(
    "CopyFailed",
    `A file could not be copied, or its copy not be read or removed (${error.name}). Nothing of the wave was written beside it, and no copy is taken for one that is not whole. ` +
      "Look at the room and the rights of the bucket; the same command goes on from there.",
    { cause: error },
  );
}
