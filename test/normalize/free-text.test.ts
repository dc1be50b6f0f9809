import { expect, it } from "vitest";
import { textReader } from "../../lib/normalize/free-text.ts";

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

it("B5 what is left out is no placeholder's either, and lines stay where they are kept", () => {
  const read = textReader({ without: ["*"], placeholders: ["none"], lines: true });
  const groups = textReader({ without: [" ", "-"], placeholders: ["DE 00-00"] });
  expect([groups("DE 0000").reason, groups("DE 00-01").value]).toEqual(["placeholder", "DE0001"]);
  expect([read("*none*").reason, read("a *\n* b").value]).toEqual(["placeholder", "a\nb"]);
});
