import {
  SourceAccessDenied,
  SourceFailed,
  SourceLimitReached,
  SourceUnreachable,
} from "../errors.ts";
import type { WildApricotSettings } from "./settings.ts";
import type { Time } from "./time.ts";

/** What an answer holds, as far as it is looked at. */
export type Json = Readonly<Record<string, unknown>>;

/** Of what should be a list of objects those that are. */
export const objectsIn = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];

/** Who the key speaks for, and what it may do there. */
interface Grant {
  readonly account: string;
  readonly scopes: readonly string[];
}

/** The account's API (v2.2): every call keeps the pace, and only reads. */
export interface Client {
  readonly description: string;
  /** Gets a token if there is none. Errors: those of `errors.ts`. */
  grant(): Promise<Grant>;
  /** The account itself for `""`, a resource of it such as `/contacts?$top=100`, or a whole address that the API gave. */
  get(resource: string): Promise<object>;
  readonly time: Time;
}

const tries = 5;
const timeoutMs = 30_000;
const longestWaitMs = 60_000;
/** Whoever is told to wait longer than this comes back later: a function has 15 minutes. */
const longestAskedMs = 5 * 60_000;
/** A token is renewed this long before it ends. */
const renewBeforeMs = 5 * 60_000;

interface Token {
  readonly text: string;
  readonly until: number;
  readonly grant: Grant;
}

/** Opens nothing yet: the first call does. */
export function apiClient(settings: WildApricotSettings, time: Time): Client {
  const description = `Wild Apricot account ${settings.account}`;
  let token: Promise<Token> | undefined;
  let next = 0;

  /** One request at its turn; answers that may be other ones later are asked for again, in longer and longer turns. */
  async function send(request: () => Promise<Response>): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      await turn();
      const answer = await request().catch((error: unknown) => unreachable(error));
      if (answer instanceof Response && answer.status < 500 && answer.status !== 429) return answer;
      const asked = answer instanceof Response ? waitAsked(answer, time.now()) : undefined;
      if (attempt === tries || (asked ?? 0) > longestAskedMs) throw giveUp(answer, asked);
      if (answer instanceof Response) await answer.body?.cancel();
      await time.sleep(asked ?? pause(attempt));
    }
  }

  async function turn(): Promise<void> {
    const now = time.now();
    const at = Math.max(now, next);
    next = at + 1_000 / settings.pace;
    if (at > now) await time.sleep(at - now);
  }

  const pause = (attempt: number): number =>
    Math.min(1_000 * 2 ** attempt * (0.5 + time.random()), longestWaitMs);

  const unreachable = (error: unknown): SourceUnreachable =>
    new SourceUnreachable(description, error instanceof Error ? error.name : "no answer", {
      next: "Check the network between here and the API, and its address in the settings.",
      cause: error,
    });

  function giveUp(answer: Response | SourceUnreachable, asked = 0): Error {
    if (!(answer instanceof Response)) return answer;
    const stays =
      asked > longestAskedMs
        ? `and the next one is taken in ${Math.ceil(asked / 1_000)} s`
        : "and it stays so";
    return answer.status === 429
      ? new SourceLimitReached(description, `too many requests, ${stays}`, {
          next: "Wait, or lower the pace in the settings, and run the same step again: it goes on with the page that is missing.",
        })
      : new SourceLimitReached(description, `HTTP ${answer.status}, ${tries} times`, {
          next: "Wait, and run the same step again: it goes on with the page that is missing.",
        });
  }

  async function renewed(): Promise<Token> {
    const answer = await send(() =>
      fetch(settings.tokenUrl, {
        method: "POST",
        headers: {
          Authorization: `Basic ${Buffer.from(`APIKEY:${settings.apiKey}`).toString("base64")}`,
          "Content-Type": "application/x-www-form-urlencoded",
        },
        body: "grant_type=client_credentials&scope=auto",
        signal: AbortSignal.timeout(timeoutMs),
      }),
    );
    if (!answer.ok)
      throw new SourceAccessDenied(description, `the API key is refused, HTTP ${answer.status}`, {
        next: "Check the key in the secret: Settings, Apps, Authorized applications shows whether it still stands.",
      });
    const given = (await jsonOf(answer)) as {
      access_token?: unknown;
      expires_in?: unknown;
      Permissions?: unknown;
    };
    const permission = objectsIn(given.Permissions).find(
      ({ AccountId }) => String(AccountId) === settings.account,
    );
    if (typeof given.access_token !== "string" || permission === undefined)
      throw new SourceAccessDenied(description, "the API key is of another account", {
        next: "Compare the account's number in the settings with the one that the key was made in.",
      });
    const scopes = Array.isArray(permission.AvailableScopes) ? permission.AvailableScopes : [];
    return {
      text: given.access_token,
      until: time.now() + Number(given.expires_in ?? 0) * 1_000 - renewBeforeMs,
      grant: { account: settings.account, scopes: scopes.map(String).sort() },
    };
  }

  async function current(): Promise<Token> {
    const known = await token;
    if (known !== undefined && known.until > time.now()) return known;
    token = renewed();
    token.catch(() => {
      token = undefined;
    });
    return token;
  }

  async function jsonOf(answer: Response): Promise<object> {
    const found: unknown = await answer.json().catch((error: unknown) => {
      throw new SourceFailed(description, "an answer is no JSON", { cause: error });
    });
    if (typeof found === "object" && found !== null) return found;
    throw new SourceFailed(description, "an answer is no object");
  }

  async function get(resource: string): Promise<object> {
    const address = addressOf(settings, resource);
    const ask = async () => {
      const { text } = await current();
      return send(() =>
        fetch(address, {
          headers: { Authorization: `Bearer ${text}`, Accept: "application/json" },
          signal: AbortSignal.timeout(timeoutMs),
        }),
      );
    };
    let answer = await ask();
    if (answer.status === 401) {
      // The token may have ended before its time: once.
      token = undefined;
      answer = await ask();
    }
    if (answer.ok) return jsonOf(answer);
    if (answer.status === 401 || answer.status === 403)
      throw new SourceAccessDenied(description, `HTTP ${answer.status} for ${address.pathname}`, {
        next: "Give the key's application the right to view contacts, events and finances of the account.",
      });
    throw new SourceFailed(description, `HTTP ${answer.status} for ${address.pathname}`);
  }

  return { description, time, get, grant: async () => (await current()).grant };
}

/** A token goes to the API's own host and to no other, whatever address an answer names. */
function addressOf({ url, account }: WildApricotSettings, resource: string): URL {
  const base = new URL(url);
  if (resource === "" || resource.startsWith("/"))
    return new URL(`${url}/accounts/${account}${resource}`);
  const address = URL.parse(resource);
  if (address?.origin === base.origin) return address;
  throw new SourceFailed(
    `Wild Apricot account ${account}`,
    `an answer names ${address === null ? "no address" : "an address of another host"}`,
  );
}

/** `Retry-After`, in seconds or as a date. */
function waitAsked(answer: Response, now: number): number | undefined {
  const text = answer.headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const until = Date.parse(text);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now);
}
