import { expect, it } from "vitest";
import { textReader } from "../../lib/normalize/free-text.ts";
import { personName } from "../../lib/normalize/name.ts";
import { holdsUseless } from "../../lib/normalize/text.ts";

it.each([
  ["DE14 5001 0517 5407 3249 31", "DE14500105175407324931"],
  [" DE14\u00a05001-0517 ", "DE1450010517"],
  ["DE14500105175407324931", "DE14500105175407324931"],
  [" - ", null],
  ["", null],
  [null, null],
])("B5 %j is %j without blanks and dashes", (raw, value) => {
  expect(textReader({ without: [" ", "-"] })(raw).value).toBe(value);
});

it("B5 a code is in capitals where that is said", () => {
  expect(textReader({ upper: true })(" sw1a 1aé ").value).toBe("SW1A 1AÉ");
  expect(textReader({ upper: true, placeholders: ["none"] })("None").value).toBe(null);
});

it.each([
  ["1067", "01067"],
  [" 7 ", "00007"],
  ["01067", "01067"],
  ["123456", "123456"],
  ["D-1067", "D-1067"],
  ["-1067", "-1067"],
  ["1067.0", "1067.0"],
  ["٧", "٧"],
  ["0", null],
  ["00000", null],
  ["", null],
  [null, null],
])("B5 %j is %j with the leading zeros that a number lost", (raw, value) => {
  expect(textReader({ digits: 5, placeholders: ["0", "00000"] })(raw).value).toBe(value);
});

it.each([
  ...[
    "#N/A",
    " #NV ",
    "#BEZUG!",
    "#DIV/0!",
    "#DEEL/0!",
    "#NAME?",
    "#¿NOMBRE?",
    "#¡VALOR!",
    "########",
  ],
  ...[
    "1,00E+12",
    "4.9151E+11",
    "-2E+15",
    '="0012346"',
    "'0012345",
    "'+49 151/20",
    "Rex_x000D_ Fido",
  ],
])("D33 %j is what a spreadsheet left of a text, or put around it", (raw) => {
  expect(textReader({})(raw)).toEqual({ value: raw.trim(), reason: "spoilt" });
  expect(textReader({ lower: true })(raw).reason).toBe("spoilt");
  expect(textReader({ placeholders: [raw] })(raw).reason).toBe("placeholder");
});

it.each([
  ...["#12", "#1!", "# 4", "#NEU", "#", "###", "E+12", "3E12", "1E5", "1,00E+12 km", "15E+2"],
  ...["'t Hart", "'90 was good", "'s-Gravenhage", '=""x', "=", "'", "N/A"],
])("D33 %j is what somebody wrote", (raw) => {
  expect(textReader({})(raw).reason).toBeNull();
});

// Without its joiners a Persian word is another one, and a family falls apart.
const MEANT = [
  "می\u200Cخواهم",
  "علی\u200Cرضا",
  "क्\u200Dष",
  "ක්\u200Dෂ",
  "❤\uFE0F",
  "1\uFE0F\u20E3",
  "👨\u200D👩\u200D👧",
  "🏳\uFE0F\u200D🌈",
  "👩🏽\u200D💻",
];

it.each(MEANT)("B5 D33 %j is kept as people wrote it, in texts and names", (text) => {
  expect(textReader({})(` ${text} `).value).toBe(text);
  expect(personName([`Ali ${text}`])?.full).toBe(`Ali ${text}`);
  expect(holdsUseless(text)).toBe(false);
});

it.each([
  ["a\u200Cb", "ab"],
  ["a\u200D", "a"],
  ["می\u200C خواهم", "می خواهم"],
  ["\u200Dس", "س"],
  ["a\uFE0F", "a"],
  ["م\u200B\u200Cن", "من"],
  ["سا\u200Eرة", "سارة"],
])("B5 %j is %j, as what cannot be seen says nothing there", (text, value) => {
  expect(textReader({})(text).value).toBe(value);
  expect(holdsUseless(text)).toBe(true);
});

it.each([
  ["12 rue X\u000BAlger", "12 rue X Alger", "12 rue X\nAlger"],
  ["a\fb", "a b", "a\nb"],
  ["a\u000B\u000Bb", "a b", "a\n\nb"],
])("B5 D33 a vertical tab in %j stands between lines", (text, plain, lines) => {
  expect(textReader({})(text).value).toBe(plain);
  expect(textReader({ lines: true })(text).value).toBe(lines);
});

it("B5 what is left out is no placeholder's either, and lines stay where they are kept", () => {
  const read = textReader({ without: ["*"], placeholders: ["none"], lines: true });
  const groups = textReader({ without: [" ", "-"], placeholders: ["DE 00-00"] });
  expect([groups("DE 0000").reason, groups("DE 00-01").value]).toEqual(["placeholder", "DE0001"]);
  expect([read("*none*").reason, read("a *\n* b").value]).toEqual(["placeholder", "a\nb"]);
});
