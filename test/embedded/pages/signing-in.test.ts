import { describe, expect, it } from "vitest";
import { localPath } from "../../../lib/embedded/pages/requests.ts";
import { englishIn } from "../../support/english.ts";
import { basic, cookieOf, signInPages } from "./pages.ts";

const here = signInPages();
const { get, signIn } = here;

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
    expect(here.events).toHaveLength(1);
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
      here.now = new Date(Date.parse("2026-11-20T10:00:00Z") + minutes * 60_000);
      expect([minutes, (await get("/x", { cookie })).status]).toEqual([minutes, 200]);
    }
    here.now = new Date("2026-11-20T22:00:00Z");
    expect((await get("/x", { cookie })).status).toBe(401);

    const another = cookieOf(await signIn());
    expect((await get("/x", { cookie: another })).status).toBe(200);
    await get("/sign-out", { cookie: another }, "POST");
    expect((await get("/x", { cookie: another })).status).toBe(401);
  });

  it("W8 ends when it was not used for half an hour, and use lengthens it", async () => {
    const cookie = cookieOf(await signIn());
    here.now = new Date("2026-11-20T10:29:59Z");
    expect((await get("/x", { cookie })).status).toBe(200);
    here.now = new Date("2026-11-20T10:59:58Z");
    expect((await get("/x", { cookie })).status).toBe(200);
    here.now = new Date("2026-11-20T11:29:58Z");
    expect((await get("/x", { cookie })).status).toBe(401);
    here.now = new Date("2026-11-20T11:00:00Z");
    expect((await get("/x", { cookie })).status).toBe(401);
  });

  it.each([
    ["the password", { amina: "another password" }],
    ["what ends sign-ins", { amina: "right password again" }],
    ["the person's existence", {}],
  ])("W8 M14 a change of %s ends it, and it does not come back", async (_what, after) => {
    const cookie = cookieOf(await signIn());
    expect((await get("/x", { cookie })).status).toBe(200);
    here.standing = { ...after };
    expect((await get("/x", { cookie })).status).toBe(401);
    here.standing = { amina: "right password" };
    expect((await get("/x", { cookie })).status).toBe(401);
    expect(here.events).toHaveLength(1);
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
      here.meanwhile = () => {
        here.standing = { ...after };
      };
      const cookie = cookieOf(await signIn());
      expect((await get("/x", { cookie })).status).toBe(401);
      for (const method of ["GET", "POST"]) {
        const used = await get(link, { accept: "application/json" }, method);
        expect([used.status, used.headers.get("set-cookie")]).toEqual([410, null]);
        expect(await used.json()).toMatchObject({ error: "LinkUsed" });
      }
      // Nor does one that was made for the password as it was.
      here.standing = { amina: "right password" };
      const late = await get("/log-in-links?to=/x", headers, "POST");
      const path = ((await late.json()) as { path: string }).path;
      expect((await get(path, {}, "POST")).status).toBe(410);
      expect(here.events).toHaveLength(0);
    },
  );

  it("W8 M14 the pages end it when they know that what the person may do has changed", async () => {
    const cookie = cookieOf(await signIn());
    here.answer = async () => ({ statusCode: 401, body: "over" });
    const asked = await get("/sign-off/abc", { cookie });
    expect(asked.status).toBe(401);
    expect(await asked.text()).toContain('action="/sign-in"');
    here.answer = async () => ({ statusCode: 200, body: "hello" });
    expect((await get("/sign-off/abc", { cookie })).status).toBe(401);
  });

  it("W8 a wrong password, an unknown name and an invented cookie are refused alike", async () => {
    const wrong = await signIn({ password: "wrong" });
    const unknown = await signIn({ name: "nobody" });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const says = "That name and password do not belong together.";
    expect(await wrong.text()).toContain(says);
    expect(await unknown.text()).toContain(says);
    const port = new URL(here.url).port;
    const cookie = `wavegate_session_${port}=${"A".repeat(43)}`;
    expect((await get("/x", { cookie })).status).toBe(401);
    expect(here.events).toEqual([]);
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
      here.now = new Date(here.now.getTime() + wait * 1000);
      expect((await signIn({ password: "guess" })).status).toBe(401);
    }
    here.now = new Date(here.now.getTime() + 480_000);
    expect((await signIn()).status).toBe(303);
  });

  it("W8 nobody is locked out: sessions go on, and mistakes now and then cost nothing", async () => {
    const cookie = cookieOf(await signIn());
    for (let failure = 0; failure < 9; failure++) await signIn({ password: "guess" });
    expect((await signIn()).status).toBe(429);
    expect((await get("/x", { cookie })).status).toBe(200);
    here.now = new Date("2026-11-20T12:00:00Z");
    for (let failure = 0; failure < 12; failure++) {
      expect((await signIn({ password: "mistyped" })).status).toBe(401);
      here.now = new Date(here.now.getTime() + 16_000);
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
    expect(here.wrong.map(({ name }) => name)).toEqual(["Amina", undefined, "amina"]);
    for (const { source } of here.wrong)
      expect(source).toMatch(/^(::ffff:)?127\.0\.0\.1( user \d+)?$/);
    expect(JSON.stringify(here.wrong)).not.toContain("secret");
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
    expect((await signIn({}, { origin: here.url })).status).toBe(303);
  });

  it("W8 nor out, nor does it end anybody's other sign-ins", async () => {
    const cookie = cookieOf(await signIn());
    for (const path of ["/sign-out", "/sign-out-others"]) {
      for (const [says, what] of [
        ["sec-fetch-site", "cross-site"],
        ["origin", "https://evil.example"],
      ] as const)
        expect((await get(path, { cookie, [says]: what }, "POST")).status).toBe(403);
    }
    expect((await get("/x", { cookie })).status).toBe(200);
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
    here.now = new Date(here.now.getTime() + 5 * 60_000);
    expect((await get(old, {}, "POST")).status).toBe(410);
    const elsewhere = await get(await make("//elsewhere.example"), {}, "POST");
    expect(elsewhere.headers.get("location")).toBe("/");
  });
});

describe("its own pages", () => {
  it("R5 its own pages are French for a browser that prefers it, or for who chose it in the console, whatever they say", async () => {
    const french = { "accept-language": "fr-DZ,fr;q=0.9,en;q=0.8" };
    const cookie = cookieOf(await signIn());
    const ask = async (path: string, fields?: Record<string, string>) =>
      (
        await fetch(`${here.url}${path}`, {
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
    const { port } = new URL(here.url);
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
