import { describe, expect, it } from "vitest";
import { damageOfName } from "../../lib/normalize/damage.ts";
import { normalizeDate, normalizeTimestamp } from "../../lib/normalize/date.ts";
import { normalizeEmail } from "../../lib/normalize/email.ts";
import { personName } from "../../lib/normalize/name.ts";
import { remembered } from "../../lib/normalize/remembered.ts";
import { normalizeStatus } from "../../lib/normalize/status.ts";

/** A mark that is left out of whatever is read, so that a text with it goes the long way. */
const UNSEEN = "\u200E";

/** Texts with one letter of each put in the place of every other, taken out of it, and put before it. */
const changed = (texts: readonly string[], letters: string): string[] =>
  texts.flatMap((text) => [
    text,
    ...Array.from({ length: text.length + 1 }, (_, at) => [
      text.slice(0, at) + text.slice(at + 1),
      ...[...letters].flatMap((letter) => [
        text.slice(0, at) + letter + text.slice(at + 1),
        text.slice(0, at) + letter + text.slice(at),
      ]),
    ]).flat(),
  ]);

describe("W13 the short way of what most rows hold says what the long one says", () => {
  it.each([
    "1957-01-31",
    "2000-02-29",
    "1900-02-29",
    "2011-02-28",
    "0000-00-00",
    "1899-12-31",
    "2026-11-20",
    "9999-12-31",
  ])("D9 of the day %s and all that is nearly written so", (day) => {
    for (const text of changed([day, `${day} 10:20:30`], "0123459-:/ T.٣a"))
      expect([text, normalizeDate(text, "2026-11-20")]).toEqual([
        text,
        normalizeDate(UNSEEN + text, "2026-11-20"),
      ]);
  });

  it.each([
    "2014-01-02 08:05:59",
    "2000-02-29 23:59:00",
    "2001-02-29 00:00:00",
    "0000-01-01 00:00:00",
  ])("D8 of the time %s and all that is nearly written so", (time) => {
    for (const text of changed([time, `${time}.5`], "0123456-:/ T.٣a"))
      expect([text, normalizeTimestamp(text)]).toEqual([text, normalizeTimestamp(UNSEEN + text)]);
  });

  it.each([
    "sara.benali@example.com",
    "a@b.dz",
    "a+b_c-d@mail-1.co.uk",
    `${"a".repeat(50)}@example.com`,
    `a@${"b".repeat(59)}.com`,
    "NULL",
    "none@example.com",
  ])("D4 of the address %s and all that is nearly written so", (address) => {
    for (const text of changed([address], "aZ0.@-_+ é,<>ا\u0130"))
      expect([text, normalizeEmail(text, ["NULL", "none@example.com"])]).toEqual([
        text,
        normalizeEmail(UNSEEN + text, ["NULL", "none@example.com"]),
      ]);
  });

  it("D5 of a name whose words are sorted part by part", () => {
    const words = ["benali", "Aït-Ahmed", "sara amina", "Zoë", "سارة", "", "-", "xxxx", "12", "a"];
    for (const one of [null, ...words])
      for (const other of [null, ...words])
        for (const third of [null, "mina", "El Hadi"]) {
          const person = personName([one, other, third]);
          expect([one, other, third, person?.key ?? null]).toEqual([
            one,
            other,
            third,
            person?.folded?.split(" ").sort().join(" ") ?? null,
          ]);
        }
  });
});

describe("W13 what was found of a text is remembered as it was found", () => {
  it("however many there are, and nothing of a long one", () => {
    const asked: string[] = [];
    const length = remembered((text) => {
      asked.push(text);
      return text === "" ? null : text.length;
    });
    const texts = ["", "a", "b".repeat(60), "c".repeat(61)];
    expect([...texts, ...texts].map(length)).toEqual([null, 1, 60, 61, null, 1, 60, 61]);
    expect(asked).toEqual([...texts, "c".repeat(61)]);
    for (let n = 0; n < 50_000; n++) expect(length(`n${n}`)).toBe(`n${n}`.length);
    expect(asked.length).toBe(50_005);
    expect(length("a")).toBe(1);
    expect(asked.length).toBe(50_006);
  });

  it("D2 D5 D33 the second time as the first", () => {
    const texts = [
      "Sara",
      " Formée ",
      "Ã‰lise",
      "Ch?rif",
      "xxxx",
      "/",
      "NULL",
      "Аli",
      "",
      "e\u0301",
    ];
    const read = () =>
      texts.map((text) => [damageOfName(text), personName([text, "Ali"]), normalizeStatus(text)]);
    const first = read();
    expect(read()).toEqual(first);
    expect(normalizeStatus("e\u0301")).toBe("é");
  });
});
