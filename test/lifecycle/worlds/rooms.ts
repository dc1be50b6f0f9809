import {
  commit,
  defineMigration,
  insert,
  integer,
  kept,
  same,
  table,
  text,
  update,
} from "../../../lib/define/builders.ts";

/** Rooms by their house and number: of two columns that are one key only together, in another order than the table's. */
export const rooms = roomsBy("no");

/** The same where the platform calls a column of the key otherwise. */
export const mendedRooms = roomsBy("number");

/** The same where it calls both of them otherwise. */
export const renamedRooms = roomsBy("number", "building");

function roomsBy(no: string, house = "house") {
  return defineMigration({
    name: "rooms",
    title: "Rooms",
    connection: "old-rooms",
    source: { rooms: table("code", "house", "no", "title") },
    entity: {
      from: ["rooms"],
      fields: { house: text("house"), no: integer("no"), title: text("title") },
      decide: {},
      actions: {
        room: insert(
          "rooms",
          { [house]: "house", [no]: "no", title: "title" },
          { id: kept({ [house]: "house", [no]: "no" }) },
        ),
      },
      is: [same({ [house]: "house", [no]: "no" })],
      there: update({ title: "title" }),
      plan: [commit("room")],
    },
  });
}

export const roomsPlatform = `
  create table rooms (left_out int, no int, house text, title text, remark text, primary key (no, house));
  alter table rooms drop column left_out;
  insert into rooms (house, no, title, remark)
  values ('N', 1, 'Old one', 'n1'), ('N', 2, 'North two', 'n2'), ('S', 1, null, 's1'), ('E', 1, 'Old one', 'e1')`;

export const roomsFiles = {
  rooms: [
    "code,house,no,title",
    "a,N,1,North one",
    "b,N,2,North two",
    "c,S,1,South one",
    "d,S,2,South two",
    "e,W,1,West one",
  ],
};
