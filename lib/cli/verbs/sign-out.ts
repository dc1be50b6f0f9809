import { Refusal } from "../../services/errors.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { placeOf } from "../find-place.ts";
import { setting } from "../place.ts";

/**
 * `wavegate sign-out`: ends the sign-in whose token this shell holds, at the deployment's pages, and says a line that has
 * the shell forget it. Errors: `SignOutFailed` where the pages do not say that it is over, and the shell then keeps the
 * token; `NotSignedIn`, `NotHere`.
 */
export async function signOut({ io }: Frame): Promise<Answer> {
  const place = await placeOf(io);
  if (place.person !== undefined) {
    throw new CannotRun(
      "NotHere",
      "On one machine a terminal asks for your password each time: nobody is signed in.",
    );
  }
  const token = io.env.WAVEGATE_TOKEN;
  if (!token) {
    throw new CannotRun(
      "NotSignedIn",
      "This shell holds no token (WAVEGATE_TOKEN). Nothing was changed.",
    );
  }
  const site = setting(place, "WAVEGATE_SIGN_OFF_URL").replace(/\/$/u, "");
  const wasOver = await endAt(new URL("/sign-out", site), token);
  const query = new URLSearchParams({
    client_id: setting(place, "WAVEGATE_USER_POOL_CLIENT_ID"),
    logout_uri: `${site}/signed-out`,
  });
  const browser = `${setting(place, "WAVEGATE_SIGN_IN_PAGES").replace(/\/$/u, "")}/logout?${query}`;
  // Beside the answer, which a shell reads.
  io.err(
    `${wasOver ? "The token of this shell opened nothing any more." : "You are signed out: no copy of this token opens anything."}\nThe browser that signed you in may still know you. Open this in it:\n${browser}\n`,
  );
  return { plain: true, json: { signedOut: true, browser }, text: ["unset WAVEGATE_TOKEN"] };
}

/** Whether the token's sign-in was over already. Errors: `SignOutFailed`. */
async function endAt(address: URL, token: string): Promise<boolean> {
  const headers = { accept: "application/json", authorization: `Bearer ${token}` };
  const answered = await fetch(address, {
    method: "POST",
    redirect: "manual",
    headers,
    signal: AbortSignal.timeout(35_000),
  }).catch((error: unknown) => {
    throw failed("did not answer", error);
  });
  const said = (await answered.json().catch(() => ({}))) as {
    error?: unknown;
    signedOut?: unknown;
  };
  if (answered.ok && said.signedOut === true) return false;
  if (answered.status === 401 && said.error === "NotSignedIn") return true;
  if (said.error === "SignOutFailed") throw failed("could not reach their database");
  throw failed(`answered ${answered.status}`);
}

const failed = (why: string, cause?: unknown): Refusal =>
  new Refusal(
    "SignOutFailed",
    `The sign-off pages ${why}. The sign-in may not be over, and its token is good until its hour is; run it again in half a minute.`,
    { cause },
  );
