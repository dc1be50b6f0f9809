import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { endSignIn } from "../../lib/review/people/end-sign-in.ts";
import { sessionCookie } from "../../lib/sign-in/cookies.ts";
import { type Claims, frontDoor } from "../../lib/sign-in/front-door.ts";
import { startWorld, type World } from "../review/support.ts";

const site = "https://wavegate.example";
const now = () => Math.floor(Date.now() / 1_000);

let world: World;
let reachable = true;
let door: ReturnType<typeof frontDoor>;
beforeAll(async () => {
  world = await startWorld();
  const { services } = world;
  door = frontDoor({
    settings: { site, signInPages: `${site}/pages`, userPoolId: "pool", clientId: "client" },
    // A token is its claims: its signature is looked at in front-door.test.ts.
    verify: async (token) => JSON.parse(Buffer.from(token, "base64url").toString()) as Claims,
    pages: createConsole({ services, key: Buffer.alloc(32), log: { info() {}, error() {} } }),
    end: (signIn) =>
      reachable
        ? endSignIn(services.sign, signIn, services.clock())
        : Promise.reject(new Error("The database does not answer.")),
  });
});
afterAll(() => world.close());

/** A token of somebody's sign-in; each renewal of one has another `jti`. */
const tokenOf = (name: string, ids: Record<string, string>) =>
  Buffer.from(
    JSON.stringify({
      "cognito:username": name,
      "cognito:groups": ["legacy_imports.view"],
      iat: now() + 1,
      exp: now() + 3_600,
      ...ids,
    }),
  ).toString("base64url");

const ask = (rawPath: string, token: string, as: "cookie" | "bearer" = "cookie", method = "GET") =>
  door({
    rawPath,
    headers: {
      accept: "application/json",
      ...(as === "bearer" ? { authorization: `Bearer ${token}`, "x-wavegate-client": "cli" } : {}),
    },
    ...(as === "cookie" ? { cookies: [`${sessionCookie}=${token}`] } : {}),
    requestContext: { http: { method } },
  });

/** A terminal posts what it holds. */
const leaveTerminal = async (token: string) => {
  const { statusCode, body } = await ask("/sign-out", token, "bearer", "POST");
  const { error, signedOut } = JSON.parse(body);
  return [statusCode, error ?? signedOut];
};

const statusOf = async (token: string, as?: "cookie" | "bearer") =>
  (await ask("/admin/legacy-imports", token, as)).statusCode;

const told = async () =>
  (
    await world.admin.query(
      "select actor, details from wavegate.security_log where action = 'signed-out' order by seq",
    )
  ).rows;

describe("W8 a sign-in that somebody ended", () => {
  it("is over for every copy of its token and every renewal of it, as cookie and as bearer", async () => {
    const own = tokenOf("amina", { origin_jti: "one", jti: "a" });
    const renewed = tokenOf("amina", { origin_jti: "one", jti: "b" });
    const others = [
      tokenOf("amina", { origin_jti: "two", jti: "c" }),
      tokenOf("vera", { origin_jti: "three", jti: "d" }),
    ];
    expect([await statusOf(own), await statusOf(renewed, "bearer")]).toEqual([200, 200]);
    expect((await ask("/sign-out", own)).headers.location).toContain("/pages/logout?");
    for (const token of [own, renewed])
      for (const as of ["cookie", "bearer"] as const) {
        const { statusCode, body } = await ask("/admin/legacy-imports", token, as);
        expect([statusCode, JSON.parse(body).error]).toEqual([401, "SignInOver"]);
      }
    for (const other of others) expect(await statusOf(other)).toBe(200);
  });

  it("is told of once in the security log, by what opens nothing; of nobody it says nothing", async () => {
    const before = await told();
    const own = tokenOf("Amina", { jti: "alone" });
    for (let time = 0; time < 2; time += 1) await ask("/sign-out", own);
    await ask("/sign-out", tokenOf("nobody we know", { jti: "of nobody" }));
    await ask("/sign-out", tokenOf("amina", {}));
    const [entry, ...more] = (await told()).slice(before.length);
    expect(entry).toEqual({
      actor: "amina",
      details: { sign_in: expect.stringMatching(/^[0-9a-f]{64}$/u) },
    });
    expect(more).toEqual([]);
    expect(await statusOf(own)).toBe(401);
  });

  it("leaves the browser's cookie behind, whether the database answers or not", async () => {
    reachable = false;
    const { statusCode, cookies } = await ask("/sign-out", tokenOf("amina", { jti: "asleep" }));
    reachable = true;
    expect([statusCode, cookies]).toEqual([
      302,
      [`${sessionCookie}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`],
    ]);
  });

  it("is over for a terminal's token and every copy of it, and the terminal is told whether it is", async () => {
    const own = tokenOf("amina", { origin_jti: "terminal", jti: "e" });
    const copy = tokenOf("amina", { origin_jti: "terminal", jti: "f" });
    expect([await statusOf(own, "bearer"), await statusOf(copy)]).toEqual([200, 200]);
    reachable = false;
    expect(await leaveTerminal(own)).toEqual([503, "SignOutFailed"]);
    reachable = true;
    expect(await statusOf(own, "bearer")).toBe(200);
    // Sent again, it is over once.
    for (let time = 0; time < 2; time += 1) expect(await leaveTerminal(own)).toEqual([200, true]);
    for (const token of [own, copy])
      for (const as of ["cookie", "bearer"] as const) expect(await statusOf(token, as)).toBe(401);
    expect(await leaveTerminal("e30")).toEqual([401, "NotSignedIn"]);
    expect(await leaveTerminal("of-nobody")).toEqual([401, "NotSignedIn"]);
  });
});
