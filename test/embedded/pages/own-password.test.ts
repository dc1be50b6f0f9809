import { describe, expect, it } from "vitest";
import { cookieOf, signInPages } from "./pages.ts";

const here = signInPages();
const { get, signIn } = here;

describe("one's own password", () => {
  const change = (cookie: string, fields: Record<string, string>) =>
    fetch(`${here.url}/password`, {
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
    expect(here.standing.amina).toBe("an even better one");
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
    expect(here.standing.amina).toBe("right password");
    expect((await get("/x", { cookie })).status).toBe(200);
  });

  it("W8 nobody guesses it through somebody's open session", async () => {
    const cookie = cookieOf(await signIn());
    for (let guess = 0; guess < 5; guess++) await change(cookie, { password: `guess ${guess}` });
    expect((await change(cookie, {})).status).toBe(429);
    expect(here.standing.amina).toBe("right password");
  });

  it("W8 is not put over one that was given meanwhile", async () => {
    const cookie = cookieOf(await signIn());
    here.meanwhile = () => {
      here.standing = { amina: "from the administrator" };
    };
    expect((await change(cookie, {})).status).toBe(422);
    expect(here.standing.amina).toBe("from the administrator");
    expect((await get("/x", { cookie })).status).toBe(401);
  });

  it("W14 of what went wrong by itself nothing is told but that", async () => {
    const cookie = cookieOf(await signIn());
    here.meanwhile = () => {
      throw new TypeError("/home/amina/people.json");
    };
    for (const failed of [await change(cookie, {}), await signIn()]) {
      expect(failed.status).toBe(502);
      expect(await failed.text()).not.toContain("people.json");
    }
    expect(here.standing.amina).toBe("right password");
  });

  it("W8 another site's form changes nothing, and takes a session to be read", async () => {
    const cookie = cookieOf(await signIn());
    for (const path of ["/password", "/sign-out-others"]) {
      const headers = { cookie, "sec-fetch-site": "cross-site" };
      expect((await get(path, headers, "POST")).status).toBe(403);
      expect((await get(path, {}, "POST")).status).toBe(401);
    }
    expect((await get("/password")).status).toBe(401);
    expect(here.standing.amina).toBe("right password");
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
