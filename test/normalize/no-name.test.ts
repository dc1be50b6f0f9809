import { describe, expect, it } from "vitest";
import type { Field } from "../../lib/define/definition.ts";
import { personName } from "../../lib/normalize/name.ts";
import { nobodysName } from "../../lib/normalize/no-name.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";

const { placeholders = [], typed } = ecoin.entity.fields.full_name as Extract<
  Field,
  { kind: "name" }
>;
const isNobodys = nobodysName(placeholders, typed === "none");
const judged = (...parts: string[]) => isNobodys(personName(parts)?.folded ?? "");

describe("D9 what people enter for want of a name", () => {
  it.each([
    ["TEST", "TEST"],
    ["TEST1", "Test2"],
    ["test_3", "essai 4"],
    ["2 test", "/"],
    ["Test", "123"],
    ["Sans", "nom"],
    ["Sans nom", "Sans prénom"],
    ["inconnu(e)", "/"],
    ["Inconnu(e)s", "inconnue"],
    ["Inconnu.e", ""],
    ["Nom", "Prénom"],
    ["N.C", "N.C."],
    ["NC", "n.d."],
    ["Non renseigné", "NR"],
    ["xxxx", "XXXXX"],
    ["aaaa", "bbb"],
    ["lalala", "Toto"],
    ["azerty", "qsdfg"],
    ["AZERTYUIOP", "poiuy"],
    ["asdf", "qwerty"],
    ["Mr", "Inconnu"],
    ["مجهول", "غير معروف"],
    ["شسيب", "ضصثقف"],
    ["nan", "Nan"],
  ])("%s %s is nobody's name", (...parts) => {
    expect(judged(...parts)).toBe(true);
  });

  it.each([
    ["Nan", "Li"],
    ["Li", "Na"],
    ["An", "Na"],
    ["Ng", "Ng"],
    ["E", "Li"],
    ["Do", "Thi"],
    ["Aa", "Ee"],
    ["Oo", "Su"],
    ["Test", "Amina"],
    ["Azer", "Ali"],
    ["Momo", "Titi"],
    ["Berber", "Sara"],
    ["Wert", "Rety"],
    ["سيبل", "بلال"],
    ["Sansal", "Nomane"],
    ["Boualem", "Sansal"],
    ["Nana", "Mimi"],
    ["Abdel", "Nour"],
    ["Xu", "Xi"],
    ["Personne", "Sara"],
  ])("%s %s is a name", (...parts) => {
    expect(judged(...parts)).toBe(false);
  });
});

const isNone = (parts: readonly (string | null)[]) => {
  const folded = personName(parts)?.folded ?? null;
  return folded === null || isNobodys(folded);
};

const NONE: [string, string | null][] = [
  ["M. Inconnu", null],
  ["M.", "X"],
  ["x", "y"],
  ["TestTest", null],
  ["T e s t", null],
  ["Тest", null],
  ["azer", "azer"],
  ["hjkl", null],
  ["asdasd", null],
  ["aa", "bb"],
  ["doublon", null],
  ["à supprimer", null],
  ["supprimé", null],
  ["deleted", "user"],
  ["anon", null],
  ["Non Indiqué", null],
  ["élève", null],
  ["ECOIN", "TEST"],
  ["foo", "bar"],
  ["تست", null],
  ["طالب", null],
  ["زبون", null],
  ["بدون", null],
  ["Mme", "Inconnue"],
  ["qsdqsd", null],
  ["jklm", "jklm"],
  ["wxcv", "bn"],
  ["A B C", null],
  ["t.e.s.t", null],
  ["testtest", "test"],
  ["Tеst", "Tеst"],
  ["A", "B"],
  ["z", "z"],
  ["bb", "cc"],
  ["Mlle", "Test"],
  ["à effacer", null],
  ["effacé", null],
  ["doublons", null],
  ["Duplicate", null],
  ["Nouveau", "Client"],
  ["Client 12", null],
  ["stagiaire", "3"],
  ["Etudiant", "Inconnu"],
  ["non identifié", null],
  ["Non fourni", null],
  ["pas renseigné", null],
  ["Indéfini", null],
  ["sans", "identité"],
  ["مستخدم", null],
  ["تلميذ", null],
  ["لا اسم", null],
  ["غير مسجل", null],
  ["مكرر", null],
  ["محذوف", null],
  ["تجريبي", null],
  ["Ecole", "Test"],
  ["qwe", "qwe"],
  ["lorem", "ipsum"],
  ["bla bla", null],
  ["test nom", "test prenom"],
  ["User1", "User1"],
  ["admin", "admin"],
  ["guest", null],
  ["Invité", null],
  ["visiteur", null],
  ["xxx", "yyy"],
  ["ABCDEF", null],
  ["poiu", null],
  ["aze", "rty"],
  ["null", "test"],
];

const SHORT: [string, string | null][] = [
  ["Li", "Na"],
  ["Ba", null],
  ["Ali", "Ali"],
  ["Nana", null],
  ["Mimi", "Mimi"],
  ["Nan", "Li"],
  ["Aa", "Ee"],
  ["Oo", "Su"],
  ["Ng", "Ng"],
  ["E", "Li"],
  ["Anna", null],
  ["Abba", "Eve"],
  ["Baba", "Ali"],
  ["Titi", "Mama"],
  ["Kiki", "Zaza"],
  ["M", "Ali"],
  ["M. Ali", "Sara"],
  ["Test", "Amina"],
  ["Dada", null],
  ["Lala", null],
  ["Bibi", "Aïcha"],
  ["De", "La Cruz"],
  ["Le", "Roux"],
  ["Du", "Li"],
  ["Xu", "Xi"],
  ["Wu", "Hu"],
  ["Ho", "O"],
  ["O", "Ali"],
  ["Bouchra", "X"],
  ["Lulu", null],
  ["Zouzou", null],
  ["Ait", "Ait"],
  ["Elève", "Sara"],
  ["Noun", "Ba"],
  ["Po", "Op"],
  ["Were", "Ali"],
  ["Reza", "Ali"],
  ["Ouyt", null],
  ["Deer", "John"],
  ["Fred", "Sara"],
  ["Tre", "Ali"],
  ["Sad", "Ali"],
  ["Das", "Ali"],
  ["Asad", "Ali"],
  ["Mona", "Bara"],
  ["Bara", "Bara"],
  ["سيبان", "علي"],
  ["طالبي", "علي"],
  ["Talib", "Ali"],
  ["Ben", "Ben"],
  ["ب", "علي"],
  ["Opé", "Lia"],
  ["Zer", "Ali"],
  ["Aze", "Ali"],
  ["Hg", "Li"],
  ["Abderrahmane", null],
  ["Dede", "Dede"],
  ["Coco", "Ali"],
  ["Tata", "Ali"],
  ["Tartar", null],
  ["Berber", null],
  ["Murmur", null],
  ["Barbara", null],
  ["Chanchan", null],
];

describe("D9 kinds of what people enter for want of a name", () => {
  it.each(NONE)("%s %s is nobody's", (...parts) => {
    expect(isNone(parts)).toBe(true);
  });

  it.each(SHORT)("%s %s is somebody's", (...parts) => {
    expect(isNone(parts)).toBe(false);
  });

  it("D33 a letter that was held down is no part of a name, and is noted", () => {
    for (const part of ["XXXX", "aaaaa", "zzzz"])
      expect(personName(["Belaid", part])).toMatchObject({ full: "Belaid", unreadablePart: true });
  });
});

describe("D9 signs that people enter for want of a name", () => {
  const given = nobodysName(["?", "-", "...", "? ?", "unknown ?"], false);
  it.each(["de la cruz noah", "le roux", "mr brown", "a b", "the who", "1 jensen"])(
    "say nothing about %s",
    (name) => expect(given(name)).toBe(false),
  );
  it("leave the words beside them", () => expect(given("unknown")).toBe(true));
});
