import { describe, expect, it } from "vitest";
import { damageOfName } from "../../lib/normalize/damage.ts";
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
