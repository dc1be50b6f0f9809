import { describe, expect, it } from "vitest";
import { normalizeJson } from "../../lib/normalize/json.ts";
import { numberReader } from "../../lib/normalize/number.ts";
import { normalizeUuid } from "../../lib/normalize/uuid.ts";
import { wordReader } from "../../lib/normalize/words.ts";

describe("a number", () => {
  const whole = numberReader({ whole: true });
  it.each([
    ["7", "7"],
    [" 007 ", "7"],
    ["+7", "7"],
    ["-7.000", "-7"],
    ["-0", "0"],
    ["٤٢", "42"],
    ["9223372036854775807", "9223372036854775807"],
    ["-9223372036854775808", "-9223372036854775808"],
  ])("B5 %j is the whole number %s", (raw, value) => {
    expect(whole(raw)).toEqual({ value, reason: null });
  });

  it.each([
    [null, "missing"],
    ["", "missing"],
    ["\u200b", "missing"],
    ["null", "missing"],
    ["7.5", "unreadable"],
    ["1,234", "unreadable"],
    ["1e5", "unreadable"],
    ["0x10", "unreadable"],
    ["NaN", "unreadable"],
    ["Infinity", "unreadable"],
    ["½", "unreadable"],
    ["1 2", "unreadable"],
    ["--1", "unreadable"],
    ["9223372036854775808", "unreadable"],
    ["9".repeat(5000), "unreadable"],
    ["1'; drop table customers; --", "unreadable"],
    ["7.-", "unreadable"],
  ])("B5 D33 %j is no whole number: %s", (raw, reason) => {
    expect(whole(raw)).toEqual({ value: null, reason });
  });

  it.each([
    ["1.234.567,50", "1234567.5"],
    ["1234,5", "1234.5"],
    ["-0,10", "-0.1"],
    ["0,000", "0"],
    ["1.045,-", "1045"],
    ["45,--", "45"],
    ["-45,–", "-45"],
    ["\u22120,10", "-0.1"],
    ["€ 1.045,-", "1045"],
    ["45,- €", "45"],
    ["€ \u221212,50", "-12.5"],
    ["\u2212€ 12,50", "-12.5"],
    ["12,50-", null],
    [",-", null],
    ["45,-5", null],
    ["45-", null],
    ["45,---", null],
  ])("B5 %j is %s where the comma is the decimal mark", (raw, value) => {
    const form = { whole: false, decimal: ",", group: ".", beside: ["€"] } as const;
    expect(numberReader(form)(raw).value).toBe(value);
  });

  it.each([
    ["12.3450", "12.35"],
    ["12.3449999", "12.34"],
    ["-12.345", "-12.35"],
    ["-0.004", "0"],
    ["0.005", "0.01"],
    ["9.995", "10"],
    ["99999999999999999999.994", "99999999999999999999.99"],
    ["12.3", "12.3"],
    ["12", "12"],
    [`0.${"3".repeat(60)}`, "0.33"],
  ])("B5 %j is %s where two places are kept", (raw, value) => {
    expect(numberReader({ whole: false, places: 2 })(raw)).toEqual({ value, reason: null });
  });

  it("B5 of a whole number none is kept where that is said, and bounds are of what is kept", () => {
    expect(numberReader({ whole: true, places: 0 })("7.5").value).toBe("8");
    expect(numberReader({ whole: true })("7.5").reason).toBe("unreadable");
    const read = numberReader({ whole: false, places: 2, least: 0.01 });
    expect([read("0.005").value, read("0.0049").reason]).toEqual(["0.01", "out_of_bounds"]);
  });

  it.each([
    ["1250", "12.5"],
    ["-7", "-0.07"],
    ["5", "0.05"],
    ["0", "0"],
    ["100000", "1000"],
    ["12.5", "0.125"],
    ["9007199254740993", "90071992547409.93"],
  ])("B5 %j hundredths are %s", (raw, value) => {
    expect(numberReader({ whole: false, per: 100 })(raw)).toEqual({ value, reason: null });
  });

  it.each([
    ["12,5", "1250"],
    ["-0,07", "-7"],
    ["0", "0"],
    ["1.234,56", "123456"],
    ["45,-", "4500"],
    ["0,075", null],
    ["92233720368547758,08", null],
  ])("B5 D33 %j are %s hundredths, and a part of one is none", (raw, value) => {
    const form = { whole: true, decimal: ",", group: ".", times: 100 } as const;
    expect(numberReader(form)(raw).value).toBe(value);
  });

  it("B5 bounds and places are of what is written, not of what it was counted in", () => {
    const read = numberReader({ whole: false, per: 100, places: 1, most: 1 });
    expect([read("33.33").value, read("100").value, read("105").reason]).toEqual([
      "0.3",
      "1",
      "out_of_bounds",
    ]);
  });

  it.each(["1.23.456", "12.34,5", "1.234.56", "1,234.5", ",5"])(
    "B5 D33 %j is groups of three or nothing",
    (raw) => {
      const read = numberReader({ whole: false, decimal: ",", group: "." });
      expect(read(raw)).toEqual({ value: null, reason: "unreadable" });
    },
  );

  it.each([
    ["kr. 1.250,00", "1250"],
    ["1.250,50 KR", "1250.5"],
    ["-€ 5", "-5"],
    ["€-3,5", "-3.5"],
    ["€3", "3"],
    ["7", "7"],
    ["12 %", "12"],
    ["20.-", "20"],
    ["1.250,--", "1250"],
    ["5 ^$*+?()[]{}|/\\", "5"],
  ])("B5 %j is %s with what stands beside it", (raw, value) => {
    const beside = ["kr", "kr.", "€", "%", ".-", ",--", "^$*+?()[]{}|/\\"];
    expect(numberReader({ whole: false, decimal: ",", group: ".", beside })(raw).value).toBe(value);
  });

  it.each(["kr kr 5", "kr 5 kr", "5 kr 6", "kr", "5 DKK", "--€5", "-€-5", "k r 5"])(
    "B5 D33 %j is no number with a word beside it",
    (raw) => {
      const read = numberReader({ whole: false, decimal: ",", beside: ["kr", "€"] });
      expect(read(raw)).toEqual({ value: null, reason: "unreadable" });
    },
  );

  it.each([
    ["٥٫٥", undefined, "5.5"],
    ["٥٫٥٥٥", " ", "5.555"],
    ["١٬٢٣٤٫٥٠", " ", "1234.5"],
    ["١٬٢٣٤٫٥٠", ".", "1234.5"],
    ["−٣٫١", undefined, "-3.1"],
    ["١٬٢٣٤", undefined, null],
    ["١٢٬٣٤", " ", null],
    ["٥٫٥٫٥", " ", null],
  ] as const)(
    "B5 D33 the marks of Arabic in %s, with a group %j, are what they are: %s",
    (raw, group, value) => {
      const form = {
        whole: false,
        decimal: ",",
        ...(group === undefined ? {} : { group }),
      } as const;
      expect(numberReader(form)(raw).value).toBe(value);
    },
  );

  it.each([
    ["1 234,56", "1234.56"],
    ["1.234,56", "1234.56"],
    ["1 234 567,5", "1234567.5"],
    ["1234,56", "1234.56"],
    // Nobody writes both in one number, and no group is of two digits.
    ["1.234 567,5", null],
    ["1 234.567", null],
    ["5.12", null],
  ])("B5 of several groups %j has one, or is not read", (raw, value) => {
    const read = numberReader({ whole: false, decimal: ",", group: [".", " "] });
    expect(read(raw).value).toBe(value);
  });

  it("B5 takes white space of any kind and either apostrophe as a group, if told", () => {
    expect(numberReader({ whole: true, group: " " })("1\u202f234").value).toBe("1234");
    expect(numberReader({ whole: true, group: "'" })("1’234").value).toBe("1234");
  });

  it("B5 is believed within its bounds, both of them included", () => {
    const read = numberReader({ whole: false, least: 0, most: 100 });
    expect(["0", "100", "-0.01", "100.01"].map((raw) => read(raw).reason)).toEqual([
      null,
      null,
      "out_of_bounds",
      "out_of_bounds",
    ]);
  });

  it("B5 keeps every digit of a decimal, up to what a column keeps", () => {
    const read = numberReader({ whole: false });
    expect(read("0.12345678901234567890123456789").value).toBe("0.12345678901234567890123456789");
    expect(read("1.000000000000000000000000000000000000000000").value).toBe("1");
    expect(read(`0.${"1".repeat(39)}`).reason).toBe("unreadable");
  });
});

describe("a UUID", () => {
  const usual = "7f3a0000-0000-4000-8000-00000000ca01";
  it.each([
    usual,
    usual.toUpperCase(),
    `{${usual}}`,
    `urn:uuid:${usual}`,
    usual.replaceAll("-", ""),
    ` ${usual}\n`,
  ])("B5 %j is one way to write it", (raw) => {
    expect(normalizeUuid(raw)).toEqual({ value: usual, reason: null });
  });

  it.each([
    "7f3a0000-0000-4000-8000-00000000ca0",
    "7f3a0000-0000-4000-8000-00000000ca0g",
    "7f3a00000000-4000-8000-00000000ca01",
    `{${usual}`,
    "M-0042",
  ])("B5 D33 %j is none", (raw) => {
    expect(normalizeUuid(raw)).toEqual({ value: null, reason: "unreadable" });
  });

  it("B5 nothing is missing", () => {
    expect(normalizeUuid(" ").reason).toBe("missing");
    expect(normalizeUuid(null).reason).toBe("missing");
  });
});

describe("JSON", () => {
  it.each(['{"a": [1, 2.50, 12345678901234567890]}', "[]", '"text"', "true", "0"])(
    "B5 %s is kept as it was written",
    (raw) => {
      expect(normalizeJson(` ${raw} `)).toEqual({ value: raw, reason: null });
    },
  );

  it.each([
    "{",
    "{'a': 1}",
    "[1,]",
    "NaN",
    '"\\u0000"',
    '{"\\u0000": 1}',
    '"\\ud800"',
    "[1e200000]",
    `[${"9".repeat(600)}]`,
    `${"[".repeat(70)}${"]".repeat(70)}`,
    // A key that stands twice: of its values one would be kept, and nobody told of the others.
    '{"a": 1, "b": 2, "a": 3}',
    '[{"a": {"b": 1, "\\u0062": 2}}]',
  ])("B5 D33 %s is what no database keeps", (raw) => {
    expect(normalizeJson(raw)).toEqual({ value: null, reason: "unreadable" });
  });

  it.each(['[{"a": 1}, {"a": 2}]', '{"a": {"a": ":"}, "b": ["a", "{", "a"]}'])(
    "B5 %s has no key twice",
    (raw) => {
      expect(normalizeJson(raw)).toEqual({ value: raw, reason: null });
    },
  );

  it("B5 a long number inside a text is text", () => {
    expect(normalizeJson(`["1e99999", "${"9".repeat(600)}"]`).reason).toBeNull();
  });

  it.each([null, "", "null", " NULL "])("B5 %j is missing", (raw) => {
    expect(normalizeJson(raw)).toEqual({ value: null, reason: "missing" });
  });
});

describe("a word of a list", () => {
  const read = wordReader({ Gold: "gold", "Élève  libre": "concession", "": "none" });
  it.each([
    ["Gold", "gold"],
    [" Gold\u00a0", "gold"],
    ["E\u0301le\u0300ve libre", "concession"],
    ["", "none"],
    [null, "none"],
  ])("B5 %j means %s", (raw, value) => {
    expect(read(raw)).toEqual({ value, reason: null });
  });

  it.each(["gold", "GOLD", "Gоld", "constructor", "__proto__"])(
    "B5 D2 %j is a spelling that nobody listed",
    (raw) => {
      expect(read(raw)).toEqual({ value: null, reason: "unlisted" });
    },
  );

  it("B5 nothing is missing where the list says nothing of it", () => {
    expect(wordReader({ Gold: "gold" })("  ")).toEqual({ value: null, reason: "missing" });
  });
});
