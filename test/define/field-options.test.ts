import { expect, it } from "vitest";
import { problemsOf } from "../../lib/compile/problems/problems.ts";
import {
  birthDate,
  choice,
  commit,
  createdAt,
  date,
  decimal,
  defineMigration,
  insert,
  integer,
  phone,
  range,
  status,
  table,
  text,
  time,
  timestamp,
} from "../../lib/define/builders.ts";
import type { Field } from "../../lib/define/fields.ts";

const problems = (field: Field) =>
  problemsOf(
    defineMigration({
      name: "cards",
      title: "Cards",
      connection: "legacy",
      source: { cards: table("no", "word") },
      entity: {
        from: ["cards"],
        fields: { word: field },
        decide: {},
        actions: { card: insert("cards", { no: "legacy_id" }) },
        plan: [commit("card")],
      },
    }),
  );

// As definitions share them: of what stands under a name types do not see that it is too much.
const days = { format: "d.M.yyyy", none: ["?"], zone: "Europe/Vienna" };
const at = { region: "AT", none: ["-"] };

it.each<readonly [string, Field]>([
  ["none", createdAt("word", days)],
  ["zone", createdAt("word", days)],
  ["since", birthDate("word", { ...days, since: "1900-01-01" } as never)],
  ["none", phone("word", at)],
  ["places", range(date("word", { places: 2 } as never), date("word"))],
  ["zone", timestamp("word", { at: time("word", days as never) })],
  ["longest", { ...status("word"), longest: 3 } as Field],
])("B12 a field that says what nobody reads is refused: “%s”", (option, field) => {
  expect(problems(field).join("\n")).toContain(
    `The field “word” says “${option}”, which means nothing of it: it may say `,
  );
});

it.each<readonly [string, Field]>([
  ["a day", date("word", days)],
  ["a birth date", birthDate("word", days)],
  ["a text", text("word", { longest: 3, lines: true, lower: true })],
  ["a choice", choice("word", { a: "b" }, { case: "ignored", otherwise: "c" })],
  ["what is left undefined", { ...phone("word", { region: "AT" }), nothing: undefined } as Field],
])("B12 what it knows is not: %s", (_, field) => {
  expect(problems(field).filter((each) => each.includes("means nothing of it"))).toEqual([]);
});

it.each<readonly [string, Field, string]>([
  ["seven", decimal("word", { per: 7 }), "is multiplied or divided by what is no power of ten"],
  ["one", integer("word", { times: 1 }), "is multiplied or divided by what is no power of ten"],
  [
    "mark",
    decimal("word", { decimal: ",", group: [".", ","] }),
    "has “,” for both its decimal mark and its thousands",
  ],
  ["both", decimal("word", { per: 10, times: 10 }), "says both `per` and `times`"],
  [
    "seconds with a time",
    timestamp("word", {
      format: "unix",
      since: "2000-01-01",
      until: "2030-01-01",
      at: time("no"),
    }),
    "counts seconds, which have a time of day",
  ],
  [
    "days of a spreadsheet without a bound",
    date("word", { format: "d.M.yyyy or serial", since: "2000-01-01" }),
    "counts days, and any number is a day: say `since` and `until`.",
  ],
])("B12 refuses %s", (_, field, says) => {
  expect(problems(field)).toEqual([expect.stringContaining(`The field “word” ${says}`)]);
});

it("B12 takes hundredths, and a day with its time", () => {
  for (const field of [
    decimal("word", { per: 100 }),
    integer("word", { times: 1000 }),
    timestamp("word", { at: time("no") }),
    birthDate("word", { format: "serial" }),
  ])
    expect(problems(field)).toEqual([]);
});

it("B12 says what it may say instead", () => {
  expect(problems(birthDate("word", { since: "1900-01-01" } as never))).toEqual([
    "The field “word” says “since”, which means nothing of it: it may say implausible, youngest, none, format, zone.",
  ]);
});
