import { expect, it } from "vitest";
import type { Aws } from "../../lib/cli/aws.ts";
import { happeningsOf } from "../../lib/cli/happenings.ts";
import type { Run } from "../../lib/data/runs.ts";

const at = "2026-11-20T10:00:00.000Z";
const signOff = {
  ...{ id: "1", gate: "scale_up", digest: "d", asked_at: at, comment: null },
  ...{ override_by: null, override_reason: null, closed_at: null },
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
    const aws = { db: { rows: async () => told.shift() } } as unknown as Aws;
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
    const aws = { db: { rows: async () => told.shift() } } as unknown as Aws;
    const look = happeningsOf(aws, null);
    const { lines } = await look({ id: "1" } as Run, true);
    expect(lines.map((each) => each.slice(0, 8))).toEqual([shown]);
    // One that was seen open is withdrawn when that is seen.
    const { lines: later } = await look({ id: "1" } as Run, true);
    if (closed_at === null) expect(later[0]?.slice(0, 8)).not.toBe(shown);
    expect(later).toHaveLength(1);
  },
);
