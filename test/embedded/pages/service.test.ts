import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpApiEvent, HttpApiResponse } from "../../../lib/embedded/pages/event.ts";
import { localPath } from "../../../lib/embedded/pages/requests.ts";
import { startPagesService } from "../../../lib/embedded/pages/service.ts";

let service: { url: string; close: () => Promise<void> };
let events: HttpApiEvent[];
let answer: (event: HttpApiEvent) => Promise<HttpApiResponse>;
let now: Date;

beforeEach(async () => {
  events = [];
  now = new Date("2026-11-20T10:00:00Z");
  answer = async () => ({
    statusCode: 200,
    headers: { "content-type": "text/plain" },
    body: "hello",
  });
  service = await startPagesService({
    port: 0,
    now: () => now,
    verifyPassword: async (name, password) =>
      name.toLowerCase() === "amina" && password === "right password"
        ? { name: "amina", email: "amina@example.com" }
        : undefined,
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

  it("W8 ends after twelve hours and with signing out", async () => {
    const cookie = cookieOf(await signIn());
    now = new Date("2026-11-20T21:59:59Z");
    expect((await get("/x", { cookie })).status).toBe(200);
    now = new Date("2026-11-20T22:00:00Z");
    expect((await get("/x", { cookie })).status).toBe(401);

    const another = cookieOf(await signIn());
    expect((await get("/x", { cookie: another })).status).toBe(200);
    await get("/sign-out", { cookie: another }, "POST");
    expect((await get("/x", { cookie: another })).status).toBe(401);
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

  it("W8 after five failures a name waits, also with the right password; others do not", async () => {
    for (let failure = 0; failure < 5; failure++) await signIn({ password: "guess" });
    const sixth = await signIn({ name: " AMINA" });
    expect(sixth.status).toBe(429);
    expect(await sixth.text()).toContain("Too many failed sign-ins. Try again in 300 seconds.");
    expect((await get("/x", basic("amina", "right password"))).status).toBe(429);
    expect((await signIn({ name: "brahim" })).status).toBe(401);
    now = new Date("2026-11-20T10:05:00Z");
    expect((await signIn()).status).toBe(303);
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
          jwt: { claims: { "cognito:username": "amina", email: "amina@example.com" } },
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
