import { type Json, objectsIn } from "./client.ts";

/** The tables of a reading under the columns of the account's own exports: the API and they tell the same. */
export const columns = {
  members: [
    ...["User ID", "First name", "Last name", "Email", "Phone", "Archived", "Created on"],
    ...[
      "Membership enabled",
      "Membership level",
      "Membership status",
      "Member since",
      "Renewal due",
    ],
    ...["Member bundle ID or email", "Member role"],
  ],
  events: [
    ...["Event ID", "Event name", "Description", "Tags", "Location", "Start date", "End date"],
    ...["Registration limit", "Registration enabled", "Access level"],
  ],
  registrations: [
    ...["Registration ID", "Contact ID", "Event ID", "Registration status", "Registration date"],
    "Guests",
  ],
} as const;

export type Row = readonly string[];

/** A contact as the export has it. Fields are known by their system codes: what an account calls them is its own. */
export function memberRow(contact: Json): Row {
  const fields = new Map(
    objectsIn(contact.FieldValues).map(({ SystemCode, Value }) => [String(SystemCode), Value]),
  );
  const suspended = fields.get("IsSuspendedMember") === true;
  return [
    textOf(contact.Id),
    textOf(contact.FirstName),
    textOf(contact.LastName),
    textOf(contact.Email),
    textOf(fields.get("Phone")),
    yesNo(fields.get("IsArchived")),
    asWritten(fields.get("CreationDate")),
    yesNo(contact.MembershipEnabled),
    textOf((contact.MembershipLevel as Json | null | undefined)?.Name),
    suspended ? "Suspended" : textOf(contact.Status),
    asWritten(fields.get("MemberSince")),
    asWritten(fields.get("RenewalDue")),
    textOf(fields.get("BundleId")),
    textOf(fields.get("MemberRole")),
  ];
}

export function eventRow(event: Json): Row {
  const tags = Array.isArray(event.Tags) ? event.Tags.map(textOf) : [];
  return [
    textOf(event.Id),
    textOf(event.Name),
    textOf((event.Details as Json | null | undefined)?.DescriptionHtml),
    tags.join("; "),
    textOf(event.Location),
    asWritten(event.StartDate, event.StartTimeSpecified !== false),
    asWritten(event.EndDate, event.EndTimeSpecified !== false),
    textOf(event.RegistrationsLimit),
    event.RegistrationEnabled === false ? "No" : "Yes",
    textOf(event.AccessLevel),
  ];
}

export function registrationRow(registration: Json): Row {
  const of = (thing: unknown) => textOf((thing as Json | null | undefined)?.Id);
  const guests = (registration.GuestRegistrationsSummary as Json | null | undefined)
    ?.NumberOfGuests;
  return [
    textOf(registration.Id),
    of(registration.Contact),
    of(registration.Event),
    registration.OnWaitlist === true ? "Waitlisted" : textOf(registration.Status),
    asWritten(registration.RegistrationDate, true),
    textOf(guests),
  ];
}

/** A value as a text; of a choice its label. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return "Label" in value ? textOf(value.Label) : JSON.stringify(value);
}

const yesNo = (value: unknown): string => (value === true ? "yes" : "no");

/** With the offset of the account's own zone, or without one. */
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::\d\d(?:\.\d+)?)?(?:[+-]\d\d:\d\d)?$/u;

/**
 * A day or a time as exports write it: what the account's clock showed, `MM/DD/YYYY HH:mm`; the time is left out where
 * none is meant. A time in UTC is none that its clock showed, and whatever else cannot be read stays as it is, so that
 * the migration says so.
 */
function asWritten(value: unknown, timed = false): string {
  const text = textOf(value);
  const [whole, year, month, day, hour, minute] = MOMENT.exec(text) ?? [];
  if (whole === undefined) return text;
  const date = `${month}/${day}/${year}`;
  return timed || `${hour}:${minute}` !== "00:00" ? `${date} ${hour}:${minute}` : date;
}
