import { describe, expect, it } from "vitest";
import { Members, type Node, Plain } from "../../lib/sources/json/node.ts";
import { ObjectDamaged, parseObjects } from "../../lib/sources/json/objects.ts";
import { mulberry32 } from "../support/random.ts";
import { csvFolder } from "./csv-folder.ts";

const random = mulberry32(20_261_130);
const below = (most: number) => Math.floor(random() * most);
const oneOf = <Of>(list: readonly Of[]): Of => list[below(list.length)] as Of;

const letters = ['"', "\\", "/", "\b", "\n", "\r", "\t", "\u0000", "é", "ж", "🌸", "\u2028"];
const others = ["{", "}", "[", "]", ",", ":", " ", "a", "Z", "1", "$", "\ud800", "null", "\uFEFF"];
const text = () => Array.from({ length: below(6) }, () => oneOf([...letters, ...others])).join("");
const numbers = ["0", "-0", "1.10", "12345678901234567890", "1e5", "-2.5E-10", "0.1"];

/** A value as it may be written, with blanks wherever they may stand. */
function written(depth: number): string {
  const blank = () => oneOf(["", "", " ", "\n", "\r\n", "\t"]);
  const kind = below(depth > 3 ? 4 : 6);
  if (kind === 0) return JSON.stringify(text());
  if (kind === 1) return oneOf(numbers);
  if (kind === 2) return oneOf(["true", "false", "null"]);
  if (kind === 3) return `"\\u${oneOf(["0041", "d83c", "0000", "00e9"])}\\/"`;
  const many = Array.from({ length: below(4) }, (_, at) => at);
  const name = (at: number) => JSON.stringify(`${oneOf(["", "__proto__", "é", "b.c"])}${at}`);
  if (kind === 4) return `[${many.map(() => blank() + written(depth + 1) + blank()).join(",")}]`;
  return object(
    many.map((at) => `${blank()}${name(at)}${blank()}:${blank()}${written(depth + 1)}${blank()}`),
  );
}
const object = (members: readonly string[]) => `{${members.join(",")}}`;

/** What JavaScript's own reader has: of numbers what they are worth. */
function worth(node: Node): unknown {
  if (node instanceof Plain) return JSON.parse(node.text);
  if (node instanceof Members) {
    const found: Record<string, unknown> = Object.create(null);
    for (const [name, value] of node.of) found[name] = worth(value);
    return found;
  }
  return typeof node === "object" && node !== null ? node.map(worth) : node;
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function ours(bytes: Buffer, list: boolean, size: number, isWhole = true) {
  const found: { value: unknown; line: number; endsAt: number }[] = [];
  try {
    for await (const { members, line, endsAt } of parseObjects(pieces(bytes, size), {
      list,
      isWhole,
      encoding: "utf-8",
    }))
      found.push({ value: worth(members), line, endsAt });
  } catch (error) {
    if (!(error instanceof ObjectDamaged)) throw error;
    return { found, damaged: `${error.line} ${error.opened} ${error.message}` };
  }
  return { found };
}

const bare = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("W13 the reader of JSON", () => {
  it("reads what JavaScript's own does, whatever the pieces of the bytes are, and goes on from behind any object", async () => {
    for (let round = 0; round < 400; round++) {
      const list = random() < 0.5;
      const objects = Array.from({ length: 1 + below(5) }, () =>
        object([`"v":${written(0)}`, `"w" : ${written(0)}`]),
      );
      const between = list ? oneOf([",", ",\n", "\n, "]) : oneOf(["\n", "\r\n", "\n\n"]);
      const all = `${oneOf(["", "\uFEFF", "\n"])}${list ? "[" : ""}${objects.join(between)}${list ? "]\n" : ""}`;
      const bytes = Buffer.from(all);
      const expected = objects.map((each) => bare(JSON.parse(each)));
      const { found } = await ours(bytes, list, 1 + below(40));
      expect(
        found.map(({ value }) => bare(value)),
        all,
      ).toEqual(expected);
      for (const { line, value } of found)
        expect(all.split("\n")[line], all).toContain(
          Object.keys(value as object).length > 0 ? "{" : "",
        );
      const at = below(found.length);
      const rest = await ours(bytes.subarray(found[at]?.endsAt), list, 1 + below(40), false);
      expect(
        rest.found.map(({ value }) => bare(value)),
        all,
      ).toEqual(expected.slice(at + 1));
    }
  });

  it("refuses what JavaScript's own does, and the same wherever a piece ends", async () => {
    let refused = 0;
    for (let round = 0; round < 1_500; round++) {
      const whole = object([`"v":${written(0)}`, `"w":${written(0)}`]);
      const at = below(whole.length);
      const broken =
        whole.slice(0, at) +
        oneOf(["", ",", "}", '"', "]", "x", "\n", "0", "\\"]) +
        whole.slice(at + 1);
      let theirs: unknown;
      try {
        theirs = JSON.parse(Buffer.from(broken).toString());
      } catch {
        refused += 1;
      }
      const list = Buffer.from(`[${broken}]`);
      const one = await ours(list, true, 1 + below(30));
      expect(await ours(list, true, 10_000), broken).toEqual(one);
      // Two things are refused here alone: a name that stands twice, and a row that is none.
      const strict = one.damaged?.includes("stands twice") ?? false;
      const isRow = typeof theirs === "object" && theirs !== null && !Array.isArray(theirs);
      if (!strict) expect(one.damaged === undefined, broken).toBe(isRow);
      if (one.damaged === undefined)
        expect(one.found.map(({ value }) => bare(value))).toEqual([bare(theirs)]);
    }
    expect(refused).toBeGreaterThan(500);
  });
});

describe("W13 the same values from CSV and from JSON", () => {
  const { open, named } = csvFolder();

  it("are the same rows, whichever file they stand in and whichever order the names have", async () => {
    const columns = ["id", "nom", "note", "__proto__", "n"];
    for (let round = 0; round < 12; round++) {
      const rows = Array.from({ length: 200 }, (_, n) => [
        oneOf([String(n), `K-${n}`, String(n * 7919)]),
        ...Array.from({ length: 3 }, () => oneOf([null, "", text().toWellFormed(), "\\N", " x "])),
        oneOf([null, ...numbers]),
      ]);
      const json = (row: readonly (string | null)[]): string => {
        const members = columns.flatMap((name, at) => {
          const value = row[at] ?? null;
          if (value === null && random() < 0.5) return [];
          return [`${JSON.stringify(name)}:${name === "n" ? value : JSON.stringify(value)}`];
        });
        return object(random() < 0.3 ? members.reverse() : members);
      };
      const objects = rows.map(json);
      const csv = [columns, ...rows].map((row) =>
        row.map((cell) => (cell === null ? "" : `"${cell.replaceAll('"', '""')}"`)),
      );
      await named("csv.csv", csv.map((row) => row.join(",")).join("\n"));
      await named("lines.jsonl", objects.join("\n"));
      await named("list.json", `[${objects.join(",")}]`);
      const source = await open();
      const read = async (table: string) => {
        const found: unknown[] = [];
        const ranges = await source.ranges(table, ["id"], 60);
        for (const range of ranges)
          for await (const page of source.read(table, ["id"], columns, range, 25))
            found.push(...page);
        return { found, ranges: ranges.map(({ after, upTo }) => [after, upTo]) };
      };
      const expected = await read("csv");
      expect(expected.found).toHaveLength(200);
      expect(await read("lines")).toEqual(expected);
      expect(await read("list")).toEqual(expected);
    }
  });
});
