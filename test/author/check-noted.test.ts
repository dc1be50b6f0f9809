import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import {
  birthDate,
  composed,
  date,
  email,
  file,
  integerKey,
  list,
  name,
  noted,
  phone,
  range,
  text,
  timestamp,
} from "../../lib/define/builders.ts";
import type { Field, Migration } from "../../lib/define/definition.ts";
import { openSource } from "../../lib/sources/open.ts";
import { sourceSettings } from "../../lib/sources/settings.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { folderOf, small } from "../support/small.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

const told = async (migration: Migration, rows: readonly (readonly string[])[]) => {
  const folder = await folderOf(test, { things: [["no", "word"], ...rows] });
  const source = await openSource(sourceSettings("legacy", test.legacy));
  const { problems } = await checkSource(migration, source, "2026-11-20");
  await source.close();
  await folder.remove();
  return problems.map(({ id, about, rows }) => `${id} ${about} ${rows}`);
};
const about = (word: Field, validate?: Migration["entity"]["validate"]) =>
  small("noted", "no", {}, { fields: { word }, ...(validate === undefined ? {} : { validate }) });

/** Of each kind of finding that no field is told by its own: a field that notes it, and a text of which it is noted. */
const held: readonly (readonly [finding: string, word: Field, text: string])[] = [
  ["word_zero", date("word"), "0000-00-00"],
  ["word_zero", timestamp("word"), "0000-00-00 00:00:00"],
  ["word_overlap", timestamp("word", { zone: "Europe/Vienna" }), "2025-10-26 02:30:00"],
  ["word_zero", range(date("word"), date("word")), "0000-00-00"],
  ["birth_date_zero", birthDate("word"), "0000-00-00"],
  ["birth_date_implausible", birthDate("word", { implausible: ["1900-01-01"] }), "1900-01-01"],
  ["word_placeholder", text("word", { placeholders: ["none"] }), "none"],
  ["word_too_long", text("word", { longest: 3 }), "four"],
  ["word_placeholder", composed("{word}", { placeholders: ["-"] }), "-"],
  ["name_placeholder", name("word", { placeholders: ["test"] }), "Test"],
  ["email_placeholder", email("word", { placeholders: ["office@x.com"] }), "office@x.com"],
  ["phone_partly_read", phone("word", { region: "AT" }), "0664 1234567 / 12"],
  ["list_unlisted", list("word", { by: ",", means: { a: "A" } }), "a,b"],
];

it("B12 check says of no file that it is missing, as it opens none", async () => {
  const photo = about(file("word", { within: "photos", types: ["image/png"] }));
  expect(await told(photo, [["1", "one.png"]])).toEqual([]);
});

describe("B12 check tells what is noted on rows that are held for want of a rule", () => {
  it.each(held)("%s", async (finding, word, value) => {
    const rows = [
      ["1", value],
      ["2", ""],
    ];
    expect(await told(about(word), rows)).toEqual(["value_noted word 1"]);
    const ruled = { id: "known", says: "It is known.", when: noted(finding as "word_zero") };
    for (const verdict of ["note", "needs_review"] as const)
      expect(await told(about(word, [{ ...ruled, verdict }]), rows)).toEqual([]);
  });

  it("of any column of the row, too", async () => {
    expect(await told(about(text("word")), [["1", "a\u0000b"]])).toEqual(["value_noted things 1"]);
  });

  it("and rows whose key is another's, or none", async () => {
    const rows = ["B-1", "B-2", "B-1", "B-3", "", "B-1", "B-3"].map((no) => [no, "x"]);
    expect(await told(small("keyed", "no"), rows)).toEqual([
      "key_repeated things 5",
      "key_absent things 1",
    ]);
    const unfit = ["1,00E+12", "B-1", "x".repeat(501), "#N/A"].map((no) => [no, "x"]);
    expect(await told(small("keyed", "no"), unfit)).toEqual(["key_unfit things 3"]);
    expect(await told(small("keyed", integerKey("no")), [["1", "x"]])).toEqual([]);
  });
});
