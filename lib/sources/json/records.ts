import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { SourceRowUnreadable, SourceSchemaMismatch } from "../errors.ts";
import { fileFault } from "../file-fault.ts";
import { type Place, START, type TableRecord } from "../place.ts";
import type { LegacyRow } from "../source.ts";
import { type Encoding, encodingOf, fromUtf16, lettersOf } from "../utf16.ts";
import { ColumnsFound, type JsonColumns, mostNames, TooManyNames } from "./columns.ts";
import { type Members, textOf, within } from "./node.ts";
import { ObjectDamaged, parseObjects } from "./objects.ts";

/** Bytes that are read at once. */
const BLOCK = 64 * 1024;

/** Reads a whole file once for the names in it. Errors: `SourceSchemaMismatch`, `SourceRowUnreadable`. */
export async function jsonColumns(path: string): Promise<JsonColumns> {
  const found = new ColumnsFound();
  try {
    for await (const { members, line } of objectsOf(path, START)) found.take(members, line);
  } catch (error) {
    if (!(error instanceof TooManyNames)) throw error;
    throw new SourceSchemaMismatch(
      `${basename(path)} has more than ${mostNames.toLocaleString("en")} different names in its objects; nothing was read. Each object is a row, and its names are columns: where names are keys of something, write an object for each of those.`,
    );
  }
  return found.conclude();
}

/**
 * Reads a file object by object, each as a row of the columns that the file has: all of them, or those asked for, the
 * others being left empty. Null and what is missing are null.
 *
 * @param only the places of columns among all
 */
export async function* jsonRecords(
  path: string,
  from: Place,
  { paths }: JsonColumns,
  only: readonly number[] = [...paths.keys()],
): AsyncGenerator<TableRecord> {
  const asked = only.map((at) => ({ at, path: paths[at] ?? [] }));
  for await (const { members, ...place } of objectsOf(path, from)) {
    const fields: LegacyRow = [];
    for (const { at, path } of asked)
      fields[at] = textOf(
        path.length === 1 ? members.of.get(path[0] as string) : within(members, path),
      );
    yield { fields, ...place };
  }
}

async function* objectsOf(
  path: string,
  from: Place,
): AsyncGenerator<{ members: Members } & Omit<TableRecord, "fields">> {
  const { list, encoding } = await writtenWith(path).catch((error) => {
    throw fileFault(path, error);
  });
  const bytes = createReadStream(path, { start: from.byte, highWaterMark: BLOCK });
  try {
    const letters =
      encoding === "utf-8" ? bytes : fromUtf16(bytes, encoding, basename(path), from.line, "\n");
    const written = { list, isWhole: from.byte === 0, encoding };
    for await (const object of parseObjects(letters, written))
      yield {
        members: object.members,
        line: from.line + object.line,
        endsOn: from.line + object.endsOn,
        endsAt: from.byte + object.endsAt,
      };
  } catch (error) {
    if (!(error instanceof ObjectDamaged)) throw fileFault(path, error);
    const [line, opened] = [from.line + error.line, from.line + error.opened];
    const since = opened < line ? ` (of an object that begins on line ${opened})` : "";
    throw new SourceRowUnreadable(
      `${basename(path)}, line ${line}: ${error.message}${since}; nothing was read. Correct the line or export the table again.`,
      { cause: error },
    );
  } finally {
    bytes.destroy();
  }
}

/** Whether all objects of a file are in one list: else one follows the other. */
async function writtenWith(path: string): Promise<{ list: boolean; encoding: Encoding }> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BLOCK), 0, BLOCK, 0);
    const begins = buffer.subarray(0, bytesRead);
    const encoding = encodingOf(begins, basename(path));
    const [first] = lettersOf(encoding, begins).replace(/^[\uFEFF\s]+/u, "");
    if (first === undefined)
      throw new SourceSchemaMismatch(
        `${basename(path)} is empty; nothing was read. Export the table again, or write [] into it where there is nothing to move.`,
      );
    return { list: first === "[", encoding };
  } finally {
    await file.close();
  }
}
