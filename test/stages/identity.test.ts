import { describe, expect, it } from "vitest";
import { constant, integerKey, mapped, of, staged } from "../../lib/define/builders.ts";
import type { InsertAction, Value } from "../../lib/define/definition.ts";
import { same } from "../../lib/define/identity.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { someOf } from "../support/every-step.ts";
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
  it.each(someOf(2, cases))(
    "%s: before the review, and until the wave",
    async (name, key, type, nos) => {
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
      expect(
        await test.query("select word from things where word in ('word 0', 'word 1')"),
      ).toEqual([]);
      await test.close();
      await folder.remove();
    },
  );
});

/** By what tells it, the platform's column, and how the keys of four rows beside 7 are written. */
const otherwise: [told: "moved" | "there", type: string, nos: string[], plain: string][] = [
  ["moved", "int", ["007", " 7", "+7", "8"], "8"],
  ["moved", "bigint", ["007", "7 ", "-07", "8"], "8"],
  ["moved", "numeric", ["7.0", "7e0", "07", "8.5"], "8.5"],
  ["moved", "float8", ["7.0", "7e0", "07", "8.5"], "8.5"],
  ["there", "int", ["007", " 7", "+7", "8"], "8"],
];

describe("M11 B5 a text that the platform's number would be taken for is not that row: it is held, and said", () => {
  it.each(someOf(2, otherwise))("%s: %s", async (told, type, nos, plain) => {
    const name = `${told}_${type}`;
    const { entity, ...rest } = small(
      name,
      "no",
      told === "moved" ? action : { values: action.values },
    );
    const is = { is: [same({ legacy_no: "legacy_id" })], there: "keep" } as const;
    const test = await testServices({
      world: {
        migration: { ...rest, entity: { ...entity, ...(told === "there" && is) } },
        platform: [
          `create table things (id bigserial primary key, word text, legacy_no ${type} unique)`,
        ],
        legacy: "",
      },
    });
    const folder = await folderOf(test, {
      things: [["no", "word"], ["7", "seven"], ...nos.map((no, n) => [no, `word ${n}`])],
    });
    const standing = async (of: string) =>
      (
        await test.query<{ state: string }>(
          `select concat_ws(' ', legacy_id, import_state, coalesce(state_reason, planned_reason), state_detail) as state from wavegate.${name}_rows where run_id = $1 order by id`,
          [of],
        )
      )
        .map(({ state }) => state)
        .sort();
    const held = nos
      .filter((no) => no !== plain)
      .map(
        (no) =>
          `${no} held refused_by_platform things.legacy_no is a number, and this text is none as it is written`,
      );
    await test.query("insert into things (word, legacy_no) values ('there', 7)");
    await reviewedRun(test, run);
    const others = [told === "moved" ? "7 skipped moved_before" : "7 held one_there", ...held];
    expect(await standing(run)).toEqual([...others, `${plain} pending`].sort());
    await approve(test, run, "first_wave");
    await runWave(test, run, 1);
    expect(await standing(run)).toEqual([...others, `${plain} committed`].sort());
    expect(await test.query("select word from things order by id")).toEqual([
      { word: "there" },
      { word: "word 3" },
    ]);
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
