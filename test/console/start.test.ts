import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import type { HttpEvent } from "../../lib/console/request.ts";
import { files, flag, moment, named, oneOf } from "../../lib/define/setting.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { startWorld, type World } from "../review/support.ts";

let world: World;
let pages: ReturnType<typeof createConsole>;

beforeAll(async () => {
  world = await startWorld();
  pages = createConsole({ services: world.services, key: Buffer.alloc(32, 7) });
});
afterAll(() => world.close());
beforeEach(() => world.execution.started.splice(0));

const event = (method: string, person: string, more: Partial<HttpEvent> = {}): HttpEvent => ({
  rawPath: "/start",
  headers: {},
  ...more,
  requestContext: {
    http: { method },
    ...(person === "" ? {} : { authorizer: { jwt: { claims: { "cognito:username": person } } } }),
  },
});
const post = (person: string, form: Record<string, string>, headers = {}) =>
  pages(
    event("POST", person, {
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "sec-fetch-site": "same-origin",
        origin: "null",
        ...headers,
      },
      body: new URLSearchParams(form).toString(),
    }),
  );
const hidden = (body: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]+)"`, "u").exec(body)?.[1] ?? "";
async function filledIn(person: string): Promise<Record<string, string>> {
  const { body } = await pages(event("GET", person));
  return {
    csrf: hidden(body, "csrf"),
    run: hidden(body, "run"),
    migration: "ecoin",
    gates: "every-wave",
    backup: "backup-1",
    queues: "yes",
    priority: "yes",
  };
}
const refusals = async () =>
  (
    await world.admin.query(
      "select actor, details ->> 'refusal' as refusal, details ->> 'what' as what from wavegate.security_log order by seq",
    )
  ).rows;

describe("W8 M14 the page that starts runs", () => {
  it("starts nothing by being looked at, and is shown to nobody without the permission", async () => {
    expect((await pages(event("GET", "karim"))).statusCode).toBe(200);
    expect((await pages(event("HEAD", "karim"))).body).toBe("");
    for (const [person, status] of [
      ["vera", 403],
      ["nobody", 403],
      ["", 401],
    ] as const) {
      const answer = await pages(event("GET", person));
      expect([person, answer.statusCode]).toEqual([person, status]);
      expect(answer.body).not.toMatch(/action="\/start"|name="backup"/u);
    }
    for (const method of ["DELETE", "TRACE", "connect"])
      expect((await pages(event(method, "karim"))).statusCode).toBe(405);
    expect(world.execution.started).toEqual([]);
  });

  it("starts what the form says, for the person of the sign-in, and says so", async () => {
    const form = await filledIn("karim");
    const answer = await post("karim", form);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain(form.run);
    expect(world.execution.started).toHaveLength(1);
    const [{ input, name } = { input: {} as Record<string, unknown>, name: "" }] =
      world.execution.started;
    expect(world.services.stamps.read(input.stamp as string)).toMatchObject({
      person: "karim",
      execution: name,
    });
    // A double click is one run, and so is a form that is gone back to and sent otherwise: its page says what it is.
    for (const again of [form, { ...form, backup: "another" }]) {
      expect(await post("karim", again)).toMatchObject({
        statusCode: 303,
        headers: { location: `/admin/legacy-imports/runs/${form.run}` },
      });
    }
    expect(world.execution.started).toHaveLength(1);
  });

  it.each<[string, (form: Record<string, string>) => Record<string, string>, number]>([
    ["another person's form", (form) => ({ ...form, as: "amina" }), 403],
    ["a form without its token", (form) => ({ ...form, csrf: "" }), 403],
    [
      "a run that exists, or that the page did not make",
      (form) => ({ ...form, run: "7f3a0000-0000-4000-8000-000000000001" }),
      403,
    ],
    ["a migration that is none", (form) => ({ ...form, migration: "constructor" }), 400],
    ["no migration", (form) => ({ ...form, migration: "" }), 400],
    ["a phone number as the backup", (form) => ({ ...form, backup: "call 0559 44 61 68" }), 422],
    ["an address as the backup", (form) => ({ ...form, backup: "karima@example.com" }), 422],
  ])("refuses %s, and starts nothing", async (_what, change, status) => {
    const { as = "karim", ...form } = change(await filledIn("karim"));
    expect((await post(as, form)).statusCode).toBe(status);
    expect(world.execution.started).toEqual([]);
  });

  it("C5 R5 asks for the settings of a definition, refuses what is none, and asks nothing it does not know", async () => {
    const { priority: _, ...other } = ecoin;
    const settings = { since: moment("Only what happened <b>since</b>.") };
    const migrations = { ecoin, other: { ...other, name: "other", settings } };
    const own = createConsole({
      services: { ...world.services, migrations },
      key: Buffer.alloc(32, 7),
    });
    const form = async (query: string) =>
      (await own({ ...event("GET", "karim"), rawQueryString: query })).body;
    const body = await form("migration=other");
    expect(body).toContain("Only what happened &lt;b&gt;since&lt;/b&gt;.");
    expect(body).toContain('aria-current="true">other</a>');
    expect(body).not.toContain('name="priority"');
    expect(await form("migration=none")).not.toContain("set-since");
    const sent = (since: string) =>
      own({
        ...event("POST", "karim"),
        headers: {
          "sec-fetch-site": "same-origin",
          "content-type": "application/x-www-form-urlencoded",
        },
        body: new URLSearchParams({
          csrf: hidden(body, "csrf"),
          run: hidden(body, "run"),
          migration: "other",
          backup: "backup-1",
          queues: "yes",
          "set-since": since,
        }).toString(),
      });
    const refused = await sent("soon");
    expect([refused.statusCode, world.execution.started]).toEqual([422, []]);
    expect(refused.body).toContain("Invalid since value [soon]");
    expect((await sent(" -90 days ")).statusCode).toBe(200);
    expect(world.execution.started).toMatchObject([
      { input: { migration: "other", settings: { since: "-90 days" } } },
    ]);
  });

  it("refuses another site's form", async () => {
    const form = await filledIn("karim");
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { origin: "https://elsewhere.example" },
    ]) {
      expect((await post("karim", form, headers)).statusCode).toBe(403);
    }
    expect(world.execution.started).toEqual([]);
  });

  it("refuses whoever lost the permission between, and keeps that in the security log", async () => {
    const form = await filledIn("lina");
    await world.admin.query(
      "update wavegate.people set permissions = '[\"legacy_imports.view\"]' where name = 'lina'",
    );
    expect((await post("lina", form)).statusCode).toBe(403);
    expect(world.execution.started).toEqual([]);
    expect((await refusals()).at(-1)).toEqual({
      actor: "lina",
      refusal: "PermissionDenied",
      what: "start",
    });
  });
});

describe("what may be said of a run", () => {
  it("R1 each setting is asked for as its kind is: a moment, a place of files, a word, a thing, yes", async () => {
    const other = {
      ...ecoin,
      name: "other",
      settings: {
        since: moment("Since."),
        place: files("Where."),
        part: oneOf("Which.", ["members", "posts"]),
        club: named("Of whom.", { what: "Club", sql: "select {said}" }),
        sure: flag("Sure."),
      },
    };
    const own = createConsole({
      services: { ...world.services, migrations: { other } },
      key: Buffer.alloc(32, 7),
    });
    const { body } = await own(event("GET", "karim"));
    const help = (name: string) =>
      new RegExp(`id="set-${name}-help">([^<]+)<`, "u").exec(body)?.[1] ?? "";
    expect(help("since")).toContain("2025-01-31");
    expect(help("place")).toContain("s3://BUCKET/PREFIX");
    expect(help("club")).toContain("id or name");
    expect(body).toMatch(
      /<select id="set-part"[^>]*><option value="">.*value="members".*value="posts"/u,
    );
    expect(body).toMatch(/<input id="set-sure"[^>]* type="checkbox" value="yes">/u);
  });
});
