import { expect, it } from "vitest";
import type { Aws } from "../../lib/cli/aws.ts";
import { happeningsOf } from "../../lib/cli/happenings.ts";
import type { Run } from "../../lib/data/runs.ts";
import { render, type Sql } from "../../lib/data/sql.ts";

const at = "2026-11-20T10:00:00.000Z";
const signOff = {
  ...{ id: "1", gate: "scale_up", digest: "d", asked_at: at, comment: null },
  ...{ override_by: null, override_reason: null, closed_at: null },
};

/** A database that answers each look with the next rows, as records in pieces where it is asked for such. */
const answering = (told: object[][]): Aws => {
  const pieces = (rows: readonly object[]) =>
    rows.map((row) => ({
      piece: Buffer.from(JSON.stringify(row)).toString("base64"),
      ends: true,
      left: rows.length,
    }));
  const rows = async (statement: Sql) => {
    const found = told.shift() ?? [];
    return render(statement).sql.includes("encode(piece") ? pieces(found) : found;
  };
  return { db: { rows } } as unknown as Aws;
};

it.each([
  ["pending", null, null, "▸ sign-off scale_up: pending"],
  ["approved", "karima", null, "✓ sign-off scale_up: approved by karima"],
  ["rejected", "karima", null, "✗ sign-off scale_up: rejected by karima"],
  ["changes", "karima", null, "✗ sign-off scale_up: changes asked for by karima"],
  [
    "voided",
    null,
    "a newer one replaced it",
    "· sign-off scale_up: voided: a newer one replaced it",
  ],
  [
    "voided",
    "karima",
    "the run was rolled back",
    "· sign-off scale_up: voided (approved by karima): the run was rolled back",
  ],
] as const)(
  "W8 W12 a sign-off that is %s by %s is told of in the name of who did it, and of nobody else",
  async (answer, decided_by, void_because, line) => {
    const changes_asked = answer === "changes";
    const status = changes_asked ? "rejected" : answer;
    const decided_at = decided_by === null ? null : at;
    const told = [
      [],
      [{ ...signOff, status, changes_asked, decided_by, decided_at, void_because }],
    ];
    const aws = answering(told);
    const { lines } = await happeningsOf(aws, null)({ id: "1" } as Run, true);
    expect(lines.map((each) => each.slice(9))).toEqual([line]);
  },
);

it.each([
  ["when the log tells of it", "2026-11-20T10:30:00.000Z", "10:30:00"],
  ["at once behind the question, where nothing tells when", null, "10:00:00"],
])(
  "W12 a question that was withdrawn long ago stands %s, and not at this moment",
  async (_what, closed_at, shown) => {
    const old = { status: "voided", decided_by: null, decided_at: null, changes_asked: false };
    const line = { ...signOff, ...old, void_because: "a newer one replaced it", closed_at };
    const told = [[], [line], [], [line, { ...line, gate: "wave:3" }]];
    const aws = answering(told);
    const look = happeningsOf(aws, null);
    const { lines } = await look({ id: "1" } as Run, true);
    expect(lines.map((each) => each.slice(0, 8))).toEqual([shown]);
    // One that was seen open is withdrawn when that is seen.
    const { lines: later } = await look({ id: "1" } as Run, true);
    if (closed_at === null) expect(later[0]?.slice(0, 8)).not.toBe(shown);
    expect(later).toHaveLength(1);
  },
);

it("W12 a wave that a drill took back between two looks is told as verified, once and in its place", async () => {
  const wave = { wave: 1, size: 25, clean: true, counts: { committed: 25 } };
  const committed = { ...wave, round: 1, status: "committed", clean: null, at };
  const again = { ...wave, round: 2, status: "verified", at: "2026-11-20T10:00:02.000Z" };
  const verified = { wave: 1, round: 1, passed: true, at: "2026-11-20T10:00:01.000Z" };
  const told = [[committed], [], [again], [], [verified], [again], []];
  const aws = answering(told);
  const look = happeningsOf(aws, null);
  const run = { id: "1" } as Run;
  expect((await look(run, true)).lines).toEqual([]);
  expect((await look(run, true)).lines).toEqual([
    "10:00:01 ✓ wave 1: verified, and taken back since",
    "10:00:02 ✓ wave 1 (round 2): verified, clean  25 committed",
  ]);
  expect((await look(run, true)).lines).toEqual([]);
});

it("W12 a wave that was seen verified is not told again once it is taken back", async () => {
  const wave = { wave: 1, size: 25, clean: true, counts: { committed: 25 }, at };
  const first = { ...wave, round: 1, status: "verified" };
  const told = [[first], [], [{ ...first, status: "rolled_back" }], []];
  const aws = answering(told);
  const look = happeningsOf(aws, null);
  const run = { id: "1" } as Run;
  await look(run, true);
  expect((await look(run, true)).lines).toEqual([
    "10:00:00 · wave 1: rolled back, clean  25 committed",
  ]);
});

it("W12 of what the log tells of verified waves those alone are told that are gone and were not seen", async () => {
  const wave = (n: number, status: string) => ({
    ...{ wave: n, round: 1, size: 25, status, clean: status === "committed" ? null : true },
    ...{ counts: { committed: 25 }, at },
  });
  const seen = [wave(1, "verified"), wave(2, "committed")];
  const spared = { committed: 25, rolledBack: { undone: 21, spared: 4, gone: 0 } };
  const gone = [
    wave(1, "rolled_back"),
    { ...wave(2, "rolled_back"), counts: spared },
    wave(3, "committed"),
  ];
  const log = [1, 2, 3].map((n) => ({ wave: n, round: 1, passed: true, at }));
  const told = [seen, [], gone, [], log];
  const aws = answering(told);
  const look = happeningsOf(aws, null);
  const run = { id: "1" } as Run;
  await look(run, true);
  expect((await look(run, true)).lines.map((line) => line.slice(9))).toEqual([
    "✓ wave 2: verified, and taken back since",
    "· wave 1: rolled back, clean  25 committed",
    "· wave 2: rolled back, clean  25 committed; 21 taken back, 4 spared",
  ]);
});
