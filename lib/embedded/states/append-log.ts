import { type FileHandle, open, readFile, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { pause } from "./timers.ts";

/** A line of an append-only file could not be read: the file was changed by something else. */
export class DamagedLog extends Error {
  override readonly name = "DamagedLog";

  constructor(path: string, line: number) {
    super(
      `${path} is damaged at line ${line}. Nothing was changed; move the file away to start without what it records.`,
    );
  }
}

interface Waiting {
  line: string;
  patient: boolean;
  done: () => void;
  failed: (cause: unknown) => void;
}

/** Nothing is wrong but that there is no room: what there is of it comes back. */
const noRoom = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
export const lacksRoom = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && noRoom.has(String(cause.code));

/** Milliseconds after which it is looked for room again. */
const lookAgainMs = 500;

/**
 * A file of JSON lines that is only ever added to. A line counts when `append` has resolved: it is
 * on the disk then (fdatasync). Lines added while a write is under way share the next one.
 */
export class AppendLog {
  readonly path: string;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #handle: FileHandle | undefined;
  #broken: unknown;
  /** Bytes that are on the disk for certain. */
  #length = 0;
  readonly #ending = new AbortController();

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Adds a line; rejects when it cannot be written, and from then on for every further line, unless there was only no
   * room for it.
   *
   * @param patient while the disk is full, waits for room, until {@link giveUp}
   */
  append(value: object, { patient = false }: { readonly patient?: boolean } = {}): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(value)}\n`, patient, done, failed });
      this.#draining ??= this.#drain();
    });
  }

  /** Waits no longer for room: lines that found none are rejected. */
  giveUp(): void {
    this.#ending.abort();
  }

  /** Waits for the lines under way and lets go of the file; a later line opens it again. */
  async close(): Promise<void> {
    await this.#draining;
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      const patient = batch.every((waiting) => waiting.patient);
      try {
        if (this.#broken !== undefined) throw this.#broken;
        await this.#writeOnce(batch.map((waiting) => waiting.line).join(""), patient);
        for (const waiting of batch) waiting.done();
      } catch (cause) {
        // Half a line may be in the file now: adding to it would damage what follows.
        // Nor is what follows a line that was given up put in its place.
        if (patient || !lacksRoom(cause)) this.#broken = cause;
        for (const waiting of batch) waiting.failed(cause);
      }
    }
    this.#draining = undefined;
  }

  /** Writes a text whole, and again from its beginning where there was no room for all of it. */
  async #writeOnce(text: string, patient: boolean): Promise<void> {
    for (let said = false; ; said = true) {
      try {
        return await this.#write(text);
      } catch (cause) {
        if (!lacksRoom(cause)) throw cause;
        await this.#cutOff();
        if (!patient || this.#ending.signal.aborted) throw cause;
        if (!said) console.error(`${this.path} waits for room on the disk: ${cause}`);
        await pause(lookAgainMs, this.#ending.signal).catch(() => {
          throw cause;
        });
      }
    }
  }

  /** Takes half a line away again; where that fails the file takes no more. */
  async #cutOff(): Promise<void> {
    await this.#handle?.truncate(this.#length).catch((cause) => {
      this.#broken = cause;
      throw cause;
    });
  }

  async #write(text: string): Promise<void> {
    if (!this.#handle) {
      const handle = await open(this.path, "a", 0o600);
      this.#length = (await handle.stat()).size;
      this.#handle = handle;
      await syncFolder(dirname(this.path));
    }
    await this.#handle.appendFile(text, "utf8");
    await this.#handle.datasync();
    this.#length += Buffer.byteLength(text);
  }
}

/**
 * All lines of a file, none if there is no file. What follows the last line end was being written
 * when the process died and was never acknowledged: it is cut off.
 */
export async function readLog<T>(path: string): Promise<T[]> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return Buffer.alloc(0);
    throw cause;
  });
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) await truncate(path, end);
  const lines = bytes.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as T;
    } catch {
      throw new DamagedLog(path, index + 1);
    }
  });
}

/** Makes a new file's name as durable as its contents. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
