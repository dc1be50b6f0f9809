import { describe, expect, it } from "vitest";
import { formatFault, timeReader } from "../../lib/normalize/date-format.ts";
import { textReader } from "../../lib/normalize/free-text.ts";
import { dateReader, momentReader } from "../../lib/normalize/moment.ts";
import { timeOfDayReader } from "../../lib/normalize/time-of-day.ts";
import { everyStep } from "../support/every-step.ts";
import { mulberry32 } from "../support/random.ts";

describe("a day", () => {
  const british = dateReader({ format: "dd/MM/yyyy" });
  it.each([
    ["29/02/2024", "2024-02-29"],
    [" 01/12/1999 ", "1999-12-01"],
    ["٠١/١٢/١٩٩٩", "1999-12-01"],
  ])("B5 %j is %s", (raw, value) => {
    expect(british(raw)).toEqual({ value, reason: null });
  });

  it.each([
    [null, "missing"],
    ["NULL", "missing"],
    ["00/00/0000", "zero"],
    ["29/02/2023", "unreadable"],
    ["31/04/2023", "unreadable"],
    ["12/31/2023", "unreadable"],
    ["1/2/2023", "unreadable"],
    ["01/02/23", "unreadable"],
    ["2023-02-01", "unreadable"],
    ["01/02/20233", "unreadable"],
    ["01/02/2023 x", "unreadable"],
    ["00/02/2023", "unreadable"],
  ])("B5 D33 %j is none: %s", (raw, reason) => {
    expect(british(raw)).toEqual({ value: null, reason });
  });

  it("B5 D33 is written in one of several ways, and is none where two of them read two days", () => {
    const danish = dateReader({ format: "dd-MM-yyyy or d/M-yyyy or iso" });
    expect(
      ["03-04-2024", "3/4-2024", "2024-04-03", "3.4.2024", "31-02-2024", "00-00-0000"].map(
        (raw) => danish(raw).value ?? danish(raw).reason,
      ),
    ).toEqual(["2024-04-03", "2024-04-03", "2024-04-03", "unreadable", "unreadable", "zero"]);
    const either = dateReader({ format: "dd/MM/yyyy or MM/dd/yyyy" });
    expect(["03/04/2024", "13/04/2024", "04/04/2024"].map((raw) => either(raw).value)).toEqual([
      null,
      "2024-04-13",
      "2024-04-04",
    ]);
    expect(formatFault("dd-MM-yyyy or d/M")).toBe("“d/M” says no year.");
  });

  it.each([
    ["iso", "-0001-11-30T00:00:00.000000Z"],
    ["iso", "-0001-11-30"],
    ["iso", "0001-01-01"],
    ["iso", "0001-01-01T00:00:00Z"],
    ["dd/MM/yyyy", "30/11/-0001"],
    ["dd/MM/yyyy", "01/01/0001"],
    ["MM/dd/yyyy[ HH:mm]", "11/30/-0001 00:00"],
    ["M/d/yyyy h:mm:ss a", "1/1/0001 12:00:00 AM"],
  ])("B5 D33 of %s %s is a zero date, as programs write one that have no year 0", (format, raw) => {
    expect(dateReader({ format })(raw)).toEqual({ value: null, reason: "zero" });
    expect(momentReader({ format, zone: "UTC" })(raw)).toEqual({ value: null, reason: "zero" });
  });

  it.each(["-0001-11-29", "-0002-11-30", "0001-01-32", "-0001-11-30x", "30/11/-0001 x"])(
    "B5 D33 and %s is none",
    (raw) => expect(dateReader({})(raw)).toEqual({ value: null, reason: "unreadable" }),
  );

  it.each([
    ["2024-05-12 10:00:00 UTC", "2024-05-12T10:00:00Z"],
    ["2024-05-12 10:00 GMT", "2024-05-12T10:00:00Z"],
    ["2024-05-12T10:00:00.5UTC", "2024-05-12T10:00:00.5Z"],
    ["2024-05-12 10:00:00 CET", null],
    ["2024-05-12 10:00:00 utc", null],
  ])("B5 D33 %s says where its clock hung: %s", (raw, value) => {
    expect(momentReader({ zone: "Europe/Paris" })(raw).value).toBe(value);
    expect(momentReader({})(raw)).toEqual({ value: null, reason: "unreadable" });
  });

  it("B5 D33 a month may be its English name, whole or for short, in letters of any case", () => {
    const read = dateReader({ format: "dd-MMM-yyyy or d MMM yyyy or MMM d, yyyy" });
    expect(
      [
        ...["05-MAR-2020", "5 March 2020", "Sept. 3, 2021", "31-sep-2021", "May 9, 1999"],
        ...["05-MRZ-2020", "05-Marche-2020", "5 Ma 2020", "05-03-2020", "29-Feb-2023"],
      ].map((raw) => read(raw).value ?? read(raw).reason),
    ).toEqual([
      ...["2020-03-05", "2020-03-05", "2021-09-03", "unreadable", "1999-05-09"],
      ...["unreadable", "unreadable", "unreadable", "unreadable", "unreadable"],
    ]);
    expect(dateReader({ format: "dd-MMM-yy from 1950" })("05-MAR-49").value).toBe("2049-03-05");
  });

  it("B5 D33 hours of half a day are read with the half, and never without", () => {
    const read = momentReader({ format: "M/d/yyyy[ h:mm a]" });
    const days = ["1/5/2024 7:00 PM", "1/5/2024 12:00 AM", "1/5/2024 12:30 p.m.", "1/5/2024"];
    expect(days.map((raw) => read(raw).value)).toEqual([
      ...["2024-01-05 19:00:00", "2024-01-05 00:00:00", "2024-01-05 12:30:00"],
      "2024-01-05 00:00:00",
    ]);
    expect(read("1/5/2024 7:00\u202FPM").value).toBe("2024-01-05 19:00:00");
    for (const raw of [
      "1/5/2024 7:00",
      "1/5/2024 13:00 PM",
      "1/5/2024 0:30 AM",
      "1/5/2024 7:00 XM",
    ])
      expect(read(raw)).toEqual({ value: null, reason: "unreadable" });
    expect(timeOfDayReader("hh:mm a")("07:05 pm").value).toBe("19:05:00");
    const halfOf = "say where it says which half, AM or PM, by “a”, or take H.";
    expect(formatFault("M/d/yyyy h:mm")).toContain(halfOf);
    expect(formatFault("M/d/yyyy h:mm[ a]")).toContain(halfOf);
    expect(formatFault("M/d/yyyy HH:mm a")).toContain("has no hours of one, h.");
    expect(formatFault("M/d/yyyy at h:mm a")).toContain("means nothing");
    expect(formatFault("d MMM/M yyyy")).toContain("says the month twice.");
  });

  it("B5 a format with one letter takes one digit or two", () => {
    const read = dateReader({ format: "d.M.yyyy" });
    expect(["1.2.2023", "01.02.2023", "1x2x2023"].map((raw) => read(raw).value)).toEqual([
      "2023-02-01",
      "2023-02-01",
      null,
    ]);
  });

  it.each([
    ["45321", "2024-01-30", "2024-01-30 00:00:00"],
    [" 36526 ", "2000-01-01", "2000-01-01 00:00:00"],
    ["45351", "2024-02-29", "2024-02-29 00:00:00"],
    ["45321,3958333333", "2024-01-30", "2024-01-30 09:30:00"],
    ["45321.39583", "2024-01-30", "2024-01-30 09:30:00"],
    ["45321,5", "2024-01-30", "2024-01-30 12:00:00"],
    ["45321,75", "2024-01-30", "2024-01-30 18:00:00"],
    ["30.01.2024", "2024-01-30", "2024-01-30 00:00:00"],
    ["0", "zero", "zero"],
    // A year alone, a price, digits that were cut off, the next day's midnight.
    ["1985", "unreadable", "unreadable"],
    ["453210", "unreadable", "unreadable"],
    ["-45321", "unreadable", "unreadable"],
    ["45321,4", "unreadable", "unreadable"],
    ["45321,999999", "unreadable", "unreadable"],
    ["12345", "out_of_bounds", "out_of_bounds"],
  ])("B5 D33 %j as spreadsheets count days is %s, with its time %s", (raw, day, time) => {
    const form = {
      ...{ format: "dd.MM.yyyy or serial", since: "1990-01-01", until: "2030-12-31" },
    };
    const [read, moment] = [dateReader(form)(raw), momentReader(form)(raw)];
    expect([read.value ?? read.reason, moment.value ?? moment.reason]).toEqual([day, time]);
  });

  it("B5 D33 a day as spreadsheets count them is shown by a clock that hung somewhere", () => {
    const read = momentReader({ format: "serial", zone: "Europe/Paris" });
    expect(read("45474,5").value).toBe("2024-07-01T10:00:00Z");
    expect(formatFault("dd.MM.yyyy or serial")).toBeUndefined();
    expect(formatFault("serials")).toContain("means nothing");
  });

  it("B5 counts from 1970, and is believed between bounds", () => {
    const read = dateReader({ format: "unix", since: "2000-01-01", until: "2030-12-31" });
    expect(read("1551693072")).toEqual({ value: "2019-03-04", reason: null });
    expect(read("0")).toEqual({ value: null, reason: "out_of_bounds" });
    expect(read("1551693072000").reason).toBe("unreadable");
    expect(read("soon").reason).toBe("unreadable");
    const milliseconds = dateReader({ format: "unix-ms", zone: "UTC" });
    expect(
      ["-1", "1551693072000", "86400000", "86399999"].map((raw) => milliseconds(raw).value),
    ).toEqual(["1969-12-31", "2019-03-04", "1970-01-02", "1970-01-01"]);
  });

  it("B5 takes an ISO date, and leaves the time of day out", () => {
    const read = dateReader({});
    expect(read("2019-03-04T10:11:12Z").value).toBe("2019-03-04");
    expect(read("04/03/2019").reason).toBe("unreadable");
  });

  it("B5 D9 of an instant it is the day in a zone; where none is said, one late in the evening may be the next", () => {
    const midnights = ["2020-05-11T22:00:00.000Z", "2020-01-11 23:00:00+00", "1578783600"];
    const bounds = { since: "2000-01-01", until: "2030-12-31" };
    const read = (zone?: string) =>
      midnights.map((raw) => {
        const format = /^\d+$/u.test(raw) ? { format: "unix", ...bounds } : {};
        return dateReader({ ...format, ...(zone && { zone }) })(raw);
      });
    expect(read()).toEqual(midnights.map(() => ({ value: null, reason: "unreadable" })));
    const days = (zone: string) => read(zone).map(({ value }) => value);
    expect(days("Europe/Paris")).toEqual(["2020-05-12", "2020-01-12", "2020-01-12"]);
    expect(days("UTC")).toEqual(["2020-05-11", "2020-01-11", "2020-01-11"]);
    expect(days("Asia/Tokyo")).toEqual(["2020-05-12", "2020-01-12", "2020-01-12"]);
    // What names no offset is what the clock showed.
    const paris = dateReader({ zone: "Europe/Paris", since: "2020-05-12" });
    expect(paris("2020-05-12 23:30:00").value).toBe("2020-05-12");
    expect(paris("2020-05-11T22:00:00Z").value).toBe("2020-05-12");
    expect(paris("2020-05-11T21:59:59Z").reason).toBe("out_of_bounds");
    expect(dateReader({})("2020-05-11 23:30:00").value).toBe("2020-05-11");
    expect(dateReader({})("2020-05-11T19:59:59Z").value).toBe("2020-05-11");
    expect(dateReader({ zone: "America/Lima" })("2020-05-12T04:59:00+00:00").value).toBe(
      "2020-05-11",
    );
    expect(dateReader({ zone: "Asia/Tokyo" })("9999-12-31T23:00:00Z").reason).toBe("unreadable");
  });
});

describe("a time", () => {
  it.each([
    ["2019-03-04 10:11:12", "2019-03-04 10:11:12"],
    ["2019-03-04T10:11:12.500", "2019-03-04 10:11:12.5"],
    ["2019-03-04", "2019-03-04 00:00:00"],
    ["0099-01-02", "0099-01-02 00:00:00"],
  ])("B5 %j without a zone is what the clock showed, %s", (raw, value) => {
    expect(momentReader({})(raw)).toEqual({ value, reason: null });
  });

  it.each(["2019-03-04 24:00:00", "2019-03-04 10:60:00", "2019-03-04T10:11:12Z"])(
    "B5 D33 %j cannot be read without a zone",
    (raw) => {
      expect(momentReader({})(raw)).toEqual({ value: null, reason: "unreadable" });
    },
  );

  const london = momentReader({ format: "dd/MM/yyyy HH:mm", zone: "Europe/London" });
  it.each([
    ["15/01/2024 12:30", "2024-01-15T12:30:00Z", null],
    ["15/07/2024 12:30", "2024-07-15T11:30:00Z", null],
    ["31/03/2024 01:30", "2024-03-31T01:30:00Z", "gap"],
    ["31/03/2024 02:00", "2024-03-31T01:00:00Z", null],
    ["27/10/2024 01:30", "2024-10-27T00:30:00Z", "overlap"],
    ["27/10/2024 02:00", "2024-10-27T02:00:00Z", null],
  ])("B5 %j in London is %s, noted as %s", (raw, value, reason) => {
    expect(london(raw)).toEqual({ value, reason });
  });

  it.each([
    ["2024-07-15 12:30:00.1234567", "123456", "cut"],
    ["2024-07-15 12:30:00.1234560", "123456", null],
    ["2024-07-15 12:30:00.123456789", "123456", "cut"],
    ["2024-07-15 12:30:00.0000001", "", "cut"],
  ])("B5 D33 of %j six digits of a second are kept, noted as %s %s", (raw, digits, reason) => {
    const fraction = digits && `.${digits}`;
    expect(momentReader({})(raw)).toEqual({ value: `2024-07-15 12:30:00${fraction}`, reason });
    expect(momentReader({ zone: "Asia/Tokyo" })(raw)).toEqual({
      value: `2024-07-15T03:30:00${fraction}Z`,
      reason,
    });
    expect(dateReader({})(raw)).toEqual({ value: "2024-07-15", reason: null });
  });

  it("B5 an offset in the text says what the zone need not", () => {
    const read = momentReader({ zone: "America/New_York" });
    expect(read("2024-07-15T12:30:00+02:00").value).toBe("2024-07-15T10:30:00Z");
    expect(read("2024-07-15 12:30:00.25").value).toBe("2024-07-15T16:30:00.25Z");
    expect(read("2024-07-15T12:30:00+99:00").reason).toBe("unreadable");
  });

  it("B5 seconds from 1970 are an instant wherever the clock hung", () => {
    const read = momentReader({ format: "unix", zone: "Asia/Tokyo" });
    expect(read("1551693072").value).toBe("2019-03-04T09:51:12Z");
    expect(read("99999999999999999999").reason).toBe("unreadable");
  });

  it("B5 what a zone's clocks show of an instant is the time that it was read from, in every zone and on the days on which they change", () => {
    const random = mulberry32(20_261_128);
    const day = 86_400_000;
    for (const zone of Intl.supportedValuesOf("timeZone").filter(
      (_, at) => everyStep || at % 9 === 0,
    )) {
      const read = momentReader({ zone });
      const dayOf = dateReader({ zone });
      const clock = new Intl.DateTimeFormat("sv-SE", {
        timeZone: zone,
        dateStyle: "short",
        timeStyle: "medium",
      });
      const shown = (at: number): string => clock.format(at);
      // The offset in minutes, near enough to see that it changes.
      const offset = (at: number) => Math.round((Date.parse(`${shown(at)}Z`) - at) / 60_000);
      const days = Array.from({ length: 12 }, () => Math.floor((random() - 0.4) * 40_000));
      const last = Math.floor(Date.parse("2026-01-01Z") / day);
      for (let n = last - 500; n < last; n += 1)
        if (offset(n * day) !== offset((n + 1) * day)) days.push(n - 1, n, n + 1);
      for (const n of days)
        for (let hour = 0; hour < 24; hour += 1) {
          const wall = new Date((n * 24 + hour) * 3_600_000 + Math.floor(random() * 3_600) * 1_000)
            .toISOString()
            .slice(0, 19)
            .replace("T", " ");
          const { value, reason } = read(wall);
          if (reason !== "gap" && value !== null && dayOf(value).value !== wall.slice(0, 10))
            expect([zone, wall, value]).toEqual(dayOf(value).value);
          const at = Date.parse(value ?? "");
          if (reason === null && shown(at) !== wall) expect([zone, wall, value]).toEqual(shown(at));
          // Of two the first, and of none the one that clocks would have shown had they not been put forward.
          if (reason === "overlap")
            expect([zone, shown(at), offset(at) > offset(at + day)]).toEqual([zone, wall, true]);
          if (reason === "gap") expect([zone, offset(at) > offset(at - day)]).toEqual([zone, true]);
        }
    }
  });

  it("B5 years of a zone's first clocks do not stop it", () => {
    expect(momentReader({ zone: "Europe/Paris" })("1850-01-01 12:00:00").value).toBe(
      "1850-01-01T11:50:39Z",
    );
  });
});

describe("a format", () => {
  it.each([
    ["dd/MM/yy", "“dd/MM/yy” has years of two digits"],
    ["dd/MM", "“dd/MM” says no year."],
    ["yyyy", "“yyyy” says no month."],
    ["dd/dd/MM/yyyy", "“dd/dd/MM/yyyy” says the day twice."],
    ["DD/MM/YYYY", "“DD” of “DD/MM/YYYY” means nothing"],
    ["constructor", "“constructor” of “constructor” means nothing"],
  ])("B5 %j is refused in a sentence", (format, says) => {
    expect(formatFault(format)).toContain(says);
    expect(() => timeReader(format)).toThrow(says);
  });

  it("B5 signs in it mean themselves", () => {
    expect(dateReader({ format: "(dd).MM*yyyy" })("(01).02*2023").value).toBe("2023-02-01");
    expect(dateReader({ format: "(dd).MM*yyyy" })("(01)x02*2023").value).toBeNull();
    expect(dateReader({ format: "d' of 'M' 'yyyy" })("1 of 2 2023").value).toBe("2023-02-01");
  });
});

describe("a text", () => {
  it.each([
    ["  a \u00a0 b\n c ", "a b c"],
    ["e\u0301", "é"],
    ["a\u200bb\u202e", "ab"],
    ["<b>=1+1</b>", "<b>=1+1</b>"],
    ["bell\u0007", "bell"],
  ])("B5 %j is kept as %j", (raw, value) => {
    expect(textReader({})(raw)).toEqual({ value, reason: null });
  });

  it("B5 keeps its lines if told", () => {
    expect(textReader({ lines: true })("a \r\n  b\r\rc\u2028d\n").value).toBe("a\nb\n\nc\nd");
    expect(textReader({ lower: true, longest: 6 })("\u00A0BWV  21 ")).toEqual({
      value: "bwv 21",
      reason: null,
    });
    expect(textReader({ lower: true, placeholders: ["NONE"] })("None")).toEqual({
      value: null,
      reason: "placeholder",
    });
  });

  it("B5 tells a placeholder in any case, and a long text by what people count as letters", () => {
    const read = textReader({ placeholders: ["N/A", "none "], longest: 3 });
    expect(read(" n/a")).toEqual({ value: null, reason: "placeholder" });
    expect(read("NONE").reason).toBe("placeholder");
    expect(read("😀😀😀").reason).toBeNull();
    expect(read("abcd")).toEqual({ value: "abcd", reason: "too_long" });
    expect(read(" \u200b ").reason).toBe("missing");
  });
});

it.each([
  ["dd.MM.yy from 1930", "31.12.30", "1930-12-31"],
  ["dd.MM.yy from 1930", "31.12.29", "2029-12-31"],
  ["dd.MM.yy from 1930", "01.02.00", "2000-02-01"],
  ["dd.MM.yy from 1930", "31.12.1999", null],
  ["dd.MM.yy from 1930", "00.00.00", null],
  ["yyMMdd from 1925", "240131", "2024-01-31"],
  ["yyMMdd from 1925", "250131", "1925-01-31"],
  ["d/M/yy[ HH:mm] from 1950", "1/2/49 10:30", "2049-02-01"],
  ["dd/MM/yyyy or dd/MM/yy from 1930", "01/02/1899", "1899-02-01"],
  ["dd/MM/yyyy or dd/MM/yy from 1930", "01/02/99", "1999-02-01"],
  ["dd/MM/yy from 1930 or MM/dd/yy from 1930", "01/02/99", null],
])("B5 D33 a year of two digits is of the hundred years that %s says: %s", (format, text, day) => {
  expect(dateReader({ format })(text).value).toBe(day);
});

it.each([
  [
    "dd.MM.yy",
    "“dd.MM.yy” has years of two digits: say of which hundred years they are, by the first, as in “dd.MM.yy from 1930”.",
  ],
  [
    "dd/MM/yyyy or d/M/yy",
    "“d/M/yy” has years of two digits: say of which hundred years they are, by the first, as in “d/M/yy from 1930”.",
  ],
  [
    "dd.MM.yyyy from 1930",
    "“dd.MM.yyyy from 1930” says which hundred years are meant, and has no year of two digits, yy.",
  ],
  [
    "dd.MM.yy from 9999",
    "“dd.MM.yy from 9999” means years that no calendar has: say the first of a hundred, as in “dd.MM.yy from 1930”.",
  ],
  ["yy.MM.yyyy from 1930", "“yy.MM.yyyy” says no day."],
  ["yy.dd.MM.yyyy from 1930", "“yy.dd.MM.yyyy” says the year twice."],
])("B5 a format without its hundred years is refused: %s", (format, says) => {
  expect(formatFault(format)).toBe(says);
});
