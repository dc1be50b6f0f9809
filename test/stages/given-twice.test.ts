import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import {
  commit,
  defineMigration,
  derived,
  entity,
  insert,
  kept,
  table,
  text,
  uuidFrom,
} from "../../lib/define/builders.ts";
import type { TargetKey } from "../../lib/define/definition.ts";
import { holdRow, releaseRow } from "../../lib/review/rows/held-rows.ts";
import { changedBy } from "../lifecycle/whole-life.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { judgeAll, reviewedRun } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000071ce";

interface Kind {
  readonly from?: string;
  readonly columns: string;
  readonly also?: string;
  readonly id?: TargetKey;
  readonly identity?: string[];
  /** Of the words `Aa`, `Aa`, `Bb` and `bb`. */
  readonly held: readonly string[];
}

const twice = (at: string) => ["1", "2"].map((no) => `${no} held key_given_twice ${at}`);
const all = (at: string) => ["1", "2", "3", "4"].map((no) => `${no} held key_given_twice ${at}`);
const keptWord = kept({ id: "word" });

const kinds: Readonly<Record<string, Kind>> = {
  kept_text: { columns: "id text primary key", id: keptWord, held: twice("kept_text (id)") },
  kept_citext: { columns: "id citext primary key", id: keptWord, held: all("kept_citext (id)") },
  kept_loose: {
    columns: "id text collate loose primary key",
    id: keptWord,
    held: all("kept_loose (id)"),
  },
  kept_pair: {
    columns: "id text, part text, primary key (part, id)",
    id: kept({ id: "word", part: { constant: "p" } }),
    held: twice("kept_pair (id, part)"),
  },
  kept_uuid: {
    columns: "id uuid primary key",
    id: kept({ id: uuidFrom("made", "word") }),
    held: twice("kept_uuid (id)"),
  },
  derived_word: {
    columns: "id uuid primary key",
    id: derived("id", "word"),
    held: twice("derived_word (id)"),
  },
  told_alone: {
    columns: "id bigserial primary key",
    identity: ["word"],
    held: twice("told_alone (word)"),
  },
  told_unique: {
    columns: "id bigserial primary key, unique (word)",
    identity: ["word"],
    held: twice("told_unique (word)"),
  },
  told_lower: {
    columns: "id bigserial primary key",
    also: "create unique index told_lower_word on told_lower (lower(word));",
    identity: ["word"],
    held: [...twice("told_lower (word)"), "4 held refused_by_platform told_lower_word"],
  },
  // What is unique beside the key: the first goes.
  unique_word: {
    columns: "id bigserial primary key, unique (word)",
    held: ["2 held refused_by_platform unique_word_word_key"],
  },
  kept_no: { columns: "id text primary key", id: kept({ id: "legacy_id" }), held: [] },
  kept_number: { columns: "id int primary key", id: kept({ id: "legacy_id" }), held: [] },
  kept_letter: {
    from: "letters",
    columns: "id text collate loose primary key",
    id: kept({ id: "legacy_id" }),
    held: ["A", "a"].map((no) => `${no} held key_given_twice kept_letter (id)`),
  },
  told_no: { columns: "id bigserial primary key", identity: ["no"], held: [] },
  // Those that say nothing are named alike by nothing.
  told_nothing: {
    from: "blanks",
    columns: "id bigserial primary key",
    identity: ["word"],
    held: [],
  },
};
const names = Object.keys(kinds);

const desk = defineMigration({
  name: "desk",
  title: "A desk",
  connection: "old-desk",
  source: {
    words: table("no", "word"),
    letters: table("no", "word"),
    blanks: table("no", "word"),
  },
  audit: {
    runs: "desk_audit_runs",
    mappings: "desk_audit_mappings",
    entities: Object.fromEntries(names.map((name) => [name, name])),
  },
  entities: names.map((name) =>
    entity(name, {
      from: [kinds[name]?.from ?? "words"],
      fields: { word: text("word") },
      decide: {},
      actions: {
        [name]: insert(
          name,
          { word: "word", no: "legacy_id" },
          { id: kinds[name]?.id ?? "id", identity: kinds[name]?.identity ?? [] },
        ),
      },
      plan: [commit(name)],
    }),
  ),
});

const platform = [
  "create extension if not exists citext;",
  "create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);",
  ...names.map(
    (name) =>
      `create table ${name} (word text, no text, ${kinds[name]?.columns}); ${kinds[name]?.also ?? ""}`,
  ),
].join("\n");

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(desk, platform, {
    words: ["no,word", "1,Aa", "2,Aa", "3,Bb", "4,bb"],
    letters: ["no,word", "a,x", "A,y"],
    blanks: ["no,word", "1,", "2,"],
  });
  await reviewedRun(test, run);
});
afterAll(() => test.close());

const rows = (kind: string) =>
  test.query<{ id: string; says: string; state: string }>(
    `select id, import_state as state, concat_ws(' ', legacy_id, import_state, state_reason, state_detail) as says
       from wavegate.desk_${kind} where run_id = $1 order by id`,
    [run],
  );
const held = async (kind: string) =>
  (await rows(kind)).filter(({ state }) => state !== "pending").map(({ says }) => says);

describe("B6 W13 rows that the definition would give one key on the platform, or one `identity`", () => {
  it.each(names)("%s: are held by the dry run, whoever comes first", async (name) => {
    expect(await held(name)).toEqual(kinds[name]?.held);
  });

  it("B12 stay held in what a changed definition would make of them", async () => {
    expect(await changedBy(test, run)).toEqual([]);
  });

  it("are counted as held", async () => {
    const [found] = await test.query<{ reasons: unknown }>(
      "select report -> 'reasons' as reasons from wavegate.dry_runs where run_id = $1",
      [run],
    );
    const each = Object.values(kinds).flatMap((kind) => kind.held);
    expect(found?.reasons).toMatchObject({
      key_given_twice: each.filter((said) => said.includes("key_given_twice")).length,
      refused_by_platform: each.filter((said) => said.includes("refused_by")).length,
    });
  });

  it("go one by one: where a person holds the other, and lets it go, it stays behind until a dry run looked again", async () => {
    const [first] = (await rows("told_alone")).map(({ id }) => Number(id));
    const stored = await findRun(test.services.sign, run);
    await holdRow(test.services.sign, stored, {
      row: first as number,
      person: "approver",
      reason: "Wrong.",
    });
    await judgeAll(test, run);
    const open = ["1 held key_given_twice told_alone (word)"];
    expect(await held("told_alone")).toEqual(open);
    const release = { row: first as number, person: "approver", reason: "Right after all." };
    expect(await releaseRow(test.services.sign, stored, release)).toBe(false);
    expect(await held("told_alone")).toEqual(open);
    await judgeAll(test, run);
    expect(await held("told_alone")).toEqual(twice("told_alone (word)"));
  });
});
