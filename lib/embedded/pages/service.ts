import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type Attempts, createAttempts } from "./attempts.ts";
import { type HttpApiEvent, type HttpApiResponse, httpApiEvent, type SignedIn } from "./event.ts";
import { fromError, fromHandler, page, type Reply, redirect, send } from "./replies.ts";
import {
  basicCredentials,
  cookiesOf,
  fromOwnPage,
  localPath,
  readBody,
  TurnedAway,
  wantsJson,
} from "./requests.ts";
import { createSessions, type Sessions, sessionSeconds } from "./sessions.ts";
import { signedInPage, signInPage } from "./sign-in-page.ts";

/** What stands behind the pages. */
export interface PagesOptions {
  /** The person, if the password is theirs; a name nobody has takes as long. */
  readonly verifyPassword: (name: string, password: string) => Promise<SignedIn | undefined>;
  /** The handler behind the API. */
  readonly invoke: (event: HttpApiEvent) => Promise<HttpApiResponse>;
  /** 0: any free port. */
  readonly port: number;
  readonly now?: () => Date;
}

/**
 * Stands in for API Gateway and its user pool on one machine: signs people in by name and
 * password and hands their requests to the handler as events whose claims say who they are.
 * Listens on 127.0.0.1 only.
 */
export async function startPagesService(
  options: PagesOptions,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((message, response) => {
    service
      .answer(message)
      .catch((error: unknown) => fromError(error, message))
      .then((reply) => send(message, response, reply))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const service = new PagesService(options, port);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class PagesService {
  readonly #options: PagesOptions;
  readonly #now: () => Date;
  readonly #sessions: Sessions;
  readonly #attempts: Attempts;
  readonly #hosts: readonly string[];
  readonly #cookieName: string;

  constructor(options: PagesOptions, port: number) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    this.#sessions = createSessions(this.#now);
    this.#attempts = createAttempts(this.#now);
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    // Cookies are shared by all ports of a host: the name keeps two runtimes apart.
    this.#cookieName = `wavegate_session_${port}`;
  }

  async answer(message: IncomingMessage): Promise<Reply> {
    // Another name for this address is another site's trick to read these pages.
    if (!this.#hosts.includes(message.headers.host ?? "")) {
      throw new TurnedAway(
        421,
        "WrongHost",
        "These pages are read under 127.0.0.1 or localhost only.",
      );
    }
    const path = (message.url ?? "/").split("?", 1)[0];
    const posts = message.method === "POST";
    if (path === "/sign-in" && posts) return this.#signIn(message);
    if (path === "/sign-out" && posts) return this.#signOut(message);
    const person = await this.#personOf(message);
    if (!person) return askToSignIn(message);
    if (path === "/" || path === "/sign-in") return page(200, signedInPage(person.name));
    return this.#forward(message, person);
  }

  async #forward(message: IncomingMessage, person: SignedIn): Promise<Reply> {
    const own = `${this.#cookieName}=`;
    const event = httpApiEvent({
      message,
      person,
      // That there is a session shows, as it does on AWS; its secret stays here.
      cookies: cookiesOf(message).map((each) => (each.startsWith(own) ? `${own}kept` : each)),
      body: await readBody(message),
      requestId: randomUUID(),
      now: this.#now(),
    });
    return fromHandler(await this.#options.invoke(event));
  }

  async #personOf(message: IncomingMessage): Promise<SignedIn | undefined> {
    const basic = basicCredentials(message);
    if (!basic) return this.#sessions.find(this.#secretOf(message));
    const person = await this.#check(basic.name, basic.password);
    if (!person) throw wrongPassword();
    return person;
  }

  async #signIn(message: IncomingMessage): Promise<Reply> {
    if (!fromOwnPage(message, this.#hosts)) throw strangeForm("Nobody was signed in.");
    const form = new URLSearchParams((await readBody(message)).toString("utf8"));
    const name = form.get("name") ?? "";
    const to = localPath(form.get("to"));
    try {
      const person = await this.#check(name, form.get("password") ?? "");
      if (!person) throw wrongPassword();
      return redirect(to, { "set-cookie": this.#cookie(this.#sessions.open(person)) });
    } catch (error) {
      if (!(error instanceof TurnedAway)) throw error;
      return page(error.status, signInPage({ to, name, problem: error.message }));
    }
  }

  #signOut(message: IncomingMessage): Reply {
    if (!fromOwnPage(message, this.#hosts)) throw strangeForm("Nobody was signed out.");
    this.#sessions.close(this.#secretOf(message));
    return redirect("/sign-in", { "set-cookie": this.#cookie("") });
  }

  async #check(name: string, password: string): Promise<SignedIn | undefined> {
    const wait = this.#attempts.waitFor(name);
    if (wait > 0) {
      throw new TurnedAway(
        429,
        "TooManyAttempts",
        `Too many failed sign-ins. Try again in ${wait} ${wait === 1 ? "second" : "seconds"}.`,
      );
    }
    // Counted before the password is looked at, so that many tries at once do not slip through.
    this.#attempts.failed(name);
    const person = await this.#options.verifyPassword(name, password);
    if (person) this.#attempts.succeeded(name);
    return person;
  }

  #secretOf(message: IncomingMessage): string {
    const own = `${this.#cookieName}=`;
    return (
      cookiesOf(message)
        .find((each) => each.startsWith(own))
        ?.slice(own.length) ?? ""
    );
  }

  /** Lax, so that the link of a mail finds the session; a form of another site does not. */
  #cookie(secret: string): string {
    const seconds = secret === "" ? 0 : sessionSeconds;
    return `${this.#cookieName}=${secret}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax`;
  }
}

function askToSignIn(message: IncomingMessage): Reply {
  if (wantsJson(message)) {
    throw new TurnedAway(401, "NotSignedIn", "Nobody is signed in. Nothing was changed.");
  }
  if (message.method !== "GET" && message.method !== "HEAD") {
    throw new TurnedAway(
      401,
      "NotSignedIn",
      "You are no longer signed in, so nothing was changed. Open the link again.",
    );
  }
  return page(401, signInPage({ to: localPath(message.url ?? "/"), name: "", problem: "" }));
}

const wrongPassword = () =>
  new TurnedAway(401, "WrongPassword", "That name and password do not belong together.");

const strangeForm = (what: string) =>
  new TurnedAway(403, "FormNotTrusted", `This form did not come from the page itself. ${what}`);
