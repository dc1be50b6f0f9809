import { expect, it } from "vitest";
import { guessed } from "../../lib/author/draft.ts";
import { guessField } from "../../lib/author/guess-field.ts";

it.each<[string, (string | null)[], string]>([
  // Three hands wrote them.
  [
    "narozen",
    ["1980-05-17", "17.05.1980", "17/5/1980", "1981-04-02", "31.12.1979", "2/11/1975", null],
    'birthDate("narozen", { format: "yyyy-MM-dd or d/M/yyyy or dd.MM.yyyy" })',
  ],
  [
    "seen",
    ["17.05.1980", "1.12.1980", "2020-01-31", "2020-02-01"],
    'date("seen", { format: "yyyy-MM-dd or d.M.yyyy" })',
  ],
  ["seen", ["17.05.1980", "2020-01-31", "soon", "never"], 'text("seen")'],
])(
  "B12 days of a column %s that several hands wrote are guessed, each in its own format",
  (column, values, code) => {
    expect(guessField(column, values).code).toBe(code);
  },
);

it("B12 numbers that do not say where they are from are from where others of the same rows are", () => {
  const numbers = ["603 123 456", "774 123 456", "607 123 456"];
  const codes = (columns: Record<string, string[]>) =>
    guessed({
      table: "clients",
      columns: ["no", ...Object.keys(columns)],
      key: ["no"],
      sample: [0, 1, 2].map((n) => [`${n}`, ...Object.values(columns).map((of) => of[n] ?? null)]),
    }).guesses.map(({ code }) => code);
  const said = ["+420 603 123 456", "774 123 457", "607 123 457"];
  expect(codes({ mobil: numbers, telefon: said })).toEqual([
    'phone("mobil", { region: "CZ" })',
    'phone("telefon", { region: "CZ" })',
  ]);
  // What does not fit there stays what it is.
  expect(
    codes({ mobile: ["07911 123456", "07911 123457", "07911 123458"], telefon: said }),
  ).toEqual(['phone("mobile", { region: "GB" })', 'phone("telefon", { region: "CZ" })']);
  expect(codes({ mobil: numbers })).not.toEqual(['phone("mobil", { region: "CZ" })']);
});
