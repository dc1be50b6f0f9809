import { expect, it } from "vitest";
import { checkSource } from "../../lib/author/check/source.ts";
import { commit, defineMigration, insert, table, text } from "../../lib/define/builders.ts";
import { csvFolder } from "../sources/csv-folder.ts";

const { open, named } = csvFolder();

const people = defineMigration({
  name: "people",
  title: "People",
  connection: "legacy",
  source: { people: table("_id", "mail", "at.town") },
  entity: {
    from: ["people"],
    fields: { mail: text("mail"), town: text("at.town") },
    decide: {},
    actions: { person: insert("people", { mail: "mail", town: "town", no: "legacy_id" }) },
    plan: [commit("person")],
  },
});

it("B12 D33 a name that some objects write in another case, and nothing reads, is told", async () => {
  const rows = [
    { _id: "a", mail: "a@club.example", at: { town: "Lyon" } },
    { _id: "b", Mail: "b@club.example", at: { Town: "Nice" } },
  ];
  await named("people.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
  const { problems } = await checkSource(people, await open(), "2026-11-30");
  const told = problems.filter(({ id }) => id === "source_column_alike");
  expect(told).toMatchObject([
    { about: "at.town" },
    {
      level: "warning",
      about: "mail",
      says: "In some rows of the source’s table “people” stands “Mail”, which reads like “mail” and is not read.",
      remedy:
        'Read it as well, and say which counts: a field of numbers, days and their like takes { absent: ["Mail"] }, a text template("{mail}", "{Mail}").',
    },
  ]);
  const both = {
    ...people,
    source: { people: table("_id", "mail", "Mail", "at.town", "at.Town") },
  };
  const { problems: none } = await checkSource(both as never, await open(), "2026-11-30");
  expect(none.filter(({ id }) => id === "source_column_alike")).toEqual([]);
});
