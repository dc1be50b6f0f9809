import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { cookieSettings } from "../../lib/console/cookies.ts";
import { isOpen } from "../../lib/console/paths.ts";
import { type HttpEvent, readRequest } from "../../lib/console/request.ts";
import type { Route } from "../../lib/console/route.ts";
import { openRoutes, routesOf } from "../../lib/console/routes.ts";
import { formGuard } from "../../lib/console/trust.ts";
import { findRun } from "../../lib/data/runs.ts";
import { addPerson, type Permission, permissions } from "../../lib/review/people.ts";
import { askAbout } from "../../lib/review/questions.ts";
import { ask } from "../../lib/review/sign-offs.ts";
import { completed, review, runId, stageRun } from "../review/fixture.ts";
import { mailedSecret, startWorld, type World } from "../review/support.ts";
import { exportedForReview } from "./exported.ts";

const site = "https://wavegate.example";
const key = Buffer.alloc(32, 7);
const guard = formGuard(key, site);
const quiet = { info: () => {}, error: () => {} };
/** Every address of the console: one that is added is looked at here by itself. */
const routes = routesOf(cookieSettings(site));

let world: World;
let pages: ReturnType<typeof createConsole>;
/** What stands for each part of an address. */
const params: Record<string, string> = {};

beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(2));
  await review(world);
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  const [signOff] = (await world.admin.query("select id from wavegate.sign_offs")).rows;
  Object.assign(params, { secret: mailedSecret(world), id: signOff.id, run: runId, row: "1" });
  Object.assign(params, { reference: "course", question: "1" });
  params.digest = await exportedForReview(world);
  // Whoever is right asked it, and so may close it.
  await holding("right", permissions);
  const run = await findRun(world.services.sign, runId);
  await askAbout(world.services.sign, run, { row: 1, person: "right", says: "Why?" });
  pages = createConsole({ services: world.services, key, log: quiet });
});
afterAll(() => world.close());

function pathOf({ path }: Pick<Route, "path">): string {
  return path.replaceAll(/:(\w+)(?:\{[^}]*\})?/gu, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`Say in this test what stands for “:${name}”.`);
    return value;
  });
}

const inPath = ({ path }: Route): Record<string, string> =>
  Object.fromEntries(
    [...path.matchAll(/:(\w+)/gu)].map(([, name = ""]) => [name, params[name] ?? ""]),
  );

interface Sent {
  readonly person?: string;
  readonly csrf?: string;
  readonly headers?: Record<string, string>;
}

function eventFor(route: Route, { person, csrf = "", headers = {} }: Sent): HttpEvent {
  return {
    rawPath: pathOf(route),
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "sec-fetch-site": "same-origin",
      ...headers,
    },
    requestContext: {
      http: { method: route.verb },
      ...(person === undefined
        ? {}
        : { authorizer: { jwt: { claims: { "cognito:username": person } } } }),
    },
    ...(route.verb === "POST" ? { body: new URLSearchParams({ csrf }).toString() } : {}),
  };
}

/** The token of the form that this address takes. */
function tokenOf(route: Route, person: string): string {
  if (route.verb !== "POST") return "";
  const request = readRequest(eventFor(route, { person }));
  return guard.tokenFor(person, route.about({ request, params: inPath(route) }));
}

const holding = (name: string, granted: readonly Permission[]) =>
  addPerson(world.administrator, { name, email: `${name}@example.com`, permissions: granted });

const named = routes.map((route) => [`${route.verb} ${route.path}`, route] as const);
const sent = named.filter(([, { verb }]) => verb === "POST");

describe("M14 who may do what in the console", () => {
  it.each(named)("%s is for nobody who is not signed in", async (_name, route) => {
    const answer = await pages(eventFor(route, {}));
    expect(answer.statusCode).toBe(401);
    expect(answer.body).not.toContain("ecoin");
  });

  it.each(named)("%s is for nobody without its permission", async (_name, route) => {
    const others = permissions.filter((each) => !route.takes.includes(each));
    for (const granted of [others, ...others.map((each) => [each]), []]) {
      await holding("other", granted);
      const answer = await pages(
        eventFor(route, { person: "other", csrf: tokenOf(route, "other") }),
      );
      expect([granted, answer.statusCode]).toEqual([granted, 403]);
      expect(answer.body).toContain(`takes the permission ${route.takes.join(" or ")}.`);
    }
  });

  it.each(named)("%s is for whoever holds its permission and no other", async (_name, route) => {
    for (const permission of route.takes) {
      await holding("right", [permission]);
      const answer = await pages(
        eventFor(route, { person: "right", csrf: tokenOf(route, "right") }),
      );
      expect([401, 403, 404, 405, 500, 503]).not.toContain(answer.statusCode);
    }
  });

  it.each(sent)(
    "R5 %s loaded again, as after a sign-in that was over, shows where it was sent from",
    async (_name, route) => {
      await holding("right", permissions);
      const event = eventFor({ ...route, verb: "GET" } as Route, { person: "right" });
      const { statusCode, headers } = await pages(event);
      // The link of this fixture is used up.
      expect([200, 303, 410]).toContain(statusCode);
      if (statusCode === 303)
        expect(headers.location).toMatch(/^\/(?:admin\/legacy-imports|sign-off)/u);
    },
  );

  it.each(sent)("W8 %s takes the token of its own form and its own site", async (_name, route) => {
    await holding("right", permissions);
    const right = tokenOf(route, "right");
    const wrongs: Sent[] = [
      { csrf: "" },
      { csrf: tokenOf(route, "other") },
      { csrf: guard.tokenFor("right", "something else") },
      { csrf: right, headers: { "sec-fetch-site": "cross-site" } },
      { csrf: right, headers: { origin: "https://elsewhere.example" } },
    ];
    for (const wrong of wrongs) {
      const answer = await pages(eventFor(route, { person: "right", ...wrong }));
      expect(answer.statusCode).toBe(403);
      expect(answer.body).toContain("This form is not trusted");
    }
  });

  it("W8 every address takes at least one of the six permissions, and one verb stands there once", () => {
    expect(named.map(([name]) => name)).toEqual([...new Set(named.map(([name]) => name))]);
    for (const { takes } of routes) {
      expect(takes.length).toBeGreaterThan(0);
      expect(permissions).toEqual(expect.arrayContaining([...takes]));
    }
  });

  it.each([
    ["PATCH", "/admin/legacy-imports", 405, "MethodNotAllowed"],
    ["DELETE", "/healthz", 405, "MethodNotAllowed"],
    ["GET", "/admin/legacy-imports/elsewhere/and/further", 404, "PageUnknown"],
    ["GET", "/wp-login.php", 404, "PageUnknown"],
  ])("W13 %s %s is answered with %s, %s", async (method, rawPath, status, name) => {
    const told: string[] = [];
    const log = {
      info: (line: string) => told.push(line),
      error: (line: string) => told.push(line),
    };
    const answer = await createConsole({ services: world.services, key, log })({
      rawPath,
      headers: {},
      requestContext: {
        http: { method },
        authorizer: { jwt: { claims: { "cognito:username": "right" } } },
      },
    });
    expect(answer.statusCode).toBe(status);
    expect(told).toEqual([expect.stringMatching(`^console: ${name} \\(no page, `)]);
    expect(answer.body).toContain("Nothing was changed");
  });

  it("W8 a decision that decides nothing is asked for again, of a sign-off and of a mapping", async () => {
    await holding("right", permissions);
    const names: unknown[] = [];
    const deciding = routes.filter(
      ({ verb, path }) => verb === "POST" && /^\/sign-off\/(?:by-id\/)?:\w+$|mappings/u.test(path),
    );
    for (const route of deciding) {
      const answer = await pages(
        eventFor(route, {
          person: "right",
          csrf: tokenOf(route, "right"),
          headers: { accept: "application/json" },
        }),
      );
      expect(answer.statusCode).toBe(422);
      names.push([route.path, JSON.parse(answer.body ?? "").error]);
    }
    expect(names).toEqual([
      ["/sign-off/by-id/:id", "DecisionMissing"],
      ["/sign-off/:secret", "DecisionMissing"],
      ["/admin/legacy-imports/runs/:run/mappings/:reference", "DecisionMissing"],
    ]);
  });

  it("what anybody may read is the style, the keys and that it answers", async () => {
    for (const { path } of openRoutes) {
      expect(isOpen(path)).toBe(true);
      const answer = await pages({
        rawPath: path,
        headers: {},
        requestContext: { http: { method: "GET" } },
      });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).not.toContain("ecoin");
    }
    expect(openRoutes.map(({ path }) => path.replace(/-[0-9a-f]{12}\./u, "-DIGEST."))).toEqual([
      "/healthz",
      "/assets/console-DIGEST.css",
      "/assets/keys-DIGEST.js",
      "/assets/live-DIGEST.js",
    ]);
    expect(routes.filter(({ path }) => isOpen(path))).toEqual([]);
  });
});
