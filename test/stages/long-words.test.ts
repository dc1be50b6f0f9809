import { expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { findRun } from "../../lib/data/runs.ts";
import {
  defineMigration,
  is,
  mapped,
  not,
  otherwise,
  referenced,
  staged,
  table,
} from "../../lib/define/builders.ts";
import { reference, status, text } from "../../lib/define/field-builders.ts";
import { lookOf } from "../../lib/evidence/pinned.ts";
import { newestReport } from "../../lib/review/kept-report.ts";
import { heldGroups } from "../../lib/review/rows/held-groups.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { event } from "../console/event.ts";
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

it("W13 D25 labels of more letters than a row of an answer holds are held against the platform's names by their first thousand, shown and exported", async () => {
  const name = `The club of all ${"very ".repeat(250)}long names`;
  // Of so many words hardly any is in the name: as a whole the two are not alike.
  const words = Array.from({ length: 9_000 }, (_, n) => `${n * 7_919}`).join(" ");
  const labels = ["Gym", `${name} ${words}`, '"'.repeat(70_000)];
  const labelled = defineMigration({
    name: "long_labels",
    title: "Long labels",
    connection: "legacy",
    source: { things: table({ integer: "no" }, "word", "club"), clubs: table("no", "title") },
    references: {
      club: {
        kind: "by_name",
        from: "clubs",
        id: "no",
        label: "title",
        platform: { table: "clubs", id: "id", label: "name" },
        suggestFrom: 0.6,
        staging: { table: "thing_clubs", id: "club_no", label: "title", target: "club_id" },
      },
    },
    entity: {
      from: ["things"],
      fields: { word: text("word"), club: reference("club", "club") },
      decide: {},
      actions: {
        thing: {
          into: "things",
          id: "id",
          values: { word: staged("word"), club_id: mapped("club") },
          importedAs: "thing_id",
          inverse: "delete_created",
        },
      },
      plan: [
        {
          when: not(referenced("club", "mapped", "confirmed")),
          says: "Which club?",
          hold: "club_unknown",
        },
        { when: otherwise, says: "Every thing is moved.", commit: "thing" },
      ],
    },
  });
  const test = await testServices({
    world: {
      migration: labelled,
      platform: [
        "create table clubs (id bigint primary key, name text)",
        `insert into clubs values (6, 'Gym'), (7, '${name}')`,
        "create table things (id bigint generated always as identity primary key, word text, club_id bigint)",
      ],
      legacy: "",
    },
  });
  const folder = await folderOf(test, {
    clubs: [["no", "title"], ...labels.map((label, n) => [`${n + 1}`, label])],
    things: [["no", "word", "club"], ...labels.map((_, n) => [`${n + 1}`, "word", `${n + 1}`])],
  });
  try {
    await reviewedRun(test, run);
    expect(
      await test.query(
        "select club_id::int, status, length(title) as letters from wavegate.thing_clubs order by club_no",
      ),
    ).toEqual([
      { club_id: 6, status: "mapped", letters: 3 },
      { club_id: 7, status: "needs_review", letters: labels[1]?.length },
      { club_id: null, status: "unmapped", letters: 70_000 },
    ]);
    const { reference: called } = await findRun(test.services.sign, run);
    const pages = createConsole({ services: test.services, key: Buffer.alloc(32, 7) });
    for (const page of ["/mappings/club", "/rows/3", "/held"]) {
      const path = `/admin/legacy-imports/runs/${called}${page}`;
      expect([page, (await pages(event("GET", path, "operator"))).statusCode]).toEqual([page, 200]);
    }
    const { prefix } = await auditExport(test.services, run);
    const file = await test.services.evidence.get(`${prefix}/mappings-clubs.csv`);
    expect(file.toString()).toContain('"'.repeat(140_000));
  } finally {
    await test.close();
    await folder.remove();
  }
});
