import fs from "node:fs";
import { cp, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import type { KeyRange, Source } from "../../lib/sources/source.ts";

let folder: string;
let path: string;
/** Where readings of files began, in bytes. */
const begun: number[] = [];
const { createReadStream } = fs;
/** What happens once the first piece of a file was read. */
let afterFirst: (() => void) | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "csv-"));
  path = join(folder, "people.csv");
  fs.createReadStream = ((file, options) => {
    begun.push((options as { start: number }).start);
    const stream = createReadStream(file, options);
    if (afterFirst !== undefined) stream.once("data", afterFirst);
    afterFirst = undefined;
    return stream;
  }) as typeof createReadStream;
  syncBuiltinESMExports();
});
afterAll(async () => {
  fs.createReadStream = createReadStream;
  syncBuiltinESMExports();
  await rm(folder, { recursive: true });
});

const open = (): Promise<Source> =>
  openSource({ driver: "csv", connection: "legacy", path: folder });
/** A file of so many rows, whose time of change is said. */
async function write(lines: readonly string[]): Promise<void> {
  await writeFile(path, `id,nom\n${lines.join("\n")}\n`);
  await utimes(path, 1_000, 1_000);
}
const rows = (of: string) =>
  Array.from({ length: 20_000 }, (_, n) => `${String(n + 1).padStart(6, "0")},${of}`);

async function keysOf(source: Source, range: KeyRange): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of source.read("people", "id", ["id"], range, 1_000))
    keys.push(...page.map(([key]) => key as string));
  return keys;
}

/** The functions of an import: one makes the ranges, and each range is read by another. */
const ranges = async () => (await open()).ranges("people", "id", 5_000);

it("W13 R3 each range of a file is read from where it begins, whoever looked through the file before", async () => {
  await write(rows("a"));
  const [first, , , last] = (await ranges()) as [KeyRange, KeyRange, KeyRange, KeyRange];
  begun.length = 0;
  for (const range of [last, first, last]) {
    const keys = await keysOf(await open(), range);
    expect([keys.length, keys.at(-1)]).toEqual([5_000, range.upTo]);
  }
  expect(begun.map((at) => at > 0)).toEqual([true, false, true]);
  const columns = ["id", "nom"];
  const facts = await (await open()).inspect({ people: { key: "id", columns } });
  expect(facts).toEqual([{ table: "people", exists: true, rows: 20_000, missingColumns: [] }]);
  expect(begun).toHaveLength(3);
});

it("R3 a file that was written anew is looked through anew, though it is as large and says that it is as old", async () => {
  await write(rows("a"));
  const last = (await ranges()).at(-1) as KeyRange;
  const others = rows("b");
  // Two rows stand at each other's place: read from where the range began, they would be missed.
  [others[10], others[15_010]] = [others[15_010] as string, others[10] as string];
  await write(others);
  const keys = (await keysOf(await open(), last)).map(Number).sort((one, other) => one - other);
  expect(keys).toEqual(Array.from({ length: 5_000 }, (_, n) => 15_001 + n));
});

it("R3 W13 a file that is written to while its fingerprint is made has another one from then on", async () => {
  const lines = rows("a".repeat(100));
  await write(lines);
  const { size } = fs.statSync(path);
  // As large as before, and older: only that it was written to tells of it.
  afterFirst = () => {
    fs.writeFileSync(path, fs.readFileSync(path, "utf8").replace("000001,a", "000001,b"));
    fs.utimesSync(path, 1_000, 1_000);
  };
  const source = await open();
  const before = (await source.identify()).fingerprint;
  expect(afterFirst).toBe(undefined);
  expect(fs.statSync(path).size).toBe(size);
  const now = (await source.identify()).fingerprint;
  expect(now).not.toBe(before);
  const copy = await mkdtemp(join(tmpdir(), "csv-"));
  await cp(path, join(copy, "people.csv"));
  const copied = await openSource({ driver: "csv", connection: "legacy", path: copy });
  expect((await copied.identify()).fingerprint).toBe(now);
  await rm(copy, { recursive: true });
});
