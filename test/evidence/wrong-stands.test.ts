import { describe, expect, it } from "vitest";
import { digestOfParts } from "../../lib/evidence/review-digest.ts";
import type { Evidence } from "../../lib/evidence/verify/compare/evidence.ts";
import { samples } from "../../lib/evidence/verify/compare/samples.ts";
import { Lots } from "../../lib/evidence/verify/lots.ts";
import { RowFacts } from "../../lib/evidence/verify/rows.ts";
import { wildApricot } from "../../migrations/wild-apricot/definition.ts";

const parts = { definition: "d", run: "r", rows: "s", mappings: "m", export: "e" };

/** Who judged which rows of one state right or wrong, in this order: what is found about the log of it. */
function found(day: string, told: readonly { by: string; right?: number[]; wrong?: number[] }[]) {
  const log = told.map(({ by, right = [], wrong = [] }, index) => ({
    ...{ seq: index + 1, at: `${day}T10:0${index}:00.000Z`, actor: by, action: "samples-judged" },
    digest: "signed",
    details: {
      ...{ signOff: "s", right: right.length, rows: right },
      wrong: wrong.map((stagedId) => ({ stagedId, wrong: ["phone"] })),
    },
  }));
  const evidence = {
    facts: {
      summary: {
        pinned_to: { started_by: "operator" },
        dry_runs: [{ digest: digestOfParts(parts) }],
      },
      definition: { samples: [] },
      signOffs: [{ id: "s", digest: "signed", parts }],
      samples: [],
      log,
    },
    lists: { rows: { lots: new Lots([], "seed"), sampled: new Map() } },
  };
  return samples(evidence as unknown as Evidence).filter((each) => /^entry/u.test(each));
}

describe.each([
  ["R7 since that is refused, says", "2026-12-01", true],
  ["W12 of a log from before it was refused, says nothing", "2026-11-28", false],
])("%s", (_, day, says) => {
  it.each([
    [
      "that somebody takes back what another one judged wrong",
      [
        { by: "lina", wrong: [7] },
        { by: "amina", right: [8, 7] },
      ],
      "entry 2 of the log judges row 7, which lina had judged wrong",
    ],
    [
      "that somebody judges wrong in another way what another one judged wrong",
      [
        { by: "lina", wrong: [7] },
        { by: "amina", wrong: [7] },
      ],
      "entry 2 of the log judges row 7, which lina had judged wrong",
    ],
    [
      "that two things are said of one row",
      [{ by: "lina", right: [7], wrong: [7] }],
      "entry 1 of the log says two things of one row",
    ],
  ])("%s", (_what, told, finding) => {
    expect(found(day, told)).toEqual(says ? [finding] : []);
  });

  it.each([
    [
      "of one's own",
      [
        { by: "lina", wrong: [7] },
        { by: "LINA", right: [7] },
      ],
    ],
    [
      "of what another one judged right",
      [
        { by: "lina", right: [7] },
        { by: "amina", wrong: [7] },
      ],
    ],
  ])("nothing %s", (_what, told) => {
    expect(found(day, told)).toEqual([]);
  });
});

it("W12 a row of one kind of things says nothing of what became of a row of another kind", () => {
  const found = (more: Record<string, string>) => {
    const facts = new RowFacts(wildApricot, "seed", new Set());
    const row = { entity: "member", id: "1", source_table: "members", legacy_id: "1", ...more };
    const states = { import_state: "pending", wave: "", target_id: "", planned: "" };
    facts.note({ ...row, ...states }, "");
    return Object.keys(facts.contradictions.asRecord());
  };
  const says = "has an imported id of another kind of things";
  expect(found({ imported_event_id: "7" })).toContain(says);
  expect(found({ imported_event_id: "" })).not.toContain(says);
});
