import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import {
  commit,
  defineMigration,
  each,
  entity,
  insert,
  skip,
  table,
  text,
} from "../../lib/define/builders.ts";
import { partsOf } from "../../lib/define/several.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { importAll } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000d1620";

/** Pupils and what they play: as an array of PostgreSQL, as JSON, and as a text with semicolons. */
const school = defineMigration({
  name: "plays",
  title: "Who plays what",
  connection: "old-school",
  source: {
    pupils: table("no", "plays", "tags", "lines"),
    plays: each("pupils", "plays"),
    once: each("pupils", "plays", { key: "item" }),
    tags: each("pupils", "tags", { by: ";", key: "item" }),
    places: each("pupils", "tags", { by: ";" }),
    lines: each("pupils", "lines", { by: "\n", key: "item" }),
    mixed: each("pupils", "lines", { by: [",", ";", " and ", " ", "\n", "(*)"], key: "item" }),
  },
  entities: [
    entity("pupil", {
      from: ["pupils"],
      fields: {},
      decide: {},
      actions: {},
      plan: [skip("part")],
    }),
    entity("play", {
      from: ["plays", "once", "tags", "places", "lines", "mixed"],
      fields: { what: text("item") },
      decide: {},
      actions: { play: insert("plays", { what: "what" }) },
      plan: [commit("play")],
    }),
  ],
});

const rows: readonly (readonly [no: string, plays: string, tags: string, lines?: string])[] = [
  ["1", `"{GIT,""a, b""}"`, "loud; early ;;loud;"],
  ["2", `"[""GIT"",""KLV""]"`, "quiet"],
  ["3", "{}", " "],
  ["4", "", ";", '"piano\r\n big drum \n\npiano"'],
  ["5", `"{{GIT,KLV},{HRF,NULL}}"`, ""],
  ["6", "GIT", "", '"oboe, flute;tuba AND horn(*)harp"'],
  ["7", `"{""a"":""b""}"`, ""],
  ["8", `"{GIT,GIT}"`, ""],
  ["9", `"[0:1]={GIT,KLV}"`, ""],
  // What no database keeps.
  ["10", `"[""G\0IT""]"`, "o\0dd; o\0dd"],
];

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(
    school,
    "create table plays (id bigint generated always as identity primary key, what text)",
    { pupils: ["no,plays,tags,lines", ...rows.map((row) => [...row, ""].slice(0, 4).join(","))] },
  );
  await importAll(test, run);
});
afterAll(() => test?.close());

const made = async (name: string) =>
  (
    await test.query<{ says: string }>(
      "select concat_ws(' ', legacy_id, what, raw_payload ->> 'item.place', findings ->> 0) as says from wavegate.plays_play where run_id = $1 and source_table = $2 order by id",
      [run, name],
    )
  ).map(({ says }) => says);

describe("B5 rows of the elements of a list", () => {
  it("are made of JSON and of arrays as PostgreSQL writes them, of all their dimensions, by their places", async () => {
    expect(await made("plays")).toEqual([
      "list_unreadable",
      "list_unreadable",
      '["1","1"] GIT 1',
      '["1","2"] a, b 2',
      '["10","1"] G\uFFFDIT 1 text_damaged',
      '["2","1"] GIT 1',
      '["2","2"] KLV 2',
      '["5","1"] GIT 1',
      '["5","2"] KLV 2',
      '["5","3"] HRF 3',
      '["5","4"] 4',
      '["8","1"] GIT 1',
      '["8","2"] GIT 2',
      '["9","1"] GIT 1',
      '["9","2"] KLV 2',
    ]);
  });

  it("are known by their elements where that is said, each once", async () => {
    expect((await made("once")).filter((says) => /"[28]"/.test(says))).toEqual([
      '["2","GIT"] GIT 1',
      '["2","KLV"] KLV 2',
      '["8","GIT"] GIT 1',
    ]);
  });

  it("are made of a text that is parted by something, without blanks and what is empty", async () => {
    expect(await made("tags")).toEqual([
      '["1","early"] early 2',
      '["1","loud"] loud 1',
      '["10","o\uFFFDdd"] o\uFFFDdd 1 text_damaged',
      '["2","quiet"] quiet 1',
    ]);
    expect(await made("lines")).toEqual([
      '["4","big drum"] big drum 2',
      '["4","piano"] piano 1',
      '["6","oboe, flute;tuba AND horn(*)harp"] oboe, flute;tuba AND horn(*)harp 1',
    ]);
    // By any of several marks, whatever the case of their letters: the longest that stands there.
    expect(await made("mixed")).toEqual([
      '["4","big"] big 2',
      '["4","drum"] drum 3',
      '["4","piano"] piano 1',
      ...["oboe 1", "flute 2", "tuba 3", "horn 4", "harp 5"]
        .map((says) => `["6","${says.slice(0, -2)}"] ${says}`)
        .toSorted(),
    ]);
    expect(await made("places")).toEqual([
      '["1","1"] loud 1',
      '["1","2"] early 2',
      '["1","3"] loud 3',
      '["10","1"] o\uFFFDdd 1 text_damaged',
      '["10","2"] o\uFFFDdd 2 text_damaged',
      '["2","1"] quiet 1',
    ]);
  });

  it("check tells how many rows have no list there", async () => {
    const source = await openSource(sourceSettings("old-school", test.legacy));
    const { problems } = await checkSource(school, source, "2026-11-20");
    await source.close();
    expect(
      problems.filter(({ id }) => id === "list_unread").map(({ says, rows }) => [says, rows]),
    ).toEqual([
      [
        "“plays” of “pupils” holds something that is no list, or is a longer one than is read. Of such a row “plays” makes one row, which is held.",
        2,
      ],
      [
        "“plays” of “pupils” holds something that is no list, or is a longer one than is read. Of such a row “once” makes one row, which is held.",
        2,
      ],
    ]);
  });

  it("B12 W13 check tells of lists that an import would cut, however long they are", async () => {
    const folder = await mkdtemp(join(tmpdir(), "wavegate-long-lists-"));
    const list = (letters: number) => `"[""${"x".repeat(letters)}""]"`;
    const rows = [list(10), list(50_000), list(12_000_000)].map((each, at) => `${at},${each},,`);
    await writeFile(join(folder, "pupils.csv"), ["no,plays,tags,lines", ...rows, ""].join("\n"));
    const source = await openSource({ driver: "csv", connection: "old-school", path: folder });
    const { problems } = await checkSource(school, source, "2026-11-20");
    await source.close();
    await rm(folder, { recursive: true });
    expect(problems.flatMap(({ id, rows }) => (id === "list_unread" ? [rows] : []))).toEqual([
      2, 2,
    ]);
  });

  it("B12 are parted by something", () => {
    const source = { ...school.source, tags: each("pupils", "tags", { by: "" }) };
    expect(definitionFaults({ ...school, source } as never).join("\n")).toContain(
      "is parted by nothing: letter by letter.",
    );
    expect(partsOf(school)).toHaveLength(2);
  });
});
