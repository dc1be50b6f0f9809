import { several } from "../../../services/words.ts";
import type { AuditEntry } from "../../audit-chain.ts";
import { Findings, moment } from "../say.ts";
import type { Question } from "../shapes.ts";
import { apart } from "./clock.ts";
import { type Evidence, entriesOf } from "./evidence.ts";
import { samePerson } from "./sign-offs.ts";

/** What was asked about rows and who closed it (B9): the records against the log, and no approval in between. */
export function questions(evidence: Evidence): string[] {
  const { facts } = evidence;
  const asked = byNumber(entriesOf(evidence, "question-asked"));
  const closed = byNumber(entriesOf(evidence, "question-closed"));
  const known = new Set(facts.questions.map(({ number }) => number));
  const found = new Findings();
  found.unless(known.size === facts.questions.length, "a question stands twice");
  for (const number of new Set([...asked.keys(), ...closed.keys()])) {
    found.unless(known.has(number), `the log has question ${number}, which questions.json has not`);
  }
  for (const each of facts.questions) {
    found.all.push(
      ...asking(each, asked.get(each.number) ?? []),
      ...closing(evidence, each, closed.get(each.number) ?? []),
    );
  }
  return [...found.all, ...approvedMeanwhile(evidence)];
}

function byNumber(entries: readonly AuditEntry[]): Map<number, AuditEntry[]> {
  return Map.groupBy(entries, ({ details }) => Number(details.question));
}

function asking(record: Question, entries: readonly AuditEntry[]): string[] {
  const name = `question ${record.number}`;
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    return [`the log tells ${entries.length} times that ${name} was asked`];
  }
  const found = new Findings();
  const { details } = entry;
  const same = (what: string, one: unknown, other: unknown) =>
    found.same(`${what} ${name}`, one, "the log", other, "questions.json");
  same("who asked", entry.actor, record.asked_by);
  same("the row of", details.row, record.staged_id);
  same("what was asked in", details.comment, record.question);
  found.unless(entry.digest === null, `${name} is about a row, and the log has a digest for it`);
  found.unless(
    moment(entry.at) === moment(record.asked_at),
    `${name} was asked at another moment in the log`,
  );
  return found.all;
}

function closing(evidence: Evidence, record: Question, entries: readonly AuditEntry[]): string[] {
  const { facts } = evidence;
  const name = `question ${record.number}`;
  const { closed_by: by, closed_at: at, answer } = record;
  const [entry] = entries;
  if (entries.length > 1) return [`the log tells ${entries.length} times that ${name} was closed`];
  if (entry === undefined) {
    const open = by === null && at === null && answer === null;
    return open ? [] : [`${name} was closed, and not in the log`];
  }
  const found = new Findings();
  const { details } = entry;
  const same = (what: string, one: unknown, other: unknown) =>
    found.same(`${what} ${name}`, one, "the log", other, "questions.json");
  same("who closed", entry.actor, by);
  same("the row of", details.row, record.staged_id);
  same("what closed", details.reason, answer);
  found.unless(entry.digest === null, `${name} is about a row, and the log has a digest for it`);
  found.unless(moment(entry.at) === moment(at), `${name} was closed at another moment in the log`);
  found.unless(
    !(moment(at) < moment(record.asked_at) - apart(evidence)),
    `${name} was closed before it was asked`,
  );
  const own = samePerson(by, record.asked_by);
  const started = samePerson(by, facts.summary.pinned_to.started_by);
  found.unless(
    own || !started,
    `${name} of somebody else was closed by the one who started the run`,
  );
  found.unless(
    own || (answer ?? "").trim() !== "",
    `${name} of somebody else was closed without a reason`,
  );
  return found.all;
}

/** In the order of the log nothing is approved while something is asked. */
function approvedMeanwhile({ facts }: Evidence): string[] {
  const open = new Set<unknown>();
  return facts.log.flatMap(({ action, details, seq }) => {
    if (action === "question-asked") open.add(details.question);
    if (action === "question-closed") open.delete(details.question);
    return action === "sign-off-approved" && open.size > 0
      ? [
          `entry ${seq} of the log approves while ${several(open.size, "question about rows is", "questions about rows are")} open`,
        ]
      : [];
  });
}
