import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  constant,
  derived,
  drawn,
  integerKey,
  kept,
  staged,
  uuidFrom,
} from "../../lib/define/builders.ts";
import type { InsertAction } from "../../lib/define/definition.ts";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { drill } from "../../lib/stages/drill.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { nextWave } from "../../lib/stages/next-wave.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { someOf } from "../support/every-step.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import {
  approve,
  importAll,
  judgeAll,
  refusal,
  reviewedRun,
  runWave,
  toTheEnd,
} from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000e1";
const again = "7f3a0000-0000-4000-8000-0000000000e2";

/** Keys that a text column takes as they are. */
const nos = [
  "M-0042",
  "007",
  "7",
  "m-0042",
  "M-0042 ",
  "=1+1",
  "a,b",
  'say "x"',
  "Zoé",
  "é\nf",
  "sara@example.com",
];

interface Case {
  readonly name: string;
  readonly platform: string;
  readonly source: Parameters<typeof small>[1];
  readonly rows: readonly (readonly string[])[];
  readonly action: Partial<InsertAction>;
  /** The platform's keys of the rows that are written, where they are known beforehand. */
  readonly keys?: readonly string[];
  /** The key's columns. */
  readonly id: string;
}

const texts = [["no", "word"], ...nos.map((no, n) => [no, `word ${n}`])];
const there = "insert into things";

const cases: readonly Case[] = [
  {
    name: "target_sequence",
    platform: `create table things (id bigserial primary key, word text); ${there} (word) values ('there');`,
    source: "no",
    rows: texts,
    action: {},
    id: "id",
  },
  {
    name: "target_identity",
    platform: `create table things (id int generated always as identity primary key, word text); ${there} (word) values ('there');`,
    source: integerKey("no"),
    rows: [["no", "word"], ...nos.map((_, n) => [String(n + 1), `word ${n}`])],
    action: { id: drawn("id") },
    id: "id",
  },
  {
    name: "target_uuid",
    platform: `create table things (id uuid primary key default gen_random_uuid(), word text); ${there} (word) values ('there');`,
    source: "no",
    rows: texts,
    action: { id: drawn("id") },
    id: "id",
  },
  {
    name: "target_default_text",
    platform: `create sequence numbers; create table things (id text primary key default 'T-' || nextval('numbers') || '@example.com', word text);
      alter sequence numbers owned by things.id; ${there} (word) values ('there');`,
    source: "no",
    rows: texts,
    action: { id: drawn("id") },
    id: "id",
  },
  {
    name: "target_kept_text",
    platform: `create table things (id varchar(40) primary key, word text); ${there} values ('there', 'there');`,
    source: "no",
    rows: texts,
    action: { id: kept({ id: staged("legacy_id") }) },
    keys: nos,
    id: "id",
  },
  {
    name: "target_kept_uuid",
    platform: `create table things ("Id" uuid primary key, word text); ${there} values ('00000000-0000-4000-8000-000000000000', 'there');`,
    source: "no",
    rows: [
      ["no", "word"],
      ...[3, 1, 2].map((n) => [`0000000${n}-0000-4000-8000-00000000000A`, `word ${n}`]),
    ],
    action: { id: kept({ Id: staged("legacy_id") }) },
    keys: [1, 2, 3].map((n) => `0000000${n}-0000-4000-8000-00000000000a`),
    id: `"Id"`,
  },
  {
    name: "target_derived",
    platform: `create table things (id uuid primary key, word text); ${there} values ('00000000-0000-4000-8000-000000000000', 'there');`,
    source: "no",
    rows: texts,
    action: { id: derived("id", "legacy_id") },
    id: "id",
  },
  {
    name: "target_pair",
    platform: `create table things (kind text, no text, word text, primary key (no, kind)); ${there} values ('a', 'b', 'there');`,
    source: "no",
    rows: texts,
    action: { id: kept({ no: staged("legacy_id"), kind: constant("k") }) },
    keys: nos.map((no) => `k ${no}`),
    id: "kind, no",
  },
  {
    name: "target_pair_uuid",
    platform: `create table things (kind text, id uuid, word text, same uuid, primary key (kind, id)); ${there} values ('a', '00000000-0000-4000-8000-000000000000', 'there');`,
    source: "no",
    rows: texts,
    action: {
      id: kept({ id: uuidFrom("things", "legacy_id"), kind: constant("k") }),
      values: { word: staged("word"), same: uuidFrom("things", "legacy_id") },
    },
    id: "kind, id",
  },
  {
    name: "target_drawn_beside",
    platform: `create table things (id bigserial, kind text, word text, primary key (kind, id)) partition by list (kind);
      create table things_k partition of things for values in ('k'); create table things_a partition of things for values in ('a');
      ${there} (kind, word) values ('a', 'there');`,
    source: "no",
    rows: texts,
    action: { id: drawn("id", { kind: constant("k") }) },
    id: "kind, id",
  },
  {
    name: "target_uuid_beside",
    platform: `create table things (id uuid default gen_random_uuid(), word text, no text, primary key (no, id)); ${there} (no, word) values ('a', 'there');`,
    source: "no",
    rows: texts,
    action: { id: drawn("id", { no: staged("legacy_id") }) },
    id: "no, id",
  },
];

describe.each(someOf(3, cases))("$name: a target whose key is of any kind", (each) => {
  const definition = small(each.name, each.source, each.action);
  const rows = each.rows.length - 1;
  let test: TestServices;
  let folder: { remove(): Promise<void> };

  beforeAll(async () => {
    test = await testServices({
      world: { migration: definition, platform: [each.platform], legacy: "" },
    });
    folder = await folderOf(test, { things: each.rows });
    await reviewedRun(test, run);
  });
  afterAll(async () => {
    await test?.close();
    await folder?.remove();
  });

  const keys = async (): Promise<string[]> =>
    (
      await test.query<{ key: string }>(
        `select concat_ws(' ', ${each.id}) as key from things where word <> 'there'`,
      )
    )
      .map(({ key }) => key)
      .sort();
  const marks = async (of: string): Promise<number> =>
    (
      await test.query<{ n: number }>(
        `select count(*)::int as n from wavegate.${each.name}_rows where run_id = $1 and import_state = 'committed' and thing_id is not null`,
        [of],
      )
    )[0]?.n ?? 0;

  let first: string[];

  it("W4 gets its rows, and ledger and marks name each of them", async () => {
    await approve(test, run, "first_wave");
    const { written, verified } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ picked: rows, created: { things: rows } });
    expect(verified).toMatchObject({ passed: true });
    first = await keys();
    expect(first).toHaveLength(rows);
    if (each.keys !== undefined) expect(first).toEqual([...each.keys].sort());
    expect(await marks(run)).toBe(rows);
    const ledger = await test.query(
      `select count(*)::int as n, count(distinct coalesce(target_id::text, target_key::text))::int as keys
         from wavegate.legacy_import_commit_logs where run_id = $1 and rolled_back_at is null`,
      [run],
    );
    expect(ledger).toEqual([{ n: rows, keys: rows }]);
  });

  it("D13 is drilled: taken back, and written again the same", async () => {
    expect(await drill(test.services, run)).toMatchObject({ passed: true });
    const second = await keys();
    expect(second).toHaveLength(rows);
    if (
      !("drawn" in Object(definition.entity.actions.thing?.id)) &&
      each.name !== "target_sequence"
    )
      expect(second).toEqual(first);
    await toTheEnd(test, run);
    expect((await nextWave(test.services, run)).next).toBe("done");
    expect(await finalVerify(test.services, run)).toMatchObject({ passed: true });
  });

  /** Exports the bundle and verifies it offline. */
  async function bundled(): Promise<void> {
    const home = await mkdtemp(join(tmpdir(), "target-keys-"));
    const to = join(home, "bundle");
    const { prefix, manifestDigest } = await auditExport(test.services, run);
    await pullBundle(test.services.evidence, prefix, to);
    const { checks } = await verifyBundle(to, { digest: manifestDigest });
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    // W14 D20: a key that may be somebody's address, of either side, is told by a digest that nobody can make.
    const plain = createHash("sha256").update("sara@example.com").digest("hex");
    for (const file of await readdir(to)) {
      const bytes = await readFile(join(to, file));
      const told = (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
      expect([file, told.includes("@example.com"), told.includes(plain)]).toEqual([
        file,
        false,
        false,
      ]);
    }
    await rm(home, { recursive: true, force: true });
  }

  it("M15 is told in a bundle that verifies offline, key by key", () => bundled());

  it("M11 is written by no second run: what was moved is skipped", async () => {
    await importAll(test, again);
    await judgeAll(test, again);
    const planned = await test.query(
      `select moved_before, count(*)::int as n from wavegate.${each.name}_rows where run_id = $1 group by 1`,
      [again],
    );
    expect(planned).toEqual([{ moved_before: true, n: rows }]);
  });

  it("D16 gives back what nobody changed, spares the rest by its key, and nothing else is touched", async () => {
    const [edited] = await test.query<{ word: string }>(
      `update things set word = 'edited' where (${each.id}) = (select ${each.id} from things where word <> 'there' order by word limit 1) returning word`,
    );
    expect(edited).toEqual({ word: "edited" });
    const preview = await previewRollback(test.services, run);
    expect(preview.waves[0]).toMatchObject({ undone: rows - 1, spared: 1 });
    const { outcome, waves } = await rollback(test.services, run);
    expect(outcome).toBe("conflicts");
    expect(waves[0]).toMatchObject({
      undone: rows - 1,
      spared: 1,
      conflicts: [{ table: "things", conflict: { edited: true, changed: ["word"] } }],
    });
    const left = await test.query<{ word: string }>("select word from things order by word");
    expect(left.map(({ word }) => word)).toEqual(["edited", "there"]);
    await bundled();
  });
});

it("B5 a UUID that is made names new rows, and nothing that has to be known beforehand", () => {
  const made = uuidFrom("things", "legacy_id");
  const { entity, ...rest } = small("target_made", "no", { id: kept({ id: made }) });
  expect(definitionFaults({ ...rest, entity })).toEqual([]);
  const faults = (action: Partial<InsertAction>) =>
    definitionFaults(small("target_made", "no", action));
  expect(faults({ identity: { id: made } })).toEqual([
    "The action “thing” tells what was moved by a UUID that new rows are made with: take what the legacy system has.",
  ]);
  expect(faults({ id: kept({ id: uuidFrom("things") }) })).toEqual([
    "The action “thing” writes a UUID that is made of nothing: every row would have the same.",
  ]);
  expect(faults({ id: kept({ id: uuidFrom("things", "wrod") }) })).toEqual([
    expect.stringContaining("The action “thing” looks at “wrod”, which is not known there"),
  ]);
  const there = { update: { word: made } };
  expect(definitionFaults({ ...rest, entity: { ...entity, is: [[["id", made]]], there } })).toEqual(
    [
      "What is brought up to date is given by a UUID that new rows are made with: take what the legacy system has.",
      "`is` tells what is there by a UUID that new rows are made with: take what the legacy system has.",
    ],
  );
});

describe("W13 a key that the platform is to draw and has no default for", () => {
  it("stops the wave in a sentence, and nothing is written", async () => {
    const definition = small("target_undrawn", "no", { id: drawn("id") });
    const test = await testServices({
      world: {
        migration: definition,
        platform: ["create table things (id uuid primary key, word text)"],
        legacy: "",
      },
    });
    const folder = await folderOf(test, { things: texts });
    await reviewedRun(test, run);
    await approve(test, run, "first_wave");
    expect(await refusal(runWave(test, run, 1))).toBe("TargetKeyUndrawn");
    expect(await test.query("select id from things")).toEqual([]);
    await test.close();
    await folder.remove();
  });
});

describe("W13 a view in the place of a table that waves write", () => {
  it("is no table of the platform: the set-up says so", async () => {
    const platform = [
      "create table real (id bigserial, word text)",
      "create view things as table real",
    ];
    const world = { migration: small("target_view", "no"), platform, legacy: "" };
    expect(await refusal(testServices({ world }))).toBe("PlatformTablesMissing");
  });
});

describe("B6 an id that is a text, written into a column of numbers", () => {
  it("is refused row by row where it is none, or none that the column holds, and looked for where it is one", async () => {
    const definition = small("target_numbers", "no", {
      values: {
        word: staged("word"),
        branch: staged("legacy_id"),
        // A limit that holds for any number, and says nothing of what is none.
        place: staged("legacy_id"),
      },
    });
    const test = await testServices({
      world: {
        migration: definition,
        platform: [
          "create table branches (id int primary key)",
          "insert into branches values (7)",
          "create table things (id bigserial primary key, word text, branch int references branches, place smallint)",
        ],
        legacy: "",
      },
    });
    const folder = await folderOf(test, {
      things: [
        ["no", "word"],
        ...["7", "8", "M-1", "99999", "99999999999999999999999999999999999", "1e3"].map((no) => [
          no,
          `word ${no}`,
        ]),
      ],
    });
    await reviewedRun(test, run);
    const found = await test.query(
      "select legacy_id as no, concat_ws(' ', import_state, state_detail) as why from wavegate.target_numbers_rows order by id",
    );
    expect(Object.fromEntries(found.map(({ no, why }) => [no, why]))).toEqual({
      "1e3": "held things.branch holds no such value",
      "7": "pending",
      // Whether a branch is there no statement can tell as long as what is no number is asked as well: the wave does.
      "8": "pending",
      "99999": "held things.place holds no such value",
      "99999999999999999999999999999999999": "held things.branch holds no such value",
      "M-1": "held things.branch holds no such value",
    });
    await approve(test, run, "first_wave");
    expect((await runWave(test, run, 1)).written.counts.refused).toEqual({
      things_branch_fkey: 1,
    });
    expect(await test.query("select word, branch, place from things")).toEqual([
      { word: "word 7", branch: 7, place: 7 },
    ]);
    await test.close();
    await folder.remove();
  });
});

describe("D38 a kept key that the platform has already", () => {
  it("is refused row by row, by the name of the constraint, and never overwritten", async () => {
    const definition = small("target_taken", "no", { id: kept({ id: staged("legacy_id") }) });
    const test = await testServices({
      world: {
        migration: definition,
        platform: ["create table things (id uuid primary key, word text)"],
        legacy: "",
      },
    });
    const uuid = (n: number) => `0000000${n}-0000-4000-8000-000000000000`;
    const folder = await folderOf(test, {
      things: [
        ["no", "word"],
        [uuid(1), "a"],
        [uuid(2), "b"],
        [uuid(3), "c"],
        ["M-1", "no uuid"],
      ],
    });
    await test.query(`insert into things values ('${uuid(1)}', 'there')`);
    await reviewedRun(test, run);
    // What the dry run sees is held by it already.
    const found = await test.query(
      "select word, import_state from wavegate.target_taken_rows order by id",
    );
    expect(Object.fromEntries(found.map(({ word, import_state }) => [word, import_state]))).toEqual(
      { a: "held", b: "pending", c: "pending", "no uuid": "held" },
    );
    await approve(test, run, "first_wave");
    await test.query(`insert into things values ('${uuid(3)}', 'late')`);
    const { written } = await runWave(test, run, 1);
    expect(written.counts.refused).toEqual({ things_pkey: 1 });
    expect(written.counts.committed).toBe(1);
    expect(await test.query("select id, word from things order by 1")).toEqual([
      { id: uuid(1), word: "there" },
      { id: uuid(2), word: "b" },
      { id: uuid(3), word: "late" },
    ]);
    await test.close();
    await folder.remove();
  });
});
