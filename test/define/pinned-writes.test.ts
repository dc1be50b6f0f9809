import { expect, it } from "vitest";
import { pinWrites } from "../../lib/compile/pin/writes.ts";
import {
  commit,
  defineMigration,
  email,
  entity,
  insert,
  integer,
  integerKey,
  named,
  of,
  phone,
  ref,
  table,
  text,
} from "../../lib/define/builders.ts";
import { partsOf } from "../../lib/define/several.ts";

const shelter = defineMigration({
  name: "kept-homes",
  title: "Homes and who lives there",
  connection: "legacy",
  source: {
    homes: table(integerKey("hid"), "town"),
    people: table("pnr", "tel", "mail", "hid"),
    guests: named(table("pnr", "tel", "mail", "hid"), { mail: [] }),
    stays: table(["pnr", "hid"], "since"),
  },
  entities: [
    entity("home", {
      from: ["homes"],
      fields: { town: text("town") },
      decide: {},
      actions: { home: insert("homes", { town: "town", no: "legacy_id" }) },
      plan: [commit("home")],
    }),
    entity("person", {
      from: ["people", "guests"],
      fields: {
        mobile: phone("tel", { region: "DE", plus: true }),
        mail: email("mail", { placeholders: [] }),
        home_no: integer("hid"),
      },
      refs: { home: ref("home", "home_no") },
      decide: {},
      actions: {
        person: insert("persons", {
          ...{
            home_id: of("home"),
            phone: "mobile_plus",
            email: "mail_normalized",
            no: "legacy_id",
          },
        }),
      },
      plan: [commit("person")],
    }),
    entity("stay", {
      from: ["stays", "people"],
      fields: { person_no: text("pnr") },
      decide: {},
      actions: { stay: insert("stays", { no: "legacy_id", person_no: "person_no" }) },
      plan: [commit("stay")],
    }),
  ],
});

it("B2 M14 a reviewer sees what the legacy row had of each value: of a number with its plus, of a key, and of what names a row above", () => {
  const was = partsOf(shelter).flatMap((kind) =>
    Object.values(pinWrites(kind, [])).flatMap(({ into, columns }) =>
      columns.map((each) => [`${into}.${each.column}`, each.was]),
    ),
  );
  expect(Object.fromEntries(was)).toEqual({
    "homes.town": ["town"],
    "homes.no": ["hid"],
    "persons.home_id": ["hid"],
    "persons.phone": ["tel"],
    "persons.email": ["mail"],
    "persons.no": ["pnr"],
    // Its tables call their keys otherwise.
    "stays.no": undefined,
    "stays.person_no": ["pnr"],
  });
});
