import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { type Options, parse } from "csv-parse";
import { steerless } from "../json-text.ts";
import { MANIFEST, type Manifest, type ManifestFile, SIGNATURE } from "../manifest.ts";

/** A file of a bundle is not what its name says: not CSV, not JSON, not gzip. */
export class UnreadableFile extends Error {
  override readonly name = "UnreadableFile";
}

/** What is wrong with the files beside a manifest, in words; empty when each is what it was. */
export async function filesThatDiffer(directory: string, manifest: Manifest): Promise<string[]> {
  const listed = new Map(manifest.files.map((file) => [file.name, file]));
  const found = await readdir(directory);
  const wrong = found
    .filter((name) => name !== MANIFEST && name !== SIGNATURE && !listed.has(name))
    .map((name) => `${JSON.stringify(name)} is not in the manifest`);
  for (const file of manifest.files) {
    const difference = found.includes(file.name)
      ? await differs(join(directory, file.name), file)
      : "is missing";
    if (difference !== undefined) wrong.push(`${file.name} ${difference}`);
  }
  return wrong;
}

async function differs(path: string, file: ManifestFile): Promise<string | undefined> {
  const found = await lstat(path);
  // A link could show one file now and another one later.
  if (!found.isFile()) return "is not a plain file";
  if (found.size !== file.bytes) return `has ${found.size} bytes instead of ${file.bytes}`;
  if ((await sha256Of(createReadStream(path))) !== file.sha256) return "was changed";
  if (file.content === undefined) return undefined;
  const unpacked = createGunzip();
  pipeline(createReadStream(path), unpacked, () => {});
  const content = await sha256Of(unpacked).catch(() => undefined);
  return content === file.content ? undefined : "holds something else than the manifest says";
}

async function sha256Of(chunks: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** Records of a `.csv` or `.csv.gz`, one at a time, as text by column; of these columns alone, where they are given. */
export async function* csvRecords(
  path: string,
  known?: readonly string[],
): AsyncGenerator<Record<string, string>> {
  const columns = (heading: string[]) => knownOnce(heading, path, known);
  for await (const record of parsedCsv(path, { columns })) {
    yield record as Record<string, string>;
  }
}

/**
 * A heading in which each column stands once: of two of a name every reader takes another one; and one that is not known is
 * compared with nothing. Errors: `UnreadableFile`.
 */
function knownOnce(heading: string[], path: string, known?: readonly string[]): string[] {
  const once = new Set(heading).size === heading.length && !heading[0]?.startsWith("\ufeff");
  if (once && (known === undefined || heading.every((column) => known.includes(column))))
    return heading;
  throw new UnreadableFile(`${basename(path)} is not as wavegate writes it`);
}

/** A record of a CSV (none for the heading), and its line up to a column, as it is written. */
interface CsvLine {
  readonly record: Record<string, string> | undefined;
  readonly cells: string;
}

/**
 * The lines of a CSV, each also as the text that it would be without `until` and what follows: of these columns alone, where
 * they are given.
 */
export async function* csvLines(
  path: string,
  until: string,
  following?: readonly string[],
): AsyncGenerator<CsvLine> {
  let columns: readonly string[] | undefined;
  let kept = 0;
  for await (const each of parsedCsv(path, { raw: true })) {
    const { record, raw } = each as { record: string[]; raw: string };
    if (columns === undefined) {
      columns = knownOnce(record, path);
      kept = columns.includes(until) ? columns.indexOf(until) : columns.length;
      knownOnce([...columns.slice(kept)], path, following);
      yield { record: undefined, cells: firstCells(raw, kept) };
    } else {
      const cells = columns.map((column, index) => [column, record[index] ?? ""]);
      yield { record: Object.fromEntries(cells), cells: firstCells(raw, kept) };
    }
  }
}

/** The first cells of a line, with a line's end. */
function firstCells(raw: string, cells: number): string {
  const line = raw.replace(/(?<![\r\n])[\r\n]+$/, "");
  let quoted = false;
  let seen = 0;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') quoted = !quoted;
    if (line[at] !== "," || quoted) continue;
    seen += 1;
    if (seen === cells) return `${line.slice(0, at)}\r\n`;
  }
  return `${line}\r\n`;
}

async function* parsedCsv(path: string, options: Options): AsyncGenerator<unknown> {
  const parser = parse({ ...options, record_delimiter: "\r\n", max_record_size: 1_048_576 });
  const fail = () => {};
  if (path.endsWith(".gz")) pipeline(createReadStream(path), createGunzip(), parser, fail);
  else pipeline(createReadStream(path), parser, fail);
  try {
    for await (const record of parser) yield record;
  } catch (error) {
    throw new UnreadableFile(`${basename(path)} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Bytes of a line, at most: none that wavegate writes is nearly as long, and a text of very many is more than memory holds. */
const longestLine = 16 * 1024 * 1024;

/** The lines of a file, one at a time. Errors: `UnreadableFile`, for one that is too long. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let open: Buffer[] = [];
  let size = 0;
  let n = 1;
  for await (const chunk of createReadStream(path)) {
    let rest: Buffer = chunk;
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n")) {
      yield Buffer.concat([...open, rest.subarray(0, end)]).toString("utf8");
      n += 1;
      rest = rest.subarray(end + 1);
      open = [];
      size = 0;
    }
    open.push(rest);
    size += rest.length;
    if (size > longestLine) throw new UnreadableFile(`${basename(path)} line ${n} is too long`);
  }
  if (size > 0) yield Buffer.concat(open).toString("utf8");
}

/** The values of a `.jsonl`, one at a time. */
export async function* jsonLines<Value>(path: string): AsyncGenerator<Value> {
  let n = 0;
  for await (const line of linesOf(path)) {
    n += 1;
    yield parsed<Value>(line, `${basename(path)} line ${n}`);
  }
}

/** The value of a small `.json`. */
export const jsonFile = async <Value>(path: string): Promise<Value> =>
  parsed<Value>(await textOf(path), basename(path));

/** Bytes of a file that is read as a whole, at most. */
const largest = 128 * 1024 * 1024;

/** The text of a small file. Errors: `UnreadableFile`, for one that is too large. */
export async function textOf(path: string): Promise<string> {
  if ((await stat(path)).size > largest)
    throw new UnreadableFile(`${basename(path)} is larger than 128 MiB`);
  return readFile(path, "utf8");
}

/**
 * The value of a text, if wavegate could have written it: with a key twice, a number or a letter in another notation,
 * other readers would find something else in it than what was looked at. Errors: `UnreadableFile`.
 *
 * @param what names the text in the error
 */
export function parsed<Value>(text: string, what: string): Value {
  const written = withoutBlanks(text);
  let value: Value;
  try {
    value = JSON.parse(text) as Value;
  } catch (error) {
    throw new UnreadableFile(`${what} is not JSON`, { cause: error });
  }
  if (written !== undefined && steerless(JSON.stringify(value)) === steerless(written))
    return value;
  throw new UnreadableFile(`${what} is not as wavegate writes it`);
}

/** Lists and objects in each other: wavegate writes some ten, and whoever reads thousands of them may end by it. */
const deepest = 500;

/** JSON without the blanks between what is no text, however long a text is; undefined where it is deeper than any of wavegate's. */
function withoutBlanks(text: string): string | undefined {
  const kept: string[] = [];
  let [depth, from, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    if (quoted) {
      if (sign === "\\") at += 1;
      else quoted = sign !== '"';
    } else if (sign === '"') quoted = true;
    else if (sign === "[" || sign === "{") depth += 1;
    else if (sign === "]" || sign === "}") depth -= 1;
    else if (/[ \t\r\n]/u.test(sign)) {
      if (at > from) kept.push(text.slice(from, at));
      from = at + 1;
    }
    if (depth > deepest) return undefined;
  }
  return kept.join("") + text.slice(from);
}
