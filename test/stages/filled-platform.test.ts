import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  commit,
  decimal,
  defineMigration,
  derived,
  entity,
  insert,
  integer,
  kept,
  need,
  of,
  ref,
  refers,
  same,
  skip,
  table,
  text,
} from "../../lib/define/builders.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { type CsvServices, csvServices } from "../support/csv-services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

const [dry, run, laterDry, later] = [1, 2, 3, 4].map(
  (n) => `7f3a0000-0000-4000-8000-0000000f1d0${n}`,
) as [string, string, string, string];

/** Houses, their rooms, and bookings of these: what a row takes of those above it is of every kind. */
const hotel = defineMigration({
  name: "hotel",
  title: "Houses and bookings",
  connection: "old-hotel",
  source: {
    houses: table("no", "code", "zone", "beds", "stars"),
    rooms: table("no", "house", "name", "floor"),
    bookings: table("no", "room", "house", "place", "begins", "ends"),
    extras: table("no", "house", "name"),
  },
  audit: {
    runs: "hotel_audit_runs",
    mappings: "hotel_audit_mappings",
    entities: { house: "house", room: "room", booking: "booking", extra: "extra" },
  },
  refersTo: [refers("bookings(room_id, house_id)", "rooms(id, house_id)")],
  entities: [
    entity("house", {
      from: ["houses"],
      fields: {
        ...{ code: text("code"), zone: text("zone") },
        ...{ beds: integer("beds"), stars: decimal("stars") },
      },
      decide: {},
      actions: {
        house: insert(
          "houses",
          { code: "code", zone: "zone", beds: "beds", stars: "stars" },
          { id: derived("id", "legacy_id") },
        ),
      },
      is: [same({ code: "code" })],
      there: "keep",
      plan: [commit("house")],
    }),
    entity("room", {
      from: ["rooms"],
      fields: { house: text("house"), name: text("name"), floor: integer("floor") },
      refs: { house: ref("house", "house") },
      decide: {},
      actions: {
        room: insert(
          "rooms",
          {
            ...{ house_id: of("house"), house_code: of("house", "code") },
            ...{ zone: of("house", "zone"), quarter: of("house", "zone") },
            ...{ beds: of("house", "beds"), stars: of("house", "stars") },
            ...{ name: "name", floor: "floor" },
          },
          { id: derived("id", "legacy_id") },
        ),
      },
      is: [same({ house_id: of("house"), name: "name" })],
      there: "keep",
      plan: [need("house", skip("house_missing")), commit("room")],
    }),
    entity("booking", {
      from: ["bookings"],
      fields: {
        ...{ room: text("room"), house: text("house"), place: integer("place") },
        ...{ begins: integer("begins"), ends: integer("ends") },
      },
      refs: { room: ref("room", "room"), house: ref("house", "house") },
      decide: {},
      actions: {
        booking: insert(
          "bookings",
          {
            ...{ room_id: of("room"), house_id: of("house"), label: of("room", "name") },
            ...{ place: "place", begins: "begins", ends: "ends" },
          },
          { id: derived("id", "legacy_id") },
        ),
      },
      plan: [need("room", skip("room_missing")), commit("booking")],
    }),
    entity("extra", {
      from: ["extras"],
      fields: { house: text("house"), name: text("name") },
      refs: { house: ref("house", "house") },
      decide: {},
      actions: {
        extra: insert(
          "extras",
          { note: "name" },
          { id: kept({ zone: of("house", "zone"), name: "name" }) },
        ),
      },
      plan: [need("house", skip("house_missing")), commit("extra")],
    }),
  ],
});

const files = {
  houses: [
    "no,code,zone,beds,stars",
    ...["1,A1,N,,", "2,B2,S,,", "3,X9,N,,", "4,C3,,,", "5,D4,N,,", "6,E5,S,,"],
    // Of what the house takes its rooms take the first two alone.
    ...["21,F6,N,32767,4.5", "22,G7   ,N,,", "23,Long,N,,", "24,H8,P,,"],
    ...["25,I9,N,32768,", "26,J0,N,,32767.5", "27,K1,N,,99999"],
  ],
  rooms: [
    "no,house,name,floor",
    ...["1,1,Red,1", "2,1,RED,3", "3,2,Blue,1", "4,3,Green,1", "5,5,Long beyond all that fits,1"],
    ...["6,4,Black,2", "7,4,White,2", "8,1,Gray,5", "9,6,ATTIC,1", "10,6,Cellar,7"],
    ...["11,6,Attic,8", "12,1,Yellow,9"],
    ...[21, 22, 23, 24, 25, 26, 27].map((no) => `${no},${no},Red,1`),
  ],
  bookings: [
    "no,room,house,place,begins,ends",
    ...["1,1,1,1,10,12", "2,1,1,1,12,14", "3,1,4,9,20,21", "4,6,4,2,12,14", "5,8,1,3,1,2"],
    ...["6,11,6,4,1,2", "8,9,6,6,1,2"],
  ],
  extras: ["no,house,name", "1,1,Pool", "2,2,Sauna", "3,6,Pool"],
};

/** What somebody else wrote: two houses, known by their code, a room of one, and a booking. */
const platform = `
create table zones (code text primary key);
insert into zones values ('N'), ('S'), ('P');
create domain quarter as text check (value <> 'P');
grant select on zones to public;
create table houses (id uuid primary key default gen_random_uuid(), code text not null unique, zone text, beds bigint, stars numeric);
create table rooms (id uuid primary key, house_id uuid not null references houses, house_code varchar(3) not null, zone text references zones,
  quarter quarter, beds smallint, stars smallint,
  name varchar(20) not null, floor int, kind text not null default 'plain', unique (id, house_id),
  constraint no_such_house check (house_code <> 'X9'));
create unique index one_name on rooms (house_id, lower(name));
create unique index one_floor on rooms (house_id, floor) where kind = 'plain' and floor > 1;
create table bookings (id uuid primary key, room_id uuid not null, house_id uuid not null, label text, place int not null, begins int, ends int,
  constraint of_its_house foreign key (room_id, house_id) references rooms (id, house_id),
  constraint one_at_a_time exclude using gist (int4range(place, place, '[]') with =, int4range(begins, ends) with &&));
create table extras (zone text, name text, note text, primary key (zone, name));
insert into houses (id, code, zone) values ('7f3a0000-0000-4000-8000-00000000b002', 'B2', 'W'), ('7f3a0000-0000-4000-8000-00000000e005', 'E5', 'N');
insert into rooms (id, house_id, house_code, zone, name, floor) values ('7f3a0000-0000-4000-8000-00000000e105', '7f3a0000-0000-4000-8000-00000000e005', 'E5', 'N', 'Attic', 7);
insert into bookings values (gen_random_uuid(), '7f3a0000-0000-4000-8000-00000000e105', '7f3a0000-0000-4000-8000-00000000e005', 'Attic', 2, 13, 15)`;

let test: CsvServices;
beforeAll(async () => {
  test = await csvServices(hotel, platform, files);
});
afterAll(() => test.close());

/** What auditors are told of each row. */
const audit = (of: string) =>
  test.query<{ entity: string; legacy_id: string; target_id: string | null; status: string }>(
    `select entity, legacy_id::text, target_id, status, reason from wavegate.hotel_audit_mappings
      where run_id = $1 order by entity, length(legacy_id), legacy_id`,
    [of],
  );

/** What becomes of each row; of a dry run what would. */
async function outcome(of: string): Promise<string[]> {
  const all: string[] = [];
  for (const kind of ["house", "room", "booking", "extra"])
    for (const row of await test.query<{ says: string }>(
      `select concat_ws(' ', $2::text, legacy_id,
                case when import_state in ('pending', 'committed') then 'written' else import_state end,
                coalesce(state_detail, state_reason)) as says
         from wavegate.hotel_${kind} where run_id = $1 order by id`,
      [of, kind],
    ))
      all.push(row.says);
  return all;
}

describe("B6 A11 a platform that somebody else filled in part", () => {
  it("refuses in a run what its dry run said, and nothing else, by whichever rule", async () => {
    await reviewedRun(test, dry, { trial: { whole: true } });
    await reviewedRun(test, run, { wavePlan: [3, 10] });
    await toTheEnd(test, run);
    const said = await outcome(dry);
    expect(await outcome(run)).toEqual(said);
    expect(said).toEqual([
      "house 1 written",
      "house 2 skipped there",
      "house 3 written",
      "house 4 written",
      "house 5 written",
      "house 6 skipped there",
      ...[21, 22, 23, 24, 25, 26, 27].map((no) => `house ${no} written`),
      "room 1 written",
      // Of two rows of the run that are one by an expression the first is written.
      "room 2 held one_name",
      // By what the row above holds on the platform, and by what it will hold.
      "room 3 held rooms_zone_fkey",
      "room 4 held no_such_house",
      "room 5 held rooms.name holds 20 characters",
      "room 6 written",
      // In part of the rows alone, by a default of the platform's.
      "room 7 held one_floor",
      "room 8 written",
      // Beside what stands there.
      "room 9 held one_name",
      "room 10 held one_floor",
      "room 11 skipped there",
      "room 12 written",
      // By what a column takes of another's: whole numbers are rounded, and blanks cut off, as the platform does.
      "room 21 written",
      "room 22 written",
      "room 23 held rooms.house_code holds 3 characters",
      "room 24 held rooms.quarter holds no such value",
      "room 25 held rooms.beds holds no such value",
      "room 26 held rooms.stars holds no such value",
      "room 27 held rooms.stars holds no such value",
      "booking 1 written",
      "booking 2 written",
      // The room is of another house, and both are still to be written.
      "booking 3 held of_its_house",
      "booking 4 held one_at_a_time",
      "booking 5 written",
      "booking 6 written",
      "booking 8 skipped room_missing",
      "extra 1 held extras (name, zone)",
      "extra 2 written",
      // By what the houses hold on the platform both are in one zone.
      "extra 3 held extras (name, zone)",
    ]);
    expect(await audit(dry)).toEqual(await audit(run));
    const { checks } = await finalVerify(test.services, run);
    expect(checks.filter(({ passed }) => !passed)).toEqual([]);
    // None of it was found by a wave.
    expect(
      await test.query(
        "select distinct counts -> 'refused' as refused, (counts ->> 'heldBack')::int as held from wavegate.waves",
      ),
    ).toEqual([{ refused: {}, held: 0 }]);
  });

  it("A7 is told row by row with the keys that stand there, what somebody else wrote of rows above included", async () => {
    const told = (await audit(run)).flatMap(({ entity, target_id: id }) =>
      id === null ? [] : [`${entity} ${id}`],
    );
    const there = await test.query<{ id: string }>(
      `select 'house ' || id as id from houses union all select 'room ' || id from rooms
       union all select 'booking ' || id from bookings where label <> 'Attic' or place <> 2
       union all select 'extra ' || name || ':' || zone from extras`,
    );
    expect(told.sort()).toEqual(there.map(({ id }) => id).sort());
    expect(told).toContain("extra Sauna:W");
  });

  it("refers to nothing that an earlier run wrote and somebody deleted since: a dry run says so, and no wave has to hold it", async () => {
    await test.query(
      `delete from bookings where place = 3; delete from rooms where name = 'Gray'; delete from houses where code = 'X9'`,
    );
    await appendFile(join(test.folder, "rooms.csv"), "13,3,New,1\n14,4,New,1\n");
    await appendFile(join(test.folder, "bookings.csv"), "9,8,1,9,1,2\n10,14,4,9,4,5\n");
    await reviewedRun(test, laterDry, { trial: { whole: true } });
    await reviewedRun(test, later, { wavePlan: [3, 10] });
    await toTheEnd(test, later);
    const said = await outcome(laterDry);
    expect(await outcome(later)).toEqual(said);
    expect(
      said.filter((line) => /^(house 3|room 8|room 1[34]|booking (5|9|10)) /u.test(line)),
    ).toEqual([
      "house 3 held moved_and_gone",
      "room 8 held moved_and_gone",
      "room 13 skipped house_missing",
      "room 14 written",
      "booking 5 held moved_and_gone",
      "booking 9 skipped room_missing",
      "booking 10 written",
    ]);
    expect(
      await test.query(
        "select distinct counts -> 'refused' as refused, (counts ->> 'heldBack')::int as held from wavegate.waves where run_id = $1",
        [later],
      ),
    ).toEqual([{ refused: {}, held: 0 }]);
  });
});
