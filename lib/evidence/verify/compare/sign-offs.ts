import type { AuditEntry } from "../../audit-chain.ts";
import { recordDigest } from "../../record-digest.ts";
import { digestOfParts } from "../../review-digest.ts";
import { isSamePerson } from "../../same-person.ts";
import { equal, Findings, moment } from "../say.ts";
import type { SignOff } from "../shapes.ts";
import { apart } from "./clock.ts";
import { type Evidence, entriesOf } from "./evidence.ts";

/** Whether two names are one person, in whichever way they are spelled (W8). */
export const samePerson = (one: string | null, other: string | null): boolean =>
  one !== null &&
  other !== null &&
  (isSamePerson(one, { name: other }) || isSamePerson(other, { name: one }));

/** Who decided what, when, on which digest: the records against the log, and the rules of W8 and R7. */
export function signOffs(evidence: Evidence): string[] {
  const { facts } = evidence;
  const asked = bySignOff(entriesOf(evidence, "sign-off-asked"));
  const decided = bySignOff(entriesOf(evidence, "sign-off-approved", "sign-off-rejected"));
  const overridden = bySignOff(entriesOf(evidence, "stops-overridden"));
  const known = new Set(facts.signOffs.map(({ id }) => id));
  const foreign = [...asked.keys(), ...decided.keys(), ...overridden.keys()]
    .filter((id) => !known.has(id))
    .map((id) => `the log has sign-off ${id}, which is not in sign-offs.json`);
  const twice = facts.signOffs.length === known.size ? [] : ["a sign-off stands twice"];
  return [
    ...new Set(foreign),
    ...twice,
    ...facts.signOffs.flatMap((each) => [
      ...asking(each, asked.get(each.id) ?? []),
      ...deciding(evidence, each, decided.get(each.id) ?? []),
      ...overriding(each, overridden.get(each.id) ?? []),
      ...voiding(evidence, each),
      ...stopsShown(evidence, each),
      ...people(evidence, each),
      ...moments(evidence, each),
    ]),
    ...replaced(evidence),
  ];
}

function bySignOff(entries: readonly AuditEntry[]): Map<string, AuditEntry[]> {
  const found = new Map<string, AuditEntry[]>();
  for (const entry of entries) {
    const id = String(entry.details.signOff);
    found.set(id, [...(found.get(id) ?? []), entry]);
  }
  return found;
}

function asking(record: SignOff, entries: readonly AuditEntry[]): string[] {
  const [entry] = entries;
  const name = `sign-off ${record.id}`;
  if (entry === undefined || entries.length > 1) {
    return [`the log has ${entries.length} questions for ${name}`];
  }
  const found = new Findings();
  const holding = record.stops.filter(({ stops }) => stops).map(({ id }) => id);
  const { details } = entry;
  found.same(`the gate of ${name}`, details.gate, "the log", record.gate, "sign-offs.json");
  found.same(`the digest of ${name}`, entry.digest, "the log", record.digest, "sign-offs.json");
  found.same(`the stops of ${name}`, details.stops, "the log", holding, "sign-offs.json");
  const expires = moment(String(details.expiresAt)) === moment(record.expires_at);
  found.unless(expires, `${name} expires at another moment in the log`);
  found.unless(
    details.record === recordDigest(record.stops),
    `${name} shows other stops than the log`,
  );
  found.unless(
    moment(entry.at) === moment(record.asked_at),
    `${name} was asked at another moment in the log`,
  );
  for (const { id, measured, threshold, stops } of record.stops) {
    found.unless(
      stops === measured > threshold,
      `${name} says the wrong thing about the stop ${id}`,
    );
  }
  return found.all;
}

function deciding(evidence: Evidence, record: SignOff, entries: readonly AuditEntry[]): string[] {
  const name = `sign-off ${record.id}`;
  const [entry] = entries;
  if (entries.length > 1) return [`the log has ${entries.length} decisions for ${name}`];
  const { status, changes_asked, decided_by, decided_at } = record;
  if (entry === undefined) {
    const open =
      status !== "approved" &&
      status !== "rejected" &&
      !decided_by &&
      !decided_at &&
      !changes_asked;
    return open ? [] : [`${name} is ${status} and the log has no decision for it`];
  }
  const found = new Findings();
  const { details } = entry;
  found.same(`who decided ${name}`, entry.actor, "the log", decided_by, "sign-offs.json");
  found.same(`the digest of ${name}`, entry.digest, "the log", record.digest, "sign-offs.json");
  found.same(`the gate of ${name}`, details.gate, "the log", record.gate, "sign-offs.json");
  found.same(
    `the comment of ${name}`,
    details.comment || null,
    "the log",
    record.comment,
    "sign-offs.json",
  );
  // In bundles that are older than this the log alone tells of it.
  const changes = details.changes === true;
  found.unless(
    (record.changes_asked ?? changes) === changes,
    `the log has another answer to ${name} than sign-offs.json`,
  );
  const inForce = overridesOf(evidence, record).map((each) => each.override_by);
  found.unless(
    details.override === null
      ? record.override_by === null
      : inForce.includes(`${details.override}`),
    `the log has another person than sign-offs.json for who overrode in ${name}`,
  );
  found.unless(
    moment(entry.at) === moment(decided_at),
    `${name} was decided at another moment in the log than in sign-offs.json`,
  );
  const outcome = entry.action.slice("sign-off-".length);
  const undone = entriesOf(evidence, "sign-offs-voided").some(
    ({ seq, details: { to_wave } }) =>
      seq > entry.seq && (Number(to_wave) <= 1 || record.gate !== "first_wave"),
  );
  // A released row voids what is not written yet; whether there was anything to void stands there alone.
  const released =
    status === "voided" && entriesOf(evidence, "row-released").some(({ seq }) => seq > entry.seq);
  const now = outcome === "approved" && (undone || released) ? "voided" : outcome;
  found.same(`the outcome of ${name}`, now, "the log", status, "sign-offs.json");
  return found.all;
}

/** Where the log last tells something of it, NaN for nowhere: clocks may be apart, and go back. */
const toldAt = (evidence: Evidence, { id }: SignOff, ...actions: string[]): number =>
  entriesOf(evidence, ...actions).findLast(({ details }) => details.signOff === id)?.seq ??
  Number.NaN;

const askedBy = (evidence: Evidence, record: SignOff): number =>
  toldAt(evidence, record, "sign-off-asked") || 0;

const decidedBy = (evidence: Evidence, record: SignOff): number =>
  toldAt(evidence, record, "sign-off-approved", "sign-off-rejected");

const overriddenBy = (evidence: Evidence, record: SignOff): number =>
  toldAt(evidence, record, "stops-overridden");

/** Why an open question is void: the log says so, or another question or decision of its gate does. */
function voiding(evidence: Evidence, record: SignOff): string[] {
  const { id, gate, status, void_because: because } = record;
  const changed = entriesOf(evidence, "sign-off-voided").filter(
    ({ details }) => details.signOff === id,
  );
  const found = new Findings();
  for (const { details } of changed) {
    found.same(`why ${id} is void`, details.because, "the log", because, "sign-offs.json");
  }
  if (status !== "voided") return found.all;
  const others = evidence.facts.signOffs.filter((each) => each.id !== id && each.gate === gate);
  const asked = askedBy(evidence, record);
  const since = (action: string) => entriesOf(evidence, action).some(({ seq }) => seq > asked);
  const undone = since("sign-offs-voided");
  const replaced = others.some(
    (each) => askedBy(evidence, each) > asked || each.decided_at !== null,
  );
  // A trigger of the database withdraws what is asked about rows that are judged anew, and logs nothing.
  const anew = because === "its rows are judged anew since it was asked" || since("row-released");
  found.unless(
    changed.length > 0 || undone || replaced || anew,
    `${id} is void, and nothing tells of it`,
  );
  return found.all;
}

/** The stop conditions that were asked about are the dry run's, but for the samples judged since. */
function stopsShown({ facts }: Evidence, { id, parts, stops }: SignOff): string[] {
  const shown = facts.summary.dry_runs.find(({ digest }) => digest === digestOfParts(parts));
  const apart = (all: SignOff["stops"]) => all.filter((stop) => stop.id !== "sample_judged_wrong");
  const same = shown === undefined || equal(apart(shown.report.stops), apart(stops));
  return same ? [] : [`sign-off ${id} shows other stop conditions than its dry run`];
}

function overriding(record: SignOff, entries: readonly AuditEntry[]): string[] {
  const name = `sign-off ${record.id}`;
  const entry = entries.at(-1);
  if (entry === undefined) {
    return record.override_by === null ? [] : [`${name} was overridden, and not in the log`];
  }
  const found = new Findings();
  const { details } = entry;
  found.same(`the digest of ${name}`, entry.digest, "the log", record.digest, "sign-offs.json");
  found.same(`the gate of ${name}`, details.gate, "the log", record.gate, "sign-offs.json");
  found.same(
    `who overrode in ${name}`,
    entry.actor,
    "the log",
    record.override_by,
    "sign-offs.json",
  );
  found.same(
    `why ${name} was overridden`,
    details.reason,
    "the log",
    record.override_reason,
    "sign-offs.json",
  );
  found.same(
    `what ${name} overrides`,
    details.stops,
    "the log",
    record.override_stops,
    "sign-offs.json",
  );
  found.unless(
    moment(entry.at) === moment(record.override_at),
    `${name} was overridden at another moment in the log`,
  );
  return found.all;
}

/** Overrides that hold for a question: of the same state, at whichever gate, before it was decided (D15). */
function overridesOf(evidence: Evidence, record: SignOff): SignOff[] {
  const state = digestOfParts(record.parts);
  return evidence.facts.signOffs.filter(
    (each) =>
      each.override_by !== null &&
      (each.status !== "rejected" || each.id === record.id) &&
      digestOfParts(each.parts) === state &&
      !(overriddenBy(evidence, each) > decidedBy(evidence, record)),
  );
}

/** Of starter, approver and whoever overrides, no two are one person. */
function people(evidence: Evidence, record: SignOff): string[] {
  const { id, status, decided_by: by, override_by: over } = record;
  const starter = evidence.facts.summary.pinned_to.started_by;
  const found = new Findings();
  const decided = status === "rejected" ? "rejected" : "approved";
  found.unless(!samePerson(by, starter), `${id} was ${decided} by the one who started the run`);
  found.unless(by !== "wavegate", `${id} was ${decided} by no person`);
  const asked = record.stops.filter(({ stops }) => stops).map((stop) => stop.id);
  const stops = new Set([...asked, ...record.override_stops]);
  const others = (stop: string) =>
    overridesOf(evidence, record).filter(({ override_stops }) => override_stops.includes(stop));
  const alone = [...stops].some((stop) => {
    const takers = others(stop);
    return takers.length > 0 && takers.every((each) => samePerson(each.override_by, by));
  });
  found.unless(
    !samePerson(over, starter) && !(status !== "rejected" && alone),
    `${id} was overridden by the one who started or approved`,
  );
  found.unless(
    status !== "approved" || asked.every((stop) => others(stop).length > 0),
    `${id} was approved against a stop that nobody overrode`,
  );
  return found.all;
}

/** What came after what, by the log; and by moments where they are further apart than clocks are. */
function moments(evidence: Evidence, record: SignOff): string[] {
  const found = new Findings();
  const { id, status } = record;
  const within = apart(evidence);
  const [asked, decided, expires, over] = [
    record.asked_at,
    record.decided_at,
    record.expires_at,
    record.override_at,
  ].map(moment) as [number, number, number, number];
  const [put, said, taken] = [
    askedBy(evidence, record),
    decidedBy(evidence, record),
    overriddenBy(evidence, record),
  ];
  // Comparing with what is not there is false.
  found.unless(!(said < put || decided < asked - within), `${id} was decided before it was asked`);
  found.unless(!(decided > expires), `${id} was decided after it had expired`);
  found.unless(
    !(taken < put || taken > said || over < asked - within || over > decided + within),
    `${id} was overridden before it was asked or after it was decided`,
  );
  found.unless(!(expires <= asked), `${id} had expired when it was asked`);
  found.unless(
    (status === "voided") === (record.void_because !== null),
    `${id} is void without saying why, or says why without being void`,
  );
  const overridden = [record.override_by, record.override_reason, record.override_at].filter(
    Boolean,
  );
  const whole = overridden.length === 0 || overridden.length === 3;
  found.unless(
    whole && overridden.length > 0 === record.override_stops.length > 0,
    `${id} is half overridden`,
  );
  return found.all;
}

/** One question of a gate at a time: the one before it is decided or void when the next is asked. */
function replaced(evidence: Evidence): string[] {
  const { signOffs } = evidence.facts;
  return signOffs.flatMap((record) => {
    const asked = askedBy(evidence, record);
    const later = signOffs.some(
      (each) => each.gate === record.gate && askedBy(evidence, each) > asked,
    );
    return record.status === "pending" && later
      ? [`${record.id} is open although it was asked anew`]
      : [];
  });
}
