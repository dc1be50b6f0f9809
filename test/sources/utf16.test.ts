import { describe, expect, it } from "vitest";
import { checkedUtf8 } from "../../lib/sources/csv/letters.ts";
import { readRecords } from "../../lib/sources/csv/records.ts";
import { survey } from "../../lib/sources/folder/survey.ts";
import { jsonColumns, jsonRecords } from "../../lib/sources/json/records.ts";
import { START } from "../../lib/sources/place.ts";
import { fromUtf16 } from "../../lib/sources/utf16.ts";
import { mulberry32 } from "../support/random.ts";
import { csvFolder, pagesOf } from "./csv-folder.ts";

const { file, named, open, path, pathOf } = csvFolder();
const random = mulberry32(20_261_201);
const oneOf = <Of>(list: readonly Of[]): Of => list[Math.floor(random() * list.length)] as Of;

const little = (text: string) => Buffer.from(`\uFEFF${text}`, "utf16le");
const big = (text: string) => little(text).swap16();
const orders = [
  ["little-endian", little],
  ["big-endian", big],
] as const;

const ranges = async () => (await open()).ranges("people", "id", 7_000);
const unreadable = (message: string) => ({ name: "SourceRowUnreadable", message });

async function collected<Of>(all: AsyncIterable<Of>): Promise<Of[]> {
  const found: Of[] = [];
  for await (const each of all) found.push(each);
  return found;
}

describe("V11 a file in UTF-16 with its mark", () => {
  it.each(orders)("is read as its text in UTF-8 is, range by range: %s", async (_, write) => {
    const name = (i: number) => `é 🌸 ${i}\n"x"`;
    const lines = Array.from(
      { length: 23_000 },
      (_, i) => `${i + 1}\t"${name(i + 1).replaceAll('"', '""')}"`,
    );
    await file("people", write(`id\tnom\r\n${lines.join("\r\n")}\r\n`));
    const source = await open();
    const found = await ranges();
    expect(found.map(({ upTo }) => upTo)).toEqual(["7000", "14000", "21000", "23000"]);
    const pages = [];
    for (const range of found) pages.push(...(await pagesOf(source, ["id", "nom"], range, 999)));
    expect(pages.flat()).toEqual(lines.map((_, i) => [`${i + 1}`, name(i + 1)]));
  });

  it("has the records of its text in UTF-8, on the same lines, and is read on from behind each of them", async () => {
    const letters = ['"a"', '"b\nc"', '"🌸""é"', "ж", "🌸", "", "\\N", "x", '"\uFEFF"'];
    for (let turn = 0; turn < 30; turn++) {
      const end = oneOf(["\n", "\r\n", "\r"]);
      const row = () => `${oneOf(letters)};${oneOf(letters)}${end.repeat(oneOf([1, 1, 2]))}`;
      const text = `id;nom${end}${Array.from({ length: 8 }, row).join("")}`.replaceAll(
        "\n",
        end === "\r" ? "\r" : "\n",
      );
      await file("people", text);
      const expected = await collected(readRecords(pathOf("people")));
      for (const [, write] of orders) {
        await file("people", write(text));
        const found = await collected(readRecords(pathOf("people")));
        const told = ({ fields, line }: (typeof found)[number]) => ({ fields, line });
        expect(found.map(told), JSON.stringify(text)).toEqual(expected.map(told));
        for (const [at, { endsAt, endsOn }] of found.entries()) {
          const rest = await collected(
            readRecords(pathOf("people"), { byte: endsAt, line: endsOn }),
          );
          expect(rest, JSON.stringify(text)).toEqual(found.slice(at + 1));
        }
      }
    }
  });

  it.each(orders)("may be one of JSON, read on from behind each object: %s", async (_, write) => {
    const objects = [{ id: "1", nom: "🌸" }, { id: "2", nom: "é\n" }, { id: "3" }];
    for (const text of [
      objects.map((each) => `${JSON.stringify(each)}\r\n\r\n`).join(""),
      JSON.stringify(objects, null, 2),
    ]) {
      await named("people.json", write(text));
      const json = `${path()}/people.json`;
      const columns = await jsonColumns(json);
      const found = await collected(jsonRecords(json, START, columns));
      expect(found.map(({ fields }) => fields)).toEqual([
        ["1", "🌸"],
        ["2", "é\n"],
        ["3", null],
      ]);
      for (const [at, { endsAt, endsOn }] of found.entries())
        expect(await collected(jsonRecords(json, { byte: endsAt, line: endsOn }, columns))).toEqual(
          found.slice(at + 1),
        );
    }
  });

  it.each(orders)("W13 names the line of a fault: %s", async (_, write) => {
    const rows = (count: number) =>
      Array.from({ length: count }, (_, i) => `${i + 1},🌸\r\n`).join("");
    await file("people", write(`id,nom\r\n${rows(40_000)}40001,a"b\r\n`));
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        "people.csv, line 40002: a quotation mark stands inside an unquoted field; nothing was read. Correct the line or export the table again.",
      ),
    );
    await file("people", write(`id,nom\r\n${rows(40_000)}40001,\ud83c\r\n`));
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        "people.csv, line 40002: the text is not valid UTF-16; nothing was read. Export the table again.",
      ),
    );
    await file("people", write(`id,nom\r\n${rows(2)}`).subarray(0, -1));
    await expect(ranges()).rejects.toMatchObject(
      unreadable(
        "people.csv, line 3: the file ends within a letter, as where it was cut off; nothing was read. Export the table again.",
      ),
    );
  });

  it.each([
    ["LE", (text: string) => little(text).subarray(2)],
    ["BE", (text: string) => big(text).subarray(2)],
  ])(
    "W13 is refused without that mark, by its name, and told how to convert it: %s",
    async (order, write) => {
      for (const [name, content] of [
        ["people.csv", "id,nom\n1,a\n"],
        ["people.json", '[{"id":1}]'],
      ] as const) {
        await file("people", "");
        await named(name, write(content));
        const read =
          name === "people.csv" ? survey(pathOf("people"), "id") : jsonColumns(`${path()}/${name}`);
        await expect(read).rejects.toMatchObject(
          unreadable(
            `${name} is UTF-16 without the mark that tells the order of its bytes; nothing was read. Export it with one, or convert it: iconv -f UTF-16${order} -t UTF-8.`,
          ),
        );
      }
    },
  );
});

describe("W3 W13 letters of a file", () => {
  it("are passed on piece by piece, wherever lines end, cut between letters alone", async () => {
    const text = "é🌸ж,\r".repeat(50);
    for (const size of [1, 2, 3, 5, 7, 64])
      for (const [bytes, pass] of [
        [
          Buffer.from(text),
          (from: AsyncIterable<Buffer>) => checkedUtf8(from, "people.csv", 1, "\r"),
        ],
        [
          little(text).subarray(2),
          (from: AsyncIterable<Buffer>) => fromUtf16(from, "utf-16le", "people.csv", 1, "\r"),
        ],
      ] as const) {
        let read = 0;
        const pieces = (async function* () {
          for (; read < bytes.length; read += size) yield bytes.subarray(read, read + size);
        })();
        const found: Buffer[] = [];
        for await (const piece of pass(pieces)) {
          found.push(piece);
          expect(piece.toString()).not.toContain("\uFFFD");
          expect(read - Buffer.concat(found).length).toBeLessThanOrEqual(
            bytes.length - Buffer.from(text).length + size + 4,
          );
        }
        expect(Buffer.concat(found).toString()).toBe(text);
      }
  });

  it("that are none are told by their line where carriage returns alone end one", async () => {
    await file(
      "people",
      Buffer.concat([Buffer.from("id,nom\r1,é\r2,"), Buffer.from([0xe9]), Buffer.from("\r")]),
    );
    await expect(ranges()).rejects.toMatchObject({
      message: expect.stringMatching(/^people\.csv, line 3: the text is not valid UTF-8;/),
    });
    await file("people", 'id,nom\r1,"a\rb"\r"2\r",b"c\r');
    await expect(ranges()).rejects.toMatchObject({
      message: expect.stringMatching(/^people\.csv, line 5: a quotation mark stands inside/),
    });
  });
});

describe("W13 places from which a file is read on", () => {
  it.each([
    [
      "people.csv",
      ["id,nom", ...Array.from({ length: 12_000 }, (_, i) => `\n\n${i + 1},a`)].join(""),
    ],
    ["people.jsonl", Array.from({ length: 12_000 }, (_, i) => `\n{"id":${i + 1}}`).join("\n")],
  ])("tell the same lines as its beginning: %s", async (name, content) => {
    await named(name, content);
    const { places, table } = await survey(`${path()}/${name}`, "id");
    const whole = await collected(table.rows(START));
    expect(places.map(({ after }) => after)).toEqual([5_000, 10_000]);
    for (const { after, place } of places)
      expect(await collected(table.rows(place))).toEqual(whole.slice(after as number));
  });
});
