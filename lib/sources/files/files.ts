import type { Readable } from "node:stream";

/** Where files of a legacy system lie, opened to read. Methods reject with `FilesUnreachable`. */
export interface Files {
  /** For people: `folder /srv/blobs`, `bucket blobs`. */
  readonly description: string;
  /** Refuses a place that is not there. */
  check(): Promise<void>;
  /** The file of a name, which is relative; undefined where there is none. Errors: {@link UnsafeName}. */
  find(name: string): Promise<FoundFile | undefined>;
}

export interface FoundFile {
  /** Where it lies in the place: the same whatever name found it. */
  readonly name: string;
  readonly size: number;
  /** The bytes, from the beginning. */
  bytes(): Promise<Readable>;
}

/** A name that goes out of the place, or can name nothing in it. */
export class UnsafeName extends Error {}

/** The parts of a relative name. Errors: {@link UnsafeName}. */
export function partsOfName(name: string): readonly string[] {
  const parts = name.split("/");
  const unsafe = (part: string) => part === "" || part === "." || part === "..";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters name nothing
  if (name.length > 1_000 || /[\u0000-\u001f\\]/u.test(name) || parts.some(unsafe))
    throw new UnsafeName("A name of a file is relative, and has no “..”.");
  return parts;
}
