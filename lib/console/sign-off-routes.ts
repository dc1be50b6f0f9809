import { DatabaseErrorException } from "../data/failures.ts";
import { appendSecurity } from "../evidence/security-log.ts";
import { decide } from "../review/decide.ts";
import { judgeSamples } from "../review/judge-samples.ts";
import { override } from "../review/override.ts";
import { isSignInOver } from "../review/people.ts";
import { read, type SignOffView } from "../review/read.ts";
import { findSignOff, type SignOffRef } from "../review/sign-off-store.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import {
  decidedPage,
  refusalPage,
  wakingPage,
  wakingSays,
  wakingSeconds,
} from "./outcome-pages.ts";
import { jsonAnswer, type PageResponse, safeHeaders } from "./page.ts";
import {
  fieldOf,
  type HttpEvent,
  type PageRequest,
  readRequest,
  UnreadableBody,
} from "./request.ts";
import { signOffPage } from "./sign-off-page.ts";
import { answerStart } from "./start-routes.ts";
import { type FormGuard, formGuard } from "./trust.ts";
import { verdictsOf } from "./verdicts.ts";

/** What the pages need: the services, and the 32 bytes of the environment's token key. */
export interface SignOffPages {
  readonly services: Services;
  readonly key: Buffer;
}

type What = "sign-off" | "samples" | "override" | "start";

interface Route {
  /** Which sign-off; starting is about none. */
  readonly ref?: SignOffRef;
  /** Path of the sign-off itself, to go back to. */
  readonly base: string;
  readonly what: What;
}

const id = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
const byId = new RegExp(`^(/sign-off/by-id/(${id}))(?:/(samples|override))?$`);
const bySecret = /^(\/sign-off\/([A-Za-z0-9_-]{20,200}))(?:\/(samples|override))?$/;

/** Answers the sign-off pages and their JSON form. GET and HEAD never change anything (W8). */
export function signOffPages({
  services,
  key,
}: SignOffPages): (event: HttpEvent) => Promise<PageResponse> {
  const guard = formGuard(key, services.settings.signOffUrl);
  return async (event) => {
    let request: PageRequest | undefined;
    let route: Route | undefined;
    try {
      request = readRequest(event);
      route = routeOf(request.path);
      const response = await answer(services, guard, request, route);
      return request.method === "HEAD" ? { ...response, body: "" } : response;
    } catch (error) {
      await noteRefusal(services, error, request, route);
      return refused(error, request, route);
    }
  };
}

function routeOf(path: string): Route {
  if (path === "/start") return { base: path, what: "start" };
  const named = byId.exec(path);
  if (named) {
    const [, base = "", signOff = "", what = "sign-off"] = named;
    return { ref: { id: signOff }, base, what: what as What };
  }
  const linked = bySecret.exec(path);
  if (linked) {
    const [, base = "", secret = "", what = "sign-off"] = linked;
    return { ref: { secret }, base, what: what as What };
  }
  throw new Refusal(
    "PageUnknown",
    "There is no page at this address. Nothing was changed; open the link of the newest mail, and check that it was copied whole.",
  );
}

async function answer(
  services: Services,
  guard: FormGuard,
  request: PageRequest,
  route: Route,
): Promise<PageResponse> {
  const person = request.person;
  if (person === undefined) {
    throw new Refusal("NotSignedIn", "Nobody is signed in. Nothing was changed; sign in first.");
  }
  if (request.signedIn !== undefined) {
    await requireSignedInSince(services, person, request.signedIn);
  }
  const reads = request.method === "GET" || request.method === "HEAD";
  if (!reads && request.method !== "POST") {
    throw new Refusal(
      "MethodNotAllowed",
      "This page is read and answered only. Nothing was changed.",
    );
  }
  const { ref, base } = route;
  if (ref === undefined) return answerStart(services, guard, request, person);
  const about = { ref, base };
  if (reads) {
    if (route.what !== "sign-off") return seeOther(base);
    return show(services, guard, request, about, person);
  }
  const { id } = await findSignOff(services.sign, ref, services.clock());
  guard.require(request, person, id);
  if (route.what === "samples") return saveVerdicts(services, request, about, person);
  if (route.what === "override") return saveOverride(services, request, about, person);
  return saveDecision(services, request, about, person);
}

/** The sign-off that a page is about. */
type About = Required<Pick<Route, "ref" | "base">>;

/** A sign-in ends when what the person may do changes (W8). Errors: `SignInOver`. */
async function requireSignedInSince(
  { sign }: Services,
  person: string,
  signedIn: number,
): Promise<void> {
  if (!(await isSignInOver(sign, person, signedIn))) return;
  throw new Refusal(
    "SignInOver",
    "Since you signed in, what you may do was changed. Nothing was changed by you; sign in again.",
  );
}

async function show(
  services: Services,
  guard: FormGuard,
  request: PageRequest,
  route: About,
  person: string,
): Promise<PageResponse> {
  const view: SignOffView = await read(services, route.ref, person);
  if (request.wantsJson) return jsonAnswer(200, view);
  return signOffPage(view, { base: route.base, csrf: guard.tokenFor(person, view.id) });
}

async function saveVerdicts(
  services: Services,
  request: PageRequest,
  route: About,
  person: string,
): Promise<PageResponse> {
  const saved = await judgeSamples(services, {
    ref: route.ref,
    person,
    verdicts: verdictsOf(request),
  });
  return request.wantsJson ? jsonAnswer(200, saved) : seeOther(`${route.base}#decision`);
}

async function saveOverride(
  services: Services,
  request: PageRequest,
  route: About,
  person: string,
): Promise<PageResponse> {
  const reason = fieldOf(request, "reason");
  const saved = await override(services, { ref: route.ref, person, reason });
  return request.wantsJson ? jsonAnswer(200, saved) : seeOther(`${route.base}#stops`);
}

async function saveDecision(
  services: Services,
  request: PageRequest,
  route: About,
  person: string,
): Promise<PageResponse> {
  const decision = fieldOf(request, "decision");
  if (decision !== "approve" && decision !== "reject") {
    throw new Refusal(
      "DecisionMissing",
      "A decision is to approve or to reject. Nothing was decided; choose one.",
    );
  }
  const comment = fieldOf(request, "comment");
  const decided = await decide(services, { ref: route.ref, person, decision, comment });
  return request.wantsJson ? jsonAnswer(200, decided) : decidedPage(decided, person);
}

/** After a saved form the page is read anew, so that loading it again saves nothing again. */
const seeOther = (location: string): PageResponse => ({
  statusCode: 303,
  headers: { ...safeHeaders, location },
  body: "",
});

/** Status of a refusal by its name; anything else is a defect of ours. */
const statusOf: Readonly<Record<string, number>> = {
  UnreadableBody: 400,
  InputInvalid: 400,
  VerdictUnclear: 422,
  DecisionMissing: 422,
  CommentMissing: 422,
  ReasonMissing: 422,
  SampleNotJudged: 422,
  SampleUnknown: 422,
  NothingToOverride: 409,
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
  LinkExpired: 410,
  MethodNotAllowed: 405,
  StarterUnknown: 503,
};

function refused(
  error: unknown,
  request: PageRequest | undefined,
  route: Route | undefined,
): PageResponse {
  if (isAsleep(error, request)) return asleep(request, route);
  const known = error instanceof Refusal || error instanceof UnreadableBody;
  const name = known ? error.name : "Unexpected";
  const message = known
    ? error.message
    : "Something went wrong on our side, and it is not known whether your answer was kept. Open the link again to see.";
  if (!known) console.error(`sign-off page: ${describeFault(error)}`);
  const status = statusOf[name] ?? (known ? 409 : 500);
  const answer = request?.wantsJson
    ? jsonAnswer(status, { error: name, message })
    : refusalPage(status, name, message, { person: request?.person, back: route?.base });
  const allow: Record<string, string> =
    name === "MethodNotAllowed" ? { allow: "GET, HEAD, POST" } : {};
  const response = { ...answer, headers: { ...answer.headers, ...allow } };
  return request?.method === "HEAD" ? { ...response, body: "" } : response;
}

/**
 * A database that sleeps wakes by being asked. Nothing was executed; that a database is unavailable may
 * also end something that was begun, so only who reads is asked to wait for that.
 */
function isAsleep(error: unknown, request: PageRequest | undefined): boolean {
  const name = error instanceof Error ? error.name : "";
  const reads = request?.method === "GET" || request?.method === "HEAD";
  return name === "DatabaseResumingException" || (name === "DatabaseUnavailableException" && reads);
}

function asleep(request: PageRequest | undefined, route: Route | undefined): PageResponse {
  const reads = request?.method !== "POST";
  const answer = request?.wantsJson
    ? jsonAnswer(503, { error: "DatabaseResuming", message: wakingSays(reads) })
    : wakingPage({ reads, person: request?.person, back: route?.base });
  const response = { ...answer, headers: { ...answer.headers, "retry-after": `${wakingSeconds}` } };
  return request?.method === "HEAD" ? { ...response, body: "" } : response;
}

/** Refusals that tell of somebody who may not, rather than of a slip in a form. */
const tellsOfAuthority = new Set([
  "ApproverIsStarter",
  "FormNotTrusted",
  "LinkUnknown",
  "PermissionDenied",
  "SampleNotJudged",
  "SignInOver",
  "StopConditionHolds",
]);

/** What was asked for; a word of the form's own, as anything may stand there. */
const decisionIn = (request: PageRequest): string =>
  ["approve", "reject"].find((each) => each === fieldOf(request, "decision")) ?? "neither";

/** Keeps a decision that was refused in the security log (W8, W12); that it cannot be kept changes no answer. */
async function noteRefusal(
  services: Services,
  error: unknown,
  request: PageRequest | undefined,
  route: Route | undefined,
): Promise<void> {
  if (!(error instanceof Refusal) || !tellsOfAuthority.has(error.name)) return;
  if (request?.method !== "POST" || request.person === undefined || !route) return;
  try {
    const { ref } = route;
    const signOff =
      ref && (await findSignOff(services.sign, ref, services.clock()).catch(() => null));
    const details = {
      refusal: error.name,
      what: route.what === "sign-off" ? decisionIn(request) : route.what,
      signOff: signOff?.id ?? null,
      run: signOff?.run_id ?? null,
    };
    const event = { actor: request.person, action: "decision-refused", details } as const;
    await appendSecurity(services.sign, event, services.clock());
  } catch (fault) {
    console.error(`security log: ${describeFault(fault)}`);
  }
}

/** A fault for the log: of the database with its message, which quotes no values; else the name alone (W14). */
function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return "error";
  return error instanceof DatabaseErrorException ? `${error.name}: ${error.message}` : error.name;
}
