import { expect, it } from "vitest";
import { guessField } from "../../lib/author/guess-field.ts";

/** So many of some values, each in its turn. */
const many = (...values: string[]): string[] =>
  Array.from({ length: 20 }, (_, n) => values[n % values.length] as string);
const mostly = (values: string[], ...others: string[]): string[] => [...many(...values), ...others];

it.each<[string, string[], code: string, says?: string]>([
  // What says that there is nothing stands beside what a column is made of.
  [
    "joined",
    mostly(["2019-03-04", "2020-01-31"], "-", "-", "n/a", "néant", "(null)"),
    'date("joined", { none: ["-", "n/a", "néant", "(null)"] })',
    "20 % of the values say that there is none (-, n/a, néant): look",
  ],
  [
    "email",
    mostly(["a@b.example", "c@d.example"], ...many("-", "nan")),
    'email("email", { placeholders: [] })',
    "50 % of the values say that there is none (-, nan)",
  ],
  [
    "fee",
    mostly(["1,234.50", "20.00"], ...many("-")),
    'decimal("fee", { group: ",", none: ["-"] })',
    "50 % of the values say",
  ],
  [
    "active",
    mostly(["Yes", "No"], "N/A", "N/A"),
    'boolean("active", { yes: ["Yes"], no: ["No"], none: ["n/a"] })',
    "say that there is none (N/A)",
  ],
  // What a spreadsheet left of a word is none of a list's.
  [
    "class",
    mostly(["A", "B"], "#BEZUG!", "#N/A"),
    'choice("class", { A: "A", B: "B" })',
    "2 words, again and again; say what each is called on the platform; what a spreadsheet left of one",
  ],
  ["paid", many("WAHR", "FALSCH"), 'boolean("paid", { yes: ["WAHR"], no: ["FALSCH"] })'],
  ["paid", many("PRAWDA", "FAŁSZ"), 'boolean("paid", { yes: ["PRAWDA"], no: ["FAŁSZ"] })'],
  ["paid", many("x", "-"), 'boolean("paid", { yes: ["x"], no: ["-"] })'],
  [
    "note",
    many("-", "went skiing", "came late", "left early"),
    'choice("note", { "-": "-", "went skiing": "went skiing", "came late": "came late", "left early": "left early" })',
  ],
  // A birth date with a time is one, and is hidden as one (D20).
  [
    "date_naissance",
    many("1990-05-12 00:00:00", "1985-12-31 00:00:00"),
    'birthDate("date_naissance")',
    "times, which are left out",
  ],
  [
    "dob",
    many("1990-05-11T23:00:00.000Z", "1985-12-30T23:00:00.000Z"),
    'birthDate("dob")',
    "may be the midnight before a day elsewhere",
  ],
  ["ne_le", many("12/05/1990", "31/12/1985"), 'birthDate("ne_le", { format: "dd/MM/yyyy" })'],
  ["Né(e) le", many("12/05/1990", "31/12/1985"), 'birthDate("Né(e) le", { format: "dd/MM/yyyy" })'],
  [
    "ne_pas_relancer_avant",
    many("12/05/2030", "31/12/2031"),
    'date("ne_pas_relancer_avant", { format: "dd/MM/yyyy" })',
  ],
  ["dob", many("19900512", "19851231"), 'birthDate("dob", { format: "yyyyMMdd" })'],
  ["member_no", many("19900512", "19851231"), 'integer("member_no")'],
  ["dob", many("12.5.90", "30.11.85"), 'birthDate("dob", { format: "d.M.yy from 1930" })'],
  // Called as one it is one, and hidden as one, where not all of its values are days: what is none is held.
  [
    "GEBDAT",
    mostly(["3.5.1971", "24.12.1985"], "1950", "12.12.45", "um 1960", ...many("unbek.").slice(8)),
    'birthDate("GEBDAT", { format: "d.M.yyyy" })',
    "% of the values are days as d.M.yyyy",
  ],
  ["when_seen", [...many("3.5.1971", "24.12.1985"), ...many("um 1960")], 'text("when_seen")'],
  ["dob", many("٢٢/٠٥/١٩٩٠", "٣١/١٢/١٩٨٥"), 'birthDate("dob", { format: "dd/MM/yyyy" })'],
  [
    "dob",
    many("1369/02/22", "1370/11/30"),
    'birthDate("dob", { format: "yyyy/MM/dd" })',
    "of another calendar",
  ],
  [
    "dob",
    many("32874", "33001", "29221"),
    'birthDate("dob", { format: "serial" })',
    "as spreadsheets count them",
  ],
  [
    "joined_on_date",
    many("43528", "43900.5"),
    'timestamp("joined_on_date", { format: "serial", since: "1980-01-01", until: "2099-12-31" })',
    "say between which they are believed; say the zone where the clock hung",
  ],
  [
    "joined",
    many("43528", "43900"),
    'date("joined", { format: "serial", since: "1980-01-01", until: "2099-12-31" })',
    "as spreadsheets count them (32874 is 1990-01-01); say between which they are believed",
  ],
  [
    "opens",
    mostly(["14:05", "10:30"], "9:30"),
    'time("opens", { format: "H:mm[:ss]" })',
    "times of day",
  ],
  [
    "joined",
    mostly(["14.05.2021", "31.12.2022"], "3.1.2021"),
    'date("joined", { format: "d.M.yyyy" })',
  ],
  // As several hands wrote them into one column of a spreadsheet.
  [
    "signed",
    many("3.1.2021", "14.02.2022", "30.11.2023", "44710", "23.03.22"),
    'date("signed", { format: "d.M.yyyy or dd.MM.yy from 1930 or serial", since: "1980-01-01", until: "2099-12-31" })',
    "say the first of the hundred years they are of; say between which they are believed",
  ],
  [
    "signed",
    many("02/14/2022", "11/30/2023", "44710", "03/12/22"),
    'date("signed", { format: "MM/dd/yyyy or MM/dd/yy from 1930 or serial", since: "1980-01-01", until: "2099-12-31" })',
  ],
  [
    "geb_datum",
    many("03.01.1981", "14.02.1992", "33269"),
    'birthDate("geb_datum", { format: "dd.MM.yyyy or serial" })',
    "days as dd.MM.yyyy or serial",
  ],
  ["visits", many("43528", "43900"), 'integer("visits")'],
  [
    "dob",
    many("12 mai 1990", "3 juin 1985", "1er janvier 2000"),
    'text("dob")',
    "another language than English",
  ],
  [
    "created_at",
    many("2019-03-04 10:11:12 UTC", "2020-03-04 10:11:12 UTC"),
    'createdAt("created_at")',
  ],
  [
    "seen_date",
    many("2019-03-04 10:11:12 UTC", "2020-03-04 10:11:12 UTC"),
    'timestamp("seen_date", { zone: "UTC" })',
  ],
  [
    "created",
    many("1551693072", "1583315472"),
    'timestamp("created", { format: "unix", zone: "UTC", since: "1980-01-01", until: "2099-12-31" })',
    "seconds from 1970",
  ],
  [
    "created",
    many("1551693072000", "1583315472000"),
    'timestamp("created", { format: "unix-ms", zone: "UTC", since: "1980-01-01", until: "2099-12-31" })',
    "milliseconds",
  ],
  ["opens", many("08:30", "14:05"), 'time("opens")'],
  ["opens", many("8:30", "14:05:10"), 'time("opens", { format: "H:mm[:ss]" })'],
  ["opens", many("8h30", "14h05"), `time("opens", { format: "H'h'mm" })`],
  ["lasts", many("08:30", "36:00", "101:15"), 'duration("lasts")'],
  ["lent_for", many("P21D", "P1M", "PT1H30M"), 'duration("lent_for")'],
  [
    "lent_for",
    many("21 days", "1 mon", "1 mon 10 days 12:30:00", "-"),
    'duration("lent_for", { none: ["-"] })',
  ],
  [
    "prix",
    many("1 234,50 DA", "20 000,00 DA"),
    'decimal("prix", { decimal: ",", group: " ", beside: ["DA"] })',
  ],
  [
    "prix",
    many("1\u00A0234,50 €", "20\u202F000,00 €"),
    'decimal("prix", { decimal: ",", group: " ", beside: ["€"] })',
  ],
  ["prix", many("١٢٠٠ دج", "٨٥٠ دج"), 'integer("prix", { beside: ["دج"] })'],
  ["rate", many("12%", "15.5 %"), 'decimal("rate", { beside: ["%"] })'],
  [
    "actif",
    many("Y", "N", "y", "n", "Yes", "No"),
    'boolean("actif", { yes: ["Y", "y", "Yes"], no: ["N", "n", "No"] })',
  ],
  ["actif", many("VRAI", "FAUX"), 'boolean("actif", { yes: ["VRAI"], no: ["FAUX"] })'],
  ["actif", many("O", "N"), 'boolean("actif", { yes: ["O"], no: ["N"] })'],
  ["actif", many("نعم", "لا"), 'boolean("actif", { yes: ["نعم"], no: ["لا"] })'],
  ["actif", many("-1", "0"), 'boolean("actif", { yes: ["-1"], no: ["0"] })'],
  ["level", many("-1", "0", "1"), 'integer("level")'],
  ["answer", many("Yes", "Y"), 'choice("answer", { Yes: "Yes", Y: "Y" })'],
  [
    "phone",
    mostly(["0559446203", "0661 23 45 67", "+213 770 11 22 33"], "2.13559E+11"),
    'phone("phone", { region: "DZ" })',
    "were shortened by a spreadsheet",
  ],
  ["tel", many("559446203", "661234567"), 'phone("tel", { region: "FR" })', "as many of DE, DZ"],
  ["contact_no", many("٠٥٥٩٤٤٦٢٠٣", "+٢١٣٦٦١٢٣٤٥٦٧"), 'phone("contact_no", { region: "DZ" })'],
  ["ccp", many("0021450012", "0121450012"), 'text("ccp")'],
])("B12 a dirty column %s of %j is guessed usefully", (column, values, code, says = "") => {
  // What few values are said again and again is no word where somebody's number stands.
  const guess = guessField(column, values);
  expect(guess.code).toBe(code);
  expect(guess.because).toContain(says);
});

it("B12 W8 what cannot be seen, or turns what is read, is written by its number: a definition is what it looks like", () => {
  const { code } = guessField("no\u200dte", many("paid\u202e", "du\u00ade", "late\u{e0041}"));
  expect(code).toBe(
    String.raw`choice("no\u200dte", { "paid\u202e": "paid\u202e", "du\u00ade": "du\u00ade", "late\udb40\udc41": "late\udb40\udc41" })`,
  );
});
