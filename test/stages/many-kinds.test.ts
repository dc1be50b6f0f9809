import { afterAll, expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import { createConsole } from "../../lib/console/app.ts";
import { findRun } from "../../lib/data/runs.ts";
import { commit, defineMigration, entity, insert, table, text } from "../../lib/define/builders.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { event } from "../console/event.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000b1801";
/** As many kinds of things as a migration may have, of names as long as they may be. */
const kinds = Array.from({ length: 100 }, (_, n) => `kind_of_legacy_things_nr_${n + 1}`);
const manyKinds = defineMigration({
  name: "many_kinds",
  title: "Many kinds",
  connection: "legacy",
  source: Object.fromEntries(kinds.map((kind) => [kind, table({ integer: "no" }, "word")])),
  entities: kinds.map((kind) =>
    entity(kind, {
      from: [kind],
      fields: { word: text("word") },
      decide: {},
      actions: { [`written_${kind}`]: insert(`platform_${kind}`, { word: "word" }) },
      plan: [commit(`written_${kind}`)],
    }),
  ),
});

let test: TestServices;
let folder: { remove(): Promise<void> };
afterAll(async () => {
  await test?.close();
  await folder?.remove();
});

it("W3 W6 R13 a hundred kinds of things are judged, written, verified, shown, taken back and exported, by statements that the Data API takes", async () => {
  test = await testServices({
    world: {
      migration: manyKinds,
      platform: kinds.map(
        (kind) =>
          `create table platform_${kind} (id bigint generated always as identity primary key, word text)`,
      ),
      legacy: "",
    },
  });
  folder = await folderOf(
    test,
    Object.fromEntries(
      kinds.map((kind) => [
        kind,
        [
          ["no", "word"],
          ["1", kind],
        ],
      ]),
    ),
  );
  await reviewedRun(test, run);
  await toTheEnd(test, run);
  expect((await finalVerify(test.services, run)).passed).toBe(true);
  const { reference } = await findRun(test.services.sign, run);
  const pages = createConsole({ services: test.services, key: Buffer.alloc(32, 7) });
  for (const page of ["", "/rows", "/held", "/rollback", "/audit"]) {
    const path = `/admin/legacy-imports/runs/${reference}${page}`;
    expect((await pages(event("GET", path, "operator"))).statusCode).toBe(200);
  }
  await test.query(`update platform_${kinds[41]} set word = 'edited'`);
  const undone = (waves: readonly { undone: number; spared: number }[]) => [
    waves.reduce((sum, wave) => sum + wave.undone, 0),
    waves.reduce((sum, wave) => sum + wave.spared, 0),
  ];
  expect(undone((await previewRollback(test.services, run)).waves)).toEqual([99, 1]);
  expect(undone((await rollback(test.services, run)).waves)).toEqual([99, 1]);
  await auditExport(test.services, run);
});

it("W13 more kinds of things than that are refused before anything is made", () => {
  const more = {
    ...manyKinds,
    entities: [...(manyKinds as never as { entities: object[] }).entities],
  };
  more.entities.push({ ...more.entities[0], name: "one_more" });
  expect(problemsOf(more as never)).toContain(
    "There are 101 kinds of things, and 100 are the most that one migration may have: make it two migrations.",
  );
});
