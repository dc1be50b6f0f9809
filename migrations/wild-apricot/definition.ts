import { defineMigration, refers } from "../../lib/define/builders.ts";
import { status, tier } from "./catalogue-entities.ts";
import { levels, states } from "./catalogues.ts";
import { event } from "./event.ts";
import { french } from "./french.ts";
import { member } from "./member.ts";
import { policyBundle } from "./policies.ts";
import { registration } from "./registration.ts";
import { source } from "./source.ts";
import { written, zone } from "./times.ts";

/** A club's membership, from Wild Apricot's exports or from its API, which gives the same rows. */
export const wildApricot = defineMigration({
  name: "wild-apricot",
  title: "Wild Apricot: members, events and registrations",
  translations: { fr: french },
  connection: "wild-apricot",
  priority: "That members come before the events and registrations that name them",
  source,
  entities: [status, tier, member, event, registration],
  // The platform's own; the id map is the run's ledger.
  documents: {
    // What the account says of its policies, and the platform's defaults, marked as such.
    "policy-bundle.json": policyBundle({
      "scheduling.timezone": zone,
      "membership.tiers.enabled": true,
      "membership.tiers.waMapping": levels,
    }),
    "migration-config.json": {
      version: "1.0",
      source_timezone: zone,
      date_format: written.format,
      membership_levels: levels,
      membership_statuses: states,
      unknown: "held",
    },
  },
  refersTo: [
    refers("AuditLog(memberId)", "Member(id)"),
    refers("Event(eventChairId)", "Member(id)"),
  ],
  guarded: ["AuditLog", "WaIdMapping", "WaSyncState"],
});
