import { expect, it } from "vitest";
import {
  birthDate,
  commit,
  defineMigration,
  email,
  entity,
  insert,
  kept,
  match,
  name,
  of,
  people,
  phone,
  ref,
  table,
  text,
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
      `Of “${of}”: The action “${name}” gives rows of “${into}” ${says} as their key, in “${column}”: it says who somebody is, and keys stand in lists, logs and bundles as they are, and stay when people are erased (D20, W14). Let the platform draw the key, or derive it.`;
    expect(of_({}, {})).toEqual([]);
    expect(of_({ id: own }, {})).toEqual([fault("person", "person", "members", "called")]);
    expect(of_({}, { id: above })).toEqual([fault("seat", "seat", "places", "of")]);
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
