import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Migration } from "../../lib/define/definition.ts";
import type { Evidence } from "../../lib/evidence/verify/compare/evidence.ts";
import { gatesPassed } from "../../lib/evidence/verify/compare/gates.ts";
import { mappings } from "../../lib/evidence/verify/compare/mappings.ts";
import { type ForgedWorld, forgedWorld } from "./forged-world.ts";
import type { Forger } from "./forger.ts";
import { loneLies, loneReviewLies } from "./lone-lies.ts";

let forged: ForgedWorld;
beforeAll(async () => {
  forged = await forgedWorld();
});
afterAll(() => forged.close());

const failures = async (of: Forger, tell: (forger: Forger) => unknown): Promise<string> =>
  (await forged.failed(of, tell)).map(({ message }) => message).join("\n");

describe("what one comparison alone finds, and names", () => {
  it.each(loneLies)("W12 %s", async (_, tell, says) => {
    expect(await failures(forged.whole, tell)).toMatch(says);
  });

  it.each(loneReviewLies)("W12 R10 of a review export %s", async (_, tell, says) => {
    expect(await failures(forged.review, tell)).toMatch(says);
  });
});

describe("D12 D38 waves without a question of their own", () => {
  /** A wave as it was written, and whether it rests on the question before all of them. */
  interface Told {
    readonly size: number;
    readonly refused?: number;
    readonly own?: boolean;
  }
  /** What is found about waves behind the second, of which each was verified. */
  function found(gates: string, waves: readonly Told[]): string[] {
    const signOffs = ["first_wave", "scale_up", ...waves.map((_, n) => `wave:${n + 3}`)];
    const entries = signOffs.map((gate) => ({
      ...{ action: "sign-off-approved", digest: "d", details: { signOff: gate, gate } },
    }));
    const written = (wave: number, sign_off: string, { size, refused = 0 }: Told) => [
      {
        ...{ action: "commit", digest: "d" },
        details: {
          ...{ wave, round: 1, size, sign_off, picked: size - refused },
          refused: { users_pkey: refused },
        },
      },
      { action: "verify", digest: null, details: { wave, round: 1, passed: true } },
    ];
    const [second = { size: 1 }, ...others] = waves;
    const log = [
      ...entries,
      ...written(1, "first_wave", { size: 1 }),
      { action: "drill", digest: null, details: { passed: true } },
      ...written(2, "scale_up", second),
      ...others.flatMap((each, n) => written(n + 3, each.own ? `wave:${n + 3}` : "scale_up", each)),
    ];
    const pinned_to = { gates, wave_plan: [1000], started_at: "2026-12-01T10:00:00Z" };
    return gatesPassed({
      facts: { log, signOffs: signOffs.map((id) => ({ id })), waves: [], summary: { pinned_to } },
    } as unknown as Evidence);
  }
  const needs = (wave: number) => [
    `wave ${wave} rests on the approval of scale_up, and needs that of wave:${wave}`,
  ];

  it.each([
    ["on-anomaly", [{ size: 25 }, { size: 25 }], []],
    ["on-anomaly", [{ size: 25, refused: 1 }, { size: 25 }], needs(3)],
    ["on-anomaly", [{ size: 100, refused: 1 }, { size: 25 }], []],
    ["every-wave", [{ size: 249 }, { size: 25 }], needs(3)],
    ["every-wave", [{ size: 250 }, { size: 25 }], []],
    ["every-wave", [{ size: 250, refused: 3 }, { size: 25 }], needs(3)],
    ["every-wave", [{ size: 250, refused: 3 }, { size: 25, own: true }, { size: 25 }], needs(4)],
    ["every-wave", [{ size: 250 }, { size: 25, refused: 1 }, { size: 25 }], needs(4)],
  ] as const)("with %s of waves %j finds %j", (gates, waves, says) => {
    expect(found(gates, waves)).toEqual(says);
  });
});

describe("B8 W12 which of several rows a person meant", () => {
  const decided = (by: string, id: number, target: string) => ({
    ...{ action: "mappings-decided", actor: by, seq: 1, digest: null },
    details: { table: "staged_owner_choices", decisions: [{ id, confirm: true, target }] },
  });
  const row = { legacy_id: "7", candidates: "a b", target: "a", status: "confirmed" };
  const found = (rows: readonly object[], log: readonly object[]) => {
    const refs = { owner: { asks: { as: "owner" } } };
    const entity = { refs, staging: { table: "staged" } } as unknown as Migration["entity"];
    return mappings({
      facts: { log, definition: { references: {}, entity } },
      lists: { mappings: rows.length === 0 ? {} : { "mappings-owners.csv": rows } },
    } as unknown as Evidence);
  };
  const right = { ...row, decided_by: "lina" };

  it.each([
    ["what the log says", [right], [decided("lina", 7, "a")], []],
    [
      "another person",
      [{ ...row, decided_by: "amina" }],
      [decided("lina", 7, "a")],
      ["the log has another person than mappings-owners.csv for owner of 7"],
    ],
    [
      "another target",
      [right],
      [decided("lina", 7, "b")],
      ["owner of 7 goes to another target in the log"],
    ],
    [
      "what could not be meant",
      [{ ...right, target: "c" }],
      [decided("lina", 7, "c")],
      ["owner of 7 is confirmed and means “c”"],
    ],
    [
      "a state that nobody gave it",
      [{ ...right, status: "needs_review" }],
      [decided("lina", 7, "a")],
      [
        "the state of owner of 7 is confirmed in the log and needs_review in mappings-owners.csv",
        "owner of 7 is needs_review and means “a”",
      ],
    ],
    [
      "a row twice",
      [right, right],
      [decided("lina", 7, "a")],
      ["mappings-owners.csv has an id twice"],
    ],
    [
      "a decision about none",
      [right],
      [decided("lina", 7, "a"), decided("lina", 8, "a")],
      ["the log decides about owner of 8, which mappings-owners.csv has not"],
    ],
    ["no file", [], [], ["mappings-owners.csv is not in the bundle"]],
  ])("%s", (_, rows, log, says) => {
    expect(found(rows, log)).toEqual(says);
  });
});
