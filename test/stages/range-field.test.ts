import { expect, it } from "vitest";
import {
  date,
  decimal,
  integer,
  lasting,
  noted,
  range,
  table,
  time,
  timestamp,
} from "../../lib/define/builders.ts";
import type { Field, ValidationRule } from "../../lib/define/definition.ts";
import { rangeReader } from "../../lib/stages/import/range-field.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { small } from "../support/small.ts";

const at = (column: string) => ["a", "b"].indexOf(column);
const read = (field: Field, row: (string | null)[]) =>
  rangeReader(field as Extract<Field, { kind: "range" }>, at)(row);
const zone = "Europe/Copenhagen";

const days = range(date("a", { format: "dd-MM-yyyy" }), date("b"), { open: ["9999-12-31", "∞"] });
const times = range(timestamp("a", { zone }), timestamp("b", { zone }));
const numbers = range(decimal("a", { decimal: "," }), decimal("b"));

const exported = range(date("a", { zone }), date("b"));

const nights = range(date("a"), lasting("b", "days"), { open: ["-1"] });
const terms = range(date("a"), lasting("b", "months"), { last: "in" });
const walls = range(timestamp("a"), lasting("b", "weeks"));
const visits = range(timestamp("a", { zone }), lasting("b", "minutes"));

/** Columns that hold ranges. */
const [slot, term, part, place] = [
  range(timestamp("a", { zone })),
  range(date("a"), { open: ["infinity", "-infinity"] }),
  range(decimal("a")),
  range(integer("a")),
];

it.each<[string, Field, (string | null)[], string | null, string[]]>([
  [
    "instants as they are",
    slot,
    ['["2025-01-03 07:30:00+00","2025-01-03 09:00:00.5+01")'],
    "[2025-01-03T07:30:00Z,2025-01-03T08:00:00.5Z)",
    [],
  ],
  [
    "instants of which the last is in, and the first not",
    slot,
    ['("2025-01-03 07:30:00+00","2025-01-03 09:00:00+00"]'],
    "(2025-01-03T07:30:00Z,2025-01-03T09:00:00Z]",
    [],
  ],
  [
    "what a clock showed twice",
    slot,
    ['["2024-10-27 02:30:00",)'],
    "[2024-10-27T00:30:00Z,)",
    ["overlap"],
  ],
  ["days as they are", term, ["[2024-01-01,2024-02-01)"], "[2024-01-01,2024-02-01)", []],
  ["days without end", term, ["[2024-01-01,infinity)"], "[2024-01-01,)", []],
  ["days without beginning", term, ["(,2024-02-01]"], "(,2024-02-01]", []],
  ["all days", term, ["(,)"], "(,)", []],
  ["no days", term, ["empty"], null, ["empty"]],
  ["none of one day", term, ["[2024-01-01,2024-01-01)"], null, ["empty"]],
  ["none of one number", part, ["(1.5,1.50]"], null, ["empty"]],
  ["one number", part, ["[1.5,1.50]"], "[1.5,1.5]", []],
  ["numbers that go back", part, ["[2,1]"], null, ["reversed"]],
  ["numbers without end", part, ["(-1.50,)"], "(-1.5,)", []],
  ["whole numbers", place, ["[1,5)"], "[1,5)", []],
  ["parts of numbers as whole ones", place, ["[1,5.5)"], null, ["unreadable"]],
  ["what is no range", place, ["1-5"], null, ["unreadable"]],
  ["one bound", place, ["[1)"], null, ["unreadable"]],
  ["several", place, ["{[1,2),[5,6)}"], null, ["unreadable"]],
  ["three bounds", place, ["[1,2,3)"], null, ["unreadable"]],
  ["nothing", place, [" "], null, []],
  ["null", place, [null], null, []],
  [
    "days of which one is an instant",
    exported,
    ["2024-02-26T23:00:00.000Z", "2024-03-01"],
    "[2024-02-27,2024-03-01]",
    [],
  ],
  ["nights", nights, ["2024-02-27", "3"], "[2024-02-27,2024-03-01)", []],
  ["no nights", nights, ["2024-02-27", "0"], null, ["empty"]],
  ["nights before", nights, ["2024-02-27", "-2"], null, ["reversed"]],
  ["nights that nobody counted", nights, ["2024-02-27", ""], "[2024-02-27,)", ["absent"]],
  ["nights without end", nights, ["2024-02-27", "-1"], "[2024-02-27,)", []],
  ["half a night", nights, ["2024-02-27", "1.5"], null, ["unreadable"]],
  ["nights from no day", nights, [null, "3"], null, ["unreadable"]],
  ["nights from a zero day", nights, ["0000-00-00", "3"], null, ["zero", "unreadable"]],
  ["nights from what is none", nights, ["soon", "3"], null, ["unreadable"]],
  ["neither day nor nights", nights, ["", ""], null, []],
  ["more nights than there are days", nights, ["2024-02-27", "9999999"], null, ["out_of_bounds"]],
  ["more than any", nights, ["2024-02-27", "99999999999999999999"], null, ["unreadable"]],
  ["months from a last day", terms, ["2023-01-31", "1"], "[2023-01-31,2023-02-28]", []],
  ["months over a year", terms, ["2023-12-31", "14"], "[2023-12-31,2025-02-28]", []],
  [
    "years from a leap day",
    range(date("a"), lasting("b", "years")),
    ["2024-02-29", "1"],
    "[2024-02-29,2025-02-28)",
    [],
  ],
  [
    "weeks by a clock on the wall",
    walls,
    ["2024-03-20 10:00:00.5", "2"],
    "[2024-03-20 10:00:00.5,2024-04-03 10:00:00.5)",
    [],
  ],
  [
    "minutes over a change of clocks",
    visits,
    ["2024-03-31 01:30", "60"],
    "[2024-03-31T00:30:00Z,2024-03-31T01:30:00Z)",
    [],
  ],
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
    ["cut", "cut", "empty"],
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

it("B5 a range of which nobody says how long it lasts is held, unless a rule lets it be without an end", () => {
  const rulesOf = (field: Field, validate: ValidationRule[] = []) =>
    small(
      "ranges",
      "no",
      {},
      {
        source: { things: table("no", "word", "a", "b") },
        fields: { it: field },
        validate,
      },
    ).entity.validate.filter(({ when }) => JSON.stringify(when).includes("_absent"));
  expect(rulesOf(nights)).toMatchObject([{ id: "range_absent", verdict: "needs_review" }]);
  expect(rulesOf(days)).toEqual([]);
  const open = {
    id: "open",
    says: "It has no end.",
    when: noted("it_absent"),
    verdict: "note",
  } as const;
  expect(rulesOf(nights, [open])).toEqual([open]);
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

const hours = range(timestamp("day", { at: time("a") }), timestamp("day", { at: time("b") }));
it.each<[string, (string | null)[], string | null, string[]]>([
  ["both", ["2024-03-20", "10:00", "11:30"], "[2024-03-20 10:00:00,2024-03-20 11:30:00)", []],
  ["no end", ["2024-03-20", "10:00", ""], null, ["midnight", "reversed"]],
  ["no day", [null, "10:00", "11:00"], null, ["unreadable", "unreadable"]],
  ["nothing", [null, null, null], null, []],
])("B5 a range of a day and two times of day: %s", (_, row, value, noted) => {
  const three = (column: string) => ["day", "a", "b"].indexOf(column);
  expect(rangeReader(hours, three)(row)).toEqual({ value, noted });
  expect(hours.parts).toEqual(["day", "a", "day", "b"]);
});

it("B5 a time of day beside a day is written in a format that means something", () => {
  const at = (format: string) => timestamp("a", { at: time("b", { format }) });
  expect(faults(at("H.mm"))).toEqual([]);
  expect(faults(at("dd.MM"))).toEqual([
    expect.stringMatching(/^The field “it” can read nothing: “dd” of “dd.MM” means nothing/),
  ]);
});

it("B5 check refuses ranges that cannot be", () => {
  const sound = [days, times, numbers, range(integer("a"), integer("b"))];
  expect([...sound, nights, terms, walls, visits, slot, term, part, place].flatMap(faults)).toEqual(
    [],
  );
  expect(faults(range(timestamp("a", { at: time("b") })))).toEqual([
    "The field “it” has its times in another column, and a range holds its own.",
  ]);
  expect(faults(range(date("a", { since: "soon" })))).toHaveLength(1);
  expect(faults(range(date("a", { format: "nn" })))).toHaveLength(1);
  expect(faults(range(date("a", { place: 2 } as never)))).toHaveLength(1);
  expect(faults(range(integer("a"), lasting("b", "days")))).toEqual([
    "The field “it” is of numbers, which last no days.",
  ]);
  expect(faults(range(date("a"), lasting("b", "hours")))).toEqual([
    "The field “it” begins with a day, and lasts hours: take a time, `timestamp(…)`.",
  ]);
  expect(faults(range(timestamp("a", { zone }), lasting("b", "days")))).toEqual([
    "The field “it” begins with an instant, and lasts days, which are longer or shorter where clocks change: say minutes or hours, or leave the zone out.",
  ]);
  const odd = range(date("a"), integer("b") as never);
  expect(faults(odd)).toEqual(["The field “it” goes from a date to a number."]);
  expect(faults(range(timestamp("a", { zone }), timestamp("b")))).toEqual([
    "The field “it” has a zone at one end: what a clock showed and an instant have no order.",
  ]);
  expect(faults(range(timestamp("a", { absent: "b" }), timestamp("b")))).toEqual([
    "The field “it” takes no other column where one is empty: it is open there.",
  ]);
  expect(faults(exported)).toEqual([]);
  expect(faults(range(date("a", { zone }), lasting("b", "months")))).toEqual([]);
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
