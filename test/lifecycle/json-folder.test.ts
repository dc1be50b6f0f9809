import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSource } from "../../lib/sources/open.ts";
import { importRange } from "../../lib/stages/import-range.ts";
import { planImport } from "../../lib/stages/plan-import.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { acknowledged, reviewedRun } from "../support/steps.ts";
import { committed, rowsOf, stateOfEach, takenBack } from "./whole-life.ts";
import { rowing, rowingPlatform } from "./worlds/rowing.ts";

const [lines, list, csv] = [1, 2, 3].map((n) => `7f3a0000-0000-4000-8000-00000000ea0${n}`) as [
  string,
  string,
  string,
];
let test: TestServices;
let folder: string;

const id = (n: number) => `{"$oid":"65a1f0c2e4b0a1b2c3d4e5f${n}"}`;
/** As mongoexport writes them: names in any order, and not the same ones in each. */
const members = [
  `{"_id":${id(0)},"name":{"first":"Zoé","last":"Quartermain"},"contact":{"mail":"zoe@rowing.example"},"card":{"$numberLong":"1234567890123456789"},"fee":{"$numberDecimal":"1.10"},"plan":true,"joined":{"$date":"2019-03-01T00:00:00Z"},"extra":{"size":"M","won":[1,2.50]},"boats":[{"class":"8+","seat":3},{"class":"1x"}]}`,
  `{"joined":{"$date":{"$numberLong":"-315619200000"}},"_id":${id(1)},"card":12345678901234567890,"name":{"last":"Pryce","first":null},"plan":false,"boats":[]}`,
  `{"_id":${id(2)},"name":{"first":"Mo","last":"Sands"},"fee":12.345,"contact":null,"__proto__":"odd"}`,
  `{"_id":${id(3)},"name":{"first":"Lost\\ud800","last":"Lettersen"},"extra":null}`,
  `{"_id":${id(4)},"name":{"first":"Twice","last":"Extraman"},"extra":{"a":1,"a":2}}`,
  `{"_id":${id(5)},"name":{"first":"","last":""},"boats":[{"class":"2-"}]}`,
  `{"_id":${id(6)},"name":{"first":"Nan","last":"Feeley"},"fee":NaN}`,
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  await writeFile(join(folder, "members.jsonl"), `\uFEFF${members.join("\r\n")}\r\n`);
  test = await testServices({
    world: { migration: rowing, platform: [rowingPlatform], legacy: folder },
  });
});
afterAll(async () => {
  await test?.close();
  await rm(folder, { recursive: true, force: true });
});

const platform = () => rowsOf(test, ["members", "boats"]);
/** What a run staged, but its own number and those of its rows. */
const staged = (run: string) =>
  test.query(
    `select to_jsonb(m) - 'run_id' - 'id' as row from wavegate.rowing_member_source m where run_id = $1 order by legacy_id`,
    [run],
  );

describe("W13 a folder of JSON", () => {
  it("W13 R17 goes all the way and back: names in objects, rows of lists, numbers to the letter", async () => {
    const before = await platform();
    expect(await committed(test, lines)).toEqual([]);
    expect(await stateOfEach(test, "rowing_member", lines)).toEqual({
      "65a1f0c2e4b0a1b2c3d4e5f0": "committed",
      "65a1f0c2e4b0a1b2c3d4e5f1": "committed",
      "65a1f0c2e4b0a1b2c3d4e5f2": "held refused_by_platform",
      "65a1f0c2e4b0a1b2c3d4e5f3": "held noted_without_rule",
      "65a1f0c2e4b0a1b2c3d4e5f4": "held noted_without_rule",
      "65a1f0c2e4b0a1b2c3d4e5f5": "held name_missing",
      "65a1f0c2e4b0a1b2c3d4e5f6": "held noted_without_rule",
    });
    const noted = await test.query(
      "select findings from wavegate.rowing_member where run_id = $1 order by legacy_id",
      [lines],
    );
    expect(noted.map(({ findings }) => (findings as string[])[0])).toEqual([
      ...[undefined, undefined, undefined],
      ...["text_damaged", "json_unreadable", undefined, "number_unreadable"],
    ]);
    expect(
      await test.query(
        "select name, mail, card::text, fee::text, plan, joined::text, extra::text, odd from members order by id",
      ),
    ).toEqual([
      {
        name: "Quartermain Zoé",
        mail: "zoe@rowing.example",
        card: "1234567890123456789",
        fee: "1.10",
        plan: "full",
        joined: "2019-03-01",
        extra: '{"won": [1, 2.50], "size": "M"}',
        odd: null,
      },
      {
        name: "Pryce",
        mail: null,
        card: "12345678901234567890",
        fee: null,
        plan: "guest",
        joined: "1960-01-01",
        extra: null,
        odd: null,
      },
    ]);
    expect(
      await test.query(
        "select m.name, b.class, b.seat from boats b join members m on m.id = b.member_id order by b.class",
      ),
    ).toEqual([
      { name: "Quartermain Zoé", class: "1x", seat: null },
      { name: "Quartermain Zoé", class: "8+", seat: "3" },
    ]);
    expect(await takenBack(test, lines)).toEqual([]);
    expect(await platform()).toEqual(before);
  });

  it("W13 stages from one list, and from CSV of the same values, what it stages from lines", async () => {
    const columns = rowing.source.members?.columns ?? [];
    const source = await openSource({ driver: "csv", connection: "club", path: folder });
    const rows: (string | null)[][] = [];
    const whole = { table: "members", after: null, upTo: null };
    for await (const page of source.read("members", ["_id"], columns, whole, 100))
      rows.push(...page);
    const expected = await staged(lines);
    expect(expected).toHaveLength(7);

    await rm(join(folder, "members.jsonl"));
    await writeFile(join(folder, "members.json"), `[${members.toReversed().join(",\n")}]`);
    await reviewedRun(test, list);
    expect(await staged(list)).toEqual(expected);

    await rm(join(folder, "members.json"));
    const cells = [columns, ...rows].map((row) =>
      row.map((cell) => (cell === null ? "" : `"${cell.replaceAll('"', '""')}"`)).join(","),
    );
    await writeFile(join(folder, "members.csv"), cells.join("\n"));
    await reviewedRun(test, csv);
    expect(await staged(csv)).toEqual(expected);
  });

  it("R3 W13 refuses a file that another came in place of, between a run's beginning and its import", async () => {
    const run = "7f3a0000-0000-4000-8000-00000000ea04";
    await preflight(test.services, {
      ...{ migration: rowing.name, run, executionArn: `arn:${run}`, acknowledge: acknowledged },
    });
    const { ranges } = await planImport(test.services, run);
    await rm(join(folder, "members.csv"));
    await writeFile(join(folder, "members.jsonl"), members.join("\n"));
    await expect(importRange(test.services, run, ranges[0]?.range ?? 0)).rejects.toMatchObject({
      name: "SourceChanged",
      message: expect.stringMatching(/^The files in .* are not those that the run began with/u),
    });
  });
});
