import { describe, expect, it } from "vitest";
import { damageOf, damageOfName } from "../../lib/normalize/damage.ts";
import { isWritten } from "../../lib/normalize/languages.ts";
import { NAMES } from "./names-of-the-world.ts";

/** What a damaged name may have been, null where nobody can tell, undefined where nothing is wrong. */
const proposed = (name: string) => damageOfName(name)?.proposal;

describe("D33 a name whose bytes were read in another set of one byte a letter", () => {
  it.each([
    // DOS's in Windows, and the other way round.
    ["AndrÚ", "André"],
    ["HÚlÞne", "Hélène"],
    ["GÚrard", "Gérard"],
    ["Franþois", "François"],
    ["NoÙl", "Noël"],
    ["HŠlŠne", "Hèlène"],
    ["AndrΘ", "André"],
    ["HΘlΦne", "Hélène"],
    // A Macintosh's.
    ["AndrÈ", "André"],
    ["HÈlËne", "Hélène"],
    ["BÈatrice", "Béatrice"],
    ["ClÈmence", "Clémence"],
    ["FranÁois", "François"],
    ["NaÔma", "Naïma"],
    ["NoÎl", "Noël"],
    ["BenoÓt", "Benoît"],
    ["MarÌa", "María"],
    ["RamÛn", "Ramón"],
    ["RenŽ", "René"],
    ["JosŽ", "José"],
    ["LÕHadj", "L’Hadj"],
    // Turkish in the Western one.
    ["Þahin", "Şahin"],
    ["Þener", "Şener"],
    ["Gülþen", "Gülşen"],
    ["Beþiktaþ", "Beşiktaş"],
    ["Yýldýz", "Yıldız"],
    ["Aydýn", "Aydın"],
    ["Doðan", "Doğan"],
    ["Yiðit", "Yiğit"],
    ["Ýbrahim", "İbrahim"],
    ["Çaðrý", "Çağrı"],
    // Czech, Polish, Hungarian, Croatian, Romanian.
    ["Kováè", "Kováč"],
    ["Dvoøák", "Dvořák"],
    ["Jiøí", "Jiří"],
    ["Kuèera", "Kučera"],
    ["Nìmec", "Němec"],
    ["Kamiñski", "Kamiński"],
    ["Wa³êsa", "Wałęsa"],
    ["And¿elika", "Andżelika"],
    ["Wiœniewski", "Wiśniewski"],
    ["Erdõs", "Erdős"],
    ["Dezsõ", "Dezső"],
    ["Petroviæ", "Petrović"],
    ["ªtefan", "Ştefan"],
    ["Mureºan", "Mureşan"],
    ["Bãsescu", "Băsescu"],
    ["Ionuþ", "Ionuţ"],
    // French in the Central European one.
    ["Naďma", "Naïma"],
    ["Loďc", "Loïc"],
    ["Hélčne", "Hélène"],
    ["Agnčs", "Agnès"],
    // Other scripts.
    ["Øå", "طه"],
    ["ãí", "مي"],
    ["Úáí", "علي"],
    ["ÝÇØãÉ", "فاطمة"],
    ["Ïåòð", "Петр"],
    ["Èâàí", "Иван"],
    ["ùìåí", "שלום"],
    // Letters that look like others.
    ["Аli", "Ali"],
    ["Sоfiane", "Sofiane"],
    ["Ρetros", "Petros"],
    ["Нadia", "Hadia"],
  ])("%s may have been %s", (name, proposal) => {
    expect(proposed(name)).toBe(proposal);
  });

  it.each([
    // The first letter in UTF-8, of which both bytes are letters or the second a space.
    ["Åžahin", "Şahin"],
    ["Åžule Åženol", "Şule Şenol"],
    ["Åšlusarz", "Ślusarz"],
    ["Äžani", "Ğani"],
    ["Äšva", "Ěva"],
    ["Ĺžahin", "Şahin"],
    ["Å\u00A0koda", "Škoda"],
    ["MÃ\u00A0rius", "Màrius"],
    // Cyrillic in Russia's set.
    ["РЎРµСЂРіРµР№", "Сергей"],
    ["РђРЅРЅР°", "Анна"],
    ["РќРёРЅР° РџРµС‚СЂРѕРІР°", "Нина Петрова"],
  ])("%s was UTF-8: %s", (name, proposal) => {
    expect(damageOfName(name)).toEqual({ proposal, certain: true });
  });

  it.each([
    ["10Â\u00A0%", "10\u00A0%", true],
    ["Initiation Ã\u00A0 Excel", "Initiation à Excel", true],
    ["Initiation Ã  Excel", "Initiation à Excel", false],
    ["Initiation Ã Excel", "Initiation à Excel", false],
    ["1Â 000 DA", "1\u00A0000 DA", false],
  ])("D33 of a text as well, before a space: %s", (text, proposal, certain) => {
    expect(damageOf(text)).toEqual({ proposal, certain });
  });

  it.each([
    ..."IRMÃ\u00A0MARIA ¦ MAÇÃ\u00A0 ¦ TYÖTÄ\u00A0JA ¦ Â. Ionescu ¦ Å i ¦ ГОСТ Р–52 ¦ Voilà\u00A0! ¦ ÉTÉ\u00A0".split(
      " ¦ ",
    ),
  ])("D33 and what only looks so is what it is: %s", (text) => {
    expect(damageOf(text)).toBeNull();
  });

  it.each([
    ["=?UTF-8?B?w4lsaXNl?=", "Élise"],
    ["=?utf-8?Q?Andr=C3=A9_Benali?=", "André Benali"],
    ["=?iso-8859-1?Q?Andr=E9?=", "André"],
    ["=?UTF-8?B?U2FyYQ==?= =?UTF-8?B?IEI=?=", "Sara B"],
    ["Dr =?utf-8?q?No=C3=ABl?=", "Dr Noël"],
  ])("D33 %s was written by a mail program: %s", (text, proposal) => {
    expect(damageOf(text)).toEqual({ proposal, certain: true });
    expect(damageOfName(text)).toEqual({ proposal, certain: true });
  });

  it.each(["=?nothing?B?w4lsaXNl?=", "=?UTF-8?X?a?=", "a=?b", "=?UTF-8?B?6Q==?="])(
    "D33 and %s by nobody that is known",
    (text) => expect(damageOf(text)).toBeNull(),
  );

  it.each([
    ["Åukasz", null],
    ["ÅwiÄtek", null],
    ["Å koda", null],
    ["MÃ rius", null],
    // In sets of China, Japan and Thailand.
    ["Fran莽ois", null],
    ["H茅lo茂se", null],
    ["Noﾃｩmie", null],
    ["Gaรซlle", null],
    ["BELAÃD", "BELAÏD"],
    ["AÃCHA", "AÏCHA"],
    ["LOÃC", "LOÏC"],
    ["MARTÃNEZ", null],
    ["HERNÃNDEZ", null],
    ["عليØ", null],
    ["Fran*ois", null],
    ["Fran#ois", null],
    ["S@ra", null],
    ["Andr‚", null],
    ["…lise", null],
    ["Ad·n", null],
    ["Zitouni¹", null],
  ])("%s lost a letter: %s", (name, proposal) => {
    expect(damageOfName(name)).toEqual({ proposal, certain: false });
  });

  it.each([
    ["Andr+AOk-", "André"],
    ["Fran+AOc-ois", "François"],
    ["Andr\\351", "André"],
    ["\\303\\211lise", "Élise"],
    ["Andr\\'e9", "André"],
    ["Andr<U+00E9>", "André"],
    ["Andr<e9>", "André"],
    ["Andr\\u{00e9}", "André"],
    ["#233;lise", "élise"],
    ["eacute;lise", "élise"],
    ["Fran&ccedil;ois", "François"],
    ["<b>Ali</b>", "Ali"],
    ["Ali<br/>", "Ali"],
  ])("%s was written by a program: %s", (name, proposal) => {
    expect(proposed(name)).toBe(proposal);
  });

  it.each([
    // Its letters are right, only their case is a program's that knows ASCII.
    ...["HÉlÈne", "RÉgine", "AndrÉ", "FranÇois", "NoËl", "RaphaËl", "MarÍa", "LÓpez", "GÜlŞen"],
    ...["Amy陈", "王Tony", "Ysaÿe", "YSAŸE", "Åse Marie", "Ä. Berg", "CAUÃ SILVA"],
    ...["McÉvoy", "DeÁngelis", "BenÖzdemir", "O’Élan", "A+B", "Fcº Javier", "Mª José"],
  ])("%s is what it is", (name) => {
    expect(damageOfName(name)).toBeNull();
  });
});

describe("D33 names of many languages", () => {
  const each = Object.entries(NAMES).flatMap(([language, names]) =>
    names.split(" ").map((name) => [language, name] as const),
  );

  it("are more than two hundred", () => {
    expect(each.length).toBeGreaterThan(350);
  });

  it.each(each)("%s: %s is what it is, in either case", (language, name) => {
    const locale = language === "turkish" ? "tr" : "en";
    const held = [name, name.toLocaleUpperCase(locale), name.toLocaleLowerCase(locale)].filter(
      (spelling) => damageOfName(spelling) !== null,
    );
    expect(held).toEqual([]);
  });

  it("are what they are beside each other", () => {
    const names = ["PĚŠINA", "RÂŞNOVEANU", "CANTÙ\u00A0ROSSI", "GESÙ\u00A0", "VOJTĚŠKA PRŮŠA"];
    expect(names.map(damageOfName)).toEqual(names.map(() => null));
  });
});

it("D33 every name of Latin letters is written as some language of the world does", () => {
  const words = Object.values(NAMES).flatMap((names) => names.toLowerCase().split(/[\s-]+/u));
  const latin = words.filter((word) => /^[\p{Script=Latin}’']+$/u.test(word));
  expect(latin.length).toBeGreaterThan(300);
  expect(latin.filter((word) => !isWritten(word))).toEqual([]);
});
