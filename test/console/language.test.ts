import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { formGuard } from "../../lib/console/trust.ts";
import { acceptedLanguage } from "../../lib/speech/language.ts";
import { startWorld, type World } from "../review/support.ts";

const key = Buffer.alloc(32, 7);
let world: World;
let pages: ReturnType<typeof createConsole>;
beforeAll(async () => {
  world = await startWorld();
  pages = createConsole({ services: world.services, key });
});
afterAll(() => world.close());

const who = { authorizer: { jwt: { claims: { "cognito:username": "karim" } } } };
const look = (headers: Record<string, string>, cookies: readonly string[] = []) =>
  pages({
    rawPath: "/start",
    headers,
    cookies,
    requestContext: { http: { method: "GET" }, ...who },
  });
const choose = (fields: Record<string, string>, services = world.services) => {
  const site = services.settings.signOffUrl;
  const csrf = formGuard(key, site).tokenFor("karim", "/admin/legacy-imports/language");
  return createConsole({ services, key })({
    rawPath: "/admin/legacy-imports/language",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
    },
    requestContext: { http: { method: "POST" }, ...who },
    body: new URLSearchParams({ csrf, ...fields }).toString(),
  });
};

describe("the language of a page", () => {
  it.each([
    [undefined, undefined],
    ["fr", "fr"],
    ["fr-DZ,fr;q=0.9,en;q=0.8", "fr"],
    ["en-GB,en;q=0.9,fr;q=0.8", "en"],
    ["ar-DZ,ar;q=0.9,fr;q=0.5,en;q=0.3", "fr"],
    ["de", undefined],
    ["*", undefined],
    ["fr;q=0", undefined],
    ["<script>", undefined],
  ])("R5 a browser that prefers %s asks for %s", (header, language) => {
    expect(acceptedLanguage(header)).toBe(language);
  });

  it("R5 is the browser's until somebody chooses one, which is kept in a cookie that no script reads", async () => {
    expect((await look({ "accept-language": "fr" })).body).toContain('<html lang="fr">');
    const chosen = await choose({ language: "fr", to: "/start" });
    expect(chosen).toMatchObject({ statusCode: 303, headers: { location: "/start" } });
    expect(chosen.cookies).toEqual([
      "__Host-wavegate-language=fr; Path=/; Max-Age=31536000; HttpOnly; Secure; SameSite=Strict",
    ]);
    const cookie = chosen.cookies?.[0]?.split(";")[0] ?? "";
    expect((await look({ "accept-language": "en" }, [cookie])).body).toContain('<html lang="fr">');
  });

  it("W8 on one machine, without TLS, the cookie carries the port in its name", async () => {
    const settings = { ...world.services.settings, signOffUrl: "http://127.0.0.1:4711" };
    const chosen = await choose({ language: "en" }, { ...world.services, settings });
    expect(chosen.cookies).toEqual([
      "wavegate_4711_language=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict",
    ]);
  });

  it.each([
    "https://elsewhere.example",
    "//elsewhere.example",
    "/\\elsewhere",
    "/start?x=//y",
    "/start?x=1#y",
    "/admin/legacy-importsx",
    "",
  ])("W8 never leads to %s afterwards", async (to) => {
    const { headers } = await choose({ language: "fr", to });
    expect(headers.location).toBe("/admin/legacy-imports");
  });

  it("R5 whoever chooses one goes on where they were, with what they chose to see there", async () => {
    const { body } = await pages({
      rawPath: "/admin/legacy-imports",
      rawQueryString: "status=halted&migration=wild-apricot",
      headers: {},
      requestContext: { http: { method: "GET" }, ...who },
    });
    const [, to = ""] = /name="to" value="([^"]+)"/u.exec(body) ?? [];
    const { headers } = await choose({ language: "fr", to: to.replaceAll("&amp;", "&") });
    expect(headers.location).toBe("/admin/legacy-imports?status=halted&migration=wild-apricot");
  });

  it("W13 refuses a language that it does not speak", async () => {
    const { statusCode, cookies } = await choose({ language: "xx; Domain=.example" });
    expect([statusCode, cookies]).toEqual([400, undefined]);
  });
});
