import { expect, it } from "vitest";
import { shownKeys } from "../../lib/author/check/shown-keys.ts";
import {
  commit,
  defineMigration,
  email,
  entity,
  insert,
  table,
  text,
} from "../../lib/define/builders.ts";
import { partsOf } from "../../lib/define/several.ts";

/** Logins that are known by their addresses, and beside them people whose addresses are read, or are not. */
const club = (people: boolean) =>
  defineMigration({
    name: "club",
    title: "Club",
    connection: "legacy",
    source: { people: table("no", "mail"), logins: table("address") },
    entities: [
      entity("person", {
        from: ["people"],
        fields: { mail: people ? email("mail", { placeholders: [] }) : text("mail") },
        decide: {},
        actions: { person: insert("people", { no: "legacy_id" }) },
        plan: [commit("person")],
      }),
      entity("login", {
        from: ["logins"],
        fields: { address: text("address") },
        decide: {},
        actions: { login: insert("logins", { address: "address" }) },
        plan: [commit("login")],
      }),
    ],
  });

it("W14 B12 of a key of addresses nobody is told to read it as what one kind of things alone may have", () => {
  const remedy = (people: boolean) => {
    const parts = partsOf(club(people));
    const logins = parts.find(({ part }) => part === "login");
    return logins && shownKeys(parts, logins, "logins", { rows: 3, addressed: 3 })[0]?.remedy;
  };
  expect(remedy(true)).toBe(
    "Name another key: addresses are read in one kind of things, which is “person”.",
  );
  expect(remedy(false)).toBe(
    "Read the key as an email(…) as well: then rows are staged by its digest. Or name another key.",
  );
});
