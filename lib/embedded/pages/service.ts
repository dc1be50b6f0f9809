import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type Attempts, createAttempts } from "./attempts.ts";
import {
  type HttpApiResponse,
  httpApiEvent,
  type IamApiEvent,
  iamEvent,
  type SignedIn,
} from "./event.ts";
import { createLogInLinks, type LogInLinks, linkSeconds } from "./log-in-links.ts";
import type { PagesOptions } from "./options.ts";
import {
  askToSignIn,
  fromError,
  fromHandler,
  page,
  type Reply,
  redirect,
  send,
} from "./replies.ts";
import {
  basicCredentials,
  cookiesOf,
  fromOwnPage,
  isFormOfPages,
  largestHead,
  localPath,
  readBody,
  strangeForm,
  TurnedAway,
  wrongPassword,
} from "./requests.ts";
import { noSuchRoute, serve } from "./serve.ts";
import { createSessions, type Sessions, sessionSeconds } from "./sessions.ts";
import { logInPage, passwordPage, signedInPage, signInPage, signOutPage } from "./sign-in-page.ts";
import { sourceOf, userOf } from "./source.ts";
import { steadyClock } from "./steady-clock.ts";

/**
 * Stands in for API Gateway and its user pool on one machine: signs people in by name and
 * password and hands their requests to the handler as events whose claims say who they are.
 * Listens on 127.0.0.1 only.
 */
export async function startPagesService(
  options: PagesOptions,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer({ maxHeaderSize: largestHead }, (message, response) => {
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

/** Somebody whose password was right, and how they stood before it was looked at: what changes since ends it. */
interface Proven {
  readonly person: SignedIn;
  readonly standing: string | undefined;
}

/** Somebody who is signed in, since when, and the secret of their session if they have one. */
interface SignIn {
  readonly person: SignedIn;
  readonly since: number;
  readonly secret?: string;
}

class PagesService {
  readonly #options: PagesOptions;
  readonly #now: () => Date;
  readonly #sessions: Sessions;
  readonly #attempts: Attempts;
  readonly #links: LogInLinks;
  readonly #hosts: readonly string[];
  readonly #cookieName: string;

  constructor(options: PagesOptions, port: number) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    const steady = options.now ?? steadyClock();
    this.#sessions = createSessions(steady);
    this.#attempts = createAttempts(steady);
    this.#links = createLogInLinks(steady);
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
    const path = (message.url ?? "/").split("?", 1)[0] ?? "/";
    const posts = message.method === "POST";
    if (path === "/sign-in" && posts) return this.#signIn(message);
    const behind = this.#options.signed?.[path];
    if (behind && posts) return this.#signedRequest(message, behind);
    const served = this.#options.served?.[path];
    if (served && message.method === "GET") return serve(message, served, this.#now());
    if (behind || served) return noSuchRoute;
    if (path === "/sign-out") return posts ? this.#signOut(message) : page(200, signOutPage());
    if (path === "/log-in-links" && posts) return this.#makeLink(message);
    if (path.startsWith("/log-in/")) return this.#useLink(message, path.slice("/log-in/".length));
    if (this.#options.open?.(path) && (message.method === "GET" || message.method === "HEAD")) {
      return this.#forward(message, undefined);
    }
    const signIn = await this.#signInOf(message);
    if (!signIn && isFormOfPages(message, path)) return this.#forward(message, undefined);
    if (!signIn) return askToSignIn(message);
    const { person } = signIn;
    if (path === "/" || path === "/sign-in") return page(200, signedInPage(person.name));
    if (path === "/password") {
      return posts ? this.#changePassword(message, person) : page(200, passwordPage(person));
    }
    if (path === "/sign-out-others" && posts) return this.#endOthers(message, person);
    return this.#forward(message, signIn);
  }

  /** A route with the IAM authorizer: a password or a session is worth nothing here. */
  async #signedRequest(
    message: IncomingMessage,
    behind: (event: IamApiEvent) => Promise<HttpApiResponse>,
  ): Promise<Reply> {
    const { signedBy } = this.#options;
    const body = await readBody(message);
    const { method = "", url = "", headers } = message;
    try {
      const caller = await signedBy?.({ method, path: url, headers, body, service: "execute-api" });
      if (caller === undefined) {
        throw new TurnedAway(404, "NotFound", "Nobody signs requests here.");
      }
      return fromHandler(await behind(iamEvent(caller, body)));
    } catch (error) {
      const { status, name, message: says } = error as TurnedAway;
      if (typeof status !== "number" || error instanceof TurnedAway) throw error;
      throw new TurnedAway(status, name, says);
    }
  }

  async #forward(message: IncomingMessage, signIn: SignIn | undefined): Promise<Reply> {
    const secret = signIn?.secret;
    const own = `${this.#cookieName}=`;
    const event = httpApiEvent({
      message,
      signedIn: signIn && { person: signIn.person, since: new Date(signIn.since) },
      // That there is a session shows, as it does on AWS; its secret stays here.
      cookies: cookiesOf(message).map((each) => (each.startsWith(own) ? `${own}kept` : each)),
      body: await readBody(message),
      requestId: randomUUID(),
      now: this.#now(),
    });
    const answer = await this.#options.invoke(event);
    // The pages know of a change that this service does not: the sign-in is over.
    if (answer.statusCode === 401 && secret !== undefined) {
      this.#sessions.close(secret);
      return message.method === "POST" ? fromHandler(answer) : askToSignIn(message);
    }
    return fromHandler(answer);
  }

  /** Who is signed in by a session, or by the password that came along. */
  async #signInOf(message: IncomingMessage): Promise<SignIn | undefined> {
    const basic = basicCredentials(message);
    if (basic) {
      const proven = await this.#check(message, basic.name, basic.password);
      if (!proven) throw wrongPassword();
      return { person: proven.person, since: this.#now().getTime() };
    }
    const secret = this.#secretOf(message);
    if (secret === "") return undefined;
    const session = this.#sessions.find(secret, await userOf(message.socket));
    if (session === undefined) return undefined;
    if (!(await this.#stillStands(session))) {
      this.#sessions.close(secret);
      return undefined;
    }
    return { ...session, secret };
  }

  /** Whether somebody stands as they did: nobody does who is there no more. */
  async #stillStands({ person, standing }: Proven): Promise<boolean> {
    const { standingOf } = this.#options;
    return !standingOf || (standing !== undefined && (await standingOf(person.name)) === standing);
  }

  async #signIn(message: IncomingMessage): Promise<Reply> {
    if (!fromOwnPage(message, this.#hosts)) throw strangeForm("Nobody was signed in.");
    const form = new URLSearchParams((await readBody(message)).toString("utf8"));
    const name = form.get("name") ?? "";
    const to = localPath(form.get("to"));
    try {
      const proven = await this.#check(message, name, form.get("password") ?? "");
      if (!proven) throw wrongPassword();
      return redirect(to, { "set-cookie": await this.#newSession(message, proven) });
    } catch (error) {
      if (!(error instanceof TurnedAway)) throw error;
      return page(error.status, signInPage({ to, name, problem: error.message }));
    }
  }

  /** For a terminal that brings somebody's own password: a session is not enough. */
  async #makeLink(message: IncomingMessage): Promise<Reply> {
    const basic = basicCredentials(message);
    const proven = basic && (await this.#check(message, basic.name, basic.password));
    if (!proven) throw wrongPassword();
    const to = localPath(new URLSearchParams((message.url ?? "").split("?")[1] ?? "").get("to"));
    const path = `/log-in/${this.#links.make({ ...proven, to })}`;
    const headers = {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
    };
    return { status: 200, headers, body: JSON.stringify({ path, seconds: linkSeconds }) };
  }

  /** Opening a link shows a button and uses nothing up, as whatever looks at links ahead would; pressing it does. */
  async #useLink(message: IncomingMessage, secret: string): Promise<Reply> {
    const posts = message.method === "POST";
    if (posts && !fromOwnPage(message, this.#hosts)) throw strangeForm("Nobody was signed in.");
    const link = posts ? this.#links.take(secret) : this.#links.find(secret);
    if (link === undefined || !(await this.#stillStands(link))) {
      throw new TurnedAway(
        410,
        "LinkUsed",
        "This link was used, or is too old. Nobody was signed in; ask the terminal for a new one.",
      );
    }
    if (!posts) return page(200, logInPage(link.person.name));
    return redirect(link.to, { "set-cookie": await this.#newSession(message, link) });
  }

  #signOut(message: IncomingMessage): Reply {
    if (!fromOwnPage(message, this.#hosts)) throw strangeForm("Nobody was signed out.");
    this.#sessions.close(this.#secretOf(message));
    return redirect("/sign-in", { "set-cookie": this.#cookie("") });
  }

  /** A new password ends every sign-in of the person; whoever changed it goes on in a new one. */
  async #changePassword(message: IncomingMessage, person: SignedIn): Promise<Reply> {
    if (!fromOwnPage(message, this.#hosts)) throw strangeForm("Nothing was changed.");
    const form = new URLSearchParams((await readBody(message)).toString("utf8"));
    const wanted = form.get("new") ?? "";
    const refuse = (status: number, text: string) =>
      page(status, passwordPage({ ...person, said: { good: false, text } }));
    let standing: string | undefined;
    try {
      if (wanted !== form.get("again")) {
        return refuse(422, "The two new passwords differ. Nothing was changed.");
      }
      const proven = await this.#check(message, person.name, form.get("password") ?? "");
      if (!proven) return refuse(403, "That is not your password now. Nothing was changed.");
      standing = await this.#options.changePassword?.(person.name, wanted, proven.standing);
    } catch (error) {
      const known = error instanceof TurnedAway || (error as Error).name === "PersonProblem";
      if (!known) throw error;
      return refuse(error instanceof TurnedAway ? error.status : 422, (error as Error).message);
    }
    this.#sessions.closeOthers(person.name, "");
    this.#links.forget(person.name);
    const text = "Your password was changed, and your other sign-ins have ended.";
    const changed = page(200, passwordPage({ ...person, said: { good: true, text } }));
    const cookie = { "set-cookie": await this.#newSession(message, { person, standing }) };
    return { ...changed, headers: { ...changed.headers, ...cookie } };
  }

  #endOthers(message: IncomingMessage, person: SignedIn): Reply {
    if (!fromOwnPage(message, this.#hosts)) throw strangeForm("Nothing was changed.");
    const ended = this.#sessions.closeOthers(person.name, this.#secretOf(message));
    this.#links.forget(person.name);
    const text =
      ended === 1 ? "One other sign-in has ended." : `${ended} other sign-ins have ended.`;
    return page(200, passwordPage({ ...person, said: { good: true, text } }));
  }

  async #newSession({ socket }: IncomingMessage, { person, standing }: Proven): Promise<string> {
    return this.#cookie(this.#sessions.open(person, standing, await userOf(socket)));
  }

  async #check(
    message: IncomingMessage,
    name: string,
    password: string,
  ): Promise<Proven | undefined> {
    const source = await sourceOf(message.socket);
    const wait = this.#attempts.waitFor(source);
    if (wait > 0) {
      throw new TurnedAway(
        429,
        "TooManyAttempts",
        `Too many failed sign-ins. Try again in ${wait} ${wait === 1 ? "second" : "seconds"}.`,
      );
    }
    // Counted before the password is looked at, so that many tries at once do not slip through.
    this.#attempts.failed(source, name);
    // Before the password: one that is changed while it is looked at opens nothing that lasts.
    const standing = await this.#options.standingOf?.(name);
    const person = await this.#options.verifyPassword(name, password);
    if (person) this.#attempts.succeeded(source, name);
    else await this.#tellWrong(name, source);
    return person && { person, standing };
  }

  /** A name that is nobody's is not told on: it may be a password, typed into the wrong field. */
  async #tellWrong(name: string, source: string): Promise<void> {
    const known = (await this.#options.standingOf?.(name)) !== undefined;
    await this.#options.onWrongPassword?.({ name: known ? name : undefined, source });
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
