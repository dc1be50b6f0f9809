import { describe, expect, it } from "vitest";
import {
  atLeast,
  below,
  commit,
  decimal,
  defineMigration,
  hold,
  insert,
  integer,
  is,
  missing,
  not,
  otherwise,
  skip,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import type { Condition } from "../../lib/define/definition.ts";
import { partsOf } from "../../lib/define/several.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, stateOfEach, takenBack } from "./whole-life.ts";

/** Members with what they owe, and how many points they have. */
const scores = (balance: Condition = atLeast("balance", 0.01)) =>
  defineMigration({
    name: "scores",
    title: "Scores",
    connection: "legacy",
    source: { members: table("no", "balance", "points") },
    entity: {
      from: ["members"],
      fields: {
        balance: decimal("balance", { decimal: "," }),
        points: integer("points"),
        no: text("no"),
      },
      decide: {
        classification: [
          { is: "debtor", when: balance },
          { is: "member", when: otherwise },
        ],
      },
      actions: {
        member: insert("members", { no: "legacy_id", owes: "balance", kind: "classification" }),
      },
      plan: [
        when(missing("points"), skip("no_points")),
        when(below("points", 10), skip("few_points")),
        when(is("classification", "debtor"), hold("owes")),
        commit("member"),
      ],
    },
    samples: [{ id: "owed", says: "whom something is owed", rows: 5, when: below("balance", 0) }],
  } as never);

const platform =
  "create table members (id bigint generated always as identity primary key, no text, owes numeric(8,2), kind text)";
const legacy = `
create table members (no text primary key, balance text, points text);
insert into members values ('1', '0', '10'), ('2', '0,01', '10'), ('3', '-5', '11'), ('4', '12,5', '9'), ('5', null, '12'), ('6', '0,00', null), ('7', '1000', '-3'), ('8', null, '3')`;

describe("B5 what is decided by how much a number is", () => {
  it("is decided to its last digit, and a row without one that it rests on is held", async () => {
    const test = await fromPostgres(scores(), { platform, legacy });
    const run = "7f3a0000-0000-4000-8000-00000000f781";
    const before = await rowsOf(test, ["members"]);
    expect(await committed(test, run)).toEqual([]);
    expect(await stateOfEach(test, "scores_rows", run)).toEqual({
      1: "committed",
      2: "held owes",
      3: "committed",
      4: "skipped few_points",
      5: "held number_unknown",
      6: "skipped no_points",
      7: "skipped few_points",
      8: "skipped few_points",
    });
    // A number that is missing is not below anything.
    const drawn = await test.query<{ row: string }>(
      "select distinct s.legacy_id as row from wavegate.samples m join wavegate.scores_rows s on s.id = m.staged_id where m.bucket = 'owed'",
    );
    expect(drawn).toEqual([{ row: "3" }]);
    expect(await takenBack(test, run)).toEqual([]);
    expect(await rowsOf(test, ["members"])).toEqual(before);
    await test.close();
  });

  it("asks nobody about a number where the plan says what becomes of rows without one", () => {
    const held = (condition: Condition) =>
      partsOf(scores(condition))[0]?.entity.plan.filter(
        (line) => "hold" in line && line.hold === "number_unknown",
      ).length;
    expect(held(atLeast("balance", 1))).toBe(1);
    expect(held(not(below("balance", 1)))).toBe(1);
    expect(held({ all: [{ present: "balance" }, below("balance", 1)] })).toBe(0);
    expect(held(missing("balance"))).toBe(0);
  });

  it("is refused of what is no number", () => {
    const says = (condition: Condition) => definitionFaults(scores(condition)).join("\n");
    expect(says(atLeast("no", 1))).toContain("compares “no” with 1: one of both is no number.");
    expect(says(below("balance", Number.NaN))).toContain("compares “balance” with NaN");
    expect(says(below("other", 1))).toContain("“other”, which is not known there");
    expect(says(atLeast("balance", 1e21))).toBe("");
  });
});
