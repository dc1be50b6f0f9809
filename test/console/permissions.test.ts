import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { cookieSettings } from "../../lib/console/cookies.ts";
import { isOpen } from "../../lib/console/paths.ts";
import { type HttpEvent, readRequest } from "../../lib/console/request.ts";
import type { Route } from "../../lib/console/route.ts";
import { openRoutes, routesOf } from "../../lib/console/routes.ts";
import { formGuard } from "../../lib/console/trust.ts";
import { findRun } from "../../lib/data/runs.ts";
import { addPerson, type Permission, permissions } from "../../lib/review/people/people.ts";
import { askAbout } from "../../lib/review/samples/questions.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { completed, review, runId, stageRun } from "../review/fixture.ts";
import { mailedSecret, startWorld, type World } from "../review/support.ts";
import { everyNth } from "../support/every-step.ts";
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
  const [signOff] = (
    await world.admin.query(`select id from wavegate.sign_offs where run_id = '${runId}'`)
  ).rows;
  Object.assign(params, { secret: mailedSecret(world), id: signOff.id, run: runId });
  params.digest = await exportedForReview(world);
  // Whoever is right asked it, and so may close it.
  await holding("right", permissions);
  const run = await findRun(world.services.sign, runId);
  const [{ row }] = (
    await world.admin.query(
      `select min(id)::int as row from wavegate.legacy_student_imports where run_id = '${runId}'`,
    )
  ).rows;
  const question = await askAbout(world.services.sign, run, { row, person: "right", says: "Why?" });
  Object.assign(params, { reference: "course", row: String(row), question: String(question) });
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

/** Who holds what by now. */
const held = new Map<string, string>();
async function holding(name: string, granted: readonly Permission[]): Promise<void> {
  if (held.get(name) === granted.join()) return;
  await addPerson(world.administrator, {
    name,
    email: `${name}@example.com`,
    permissions: granted,
  });
  held.set(name, granted.join());
}
/** Somebody who holds this and nothing else, and is added once. */
async function holderOf(granted: readonly Permission[]): Promise<string> {
  const name = `holds-${granted.join("-").replaceAll("legacy_imports.", "") || "nothing"}`;
  await holding(name, granted);
  return name;
}

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
      const other = await holderOf(granted);
      const answer = await pages(eventFor(route, { person: other, csrf: tokenOf(route, other) }));
      expect([granted, answer.statusCode]).toEqual([granted, 403]);
      expect(answer.body).toContain(`takes the permission ${route.takes.join(" or ")}.`);
      // Whoever may look at something goes on from here; to nobody else is said where.
      expect(answer.body.includes('<nav aria-label="Console">')).toBe(
        granted.includes("legacy_imports.view"),
      );
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

  it.each(sent)(
    "W8 R5 %s sent when the sign-in is over comes back whole, to be sent again; another site's form does not",
    async (_name, route) => {
      await holding("right", permissions);
      const csrf = tokenOf(route, "right");
      const comment = `It is "fine" </textarea><script>alert(1)</script>`;
      const body = new URLSearchParams({ csrf, comment, decision: "approve" }).toString();
      const send = (event: HttpEvent, headers: Record<string, string> = {}) =>
        pages({ ...event, body, headers: { ...event.headers, ...headers } });
      const kept = await send(eventFor(route, {}));
      expect(kept.statusCode).toBe(401);
      expect(kept.body).toContain(
        "It is &quot;fine&quot; &lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>",
      );
      expect(kept.body).toContain(`<form method="post" action="${pathOf(route)}">`);
      expect(kept.body).toContain(`<input type="hidden" name="csrf" value="${csrf}">`);
      expect(kept.body).toContain('<input type="hidden" name="decision" value="approve">');
      for (const site of ["cross-site", "same-site", "none"]) {
        const { body: theirs } = await send(eventFor(route, {}), { "sec-fetch-site": site });
        expect(theirs).not.toContain("<form");
        expect(theirs).not.toContain(csrf);
      }
    },
  );

  /** Whatever other systems take somebody's word for, as headers and as fields of a form. */
  const words = (victim: string) => {
    const headers = {
      ...{ "x-http-method-override": "POST", "x-http-method": "POST", "x-method-override": "POST" },
      ...{ "x-forwarded-user": victim, "x-remote-user": victim, "remote-user": victim },
      ...{
        "x-amzn-oidc-identity": victim,
        "x-wavegate-person": victim,
        "cognito:username": victim,
      },
      ...{ "x-original-url": "/admin/legacy-imports", "x-rewrite-url": "/healthz" },
      ...{ "x-forwarded-host": "elsewhere.example", "x-forwarded-proto": "http" },
      authorization: `Basic ${Buffer.from(`${victim}:right password`).toString("base64")}`,
      cookie: `person=${victim}; username=${victim}`,
    };
    const who = ["person", "by", "name", "username", "actor", "who", "sub", "approver", "starter"];
    const columns = ["decided_by", "judged_by", "held_by", "asked_by", "closed_by", "override_by"];
    const fields: Record<string, string> = {
      _method: "POST",
      permissions: JSON.stringify(permissions),
    };
    for (const field of [...who, ...columns, "started_by", "cognito:username"])
      fields[field] = victim;
    for (const field of ["status", "decision", "verdict"])
      fields[`sign_off[${field}]`] = "approved";
    return { headers, fields };
  };
  const dressed = (route: Route, person: string) => {
    const { headers, fields } = words("victim");
    const event = eventFor(route, { person, headers });
    const claims = { "cognito:username": person };
    const said = {
      ...fields,
      csrf: tokenOf(route, person),
      reason: "It is so.",
      comment: "It is so.",
    };
    return {
      ...event,
      requestContext: { ...event.requestContext, authorizer: { jwt: { claims } } },
      rawQueryString: new URLSearchParams(fields).toString(),
      ...(route.verb === "POST" ? { body: new URLSearchParams(said).toString() } : {}),
    };
  };
  const decided = () =>
    world.admin
      .query(
        `select (select jsonb_agg(to_jsonb(s) order by s.id) from wavegate.sign_offs s) as sign_offs,
                (select jsonb_agg(to_jsonb(s) order by s.bucket, s.position) from wavegate.samples s) as samples,
                (select jsonb_agg(to_jsonb(h)) from wavegate.held_rows h) as held,
                (select jsonb_agg(to_jsonb(q)) from wavegate.row_questions q) as questions,
                (select jsonb_agg(to_jsonb(m) order by m.legacy_formation_id) from wavegate.legacy_course_mappings m) as mappings,
                (select jsonb_agg(jsonb_build_object(r.id, r.status, 'control', r.control)) from wavegate.legacy_import_runs r) as runs,
                (select jsonb_agg(to_jsonb(p) order by p.name) from wavegate.people p where p.name <> 'other') as people`,
      )
      .then(({ rows }) => rows[0]);
  const entriesOf = (actor: string) =>
    world.admin
      .query(
        "select actor from wavegate.audit_log where actor = $1 union all select actor from wavegate.security_log where actor = $1",
        [actor],
      )
      .then(({ rows }) => rows);

  it("W8 nobody is somebody else by what they say of themselves, in headers, fields or parameters, at any address", async () => {
    await holding("victim", permissions);
    // `npm run test:all` tries it at all of them.
    for (const [, route] of named.filter((_, place) => place % everyNth(4) === 0)) {
      await holding(
        "other",
        permissions.filter((each) => !route.takes.includes(each)),
      );
      const refused = await pages(dressed(route, "other"));
      expect([route.path, refused.statusCode]).toEqual([route.path, 403]);
      expect(refused.body).toContain(`takes the permission ${route.takes.join(" or ")}.`);
    }
    await holding("right", permissions);
    const before = await decided();
    for (const [, route] of named.filter(([, { verb }]) => verb === "GET"))
      expect((await pages(dressed(route, "right"))).statusCode).not.toBe(405);
    expect(await decided()).toEqual(before);
    for (const [, route] of sent) await pages(dressed(route, "right"));
    expect((await decided())?.people).toEqual(before?.people);
    expect(await entriesOf("victim")).toEqual([]);
    expect(await entriesOf("right")).not.toEqual([]);
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
      "/assets/icon-DIGEST.svg",
      "/assets/keys-DIGEST.js",
      "/assets/live-DIGEST.js",
    ]);
    expect(routes.filter(({ path }) => isOpen(path))).toEqual([]);
  });
});

/** Every parameter of an address that some page reads, from the source: one that is added is tried here by itself. */
const asked = [
  ...new Set([
    ...globSync("**/*.ts", { cwd: join(import.meta.dirname, "../../lib/console") }).flatMap(
      (file) =>
        [
          ...readFileSync(join(import.meta.dirname, "../../lib/console", file), "utf8").matchAll(
            /(?:query\.(?:get|has)|asked)\("([\w-]+)"\)/gu,
          ),
        ].map(([, name = ""]) => name),
    ),
    ...["classification", "validation_status", "duplicate_confidence", "import_state", "reason"],
    ...["part", "is-session_type"],
  ]),
];
const mark = "Zzyzx";
/** As an address has them: what is none, too long, of another encoding, or somebody's trick. */
const tricks = [
  "",
  "%00",
  "%0D%0ASet-Cookie:%20a=b",
  `%22%3E%3Cscript%3E${mark}%3C/script%3E`,
  `'%20or%201=1--${mark}`,
  "%E0%A4%A",
  "%ED%A0%80",
  "%C0%AF",
  "..%2F..%2Fetc%2Fpasswd",
  "-1",
  "0",
  "1.5e308",
  "NaN",
  "9".repeat(15),
  "9".repeat(16),
  "9".repeat(400),
  "%E2%80%AE%E2%80%8B%F0%9F%98%80",
  "__proto__",
  "constructor",
  "archives:1",
  `archives:${mark}`,
  ":1",
  "x".repeat(8_000),
];

describe("W13 whatever stands in an address", () => {
  const reads = named.filter(([, { verb }]) => verb === "GET");
  const told: string[] = [];
  const log = { info: (line: string) => told.push(line), error: (line: string) => told.push(line) };

  /** Of each address other ones, so that each is tried at several; `npm run test:all` tries all at all of them. */
  const some = (of: readonly string[], at: number) =>
    of.filter((_, place) => (place + at) % everyNth(9) === 0);
  let application: ReturnType<typeof createConsole>;
  beforeAll(() => {
    application = createConsole({ services: world.services, key, log });
  });

  async function tried(rawPath: string, rawQueryString = "") {
    told.splice(0);
    const answer = await application({
      rawPath,
      rawQueryString,
      headers: {},
      requestContext: {
        http: { method: "GET" },
        authorizer: { jwt: { claims: { "cognito:username": "right" } } },
      },
    });
    const here = [rawPath.slice(0, 200), rawQueryString.slice(0, 200)];
    // Never a defect of ours; a refusal is a page with a number that is in the log, by the route and not by what was asked.
    expect([...here, told.filter((line) => line.includes("Unexpected"))]).toEqual([...here, []]);
    expect([...here, answer.statusCode < 500]).toEqual([...here, true]);
    const text = answer.body ?? "";
    // Our own files alone.
    expect([...here, /<script(?! src="\/assets\/)/u.test(text)]).toEqual([...here, false]);
    expect([...here, answer.headers["set-cookie"], answer.cookies]).toEqual([
      ...here,
      undefined,
      undefined,
    ]);
    expect([...here, /[\r\n]/u.test(Object.values(answer.headers).join(""))]).toEqual([
      ...here,
      false,
    ]);
    if (answer.statusCode >= 400) {
      const [, id = "none"] = /Reference for the log: ([0-9a-f-]{36})/u.exec(text) ?? [];
      expect([...here, told.filter((line) => line.endsWith(`, ${id})`)).length]).toEqual([
        ...here,
        1,
      ]);
    }
    expect([...here, told.filter((line) => line.includes(mark))]).toEqual([...here, []]);
    return answer.statusCode;
  }

  it("the character that no database keeps names no page, whatever is asked by it", async () => {
    await holding("right", permissions);
    const rows = reads.find(([, { path }]) => path.endsWith("/rows"))?.[1];
    for (const name of asked)
      expect([name, await tried(pathOf(rows as Route), `${name}=a%00b`)]).toEqual([name, 404]);
  });

  it("every parameter that a page reads is known, and each takes anything", async () => {
    expect(asked).toEqual(expect.arrayContaining(["row", "after", "from", "step", "before"]));
    await holding("right", permissions);
    for (const [at, [, route]] of reads.entries()) {
      for (const trick of some(tricks, at)) {
        await tried(pathOf(route), asked.map((name) => `${name}=${trick}`).join("&"));
      }
      for (const name of some(asked, at)) await tried(pathOf(route), `${name}=${tricks[3]}`);
    }
  });

  it("every part of every address takes anything", async () => {
    await holding("right", permissions);
    for (const [at, [, route]] of reads.entries()) {
      for (const [name] of Object.entries(inPath(route))) {
        for (const trick of some(tricks, at).filter((each) => each !== "")) {
          const path = route.path.replace(new RegExp(`:${name}(?:\\{[^}]*\\})?`, "u"), "~");
          await tried(pathOf({ path }).replace("~", () => trick));
        }
      }
    }
  });
});
