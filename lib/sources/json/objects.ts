import { isUtf8 } from "node:buffer";
import { bytesInFile, type Encoding } from "../utf16.ts";
import type { Members } from "./node.ts";
import { JsonDamaged, JsonReader, MoreNeeded, toldName } from "./reader.ts";

const [COMMA, OPENS, LIST, LIST_ENDS, NEWLINE] = [0x2c, 0x7b, 0x5b, 0x5d, 0x0a];

/** Bytes of an object, at most: where a bracket is missing, no more than these are held. */
const LONGEST = 16 * 1024 * 1024;

/** An object as it stands in the bytes that were read. */
interface ParsedObject {
  readonly members: Members;
  /** Lines from the first one that was read to the one on which it begins. */
  readonly line: number;
  /** Lines to the one on which it ends. */
  readonly endsOn: number;
  /** Bytes of the file from the first one that was read to behind its end. */
  readonly endsAt: number;
}

/** Where in a file its bytes begin: at its first one, or behind an object. */
interface From {
  /** All are in one list; else they follow each other, one a line or over several. */
  readonly list: boolean;
  /** The bytes are a whole file. */
  readonly isWhole: boolean;
  /** What the bytes were in their file. */
  readonly encoding: Encoding;
}

/** Objects of JSON in UTF-8, as it is or by now, whose bytes come in pieces of any size. Errors: {@link ObjectDamaged}. */
export async function* parseObjects(
  pieces: AsyncIterable<Buffer>,
  from: From,
): AsyncGenerator<ParsedObject> {
  const objects = new Objects(from);
  let held: Buffer[] = [];
  let size = 0;
  let enough = 0;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    // An object of many pieces is not looked through again for each of them.
    if (size < Math.min(enough, LONGEST + 1)) continue;
    const rest = yield* objects.of(Buffer.concat(held), false);
    held = [rest];
    size = rest.length;
    enough = 2 * size;
    if (size > LONGEST) throw objects.tooLong();
  }
  yield* objects.of(Buffer.concat(held), true);
}

/** An object that cannot be read: what is wrong, with its lines, from the first one that was read. */
export class ObjectDamaged extends Error {
  readonly line: number;
  /** The line on which the object begins. */
  readonly opened: number;

  constructor(message: string, line: number, opened: number) {
    super(message);
    this.line = line;
    this.opened = opened;
  }
}

/** Takes one object after the other; one that may go on behind the bytes is left. */
class Objects {
  readonly #list: boolean;
  readonly #encoding: Encoding;
  /** An object was passed, or whatever is before the first byte. */
  #begun: boolean;
  /** Bytes of the file and lines before those that are looked at. */
  #before = 0;
  #line = 0;

  constructor({ list, isWhole, encoding }: From) {
    this.#list = list;
    this.#encoding = encoding;
    this.#begun = !isWhole;
  }

  /** The objects that are whole; what is left of the bytes. */
  *of(bytes: Buffer, isLast: boolean): Generator<ParsedObject, Buffer> {
    let at = 0;
    for (;;) {
      const reader = new JsonReader(bytes, at, isLast);
      let begins: number | undefined;
      try {
        if (!this.#begun && bytes.length < MARK.length && !isLast) return bytes;
        if (!this.#begun && bytes.indexOf(MARK) === 0) reader.at = MARK.length;
        if (!this.#comes(reader)) return Buffer.alloc(0);
        begins = reader.at;
        const members = reader.object();
        const own = bytes.subarray(begins, reader.at);
        this.#refuseDamaged(members, own, begins);
        const line = this.#line + newlines(bytes.subarray(at, begins));
        this.#line = line + newlines(own);
        this.#before += bytesInFile(this.#encoding, bytes.subarray(at, reader.at));
        at = reader.at;
        this.#begun = true;
        yield { members, line, endsOn: this.#line, endsAt: this.#before };
      } catch (error) {
        if (error instanceof MoreNeeded) return bytes.subarray(at);
        if (!(error instanceof JsonDamaged)) throw error;
        const lineAt = (byte: number) => this.#line + newlines(bytes.subarray(at, byte));
        throw new ObjectDamaged(error.message, lineAt(error.at), lineAt(begins ?? error.at));
      }
    }
  }

  tooLong(): ObjectDamaged {
    return new ObjectDamaged(
      "the object is longer than 16 MiB; each row is an object of its own",
      this.#line,
      this.#line,
    );
  }

  /** Passes what stands before an object; false at the end of all of them. */
  #comes(reader: JsonReader): boolean {
    if (!this.#list) {
      if (reader.next() === undefined) return false;
    } else {
      if (!this.#begun && reader.next() === LIST) reader.at += 1;
      const byte = listed(reader);
      if (byte === LIST_ENDS) {
        reader.at += 1;
        if (reader.next() === undefined) return false;
        throw reader.damaged("something stands behind the end of the list");
      }
      if (this.#begun) {
        if (byte !== COMMA) throw reader.damaged("a comma or ] is missing behind an object");
        reader.at += 1;
        listed(reader);
      }
    }
    if (reader.next() === OPENS) return true;
    throw reader.damaged("an object in braces is missing: each row is one");
  }

  #refuseDamaged(members: Members, bytes: Buffer, begins: number): void {
    if (bytes.length > LONGEST) throw this.tooLong();
    if (members.twice !== undefined)
      throw new JsonDamaged(
        `${toldName(members.twice.name)} stands twice in one object, and which of them counts nobody can tell`,
        begins,
      );
    if (!isUtf8(bytes)) throw new JsonDamaged("the text is not valid UTF-8", begins);
  }
}

function listed(reader: JsonReader): number {
  const byte = reader.next();
  if (byte === undefined)
    throw reader.damaged("the list is never closed, as where an export was cut off");
  return byte;
}

/** The mark that some programs put before UTF-8. */
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
