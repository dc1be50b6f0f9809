import { obstacleOf } from "../services/database-words.ts";
import { Refusal } from "../services/errors.ts";
import type { Language } from "../speech/language.ts";
import { refusedIn } from "../speech/refused.ts";
import { around, type For } from "./around.ts";
import { because } from "./because.ts";
import { type Html, html, type Part } from "./html.ts";
import { messagePage } from "./page.ts";
import { at } from "./paths.ts";
import { isReading, type PageRequest, UnreadableBody } from "./request.ts";
import { jsonAnswer, type PageResponse } from "./response.ts";
import { sendAgain, written } from "./send-again.ts";
import { type Texts, textsIn } from "./texts/texts.ts";

/** Status of a refusal by its name. */
const statusOf: Readonly<Record<string, number>> = {
  UnreadableBody: 400,
  InputInvalid: 400,
  VerdictUnclear: 422,
  DecisionMissing: 422,
  CommentMissing: 422,
  ReasonMissing: 422,
  SampleNotJudged: 422,
  SampleUnknown: 422,
  PersonalDataInRemark: 422,
  QuestionMissing: 422,
  QuestionOpen: 409,
  QuestionClosed: 409,
  UnknownQuestion: 404,
  NothingToOverride: 409,
  NothingToUndo: 409,
  VerdictStands: 409,
  FeatureTurned: 409,
  RowHeldByAnother: 409,
  RunMovedOn: 409,
  StandingChanged: 409,
  StopConditionHolds: 409,
  DigestChanged: 409,
  AlreadyDecided: 409,
  NotSignedIn: 401,
  SignInOver: 401,
  PermissionDenied: 403,
  ApproverIsStarter: 403,
  FormNotTrusted: 403,
  PageUnknown: 404,
  LinkUnknown: 404,
  UnknownRun: 404,
  UnknownRow: 404,
  RowAmbiguous: 409,
  UnknownExport: 404,
  UnknownFeature: 404,
  InvalidSetting: 422,
  UnknownSetting: 422,
  LinkExpired: 410,
  MethodNotAllowed: 405,
  StarterUnknown: 503,
};

/** Refusals after which going back helps. */
const backHelps = new Set([
  "AnotherRunCommits",
  "InputInvalid",
  "InvalidSetting",
  "NotReady",
  "NotSignedOff",
  "NotVerified",
  "CommentMissing",
  "DecisionMissing",
  "NothingToOverride",
  "NothingToUndo",
  "PersonalDataInRemark",
  "QuestionClosed",
  "QuestionMissing",
  "QuestionOpen",
  "ReasonMissing",
  "RowHeldByPlan",
  "RowNotHeld",
  "RowWritten",
  "RunInUse",
  "RunMovedOn",
  "RunUnderWay",
  "SampleNotJudged",
  "SampleUnknown",
  "SeveralSuggested",
  "SignOffLapsed",
  "SignOffRejected",
  "SignOffStale",
  "StandingChanged",
  "StopConditionHolds",
  "Unexpected",
  "UnknownRow",
  "UnknownTarget",
  "UnreadableBody",
  "VerdictStands",
  "VerdictUnclear",
]);

/** Whoever sent something is asked to sign in first. */
const signedOut = new Set(["NotSignedIn", "SignInOver"]);

/** After how many seconds the page of a waking database asks again; it wakes in about fifteen. */
const wakingSeconds = 5;

/** A request that was not answered as asked, as far as it was understood. */
export interface Failed {
  readonly error: unknown;
  /** Under which the log tells of it. */
  readonly id: string;
  readonly request: PageRequest | undefined;
  readonly language: Language;
  /** Who was let in, if anybody was. */
  readonly visitor: For | undefined;
  /** Where to go back to. */
  readonly back: string | undefined;
}

/** What a failed request is called: a refusal by its name, anything else is a defect of ours. */
export function nameOf({ error, request }: Pick<Failed, "error" | "request">): string {
  if (isAsleep(error, request)) return "DatabaseResuming";
  const known = error instanceof Refusal || error instanceof UnreadableBody;
  return known ? error.name : "Unexpected";
}

/** What is said of a refusal beside the field that it is about. */
export const refusalSaid = (
  visit: Pick<For, "language" | "texts">,
  { name, message, who }: Refusal,
): { readonly says: Html; readonly statusCode: number } => ({
  says: because(visit, { error: name, message, who }),
  statusCode: statusOf[name] ?? 409,
});

/** Answers a failed request: one or two sentences, and the way back where there is one. */
export function refused(failed: Failed): PageResponse {
  const { error, request } = failed;
  const name = nameOf(failed);
  if (name === "DatabaseResuming") return waking(failed);
  const texts = textsIn(failed.language);
  const known = name !== "Unexpected";
  const who = error instanceof Refusal ? error.who : undefined;
  const about = { error: name, message: (error as Error).message, who };
  const message = known
    ? because({ language: failed.language, texts }, about)
    : unexpectedly(failed, texts);
  const statusCode = statusOf[name] ?? (known ? 409 : 500);
  const answer = request?.wantsJson
    ? jsonAnswer(statusCode, {
        error: name,
        message: known ? refusedIn(failed.language, about).says : unexpectedly(failed, texts),
      })
    : refusalPage(failed, { statusCode, name, message, texts });
  const allow: Record<string, string> =
    name === "MethodNotAllowed" ? { allow: "GET, HEAD, POST" } : {};
  return { ...answer, headers: { ...answer.headers, ...allow } };
}

/** What is said of what nobody refused: what stood in its way, where that is known, and what became of what was sent. */
function unexpectedly({ error, request }: Failed, texts: Texts): string {
  const obstacle = obstacleOf(error);
  if (obstacle === undefined) return texts.unexpectedSays;
  const reads = request !== undefined && isReading(request);
  return `${texts[obstacle]} ${reads ? texts.notShown : texts.fateUnknown}`;
}

function refusalPage(
  failed: Failed,
  {
    statusCode,
    name,
    message,
    texts,
  }: {
    readonly statusCode: number;
    readonly name: string;
    readonly message: Part;
    readonly texts: Texts;
  },
): PageResponse {
  const title = texts[name as keyof Texts];
  const { back, error, visitor } = failed;
  // A link that is used up goes on to what came of it.
  const about = visitor !== undefined && error instanceof Refusal ? error.signOff : undefined;
  return messagePage(
    statusCode,
    {
      ...aroundOf(failed),
      title: typeof title === "string" ? title : texts.refused,
      kind: name === "Unexpected" ? "bad" : "warn",
      ...(back !== undefined && backHelps.has(name) ? { back } : {}),
    },
    message,
    html`${signedOut.has(name) ? sendAgain(failed.request, texts) : written(failed.request, texts)}${about !== undefined && html`<p class="ways"><a href="${at.signOff(about)}">${texts.seeSignOff}</a></p>`}<p class="soft small">${texts.reference(failed.id)}</p>`,
  );
}

const aroundOf = ({ language, visitor }: Failed) => (visitor ? around(visitor) : { language });

/**
 * A database that sleeps wakes by being asked. Nothing was executed; that a database is unavailable may
 * also end something that was begun, so only who reads is asked to wait for that.
 */
function isAsleep(error: unknown, request: PageRequest | undefined): boolean {
  const name = error instanceof Error ? error.name : "";
  const reads = request !== undefined && isReading(request);
  return name === "DatabaseResumingException" || (name === "DatabaseUnavailableException" && reads);
}

/** A page that waits: what is read asks again by itself, what was sent never is. */
function waking(failed: Failed): PageResponse {
  const { request, back } = failed;
  const texts = textsIn(failed.language);
  const reads = request?.method !== "POST";
  const says = reads ? texts.wakingReads : texts.wakingSent;
  const next = reads ? { again: wakingSeconds } : back === undefined ? {} : { back };
  const answer = request?.wantsJson
    ? jsonAnswer(503, { error: "DatabaseResuming", message: says })
    : messagePage(
        503,
        { ...aroundOf(failed), title: texts.oneMoment, kind: "warn", ...next },
        says,
      );
  return { ...answer, headers: { ...answer.headers, "retry-after": `${wakingSeconds}` } };
}
