import { expect, it } from "vitest";
import { date, decimal, integer, range, table, timestamp } from "../../lib/define/builders.ts";
import type { Field } from "../../lib/define/definition.ts";
import { definitionFaults } from "../../lib/stages/definition-faults.ts";
import { rangeReader } from "../../lib/stages/range-field.ts";
import { small } from "../support/small.ts";

const at = (column: string) => ["a", "b"].indexOf(column);
const read = (field: Field, row: (string | null)[]) =>
  rangeReader(field as Extract<Field, { kind: "range" }>, at)(row);
const zone = "Europe/Copenhagen";

const days = range(date("a", { format: "dd-MM-yyyy" }), date("b"), { open: ["9999-12-31", "∞"] });
const times = range(timestamp("a", { zone }), timestamp("b", { zone }));
const numbers = range(decimal("a", { decimal: "," }), decimal("b"));

it.each<[string, Field, (string | null)[], string | null, string[]]>([
  ["days", days, ["02-01-2024", "2024-02-01"], "[2024-01-02,2024-02-01]", []],
  ["one day", days, ["02-01-2024", "2024-01-02"], "[2024-01-02,2024-01-02]", []],
  ["no end", days, ["02-01-2024", null], "[2024-01-02,)", []],
  ["no beginning", days, [" ", "2024-02-01"], "(,2024-02-01]", []],
  ["an end that stands for none", days, ["02-01-2024", " 9999-12-31 "], "[2024-01-02,)", []],
  ["neither", days, ["", "∞"], null, []],
  ["a zero end", days, ["02-01-2024", "0000-00-00"], "[2024-01-02,)", ["zero"]],
  ["nothing but zeros", days, [null, "0000-00-00"], null, ["zero"]],
  ["the other way round", days, ["02-02-2024", "2024-02-01"], null, ["reversed"]],
  ["what cannot be read", days, ["2024-01-02", "2024-02-01"], null, ["unreadable"]],
  ["and a zero end", days, ["2024-01-02", "0000-00-00"], null, ["unreadable", "zero"]],
  [
    "times",
    times,
    ["2024-07-01 10:00:00", "2024-07-01 11:30"],
    "[2024-07-01T08:00:00Z,2024-07-01T09:30:00Z)",
    [],
  ],
  ["no time", times, ["2024-07-01 10:00", "2024-07-01 10:00:00.0"], null, ["empty"]],
  [
    "parts of a second",
    times,
    ["2024-07-01 10:00", "2024-07-01 10:00:00.25"],
    "[2024-07-01T08:00:00Z,2024-07-01T08:00:00.25Z)",
    [],
  ],
  [
    "less than a database keeps",
    times,
    ["2024-07-01T08:00:00.0000001Z", "2024-07-01T08:00:00.0000002Z"],
    null,
    ["empty"],
  ],
  [
    "a time shown twice",
    times,
    ["2024-10-27 02:30", "2024-10-27 04:00"],
    "[2024-10-27T00:30:00Z,2024-10-27T03:00:00Z)",
    ["overlap"],
  ],
  ["numbers", numbers, ["-1,50", "0.75"], "[-1.5,0.75]", []],
  ["by their size", numbers, ["9", "10"], "[9,10]", []],
  ["of which one is less", numbers, ["-1", "-1.5"], null, ["reversed"]],
])("B5 B7 a range of %s", (_, field, row, value, noted) => {
  expect(read(field, row)).toEqual({ value, noted });
});

const faults = (it: Field) =>
  definitionFaults(
    small(
      "ranges",
      "no",
      {},
      { source: { things: table("no", "word", "a", "b") }, fields: { it } },
    ),
  );

it("B5 check refuses ranges that cannot be", () => {
  expect([days, times, numbers, range(integer("a"), integer("b"))].flatMap(faults)).toEqual([]);
  const odd = range(date("a"), integer("b") as never);
  expect(faults(odd)).toEqual(["The field “it” goes from a date to a number."]);
  expect(faults(range(timestamp("a", { zone }), timestamp("b")))).toEqual([
    "The field “it” has a zone at one end: what a clock showed and an instant have no order.",
  ]);
  expect(faults(range(timestamp("a", { absent: "b" }), timestamp("b")))).toEqual([
    "The field “it” takes no other column where one is empty: it is open there.",
  ]);
  expect(faults(range(date("a", { format: "unix" }), date("b"), { open: [""] }))).toEqual([
    "The field “it” has “” among its `open` texts, which is open anyway.",
    "The field “it” counts seconds, and any number is a time: say `since` and `until`.",
  ]);
  expect(faults(range(date("a"), date("b", { format: "dd/MM" })))).toEqual([
    "The field “it” can read nothing: “dd/MM” says no year.",
  ]);
  expect(faults(range(date("a"), date("c")))).toEqual([
    "The field “it” is made from “c”, a column that “things” does not declare.",
  ]);
});
