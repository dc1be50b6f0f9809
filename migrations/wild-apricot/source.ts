import { catalogue, inherited, named, table } from "../../lib/define/builders.ts";
import { statuses, tiers } from "./catalogues.ts";

/**
 * The columns of an account's own exports, each under the names that exports of several years and screens give it. A
 * column without another name may be missing.
 */
export const source = {
  statuses: catalogue("code", statuses),
  tiers: catalogue("code", tiers),
  // In a bundle the coordinator alone has a level: it is that of the others, named by id or by e-mail.
  members: inherited(
    named(
      table(
        "User ID",
        "First name",
        "Last name",
        "Email",
        "Phone",
        "Archived",
        "Created on",
        "Membership enabled",
        "Membership level",
        "Membership status",
        "Member since",
        "Renewal due",
        "Member bundle ID or email",
        "Member role",
      ),
      {
        "User ID": ["Contact ID"],
        "First name": ["First Name"],
        "Last name": ["Last Name"],
        Email: ["e-Mail", "E-mail", "Email address"],
        "Membership level": ["Level"],
        "Membership status": ["Status"],
        "Member since": ["Join date"],
        Phone: [],
        Archived: [],
        "Created on": [],
        "Membership enabled": [],
        "Renewal due": [],
        "Member bundle ID or email": [],
        "Member role": [],
      },
    ),
    {
      "Membership level": { named: "Member bundle ID or email", by: ["User ID", "Email"] },
    },
  ),
  events: named(
    table(
      "Event ID",
      "Event name",
      "Description",
      "Tags",
      "Location",
      "Start date",
      "End date",
      "Registration limit",
      "Registration enabled",
      "Access level",
    ),
    {
      "Event name": ["Title", "Name"],
      Description: [],
      Tags: [],
      Location: [],
      "Registration limit": ["Registrations limit"],
      "Registration enabled": [],
      "Access level": [],
    },
  ),
  registrations: named(
    table(
      "Registration ID",
      "Contact ID",
      "Event ID",
      "Registration status",
      "Registration date",
      "Cancellation date",
      "Waitlist position",
      "Guests",
    ),
    {
      "Contact ID": ["User ID"],
      "Registration status": ["Status"],
      "Registration date": ["Event registration date"],
      "Cancellation date": [],
      "Waitlist position": [],
      Guests: [],
    },
  ),
};
