import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  choice,
  commit,
  count,
  defineMigration,
  entity,
  fail,
  hold,
  insert,
  is,
  missing,
  otherwise,
  same,
  table,
  text,
  update,
  when,
} from "../../lib/define/builders.ts";
import type { WholeMigration } from "../../lib/define/several.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { csvServices } from "../support/csv-services.ts";
import { everyStep } from "../support/every-step.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";

const run = "7f3a0000-0000-4000-8000-00000000aa01";
const compiled = ["compile", "stages", "review", "evidence"].map(
  (folder) => new URL(`../../lib/${folder}/`, import.meta.url),
);

/** Every name that the engine's own SQL gives to something, and the columns of its tables. */
async function namesOfTheEngine(): Promise<string[]> {
  const texts: string[] = [];
  for (const folder of compiled)
    for (const file of await readdir(folder, { recursive: true }))
      if (file.endsWith(".ts")) texts.push(await readFile(new URL(file, folder), "utf8"));
  const names = texts.flatMap((sql) => [
    ...[...sql.matchAll(/\bas "?([a-z_][a-z_0-9]*)\b/g)].map(([, name]) => name),
    ...[...sql.matchAll(/\b([a-z_][a-z_0-9]*) as (?:materialized )?\(/g)].map(([, name]) => name),
    ...[...sql.matchAll(/\b(?:from|join) [\w."${}()]+ ([a-z_]+)\b/g)].map(([, name]) => name),
  ]);
  return [...new Set([...names, ...columns])].filter((name) => name !== undefined).sort();
}
/** Of the tables that the engine makes. */
const columns = [
  "id",
  "run_id",
  "staged_id",
  "source_values",
  "legacy_key",
  "key_n",
  "n",
  "findings",
  "there_key",
  "value_0",
  "value_1",
];

interface Named {
  readonly fields: readonly string[];
  readonly decisions: readonly string[];
}

const every = <T>(names: readonly string[], of: (name: string) => T): Record<string, T> =>
  Object.fromEntries(names.map((name) => [name, of(name)]));

/** What a report tells of: an answer's row carries no more than that. */
const shown = ({ fields, decisions }: Named, at: number) => (at % 2 === 0 ? fields : decisions);

/** A kind of things with fields and decisions of these names. */
const kind = ({ fields, decisions }: Named, at: number, { length }: { length: number }) =>
  entity(`kind_${at}`, {
    from: ["things"],
    fields: {
      own_what: text("what"),
      own_word: choice("word", { a: "one", b: "two" }),
      ...every(fields, () => choice("word", { a: "one", b: "two" })),
    },
    decide: every(decisions, () => [
      { is: "first", when: is("own_word", "one") },
      { is: "second", when: otherwise },
    ]),
    actions: {
      thing: insert("things", {
        own_kind: { constant: String(at) },
        own_what: "own_what",
        ...every(fields, (name) => name),
      }),
    },
    is: [same({ own_what: "own_what", own_kind: { constant: String(at) } })],
    // Of one table fifty at most, and whichever names come first are tried.
    there: update(every(fields.slice(0, Math.floor(50 / length)), (name) => name)),
    plan: [
      ...fields.map((name) => when(is(name, "two"), hold("two"))),
      ...decisions.map((name) => when(is(name, "second"), hold("two"))),
      commit("thing"),
    ],
    report: {
      counts: fields.slice(0, 9).map((name) => count(`${at}_${name}`, name, is(name, "one"))),
      distributions: [...shown({ fields, decisions }, at), "planned", "planned_reason"].map(
        (column) => ({ column, says: column }),
      ),
      sections: [],
    },
  } as never);

const built = (kinds: readonly Named[]): WholeMigration =>
  defineMigration({
    name: "names",
    title: "Names",
    connection: "old-names",
    source: { things: table("no", "what", "word") },
    entities: kinds.map(kind),
  } as never);

/** So many names a kind that its statements are no longer than the Data API takes them. */
const size = 40;

let legacy: string;
let test: TestServices;
/** Those of the engine that a definition may use, and those that are tried. */
let found: string[];
let names: string[];
let kinds: Named[];
beforeAll(async () => {
  const all = await namesOfTheEngine();
  const sound = (named: Named) => definitionFaults(built([named])).length === 0;
  // A choice has a second column, as it was written.
  found = all.filter(
    (name) =>
      !name.endsWith("_raw") &&
      name.length < 30 &&
      sound({ fields: [name], decisions: [] }) &&
      sound({ fields: [], decisions: [name] }),
  );
  // Some of them, and all of them in test:all.
  names = found.filter((_, at) => everyStep || at % 6 === 0);
  const parts = Array.from({ length: Math.ceil(names.length / size) }, (_, at) =>
    names.slice(at * size, (at + 1) * size),
  );
  kinds = parts.map((fields, at) => ({
    fields,
    decisions: parts[(at + 1) % parts.length] as string[],
  }));
  expect(definitionFaults(built(kinds))).toEqual([]);
  legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
  await writeFile(join(legacy, "things.csv"), "no,what,word\n1,Lamp,a\n2,Chair,b\n3,Desk,a\n");
  const platform = [
    `create table things (id bigint generated by default as identity primary key, own_kind text, own_what text,
       ${names.map((name) => `"${name}" text`).join(", ")}, unique (own_kind, own_what))`,
    ...kinds.map((_, at) => `insert into things (own_kind, own_what) values ('${at}', 'Desk')`),
  ];
  test = await testServices({
    world: {
      migration: built(kinds),
      platform,
      legacy,
    },
  });
});
afterAll(async () => {
  await test?.close();
  await rm(legacy, { recursive: true });
});

it("B5 M13 fields and decisions may be called whatever the engine calls something", async () => {
  for (const name of [
    ...["state", "open", "was", "moved", "kept", "refused", "before", "marks", "rows", "value_0"],
  ])
    expect(found).toContain(name);
  expect(found.length).toBeGreaterThan(200);
  const before = await rowsOf(test, ["things"]);
  expect(await committed(test, run)).toEqual([]);
  for (const at of kinds.keys())
    expect(
      (await standing(test, `names_kind_${at}`, run)).map(({ no, state, why }) => [no, state, why]),
    ).toEqual([
      ["1", "committed", null],
      ["2", "held", "two"],
      ["3", "committed", null],
    ]);
  const [dry] = await test.query<{ report: { distributions: { id: string; values: object }[] } }>(
    "select report from wavegate.dry_runs where run_id = $1",
    [run],
  );
  const counted = new Map(dry?.report.distributions.map(({ id, values }) => [id, values]));
  for (const [at, { fields, decisions }] of kinds.entries()) {
    const of = (name: string) => [name, counted.get(`kind_${at}.${name}`)];
    const words = at % 2 === 0 ? { one: 2, two: 1 } : { first: 2, second: 1 };
    for (const name of shown({ fields, decisions }, at)) expect(of(name)).toEqual([name, words]);
    expect(of("planned")).toEqual(["planned", { commit: 1, hold: 1, update: 1 }]);
    expect(of("planned_reason")).toEqual(["planned_reason", { two: 1 }]);
  }
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["things"])).toEqual(before);
});

it("B5 W12 legacy tables may be called as what the common report tells, and its bundle is verified", async () => {
  const tables = ["summary", "errors", "config", "idMapping", "runId", "2024"] as const;
  const named = await csvServices(
    defineMigration({
      name: "reported",
      title: "Tables of a report",
      connection: "old-report",
      source: {
        ...{ summary: table("no", "word"), errors: table("no", "word") },
        ...{ config: table("no", "word"), idMapping: table("no", "word") },
        ...{ runId: table("no", "word"), 2024: table("no", "word") },
      },
      entity: {
        from: tables,
        fields: { word: text("word") },
        decide: {},
        actions: { thing: insert("things", { word: "word" }) },
        plan: [when(missing("word"), fail("no_word")), commit("thing")],
      },
    }),
    "create table things (id bigint generated by default as identity primary key, word text)",
    Object.fromEntries(tables.map((each) => [each, ["no,word", `1,${each}`, "2,"]])),
  );
  expect(await committed(named, run)).toEqual([]);
  expect(await named.query("select count(*)::int as n from things")).toEqual([{ n: 6 }]);
  await named.close();
});
