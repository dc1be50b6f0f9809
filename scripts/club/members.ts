import { type Random, randomFor } from "../sample/random.ts";
import type { Contact } from "./account.ts";

const first = [
  "Ada",
  "Bea",
  "Cal",
  "Dot",
  "Eli",
  "Fay",
  "Gus",
  "Hal",
  "Ida",
  "Jem",
  "Kit",
  "Lou",
  "Mae",
  "Ned",
  "Oda",
  "Pia",
];
const last = [
  "Abbot",
  "Birch",
  "Cole",
  "Drury",
  "Eames",
  "Frost",
  "Gale",
  "Hurst",
  "Irwin",
  "Joyce",
  "Keats",
  "Lowe",
  "Moss",
  "Nash",
];
const policyLevels = [
  "New Member",
  "Newcomer",
  "1st Year",
  "2nd Year",
  "Third Year",
  "3rd Year",
  "Alumni",
  "Lapsed",
  "Prospect",
];
const levelsOfYears = ["NewbieNewcomer", "NewcomerMember", "ExtendedNewcomer"];

const two = (number: number) => String(number).padStart(2, "0");

/** A day of the account's own spelling. */
export const day = (random: Random, from: number, years: number): string =>
  `${two(1 + random.below(12))}/${two(1 + random.below(28))}/${from + random.below(years)}`;

type Changes = Partial<Contact> | ((random: Random, place: number) => Partial<Contact>);

/** Each kind of dirt, how many rows are of it, and what is different about them. */
const dirt: readonly (readonly [kind: string, rows: number, changes: Changes])[] = [
  ["level_of_policy", 180, (random) => ({ level: random.pick(policyLevels) })],
  ["level_of_years", 60, (random) => ({ level: random.pick(levelsOfYears) })],
  [
    "level_spelled_otherwise",
    24,
    (_, at) => ({ level: [" 2nd year", "2ND YEAR", "Lapsed ", "ALUMNI"][at % 4] as string }),
  ],
  ["level_of_admins", 4, { level: "Admins" }],
  [
    "level_nobody_listed",
    9,
    (_, at) => ({ level: ["Patron", "4th Year", "Honorary"][at % 3] as string }),
  ],
  ["level_missing", 3, { level: "" }],
  [
    "status_as_in_the_api",
    40,
    (_, at) => ({ status: ["PendingNew", "PendingRenewal", "PendingUpgrade"][at % 3] as string }),
  ],
  ["status_nobody_listed", 4, { status: "Frozen" }],
  ["status_missing", 2, { status: "" }],
  ["suspended", 6, { status: "Suspended" }],
  ["contact", 60, { enabled: "no", level: "", status: "", since: "", renewal: "" }],
  [
    "contact_made_when",
    2,
    { enabled: "no", level: "", status: "", since: "", renewal: "", made: "long ago" },
  ],
  ["archived", 60, { archived: "yes" }],
  ["email_missing", 12, { email: "" }],
  ["email_never", 3, (_, at) => ({ email: ["NEVER", "CLEAR", "N/A"][at % 3] as string })],
  [
    "email_malformed",
    3,
    (_, at) => ({ email: ["ada at club.example", "ada@", "a@b@club.example"][at % 3] as string }),
  ],
  ["email_of_the_office", 6, { email: "office@club.example" }],
  ["on_platform", 6, (_, at) => ({ email: `On.Platform.${at}@club.example` })],
  // The platform has her under another address.
  [
    "email_changed",
    1,
    { first: "Nora", last: "Quill", phone: "805-555-0142", email: "nora.q@club.example" },
  ],
  ["email_with_capitals", 20, (_, at) => ({ email: ` Capitals.${at}@Club.Example` })],
  [
    "name_with_comma",
    3,
    (_, at) => ({ last: ["Baker, Jr.", 'O"Neal', "Smith\nJones"][at % 3] as string }),
  ],
  [
    "name_odd",
    4,
    (_, at) => ({
      first: ["Sean", "María-José", "ANN", "Anne Marie"][at % 4] as string,
      last: ["O'Neil", "García", "HILL", "de la Cruz"][at % 4] as string,
    }),
  ],
  ["name_of_letters", 1, { first: "J", last: "X" }],
  ["name_null", 1, { last: "Null" }],
  ["name_missing", 2, { last: "" }],
  ["name_guest", 2, { first: "Guest of", last: "Ann" }],
  [
    "phone_odd",
    12,
    (_, at) => ({
      phone: ["(805) 555 0101 x12", "+1 805 555 0102", "805.555.0103 / 805-555-0104", "8055550105"][
        at % 4
      ] as string,
    }),
  ],
  ["phone_none", 6, (_, at) => ({ phone: ["NEVER", "555", "call Ann"][at % 3] as string })],
  [
    "joined_otherwise",
    5,
    (_, at) => ({
      since: ["1/5/24", "15 Jan 2024", "2024-01-15", "31/12/2020", "Jan 2024"][at % 5] as string,
    }),
  ],
  ["joined_impossible", 2, (_, at) => ({ since: ["02/30/2020", "13/01/2020"][at % 2] as string })],
  ["joined_1900", 1, { since: "01/01/1900" }],
  ["joined_never", 2, (_, at) => ({ since: ["NEVER", "CLEAR"][at % 2] as string })],
  ["joined_missing", 2, { since: "" }],
  ["joined_in_future", 2, { since: "01/01/2091" }],
];

/** About 2,150 contacts, and of what is planted this share; those of one seed are always the same. */
export function membersOf(seed: number, plain: number, share = 1): Contact[] {
  const made: Contact[] = [];
  const add = (kind: string, changes: Changes = {}, place = 0) => {
    const index = made.length;
    const random = randomFor(seed, "member", index);
    const row: Contact = {
      id: String(40_100_001 + index * 7),
      kind,
      first: random.pick(first),
      last: `${random.pick(last)}${random.chance(0.2) ? `-${random.pick(last)}` : ""}`,
      email: `member.${index}@club.example`,
      phone: `805-555-${String(1000 + (index % 9000))}`,
      archived: "no",
      made: day(random, 2015, 3),
      enabled: "yes",
      level: "1st Year",
      status: random.weighted([
        [8, "Active"],
        [2, "Lapsed"],
        [1, "Pending - New"],
        [1, "Pending - Renewal"],
        [0.3, "Pending - Level change"],
      ]),
      since: day(random, 2018, 7),
      renewal: day(random, 2025, 2),
      bundle: "",
      role: "",
      ...(typeof changes === "function" ? changes(random, place) : changes),
    };
    made.push(row);
    return row;
  };
  for (let at = 0; at < plain; at++) add("plain");
  for (const [kind, rows, changes] of dirt)
    for (let at = 0; at < (kind === "email_of_the_office" ? rows : Math.ceil(rows * share)); at++)
      add(kind, changes, at);
  add("bundle_without_head", { bundle: "1", role: "Bundle member", level: "" });
  for (let at = 0; at < 8; at++) {
    const email = `couple.${at}@club.example`;
    add("couple_first", { email, since: "03/01/2019" });
    add("couple_second", { email, since: "03/02/2019" });
    add("capitals_first", { email: `Two.Spellings${at}@club.example`, since: "05/01/2019" });
    add("capitals_second", { email: `two.spellings${at}@CLUB.example`, since: "05/02/2019" });
    const { id } = add("bundle_head", { role: "Bundle coordinator", level: "2nd Year" });
    add("bundle_without_email", { bundle: id, role: "Bundle member", email: "", level: "" });
    add("bundle_without_level", { bundle: id, role: "Bundle member", level: "" });
  }
  return made;
}
