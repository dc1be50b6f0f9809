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
  update,
  within,
} from "../../lib/define/builders.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, stateOfEach, takenBack } from "./whole-life.ts";

/**
 * Paints, told by their code and shade, talks, by their title and when they begin, and lockers, by whose they are and
 * their number; of each the latter may not be known.
 */
const studio = defineMigration({
  name: "studio",
  title: "A studio",
  connection: "legacy",
  source: {
    paints: table("no", "code", "shade"),
    talks: table("no", "title", "begins"),
    lockers: table("no", "holder", "number", "key"),
    shelves: table("no", "holder", "number", "key"),
    hooks: table("no", "holder", "number", "key"),
  },
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
    ...Object.entries({ locker: "lockers", shelf: "shelves", hook: "hooks" }).map(([kind, stand]) =>
      entity(kind, {
        from: [stand],
        fields: { holder: text("holder"), number: text("number"), key: text("key") },
        decide: {},
        is: [same({ holder: "holder", number: "number" })],
        there: update({ key: "key" }),
        actions: { [kind]: insert(stand, { holder: "holder", key: "key" }, { id: drawn("id") }) },
        plan: [commit(kind)],
      } as never),
    ),
  ],
} as never);

const platform = `
create table paints (id uuid primary key default gen_random_uuid(), code text not null, shade text);
create table talks (id uuid primary key default gen_random_uuid(), title text not null, begins timestamptz);
create table lockers (id uuid primary key default gen_random_uuid(), holder text not null, number int, key text);
create domain letter as text check (value ~ '^[a-z]$');
create table shelves (id uuid primary key default gen_random_uuid(), holder text not null, number letter, key text);
create table hooks (id uuid primary key default gen_random_uuid(), holder text not null, number varchar(2), key text);
insert into shelves (holder, number) values ('Ada', null), ('Ben', 'b'), ('Cy', null);
insert into hooks (holder, number) values ('Ada', null), ('Ben', 'b'), ('Cy', null);
insert into lockers (holder, number) values ('Ada', null), ('Ben', null), ('Cy', 7), ('Dan', null);
insert into paints (code, shade) values ('A', null), ('B', 'red'), ('C', null), ('D', 'red');
insert into talks (title, begins) values ('Clay', null), ('Glaze', '2026-03-01 18:00Z'), ('Kilns', null), ('Ovens', '2026-03-01 18:00Z')`;
const legacy = `
create table paints (no int primary key, code text, shade text);
create table talks (no int primary key, title text, begins text);
create table lockers (no int primary key, holder text, number text, key text);
create table shelves (no int primary key, holder text, number text, key text);
create table hooks (no int primary key, holder text, number text, key text);
insert into shelves values (31, 'Ada', 'left', 'a'), (32, 'Ben', 'b', 'b'), (33, 'Cy', null, 'c');
insert into hooks values (41, 'Ada', 'left', 'a'), (42, 'Ben', 'b', 'b'), (43, 'Cy', null, 'c');
insert into lockers values (21, 'Ada', '007', 'a'), (22, 'Ben', 'by the door', 'b'), (23, 'Cy', '7', 'c'), (24, 'Dan', null, 'd');
insert into paints values (1, 'A', null), (2, 'B', 'RED'), (3, 'C', 'red'), (4, 'D', null);
insert into talks values (11, 'clay', null), (12, 'glaze', '2026-03-01 18:30:00'), (13, 'kilns', '2026-03-01 18:30:00'), (14, 'ovens', null)`;

it("B2 B8 what is told by a column in any case, or near a time, is there where both have nothing in it, and is not written again", async () => {
  const test = await fromPostgres(studio, { platform, legacy });
  const run = "7f3a0000-0000-4000-8000-00000000f971";
  const before = await rowsOf(test, ["paints", "talks", "lockers", "shelves", "hooks"]);
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
  // What is no number there is none that is not known.
  expect(await stateOfEach(test, "studio_locker", run)).toEqual({
    21: "held refused_by_platform",
    22: "committed",
    23: "committed",
    24: "committed",
  });
  expect(
    await test.query("select concat_ws('|', holder, number, key) as is from lockers order by 1"),
  ).toEqual(["Ada", "Ben", "Ben|b", "Cy|7|c", "Dan|d"].map((is) => ({ is })));
  // Nor is what a domain refuses, or a column is too short for.
  for (const stand of ["shelves", "hooks"])
    expect(
      await test.query(`select concat_ws('|', holder, number, key) as is from ${stand} order by 1`),
    ).toEqual(["Ada", "Ada|a", "Ben|b|b", "Cy|c"].map((is) => ({ is })));
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["paints", "talks", "lockers", "shelves", "hooks"])).toEqual(before);
  await test.close();
});
