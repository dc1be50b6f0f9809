import { describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { cookieSettings } from "../../lib/console/cookies.ts";
import { openRoutes, routesOf } from "../../lib/console/routes.ts";
import type { Services } from "../../lib/services/services.ts";
import { frontDoor } from "../../lib/sign-in/front-door.ts";

const site = "https://wavegate.example";
/** Nothing but the addresses is looked at: neither a database nor a person is there. */
const services = {
  settings: { signOffUrl: site, language: "en" },
  newId: () => "1",
} as unknown as Services;
const quiet = { info: () => {}, error: () => {} };
const pages = createConsole({ services, key: Buffer.alloc(32), log: quiet });
const door = frontDoor({
  settings: { site, signInPages: `${site}/sign-in`, userPoolId: "pool", clientId: "client" },
  verify: () => Promise.reject(new Error("Nobody is signed in.")),
  pages,
  end: async () => {},
});

const asked = (rawPath: string, rawQueryString = "", method = "GET") => ({
  rawPath,
  rawQueryString,
  headers: {},
  requestContext: { http: { method } },
});

const addresses = [...openRoutes, ...routesOf(cookieSettings(site))].map(({ path }) =>
  path.replaceAll(/:\w+(?:\{[^}]*\})?/gu, "word"),
);

describe.each([
  ["the console", pages],
  ["the front door", door],
])("W8 %s leads to the page that somebody means", (_, ask) => {
  it.each(["GET", "HEAD"])(
    "without the slash at the end, asked by %s, before a sign-in",
    async (method) => {
      for (const path of new Set(addresses)) {
        const { statusCode, headers } = await ask(asked(`${path}/`, "", method));
        expect([path, statusCode, headers.location]).toEqual([path, 303, path]);
      }
    },
  );

  it("with what was asked beside it, and to the runs where nothing was", async () => {
    const led = async (path: string, query = "") =>
      (await ask(asked(path, query))).headers.location;
    expect(await led("/admin/legacy-imports/", "status=halted")).toBe(
      "/admin/legacy-imports?status=halted",
    );
    expect(await led("/")).toBe("/admin/legacy-imports");
    expect(await led("//")).toBe("/admin/legacy-imports");
  });

  it("never to another site", async () => {
    for (const path of [
      "//evil.example/",
      "/.//evil.example/",
      "/start/..//evil.example/",
      "/\\evil.example/",
    ]) {
      const { headers } = await ask(asked(path));
      expect(new URL(headers.location ?? "", site).origin).toBe(site);
      expect(headers.location).not.toMatch(/^\/[/\\]/u);
    }
  });

  it("and sends nothing on that was sent there", async () => {
    const { statusCode } = await ask(asked("/start/", "", "POST"));
    expect(statusCode).toBe(404);
  });
});
