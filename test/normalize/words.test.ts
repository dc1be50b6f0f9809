import { describe, expect, it } from "vitest";
import { formatFault, timeReader } from "../../lib/normalize/date-format.ts";
import { wordReader } from "../../lib/normalize/words.ts";

describe("words of a closed list", () => {
  it.each([
    ["2ND YEAR", "second"],
    [" 2nd  year ", "second"],
    ["2nd Yea", null],
    ["", null],
  ])("V11 %j without capitals is %s", (raw, value) => {
    expect(wordReader({ "2nd Year": "second" }, { case: "ignored" })(raw).value).toBe(value);
  });

  const category = wordReader(
    { Art: "art" },
    {
      firstOf: ";",
      case: "ignored",
      beginnings: [
        ["Hik", "outdoor"],
        ["Art", "craft"],
      ],
      otherwise: "general",
    },
  );
  it.each([
    ["Hiking; Art", "outdoor"],
    ["art;Hiking", "art"],
    ["Artisans", "craft"],
    ["Bridge", "general"],
    [null, "general"],
    ["; Hiking", "general"],
  ])("V11 the first of %j is %s", (raw, value) => {
    expect(category(raw)).toEqual({ value, reason: null });
  });

  it.each([
    ["Moved away; DECEASED 2019", "dead"],
    ["deceased", "dead"],
    ["Do not call, blocked", "blocked"],
    ["call after six", "fine"],
    ["(none)", "nothing"],
    ["", "fine"],
    [null, "fine"],
  ])("B5 a remark %j is told by what stands in it: %s", (raw, value) => {
    const remark = wordReader(
      { "(none)": "nothing" },
      {
        case: "ignored",
        containing: [
          ["Deceased", "dead"],
          ["blocked", "blocked"],
        ],
        otherwise: "fine",
      },
    );
    expect(remark(raw)).toEqual({ value, reason: null });
  });

  it("V11 what nobody listed stays unlisted where nothing stands for it", () => {
    expect(wordReader({ Confirmed: "yes" })("Declined")).toEqual({
      value: null,
      reason: "unlisted",
    });
  });
});

describe("a format whose end may be missing", () => {
  const read = timeReader("MM/dd/yyyy[ HH:mm]");
  it.each([
    ["05/01/2024", 0, 0],
    ["05/01/2024 19:05", 19, 5],
  ])("V11 reads %j", (raw, hour, minute) => {
    expect(read(raw).time).toMatchObject({ year: 2024, month: 5, day: 1, hour, minute });
  });
  it.each(["05/01/2024 07:00 PM", "05/01/2024 7", "1/5/24", "TBD", "02/30/2020", "31/12/2020"])(
    "V11 does not read %j",
    (raw) => {
      expect(read(raw).reason).toBe("unreadable");
    },
  );
  it.each(["[MM/dd/yyyy]", "MM/dd[/yyyy]", "MM/dd/yyyy[ HH", "MM/dd/yyyy[ MM]"])(
    "V11 %j means nothing",
    (format) => {
      expect(formatFault(format)).toBeTypeOf("string");
    },
  );
});
