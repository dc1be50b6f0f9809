import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { basic, cookieOf, signInPages } from "./pages.ts";

const here = signInPages();
const { get, signIn } = here;

describe("a request that is handed on", () => {
  it("W8 says who it is by a claim, and carries neither password nor session", async () => {
    const session = cookieOf(await signIn());
    await fetch(`${here.url}/sign-off/a%2Fb?x=1&x=2`, {
      method: "POST",
      headers: {
        cookie: `${session}; theme=dark`,
        "x-own": "1",
        ...basic("Amina", "right password"),
      },
      body: "comment=Élise",
    });
    const [event] = here.events;
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
    expect(here.events).toHaveLength(1);
  });

  it("W8 HEAD has no body, and headers, cookies and bytes come back as they were given", async () => {
    const headers = basic("amina", "right password");
    here.answer = async () => ({
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
    expect(here.events.at(-1)?.requestContext.http.method).toBe("HEAD");
  });

  it("W14 a handler that fails is a page of one sentence without its message", async () => {
    const logged: unknown[] = [];
    const { error } = console;
    console.error = (...parts) => void logged.push(...parts);
    here.answer = () => Promise.reject(new TypeError("sara.benali@example.com"));
    const failed = await get("/x", basic("amina", "right password"));
    console.error = error;
    expect(failed.status).toBe(502);
    expect(await failed.text()).not.toContain("sara");
    expect(logged).toEqual(["pages service: TypeError"]);
  });

  it("W8 that is too large, or a POST without a session, is not handed on", async () => {
    const large = await fetch(`${here.url}/x`, {
      method: "POST",
      headers: { ...basic("amina", "right password"), accept: "application/json" },
      body: "x".repeat(1024 * 1024 + 1),
    });
    expect([large.status, await large.json()]).toEqual([
      413,
      { error: "TooLarge", message: "The request is too large. Nothing was changed." },
    ]);
    const unsigned = await get("/x", {}, "POST");
    expect([unsigned.status, await unsigned.text()]).toEqual([
      401,
      expect.stringContaining("so nothing was changed. Open the link again."),
    ]);
    expect(here.events).toEqual([]);
  });

  it("W8 R5 a form of its own pages is handed on in nobody's name when the sign-in is over, so that it is kept", async () => {
    here.answer = async () => ({ statusCode: 401, body: "kept" });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const send = (headers: Record<string, string>, path = "/x") =>
      fetch(here.url + path, {
        method: "POST",
        headers: { ...form, ...headers },
        body: "comment=No",
      });
    const kept = await send({ "sec-fetch-site": "same-origin", cookie: "wavegate_session_1=none" });
    expect([kept.status, await kept.text()]).toEqual([401, "kept"]);
    expect(here.events).toHaveLength(1);
    expect(JSON.stringify(here.events)).not.toContain("claims");
    for (const site of ["cross-site", "same-site", "none"])
      expect((await send({ "sec-fetch-site": site })).status).toBe(401);
    expect((await send({ "sec-fetch-site": "same-origin" }, "/password")).status).toBe(401);
    expect(here.events).toHaveLength(1);
  });

  it("W8 D36 where nobody signs requests, a path of theirs is not there, whoever is signed in", async () => {
    const answered = await fetch(`${here.url}/signed`, {
      method: "POST",
      headers: { ...basic("amina", "right password"), accept: "application/json" },
    });
    expect([answered.status, await answered.json()]).toEqual([
      404,
      { error: "NotFound", message: "Nobody signs requests here." },
    ]);
    expect(here.events).toEqual([]);
  });

  it("W8 another host name for the same address is refused", async () => {
    const { port } = new URL(here.url);
    const answered = await new Promise<unknown>((resolve, reject) => {
      const headers = { host: "evil.example", accept: "application/json" };
      request({ port, host: "127.0.0.1", path: "/x", headers }, (response) => {
        response.on("data", (body) => resolve([response.statusCode, JSON.parse(String(body))]));
      })
        .on("error", reject)
        .end();
    });
    expect(answered).toEqual([
      421,
      { error: "WrongHost", message: "These pages are read under 127.0.0.1 or localhost only." },
    ]);
    expect(here.events).toEqual([]);
  });

  it("W8 what is open is read by anybody, in nobody's name, and sent to by nobody", async () => {
    const cookie = cookieOf(await signIn());
    for (const headers of [{}, { cookie }] as Record<string, string>[]) {
      expect(await (await get("/healthz", headers)).text()).toBe("hello");
      expect(here.events.at(-1)?.requestContext.authorizer).toBeUndefined();
      // Not even there does a session's secret get through.
      expect(JSON.stringify(here.events.at(-1))).not.toContain(cookie.split("=")[1]);
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
    expect(here.events).toHaveLength(1);
    expect(here.events[0]).toMatchObject({
      rawPath: "/api/me",
      headers: { authorization: "Bearer token-1" },
      queryStringParameters: { per_page: "2", cursor: "a b" },
    });
    expect(here.events[0]?.requestContext.authorizer).toBeUndefined();
    expect(JSON.stringify(here.events[0])).not.toContain(cookie.split("=")[1]);
    await get("/api/me");
    expect(here.events[1]?.headers.authorization).toBeUndefined();
    expect(here.events[1]).not.toHaveProperty("queryStringParameters");
    // What is said twice is one text, as API Gateway hands it over, and as on a machine of its own it is no number.
    await get("/api/me?per_page=2&cursor=a&per_page=3&per_page=");
    expect(here.events.pop()?.queryStringParameters).toEqual({ per_page: "2,3,", cursor: "a" });
    // Only read, and only that path; whoever sends something there is a program, signed in or not.
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
      for (const headers of [{}, { cookie }, { authorization: "Bearer token-1" }]) {
        const refused = await get("/api/me", headers as Record<string, string>, method);
        expect([method, refused.status, refused.headers.get("content-type")]).toEqual([
          method,
          404,
          "application/json",
        ]);
        expect(await refused.json()).toEqual({ message: "Not Found" });
      }
    }
    expect((await get("/api/me", {}, "HEAD")).status).toBe(404);
    expect((await get("/api/me/x", { authorization: "Bearer token-1" })).status).toBe(401);
    expect(here.events).toHaveLength(2);
  });
});
