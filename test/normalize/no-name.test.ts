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
