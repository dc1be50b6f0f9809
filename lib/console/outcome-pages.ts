import type { Decided } from "../review/decide.ts";
import { gateSays } from "../review/sign-off-store.ts";
import { html } from "./html.ts";
import { messagePage, type PageResponse } from "./page.ts";

const next: Readonly<Record<Decided["told"], string>> = {
  told: "The run has been told and goes on by itself.",
  closed:
    "The run was no longer waiting. The decision is kept and counts when the run is started again.",
  nobody_waits: "The decision is kept and counts as soon as the run comes to this point.",
  later: "The run could not be reached just now; it is told by itself as soon as it can be.",
};

const nextAfterRejection: Readonly<Record<Decided["told"], string>> = {
  ...next,
  told: "The run has been told, and writes nothing.",
  closed: "The run was no longer waiting. The decision is kept, and nothing is written.",
  nobody_waits: "The decision is kept, and nothing is written.",
};

/** What a person sees after deciding. */
export function decidedPage(decided: Decided, person: string): PageResponse {
  const { decision, gate, reference, told } = decided;
  const what = gateSays(gate);
  const approved = decision === "approved";
  return messagePage(
    200,
    {
      title: approved ? "Approved" : "Rejected",
      person,
      kind: approved ? "good" : "warn",
    },
    html`You ${decision} ${what} of <strong>${reference}</strong>. ${(approved ? next : nextAfterRejection)[told]} You can close this page.`,
  );
}

const titles: Readonly<Record<string, string>> = {
  AlreadyDecided: "Already decided",
  ApproverIsStarter: "Somebody else decides",
  DigestChanged: "Something changed",
  FormNotTrusted: "This form is not trusted",
  LinkExpired: "This link no longer works",
  LinkUnknown: "This link is unknown",
  MethodNotAllowed: "That does not work here",
  NotSignedIn: "Please sign in",
  PageUnknown: "There is no such page",
  PermissionDenied: "You may not do this",
  SampleNotJudged: "The sample is not judged yet",
  StarterUnknown: "Please try again in a few minutes",
  StopConditionHolds: "A stop condition holds",
  Unexpected: "Something went wrong",
};

/** Refusals after which going back helps. */
const backHelps = new Set([
  "CommentMissing",
  "DecisionMissing",
  "NothingToOverride",
  "ReasonMissing",
  "SampleNotJudged",
  "SampleUnknown",
  "StopConditionHolds",
  "Unexpected",
  "UnreadableBody",
  "VerdictUnclear",
]);

/** After how many seconds the page of a waking database asks again; it wakes in about fifteen. */
export const wakingSeconds = 5;

/** What is said while the database wakes. */
export const wakingSays = (reads: boolean): string =>
  reads
    ? "The database was asleep and is waking up, which takes about half a minute. Nothing was changed; this page opens by itself."
    : "The database was asleep and is waking up. Nothing of what you sent was kept; go back in half a minute, and send it again.";

/** A page that waits: what is read asks again by itself, what was sent never is. */
export function wakingPage(where: {
  reads: boolean;
  person: string | undefined;
  back: string | undefined;
}): PageResponse {
  const { reads, person, back } = where;
  const about = {
    title: "One moment",
    person,
    kind: "warn",
    ...(reads ? { again: wakingSeconds } : back === undefined ? {} : { back }),
  } as const;
  return messagePage(503, about, wakingSays(reads));
}

/** A refusal as a page: one or two sentences, and the way back where there is one. */
export function refusalPage(
  statusCode: number,
  name: string,
  message: string,
  where: { person: string | undefined; back: string | undefined },
): PageResponse {
  return messagePage(
    statusCode,
    {
      title: titles[name] ?? "That did not work",
      person: where.person,
      kind: name === "Unexpected" ? "bad" : "warn",
      ...(where.back !== undefined && backHelps.has(name) ? { back: where.back } : {}),
    },
    message,
  );
}
