import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Account } from "../../../scripts/club/account.ts";
import { contactOf, eventOf, registrationOf } from "./shapes.ts";

export const apiKey = "the-key-of-tests";
export const accountNumber = "123456";

/** What goes wrong, of each the number of times; a test changes them as it goes. */
interface Faults {
  /** Answers with these statuses, one a request, before it answers as it should. */
  statuses: (number | readonly [status: number, retryAfter: string])[];
  /** Tokens end at once, so many times. */
  expired: number;
  /** Lists of contacts are never made. */
  never: boolean;
  /** A list of contacts cannot be made. */
  failed: boolean;
  /** The second page of contacts is the first once more. */
  repeatedPage: boolean;
  /** What the account says it has beyond what it gives. */
  miscounted: number;
  scopes: readonly string[];
  /** What is answered where a path gives something. */
  instead: (path: string, given: unknown) => unknown;
}

export interface StandInApi {
  readonly url: string;
  readonly tokenUrl: string;
  /** Paths that were asked for, with their queries. */
  readonly asked: string[];
  readonly faults: Faults;
  close(): Promise<void>;
}

/**
 * Wild Apricot's admin API v2.2 as its documentation describes it, as far as an account is read: a token by client
 * credentials, contacts asynchronously, pages of at most 100, events, and registrations by event.
 */
export async function startApi(account: Account): Promise<StandInApi> {
  const asked: string[] = [];
  const faults: Faults = {
    statuses: [],
    expired: 0,
    never: false,
    failed: false,
    repeatedPage: false,
    miscounted: 0,
    scopes: ["contacts_view", "events_view", "finances_view"],
    instead: (_path, given) => given,
  };
  const contacts = account.members.map(contactOf);
  const events = account.events.map(eventOf);
  const registrations = account.registrations.map(registrationOf);
  const results = new Map<string, number>();
  let tokens = 0;
  let valid = "";

  const server = createServer((request, response) => {
    const address = new URL(request.url ?? "/", `http://${request.headers.host}`);
    asked.push(`${address.pathname}${address.search}`);
    const fault = faults.statuses.shift();
    if (fault !== undefined) return fail(response, fault);
    if (address.pathname === "/auth/token") return token(request, response);
    if (request.headers.authorization !== `Bearer ${valid}`) return fail(response, 401);
    if (faults.expired > 0) {
      faults.expired -= 1;
      valid = "";
      return fail(response, 401);
    }
    const found = resource(address);
    if (found === undefined) return fail(response, 404);
    send(response, 200, faults.instead(`${address.pathname}${address.search}`, found));
  });

  function token(request: IncomingMessage, response: ServerResponse): void {
    const expected = `Basic ${Buffer.from(`APIKEY:${apiKey}`).toString("base64")}`;
    if (request.headers.authorization !== expected) {
      fail(response, 401);
      return;
    }
    tokens += 1;
    valid = `token-${tokens}`;
    send(response, 200, {
      access_token: valid,
      token_type: "Bearer",
      expires_in: 1800,
      refresh_token: "unused",
      Permissions: [
        { AccountId: Number(accountNumber), SecurityProfileId: 1, AvailableScopes: faults.scopes },
      ],
    });
  }

  function resource({ pathname, searchParams, origin }: URL): unknown {
    const path = pathname.replace(`/v2.2/accounts/${accountNumber}`, "");
    if (path === "") return { Id: Number(accountNumber), Name: "The Bridge Club" };
    const skip = Number(searchParams.get("$skip") ?? 0);
    const top = Math.min(Number(searchParams.get("$top") ?? 100), 100);
    const counted = searchParams.get("$count") === "true";
    if (path === "/contacts" && counted) return { Count: contacts.length + faults.miscounted };
    if (path === "/contacts") {
      const id = `${skip}-${results.size}`;
      results.set(id, 0);
      const ResultUrl = `${origin}${pathname}/?resultId=${id}`;
      return { ResultId: id, ResultUrl, Requested: "2026-01-01T00:00:00", State: "Queued" };
    }
    if (path === "/contacts/") return listed(searchParams.get("resultId") ?? "", top);
    if (path === "/events" && counted) return { Count: events.length };
    if (path === "/events") return { Events: events.slice(skip, skip + top) };
    const [, event] = /^\/events\/(\d+)$/u.exec(path) ?? [];
    if (event !== undefined) return detailed(event);
    if (path === "/eventregistrations")
      return registrations.filter((each) => String(each.Event.Id) === searchParams.get("eventId"));
    if (path === "/membershiplevels") return [{ Id: 1, Name: "1st Year" }];
    return undefined;
  }

  /** Made at the second look. */
  function listed(id: string, top: number) {
    const looks = results.get(id) ?? 0;
    results.set(id, looks + 1);
    if (faults.failed) return { ResultId: id, State: "Failed", ErrorDetails: "out of order" };
    if (faults.never || looks === 0)
      return { ResultId: id, ResultUrl: urlOf(id), State: "Processing" };
    const skip = faults.repeatedPage ? 0 : Number(id.split("-")[0]);
    const page = contacts.slice(skip, skip + top);
    return { ResultId: id, State: "Complete", Count: contacts.length, Contacts: page };
  }
  const urlOf = (id: string) =>
    `${origin()}/v2.2/accounts/${accountNumber}/contacts/?resultId=${id}`;

  function detailed(id: string) {
    const event = events.find(({ Id }) => String(Id) === id);
    const description = account.events.find((each) => each.id === id)?.description;
    return event && { ...event, Details: { DescriptionHtml: description } };
  }

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin()}/v2.2`,
    tokenUrl: `${origin()}/auth/token`,
    asked,
    faults,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function fail(response: ServerResponse, fault: Faults["statuses"][number]): void {
  const [status, retryAfter] = typeof fault === "number" ? [fault, undefined] : fault;
  if (retryAfter !== undefined) response.setHeader("Retry-After", retryAfter);
  send(response, status, { code: String(status), message: "no", details: [] });
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}
