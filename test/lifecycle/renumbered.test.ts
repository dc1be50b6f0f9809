import { afterEach, expect, it } from "vitest";
import {
  commit,
  defineMigration,
  drawn,
  entity,
  insert,
  table,
  text,
} from "../../lib/define/builders.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { committed, saidAndDone } from "./whole-life.ts";

const run = "7f3a0000-0000-4000-8000-00000000ae01";
let test: CsvServices | undefined;
afterEach(async () => {
  await test?.close();
  test = undefined;
});

const names = (name: string) =>
  defineMigration({
    name,
    title: "Names",
    connection: "legacy",
    source: { people: table("no", "name") },
    entities: [
      entity("person", {
        from: ["people"],
        fields: { name: text("name") },
        decide: {},
        actions: { person: insert("names", { name: "name" }, { id: drawn("id") }) },
        plan: [commit("person")],
      }),
    ],
  });
const people = ["no,name", "1,Ada", "2,Ben", "3,"];
const platform = (parted: boolean) => `
create sequence ids;
create table names (id bigint not null default nextval('ids') primary key, name text)${parted ? " partition by range (id)" : ""};
${parted ? "create table all_names partition of names for values from (minvalue) to (maxvalue);" : ""}
grant usage on sequence ids to public;
insert into names (name) values ('Ben')`;
const renumber = "update names set id = id + 100 where name = 'Ada'";

it.each([
  ["another key of it", false, renumber, { spared: 1, gone: 0 }],
  [
    "one that went, where one like it stood before the wave",
    false,
    "delete from names where id = (select max(id) from names where name = 'Ben')",
    { spared: 0, gone: 1 },
  ],
  [
    "one that went, of nothing, of which another one may be anybody's",
    false,
    "delete from names where name is null; insert into names default values",
    { spared: 0, gone: 1 },
  ],
  // Rows of partitions do not say what wrote them.
  ["another key of it, in partitions", true, renumber, { spared: 0, gone: 1 }],
])("D16 B1 of rows whose key the platform draws: %s", async (what, parted, sql, counts) => {
  test = await csvServices(names(`names-${what.length}`), platform(parted), { people });
  expect(await committed(test, run)).toEqual([]);
  await test.query(sql);
  const { said, done } = await saidAndDone(test, run);
  expect(said).toEqual(done);
  const sum = (of: "spared" | "gone") => done.reduce((total, wave) => total + Number(wave[of]), 0);
  expect({ spared: sum("spared"), gone: sum("gone") }).toEqual(counts);
});
