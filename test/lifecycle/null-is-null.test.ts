import { expect, it } from "vitest";
import {
  commit,
  defineMigration,
  drawn,
  entity,
  insert,
  lower,
  same,
  table,
  text,
  timestamp,
  within,
} from "../../lib/define/builders.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, stateOfEach, takenBack } from "./whole-life.ts";

/** Paints, told by their code and shade, and talks, by their title and when they begin; of both the latter may not be known. */
const studio = defineMigration({
  name: "studio",
  title: "A studio",
  connection: "legacy",
  source: { paints: table("no", "code", "shade"), talks: table("no", "title", "begins") },
  entities: [
    entity("paint", {
      from: ["paints"],
      fields: { code: text("code"), shade: text("shade") },
      decide: {},
      is: [same({ code: "code", shade: lower("shade") })],
      actions: { paint: insert("paints", { code: "code", shade: "shade" }, { id: drawn("id") }) },
      plan: [commit("paint")],
    }),
    entity("talk", {
      from: ["talks"],
      fields: { title: text("title"), begins: timestamp("begins") },
      decide: {},
      is: [same({ title: lower("title"), begins: within("begins", "60 minutes") })],
      actions: { talk: insert("talks", { title: "title", begins: "begins" }, { id: drawn("id") }) },
      plan: [commit("talk")],
    }),
  ],
} as never);

const platform = `
create table paints (id uuid primary key default gen_random_uuid(), code text not null, shade text);
create table talks (id uuid primary key default gen_random_uuid(), title text not null, begins timestamptz);
insert into paints (code, shade) values ('A', null), ('B', 'red'), ('C', null), ('D', 'red');
insert into talks (title, begins) values ('Clay', null), ('Glaze', '2026-03-01 18:00Z'), ('Kilns', null), ('Ovens', '2026-03-01 18:00Z')`;
const legacy = `
create table paints (no int primary key, code text, shade text);
create table talks (no int primary key, title text, begins text);
insert into paints values (1, 'A', null), (2, 'B', 'RED'), (3, 'C', 'red'), (4, 'D', null);
insert into talks values (11, 'clay', null), (12, 'glaze', '2026-03-01 18:30:00'), (13, 'kilns', '2026-03-01 18:30:00'), (14, 'ovens', null)`;

it("B2 B8 what is told by a column in any case, or near a time, is there where both have nothing in it, and is not written again", async () => {
  const test = await fromPostgres(studio, { platform, legacy });
  const run = "7f3a0000-0000-4000-8000-00000000f971";
  const before = await rowsOf(test, ["paints", "talks"]);
  expect(await committed(test, run)).toEqual([]);
  expect(await stateOfEach(test, "studio_paint", run)).toEqual({
    1: "skipped there",
    2: "skipped there",
    3: "committed",
    4: "committed",
  });
  expect(await stateOfEach(test, "studio_talk", run)).toEqual({
    11: "skipped there",
    12: "skipped there",
    13: "committed",
    14: "committed",
  });
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["paints", "talks"])).toEqual(before);
  await test.close();
});
