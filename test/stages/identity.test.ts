import { describe, expect, it } from "vitest";
import { constant, integerKey, mapped, of, staged } from "../../lib/define/builders.ts";
import type { InsertAction, Value } from "../../lib/define/definition.ts";
import { definitionFaults } from "../../lib/stages/definition-faults.ts";
import { testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";
import { approve, reviewedRun, runWave } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000f1";
const uuid = (n: number) => `0000000${n}-0000-4000-8000-00000000000A`;

const action: Partial<InsertAction> = {
  values: { word: staged("word"), legacy_no: staged("legacy_id") },
  identity: { legacy_no: staged("legacy_id") },
};

/** By the key of the source, the column of the platform that has it, and the keys of four rows. */
const cases: [string, Parameters<typeof small>[1], string, string[]][] = [
  ["text_int", "no", "int", ["1", "2", "3", "x"]],
  ["number_text", integerKey("no"), "text", ["1", "2", "3", "4"]],
  ["text_uuid", "no", "uuid", [uuid(1), uuid(2), uuid(3), "x"]],
  ["text_enum", "no", "letter", ["a", "b", "c", "x"]],
  ["text_short", "no", "varchar(1)", ["1", "2", "3", "4"]],
];

describe("M11 B5 what tells that a row was moved already may be of another type on the platform", () => {
  it.each(cases)("%s: before the review, and until the wave", async (name, key, type, nos) => {
    const [first = "", second = ""] = nos;
    const test = await testServices({
      world: {
        migration: small(`told_${name}`, key, action),
        platform: [
          "create type letter as enum ('a', 'b', 'c')",
          `create table things (id bigserial primary key, word text, legacy_no ${type})`,
        ],
        legacy: "",
      },
    });
    const folder = await folderOf(test, {
      things: [["no", "word"], ...nos.map((no, n) => [no, `word ${n}`])],
    });
    await test.query("insert into things (word, legacy_no) values ('there', $1)", [first]);
    await reviewedRun(test, run);
    const states = async () =>
      (
        await test.query<{ state: string }>(
          `select concat_ws(' ', import_state, coalesce(state_reason, planned_reason)) as state from wavegate.told_${name}_rows order by id`,
        )
      ).map(({ state }) => state);
    const [moved, ...others] = await states();
    expect(moved).toBe("skipped moved_before");
    expect(others.slice(0, 2)).toEqual(["pending", "pending"]);
    await test.query("insert into things (word, legacy_no) values ('late', $1)", [second]);
    await approve(test, run, "first_wave");
    const { written } = await runWave(test, run, 1);
    expect(written.counts).toMatchObject({ skipped: 1 });
    expect((await states()).slice(0, 3)).toEqual([
      "skipped moved_before",
      "skipped moved_before",
      "committed",
    ]);
    expect(await test.query("select word from things where word in ('word 0', 'word 1')")).toEqual(
      [],
    );
    await test.close();
    await folder.remove();
  });
});

it.each<[string, Value, string]>([
  ["what a row above is", of("order"), "by “order_id”, which the source does not have of it"],
  ["what is mapped", mapped("level"), "by “order_id”, which the source does not have of it"],
  ["what is decided", staged("kind"), "by “order_id”, which the source does not have of it"],
  ["a constant alone", constant("7"), "by what all its rows have"],
])(
  "M11 B5 no row is told to be moved by %s: by the rest of it others would be taken for it",
  (_what, value, says) => {
    const { entity, ...rest } = small("told_by_less", "no", {
      identity: {
        ...("constant" in value ? {} : { line: staged("legacy_id") }),
        order_id: value,
      },
    });
    const decide = { kind: [{ when: { missing: "word" }, is: "a", says: "No word." }] };
    const faults = definitionFaults({ ...rest, entity: { ...entity, decide } } as never);
    expect(faults).toContainEqual(
      expect.stringContaining(`The action “thing” tells what was moved ${says}`),
    );
  },
);
