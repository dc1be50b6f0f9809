import type { Account, ClubEvent, Contact, Registration } from "../../../scripts/club/account.ts";

/** What the API calls the states that exports write with spaces. */
const states: Readonly<Record<string, string>> = {
  "Pending - New": "PendingNew",
  "Pending - Renewal": "PendingRenewal",
  "Pending - Level change": "PendingUpgrade",
};

/** Of a day or a time of the exports, the moment that the API writes, with the zone's offset; anything else stays. */
function momentOf(text: string, offset = "-08:00"): string | null {
  if (text === "") return null;
  const found = /^(\d\d)\/(\d\d)\/(\d{4})(?: (\d\d):(\d\d))?$/u.exec(text);
  if (found === null) return text;
  const [, month, day, year, hour = "00", minute = "00"] = found;
  return `${year}-${month}-${day}T${hour}:${minute}:00${offset}`;
}

export function contactOf(contact: Contact) {
  const field = (SystemCode: string, Value: unknown, FieldName = SystemCode) => ({
    FieldName,
    SystemCode,
    Value,
  });
  const suspended = contact.status === "Suspended";
  return {
    Id: Number(contact.id),
    FirstName: contact.first,
    LastName: contact.last,
    Organization: "",
    Email: contact.email,
    DisplayName: `${contact.last}, ${contact.first}`,
    MembershipLevel:
      contact.level === "" ? null : { Id: 1, Url: "https://api.example/1", Name: contact.level },
    MembershipEnabled: contact.enabled === "yes",
    ...(contact.status === ""
      ? {}
      : { Status: suspended ? "Active" : (states[contact.status] ?? contact.status) }),
    IsAccountAdministrator: false,
    FieldValues: [
      field("IsArchived", contact.archived === "yes", "Archived"),
      field("IsSuspendedMember", suspended, "Suspended member"),
      field("Phone", contact.phone, "Mobile phone"),
      field("CreationDate", momentOf(contact.made), "Creation date"),
      field("MemberSince", momentOf(contact.since), "Member since"),
      // The one date without an offset.
      field("RenewalDue", momentOf(contact.renewal, ""), "Renewal due"),
      field("BundleId", contact.bundle === "" ? null : contact.bundle, "Bundle ID"),
      field("MemberRole", contact.role, "Member role"),
      field("custom-7001", { Id: 3, Label: "Bridge" }, "Favourite game"),
    ],
  };
}

export const eventOf = (event: ClubEvent) => ({
  Id: Number(event.id),
  Name: event.title,
  EventType: "Regular",
  StartDate: momentOf(event.starts),
  StartTimeSpecified: event.starts.includes(":"),
  EndDate: momentOf(event.ends),
  EndTimeSpecified: event.ends.includes(":"),
  Location: event.location,
  RegistrationEnabled: event.enabled === "Yes",
  RegistrationsLimit: /^\d+$/u.test(event.limit) ? Number(event.limit) : event.limit || null,
  AccessLevel: event.access,
  Tags: event.tags === "" ? [] : event.tags.split("; "),
});

export const registrationOf = (registration: Registration) => ({
  Id: Number(registration.id),
  Event: { Id: Number(registration.event) },
  Contact: registration.contact === "" ? null : { Id: Number(registration.contact) },
  Status: registration.status === "Waitlisted" ? "Confirmed" : registration.status,
  OnWaitlist: registration.status === "Waitlisted",
  RegistrationDate: momentOf(registration.registered),
  IsCheckedIn: false,
  GuestRegistrationsSummary: { NumberOfGuests: Number(registration.guests) },
});

/** What the API can tell of an account: its registrations are asked for by event, and it keeps no cancellation dates. */
export function toldByApi({ members, events, registrations }: Account): Account {
  const known = new Set(events.map(({ id }) => id));
  return {
    members,
    events,
    registrations: registrations
      .filter(({ event }) => known.has(event))
      .map((each) => ({ ...each, cancelled: "", waiting: "" })),
  };
}
