import {
  all,
  any,
  boolean,
  choice,
  commit,
  count,
  derived,
  distribution,
  email,
  entity,
  hold,
  insert,
  is,
  lower,
  missing,
  name,
  not,
  noted,
  of,
  once,
  otherwise,
  passed,
  perhaps,
  phone,
  present,
  ref,
  same,
  share,
  skip,
  started,
  stop,
  text,
  timestamp,
  update,
  when,
} from "../../lib/define/builders.ts";
import { levels, states } from "./catalogues.ts";
import { dates, unlisted } from "./rules.ts";
import { written } from "./times.ts";

const yesNo = {
  yes: ["yes", "Yes", "YES", "TRUE", "True", "true"],
  no: ["no", "No", "NO", "FALSE", "False", "false", ""],
};

const contact = {
  firstName: "first_name",
  lastName: "last_name",
  email: "mail",
  phone: "mobile",
  waMembershipLevelRaw: "level_raw",
  // As it was read, for whoever has to look something up that was not moved.
  waRawData: "raw_payload",
  updatedAt: started,
};
const identified = {
  id: derived("id", "legacy_id"),
  importedAs: "imported_member_id",
};

/** Members, and people who are none and whose registrations are kept. */
export const member = entity("member", {
  from: ["members"],
  fields: {
    full_name: name("Last name", "First name", { placeholders: ["guest", "test"] }),
    // Whose guest somebody is, is not what they are called.
    first_name: text("First name", {
      placeholders: ["NEVER", "CLEAR", "N/A", "Guest", "Guest of"],
    }),
    last_name: text("Last name", { placeholders: ["NEVER", "CLEAR", "N/A"] }),
    mail: email("Email", { placeholders: ["NEVER", "CLEAR", "N/A"] }),
    mobile: phone("Phone", { region: "US" }),
    archived: boolean("Archived", yesNo),
    enabled: boolean("Membership enabled", yesNo),
    no_member: choice("Membership enabled", { No: "not_a_member" }, { otherwise: "not_a_member" }),
    level: choice("Membership level", levels, { case: "ignored" }),
    member_status: choice("Membership status", states, { case: "ignored" }),
    joined: timestamp("Member since", written),
    made: timestamp("Created on", written),
    bundle: text("Member bundle ID or email"),
  },
  refs: {
    // Who is no member has none; of members a missing one is held below.
    tier: ref("tier", "level", { optional: true }),
    status: ref("status", "member_status", { optional: true }),
    no_status: ref("status", "no_member"),
  },
  once: once(["mail"], { by: ["joined"] }),
  validate: [
    {
      id: "phone_invalid",
      says: "The phone is no number: the member goes without it.",
      when: any(noted("phone_invalid"), noted("phone_partly_read")),
      verdict: "note",
    },
    {
      id: "mail_unusable",
      says: "What stands for the e-mail is none.",
      when: any(noted("email_malformed"), noted("email_placeholder"), noted("email_shared")),
      verdict: "note",
    },
    {
      id: "name_placeholder",
      says: "What stands for the name is none.",
      when: any(noted("name_placeholder"), noted("text_placeholder")),
      verdict: "note",
    },
    {
      id: "name_odd",
      says: "The name holds what is none, or is damaged.",
      when: any(noted("name_part_unreadable"), noted("name_not_alone"), noted("name_damaged")),
      verdict: "note",
    },
    unlisted("level", "membership level"),
    unlisted("member_status", "membership status"),
    unlisted("archived", "word for yes or no under “Archived”"),
    unlisted("enabled", "word for yes or no under “Membership enabled”"),
    ...dates,
  ],
  decide: {
    classification: [
      { is: "archived", when: is("archived", "yes") },
      {
        is: "contact",
        when: all(
          is("enabled", "no"),
          missing("level"),
          not(noted("level_unlisted")),
          missing("member_status"),
          not(noted("member_status_unlisted")),
        ),
      },
      { is: "member", when: otherwise },
    ],
    tier: [
      ...[...new Set(Object.values(levels))].map((code) => ({ is: code, when: is("level", code) })),
      { is: "none", when: otherwise },
    ],
  },
  actions: {
    member: insert(
      "Member",
      {
        ...contact,
        joinedAt: "joined",
        membershipStatusId: of("status"),
        membershipTierId: of("tier"),
      },
      identified,
    ),
    contact: insert(
      "Member",
      { ...contact, joinedAt: "made", membershipStatusId: of("no_status") },
      identified,
    ),
  },
  is: [
    same({ email: lower("mail") }),
    // Somebody whose e-mail was changed on one side. A father and a son may share all three: a person looks.
    same({
      phone: perhaps("mobile"),
      lastName: lower("last_name"),
      firstName: lower("first_name"),
    }),
  ],
  // D23: what a rollback puts back. When a member joined the platform says.
  there: update({
    firstName: "first_name",
    lastName: "last_name",
    phone: "mobile",
    membershipStatusId: of("status"),
    membershipTierId: of("tier"),
    waMembershipLevelRaw: "level_raw",
  }),
  plan: [
    // Whether somebody was put away is not guessed of a word that nobody listed.
    when(any(noted("archived_unlisted"), noted("enabled_unlisted")), hold("yes_or_no_unknown")),
    when(is("classification", "archived"), skip("archived")),
    when(
      any(missing("first_name"), missing("last_name"), noted("name_placeholder")),
      hold("name_missing"),
    ),
    when(
      any(noted("name_part_unreadable"), noted("name_not_alone"), noted("name_damaged")),
      hold("name_to_check"),
    ),
    when(all(missing("mail"), present("bundle")), hold("bundle_member_without_email")),
    when(missing("mail"), hold("email_missing")),
    when(is("later_of_person", "yes"), hold("same_email_twice")),
    when(all(is("classification", "contact"), missing("made")), hold("date_unreadable")),
    when(is("classification", "contact"), commit("contact")),
    when(noted("level_unlisted"), hold("level_unknown")),
    when(noted("member_status_unlisted"), hold("status_unknown")),
    when(all(missing("level"), present("bundle")), hold("bundle_member_without_level")),
    when(missing("level"), hold("level_missing")),
    when(missing("member_status"), hold("status_missing")),
    when(missing("joined"), hold("date_unreadable")),
    when(not(passed("joined")), hold("joined_in_future")),
    commit("member"),
  ],
  waves: { order: ["member", "contact"] },
  report: {
    counts: [
      count("members", "Members", is("classification", "member")),
      count("contacts", "People who are no members", is("classification", "contact")),
      count("archived", "Archived", is("classification", "archived")),
      count("unknown_levels", "Members of a level that nobody listed", noted("level_unlisted")),
      count(
        "unknown_statuses",
        "Members of a status that nobody listed",
        noted("member_status_unlisted"),
      ),
      count("without_email", "Members without an e-mail", missing("mail")),
    ],
    distributions: [distribution("classification", "Members"), distribution("tier", "Tiers")],
    sections: [],
  },
  stops: [
    stop(
      "unknown_levels",
      "Too many members are of a level that nobody listed.",
      share(noted("level_unlisted")),
      0.05,
    ),
    stop(
      "unknown_statuses",
      "Too many members are of a status that nobody listed.",
      share(noted("member_status_unlisted")),
      0.05,
    ),
  ],
  samples: [
    { id: "members", says: "members", rows: 20, when: is("classification", "member") },
    {
      id: "contacts",
      says: "people who are no members",
      rows: 5,
      when: is("classification", "contact"),
    },
  ],
});
