import { expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { defineMigration, is, otherwise, staged, table } from "../../lib/define/builders.ts";
import { status, text } from "../../lib/define/field-builders.ts";
import { lookOf } from "../../lib/evidence/pinned.ts";
import { newestReport } from "../../lib/review/kept-report.ts";
import { heldGroups } from "../../lib/review/rows/held-groups.ts";
import { testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000b1401";

const worded = defineMigration({
  name: "long_words",
  title: "Long words",
  connection: "legacy",
  source: { things: table({ integer: "no" }, "word", "state") },
  entity: {
    from: ["things"],
    fields: { word: text("word"), state: status("state") },
    decide: {
      classification: [
        { is: "real", when: is("state", "Gold") },
        { is: "unknown", when: otherwise },
      ],
    },
    actions: {
      thing: {
        into: "things",
        id: "id",
        values: { word: staged("word") },
        importedAs: "thing_id",
        inverse: "delete_created",
      },
    },
    plan: [
      { when: is("classification", "real"), says: "What is real is moved.", commit: "thing" },
      { when: otherwise, says: "Nobody knows what that is.", hold: "unknown_state" },
    ],
  },
});

it("W13 D2 statuses that are remarks, more of them than an answer of the Data API holds, are judged, reported and told by their shape", async () => {
  const test = await testServices({
    world: {
      migration: worded,
      platform: [
        "create table things (id bigint generated always as identity primary key, word text)",
      ],
      legacy: "",
    },
  });
  const remarks = Array.from({ length: 60 }, (_, n) => [
    `${n + 2}`,
    "two",
    `${n} ${"字".repeat(7_990)}`,
  ]);
  const folder = await folderOf(test, {
    things: [["no", "word", "state"], ["1", "one", "Gold"], ...remarks],
  });
  try {
    await reviewedRun(test, run);
    const { sign } = test.services;
    const { unlisted_statuses: unlisted = [] } = (await newestReport(sign, run)) ?? {};
    expect(unlisted).toHaveLength(50);
    expect(Math.max(...unlisted.map((each) => each.status?.length ?? 0))).toBeLessThanOrEqual(300);
    expect(unlisted[0]).toMatchObject({ rows: 1, nearest: null });
    const found = await findRun(sign, run);
    const [held] = await heldGroups(sign, found, await lookOf(sign, found));
    expect(held).toMatchObject({ reason: "unknown_state", rows: 60 });
  } finally {
    await test.close();
    await folder.remove();
  }
});
