import { expect, it } from "vitest";
import { phone, table } from "../../lib/define/builders.ts";
import { normalizePhone } from "../../lib/normalize/phone.ts";
import { phoneRegions } from "../../lib/normalize/phone-regions.ts";
import { rowImporter } from "../../lib/stages/import/import-row.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { small } from "../support/small.ts";

const byCode = phoneRegions({ region: "DE" });
const byWord = phoneRegions({ region: "DE", regions: { Frankreich: "FR", Großbritannien: "GB" } });
const read = (of: typeof byCode, number: string | null, country: string | null) =>
  normalizePhone(number, of(number, country)).phone;

it.each<[string, string | null, string | null, string | null]>([
  ["of the region where nothing is said", "0171 5550101", null, "491715550101"],
  ["and where that is blank", "0171 5550101", " ", "491715550101"],
  ["of the country that is said", "06 12 34 56 78", "FR", "33612345678"],
  ["in small letters", "07911 123456", " gb ", "447911123456"],
  ["of nobody where no region is called so", "0171 5550101", "XQ", null],
  ["nor by a name that is no code", "06 12 34 56 78", "Frankreich", null],
  ["of what the number says", "+48 501 234 567", "XQ", "48501234567"],
  ["and never of two, of which one may be anybody's", "+48 501 234 567 / 0171 5550101", "XQ", null],
  ["of its own country beside another's", "+48 501 234 567", "FR", "48501234567"],
  ["nothing", null, "XQ", null],
])("D3 B5 a number beside a country is %s", (_, number, country, found) => {
  expect(read(byCode, number, country)).toBe(found);
});

it("D3 B5 words for countries are the definition's, and no others", () => {
  expect(read(byWord, "06 12 34 56 78", "frankreich")).toBe("33612345678");
  expect(read(byWord, "07911 123456", "Großbritannien")).toBe("447911123456");
  expect(read(byWord, "06 12 34 56 78", "FR")).toBeNull();
  expect(() => phoneRegions({ region: "DE", regions: { Nowhere: "XQ" } })).toThrow("XQ");
});

const fields = { mobile: phone("mobile", { region: "DE", country: "land", plus: true }) };
const source = (...columns: string[]) => ({ things: table("no", "word", "mobile", ...columns) });

it("D3 B5 a row's number is read by its country, and is noted where nobody knows that", () => {
  const migration = small("land", "no", {}, { source: source("land"), fields });
  const make = rowImporter(migration, "things", "2026-11-29");
  expect(make(["1", "w", "06 12 34 56 78", "FR"])).toEqual(
    expect.arrayContaining(["33612345678", "+33612345678"]),
  );
  expect(JSON.stringify(make(["2", "w", "06 12 34 56 78", "Atlantis"]))).toContain("phone_invalid");
  expect(JSON.stringify(make(["3", "w", null, "Atlantis"]))).not.toContain("phone_invalid");
});

it("B5 check tells a country's column that its table lacks", () => {
  const faults = definitionFaults(small("land", "no", {}, { source: source(), fields }));
  expect(faults.join()).toContain("“land”");
});

it.each<[string, string | null]>([
  ["0171 5550101 (France)", null],
  ["0171 5550101 (Frankreich)", null],
  ["France: 0171 5550101", null],
  ["0171 5550101 Côte d’Ivoire", null],
  ["0171 5550101 (فرنسا)", null],
  ["0171 5550101 (FR)", null],
  ["0171 5550101 (France), 0171 5550102", null],
  ["0171 5550101 (Deutschland)", "491715550101"],
  ["0171 5550101 (DE)", "491715550101"],
  ["0171 5550101 (Büro)", "491715550101"],
  ["0171 5550101 (Francette)", "491715550101"],
  ["+33 6 12 34 56 78 (France)", "33612345678"],
  ["0033 6 12 34 56 78 France", "33612345678"],
])("D3 %j beside the name of a country is %s", (raw, found) => {
  const { phone, reason } = normalizePhone(raw, "DE");
  expect([phone, reason]).toEqual([found, found === null ? "unknown_country" : null]);
});

it("D3 of two numbers beside a country the one that says its own is read, and the other noted", () => {
  expect(normalizePhone("0171 5550101 / +33 6 12 34 56 78 (France)", "DE")).toEqual({
    phone: "33612345678",
    alternates: [],
    reason: null,
    partly: true,
  });
});

it.each<[string, string[]]>([
  ["0470/12.34.56 / 02 511 24 17", ["32470123456", "3225112417"]],
  ["0470/123456 / 02/511.24.17 / 0471/123456", ["32470123456", "3225112417", "32471123456"]],
  ["0470 / 12 / 34 / 56", ["32470123456"]],
])("D3 slashes with blanks part numbers that have slashes inside: %s", (raw, numbers) => {
  const read = normalizePhone(raw, "BE");
  expect([read.phone, ...read.alternates]).toEqual(numbers);
  expect(read.partly).toBeUndefined();
});
