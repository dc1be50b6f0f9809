import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Refusal } from "../services/errors.ts";
import { type Beginning, begin, exchange, isSameState } from "../sign-in/cognito.ts";
import type { SignInSettings } from "../sign-in/settings.ts";
import { CannotRun } from "./failure.ts";

/** Minutes somebody has to sign in. */
const patienceMinutes = 10;

/**
 * Signs somebody in by their browser, which comes back to this machine (RFC 8252): with a code that is worth nothing
 * without the verifier, which never leaves this process (PKCE). Listens on 127.0.0.1, at the port of `settings.site`.
 * Returns the id token that Cognito gave for the code. Errors: `SignInFailed`; nobody is signed in then.
 *
 * @param tell is given the address to open
 * @param leaving ends the waiting
 */
export async function signInByBrowser(
  settings: SignInSettings,
  tell: (address: string) => void,
  leaving: AbortSignal,
): Promise<string> {
  const { beginning, location } = begin(settings, "/");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const over = AbortSignal.any([leaving, AbortSignal.timeout(patienceMinutes * 60_000)]);
  const abandon = () =>
    reject(
      new CannotRun(
        "SignInFailed",
        "Nobody came back from the sign-in. Nobody is signed in; run it again.",
      ),
    );
  over.addEventListener("abort", abandon);
  const server = createServer((message, response) => {
    answer(message, settings, beginning)
      .then(({ status, says, token }) => {
        send(response, status, says);
        if (token !== undefined) resolve(token);
      })
      .catch((error: unknown) => {
        send(response, 400, "The sign-in was not finished. The terminal says why.");
        reject(error);
      });
  });
  try {
    await listen(server, Number(new URL(settings.site).port));
    tell(location);
    if (over.aborted) abandon();
    return await promise;
  } finally {
    over.removeEventListener("abort", abandon);
    server.close();
    server.closeIdleConnections();
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  }).catch((error: Error) => {
    throw new CannotRun(
      "SignInFailed",
      `Something else listens on port ${port} of this machine, where the browser comes back to. Nobody is signed in; end that, and run it again.`,
      { cause: error },
    );
  });
}

interface Said {
  readonly status: number;
  readonly says: string;
  readonly token?: string;
}

/** What a browser is told. Whatever is not this sign-in coming back ends nothing: anybody may ask at this port. */
async function answer(
  { method, url = "/", headers }: IncomingMessage,
  settings: SignInSettings,
  beginning: Beginning,
): Promise<Said> {
  const { port, host } = new URL(settings.site);
  const { pathname, searchParams: query } = new URL(url, settings.site);
  const here = headers.host === host || headers.host === `127.0.0.1:${port}`;
  if (!here || method !== "GET" || pathname !== "/signed-in") {
    return { status: 404, says: "There is nothing here." };
  }
  if (!isSameState(beginning, query.get("state") ?? "")) {
    return { status: 400, says: "The terminal did not begin this sign-in. Nothing was changed." };
  }
  const refused = query.get("error");
  if (refused !== null)
    throw failed(`refused it (${refused.replaceAll(/[^\w.-]/gu, "").slice(0, 60)})`);
  const token = await exchange(settings, query.get("code") ?? "", beginning).catch((error) => {
    throw failed(`did not answer (${error instanceof Error ? error.name : "error"})`);
  });
  // It is written into a line that a shell reads.
  if (token === undefined || !/^[\w-]+\.[\w-]+\.[\w-]+$/u.test(token)) {
    throw failed("gave no token for the code");
  }
  return {
    status: 200,
    says: "You are signed in. Go back to the terminal; you can close this window.",
    token,
  };
}

const failed = (why: string): Refusal =>
  new Refusal("SignInFailed", `The sign-in pages ${why}. Nobody is signed in; run it again.`);

function send(response: ServerResponse, status: number, says: string): void {
  response.writeHead(status, {
    "cache-control": "no-store",
    connection: "close",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "content-type": "text/plain; charset=utf-8",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  response.end(`${says}\n`);
}
