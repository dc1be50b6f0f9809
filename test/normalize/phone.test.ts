import { describe, expect, it } from "vitest";
import { normalizePhone } from "../../lib/normalize/phone.ts";

const alone = (phone: string) => ({ phone, alternates: [], reason: null });
/** A number, and beside it digits that are none. */
const partly = (phone: string) => ({ ...alone(phone), partly: true });
const none = (reason: string) => ({ phone: null, alternates: [], reason });

describe("a phone field", () => {
  it.each([
    ["0559446168", "213559446168"],
    ["0776845160", "213776845160"],
  ])("M8 %s becomes %s", (raw, phone) => {
    expect(normalizePhone(raw, "DZ")).toEqual(alone(phone));
  });

  it.each([
    ["+213 form", "+213559446168"],
    ["+213 with a trunk zero", "+213 (0) 559 44 61 68"],
    ["00213 form", "00213559446168"],
    ["00 213 with spaces", "00 213 559 44 61 68"],
    ["bare country code", "213559446168"],
    ["missing leading zero", "559446168"],
    ["spaces", " 0559 44 61 68 "],
    ["dots", "0559.44.61.68"],
    ["dashes", "0559-44-61-68"],
    ["long dashes", "0559–44–61–68"],
    ["no-break spaces", "0559\u00A044\u202F61\u00A068"],
    ["slashes inside one number", "0559/44/61/68"],
    ["Arabic-Indic digits", "٠٥٥٩٤٤٦١٦٨"],
    ["Persian digits", "۰۵۵۹۴۴۶۱۶۸"],
    ["full-width digits and plus", "＋２１３５５９４４６１６８"],
    ["bidirectional marks", "\u202A0559446168\u202C"],
    ["zero-width spaces", "0559\u200B446168"],
    ["a label before and after", "Tél : 0559446168 (père)"],
    ["a short label with a dot", "tel.0559446168"],
    ["a spreadsheet's apostrophe", "'0559446168"],
    ["a typographic apostrophe", "’0559446168"],
    ["an apostrophe before spaces", "' 0559 44 61 68"],
    ["apostrophes on both sides", "'0559446168'"],
    ["a spreadsheet's formula", '="0559446168"'],
    ["a formula with the country", '="+213559446168"'],
    ["a formula in typographic quotes", "=“0559446168”"],
    ["a formula without quotes", "=+213559446168"],
    ["quotes alone", '"0559446168"'],
    ["quotes that were doubled", '=""0559446168""'],
    ["a label before an apostrophe", "Tél : '0559446168"],
  ])("D3 understands %s", (_, raw) => {
    expect(normalizePhone(raw, "DZ")).toEqual(alone("213559446168"));
  });

  it.each([
    ["0559446168 / 0776845160"],
    ["0559446168,0776845160"],
    ["0559446168;0776845160"],
    ["0559446168 - 0776845160"],
    ["0559446168-0776845160"],
    ["0559446168 ou 0776845160"],
    ["0559446168ou0776845160"],
    ["0559446168 et 0776845160"],
    ["٠٥٥٩٤٤٦١٦٨ أو ٠٧٧٦٨٤٥١٦٠"],
    ["0559446168 0776845160"],
    ["0559446168\n0776845160"],
    ["05 59 44 61 68 07 76 84 51 60"],
    ["+213559446168+213776845160"],
    ["00213559446168 00213776845160"],
    ["père 0559446168 mère 0776845160"],
    ["'0559446168 / '0776845160"],
    ['="0559446168" ; ="0776845160"'],
    ['="0559446168/0776845160"'],
  ])("D3 finds both numbers of %j", (raw) => {
    expect(normalizePhone(raw, "DZ")).toEqual({
      phone: "213559446168",
      alternates: ["213776845160"],
      reason: null,
    });
  });

  it("D3 gives the first valid number where the first one is not", () => {
    expect(normalizePhone("12345 ; 0550001014", "DZ")).toEqual(partly("213550001014"));
    expect(normalizePhone("0559446168 07768", "DZ")).toEqual(partly("213559446168"));
    expect(normalizePhone("(212) 555-0123 x45", "US")).toEqual(partly("12125550123"));
  });

  it("names the same number once", () => {
    expect(normalizePhone("0559446168 / +213559446168", "DZ")).toEqual(alone("213559446168"));
  });

  it("understands a land line, also where the last digits of a second one follow", () => {
    expect(normalizePhone("021 23 45 67", "DZ")).toEqual(alone("21321234567"));
    expect(normalizePhone("021 23 45 67/68", "DZ")).toEqual(partly("21321234567"));
  });

  it.each([
    "05 59 44 61 68 - 69",
    "05 59 44 61 68-69",
    "05.59.44.61.68 – 69",
    "05-59-44-61-68 69",
    "05 59 44 61 68 / 69",
    "05 59 44 61 68 à 70",
    "05 59 44 61 68 -69 -70",
  ])("D3 reads the whole number of %j, and notes that the rest is none", (raw) => {
    expect(normalizePhone(raw, "DZ")).toEqual(partly("213559446168"));
  });

  it("D3 reads two whole numbers in groups, apart by a dash", () => {
    expect(normalizePhone("05 59 44 61 68 - 07 76 84 51 60", "DZ")).toEqual({
      phone: "213559446168",
      alternates: ["213776845160"],
      reason: null,
    });
  });

  it("keeps a foreign number that says its country", () => {
    expect(normalizePhone("+33 6 12 34 56 78", "DZ")).toEqual(alone("33612345678"));
    expect(normalizePhone("0612345678", "FR")).toEqual(alone("33612345678"));
  });

  it.each([
    [null, "missing"],
    ["", "missing"],
    ["  ", "missing"],
    ["/", "missing"],
    ["-", "missing"],
    ["NULL", "missing"],
    ["néant", "missing"],
    ["voir sa mère", "not_a_number"],
    ["05500", "too_short"],
    ["0", "too_short"],
    ["0559446168000", "too_long"],
    ["021 23 45 67 89", "too_long"],
    ["33612345678", "too_long"],
    ["0100000000", "malformed"],
    ["O559446168", "malformed"],
    ["055000101A", "malformed"],
    ["0559'446168", "malformed"],
    ['0559"446168', "malformed"],
    ["='Feuil1'!B2", "malformed"],
    ["'05500", "too_short"],
    ["'", "missing"],
    ['=""', "missing"],
    ["0559446168".repeat(60), "malformed"],
  ])("M8 keeps %j invalid: %s", (raw, reason) => {
    expect(normalizePhone(raw, "DZ")).toEqual(none(reason));
  });

  it("refuses a region without a numbering plan in one sentence", () => {
    expect(() => normalizePhone("not plain", "XX")).toThrow(
      expect.objectContaining({
        name: "UnknownRegion",
        message:
          '"XX" is not a region of the numbering plans; write its two letters, such as "DZ". Nothing was written.',
      }),
    );
  });

  it("stays quick on hostile input", () => {
    const hostile = ["a.".repeat(200), "1 ".repeat(240), "+1".repeat(240), "(".repeat(499)];
    for (const raw of hostile) expect(normalizePhone(raw, "DZ").phone).toBeNull();
  });
});
