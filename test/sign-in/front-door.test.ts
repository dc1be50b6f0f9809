import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CognitoJwtVerifier } from "aws-jwt-verify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HttpEvent } from "../../lib/console/request.ts";
import type { PageResponse } from "../../lib/console/response.ts";
import { beginningCookie, sessionCookie } from "../../lib/sign-in/cookies.ts";
import { frontDoor } from "../../lib/sign-in/front-door.ts";

const userPoolId = "eu-west-3_Example12";
const clientId = "client1example";
const site = "https://abc.execute-api.eu-west-3.amazonaws.com";
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** A token as Cognito signs it; `changes` makes it wrong. */
function token(changes: Record<string, unknown> = {}, key: KeyObject = privateKey): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    sub: "1",
    iss: `https://cognito-idp.eu-west-3.amazonaws.com/${userPoolId}`,
    aud: clientId,
    token_use: "id",
    "cognito:username": "approver",
    "cognito:groups": ["legacy_imports.commit"],
    iat: now,
    exp: now + 3_600,
    ...changes,
  };
  const signed = `${part({ alg: "RS256", kid: "one", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}

let cognito: Server;
let signInPages: string;
let asked: URLSearchParams[] = [];
let given: { status: number; body: unknown; location?: string };

beforeAll(async () => {
  cognito = createServer((request, response) => {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      asked.push(new URLSearchParams(body));
      const { status, body: answer, location } = given;
      const type = { "content-type": "application/json" };
      response.writeHead(status, location === undefined ? type : { ...type, location });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => cognito.listen(0, "127.0.0.1", resolve));
  signInPages = `http://127.0.0.1:${(cognito.address() as AddressInfo).port}`;
});

afterAll(() => void cognito.close());

let seen: HttpEvent[] = [];
let ended: object[] = [];
let status = 200;

beforeEach(() => {
  status = 200;
  seen = [];
  ended = [];
  asked = [];
  given = { status: 200, body: { id_token: token() } };
});

const link = "/sign-off/Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE";

async function knock(event: Partial<HttpEvent> & { method?: string }): Promise<PageResponse> {
  const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: "id" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" };
  verifier.cacheJwks({ keys: [jwk] } as Parameters<typeof verifier.cacheJwks>[0]);
  const door = frontDoor({
    settings: { site, signInPages, userPoolId, clientId },
    verify: (each) => verifier.verify(each),
    pages: async (each) => {
      seen.push(each);
      return { statusCode: status, headers: {}, body: "the page" };
    },
    end: async (signIn) => void ended.push(signIn),
  });
  const { method = "GET", ...rest } = event;
  return door({ rawPath: link, headers: {}, requestContext: { http: { method } }, ...rest });
}

const gone = (name: string) => `${name}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`;
const personSeen = () => seen[0]?.requestContext.authorizer?.jwt?.claims?.["cognito:username"];
const cookieOf = ({ cookies = [] }: PageResponse, name: string) =>
  cookies.find((each) => each.startsWith(`${name}=`))?.split(";")[0] ?? "";

describe("W8 the front door", () => {
  it("sends a browser that nobody is signed in with to the sign-in, with PKCE and a state", async () => {
    const response = await knock({});
    const { location = "" } = response.headers;
    const query = new URL(location).searchParams;
    expect(response.statusCode).toBe(302);
    expect(location.startsWith(`${signInPages}/oauth2/authorize?`)).toBe(true);
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: "code",
      client_id: clientId,
      redirect_uri: `${site}/signed-in`,
      code_challenge_method: "S256",
    });
    expect(location).not.toContain("Zm9vYmFy");
    expect(response.cookies?.[0]).toMatch(
      /; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(response.headers["cache-control"]).toBe("no-store");
    expect(seen).toEqual([]);
  });

  it("lets the browser back in with a session, at the page that it wanted", async () => {
    const begun = await knock({});
    const state = new URL(begun.headers.location ?? "").searchParams.get("state");
    const response = await knock({
      rawPath: "/signed-in",
      rawQueryString: `code=abc&state=${state}`,
      cookies: [cookieOf(begun, beginningCookie)],
    });
    expect(response).toMatchObject({ statusCode: 302, headers: { location: link } });
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      grant_type: "authorization_code",
      code: "abc",
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });
    // What was begun is over, and good for nothing more.
    expect(response.cookies).toContain(gone(beginningCookie));
    const session = cookieOf(response, sessionCookie);
    expect(await knock({ cookies: [session] })).toMatchObject({
      statusCode: 200,
      body: "the page",
    });
    expect(personSeen()).toBe("approver");
  });

  it("finishes only the sign-in that this browser began", async () => {
    const begun = await knock({});
    const wrongs = [
      { rawQueryString: "code=abc&state=another", cookies: [cookieOf(begun, beginningCookie)] },
      { rawQueryString: "code=abc&state=", cookies: [`${beginningCookie}=e30`] },
      { rawQueryString: "code=abc&state=x" },
      {
        rawQueryString: `state=${new URL(begun.headers.location ?? "").searchParams.get("state")}`,
        cookies: [cookieOf(begun, beginningCookie)],
      },
    ];
    for (const wrong of wrongs) {
      const response = await knock({ rawPath: "/signed-in", ...wrong });
      expect(response.statusCode).toBe(400);
      expect(response.body).toContain("The sign-in was not finished");
      expect(response.cookies).toEqual([gone(beginningCookie)]);
    }
    expect(asked).toEqual([]);
  });

  it("never leads to another site after the sign-in", async () => {
    for (const to of [
      "//evil.example.com",
      "/sign-off/../../evil",
      "https://evil.example.com/sign-off/x",
    ]) {
      const beginning = Buffer.from(JSON.stringify({ state: "s", verifier: "v", to })).toString(
        "base64url",
      );
      const response = await knock({
        rawPath: "/signed-in",
        rawQueryString: "code=abc&state=s",
        cookies: [`${beginningCookie}=${beginning}`],
      });
      expect(response.headers.location).toBe("/admin/legacy-imports");
    }
  });

  /** Comes back from Cognito with a code, as the browser that went there. */
  async function comeBack(): Promise<PageResponse> {
    const begun = await knock({});
    const state = new URL(begun.headers.location ?? "").searchParams.get("state");
    return knock({
      rawPath: "/signed-in",
      rawQueryString: `code=abc&state=${state}`,
      cookies: [cookieOf(begun, beginningCookie)],
    });
  }

  it.each([
    ["does not take the code", 400, { error: "invalid_grant" }],
    ["refuses, and gives a token all the same", 400, { id_token: token() }],
    ["is out of order, and gives a token all the same", 503, { id_token: token() }],
    ["gives a token that is not its own", 200, { id_token: token({}, stranger.privateKey) }],
    ["gives no token", 200, {}],
    ["gives something else for one", 200, { id_token: [token()] }],
  ])("says so when Cognito %s", async (_, status, body) => {
    given = { status, body };
    const response = await comeBack();
    expect(response.statusCode).toBe(400);
    expect(cookieOf(response, sessionCookie)).toBe("");
  });

  it.each([301, 302, 303, 307, 308])(
    "follows no redirection (%s), to whoever would get the code and its verifier",
    async (status) => {
      const reached: string[] = [];
      const elsewhere = createServer((request, response) => {
        reached.push(request.url ?? "");
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ id_token: token() }));
      });
      await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
      const { port } = elsewhere.address() as AddressInfo;
      given = { status, body: {}, location: `http://127.0.0.1:${port}/oauth2/token` };
      const response = await comeBack();
      elsewhere.close();
      expect(response.statusCode).toBe(400);
      expect(cookieOf(response, sessionCookie)).toBe("");
      expect(asked).toHaveLength(1);
      expect(reached).toEqual([]);
    },
  );

  it.each([
    ["signed by another key", token({}, stranger.privateKey)],
    ["expired", token({ exp: 1 })],
    [
      "of another pool",
      token({ iss: "https://cognito-idp.eu-west-3.amazonaws.com/eu-west-3_Other1234" }),
    ],
    ["for another client", token({ aud: "another" })],
    ["an access token", token({ token_use: "access" })],
    ["not signed at all", `${token().split(".").slice(0, 2).join(".")}.`],
  ])("takes no token that is %s", async (_, wrong) => {
    await knock({ method: "POST", cookies: [`${sessionCookie}=${wrong}`] });
    expect(personSeen()).toBeUndefined();
    expect(await knock({ cookies: [`${sessionCookie}=${wrong}`] })).toMatchObject({
      statusCode: 302,
    });
  });

  it("throws away what a request claims about who asks", async () => {
    const authorizer = { jwt: { claims: { "cognito:username": "approver" } } };
    await knock({ method: "POST", requestContext: { http: { method: "POST" }, authorizer } });
    expect(seen[0]?.requestContext).toEqual({ http: { method: "POST" } });
  });

  it("hands no token on to the pages", async () => {
    await knock({
      method: "POST",
      headers: { cookie: "a=b", authorization: `Bearer ${token()}`, accept: "text/html" },
      cookies: [`${sessionCookie}=${token()}`, `${beginningCookie}=e30`, "language=fr"],
    });
    expect(personSeen()).toBe("approver");
    expect(seen[0]?.cookies).toEqual(["language=fr"]);
    expect(JSON.stringify(seen)).not.toContain(token().split(".")[0]);
    expect(seen[0]?.headers).toEqual({ accept: "text/html" });
  });

  it("takes a request with a cookie for a browser's, whatever it says of itself", async () => {
    const headers = { "x-wavegate-client": "cli" };
    await knock({ method: "POST", headers, cookies: [`${sessionCookie}=${token()}`] });
    expect(seen[0]?.headers).toEqual({});
    await knock({ method: "POST", headers: { ...headers, authorization: `Bearer ${token()}` } });
    expect(seen[1]?.headers).toEqual(headers);
  });

  it("refuses people who are in none of the six groups", async () => {
    for (const groups of [undefined, [], ["administrators"], "legacy_imports.commit"]) {
      const response = await knock({
        cookies: [`${sessionCookie}=${token({ "cognito:groups": groups })}`],
      });
      expect(response.statusCode).toBe(403);
      expect(response.body).toContain("You are not in a group");
    }
    expect(seen).toEqual([]);
    const { statusCode, body } = await knock({
      method: "POST",
      headers: {
        accept: "application/json",
        authorization: `Bearer ${token({ "cognito:groups": [] })}`,
      },
    });
    expect([statusCode, JSON.parse(body).error]).toEqual([403, "PermissionDenied"]);
  });

  it("answers a program that nobody is signed in with, instead of sending it to a sign-in", async () => {
    for (const headers of [{ accept: "application/json" }, { authorization: "Bearer none" }]) {
      expect((await knock({ headers })).statusCode).toBe(200);
      expect(seen.at(-1)?.requestContext.authorizer).toBeUndefined();
    }
  });

  it("signs out here and in Cognito", async () => {
    const response = await knock({ rawPath: "/sign-out" });
    expect(response.headers.location).toBe(
      `${signInPages}/logout?client_id=${clientId}&logout_uri=${encodeURIComponent(`${site}/signed-out`)}`,
    );
    expect(response.cookies).toEqual([
      `${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`,
    ]);
    expect((await knock({ rawPath: "/signed-out" })).body).toContain("You are signed out");
    expect(ended).toEqual([]);
  });

  it("ends the sign-in of a token that is its own, and of no other", async () => {
    const claims = { origin_jti: "the sign-in", jti: "the token" };
    for (const each of [
      token({ ...claims, exp: 1 }),
      token(claims, stranger.privateKey),
      token(claims),
    ])
      await knock({ rawPath: "/sign-out", cookies: [`${sessionCookie}=${each}`] });
    expect(ended).toEqual([{ name: "approver", id: "the sign-in" }]);
  });

  it("W8 a session ends half an hour after its last use, never after the token or the day", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const seconds = async (claims: Record<string, unknown>) => {
      const { cookies = [] } = await knock({ cookies: [`${sessionCookie}=${token(claims)}`] });
      expect(cookies).toHaveLength(1);
      return Number(/; Max-Age=(\d+); HttpOnly; Secure; SameSite=Lax$/.exec(cookies[0] ?? "")?.[1]);
    };
    const about = (value: number) => [value - 5, value - 4, value - 3, value - 2, value - 1, value];
    expect(about(1_800)).toContain(await seconds({ auth_time: now }));
    expect(about(600)).toContain(await seconds({ auth_time: now, exp: now + 600 }));
    expect(about(900)).toContain(await seconds({ auth_time: now - 12 * 3_600 + 900 }));
    expect(await seconds({ auth_time: now - 13 * 3_600 })).toBe(0);
  });

  it("W8 M14 is over when the pages say that what the person may do has changed", async () => {
    status = 401;
    const session = [`${sessionCookie}=${token()}`];
    const viewed = await knock({ cookies: session });
    expect(viewed.statusCode).toBe(302);
    expect(viewed.headers.location).toContain("/oauth2/authorize?");
    const posted = await knock({ method: "POST", cookies: session });
    expect(posted.statusCode).toBe(401);
    expect(posted.cookies).toEqual([
      `${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`,
    ]);
  });
});
