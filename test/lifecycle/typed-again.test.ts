import { expect, it } from "vitest";
import {
  commit,
  composed,
  date,
  defineMigration,
  drawn,
  entity,
  hold,
  insert,
  is,
  joined,
  missing,
  name,
  need,
  noted,
  of,
  once,
  ref,
  skip,
  table,
  text,
  when,
} from "../../lib/define/builders.ts";
import { fromPostgres } from "./from-postgres.ts";
import { committed, rowsOf, takenBack } from "./whole-life.ts";

const born = { format: "yyyy-MM-dd or dd.MM.yyyy" } as const;

/** As docs/vocabulary.md makes one record of all rows of a person. */
const federation = defineMigration({
  name: "typed-again",
  title: "Members, typed again each season",
  connection: "legacy",
  source: {
    members: table("no", "last", "first", "born"),
    fees: table("receipt", "member_no"),
    fee_members: joined("fees", { m: { table: "members", on: { no: "member_no" } } }),
  },
  entities: [
    entity("person", {
      from: ["members"],
      fields: {
        full_name: name("last", "first"),
        who: composed("{last} {first}", { folded: true }),
        born: date("born", born),
      },
      decide: {},
      once: once(["who", "born"]),
      actions: {
        person: insert(
          "people",
          { name: "full_name", born: "born", legacy_no: "legacy_id" },
          { id: drawn("id"), identity: ["legacy_no"] },
        ),
      },
      plan: [
        when(is("later_of_person", "yes"), skip("typed_again")),
        when(missing("born"), hold("born_missing")),
        commit("person"),
      ],
    }),
    entity("fee", {
      from: ["fees"],
      fields: {},
      decide: {},
      actions: {},
      plan: [skip("part_of_fee_members")],
    }),
    entity("paid", {
      from: ["fee_members"],
      refs: { person: ref("person", { who: "who", born: "born" }, { beside: [] }) },
      fields: {
        receipt: text("receipt"),
        who: composed("{m.last} {m.first}", { folded: true }),
        born: date("m.born", born),
      },
      decide: {},
      validate: [
        { id: "no_twice", says: "Two have it.", when: noted("partner_several"), verdict: "note" },
      ],
      actions: {
        fee: insert(
          "fees",
          { receipt: "receipt", person_id: of("person") },
          { id: drawn("id"), identity: ["receipt"] },
        ),
      },
      plan: [need("person", hold("person_missing")), commit("fee")],
    }),
  ],
});

const platform = `
  create table people (id uuid primary key default gen_random_uuid(), name text not null, born date, legacy_no text unique);
  create table fees (id uuid primary key default gen_random_uuid(), receipt text not null unique, person_id uuid not null references people)`;
const legacy = `
  create table members (no text primary key, last text, first text, born text);
  create table fees (receipt text primary key, member_no text);
  insert into members values ('1', 'Groß', 'Zoë', '1980-02-01'), ('2', ' GROSS', 'Zoe', '01.02.1980'), ('3', 'Gross', 'ZOË', '01.02.1980'),
    ('4', 'Groß', 'Zoë', '2010-02-01'), ('5', 'Maier', 'Jan', null), ('6', 'MAIER', 'Jan', null);
  insert into fees values ('a', '1'), ('b', '2'), ('c', '3'), ('d', '4'), ('e', '5'), ('f', '9')`;
const paid = `select legacy_no, string_agg(receipt, ' ' order by receipt) as receipts
                from people join fees on fees.person_id = people.id group by 1 order by 1`;

it("B5 D8 whoever was typed again each season is one row of the platform, with all that stands under each of the legacy rows, in a further run as well", async () => {
  const test = await fromPostgres(federation, { platform, legacy });
  const [run, further] = [
    "7f3a0000-0000-4000-8000-00000000f761",
    "7f3a0000-0000-4000-8000-00000000f762",
  ];
  const before = await rowsOf(test, ["people", "fees"]);
  expect(await committed(test, run)).toEqual([]);
  const zoe = { legacy_no: "1", receipts: "a b c" };
  expect(await test.query(paid)).toEqual([zoe, { legacy_no: "4", receipts: "d" }]);
  expect(
    await test.query(
      `select legacy_id, planned, planned_reason from wavegate.typed_again_paid where run_id = '${run}' and planned <> 'commit' order by 1`,
    ),
  ).toMatchObject([{ planned: "hold" }, { planned: "hold" }]);
  // The next season: typed once more, and named by that row alone.
  await test.inLegacy(
    "insert into members values ('7', 'Groß', 'ZOE', '1980-02-01'); insert into fees values ('g', '7'), ('h', '2')",
  );
  expect(await committed(test, further)).toEqual([]);
  expect(await test.query(paid)).toEqual([
    { ...zoe, receipts: "a b c g h" },
    { legacy_no: "4", receipts: "d" },
  ]);
  expect(await takenBack(test, further)).toEqual([]);
  expect(await test.query(paid)).toEqual([zoe, { legacy_no: "4", receipts: "d" }]);
  expect(await takenBack(test, run)).toEqual([]);
  expect(await rowsOf(test, ["people", "fees"])).toEqual(before);
  await test.close();
});
