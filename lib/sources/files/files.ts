import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import type { FilesUnreachable } from "../errors.ts";

/**
 * Where files of a legacy system lie, opened to read. Methods reject with `FilesUnreachable`, where the place of all
 * of them cannot be read, and with {@link OneFileUnreadable}, where that is one file's alone.
 */
export interface Files {
  /** For people: `folder /srv/blobs`, `bucket blobs`. */
  readonly description: string;
  /** Refuses a place that is not there. */
  check(): Promise<void>;
  /** The file of a name, which is relative; undefined where there is none. Errors: {@link UnsafeName}. */
  find(name: string): Promise<FoundFile | undefined>;
  /** What the reading of a file ended with. */
  failed(error: unknown): Promise<FilesUnreachable | OneFileUnreadable>;
}

export interface FoundFile {
  /** Where it lies in the place: the same whatever name found it. */
  readonly name: string;
  readonly size: number;
  /** The bytes, from the beginning; undefined where it has gone since it was found, or something else lies there. */
  bytes(): Promise<Readable | undefined>;
}

/** A name that goes out of the place, or can name nothing in it. */
export class UnsafeName extends Error {}

/** Something lies there that cannot be read as a file, or not by whom asks, while the place of it can be. */
export class OneFileUnreadable extends Error {
  /** Whether it may be read a moment later, as what a system says of a file on another machine may pass. */
  readonly mayPass: boolean;

  constructor(message: string, { mayPass = false, ...options }: UnreadableOptions = {}) {
    super(message, options);
    this.mayPass = mayPass;
  }
}

interface UnreadableOptions extends ErrorOptions {
  readonly mayPass?: boolean;
}

/** Milliseconds until a file is tried again. */
const moment = 100;

/** Reads a file, and once more where that ended with what may pass. */
export async function onceMore<Found>(read: () => Promise<Found>): Promise<Found> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof OneFileUnreadable && error.mayPass)) throw error;
    await wait(moment);
    return read();
  }
}

/** The parts of a relative name. Errors: {@link UnsafeName}. */
export function partsOfName(name: string): readonly string[] {
  const parts = name.split("/");
  const unsafe = (part: string) => part === "" || part === "." || part === "..";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters name nothing
  if (name.length > 1_000 || /[\u0000-\u001f\\]/u.test(name) || parts.some(unsafe))
    throw new UnsafeName("A name of a file is relative, and has no “..”.");
  return parts;
}

/** Ways to write one name that are looked for: with two parts that have accents there are nine. */
const mostForms = 64;

/**
 * A name as it is written, then with the accents of its parts put together, or apart: each folder and file is called
 * as whoever stored it did. Letters of another case are another name.
 */
export function formsOf(name: string): ReadonlySet<string> {
  const combined = name.split("/").reduce<readonly string[]>(
    (begun, part, at) => {
      const forms = new Set([part, part.normalize("NFC"), part.normalize("NFD")]);
      return begun
        .flatMap((before) => [...forms].map((form) => (at === 0 ? form : `${before}/${form}`)))
        .slice(0, mostForms);
    },
    [""],
  );
  return new Set([name, name.normalize("NFC"), name.normalize("NFD"), ...combined]);
}
