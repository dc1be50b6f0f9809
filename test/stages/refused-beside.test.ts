import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  commit,
  defineMigration,
  derived,
  entity,
  insert,
  integer,
  is,
  need,
  of,
  ref,
  refers,
  same,
  skip,
  table,
  text,
  update,
  when,
} from "../../lib/define/builders.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-00000000be51";

/** Columns of a house that each of its rooms takes: to say what they will be takes more than a statement has. */
const wide = Array.from({ length: 140 }, (_, n) => `c${n}`);
const ofHouse = {
  zone: of("house", "zone"),
  ...Object.fromEntries(wide.map((name) => [name, of("house", name)])),
};
const id = { id: derived("id", "legacy_id") };

const yard = defineMigration({
  name: "yard",
  title: "A yard",
  connection: "old-yard",
  source: {
    people: table("no", "what"),
    guests: table("no", "what", "member"),
    bookings: table("no", "place", "begins", "ends"),
    houses: table("no", "code", "zone"),
    rooms: table("no", "house", "name"),
    sheds: table("no", "house"),
    lockers: table("no", "house", "label"),
    rents: table("no", "zone", "label"),
  },
  audit: {
    runs: "yard_audit_runs",
    mappings: "yard_audit_mappings",
    entities: {
      member: "m",
      guest: "g",
      booking: "b",
      house: "h",
      room: "r",
      shed: "s",
      locker: "l",
      rent: "t",
    },
  },
  refersTo: [
    refers("cards(lent_to)", "members(id)"),
    refers("cards(member_no)", "members(no)"),
    refers("passes(member_no)", "members(no)"),
    refers("rents(zone, label)", "lockers(zone, label)"),
  ],
  entities: [
    entity("member", {
      from: ["people"],
      fields: { what: text("what"), no: integer("no") },
      decide: {},
      actions: {
        member: insert("members", { no: "no" }, id),
        pass: insert("passes", { label: "what", no: "no" }, id),
      },
      plan: [when(is("what", "pass"), commit("pass")), commit("member")],
    }),
    entity("guest", {
      from: ["guests"],
      fields: { what: text("what"), no: integer("no"), member: integer("member") },
      decide: {},
      actions: {
        guest: insert("members", { no: "no" }, id),
        card: insert("cards", { member_no: "member" }, id),
      },
      plan: [when(is("what", "card"), commit("card")), commit("guest")],
    }),
    entity("booking", {
      from: ["bookings"],
      fields: { place: integer("place"), begins: integer("begins"), ends: integer("ends") },
      decide: {},
      actions: {
        booking: insert("bookings", { place: "place", begins: "begins", ends: "ends" }, id),
      },
      plan: [commit("booking")],
    }),
    entity("house", {
      from: ["houses"],
      fields: { code: text("code"), zone: text("zone") },
      decide: {},
      actions: { house: insert("houses", { code: "code", zone: "zone" }, id) },
      is: [same({ code: "code" })],
      there: update({ zone: "zone" }),
      plan: [commit("house")],
    }),
    entity("room", {
      from: ["rooms"],
      fields: { house: text("house"), name: text("name") },
      refs: { house: ref("house", "house") },
      decide: {},
      actions: {
        room: insert("rooms", { ...ofHouse, name: "name" }, id),
      },
      is: [same({ zone: of("house", "zone"), name: "name" })],
      there: "keep",
      plan: [need("house", skip("house_missing")), commit("room")],
    }),
    // Found by more than can be said of what rows above will be.
    entity("shed", {
      from: ["sheds"],
      fields: { house: text("house") },
      refs: { house: ref("house", "house") },
      decide: {},
      actions: { shed: insert("sheds", ofHouse, id) },
      is: [same(ofHouse)],
      there: "keep",
      plan: [need("house", skip("house_missing")), commit("shed")],
    }),
    entity("locker", {
      from: ["lockers"],
      fields: { house: text("house"), label: text("label") },
      refs: { house: ref("house", "house") },
      decide: {},
      actions: { locker: insert("lockers", { zone: of("house", "zone"), label: "label" }, id) },
      plan: [need("house", skip("house_missing")), commit("locker")],
    }),
    entity("rent", {
      from: ["rents"],
      fields: { zone: text("zone"), label: text("label") },
      decide: {},
      actions: { rent: insert("rents", { zone: "zone", label: "label" }, id) },
      plan: [commit("rent")],
    }),
  ],
});

const files = {
  people: ["no,what", "1,member", "2,pass", "3,pass"],
  guests: [
    "no,what,member",
    "11,guest,",
    "12,card,11",
    "13,card,1",
    "14,card,99",
    "15,card,",
    "16,card,1",
  ],
  bookings: [
    "no,place,begins,ends",
    ...["1,1,1,3", "2,1,2,5", "3,1,4,7", "4,1,25,26", "5,2,25,26", "6,2,25,27"],
  ],
  houses: ["no,code,zone", "1,A,new", "2,B,west", "3,C,east"],
  rooms: [
    "no,house,name",
    ...["1,1,Red", "2,1,Blue", "3,1,Green", "4,2,Red", "5,3,Red", "6,3,Long beyond what fits"],
  ],
  sheds: ["no,house", "1,2", "2,3"],
  lockers: ["no,house,label", "1,1,L1", "2,2,L2"],
  rents: ["no,zone,label", "1,new,L1", "2,west,L2"],
};

const columns = wide.map((name) => `${name} int`).join(", ");
const platform = `
create table members (id uuid primary key, no int unique);
create table passes (id uuid primary key, label text, member_no int references members (no), no int,
  constraint one_no exclude using btree (no with =));
create table cards (id uuid primary key, member_no int references members (no), lent_to uuid references members,
  constraint one_card unique nulls not distinct (member_no, lent_to));
create table bookings (id uuid primary key, place int, begins int, ends int,
  constraint one_at_a_time exclude using gist (int4range(place, place, '[]') with &&, int4range(begins, ends) with &&));
create table houses (id uuid primary key, code text not null unique, zone text, ${columns});
create table rooms (id uuid primary key, zone text, name varchar(10), ${columns});
create table sheds (id uuid primary key, zone text, ${columns});
create table lockers (id uuid primary key, zone text, label text, unique (zone, label));
create table rents (id uuid primary key, zone text, label text, foreign key (zone, label) references lockers (zone, label));
insert into cards values (gen_random_uuid(), null, null);
insert into passes values (gen_random_uuid(), 'old', null, 3);
insert into bookings values (gen_random_uuid(), 1, 20, 30);
insert into houses values (gen_random_uuid(), 'A', 'old'), (gen_random_uuid(), 'B', 'west');
insert into rooms values (gen_random_uuid(), 'old', 'Red'), (gen_random_uuid(), 'new', 'Blue'), (gen_random_uuid(), 'west', 'Red');
insert into sheds values (gen_random_uuid(), 'west');
insert into lockers values (gen_random_uuid(), 'old', 'L1'), (gen_random_uuid(), 'west', 'L2')`;

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(yard, platform, files);
});
afterAll(() => test.close());

/** What becomes of each row that is not written. */
async function not(kind: string): Promise<string[]> {
  const rows = await test.query<{ says: string }>(
    `select concat_ws(' ', legacy_id, import_state, coalesce(state_detail, state_reason)) as says
       from wavegate.yard_${kind} where run_id = $1 and import_state not in ('pending', 'committed') order by id`,
    [run],
  );
  return rows.map(({ says }) => says);
}
const refused = () =>
  test.query(
    "select distinct counts -> 'refused' as refused from wavegate.waves where counts ->> 'refused' <> '{}'",
  );

const taken = ["15 held one_card", "16 held one_card"];

describe("B6 A11 what a dry run says of rows beside others", () => {
  it("holds, of rows that exclude one another, those beside what stands there: of rows of the run the wave writes what does not exclude one that it wrote", async () => {
    await reviewedRun(test, run, { wavePlan: [7, 35] });
    expect(await not("booking")).toEqual(["4 held one_at_a_time"]);
  });

  it("says nothing of references to what the same kind writes, by whichever action; and of keys in which nulls are equal what is there, and what is written before", async () => {
    expect(await not("member")).toEqual(["3 held one_no"]);
    expect(await not("guest")).toEqual(taken);
  });

  it("finds what is there by what the row above holds, and by what a wave makes of it; what rows above will be is left out where it is too long, and nothing else", async () => {
    const there = [
      ...["1 skipped there", "2 skipped there", "4 skipped there"],
      "6 held rooms.name holds 10 characters",
    ];
    expect(await not("room")).toEqual(there);
    expect(await not("shed")).toEqual(["1 skipped there"]);
    await toTheEnd(test, run);
    expect(await not("shed")).toEqual(["1 skipped there"]);
    expect(await not("room")).toEqual(there);
    expect(await test.query("select zone, name from rooms order by zone, name")).toEqual([
      { zone: "east", name: "Red" },
      { zone: "new", name: "Blue" },
      { zone: "new", name: "Green" },
      { zone: "old", name: "Red" },
      { zone: "west", name: "Red" },
    ]);
  });

  it("compares nothing by what a wave makes of a row above: neither the row that takes it, nor those that refer to that one", async () => {
    // House 1 is in zone `old`, where another L1 stands, until a wave moves it to `new`.
    expect(await not("locker")).toEqual(["2 held lockers_zone_label_key"]);
    expect(await not("rent")).toEqual([]);
    expect(await test.query("select zone, label from rents order by zone")).toEqual([
      { zone: "new", label: "L1" },
      { zone: "west", label: "L2" },
    ]);
  });

  it("and a wave holds by name what it alone can know", async () => {
    expect(await not("booking")).toEqual([
      "2 held one_at_a_time",
      "4 held one_at_a_time",
      "6 held one_at_a_time",
    ]);
    expect(await not("guest")).toEqual(["14 held cards_member_no_fkey", ...taken]);
    expect(await refused()).toEqual([{ refused: { one_at_a_time: 2, cards_member_no_fkey: 1 } }]);
  });
});
