import { expect, it } from "vitest";
import {
  commit,
  decimal,
  defineMigration,
  entity,
  grouped,
  hold,
  insert,
  integer,
  missing,
  skip,
  table,
  text,
  textBy,
  total,
  when,
} from "../../lib/define/builders.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, standing, takenBack } from "./whole-life.ts";

/** Remarks that a system kept in lines of so many letters each, and what each line cost. */
const remarks = defineMigration({
  name: "remarks",
  title: "Remarks",
  connection: "legacy",
  source: {
    lines: table(["note", "line"], "says", "cost"),
    notes: grouped("lines", {
      by: ["note"],
      values: {
        says: textBy("line", "says", { with: "\n" }),
        whole: textBy("line", "says"),
        cost: total("cost"),
      },
    }),
  },
  entities: [
    entity("line", {
      from: ["lines"],
      fields: {
        line: integer("line"),
        says: text("says"),
        cost: decimal("cost", { decimal: "," }),
      },
      decide: {},
      actions: {},
      plan: [skip("part_of_a_note")],
    }),
    entity("note", {
      from: ["notes"],
      fields: {
        says: text("group.says", { lines: true }),
        whole: text("group.whole"),
        cost: decimal("group.cost"),
      },
      decide: {},
      actions: {
        note: insert("notes", { says: "says", whole: "whole", cost: "cost", no: "legacy_id" }),
      },
      plan: [when(missing("says"), hold("nothing_said")), commit("note")],
    }),
  ],
});

const platform =
  "create table notes (id bigint generated always as identity primary key, no text unique, says text, whole text, cost numeric(8,2))";

const legacy = `
create table lines (note text, line text, says text, cost text, primary key (note, line));
insert into lines select 'A', n, 'line ' || n, n || ',25' from generate_series(1, 12) n;
insert into lines (note, line, says, cost) values ('B', '2', 'second', null), ('B', '1', '  first  ', null), ('B', '3', '', null), ('B', '4', null, null), ('C', '1', ' ', null), ('D', '1', 'Ã‰lise', null), ('E', 'x', 'last', null), ('E', '7', 'seven', null), ('F', '1', 'six', '1'), ('F', '2', 'six', 'kaputt')`;

it("B5 V11 a text that was kept in lines is one again, in the order of their numbers, and what each cost is added up unless one cannot be read", async () => {
  const test = await fromPostgres(remarks, { platform, legacy });
  const run = "7f3a0000-0000-4000-8000-00000000f771";
  const before = await rowsOf(test, ["notes"]);
  expect(await committed(test, run)).toEqual([]);
  const all = Array.from({ length: 12 }, (_, n) => `line ${n + 1}`);
  expect(await test.query("select no, says, whole, cost from notes order by no")).toEqual([
    { no: "A", says: all.join("\n"), whole: all.join(" "), cost: "81.00" },
    { no: "B", says: "first\nsecond", whole: "first second", cost: null },
    { no: "E", says: "seven\nlast", whole: "seven last", cost: null },
  ]);
  const held = (await standing(test, "remarks_note", run)).filter(({ state }) => state === "held");
  expect(held.map(({ no, why }) => `${no} ${why}`).toSorted()).toEqual([
    "C nothing_said",
    "D noted_without_rule",
    "F noted_without_rule",
  ]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["notes"])).toEqual(before);
  await test.close();
});
