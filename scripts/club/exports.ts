import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Account } from "./account.ts";

/** The columns of the account's contact export, in its order; most say nothing about who is moved. */
export const contactColumns = [
  ...[
    "User ID",
    "First name",
    "Last name",
    "Organization",
    "Email",
    "Phone",
    "Password",
    "Group participation",
    "Archived",
  ],
  ...[
    "Subscribed to emails",
    "Subscription source",
    "Opted in",
    "Event announcements",
    "Member emails and newsletters",
  ],
  ...[
    "Administration access",
    "Created on",
    "Profile last updated",
    "Last login",
    "Updated by",
    "Balance",
    "Total donated",
  ],
  ...["Membership enabled", "Membership level", "Membership status", "Member since", "Renewal due"],
  ...[
    "Renewal date last changed",
    "Level last changed",
    "Access to profile by others",
    "Details to show",
  ],
  ...["Photo albums enabled", "Member bundle ID or email", "Member role", "Notes"],
];

/** The account's three exports, each with its header and its rows. */
export function exportsOf({ members, events, registrations }: Account) {
  return {
    members: [
      contactColumns,
      ...members.map((member) => {
        const has: Record<string, string> = {
          "User ID": member.id,
          "First name": member.first,
          "Last name": member.last,
          Email: member.email,
          Phone: member.phone,
          Archived: member.archived,
          "Created on": member.made,
          "Membership enabled": member.enabled,
          "Membership level": member.level,
          "Membership status": member.status,
          "Member since": member.since,
          "Renewal due": member.renewal,
          "Member bundle ID or email": member.bundle,
          "Member role": member.role,
        };
        return contactColumns.map((column) => has[column] ?? "");
      }),
    ],
    events: [
      [
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
      ],
      ...events.map((event) => [
        event.id,
        event.title,
        event.description,
        event.tags,
        event.location,
        event.starts,
        event.ends,
        event.limit,
        event.enabled,
        event.access,
      ]),
    ],
    registrations: [
      [
        "Registration ID",
        "Contact ID",
        "Event ID",
        "Registration status",
        "Registration date",
        "Cancellation date",
        "Waitlist position",
        "Guests",
      ],
      ...registrations.map((row) => [
        row.id,
        row.contact,
        row.event,
        row.status,
        row.registered,
        row.cancelled,
        row.waiting,
        row.guests,
      ]),
    ],
  };
}

/** Writes the exports as Wild Apricot does: with a byte order mark, CRLF, and a comma at the end of each line. */
export async function writeExports(account: Account, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [table, rows] of Object.entries(exportsOf(account))) {
    const lines = rows.map((row) => `${row.map(cell).join(",")},\r\n`);
    await writeFile(join(folder, `${table}.csv`), `\uFEFF${lines.join("")}`);
  }
}

const cell = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
