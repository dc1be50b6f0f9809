import { describe, expect, it } from "vitest";
import { importedColumns } from "../../lib/compile/columns.ts";
import { personalColumns } from "../../lib/compile/pin/personal.ts";
import {
  boolean,
  date,
  decimal,
  integer,
  reference,
  time,
  timestamp,
} from "../../lib/define/builders.ts";
import type { Field, Migration } from "../../lib/define/definition.ts";
import { each } from "../../lib/define/made.ts";
import { rowImporter } from "../../lib/stages/import/import-row.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";

const columns = ecoin.source.stagiaires?.columns ?? [];
const made = importedColumns(ecoin).filter(({ from }) => from === undefined);

/** The staged values of a row by their columns' names. */
function staged(migration: Migration, fields: Record<string, string>): Record<string, unknown> {
  const importer = rowImporter(migration, "stagiaires", "2026-11-20");
  const [, ...values] = importer(columns.map((column) => fields[column] ?? null));
  return Object.fromEntries(made.map(({ name }, at) => [name, values[at]]));
}

const withName = (options: Partial<Extract<Field, { kind: "name" }>>): Migration => ({
  ...ecoin,
  entity: {
    ...ecoin.entity,
    fields: {
      ...ecoin.entity.fields,
      full_name: { kind: "name", parts: ["nom", "prenom"], ...options },
    },
  },
});

describe("B5 a field of several columns, of which the first counts that holds something", () => {
  const withField = (field: Field): Migration => ({
    ...ecoin,
    entity: { ...ecoin.entity, fields: { one: field } },
  });
  const [own, second, third] = ["niveau", "telephone", "email"] as const;
  const absent = [second, third];
  const read = (field: Field, values: readonly (string | null)[]) => {
    const migration = withField(field);
    const row = columns.map(
      (column) => values[[own, second, third].indexOf(column as never)] ?? null,
    );
    const [, ...made] = rowImporter(migration, "stagiaires", "2026-11-20")(row);
    return [made[0], made.at(-2)];
  };
  const day = date(own, { format: "dd.MM.yyyy", absent });
  const unread = (kind: string) => [`${kind}_unreadable`, "one_unreadable"];

  it.each<[Field, (string | null)[], unknown]>([
    [day, ["01.02.2024", "03.02.2024"], ["2024-02-01", null]],
    [day, [null, "03.02.2024"], ["2024-02-03", null]],
    [day, ["", " ", "04.02.2024"], ["2024-02-04", null]],
    // A zero date is one that is missing; only where nothing else stands it is told.
    [date(own, { absent }), ["0000-00-00", "2024-02-03"], ["2024-02-03", null]],
    [date(own, { absent }), ["0000-00-00", null], [null, ["date_zero", "one_zero"]]],
    [date(own, { absent }), [null, null, "0000-00-00"], [null, ["date_zero", "one_zero"]]],
    // Texts that stand for nothing are as good as empty, and nothing else is.
    [date(own, { absent, none: ["-", "N/A"] }), ["n/a", "2024-02-03"], ["2024-02-03", null]],
    [date(own, { none: ["-"] }), [" - "], [null, null]],
    [date(own, { none: ["-"] }), ["--"], [null, unread("date")]],
    [integer(own, { none: ["-"] }), ["-"], [null, null]],
    [integer(own, { none: ["-"] }), ["-7"], ["-7", null]],
    [time(own, { none: ["?"] }), ["?"], [null, null]],
    [boolean(own, { yes: ["Y"], no: ["N"], none: ["n/a"] }), ["N/A\u200E"], [null, null]],
    [timestamp(own, { none: ["nie"], absent }), ["Nie", "nie"], [null, null]],
    [reference(own, "course", { none: ["/"] }), ["/"], [null, null]],
    [reference(own, "course", { none: ["/"] }), ["//"], [null, unread("reference")]],
    // What cannot be read is held, and nothing else is taken for it.
    [day, ["soon", "03.02.2024"], [null, unread("date")]],
    [day, [null, "soon", "03.02.2024"], [null, unread("date")]],
    [day, [null, null, null], [null, null]],
    [integer(own, { absent: second }), [null, "7", "8"], ["7", null]],
    [integer(own, { absent: second }), ["0", "7"], ["0", null]],
    [decimal(own, { decimal: ",", absent }), ["", "", "7,5"], ["7.5", null]],
    [time(own, { absent }), [null, "10:30"], ["10:30:00", null]],
    [boolean(own, { yes: ["Y"], no: ["N"], absent }), [null, "N"], ["false", null]],
    [
      timestamp(own, { absent }),
      ["0000-00-00 00:00:00", "2024-02-03 10:00:00"],
      ["2024-02-03 10:00:00", null],
    ],
    // The others are written in ISO.
    [
      timestamp(own, { format: "dd.MM.yyyy HH:mm", absent }),
      [null, "2024-02-03 10:00:00"],
      ["2024-02-03 10:00:00", null],
    ],
    [reference(own, "course", { absent }), ["0", null, "12"], ["12", null]],
    [reference(own, "course", { absent }), [null, "x", "12"], [null, unread("reference")]],
  ])("%j of %j", (field, values, expected) => {
    expect(read(field, values)).toEqual(expected);
  });

  const clock = time(second, { format: "H.mm", none: ["?"], absent: third });
  const zoned = timestamp(own, { format: "dd.MM.yyyy", at: clock, zone: "Europe/Berlin" });
  const wall = timestamp(own, { at: time(second) });
  it.each<[string, Field, (string | null)[], unknown]>([
    ["winter", zoned, ["05.01.2024", "9.05"], ["2024-01-05T08:05:00Z", null]],
    ["summer", zoned, ["05.07.2024", "9.05"], ["2024-07-05T07:05:00Z", null]],
    ["the other clock", zoned, ["05.01.2024", "?", "9.05"], ["2024-01-05T08:05:00Z", null]],
    ["no zone", wall, ["2024-01-05", "09:05:07.5"], ["2024-01-05 09:05:07.5", null]],
    [
      "a day of a column of times",
      wall,
      ["2024-01-05 00:00:00", "09:05"],
      ["2024-01-05 09:05:00", null],
    ],
    ["the same time twice", wall, ["2024-01-05 09:05:00", "09:05"], ["2024-01-05 09:05:00", null]],
    ["the time beside the day", wall, ["2024-01-05 09:05:00", null], ["2024-01-05 09:05:00", null]],
    ["neither", wall, [null, " "], [null, null]],
    ["no day, and a clock that was never set", wall, [null, "00:00:00"], [null, null]],
    ["a midnight that is said", wall, ["2024-01-05", "00:00"], ["2024-01-05 00:00:00", null]],
  ])("of a day and a time of day a moment: %s", (_, field, values, expected) => {
    expect(read(field, values)).toEqual(expected);
  });

  const noted = (fault: string) => [`timestamp_${fault}`, `one_${fault}`];
  it.each<[string, Field, (string | null)[], unknown]>([
    ["a day without a time", wall, ["2024-01-05", ""], ["2024-01-05 00:00:00", noted("midnight")]],
    ["one in winter", zoned, ["05.01.2024", "?"], ["2024-01-04T23:00:00Z", noted("midnight")]],
    ["a time without a day", wall, [null, "09:05"], [null, noted("unreadable")]],
    ["a time that is none", wall, ["2024-01-05", "25:00"], [null, noted("unreadable")]],
    ["a day that is none", zoned, ["31.02.2024", "9.05"], [null, noted("unreadable")]],
    ["no day and a time that is none", wall, [null, "soon"], [null, noted("unreadable")]],
    ["two times", wall, ["2024-01-05 09:05:00", "09:06"], [null, noted("unreadable")]],
    [
      "a day of another zone",
      wall,
      ["2024-01-05 00:00:00+02", "09:06"],
      [null, noted("unreadable")],
    ],
    ["a zero date", wall, ["0000-00-00", "09:05"], [null, noted("zero")]],
    ["what no clock showed", zoned, ["31.03.2024", "2.30"], ["2024-03-31T01:30:00Z", noted("gap")]],
    [
      "what clocks showed twice",
      zoned,
      ["27.10.2024", "2.30"],
      ["2024-10-27T00:30:00Z", noted("overlap")],
    ],
    [
      "a midnight out of bounds",
      timestamp(own, { at: time(second), since: "2025-01-01" }),
      ["2024-01-05", null],
      [null, noted("out_of_bounds")],
    ],
  ])("D33 and what it notes of %s", (_, field, values, expected) => {
    expect(read(field, values)).toEqual(expected);
  });

  it("B5 other columns count where there is neither a day nor a time, and are whole themselves", () => {
    const field = timestamp(own, { format: "dd.MM.yyyy", at: time(second), absent: third });
    expect(read(field, [null, null, "2024-02-03 10:00:00"])).toEqual(["2024-02-03 10:00:00", null]);
  });

  it("W14 the column of a time of day is hidden as that of its day is", () => {
    expect(personalColumns(withField(zoned))).toEqual(expect.arrayContaining([own, second, third]));
  });

  it("W14 a column that counts where another is empty is hidden as that one is", () => {
    expect(personalColumns(withField(date(own, { absent })))).toEqual(
      expect.arrayContaining([own, second, third]),
    );
  });
});

describe("D33 a name whose letters are damaged", () => {
  it.each([
    ["ChÃ©rif", "Chérif"],
    ["Ã‰lise", "Élise"],
    ["Ø³Ø§Ø±Ø©", "سارة"],
  ])("%s is held as it came, with a proposal", (nom, decoded) => {
    expect(staged(withName({}), { nom, prenom: "Ali" })).toMatchObject({
      full_name: `${nom} Ali`,
      findings: ["text_damaged", "name_damaged"],
      proposals: { nom: decoded },
    });
  });

  it.each([
    ["ChÃ©rif", "Chérif"],
    ["Ã‰lise", "Élise"],
    ["Ø³Ø§Ø±Ø©", "سارة"],
  ])("%s is taken as decoded where the definition says so, and that is noted", (nom, decoded) => {
    expect(staged(withName({ damaged: "repair" }), { nom, prenom: "Ali" })).toMatchObject({
      full_name: `${decoded} Ali`,
      findings: ["text_damaged"],
      proposals: { nom: decoded },
    });
  });

  it.each(["Ch?rif", "Ch\uFFFDrif", "????"])("%s cannot be repaired: it is held", (nom) => {
    expect(staged(withName({ damaged: "repair" }), { nom, prenom: "Ali" })).toMatchObject({
      findings: ["text_damaged", "name_damaged"],
      proposals: null,
    });
  });
});

describe("D33 whatever is wrong with a text fires a rule", () => {
  it.each([
    ["nom", "B\u0082chir", ["text_damaged", "name_damaged"], null],
    ["nom", "Ben\u0007ali", ["text_damaged", "name_damaged"], null],
    ["prenom", "Andr\u00C3", ["text_damaged", "name_damaged"], null],
    ["nom", "Ã‰lise Benoît", ["text_damaged", "name_damaged"], { nom: "Élise Benoît" }],
    ["nom", "&#1587;", ["text_damaged", "name_damaged", "name_part_unreadable"], { nom: "س" }],
    ["nom", "&Eacute;lise", ["text_damaged", "name_damaged"], { nom: "Élise" }],
    ["prenom", "Andr%C3%A9", ["text_damaged", "name_damaged"], { prenom: "André" }],
    ["nom", "Benali\u0000", ["text_repaired"], null],
    ["nom", "Ben\u200Bali", ["text_invisible"], null],
    ["nom", "علی\u200Cرضا", null, null],
    ["email", "a\u200C@example.com", ["text_invisible"], null],
    ["telephone", "\u202A0559446168\u202C", ["text_invisible"], null],
    ["email", "a\u200B@example.com", ["text_invisible"], null],
    ["formation_id", "\u200E7", ["text_invisible"], null],
    ["remarque", "rappel\u00E9\u200B", null, null],
    ["adresse", "rue\u0082", ["text_damaged"], null],
    ["adresse", "Cit&eacute; 5", ["text_damaged"], { adresse: "Cité 5" }],
    ["remarque", "a\u0001b", ["text_damaged"], null],
    ["adresse", "\uE000", ["text_damaged"], null],
    ["nom", "N/A", ["name_part_unreadable"], null],
    ["nom", "undefined", ["name_part_unreadable"], null],
    ["nom", "Benali undefined", ["name_not_alone"], null],
    ["prenom", "Ali et Sara", ["name_not_alone"], null],
    ["nom", "Benali2", ["name_not_alone"], null],
    ["nom", "12", ["name_part_unreadable"], null],
    ["nom", "Benali\tBen", null, null],
  ])("%s %j: %j", (column, value, findings, proposals) => {
    const row = { nom: "Benali", prenom: "Ali", ...{ [column]: value } };
    expect(staged(ecoin, row)).toMatchObject({ findings, proposals });
  });

  it.each([
    ["TEST1", "Test2"],
    ["Sans", "nom"],
    ["inconnu(e)", null],
    ["xxxx", "azerty"],
    ["N.C", "nc"],
  ])("%s %s is held as nobody's name", (nom, prenom) => {
    expect(staged(ecoin, { nom, ...(prenom === null ? {} : { prenom }) }).findings).toEqual([
      "name_placeholder",
    ]);
  });

  it.each(["Ã‰lise Benoît", "ÓÇÑÉ", "Andr\u00C3"])(
    "%s does not decode as a whole: it is held even where the definition says repair",
    (nom) => {
      expect(staged(withName({ damaged: "repair" }), { nom, prenom: "Ali" })).toMatchObject({
        full_name: `${nom} Ali`,
        findings: ["text_damaged", "name_damaged"],
      });
    },
  );
});

describe("D9 a birth date that nobody believes", () => {
  it.each([
    ["2016-11-20", null],
    ["2016-11-21", ["birth_date_implausible"]],
    ["2026-11-20", ["birth_date_implausible"]],
    ["1900-01-01", ["birth_date_implausible"]],
    ["1900-01-02", null],
    ["2026-11-21", ["birth_date_impossible"]],
  ])("%s on 20 November 2026: %j", (date_naissance, findings) => {
    expect(staged(ecoin, { nom: "Benali", date_naissance }).findings).toEqual(findings);
  });
});

describe("D9 a birth date is read as the definition says that it is written", () => {
  const withBorn = (born: Partial<Extract<Field, { kind: "birth_date" }>>) => ({
    ...ecoin,
    entity: {
      ...ecoin.entity,
      fields: {
        ...ecoin.entity.fields,
        birth_date: { kind: "birth_date", from: "date_naissance", ...born } as Field,
      },
    },
  });
  const impossible = ["birth_date_impossible"];
  it.each([
    // Without a format which number is the day would be a guess.
    [undefined, "12/1/1970", null, impossible],
    ["d/M/yyyy", "12/1/1970", "1970-01-12", null],
    ["dd/MM/yyyy", "12/1/1970", null, impossible],
    ["M/d/yyyy", "12/1/1970", "1970-12-01", null],
    // What two formats read as two days is neither.
    ["d/M/yyyy or M/d/yyyy", "12/1/1970", null, impossible],
    ["d/M/yyyy or M/d/yyyy", "13/1/1970", "1970-01-13", null],
    ["d/M/yyyy", "inconnu", null, ["birth_date_placeholder"]],
    ["d/M/yyyy", "mai 1970", null, impossible],
    ["d/M/yyyy", "1970-01-12", null, impossible],
  ])("%s of %j is %j, noted %j", (format, date_naissance, date, findings) => {
    expect(
      staged(withBorn(format === undefined ? {} : { format }), { nom: "Benali", date_naissance }),
    ).toMatchObject({ birth_date: date, findings });
  });

  it.each(["?", " ? ", "Pas Dit"])("%j is nothing where that is said", (date_naissance) => {
    const said = { none: ["?", "pas dit"], format: "d/M/yyyy" };
    expect(staged(withBorn(said), { nom: "Benali", date_naissance })).toMatchObject({
      birth_date: null,
      findings: null,
    });
  });
});

it.each([
  ["rappel,urgent", null],
  ["rappel,urgent,perdu", ["list_cut"]],
  ['["rappel\\ud800"]', ["text_repaired"]],
])("V6 of a list of two at most %j notes %j", (remarque, findings) => {
  const tags: Field = { kind: "list", parts: ["remarque"], by: ",", most: 2 };
  const tagged = {
    ...ecoin,
    entity: { ...ecoin.entity, fields: { ...ecoin.entity.fields, tags } },
  };
  const names = importedColumns(tagged).filter(({ from }) => from === undefined);
  const [, ...values] = rowImporter(
    tagged,
    "stagiaires",
    "2026-11-20",
  )(columns.map((column) => ({ nom: "Benali", remarque })[column] ?? null));
  expect(values[names.findIndex(({ name }) => name === "findings")]).toEqual(findings);
});

describe("M4 a text that is too long to be kept whole", () => {
  const remark = columns.indexOf("remarque");
  const kept = (migration: Migration, remarque: string) => {
    const importer = rowImporter(migration, "stagiaires", "2026-11-20");
    const [clean, ...values] = importer(
      columns.map((column) => (column === "remarque" ? remarque : null)),
    );
    const findings = made.findIndex(({ name }) => name === "findings");
    return { text: clean[remark], cut: [values[findings]].flat().includes("text_cut") };
  };
  const whole = (migration: Migration, text: string) => {
    const found = kept(migration, text);
    return { whole: found.text === text, cut: found.cut };
  };

  it.each([
    ["of ASCII", "a"],
    ["of other letters", "é"],
  ])("%s is cut at 8,000 characters, and that is noted", (_, letter) => {
    expect(whole(ecoin, letter.repeat(8_000))).toEqual({ whole: true, cut: false });
    expect(kept(ecoin, letter.repeat(8_001))).toEqual({ text: letter.repeat(8_000), cut: true });
  });

  it("is cut between two characters, or half of one is replaced", () => {
    expect(kept(ecoin, `${"é".repeat(7_999)}😀`)).toEqual({
      text: `${"é".repeat(7_999)}\uFFFD`,
      cut: true,
    });
  });

  it("is kept as far as 48,000 where rows are made of it", () => {
    const listed: Migration = {
      ...ecoin,
      source: { ...ecoin.source, remarks: { ...each("stagiaires", "remarque") } },
    };
    expect(whole(listed, "é".repeat(48_000))).toEqual({ whole: true, cut: false });
    expect(kept(listed, "é".repeat(48_001))).toEqual({ text: "é".repeat(48_000), cut: true });
    expect(whole(listed, "a".repeat(8_001))).toEqual({ whole: true, cut: false });
  });

  it("W13 is cut further in a row of very many, and never so far that a key is", () => {
    const { stagiaires } = ecoin.source;
    const more = Array.from({ length: 10_000 }, (_, n) => `more_${n}`);
    const wide = [...columns, ...more];
    const migration: Migration = {
      ...ecoin,
      source: { ...ecoin.source, stagiaires: { key: "id", ...stagiaires, columns: wide } },
    };
    const id = "1234567890123456789";
    const row = wide.map((column) => (column === "id" ? id : "a".repeat(1_000)));
    const [clean] = rowImporter(migration, "stagiaires", "2026-11-20")(row);
    expect([clean[wide.indexOf("id")], clean.at(-1)?.length]).toEqual([id, 125]);
  });

  it("W13 stands in a list that rows are made of as a lost letter where no database keeps it, and that is noted", () => {
    const listed: Migration = {
      ...ecoin,
      source: { ...ecoin.source, remarks: { ...each("stagiaires", "remarque") } },
    };
    const made = rowImporter(listed, "stagiaires", "2026-11-20");
    const at = importedColumns(listed).filter(({ from }) => from === undefined);
    const [clean, ...values] = made(
      columns.map((each) => (each === "remarque" ? "a\0b\ud800" : null)),
    );
    expect(clean[remark]).toBe("a\uFFFDb\uFFFD");
    expect(values[at.findIndex(({ name }) => name === "findings")]).toEqual(["text_repaired"]);
  });

  it("W13 is kept as far as it goes into 4,000 brackets, into more of which a database does not follow", () => {
    const listed: Migration = {
      ...ecoin,
      source: { ...ecoin.source, remarks: { ...each("stagiaires", "remarque") } },
    };
    const opened = '{"a\\"[":'.repeat(4_000);
    const closed = "}".repeat(4_000);
    expect(whole(listed, `${opened}${closed}`)).toEqual({ whole: true, cut: false });
    expect(kept(listed, `${opened}[]${closed}`)).toEqual({ text: opened, cut: true });
    expect(kept(listed, `[]${opened}{"a":1}`)).toEqual({ text: `[]${opened}`, cut: true });
    expect(whole(listed, "[],".repeat(5_000))).toEqual({ whole: true, cut: false });
  });
});

it.each([
  ["𠮷".repeat(4), null],
  ["𠮷".repeat(5), ["name_too_long"]],
  ["Lies", null],
  ["Sarah", ["name_too_long"]],
])("B5 a name is as long as it has characters, however rare they are: %s", (prenom, findings) => {
  const found = staged(withName({ longest: 4 }), { prenom });
  expect(found.findings ?? null).toEqual(findings);
});
