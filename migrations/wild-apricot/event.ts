import {
  all,
  any,
  before,
  boolean,
  choice,
  commit,
  count,
  derived,
  distribution,
  entity,
  hold,
  insert,
  integer,
  is,
  lower,
  missing,
  not,
  noted,
  once,
  otherwise,
  passed,
  present,
  same,
  started,
  text,
  timestamp,
  when,
  within,
} from "../../lib/define/builders.ts";
import { categories } from "./catalogues.ts";
import { dates, noDate, unlisted } from "./rules.ts";
import { written } from "./times.ts";

/** Events: over or a draft; a migration publishes nothing. */
export const event = entity("event", {
  from: ["events"],
  fields: {
    title: text("Event name"),
    body: text("Description", { lines: true }),
    place: text("Location"),
    starts: timestamp("Start date", written),
    ends: timestamp("End date", written),
    seats: integer("Registration limit", { least: 1 }),
    limit: choice(
      "Registration limit",
      { Unlimited: "none", "0": "none" },
      { case: "ignored", otherwise: "some" },
    ),
    category: choice(
      "Tags",
      {},
      { case: "ignored", firstOf: ";", beginnings: categories, otherwise: "General" },
    ),
    takes_registrations: boolean("Registration enabled", {
      yes: ["Yes", "yes", "True", "true", ""],
      no: ["No", "no", "False", "false"],
    }),
  },
  once: once([lower("title"), within("starts", "60 minutes")]),
  validate: [
    {
      id: "no_limit",
      says: "The event is without a limit: its capacity is left open.",
      when: is("limit", "none"),
      verdict: "note",
    },
    {
      id: "capacity_unreadable",
      says: "The limit is no number of seats.",
      when: any(noted("number_unreadable"), noted("number_out_of_bounds")),
      verdict: "note",
    },
    unlisted("takes_registrations", "word for yes or no under “Registration enabled”"),
    ...dates,
    {
      id: "markup",
      says: "A text holds markup or what a program left of it: it is kept as it is.",
      when: noted("text_damaged"),
      verdict: "note",
    },
  ],
  decide: {
    classification: [
      { is: "past", when: any(passed("ends"), all(missing("ends"), passed("starts"))) },
      { is: "planned", when: otherwise },
    ],
    event_status: [
      { is: "COMPLETED", when: is("classification", "past") },
      { is: "DRAFT", when: otherwise },
    ],
  },
  actions: {
    event: insert(
      "Event",
      {
        title: "title",
        description: "body",
        category: "category",
        location: "place",
        startTime: "starts",
        endTime: "ends",
        capacity: "seats",
        status: "event_status",
        requiresRegistration: "takes_registrations",
        updatedAt: started,
      },
      {
        id: derived("id", "legacy_id"),
        importedAs: "imported_event_id",
      },
    ),
  },
  is: [same({ title: lower("title"), startTime: within("starts", "60 minutes") })],
  there: "keep",
  plan: [
    when(missing("title"), hold("title_missing")),
    when(missing("starts"), hold("date_unreadable")),
    when(noDate("ends"), hold("date_unreadable")),
    when(before("ends", "starts"), hold("ends_before_start")),
    when(
      all(any(noted("seats_unreadable"), noted("seats_out_of_bounds")), not(is("limit", "none"))),
      hold("capacity_unreadable"),
    ),
    when(noted("takes_registrations_unlisted"), hold("yes_or_no_unknown")),
    when(is("later_of_person", "yes"), hold("event_twice")),
    commit("event"),
  ],
  report: {
    counts: [
      count("events", "Events", present("title")),
      count("past_events", "Events that are over", is("classification", "past")),
      count("odd_dates", "Events whose dates cannot be read", noted("timestamp_unreadable")),
    ],
    distributions: [distribution("classification", "Events")],
    sections: [],
  },
  samples: [{ id: "events", says: "events", rows: 10, when: present("title") }],
});
