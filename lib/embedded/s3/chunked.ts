import { S3Error } from "./errors.ts";

const LONGEST_LINE = 16 * 1024;

/**
 * Takes the `aws-chunked` framing off a body: `SIZE[;…]\r\n DATA \r\n … 0\r\n trailers \r\n`.
 * Trailers (lower-cased names) are put into `trailers` before the last byte is yielded.
 * Errors: `IncompleteBody` for anything that is not that.
 */
export async function* decodeAwsChunked(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const input = new ByteReader(source);
  for (;;) {
    const size = chunkSize(await input.line());
    if (size === 0) break;
    yield* input.bytes(size);
    if ((await input.line()) !== "") throw broken();
  }
  for (let line = await input.line(true); line !== ""; line = await input.line(true)) {
    const at = line.indexOf(":");
    if (at <= 0) throw broken();
    trailers.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  if (!(await input.isAtEnd())) throw broken();
}

function chunkSize(line: string): number {
  const match = /^([0-9a-fA-F]{1,12})(?:;.*)?$/.exec(line);
  if (match === null) throw broken();
  return Number.parseInt(match[1] as string, 16);
}

class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next line without its CRLF. The end of the body counts as an empty line if `endIsEmpty`. */
  async line(endIsEmpty = false): Promise<string> {
    for (;;) {
      const at = this.#rest.indexOf("\r\n");
      if (at >= 0) {
        const line = this.#rest.toString("latin1", 0, at);
        this.#rest = this.#rest.subarray(at + 2);
        return line;
      }
      if (this.#rest.length > LONGEST_LINE) throw broken();
      const more = await this.#read();
      if (more === undefined) {
        if (endIsEmpty && this.#rest.length === 0) return "";
        throw broken();
      }
      this.#rest = Buffer.concat([this.#rest, more]);
    }
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    let missing = count;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const more = await this.#read();
        if (more === undefined) throw broken();
        this.#rest = more;
      }
      const piece = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }

  async isAtEnd(): Promise<boolean> {
    return this.#rest.length === 0 && (await this.#read()) === undefined;
  }

  async #read(): Promise<Buffer | undefined> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done) return undefined;
      if (next.value.length > 0) return next.value;
    }
  }
}

function broken(): S3Error {
  return new S3Error(
    "IncompleteBody",
    "The aws-chunked body ended early or is not well-formed. Nothing was stored.",
  );
}
