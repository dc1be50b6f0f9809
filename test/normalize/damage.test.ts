import { TextDecoder } from "node:util";
import { describe, expect, it } from "vitest";
import { damageOf, damageOfName } from "../../lib/normalize/damage.ts";
import { beforeMojibake } from "../../lib/normalize/mojibake.ts";

const mistakenFor = (charset: string, text: string): string =>
  charset === "latin1"
    ? Buffer.from(text, "utf8").toString("latin1")
    : new TextDecoder(charset).decode(Buffer.from(text, "utf8"));

const NAMES = [
  "Élise",
  "Zoé",
  "Chérif Aït",
  "François",
  "Noël",
  "à",
  "É",
  "D’Ivoire",
  "Straße",
  "سارة",
  "محمد أمين",
];
const CHARSETS = [
  "windows-1252",
  "latin1",
  "windows-1256",
  "windows-1250",
  "windows-1254",
  "macintosh",
  // DOS's are in the tables below: no decoder of the platform knows them.
];

describe("D33 text whose UTF-8 was taken for another character set", () => {
  it.each([
    ["Ã‰lise", "Élise"],
    ["Ã\u0089lise", "Élise"],
    ["ChÃ©rif", "Chérif"],
    ["Ø³Ø§Ø±Ø©", "سارة"],
    ["ط³ط§ط±ط©", "سارة"],
    ["ÃƒÂ‰lise", "Élise"],
    ["AÃ¯t 🌸".replace(" 🌸", ""), "Aït"],
  ])("%s was %s", (text, before) => {
    expect(beforeMojibake(text)).toBe(before);
  });

  it.each(CHARSETS)("is found whichever it was: %s", (charset) => {
    const found = NAMES.map((name) => beforeMojibake(mistakenFor(charset, name)));
    expect(found).toEqual(NAMES);
  });

  it.each([
    ...NAMES,
    "Benali",
    "Ærø",
    "Ömer Şahin",
    "Łukasz Żółć",
    "Ângela Ã",
    "Ñandú",
    "Νίκος",
    "Дмитрий",
    "12 rue des Frères Mokhtari, Sétif «A»",
    "شارع ديدوش مراد، الجزائر",
    "Ã‰lise Zoé",
    "",
  ])("%s is what it is", (text) => {
    expect(beforeMojibake(text)).toBeNull();
  });
});

const proposalOf = (name: string) => damageOfName(name)?.proposal;

describe("D33 a name of which a part is damaged", () => {
  it.each([
    ["Ã‰lise Benoît", "Élise Benoît"],
    ["Zoé Ø³Ø§Ø±Ø©", "Zoé سارة"],
    ["ط³ط§ط±ط© Aït", "سارة Aït"],
    ["ÃƒÂ‰lise Benoît", "Élise Benoît"],
    // Its case was changed since.
    ["ã‰lise", "Élise"],
    ["chã©rif", "chérif"],
    ["Zoã« Aït", "Zoë Aït"],
    // By a console of DOS, and by a Macintosh.
    ["B├®chir", "Béchir"],
    ["╪│╪º╪▒╪⌐", "سارة"],
    ["√âlise Aït", "Élise Aït"],
  ])("%s may have been %s", (name, proposal) => {
    expect(proposalOf(name)).toBe(proposal);
  });

  it.each([
    ["&Eacute;lise", "Élise"],
    ["Andr&eacute", "André"],
    ["&amp;Eacute;lise", "Élise"],
    ["&#1587;&#1575;&#1585;&#1577;", "سارة"],
    ["&#x633;", "س"],
    ["Andr%C3%A9", "André"],
    ["Andr%E9", "André"],
    ["Andr\\u00e9", "André"],
    ["Andru00e9", "André"],
    ["Andr=C3=A9", "André"],
    ["M\\'hamed", "M'hamed"],
    ["ÓÇÑÉ", "سارة"],
    ["ãÍãÏ", "محمد"],
  ])("%s was written otherwise: %s", (name, proposal) => {
    expect(proposalOf(name)).toBe(proposal);
  });

  it.each([
    "B\u0082chir",
    "Andr\u0090",
    "B\u0007chir",
    "Ben\u0000amar",
    "B\u001Bchir",
    "Andr\u00C3",
    "Ãlise",
    "Ù Ø§Ø·Ù…Ø©",
    "Ã‰lise Andr\u00C3",
    "Ï¿½",
    "B\u00EF\u00BF\u00BDchir",
    "\uE000li",
    "Sa\uFFFFra",
    "\u{F0000}Ali",
    "Sa\uFDD0ra",
    "\uFFFCSara",
    "B‚chir",
    "Andr©",
    "Noe¨l",
    "B“chir",
    "□□□",
    "&bogus;lise",
    "Sara ????",
    "B?chir",
    "Zo\uFFFD",
    "\uFFFD",
    "????",
    "Ch?rif A?t",
    "Sara ?",
  ])("%j lost letters that nobody can tell", (name) => {
    expect(damageOfName(name)).toEqual({ proposal: null, certain: false });
  });

  it.each([
    ...NAMES,
    ...["Sara", "?", "", "/", "Aït-Ahmed", "؟", "Ben. Ali", "Nan Li", "Ærø", "Ø. Jensen", "Øyvind"],
    ...["ÉLISE", "NUÑEZ", "JOÃO", "ASSUNÇÃO", "Ângela", "Åsa", "SØREN", "Ðorđe", "ÞÓRÐUR", "CŒUR"],
    ...[
      "Dvořák",
      "ŠÁRKA",
      "LÍŠKA",
      "MÍŽOVÁ",
      "Růžena",
      "ÇİÇEK",
      "ÇÖĞÜR",
      "Nguyễn Thị Ánh",
      "TRẦN ĐỨC",
    ],
    ...["D‘Arcy", "M´hamed", "“Momo” Ali", "«Momo» Ali", "Sara…", "Aït–Ahmed", "Mª José", "N° 5"],
    ...["O'Brien", "Ali (fils)", "Benali / Ould", "Sara & Ali", "1er", "3bd el9ader", "Col·lell"],
    ...[
      "AÏCHA",
      "AÎCHA",
      "Naïma",
      "أَحْمَد",
      "ﻻ",
      "سارة\u200Cجان",
      "한글",
      "李娜",
      "Lina 🌸",
      "Νίκος",
    ],
    ...["  Sara\t", "Sara\u0000\u0000"],
  ])("%j is what it is", (name) => {
    expect(damageOfName(name)).toBeNull();
  });
});

describe("D33 damage of any text", () => {
  it.each([
    ["12 rue Ã‰lise, Sétif", "12 rue Élise, Sétif"],
    ["Cit&eacute; 5", "Cité 5"],
    ["rue\u0082", null],
    ["rue\u0007", null],
    ["\uE000", null],
    ["R&amp;D <3", "R&D <3"],
    ["<p>Caf&#195;&#169;</p>", null],
    ["<p>\u00C3\u2030lise &amp; co</p>", "<p>\u00C9lise &amp; co</p>"],
  ])("%j: %j", (text, proposal) => {
    expect(damageOf(text)).toMatchObject({ proposal });
  });

  it.each([
    "<p>Chor &amp; Orgel</p>",
    "Caf&eacute;<br/>bar",
    "<ul class='x'><li>&Uuml;bung 1 &lt; 2</li></ul>",
  ])("W13 %j is HTML, in which entities are letters as they are written", (text) => {
    expect(damageOf(text)).toBeNull();
  });

  it("D33 of a name they are damage among tags, too", () => {
    expect(damageOfName("<b>M&uuml;ller</b>")).not.toBeNull();
  });

  it.each([
    "30 m²",
    "5 %",
    "R&D",
    "a & b; c",
    "http://a.example/%C3%A9?b=1&c=2",
    "à 5°, «A»…",
    "½ §3",
  ])("%j is what it is", (text) => {
    expect(damageOf(text)).toBeNull();
  });
});

describe("W13 D33 a cell as long as a book", () => {
  const lost = { proposal: null, certain: false };
  // Each of them took the square of its length: of half a million letters, hours.
  it.each([
    ["é", null],
    ["ж", lost],
    ["\\", lost],
    ["a@", lost],
    ["Ã©", lost],
    ["&#", lost],
    ["ab é ", null],
    ["?", lost],
    ["Karima ", null],
  ])(
    "is not looked through for damage, and is a name only where every letter is usual: %s",
    (each, name) => {
      const book = each.repeat(500_000);
      expect(damageOf(book)).toBeNull();
      expect(damageOfName(book)).toEqual(name);
    },
  );
});
