import { afterAll, beforeAll, expect, it } from "vitest";
import { checkWords } from "../../lib/author/check/words.ts";
import { isDecision, wordsOf } from "../../lib/author/words-written.ts";
import { findRun } from "../../lib/data/runs.ts";
import {
  commit,
  defineMigration,
  insert,
  is,
  otherwise,
  staged,
  status,
  table,
  text,
} from "../../lib/define/builders.ts";
import type { Definition } from "../../lib/define/definition.ts";
import { lookOf } from "../../lib/evidence/pinned.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf } from "../support/small.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

/** A table of the source, columns, fields, words and reasons that are called as what every object has. */
const objects = {
  name: "objects",
  title: "Objects",
  connection: "legacy",
  source: { constructor: table("id", "toString", "valueOf") },
  entity: {
    from: ["constructor"],
    fields: { constructor: text("toString"), word: status("valueOf") },
    decide: {
      classification: [
        { is: "constructor", when: is("word", "constructor") },
        { is: "unknown", when: otherwise },
      ],
    },
    actions: { constructor: insert("things", { word: staged("constructor") }) },
    plan: [
      {
        when: is("classification", "unknown"),
        says: "Nobody said what it is.",
        hold: "constructor",
      },
      { when: is("constructor", "word 9"), says: "Nobody has it.", hold: "absent" },
      commit("constructor"),
    ],
  },
} satisfies Definition;
const migration = defineMigration(objects);
const run = "7f3a0000-0000-4000-8000-0000000000f8";
let test: TestServices;
let folder: { remove(): Promise<void> };

beforeAll(async () => {
  test = await testServices({
    world: {
      migration,
      platform: [
        "create table things (id bigint generated always as identity primary key, word text)",
      ],
      legacy: "",
    },
  });
  folder = await folderOf(test, {
    constructor: [
      ["id", "toString", "valueOf"],
      ...["constructor", "toString", "constructor", "__proto__"].map((word, n) => [
        `k${n}`,
        `word ${n}`,
        word,
      ]),
    ],
  });
});
afterAll(async () => {
  await test?.close();
  await folder?.remove();
});

const words = async () =>
  (await test.query<{ word: string }>("select word from things order by id")).map(
    ({ word }) => word,
  );

it("W13 D37 what is called as every object has something is counted as anything else is, there and back", async () => {
  await reviewedRun(test, run);
  const found = await findRun(test.services.stage, run);
  expect(found.counts).toMatchObject({ staged: { constructor: 4 } });
  const { parts } = await lookOf(test.services.stage, found);
  expect(parts.map(({ reasons }) => reasons.constructor)).toEqual([
    { says: "Nobody said what it is.", does: "held" },
  ]);
  // As `check` and `new` ask.
  expect(wordsOf(migration, staged("constructor"))).toEqual([]);
  expect(wordsOf(migration, staged("classification"))).toEqual(["constructor"]);
  expect(isDecision(migration, staged("constructor"))).toBe(false);
  expect(checkWords(migration).filter(({ level }) => level === "error")).toEqual([]);
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
  expect(await words()).toEqual(["word 0", "word 2"]);
  expect(await auditExport(test.services, run)).toMatchObject({
    manifestDigest: expect.any(String),
  });
  await rollback(test.services, run);
  expect(await words()).toEqual([]);
});

it("W13 waves write into no table that is called so, and a definition that is not as its types say is told where to look", () => {
  const into = (name: string, more: object = {}) =>
    definitionFaults(
      defineMigration({
        ...objects,
        entity: {
          ...objects.entity,
          actions: { constructor: insert(name, { word: staged("constructor") }) },
          ...more,
        },
      } as Definition),
    );
  expect(into("things")).toEqual([]);
  for (const name of ["constructor", "__proto__"])
    expect(into(name)).toEqual([
      `The platform's table “${name}” cannot be written to: it is called as what every object has. Rename it there.`,
    ]);
  expect(into("things", { once: { fields: ["word"], by: { most: "word" } } })).toEqual([
    "It is not as its types say (by.map is not a function): `npx tsc --noEmit` names the file and the line.",
  ]);
});
