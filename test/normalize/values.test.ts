import { describe, expect, it } from "vitest";
import { normalizeDate, normalizeTimestamp } from "../../lib/normalize/date.ts";
import { nearest, normalizeStatus } from "../../lib/normalize/status.ts";
import { cleanText } from "../../lib/normalize/text.ts";

describe("a birth date", () => {
  it.each([
    ...["1998-05-12", " 1998-05-12 ", "1998-05-12 00:00:00", "1998-05-12T00:00:00.000"],
    ...[
      "1998-05-12T00:00:00Z",
      "1998-05-12T00:00:00.000Z",
      "1998-05-12T00:00:00+01:00",
      "1998-05-12 00:00:00+01",
    ],
    ...[
      "1998-05-12 00:00:00.0000000",
      "\u200E1998-05-12\u200E",
      "1998\u201005\u201012",
      "1998–05–12",
      "1998−05−12",
    ],
    ...["١٩٩٨-٠٥-١٢", "۱۹۹۸-۰۵-۱۲", "１９９８－０５－１２", "१९९८-०५-१२", "1998-05-12 23:59"],
    "1998-05-12T19:59:59Z",
  ])("%j is 1998-05-12", (raw) => {
    expect(normalizeDate(raw, "2026-11-20")).toEqual({ date: "1998-05-12", reason: null });
  });

  it("knows leap years, and takes the first and the last plausible day", () => {
    expect(normalizeDate("2000-02-29", "2026-11-20").date).toBe("2000-02-29");
    expect(normalizeDate("1900-02-29", "2026-11-20").reason).toBe("impossible");
    expect(normalizeDate("1900-01-01", "2026-11-20").date).toBe("1900-01-01");
    expect(normalizeDate("2026-11-20", "2026-11-20").date).toBe("2026-11-20");
  });

  it.each([
    [null, "missing"],
    ["", "missing"],
    ["NULL", "missing"],
    ["0000-00-00", "zero"],
    ["0000-00-00 00:00:00", "zero"],
    ["2023-02-30", "impossible"],
    ["1998-13-01", "impossible"],
    ["1998-00-00", "impossible"],
    ["0000-05-12", "impossible"],
    ["12/05/1998", "impossible"],
    ["hier", "impossible"],
    ["1998-05-12 99:99:99", "impossible"],
    ["1998-05-12 24:00:00", "impossible"],
    ["1998-05-12 00:61:00", "impossible"],
    // The day before midnight elsewhere is the next day here.
    ["1998-05-11T23:00:00.000Z", "impossible"],
    ["1998-05-11 20:00:00+02", "impossible"],
    ["????-??-??", "impossible"],
    ["########", "impossible"],
    ["-", "placeholder"],
    ["?", "placeholder"],
    ["N/A", "placeholder"],
    ["inconnu", "placeholder"],
    ["Inconnue", "placeholder"],
    ["--/--/----", "placeholder"],
    ["jj/mm/aaaa", "placeholder"],
    ["néant", "placeholder"],
    ["غير معروف", "placeholder"],
    ["2026-11-21", "future"],
    ["1899-12-31", "too_old"],
  ])("D9 %j has no date: %s", (raw, reason) => {
    expect(normalizeDate(raw, "2026-11-20")).toEqual({ date: null, reason });
  });
});

describe("a time stamp", () => {
  it.each([
    ["2019-03-04 10:11:12", "2019-03-04 10:11:12"],
    ["2019-03-04T10:11:12.5", "2019-03-04 10:11:12.5"],
    ["2019-03-04", "2019-03-04 00:00:00"],
    ["2019-03-04T10:11:12Z", "2019-03-04 10:11:12"],
    ["2019-03-04 10:11:12.1234567", "2019-03-04 10:11:12.123456"],
    ["٢٠١٩-٠٣-٠٤", "2019-03-04 00:00:00"],
    ["2019-03-04 10:11", "2019-03-04 10:11:00"],
    ["2019-03-04T10:11Z", "2019-03-04 10:11:00"],
    ["2019-03-04 10:11:12 UTC", "2019-03-04 10:11:12"],
    ["2019-03-04 10:11:12.5 GMT", "2019-03-04 10:11:12.5"],
    ["0001-01-02 00:00:00", "0001-01-02 00:00:00"],
    // Of one that names its offset it is UTC's, so that such times are in order.
    ["2019-03-04T00:30:00+01:00", "2019-03-03 23:30:00"],
    ["2019-12-31 20:15:12.5-0445", "2020-01-01 01:00:12.5"],
    ["2019-03-04 10:11:12+00", "2019-03-04 10:11:12"],
  ])("D8 %j orders as %j", (raw, time) => {
    expect(normalizeTimestamp(raw)).toEqual({ time, reason: null });
  });

  it.each([
    ["0000-00-00 00:00:00", "missing"],
    ["0000-00-00", "missing"],
    ["0001-01-01 00:00:00", "missing"],
    ["-0001-11-30T00:00:00.000000Z", "missing"],
    ["2019-03-04 10", "unreadable"],
    ["", "missing"],
    ["NULL", "missing"],
    [null, "missing"],
    ["2019-02-30 10:11:12", "unreadable"],
    ["2019-03-04 25:00:00", "unreadable"],
    ["9999-12-31T23:30:00-01:00", "unreadable"],
    ["04/03/2019", "unreadable"],
    ["1551693072", "unreadable"],
  ])("D33 %j has no time: %s", (raw, reason) => {
    expect(normalizeTimestamp(raw)).toEqual({ time: null, reason });
  });
});

describe("a status", () => {
  it.each([
    ["Formée", "Form\u00E9e"],
    ["Forme\u0301e", "Form\u00E9e"],
    ["  Ne \t répond\u00A0 pas\n", "Ne répond pas"],
    ["ARCHIVÉ", "ARCHIVÉ"],
    ["", null],
    ["   ", null],
    [null, null],
  ])("D2 %j is compared as %j", (raw, status) => {
    expect(normalizeStatus(raw)).toBe(status);
  });

  it.each([
    ["formée", "Formée", 0],
    ["Forme\u0301", "Formée", 1],
    ["Fromée", "Formée", 1],
    ["Confirmé", "Confirmer", 1],
    ["CONFIRMER", "Confirmer", 0],
    ["ARCHIVE", "Archivé", 0],
    ["F\u043Erm\u00e9e", "Formée", 0],
    ["Form\u200bée", "Formée", 0],
    ["infromer", "Informer", 1],
    ["Confirmeer", "Confirmer", 1],
    ["Confirrmer", "Confirmer", 1],
    ["Confimer", "Confirmer", 1],
    ["Archivéé", "Archivé", 1],
    ["Informr", "Informer", 1],
    ["Foormée", "Formée", 1],
  ])("D2 suggests for %j what is near, as people read it: %s", (text, word, distance) => {
    const listed = ["Formée", "Archivé", "Informer", "Confirmer"];
    expect(nearest(text, listed)).toEqual({ word, distance });
  });

  it.each([
    // Of two that are read alike, the one that is written more alike, whichever is listed first.
    ["Archivé", ["archive", "Archivé"], "Archivé"],
    ["Archivé", ["Archivé", "archive"], "Archivé"],
    // What is read alike is nearer than what is one edit away, though more of it is written otherwise.
    ["formee", ["formex", "FORMÉE"], "FORMÉE"],
    ["formee", ["FORMÉE", "formex"], "FORMÉE"],
    // Of equals the first one.
    ["Archife", ["Archive", "Archixe"], "Archive"],
    ["Archife", ["Archixe", "Archive"], "Archixe"],
  ])("D2 the nearest to %j of %j is %s", (text, listed, word) => {
    expect(nearest(text, listed)?.word).toBe(word);
  });

  it.each([
    ...["Annulé", "Abandon", "Payé", "X", "en cours", "Certifiée"],
    // What means the opposite, or something else, though it is near.
    ...[
      "Déconfirmer",
      "Déconfirmé",
      "Fermée",
      "Fermé",
      "Infirmer",
      "Infirmé",
      "Désinformer",
      "Conformer",
    ],
    ...[
      "Déformée",
      "Reformée",
      "Réformée",
      "Désarchivé",
      "Inconfirmer",
      "Firmée",
      "Non confirmer",
      "Préformée",
    ],
  ])("D2 suggests nothing for %j", (text) => {
    expect(nearest(text, ["Formée", "Archivé", "Informer", "Confirmer"])).toBeNull();
    expect(nearest(text, [])).toBeNull();
  });
});

describe("clean text", () => {
  it.each([
    ["plain", "plain", 0],
    ["a\u0000b\u0000", "ab", 2],
    ["a\uD83Db", "a\uFFFDb", 1],
    ["a\uDC00\uD83D", "a\uFFFD\uFFFD", 2],
    ["\uD83C\uDF38", "🌸", 0],
    ["=1+1 <b>", "=1+1 <b>", 0],
    ["\uD83D\u0000\uDE00", "😀", 1],
  ])("W13 %j becomes %j", (raw, text, stripped) => {
    expect(cleanText(raw)).toEqual({ text, stripped });
  });
});
