import { TextDecoder } from "node:util";
import { describe, expect, it } from "vitest";
import { beforeMojibake, lettersLost } from "../../lib/normalize/damage.ts";

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

describe("D33 letters of a name that are lost", () => {
  it.each(["Sara ????", "B?chir", "Zo\uFFFD", "\uFFFD", "????", "Ch?rif A?t", "Sara ?"])(
    "%j",
    (name) => {
      expect(lettersLost(name)).toBe(true);
    },
  );

  it.each(["Sara", "?", "", "/", "Aït-Ahmed", "؟", "Ben. Ali"])("not %j", (name) => {
    expect(lettersLost(name)).toBe(false);
  });
});
