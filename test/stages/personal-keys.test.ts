import { expect, it } from "vitest";
import {
  birthDate,
  commit,
  defineMigration,
  derived,
  email,
  entity,
  insert,
  integerKey,
  kept,
  match,
  name,
  of,
  people,
  phone,
  ref,
  sha256,
  table,
  text,
  uuid,
  uuidFrom,
} from "../../lib/define/builders.ts";
import { definitionFaults } from "../../lib/stages/preflight/definition-faults.ts";
import { small } from "../support/small.ts";

const kinds = [
  ["a name", name("who")],
  ["a phone number", phone("who", { region: "DZ" })],
  ["an e-mail address", email("who", { placeholders: [] })],
  ["a birth date", birthDate("who")],
] as const;

it.each(kinds)(
  "B5 D20 W14 %s may be the key of the source, of which rows have the digest",
  (_, field) => {
    const action = { id: kept({ id: "legacy_id" }) };
    expect(definitionFaults(small("by_who", "who", action, { fields: { who: field } }))).toEqual(
      [],
    );
  },
);

it.each(kinds)(
  "B5 D20 W14 new rows are not given %s as their key, nor one of a row above",
  (says, field) => {
    const value = field.kind === "phone" || field.kind === "email" ? "who_normalized" : "who";
    const source = { people: table("no", "who"), seats: table("seat", "no") };
    const of_ = (first: Parameters<typeof insert>[2], second: Parameters<typeof insert>[2]) =>
      definitionFaults(
        defineMigration({
          name: "personal",
          title: "Personal",
          connection: "legacy",
          source,
          entities: [
            entity("person", {
              from: ["people"],
              fields: { who: field },
              decide: {},
              actions: { person: insert("members", { called: value }, first) },
              plan: [commit("person")],
            }),
            entity("seat", {
              from: ["seats"],
              fields: { no: text("no") },
              refs: { person: ref("person", "no") },
              decide: {},
              actions: { seat: insert("places", { of_person: of("person") }, second) },
              plan: [commit("seat")],
            }),
          ],
        }),
      );
    const [own, above] = [kept({ called: value }), kept({ of: of("person", "called") })];
    const fault = (of: string, name: string, into: string, column: string) =>
      `Of “${of}”: The action “${name}” gives rows of “${into}” ${says} as their key, in “${column}”: it says who somebody is, and keys stand in lists, logs and bundles as they are, and stay when people are erased (D20, W14). Let the platform draw the key, or derive it from legacy_id.`;
    expect(of_({}, {})).toEqual([]);
    expect(of_({ id: own }, {})).toEqual([fault("person", "person", "members", "called")]);
    expect(of_({}, { id: above })).toEqual([fault("seat", "seat", "places", "of")]);
  },
);

it.each(kinds)(
  "B5 D20 W14 no key of new rows is made of %s in a way that everybody can try, and of the source's key it is",
  (says, field) => {
    const staged = field.kind === "phone" || field.kind === "email" ? "who_normalized" : "who";
    const fields = {
      who: field,
      digest: sha256("thing:{who}:{no}"),
      own: uuid("no", { derived: true }),
    };
    const of_ = (id: ReturnType<typeof kept>, key: Parameters<typeof table>[0] = "who") =>
      definitionFaults(
        small("by_who", "no", { id }, { source: { things: table(key, "word", "no") }, fields }),
      );
    const fault = [
      `The action “thing” makes the key of rows of “things” of ${says}, in “id”: whoever has a bundle can try every one until the same key comes of it (D20, W14). Let the platform draw the key, or derive it from legacy_id.`,
    ];
    expect(of_(derived("id", staged))).toEqual(fault);
    expect(of_(derived("id", "word", staged))).toEqual(fault);
    expect(of_(kept({ id: uuidFrom("things", staged) }))).toEqual(fault);
    expect(of_(kept({ id: "digest" }))).toEqual(fault);
    expect(of_(kept({ id: "own" }))).toEqual(fault);
    expect(of_(derived("id", "legacy_id"))).toEqual([]);
    expect(of_(derived("id", "word"))).toEqual([]);
    const named = table("no", "word", "who");
    const by = (id: ReturnType<typeof kept>) =>
      definitionFaults(small("by_no", "no", { id }, { source: { things: named }, fields }));
    expect(by(kept({ id: "own" }))).toEqual([]);
    expect(by(kept({ id: "digest" }))).toEqual(fault);
  },
);

it.each(kinds)(
  "B5 D20 W14 %s is no key of whole numbers, which are staged as they are",
  (says, field) => {
    const of_ = (key: Parameters<typeof table>[0]) =>
      definitionFaults(small("by_who", key, {}, { fields: { who: field } }));
    expect(of_("who")).toEqual([]);
    expect(of_(integerKey("who"))).toEqual([
      `Rows of “things” are known by “who”, which is ${says}, as a whole number: it says who somebody is, and keys stand in lists, logs and bundles as they are, and stay when people are erased (D20, W14). Say “who” without integerKey: a digest stands for it then.`,
    ]);
  },
);

it("B5 D20 W14 people of the platform are not known by what they are matched by", () => {
  const against = (id: string) =>
    definitionFaults(
      small(
        "by_mail",
        "no",
        {},
        {
          source: { things: table("no", "word", "who") },
          fields: { who: email("who", { placeholders: [] }) },
          match: match([people({ in: "users", id, idType: "text", email: "email", name: "name" })]),
        },
      ),
    );
  expect(against("no")).toEqual([]);
  expect(against("email")).toEqual([
    "People of “users” are known by “email”, which is an e-mail address: it says who somebody is, and keys stand in lists, logs and bundles as they are, and stay when people are erased (D20, W14). Name another column that tells them apart.",
  ]);
});
