import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpApiEvent, HttpApiResponse } from "../../../lib/embedded/pages/event.ts";
import { localPath } from "../../../lib/embedded/pages/requests.ts";
import { startPagesService } from "../../../lib/embedded/pages/service.ts";
import { englishIn } from "../../support/english.ts";

let service: { url: string; close: () => Promise<void> };
let events: HttpApiEvent[];
let answer: (event: HttpApiEvent) => Promise<HttpApiResponse>;
let now: Date;
let standing: Record<string, string>;
/** What somebody else does while a password is looked at. */
let meanwhile: () => void;
let wrong: { name: string | undefined; source: string }[];

beforeEach(async () => {
  events = [];
  now = new Date("2026-11-20T10:00:00Z");
  standing = { amina: "right password" };
  meanwhile = () => {};
  wrong = [];
  answer = async () => ({
    statusCode: 200,
    headers: { "content-type": "text/plain" },
    body: "hello",
  });
  service = await startPagesService({
    port: 0,
    now: () => now,
    open: (path) => path === "/healthz",
    served: {
      "/api/me": (event) => {
        events.push(event);
        return answer(event);
      },
    },
    verifyPassword: async (name, password) => {
      const right =
        name.toLowerCase() === "amina" && password === standing.amina?.split(" again")[0];
      meanwhile();
      return right ? { name: "amina", email: "amina@example.com" } : undefined;
    },
    standingOf: async (name) => standing[name.trim().toLowerCase()],
    changePassword: async (name, password, stood) => {
      if (stood !== standing[name]) {
        throw Object.assign(new Error("Changed meanwhile."), { name: "PersonProblem" });
      }
      if (password.length < 8) {
        throw Object.assign(
          new Error("A password has 8 to 1024 characters. Nothing was changed."),
          {
            name: "PersonProblem",
          },
        );
      }
      standing[name] = password;
      return password;
    },
    onWrongPassword: async (about) => void wrong.push(about),
    invoke: (event) => {
      events.push(event);
      return answer(event);
    },
  });
});
afterEach(() => service.close());

const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(`${service.url}${path}`, { method, headers, redirect: "manual" });

const signIn = (fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  fetch(`${service.url}/sign-in`, {
    method: "POST",
    redirect: "manual",
    headers,
    body: new URLSearchParams({ name: "amina", password: "right password", to: "/", ...fields }),
  });

const cookieOf = (response: Response) => response.headers.get("set-cookie")?.split(";")[0] ?? "";

const basic = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});

describe("signing in", () => {
  it("W8 asks for it, and afterwards shows the page that was asked for", async () => {
    const asked = await get("/sign-off/abc?x=1");
    expect(asked.status).toBe(401);
    const page = await asked.text();
    expect(page).toContain('<input type="hidden" name="to" value="/sign-off/abc?x=1">');
    expect(page).not.toContain("<script");
    const signedIn = await signIn({ to: "/sign-off/abc?x=1" });
    expect(signedIn.status).toBe(303);
    expect(signedIn.headers.get("location")).toBe("/sign-off/abc?x=1");
    const shown = await get("/sign-off/abc?x=1", { cookie: cookieOf(signedIn) });
    expect(await shown.text()).toBe("hello");
    expect(events).toHaveLength(1);
  });

  it("W8 keeps the session in a cookie that no script reads and no other site's form sends", async () => {
    const cookie = (await signIn()).headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^wavegate_session_\d+=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/,
    );
  });

  it("W8 ends after twelve hours however it is used, and with signing out", async () => {
    const cookie = cookieOf(await signIn());
    for (let minutes = 25; minutes < 12 * 60; minutes += 25) {
      now = new Date(Date.parse("2026-11-20T10:00:00Z") + minutes * 60_000);
      expect([minutes, (await get("/x", { cookie })).status]).toEqual([minutes, 200]);
    }
    now = new Date("2026-11-20T22:00:00Z");
    expect((await get("/x", { cookie })).status).toBe(401);

    const another = cookieOf(await signIn());
    expect((await get("/x", { cookie: another })).status).toBe(200);
    await get("/sign-out", { cookie: another }, "POST");
    expect((await get("/x", { cookie: another })).status).toBe(401);
  });

  it("W8 ends when it was not used for half an hour, and use lengthens it", async () => {
    const cookie = cookieOf(await signIn());
    now = new Date("2026-11-20T10:29:59Z");
    expect((await get("/x", { cookie })).status).toBe(200);
    now = new Date("2026-11-20T10:59:58Z");
    expect((await get("/x", { cookie })).status).toBe(200);
    now = new Date("2026-11-20T11:29:58Z");
    expect((await get("/x", { cookie })).status).toBe(401);
    now = new Date("2026-11-20T11:00:00Z");
    expect((await get("/x", { cookie })).status).toBe(401);
  });

  it.each([
    ["the password", { amina: "another password" }],
    ["what ends sign-ins", { amina: "right password again" }],
    ["the person's existence", {}],
  ])("W8 M14 a change of %s ends it, and it does not come back", async (_what, after) => {
    const cookie = cookieOf(await signIn());
    expect((await get("/x", { cookie })).status).toBe(200);
    standing = { ...after };
    expect((await get("/x", { cookie })).status).toBe(401);
    standing = { amina: "right password" };
    expect((await get("/x", { cookie })).status).toBe(401);
    expect(events).toHaveLength(1);
  });

  it.each([
    ["the password", { amina: "another password" }],
    ["what ends sign-ins", { amina: "right password again" }],
    ["the person's existence", {}],
  ])(
    "W8 M14 a change of %s while the password is looked at, or a link is open, lets nobody in",
    async (_what, after) => {
      const basic = `Basic ${Buffer.from("amina:right password").toString("base64")}`;
      const headers = { authorization: basic };
      const made = await get("/log-in-links?to=/x", headers, "POST");
      const link = ((await made.json()) as { path: string }).path;
      meanwhile = () => {
        standing = { ...after };
      };
      const cookie = cookieOf(await signIn());
      expect((await get("/x", { cookie })).status).toBe(401);
      for (const method of ["GET", "POST"]) {
        const used = await get(link, {}, method);
        expect([used.status, used.headers.get("set-cookie")]).toEqual([410, null]);
      }
      // Nor does one that was made for the password as it was.
      standing = { amina: "right password" };
      const late = await get("/log-in-links?to=/x", headers, "POST");
      const path = ((await late.json()) as { path: string }).path;
      expect((await get(path, {}, "POST")).status).toBe(410);
      expect(events).toHaveLength(0);
    },
  );

  it("W8 M14 the pages end it when they know that what the person may do has changed", async () => {
    const cookie = cookieOf(await signIn());
    answer = async () => ({ statusCode: 401, body: "over" });
    const asked = await get("/sign-off/abc", { cookie });
    expect(asked.status).toBe(401);
    expect(await asked.text()).toContain('action="/sign-in"');
    answer = async () => ({ statusCode: 200, body: "hello" });
    expect((await get("/sign-off/abc", { cookie })).status).toBe(401);
  });

  it("W8 a wrong password, an unknown name and an invented cookie are refused alike", async () => {
    const wrong = await signIn({ password: "wrong" });
    const unknown = await signIn({ name: "nobody" });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const says = "That name and password do not belong together.";
    expect(await wrong.text()).toContain(says);
    expect(await unknown.text()).toContain(says);
    const port = new URL(service.url).port;
    const cookie = `wavegate_session_${port}=${"A".repeat(43)}`;
    expect((await get("/x", { cookie })).status).toBe(401);
    expect(events).toEqual([]);
  });

  it("W8 five wrong passwords in a minute make their source wait: 30 s, and twice as long each time", async () => {
    for (let failure = 0; failure < 5; failure++) {
      expect((await signIn({ password: "guess", name: `somebody ${failure}` })).status).toBe(401);
    }
    for (const wait of [30, 60, 120, 240]) {
      const next = await signIn({ name: " AMINA" });
      expect(next.status).toBe(429);
      expect(await next.text()).toContain(
        `Too many failed sign-ins. Try again in ${wait} seconds.`,
      );
      expect((await get("/x", basic("amina", "right password"))).status).toBe(429);
      now = new Date(now.getTime() + wait * 1000);
      expect((await signIn({ password: "guess" })).status).toBe(401);
    }
    now = new Date(now.getTime() + 480_000);
    expect((await signIn()).status).toBe(303);
  });

  it("W8 nobody is locked out: sessions go on, and mistakes now and then cost nothing", async () => {
    const cookie = cookieOf(await signIn());
    for (let failure = 0; failure < 9; failure++) await signIn({ password: "guess" });
    expect((await signIn()).status).toBe(429);
    expect((await get("/x", { cookie })).status).toBe(200);
    now = new Date("2026-11-20T12:00:00Z");
    for (let failure = 0; failure < 12; failure++) {
      expect((await signIn({ password: "mistyped" })).status).toBe(401);
      now = new Date(now.getTime() + 16_000);
    }
    expect((await signIn()).status).toBe(303);
  });

  it("W8 the right password forgives what was mistyped before it, and no guess at another name", async () => {
    for (let failure = 0; failure < 4; failure++) await signIn({ password: "mistyped" });
    expect((await signIn()).status).toBe(303);
    for (let failure = 0; failure < 4; failure++) {
      expect((await signIn({ password: "mistyped" })).status).toBe(401);
    }
    expect((await signIn()).status).toBe(303);
    for (let failure = 0; failure < 4; failure++) await signIn({ name: "karima" });
    expect((await signIn()).status).toBe(303);
    expect((await signIn({ name: "karima" })).status).toBe(401);
    expect((await signIn()).status).toBe(429);
  });

  it("W8 W12 a wrong password is told on with the person and the source; a strange name is not", async () => {
    await signIn({ password: "wrong", name: "Amina" });
    await signIn({ password: "", name: "my secret password" });
    await get("/x", basic("amina", "wrong"));
    expect(wrong.map(({ name }) => name)).toEqual(["Amina", undefined, "amina"]);
    for (const { source } of wrong) expect(source).toMatch(/^(::ffff:)?127\.0\.0\.1( user \d+)?$/);
    expect(JSON.stringify(wrong)).not.toContain("secret");
  });

  it("W8 many guesses at once do not slip through", async () => {
    const guesses = Array.from({ length: 30 }, (_, index) =>
      signIn({ password: `guess ${index}` }),
    );
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(25);
  });

  it("W8 a form of another site signs nobody in", async () => {
    expect((await signIn({}, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await signIn({}, { origin: "https://evil.example" })).status).toBe(403);
    expect((await signIn({}, { origin: service.url })).status).toBe(303);
  });

  it("W8 a link of the terminal signs in once, when its button is pressed, and for five minutes", async () => {
    const basic = (password: string) => ({
      authorization: `Basic ${Buffer.from(`amina:${password}`).toString("base64")}`,
    });
    const cookie = cookieOf(await signIn());
    expect((await get("/log-in-links?to=/x", { cookie }, "POST")).status).toBe(401);
    expect((await get("/log-in-links?to=/x", basic("wrong"), "POST")).status).toBe(401);
    const make = async (to = "/x") =>
      (
        (await (await get(`/log-in-links?to=${to}`, basic("right password"), "POST")).json()) as {
          path: string;
        }
      ).path;
    const link = await make();
    // Whatever looks at links ahead uses nothing up, and signs nobody in.
    for (const method of ["GET", "HEAD"]) {
      const looked = await get(link, {}, method);
      expect([looked.status, looked.headers.get("set-cookie")]).toEqual([200, null]);
    }
    expect((await get(link, { "sec-fetch-site": "cross-site" }, "POST")).status).toBe(403);
    const used = await get(link, { "sec-fetch-site": "same-origin" }, "POST");
    expect([used.status, used.headers.get("location")]).toEqual([303, "/x"]);
    expect((await get("/x", { cookie: cookieOf(used) })).status).toBe(200);
    for (const method of ["GET", "POST"]) expect((await get(link, {}, method)).status).toBe(410);
    const old = await make("//elsewhere.example");
    now = new Date(now.getTime() + 5 * 60_000);
    expect((await get(old, {}, "POST")).status).toBe(410);
    const elsewhere = await get(await make("//elsewhere.example"), {}, "POST");
    expect(elsewhere.headers.get("location")).toBe("/");
  });

  it("W8 what is open is read by anybody, in nobody's name, and sent to by nobody", async () => {
    const cookie = cookieOf(await signIn());
    for (const headers of [{}, { cookie }] as Record<string, string>[]) {
      expect(await (await get("/healthz", headers)).text()).toBe("hello");
      expect(events.at(-1)?.requestContext.authorizer).toBeUndefined();
      // Not even there does a session's secret get through.
      expect(JSON.stringify(events.at(-1))).not.toContain(cookie.split("=")[1]);
    }
    expect((await get("/healthz", {}, "POST")).status).toBe(401);
    expect((await get("/healthz/x")).status).toBe(401);
  });

  it("C6 what is served to the platform's people gets the token that came along and what was asked, and no sign-in", async () => {
    const cookie = cookieOf(await signIn());
    const served = await get("/api/me?per_page=2&cursor=a%20b", {
      cookie,
      authorization: "Bearer token-1",
    });
    expect([served.status, await served.text()]).toEqual([200, "hello"]);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      rawPath: "/api/me",
      headers: { authorization: "Bearer token-1" },
      queryStringParameters: { per_page: "2", cursor: "a b" },
    });
    expect(events[0]?.requestContext.authorizer).toBeUndefined();
    expect(JSON.stringify(events[0])).not.toContain(cookie.split("=")[1]);
    await get("/api/me");
    expect(events[1]?.headers.authorization).toBeUndefined();
    expect(events[1]).not.toHaveProperty("queryStringParameters");
    // Only read, and only that path.
    expect((await get("/api/me", {}, "POST")).status).toBe(401);
    expect((await get("/api/me/x", { authorization: "Bearer token-1" })).status).toBe(401);
    expect(events).toHaveLength(2);
  });

  it("R5 its own pages are French for a browser that prefers it, or for who chose it in the console, whatever they say", async () => {
    const french = { "accept-language": "fr-DZ,fr;q=0.9,en;q=0.8" };
    const cookie = cookieOf(await signIn());
    const ask = async (path: string, fields?: Record<string, string>) =>
      (
        await fetch(`${service.url}${path}`, {
          redirect: "manual",
          headers: { ...french, ...(path === "/" || path === "/sign-in" ? {} : { cookie }) },
          ...(fields === undefined
            ? {}
            : { method: "POST", body: new URLSearchParams(fields).toString() }),
        })
      ).text();
    const pages = [
      await ask("/"),
      await ask("/sign-in", { name: "amina", password: "nope" }),
      await ask("/sign-out"),
      await ask("/password"),
      await ask("/password", { password: "right password", new: "one two three", again: "other" }),
      await ask("/password", { password: "nope", new: "one two three", again: "one two three" }),
      await ask("/password", { password: "right password", new: "short", again: "short" }),
      await ask("/sign-out-others", {}),
      await ask("/log-in/never-made"),
      await (await get("/", { ...french, cookie })).text(),
    ];
    for (const page of pages) {
      expect(page).toContain('<html lang="fr">');
      expect([page, englishIn(page)]).toEqual([page, []]);
      expect(page).not.toMatch(/Sign in|Password|Log in/u);
    }
    const { port } = new URL(service.url);
    const chosen = async (language: string, accepts: string) =>
      (
        await get("/", {
          "accept-language": accepts,
          cookie: `wavegate_${port}_language=${language}`,
        })
      ).text();
    expect(await chosen("fr", "en")).toContain("Mot de passe");
    expect(await chosen("en", "fr")).toContain("Password");
    expect(await (await get("/", { "accept-language": "de, fr;q=0.5" })).text()).toContain("Nom");
  });

  it("W8 escapes the name that was typed", async () => {
    const page = await (await signIn({ name: `"><script>alert(1)</script>` })).text();
    expect(page).not.toContain("<script");
    expect(page).toContain("&quot;&gt;&lt;script&gt;");
  });

  it.each([
    ["/sign-off/x?y=1", "/sign-off/x?y=1"],
    ["https://evil.example/x", "/"],
    ["//evil.example/x", "/"],
    ["/\\evil.example", "/"],
    ["\\\\evil.example", "/"],
    ["javascript:alert(1)", "/"],
    ["/x\r\nset-cookie: a=b", "/xset-cookie:%20a=b"],
    ["/.//evil.example", "/"],
    [null, "/"],
  ])("W8 never goes on to another site: %j", (wanted, path) => {
    expect(localPath(wanted)).toBe(path);
  });
});

describe("one's own password", () => {
  const change = (cookie: string, fields: Record<string, string>) =>
    fetch(`${service.url}/password`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie },
      body: new URLSearchParams({
        password: "right password",
        new: "an even better one",
        again: "an even better one",
        ...fields,
      }),
    });

  it("W8 is changed with the one before; other sign-ins end, this one goes on", async () => {
    const [cookie, other] = [cookieOf(await signIn()), cookieOf(await signIn())];
    expect(await (await get("/password", { cookie })).text()).toContain('name="again"');
    const changed = await change(cookie, {});
    expect(changed.status).toBe(200);
    expect(await changed.text()).toContain("Your password was changed");
    expect(standing.amina).toBe("an even better one");
    expect((await get("/x", { cookie: cookieOf(changed) })).status).toBe(200);
    expect((await get("/x", { cookie })).status).toBe(401);
    expect((await get("/x", { cookie: other })).status).toBe(401);
    expect((await signIn()).status).toBe(401);
    expect((await signIn({ password: "an even better one" })).status).toBe(303);
  });

  it.each([
    [403, "That is not your password now.", { password: "wrong" }],
    [422, "The two new passwords differ.", { again: "something else" }],
    [422, "A password has 8 to 1024 characters.", { new: "short", again: "short" }],
  ])("W8 stays as it is: %i %s", async (status, says, fields) => {
    const cookie = cookieOf(await signIn());
    const refused = await change(cookie, fields);
    expect(refused.status).toBe(status);
    expect(await refused.text()).toContain(says);
    expect(standing.amina).toBe("right password");
    expect((await get("/x", { cookie })).status).toBe(200);
  });

  it("W8 nobody guesses it through somebody's open session", async () => {
    const cookie = cookieOf(await signIn());
    for (let guess = 0; guess < 5; guess++) await change(cookie, { password: `guess ${guess}` });
    expect((await change(cookie, {})).status).toBe(429);
    expect(standing.amina).toBe("right password");
  });

  it("W8 is not put over one that was given meanwhile", async () => {
    const cookie = cookieOf(await signIn());
    meanwhile = () => {
      standing = { amina: "from the administrator" };
    };
    expect((await change(cookie, {})).status).toBe(422);
    expect(standing.amina).toBe("from the administrator");
    expect((await get("/x", { cookie })).status).toBe(401);
  });

  it("W8 another site's form changes nothing, and takes a session to be read", async () => {
    const cookie = cookieOf(await signIn());
    for (const path of ["/password", "/sign-out-others"]) {
      const headers = { cookie, "sec-fetch-site": "cross-site" };
      expect((await get(path, headers, "POST")).status).toBe(403);
      expect((await get(path, {}, "POST")).status).toBe(401);
    }
    expect((await get("/password")).status).toBe(401);
    expect(standing.amina).toBe("right password");
  });

  it("W8 other sign-ins are ended at will, nobody else's", async () => {
    const [cookie, one, two] = [
      cookieOf(await signIn()),
      cookieOf(await signIn()),
      cookieOf(await signIn()),
    ];
    const authorization = `Basic ${Buffer.from("amina:right password").toString("base64")}`;
    const made = await get("/log-in-links?to=/x", { authorization }, "POST");
    const { path } = (await made.json()) as { path: string };
    const ended = await get("/sign-out-others", { cookie }, "POST");
    expect(await ended.text()).toContain("2 other sign-ins have ended.");
    expect((await get("/x", { cookie })).status).toBe(200);
    expect((await get("/x", { cookie: one })).status).toBe(401);
    expect((await get("/x", { cookie: two })).status).toBe(401);
    // A link that waits to be pressed would be one more.
    expect((await get(path, {}, "POST")).status).toBe(410);
  });
});

describe("a request that is handed on", () => {
  it("W8 says who it is by a claim, and carries neither password nor session", async () => {
    const session = cookieOf(await signIn());
    await fetch(`${service.url}/sign-off/a%2Fb?x=1&x=2`, {
      method: "POST",
      headers: {
        cookie: `${session}; theme=dark`,
        "x-own": "1",
        ...basic("Amina", "right password"),
      },
      body: "comment=Élise",
    });
    const [event] = events;
    expect(event).toMatchObject({
      version: "2.0",
      rawPath: "/sign-off/a%2Fb",
      rawQueryString: "x=1&x=2",
      cookies: [`${session.split("=")[0]}=kept`, "theme=dark"],
      headers: { "x-own": "1", "content-type": "text/plain;charset=UTF-8" },
      isBase64Encoded: true,
      requestContext: {
        authorizer: {
          jwt: {
            claims: {
              "cognito:username": "amina",
              email: "amina@example.com",
              iat: "1795168800",
            },
          },
        },
        http: { method: "POST", path: "/sign-off/a%2Fb", sourceIp: "127.0.0.1" },
        stage: "$default",
        timeEpoch: 1795168800000,
      },
    });
    expect(Buffer.from(event?.body ?? "", "base64").toString()).toBe("comment=Élise");
    expect(JSON.stringify(event)).not.toContain(session.split("=")[1]);
    expect(event?.headers).not.toHaveProperty("authorization");
    expect(event?.headers).not.toHaveProperty("cookie");
  });

  it("W8 a terminal signs in with every request, and hears refusals as JSON", async () => {
    const json = { accept: "application/json" };
    expect((await get("/x", { ...json, ...basic("amina", "right password") })).status).toBe(200);
    const wrong = await get("/x", { ...json, ...basic("amina", "wrong") });
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toEqual({
      error: "WrongPassword",
      message: "That name and password do not belong together.",
    });
    expect(await (await get("/x", json)).json()).toMatchObject({ error: "NotSignedIn" });
    expect(events).toHaveLength(1);
  });

  it("W8 HEAD has no body, and headers, cookies and bytes come back as they were given", async () => {
    const headers = basic("amina", "right password");
    answer = async () => ({
      statusCode: 303,
      headers: { location: "/y", "x-own": "1" },
      cookies: ["a=1; Path=/", "b=2"],
      body: Buffer.from([1, 2, 255]).toString("base64"),
      isBase64Encoded: true,
    });
    const given = await get("/x", headers);
    expect(given.status).toBe(303);
    expect(given.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect([...new Uint8Array(await given.arrayBuffer())]).toEqual([1, 2, 255]);
    const head = await get("/x", headers, "HEAD");
    expect((await head.arrayBuffer()).byteLength).toBe(0);
    expect(events.at(-1)?.requestContext.http.method).toBe("HEAD");
  });

  it("W14 a handler that fails is a page of one sentence without its message", async () => {
    const logged: unknown[] = [];
    const { error } = console;
    console.error = (...parts) => void logged.push(...parts);
    answer = () => Promise.reject(new TypeError("sara.benali@example.com"));
    const failed = await get("/x", basic("amina", "right password"));
    console.error = error;
    expect(failed.status).toBe(502);
    expect(await failed.text()).not.toContain("sara");
    expect(logged).toEqual(["pages service: TypeError"]);
  });

  it("W8 that is too large, or a POST without a session, is not handed on", async () => {
    const large = await fetch(`${service.url}/x`, {
      method: "POST",
      headers: basic("amina", "right password"),
      body: "x".repeat(1024 * 1024 + 1),
    });
    expect(large.status).toBe(413);
    expect((await get("/x", {}, "POST")).status).toBe(401);
    expect(events).toEqual([]);
  });

  it("W8 R5 a form of its own pages is handed on in nobody's name when the sign-in is over, so that it is kept", async () => {
    answer = async () => ({ statusCode: 401, body: "kept" });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const send = (headers: Record<string, string>, path = "/x") =>
      fetch(service.url + path, {
        method: "POST",
        headers: { ...form, ...headers },
        body: "comment=No",
      });
    const kept = await send({ "sec-fetch-site": "same-origin", cookie: "wavegate_session_1=none" });
    expect([kept.status, await kept.text()]).toEqual([401, "kept"]);
    expect(events).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain("claims");
    for (const site of ["cross-site", "same-site", "none"])
      expect((await send({ "sec-fetch-site": site })).status).toBe(401);
    expect((await send({ "sec-fetch-site": "same-origin" }, "/password")).status).toBe(401);
    expect(events).toHaveLength(1);
  });

  it("W8 another host name for the same address is refused", async () => {
    const { port } = new URL(service.url);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(
        { port, host: "127.0.0.1", path: "/x", headers: { host: "evil.example" } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      )
        .on("error", reject)
        .end();
    });
    expect(status).toBe(421);
  });
});
