import * as z from "zod";
import { Refusal } from "../../services/errors.ts";
import { signInByBrowser } from "../browser-sign-in.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import { placeOf } from "../find-place.ts";
import { setting } from "../place.ts";

/**
 * `wavegate sign-in`: signs the person of this terminal in where a deployment's people do, and says the token as a line
 * for the shell. It is kept nowhere else. Errors: `SignInFailed`, `NotHere`.
 */
export async function signIn({ io }: Frame): Promise<Answer> {
  const place = await placeOf(io);
  if (place.person !== undefined) {
    throw new CannotRun(
      "NotHere",
      "On one machine what you decide takes your own password, and asks for it. Nobody was signed in.",
    );
  }
  const settings = {
    site: setting(place, "WAVEGATE_TERMINAL_SITE"),
    signInPages: setting(place, "WAVEGATE_SIGN_IN_PAGES").replace(/\/$/u, ""),
    userPoolId: setting(place, "WAVEGATE_USER_POOL_ID"),
    clientId: setting(place, "WAVEGATE_USER_POOL_CLIENT_ID"),
  };
  const leaving = new AbortController();
  const stopListening = io.onInterrupt(() => leaving.abort());
  try {
    // Beside the answer, which a shell reads.
    const tell = (address: string) =>
      io.err(`Open this in a browser of this machine:\n${address}\n`);
    const token = await signInByBrowser(settings, tell, leaving.signal);
    const { person, until } = whose(token);
    io.err(`${person} is signed in until ${until}. Decide as: wavegate sign-off approve …\n`);
    return {
      plain: true,
      json: { person, until, token },
      text: [`export WAVEGATE_TOKEN='${token}'`],
    };
  } finally {
    stopListening();
  }
}

const Claims = z.object({ "cognito:username": z.string(), exp: z.number() });

/** Whose token it is and until when it is good, as it says itself; the pages are who checks it. */
function whose(token: string): { person: string; until: string } {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    const { "cognito:username": name, exp } = Claims.parse(claims);
    const person = name.replaceAll(/[^\p{L}\p{N} @._+-]/gu, "?");
    return { person, until: new Date(exp * 1_000).toISOString() };
  } catch {
    throw new Refusal(
      "SignInFailed",
      "The sign-in pages gave a token that says neither whose it is nor until when. Nobody is signed in; run it again.",
    );
  }
}
