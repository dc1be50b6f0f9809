import { randomFor } from "../sample/random.ts";
import type { ClubEvent, Contact, Registration } from "./account.ts";

const good = ["Confirmed", "Registered", "Confirmed", "No show", "Waitlisted", "Cancelled"];

type Changes = Partial<Registration> | ((place: number) => Partial<Registration>);

/** About 8,600 registrations: of those contacts and for those events that are moved, but for what is planted. */
export function registrationsOf(
  seed: number,
  rows: number,
  {
    members,
    events,
    moves,
  }: {
    members: readonly Contact[];
    events: readonly ClubEvent[];
    /** Whether rows of a kind are moved. */
    moves: (entity: "member" | "event", kind: string) => boolean;
  },
): Registration[] {
  const comers = members.filter(({ kind }) => moves("member", kind));
  const held = (kind: string) => members.filter((member) => member.kind === kind);
  const open = events.filter(({ kind }) => moves("event", kind));
  const made: Registration[] = [];
  const used = new Set<string>();
  const add = (kind: string, changes: Changes = {}, place = 0) => {
    const index = made.length;
    const random = randomFor(seed, "registration", index);
    let contact: string;
    let event: string;
    do {
      contact = random.pick(comers).id;
      event = random.pick(open).id;
    } while (used.has(`${contact} ${event}`));
    used.add(`${contact} ${event}`);
    const status = random.pick(good);
    const registered = `0${1 + random.below(9)}/${10 + random.below(18)}/2022 ${10 + random.below(10)}:${10 + random.below(49)}`;
    const row: Registration = {
      id: String(9_000_001 + index),
      kind,
      contact,
      event,
      status,
      registered,
      cancelled: status === "Cancelled" ? "11/20/2022 08:00" : "",
      waiting: status === "Waitlisted" ? String(1 + random.below(9)) : "",
      guests: random.chance(0.1) ? "1" : "0",
      ...(typeof changes === "function" ? changes(place) : changes),
    };
    made.push(row);
    return row;
  };
  const archived = held("archived");
  const admins = held("level_of_admins");
  const tbd = events.filter(({ kind }) => kind === "start_tbd");
  const dirt: readonly (readonly [kind: string, rows: number, changes: Changes])[] = [
    ["waitlisted", 30, (at) => ({ status: "Waitlisted", waiting: String(1 + at), cancelled: "" })],
    ["cancelled", 30, { status: "Cancelled", cancelled: "12/01/2022", waiting: "" }],
    ["declined", 8, { status: "Declined", cancelled: "" }],
    ["pending", 8, { status: "Pending", cancelled: "" }],
    ["status_missing", 2, { status: "", cancelled: "" }],
    ["guest_only", 10, { contact: "", guests: "2" }],
    [
      "cancelled_before",
      5,
      { status: "Cancelled", registered: "05/02/2022 10:00", cancelled: "05/01/2022 10:00" },
    ],
    ["registered_otherwise", 3, { registered: "yesterday" }],
    ["registered_missing", 2, { registered: "" }],
    ["cancelled_otherwise", 2, { status: "Cancelled", cancelled: "soon" }],
    ["of_archived", 20, (at) => ({ contact: archived[at % archived.length]?.id ?? "" })],
    ["of_held_member", 8, (at) => ({ contact: admins[at % admins.length]?.id ?? "" })],
    ["of_unknown_contact", 6, (at) => ({ contact: String(99_000_000 + at) })],
    ["for_held_event", 6, (at) => ({ event: tbd[at % tbd.length]?.id ?? "" })],
    ["for_unknown_event", 6, (at) => ({ event: String(88_000_000 + at) })],
  ];
  for (const [kind, count, changes] of dirt) {
    for (let at = 0; at < count; at++) add(kind, changes, at);
  }
  for (let at = 0; at < 10; at++) {
    const before = add("twice_first", {
      registered: "04/01/2022 10:00",
      status: "Confirmed",
      cancelled: "",
    });
    add("twice_second", {
      contact: before.contact,
      event: before.event,
      registered: "04/02/2022 10:00",
    });
  }
  while (made.length < rows) add("plain");
  return made;
}
