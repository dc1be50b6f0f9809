import { defineMigration, refers } from "../../lib/define/builders.ts";
import { status, tier } from "./catalogue-entities.ts";
import { event } from "./event.ts";
import { member } from "./member.ts";
import { registration } from "./registration.ts";
import { source } from "./source.ts";

/** A club's membership, from Wild Apricot's exports or from its API, which gives the same rows. */
export const wildApricot = defineMigration({
  name: "wild-apricot",
  title: "Wild Apricot: members, events and registrations",
  connection: "wild-apricot",
  priority: "That members come before the events and registrations that name them",
  source,
  entities: [status, tier, member, event, registration],
  // The platform's own; the id map is the run's ledger.
  refersTo: [
    refers("AuditLog(memberId)", "Member(id)"),
    refers("Event(eventChairId)", "Member(id)"),
  ],
  guarded: ["AuditLog", "WaIdMapping", "WaSyncState"],
});
