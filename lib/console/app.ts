import { type Context, Hono } from "hono";
import { findPerson, signInOver } from "../review/people/people.ts";
import { denied } from "../review/people/permissions.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { withSettings } from "../services/with-settings.ts";
import { speech } from "../speech/speech.ts";
import type { For } from "./around.ts";
import { type CookieSettings, cookieSettings } from "./cookies.ts";
import { languageOf } from "./language.ts";
import { describeFault, noteRefusal } from "./noted.ts";
import { withoutSlash } from "./paths.ts";
import { nameOf, refusalSaid, refused } from "./refusals.ts";
import {
  type HttpEvent,
  isNoText,
  type PageRequest,
  readLanguage,
  readRequest,
} from "./request.ts";
import { type PageResponse, seeOther } from "./response.ts";
import type { Route, Visit } from "./route.ts";
import { openRoutes, routesOf } from "./routes.ts";
import { type Sent, showsAgain } from "./sent.ts";
import { textsIn } from "./texts/texts.ts";
import { type FormGuard, formGuard } from "./trust.ts";

/** What the console needs: the services, and the 32 bytes of the environment's token key. */
interface ConsoleOptions {
  readonly services: Services;
  readonly key: Buffer;
  /** Where what failed is told of, by name and without what was sent; the function's log. */
  readonly log?: Pick<Console, "info" | "error">;
}

/** What goes with a request through the router. */
interface Passing {
  /** The event; and where a form was refused, that form, to be shown again. */
  Bindings: { readonly event: HttpEvent; readonly sent?: Sent };
  Variables: { request: PageRequest; route: Route; visitor: For; trusted: boolean };
}
type Here = Context<Passing>;

/**
 * The console: one application, as a function behind an HTTP API and on one machine. Every address asks for a
 * sign-in and a permission here, before anything is looked at (M14); GET and HEAD never change anything (W8).
 */
export function createConsole({
  services,
  key,
  log = console,
}: ConsoleOptions): (event: HttpEvent) => Promise<PageResponse> {
  const { signOffUrl: site } = services.settings;
  const about = { services, guard: formGuard(key, site), cookies: cookieSettings(site), log };
  const routes = routesOf(about.cookies);
  const app = new Hono<Passing>();
  for (const { path, answer } of openRoutes) app.get(path, () => asResponse(answer()));
  for (const route of routes) {
    app.on(route.verb, route.path, async (here) => {
      here.set("route", route);
      return asResponse(await answered(about, here, route));
    });
  }
  for (const path of new Set([...openRoutes, ...routes].map((route) => route.path))) {
    app.all(path, () => {
      throw new Refusal(
        "MethodNotAllowed",
        "This page is read and answered only. Nothing was changed.",
      );
    });
  }
  app.notFound(async (here) => {
    await visitOf(about, here).catch(() => undefined);
    throw pageUnknown();
  });
  const asked = (target: string, method: string, passing: Passing["Bindings"]) =>
    app.fetch(
      new Request(target, { method: noRequest.test(method) ? "OPTIONS" : method }),
      passing,
    );
  app.onError(async (error, here) => {
    const answer = await failed(about, here, error);
    return (await shownAgain(here, error, asked)) ?? asResponse(answer);
  });
  return async (event) => {
    const { method } = event.requestContext.http;
    const page = withoutSlash(event.rawPath);
    if (page !== undefined && /^(?:GET|HEAD)$/iu.test(method)) {
      return seeOther(event.rawQueryString ? `${page}?${event.rawQueryString}` : page);
    }
    const target = `${new URL(site).origin}${event.rawPath}`;
    return fromResponse(await asked(target, method, { event }));
  };
}

/** Methods of which no request can be made; none of them is of any page. */
const noRequest = /^(?:CONNECT|TRACE|TRACK)$/iu;

const pageUnknown = (): Refusal =>
  new Refusal(
    "PageUnknown",
    "There is no page at this address. Nothing was changed; open the link of the newest mail, and check that it was copied whole.",
  );

interface About {
  readonly services: Services;
  readonly guard: FormGuard;
  readonly cookies: CookieSettings;
  readonly log: Pick<Console, "info" | "error">;
}

async function answered(about: About, here: Here, route: Route): Promise<PageResponse> {
  const visit = await visitOf(about, here);
  if (visit === undefined) throw denied(route.takes);
  const { request, person } = visit;
  if (!route.takes.some((each) => person.permissions.includes(each))) throw denied(route.takes);
  here.set("visitor", visit);
  if (route.verb === "POST") {
    about.guard.require(request, person.name, route.about(visit));
    here.set("trusted", true);
  }
  return route.answer(visit);
}

/**
 * Who asks, and for what; undefined for nobody who was ever added. Whoever may look at all has their ways around a refusal,
 * too. Errors: `PageUnknown`, `NotSignedIn`, `SignInOver`.
 */
async function visitOf(about: About, here: Here): Promise<Visit | undefined> {
  const { services, guard } = about;
  const request = readRequest(here.env.event);
  here.set("request", request);
  // No database keeps it in a text, so it names nothing.
  if ([...Object.values(here.req.param()), ...request.query.values()].some(isNoText)) {
    throw pageUnknown();
  }
  const language = languageOf(request, about.cookies, services.settings.language);
  const person = await personOf(services, request);
  if (person === undefined) return undefined;
  const visit: Visit = {
    services,
    request,
    params: here.req.param(),
    person,
    language,
    texts: textsIn(language),
    ...speech(language, undefined),
    tokenFor: (what) => guard.tokenFor(person.name, what),
    sent: here.env.sent,
  };
  if (person.permissions.includes("legacy_imports.view")) here.set("visitor", visit);
  return visit;
}

/** Who asks; undefined for nobody who was ever added. Errors: `NotSignedIn`, `SignInOver`. */
async function personOf(
  { sign }: Services,
  { person: name, signedIn, signIn }: PageRequest,
): Promise<Visit["person"] | undefined> {
  if (name === undefined) {
    throw new Refusal("NotSignedIn", "Nobody is signed in. Nothing was changed; sign in first.");
  }
  const [person, over] = await Promise.all([
    findPerson(sign, name),
    signedIn === undefined ? undefined : signInOver(sign, name, signedIn, signIn),
  ]);
  if (over !== undefined) {
    throw new Refusal("SignInOver", signInOverBecause[over]);
  }
  return person;
}

const signInOverBecause = {
  ended: "You signed out since. Nothing was changed by you; sign in again.",
  changed:
    "Since you signed in, what you may do was changed. Nothing was changed by you; sign in again.",
  clock:
    "The clock of the database was set back since you signed in, or since what you may do was changed. Nothing was changed by you; sign in again, and if that is not enough, have it set up again: `wavegate local up`, on AWS by a deployment.",
} as const;

/** Answers what could not be answered as asked, tells the log of it, and keeps it where somebody may not. */
async function failed(
  { services, cookies, log }: About,
  here: Here,
  caught: Error,
): Promise<PageResponse> {
  const error = (await withSettings(caught, services)) as Error;
  const route: Route | undefined = here.get("route");
  const request: PageRequest | undefined = here.get("request");
  const params = here.req.param();
  const id = services.newId();
  const name = nameOf({ error, request });
  const where = route ? `${route.verb} ${route.path}` : "no page";
  const told = name === "Unexpected" ? describeFault(error) : name;
  log[name === "Unexpected" ? "error" : "info"](`console: ${told} (${where}, ${id})`);
  if (route?.verb === "POST" && request?.person !== undefined) {
    const asked = route.asks({ request, params });
    await noteRefusal(services, error, { actor: request.person, asked });
  }
  return refused({
    error,
    id,
    request,
    language: languageOf(readLanguage(here.env.event), cookies, services.settings.language),
    visitor: here.get("visitor"),
    back: route?.back?.(params) ?? request?.path,
  });
}

/**
 * The page that a form was sent from, asked for as by its person, with the form as it was sent and what is wrong beside its
 * field (W13); undefined where the refusal is about no field, or the form is no longer there.
 */
async function shownAgain(
  here: Here,
  error: Error,
  asked: (
    target: string,
    method: string,
    passing: Passing["Bindings"],
  ) => Response | Promise<Response>,
): Promise<Response | undefined> {
  const [route, request, visitor] = [here.get("route"), here.get("request"), here.get("visitor")];
  if (!here.get("trusted") || route.verb !== "POST" || request.wantsJson) return undefined;
  const field = error instanceof Refusal ? route.wrongIn?.(error, request) : undefined;
  if (field === undefined || visitor === undefined) return undefined;
  const params = here.req.param();
  const where = route.again?.({ request, params }) ?? route.back?.(params) ?? request.path;
  const { pathname, search, href } = new URL(where, here.req.url);
  const { event } = here.env;
  const { body: _, ...rest } = event;
  const { says, statusCode } = refusalSaid(visitor, error as Refusal);
  const sent = { action: request.path, form: request.form, field, says, statusCode };
  const page = await asked(href, "GET", {
    event: {
      ...rest,
      rawPath: pathname,
      rawQueryString: search.slice(1),
      requestContext: { ...event.requestContext, http: { method: "GET" } },
    },
    sent,
  });
  return showsAgain(await page.clone().text()) ? page : undefined;
}

function asResponse({ statusCode, headers, body, cookies = [] }: PageResponse): Response {
  const response = new Response(body, { status: statusCode, headers });
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}

async function fromResponse(response: Response): Promise<PageResponse> {
  const cookies = response.headers.getSetCookie();
  response.headers.delete("set-cookie");
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    // A mark that a file begins with stays.
    body: new TextDecoder("utf-8", { ignoreBOM: true }).decode(await response.arrayBuffer()),
    ...(cookies.length > 0 ? { cookies } : {}),
  };
}
