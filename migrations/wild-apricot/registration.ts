import {
  before,
  choice,
  commit,
  count,
  derived,
  entity,
  hold,
  insert,
  integer,
  is,
  missing,
  noted,
  of,
  once,
  ref,
  referenced,
  share,
  skip,
  started,
  stop,
  text,
  timestamp,
  when,
} from "../../lib/define/builders.ts";
import { registrationStates } from "./catalogues.ts";
import { dates, noDate, unlisted } from "./rules.ts";
import { written } from "./times.ts";

const values = {
  eventId: of("event"),
  memberId: of("member"),
  status: "registration_status",
  waitlistPosition: "waiting_at",
  registeredAt: "registered",
  cancelledAt: "cancelled",
  updatedAt: started,
};
const identified = { id: derived("id", "legacy_id"), importedAs: "imported_registration_id" };

/** Registrations of members for events: one of a member for an event. */
export const registration = entity("registration", {
  from: ["registrations"],
  fields: {
    member_no: text("Contact ID"),
    event_no: text("Event ID"),
    registration_status: choice("Registration status", registrationStates, { case: "ignored" }),
    registered: timestamp("Registration date", written),
    cancelled: timestamp("Cancellation date", written),
    waiting_at: integer("Waitlist position", { least: 1 }),
  },
  refs: { member: ref("member", "member_no"), event: ref("event", "event_no") },
  once: once(["member_no", "event_no"], { by: ["registered"] }),
  validate: [unlisted("registration_status", "status of the registration"), ...dates],
  decide: {},
  actions: {
    registration: insert("EventRegistration", values, identified),
    confirmed: insert("EventRegistration", { ...values, confirmedAt: "registered" }, identified),
  },
  plan: [
    when(missing("member_no"), hold("guest_without_contact")),
    when(missing("event_no"), hold("event_unknown")),
    when(referenced("member", "out"), skip("member_archived")),
    when(referenced("member", "absent", "several"), hold("member_unknown")),
    when(referenced("member", "waits"), hold("member_held")),
    when(referenced("event", "absent", "several"), hold("event_unknown")),
    when(referenced("event", "waits", "out"), hold("event_held")),
    when(noted("registration_status_unlisted"), hold("status_unknown")),
    when(missing("registration_status"), hold("status_missing")),
    when(missing("registered"), hold("date_unreadable")),
    when(noDate("cancelled"), hold("date_unreadable")),
    when(before("cancelled", "registered"), hold("cancelled_before_registered")),
    when(is("later_of_person", "yes"), hold("registered_twice")),
    when(is("registration_status", "CONFIRMED"), commit("confirmed")),
    commit("registration"),
  ],
  report: {
    counts: [
      count("registrations", "Registrations", referenced("member", "there")),
      count(
        "of_nobody",
        "Registrations of nobody who is known",
        referenced("member", "absent", "none"),
      ),
      count(
        "of_no_event",
        "Registrations for no event that is known",
        referenced("event", "absent", "none"),
      ),
    ],
    distributions: [],
    sections: [],
  },
  stops: [
    stop(
      "unknown_states",
      "Too many registrations are of a status that nobody listed.",
      share(noted("registration_status_unlisted")),
      0.05,
    ),
  ],
  samples: [
    { id: "registrations", says: "registrations", rows: 10, when: referenced("member", "there") },
  ],
});
