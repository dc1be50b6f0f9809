import { expect, it } from "vitest";
import {
  commit,
  defineMigration,
  drawn,
  each,
  entity,
  hold,
  insert,
  integerKey,
  kept,
  need,
  of,
  ref,
  table,
  text,
} from "../../lib/define/builders.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, stateOfEach, takenBack } from "./whole-life.ts";

/** Leases, and the keys that were handed out with each: rows that are their key and nothing else. */
const houses = defineMigration({
  name: "houses",
  title: "Houses",
  connection: "legacy",
  source: {
    leases: table(integerKey("no"), "flat", "keys"),
    handed: each("leases", "keys", { by: [",", ";"], key: "item" }),
  },
  entities: [
    entity("lease", {
      from: ["leases"],
      fields: { flat: text("flat", { digits: 4 }) },
      decide: {},
      actions: { lease: insert("leases", { flat: "flat" }, { id: drawn("id") }) },
      plan: [commit("lease")],
    }),
    entity("key", {
      from: ["handed"],
      fields: { no: text("no"), code: text("item") },
      refs: { lease: ref("lease", "no") },
      decide: {},
      actions: {
        key: insert("keys", {}, { id: kept({ lease_id: of("lease"), code: "code" }) }),
      },
      plan: [need("lease", hold("lease_missing")), commit("key")],
    }),
  ],
});

const platform = `
create table leases (id uuid primary key default gen_random_uuid(), flat text not null unique);
create table keys (lease_id uuid references leases, code text check (code ~ '^[A-Z][0-9]$'), primary key (lease_id, code))`;

const legacy = `
create table leases (no int primary key, flat text, keys text);
insert into leases values (1, '12', 'H1,W1; K1'), (2, '0013', 'H1'), (3, '14', 'lost'), (4, null, 'H2')`;

it("B5 M11 R17 rows that are their key alone, as those that join two others, are written, found again and taken back", async () => {
  const test = await fromPostgres(houses, { platform, legacy });
  const [run, again] = [1, 2].map((n) => `7f3a0000-0000-4000-8000-00000000f75${n}`) as [
    string,
    string,
  ];
  const before = await rowsOf(test, ["leases", "keys"]);
  expect(await committed(test, run)).toEqual([]);
  const written = async () =>
    (
      await test.query<{ is: string }>(
        "select l.flat || ' ' || k.code as is from keys k join leases l on l.id = k.lease_id order by 1",
      )
    ).map(({ is }) => is);
  expect(await written()).toEqual(["0012 H1", "0012 K1", "0012 W1", "0013 H1"]);
  expect(await stateOfEach(test, "houses_key", run)).toEqual({
    '["1","H1"]': "committed",
    '["1","K1"]': "committed",
    '["1","W1"]': "committed",
    '["2","H1"]': "committed",
    '["3","lost"]': "held refused_by_platform",
    '["4","H2"]': "held lease_missing",
  });
  await test.inLegacy("update leases set keys = keys || ',K2' where no = 2");
  expect(await committed(test, again)).toEqual([]);
  expect(await written()).toEqual(["0012 H1", "0012 K1", "0012 W1", "0013 H1", "0013 K2"]);
  expect(await takenBack(test, again)).toEqual([]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["leases", "keys"])).toEqual(before);
  await test.close();
});
