import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { SignInSettings } from "./settings.ts";

/** A sign-in that was begun: kept in a cookie of the browser that began it. */
export interface Beginning {
  readonly state: string;
  readonly verifier: string;
  /** Path of the page to show afterwards. */
  readonly to: string;
}

/** The only pages that a sign-in leads to: never another site. */
const ownPage =
  /^\/(?:start|sign-off\/[A-Za-z0-9/_-]{1,300}|admin\/legacy-imports(?:\/[A-Za-z0-9/_-]{0,300})?)$/u;
/** Where it leads to without one. */
const firstPage = "/admin/legacy-imports";

/** Begins a sign-in that ends at `to` (authorization code with PKCE). */
export function begin(
  settings: SignInSettings,
  to: string,
): { beginning: Beginning; location: string } {
  const secret = () => randomBytes(32).toString("base64url");
  const beginning = { state: secret(), verifier: secret(), to: ownPage.test(to) ? to : firstPage };
  const query = new URLSearchParams({
    response_type: "code",
    client_id: settings.clientId,
    redirect_uri: `${settings.site}/signed-in`,
    scope: "openid email",
    state: beginning.state,
    code_challenge: createHash("sha256").update(beginning.verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  return { beginning, location: `${settings.signInPages}/oauth2/authorize?${query}` };
}

/** A beginning as a cookie's value. */
export const writeBeginning = (beginning: Beginning): string =>
  Buffer.from(JSON.stringify(beginning)).toString("base64url");

/** A beginning from a cookie's value; undefined for anything else, as anybody can send a cookie. */
export function readBeginning(value: string | undefined): Beginning | undefined {
  try {
    const read = JSON.parse(Buffer.from(value ?? "", "base64url").toString("utf8")) as Beginning;
    const { state, verifier, to } = read;
    if (![state, verifier, to].every((part) => typeof part === "string")) return undefined;
    return { state, verifier, to: ownPage.test(to) ? to : firstPage };
  } catch {
    return undefined;
  }
}

/** Whether the browser comes back from the sign-in that it began itself. */
export function isSameState(beginning: Beginning, state: string): boolean {
  const [own, given] = [Buffer.from(beginning.state), Buffer.from(state)];
  return own.length === given.length && timingSafeEqual(own, given);
}

/** Exchanges the code for the person's token; undefined when Cognito does not take the code. */
export async function exchange(
  settings: SignInSettings,
  code: string,
  beginning: Beginning,
): Promise<string | undefined> {
  const response = await fetch(`${settings.signInPages}/oauth2/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: settings.clientId,
      code,
      redirect_uri: `${settings.site}/signed-in`,
      code_verifier: beginning.verifier,
    }),
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) return undefined;
  const body = (await response.json()) as { id_token?: unknown };
  return typeof body.id_token === "string" ? body.id_token : undefined;
}
