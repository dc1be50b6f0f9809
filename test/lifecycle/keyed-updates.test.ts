import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stop } from "../../lib/review/steer/control.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";
import { committed, standing, takenBack } from "./whole-life.ts";
import { rooms, roomsFiles, roomsPlatform } from "./worlds/rooms.ts";

const [first, second, third] = [1, 2, 3].map((n) => `7f3a0000-0000-4000-8000-00000000d60${n}`) as [
  string,
  string,
  string,
];
let legacy: string;
let test: TestServices;
beforeAll(async () => {
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  await writeFile(join(legacy, "rooms.csv"), `${roomsFiles.rooms.join("\n")}\n`);
  test = await testServices({
    world: { migration: rooms, platform: [roomsPlatform], legacy },
  });
});
afterAll(async () => {
  await test.close();
  await rm(legacy, { recursive: true });
});

const now = async () =>
  (await test.query("select house, no, title, remark from rooms order by 1, 2")).map((row) =>
    Object.values(row).join("|"),
  );
const asItWas = ["E|1|Old one|e1", "N|1|Old one|n1", "N|2|North two|n2", "S|1||s1"];

it("V10 M12 rows whose key is of several columns are brought up to date, each by its whole key, and back", async () => {
  expect(await committed(test, first)).toEqual([]);
  expect(
    (await standing(test, "rooms_rows", first)).map(({ no, state, why }) => [no, state, why]),
  ).toEqual([
    ["a", "committed", null],
    ["b", "skipped", "unchanged"],
    ["c", "committed", null],
    ["d", "committed", null],
    ["e", "committed", null],
  ]);
  expect(await now()).toEqual([
    "E|1|Old one|e1",
    "N|1|North one|n1",
    "N|2|North two|n2",
    "S|1|South one|s1",
    "S|2|South two|",
    "W|1|West one|",
  ]);
  expect(await takenBack(test, first)).toEqual([]);
  expect(await now()).toEqual(asItWas);
});

it("D16 B1 one that was edited is named by its whole key, in preview and act", async () => {
  expect(await committed(test, second)).toEqual([]);
  await test.query("update rooms set title = 'edited' where house = 'N' and no = 1");
  await test.query("update rooms set remark = 'edited' where house = 'S' and no = 2");
  const { waves } = await previewRollback(test.services, second);
  const act = await rollback(test.services, second);
  const conflicts = (of: readonly { conflicts: readonly unknown[] }[]) =>
    of.flatMap((wave) => wave.conflicts);
  expect(conflicts(waves)).toEqual(conflicts(act.waves));
  expect(conflicts(act.waves)).toEqual(
    expect.arrayContaining([
      {
        table: "rooms",
        id: '{"no": 1, "house": "N"}',
        conflict: { edited: true, referenced: false, changed: ["title"] },
      },
      {
        table: "rooms",
        id: '{"no": 2, "house": "S"}',
        conflict: { edited: true, referenced: false, changed: ["remark"] },
      },
    ]),
  );
  expect(act.waves.map(({ previewed }) => previewed)).toEqual(act.waves.map(() => null));
  await test.query("update rooms set title = 'North one' where title = 'edited'");
  await test.query("update rooms set remark = null where remark = 'edited'");
  expect((await rollback(test.services, second)).outcome).toBe("rolled_back");
  expect(await now()).toEqual(asItWas);
});

it("M12 V10 what was brought up to date, and has no entry in the ledger any more, is never said to be taken back", async () => {
  expect(await committed(test, third)).toEqual([]);
  await test.query(
    `delete from wavegate.legacy_import_commit_logs where run_id = $1 and target_key ->> 'house' in ('N', 'W')`,
    [third],
  );
  const refused = () =>
    rollback(test.services, third).then(
      () => "",
      ({ name, message }: Error) => `${name}: ${message}`,
    );
  expect(await refused()).toMatch(
    /^LedgerIncomplete: 2 rows that .*: 2 of rooms \(staged \d+, \d+\)\. .*; once somebody took them .* comes to its end; what was there before, and was changed, keeps what was written\. Until that is decided no other run of /u,
  );
  expect(await now()).toEqual([
    "E|1|Old one|e1",
    "N|1|North one|n1",
    "N|2|North two|n2",
    "S|1||s1",
    "W|1|West one|",
  ]);
  await test.query("delete from rooms where house = 'W'");
  expect(await refused()).toMatch(
    /: 1 of rooms \(staged \d+\)\. .*; they were on the platform before, and keep what was written\. Until that is decided no other run of /u,
  );
  expect((await standing(test, "rooms_rows", third)).map(({ no, state }) => [no, state])).toEqual([
    ["a", "committed"],
    ["b", "skipped"],
    ["c", "rolled_back"],
    ["d", "rolled_back"],
    ["e", "rolled_back"],
  ]);
  // Whoever knows what it held writes it back; and the next run begins once this one is over.
  await test.query("update rooms set title = 'Old one' where house = 'N' and no = 1");
  await stop(test.services.sign, third, "operator");
});

it.each([
  [
    "the platform refuses",
    "WaveRefused",
    "alter table rooms add constraint no_west check (title <> 'West one') not valid",
    "alter table rooms drop constraint no_west",
    "held refused_by_platform",
    /^No row of wave 2 of \S+ was written: 1 row is held as the platform refused it \(no_west 1\)\. `wavegate held .*; mend what refuses it .* `wavegate release /,
  ],
  [
    "came meanwhile",
    "NothingToCommit",
    "insert into rooms (house, no, title) values ('W', 1, 'Their own')",
    "delete from rooms where house = 'W'",
    "held platform_changed_since_review",
    /^No row of wave 2 of \S+ was written: 1 row is held as the platform changed since the review\. `wavegate held .* is held and why; `wavegate release /,
  ],
])(
  "D38 W3 R17 of a wave of which the only row %s nothing stands: %s, the run goes on to its end, and back",
  async (_what, name, disturb, mend, held, message) => {
    const run = randomUUID();
    await reviewedRun(test, run, { wavePlan: [3, 10] });
    await test.query(disturb);
    await expect(toTheEnd(test, run)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
    expect(await test.query("select wave from wavegate.waves where run_id = $1", [run])).toEqual([
      { wave: 1 },
    ]);
    const [last] = (await standing(test, "rooms_rows", run)).slice(-1);
    expect(`${last?.state} ${last?.why}`).toBe(held);
    await toTheEnd(test, run);
    expect((await finalVerify(test.services, run)).passed).toBe(true);
    expect(await takenBack(test, run)).toEqual([]);
    await test.query(mend);
    expect(await now()).toEqual(asItWas);
  },
);
