import { expect, it } from "vitest";
import { sayWhyAsked } from "../../lib/speech/why-asked.ts";
import { whyAsked } from "../../lib/stages/wave/why-asked.ts";

type Asked = Parameters<typeof whyAsked>[1][number];
type Wave = Parameters<typeof whyAsked>[2][number];

const question = (id: string, gate: string, more: Partial<Asked> = {}): Asked => ({
  ...{ id, gate, status: "pending", changes_asked: false, decided_by: null, void_because: null },
  ...more,
});
const wave = (n: number, clean: boolean, refused: Wave["counts"]["refused"] = {}): Wave => ({
  ...{ wave: n, status: "verified", clean, counts: { refused } },
});
const told = (of: Asked, before: readonly Asked[] = [], waves: readonly Wave[] = []) => {
  const why = whyAsked(of, [...before, of], waves);
  return [sayWhyAsked.en(why), sayWhyAsked.fr(why)];
};

it.each<[string, Asked, readonly Wave[], RegExp, RegExp]>([
  [
    "first_wave",
    question("1", "first_wave"),
    [],
    /nothing is written before/u,
    /rien n’est écrit/u,
  ],
  ["scale_up", question("1", "scale_up"), [wave(1, true)], /its drill before/u, /grandissent/u],
  ["wave:3", question("1", "wave:3"), [wave(2, true)], /until one of 250 rows/u, /une de 250/u],
  [
    "wave:4, behind one that was not clean",
    question("1", "wave:4"),
    [wave(2, true), wave(3, false)],
    /wave 3 was not clean\.$/u,
    /vague 3 n’a pas été sans faute\.$/u,
  ],
  [
    "wave:4, behind one of which rows were refused",
    question("1", "wave:4"),
    [wave(3, false, { emails_key: 1, names_key: 11 })],
    /wave 3 was not clean: the platform refused 12 of its rows, which are held\.$/u,
    /a refusé 12 de ses lignes, qui sont retenues\.$/u,
  ],
])("D12 D38 W8 says why %s is asked for", (_, of, waves, english, french) => {
  const [en, fr] = told(of, [], waves);
  expect(en).toMatch(english);
  expect(fr).toMatch(french);
});

it("W8 says what came of the question before it at the same gate", () => {
  const again = question("2", "wave:3");
  const before = (more: Partial<Asked>) => told(again, [question("1", "wave:3", more)])[0];
  const by = { decided_by: "amina" };
  expect([
    before({ ...by, status: "voided", void_because: "the run was rolled back" }),
    before({ ...by, status: "approved" }),
    before({ ...by, status: "rejected", changes_asked: true }),
    before({ ...by, status: "rejected" }),
    before({ status: "expired" }),
  ]).toEqual([
    "It is asked anew: the approval by amina no longer counts, because the run was rolled back.",
    "It is asked anew: the approval by amina no longer counts.",
    "It is asked anew, as amina asked for changes.",
    "It is asked anew, as amina rejected it.",
    "It is asked anew, as nobody answered in time.",
  ]);
  expect(whyAsked(question("1", "wave:4"), [question("1", "wave:4")], [wave(3, false)])).toEqual({
    ...{ kind: "not_clean", wave: 3, refused: 0 },
  });
  // A question that a newer one replaced before anybody answered says nothing, nor does one of another gate or of later.
  const other = question("0", "scale_up", { ...by, status: "rejected" });
  const replaced = question("1", "wave:3", { status: "voided", void_because: "a newer one" });
  expect(told(again, [other, replaced])[0]).toMatch(/before every wave/u);
  expect(
    whyAsked(replaced, [replaced, question("2", "wave:3", { ...by, status: "rejected" })], []).kind,
  ).toBe("every_wave");
});
