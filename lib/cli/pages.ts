import { Refusal } from "../services/errors.ts";
import type { Frame } from "./command.ts";
import { CannotRun } from "./failure.ts";
import type { Place } from "./place.ts";
import { setting } from "./place.ts";

/** Asks the sign-off pages in their JSON form, as the person of this terminal. */
export interface Pages {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body: Readonly<Record<string, unknown>>): Promise<Answer>;
}

/**
 * Signs in to the sign-off pages: with the person's own password on one machine, with the token that
 * `wavegate sign-in` left in this shell (`WAVEGATE_TOKEN`) elsewhere. Errors of what is asked are {@link Refusal}s.
 */
export async function signInToPages(
  frame: Frame,
  place: Place,
  forWhat: keyof typeof withoutPassword = "decide",
): Promise<Pages> {
  const site = setting(place, "WAVEGATE_SIGN_OFF_URL");
  const authorization = await authorizationOf(frame, place, forWhat);
  const ask = async <Answer>(path: string, init: RequestInit): Promise<Answer> => {
    const asked = fetch(new URL(path, site), {
      ...init,
      redirect: "manual",
      headers: {
        accept: "application/json",
        authorization,
        "content-type": "application/json",
        "x-wavegate-client": "cli",
      },
      signal: AbortSignal.timeout(75_000),
    });
    const answered = asked.then(answerOf<Answer>).catch(cutOff);
    return place.person === undefined ? answered.catch(orSignIn) : answered;
  };
  return {
    get: (path) => ask(path, { method: "GET" }),
    post: (path, body) => ask(path, { method: "POST", body: JSON.stringify(body) }),
  };
}

/** What takes a password, and what was left undone without it. */
const withoutPassword = {
  decide: { takes: "A decision", left: "Nothing was decided" },
  look: { takes: "A link that logs in", left: "None was made" },
} as const;

const signsIn = '`eval "$(wavegate sign-in)"` signs you in';

/** A token is good for an hour at most: who comes later is told how to get another. */
function orSignIn(error: unknown): never {
  if (error instanceof Refusal && ["NotSignedIn", "SignInOver"].includes(error.name))
    throw new Refusal(error.name, `${error.message} On AWS ${signsIn}.`);
  throw error;
}

async function authorizationOf(
  { io }: Frame,
  place: Place,
  forWhat: keyof typeof withoutPassword,
): Promise<string> {
  if (place.person === undefined) {
    const token = io.env.WAVEGATE_TOKEN;
    if (token) return `Bearer ${token}`;
    throw new CannotRun(
      "NotSignedIn",
      `Deciding on AWS takes your sign-in. Nothing was decided; ${signsIn}, or open the link of the mail.`,
    );
  }
  const password =
    io.env.WAVEGATE_PASSWORD || (await io.askSecret(`Password of ${place.person}: `));
  if (!password) {
    const { takes, left } = withoutPassword[forWhat];
    throw new CannotRun(
      "PasswordMissing",
      `${takes} takes ${place.person}'s own password. ${left}; run the command on a terminal or set WAVEGATE_PASSWORD.`,
    );
  }
  return `Basic ${Buffer.from(`${place.person}:${password}`).toString("base64")}`;
}

/** What was asked of pages that went away in the middle may be decided; where nobody listened, nothing is. */
function cutOff(error: unknown): never {
  if (error instanceof Refusal) throw error;
  const { code } = (error instanceof Error ? (error.cause ?? error) : {}) as { code?: string };
  if (code === "ECONNREFUSED" || code === "ENOTFOUND") throw error;
  throw new CannotRun(
    "PagesFailed",
    "The sign-off pages went away in the middle. Look with `wavegate sign-off show` at whether anything was decided.",
    { cause: error },
  );
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = parsed(text);
  if (response.ok && body !== undefined) return body as Answer;
  const said = (body ?? {}) as { error?: string; message?: string };
  // What stands before the pages says a word of its own, and no name with it.
  const { error, message } = said.error === undefined ? {} : said;
  if (response.status === 401 && message === undefined) {
    throw new Refusal("NotSignedIn", "Name or password is wrong. Nothing was decided.");
  }
  if (response.status === 429 && message === undefined) {
    throw new Refusal(
      "TooManyAttempts",
      "There were too many attempts to sign in. Nothing was decided; wait a while and try again.",
    );
  }
  throw new Refusal(
    error ?? "PagesFailed",
    message ??
      `The sign-off pages answered ${response.status}. Look with \`wavegate sign-off show\` at whether anything was decided.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
