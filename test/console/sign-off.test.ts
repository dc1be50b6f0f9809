import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { at } from "../../lib/console/paths.ts";
import type { HttpEvent } from "../../lib/console/request.ts";
import type { PageResponse } from "../../lib/console/response.ts";
import { ask } from "../../lib/review/sign-off/sign-offs.ts";
import { approvalOfState } from "../../lib/review/sign-off/valid-approval.ts";
import { completed, review, runId, type Staged, stageRun } from "../review/fixture.ts";
import { mailedSecret, startWorld, type World } from "../review/support.ts";

const hostile = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`;
const rows: Staged[] = [
  ...completed(2),
  { legacyId: 50, name: hostile, remark: hostile, classification: "archived_training" },
];

let world: World;
let secret: string;
let pages: (event: HttpEvent) => Promise<PageResponse>;

beforeEach(async () => {
  world = await startWorld({
    name: "signers_hostile_remark",
    prepare: async (draft) => {
      await stageRun(draft.admin, rows);
      await review(draft);
    },
  });
  await ask(world.services, { run: runId, gate: "first_wave", token: "task-1" });
  secret = mailedSecret(world);
  pages = createConsole({ services: world.services, key: Buffer.alloc(32, 7) });
});
afterEach(() => world.close());

interface Sent {
  person?: string | undefined;
  form?: Record<string, string | readonly string[]>;
  json?: unknown;
  headers?: Record<string, string>;
}

function send(method: string, path: string, sent: Sent = {}): Promise<PageResponse> {
  const { person = "amina", form, json, headers = {} } = sent;
  const body = new URLSearchParams();
  for (const [name, values] of Object.entries(form ?? {})) {
    for (const value of [values].flat()) body.append(name, value);
  }
  return pages({
    rawPath: path,
    headers: {
      ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      ...(form ? { "sec-fetch-site": "same-origin", origin: "null" } : {}),
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    requestContext: {
      http: { method },
      ...(person === "" ? {} : { authorizer: { jwt: { claims: { "cognito:username": person } } } }),
    },
    ...(form ? { body: body.toString() } : {}),
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

/** The same as {@link send}, with what stands behind the question mark. */
const query = (path: string, rawQueryString: string, person = "amina") =>
  pages({
    rawPath: path,
    rawQueryString,
    headers: {},
    requestContext: {
      http: { method: "GET" },
      authorizer: { jwt: { claims: { "cognito:username": person } } },
    },
  });

/** More rows of the run, as if they had been there from the beginning. */
const stageMore = (count: number) =>
  world.admin.query(
    `with staged as (
       insert into wavegate.legacy_student_imports
         (run_id, source_table, legacy_id, full_name, raw_payload, validation_status, classification, planned, planned_action)
       select $1, 'stagiaires', 59 + n, 'Amrani Nour', '{}', 'valid', 'completed', 'commit', 'create_legacy_completed_training'
         from generate_series(1, $2::int) n returning id)
     insert into wavegate.legacy_training_imports (run_id, student_import_id, session_type, import_action)
     select $1, id, 'none', 'create_legacy_completed_training' from staged`,
    [runId, count],
  );

const link = () => `/sign-off/${secret}`;
const terminal = { accept: "application/json", "x-wavegate-client": "cli" };

async function csrf(person = "amina"): Promise<string> {
  const { body } = await send("GET", link(), { person });
  const found = /name="csrf" value="([^"]+)"/.exec(body)?.[1];
  if (!found) throw new Error("The page has no form.");
  return found;
}

async function judgeAll(person = "amina"): Promise<void> {
  const token = await csrf(person);
  const { rows: sampled } = await world.admin.query(
    `select distinct staged_id from wavegate.samples where run_id = '${runId}'`,
  );
  const form = Object.fromEntries(sampled.map((each) => [`verdict-${each.staged_id}`, "right"]));
  const saved = await send("POST", `${link()}/samples`, { person, form: { ...form, csrf: token } });
  expect(saved).toMatchObject({ statusCode: 303, headers: { location: `${link()}#decision` } });
}

const signOffs = async () =>
  (
    await world.admin.query(
      `select id, status, comment, changes_asked from wavegate.sign_offs where run_id = '${runId}'`,
    )
  ).rows;
const everything = async () => {
  const hashes: string[] = [];
  for (const table of ["sign_offs", "samples", "audit_log", "legacy_import_runs", "people"]) {
    const { rows } = await world.admin.query(
      `select md5(string_agg(t::text, '' order by t::text)) as hash from wavegate.${table} t`,
    );
    hashes.push(rows[0].hash);
  }
  return hashes;
};

describe("the sign-off page", () => {
  it("W8 GET and HEAD change nothing, however often and whoever asks", async () => {
    await send("GET", link());
    const before = await everything();
    for (const person of ["amina", "karim", "vera", "nobody", ""]) {
      for (const path of [link(), `${link()}/samples`, `${link()}/override`]) {
        await send("GET", path, { person });
        await send("HEAD", path, { person });
      }
    }
    expect(await everything()).toEqual(before);
    expect(world.execution.told).toEqual([]);
  });

  it("W8 HEAD answers like GET without a body", async () => {
    const got = await send("GET", link());
    expect(await send("HEAD", link())).toEqual({ ...got, body: "" });
  });

  it("R6 shows the run, who started it, the eight counts, the plan, the stops, the export and the digest", async () => {
    const { statusCode, body } = await send("GET", link());
    expect(statusCode).toBe(200);
    const [row] = (
      await world.admin.query(`select digest from wavegate.sign_offs where run_id = '${runId}'`)
    ).rows;
    for (const shown of [
      "ecoin-20261120-7f3a",
      "ECOIN: students, archives and their trainings",
      "karim",
      "mysql at legacy",
      "<b>60</b><span>Completed history</span>",
      "<b>25</b><span>Archived training</span>",
      "Status, course or session leave open what this row is.",
      "Too many rows that are not leads have an unmapped course.",
      "s3://evidence/ecoin/ecoin-20261120-7f3a/review/",
      row.digest,
      "Formee ?",
      "<code>is(&quot;raw_status&quot;, &quot;Formée&quot;, &quot;Formee ?&quot;)</code>",
    ]) {
      expect(body).toContain(shown);
    }
  });

  it("R5 says first what would happen, in numbers, and shows the rows of this very wave, masked", async () => {
    const { body } = await send("GET", link());
    const said = [
      "If you approve, the run writes wave 1: 2 rows, and no other.",
      "<strong>2</strong> rows become new ones of the platform: a completed training of the legacy platform.",
      "Of all 100 rows that were read, all waves together would:",
      "<b>83</b><span>be written</span>",
      "<b>12</b><span>be held for a person</span>",
      "The rows of wave 1",
      "213•••••••68",
      "0 of 3 sampled rows are judged.",
      "What you sign",
    ];
    expect(said.map((each) => body.indexOf(each)).toSorted((a, b) => a - b)).toEqual(
      said.map((each) => body.indexOf(each)),
    );
    expect(said.filter((each) => !body.includes(each))).toEqual([]);
    expect(body).not.toMatch(/Benali|213559446168|sara\.benali|a remark|<script|<img/);
  });

  it("R5 shows the rows of a wave page by page, by key", async () => {
    await stageMore(14);
    const first = (await send("GET", link())).body;
    const rowsOf = (body: string) =>
      [...body.matchAll(/<th scope="row"><a [^>]+><bdi>stagiaires<\/bdi> (\d+)<\/a><\/th>/gu)].map(
        ([, id]) => id,
      );
    expect(rowsOf(first)).toEqual(["1", "2", "60", "61", "62", "63", "64", "65", "66", "67"]);
    const [, after = ""] = /\?after=(\d+)#rows/u.exec(first) ?? [];
    const second = (await query(link(), `after=${after}`)).body;
    expect(rowsOf(second)).toEqual(["68", "69", "70", "71", "72", "73"]);
    expect(second).not.toContain("Next rows");
    const [, before = ""] = /\?before=(\d+)#rows">Previous rows/u.exec(second) ?? [];
    expect(rowsOf((await query(link(), `before=${before}`)).body)).toEqual(rowsOf(first));
  });

  it("R5 shows what the wave really takes: the order of the definition, and no more than its size", async () => {
    await stageMore(30);
    const { body } = await send("GET", link());
    expect(body).toContain("If you approve, the run writes wave 1: 25 rows, and no other.");
  });

  it("R5 tells of earlier decisions, what changed since, and who is asked", async () => {
    expect((await send("GET", link())).body).toContain(
      "Nobody decided anything about this run before.",
    );
    const form = { csrf: await csrf(), decision: "changes", comment: `first ${hostile}` };
    const { body: receipt } = await send("POST", link(), { form });
    expect(receipt).toContain("You asked for changes before the first wave of");
    await world.admin.query(
      `update wavegate.legacy_course_mappings set status = 'rejected' where run_id = '${runId}'`,
    );
    await review(world);
    await ask(world.services, { run: runId, gate: "first_wave" });
    secret = mailedSecret(world);
    const { body } = await send("GET", link(), { person: "brahim" });
    expect(body).toContain("<bdi>amina</bdi></strong> asked for changes");
    expect(body).toContain("first &lt;script&gt;");
    expect(body).toContain("Since then, the course or session mappings, or what their targets");
    expect(body).toContain("Asked, each by a mail: amina, brahim, lina.");
  });

  it("R17 W8 an approval that was withdrawn since is its approver's, and the withdrawal is nobody's who gave it", async () => {
    await judgeAll();
    await send("POST", link(), { form: { csrf: await csrf(), decision: "approve", comment: "" } });
    const [{ id }] = (
      await world.admin.query(
        `select id, wavegate.void_sign_offs(run_id, 'the run was rolled back', 'all') from wavegate.sign_offs where run_id = '${runId}'`,
      )
    ).rows;
    const { body } = await send("GET", `/sign-off/by-id/${id}`);
    expect(body).toContain("<bdi>amina</bdi></strong> approved this on");
    expect(body).toContain("the run was rolled back");
    expect(body).not.toContain("voided this");
    const fr = await send("GET", `/sign-off/by-id/${id}`, { headers: { "accept-language": "fr" } });
    expect(fr.body).toContain("<bdi>amina</bdi></strong> a donné son accord le");
    const shown = await send("GET", `/sign-off/by-id/${id}`, {
      headers: { accept: "application/json" },
    });
    expect(JSON.parse(shown.body)).toMatchObject({
      status: "voided",
      decided: { by: "amina" },
      voidBecause: "the run was rolled back",
    });
  });

  it("M14 shows neither token nor hash to anybody, and no form to who only looks", async () => {
    const whole = (await send("GET", link())).body;
    const all = (await send("GET", link(), { person: "vera" })).body;
    const masked = all.slice(0, all.indexOf("<footer>"));
    expect(masked).toContain("B. S.");
    expect(masked).not.toMatch(/<form/);
    const [row] = (
      await world.admin.query(
        `select token, link_hash from wavegate.sign_offs where run_id = '${runId}'`,
      )
    ).rows;
    for (const body of [whole, masked]) {
      expect(body).not.toContain(row.token);
      expect(body).not.toContain(row.link_hash);
    }
  });

  it("R5 speaks French to who prefers it", async () => {
    const { body } = await send("GET", link(), { headers: { "accept-language": "fr" } });
    expect(body).toContain("La première vague peut-elle être écrite\u00a0?");
    expect(body).toContain("Demander des changements");
    expect(body).not.toMatch(/Your decision|What would happen|Ask for changes/);
  });

  it("W8 offers no decision to the starter, and says why", async () => {
    const { body } = await send("GET", link(), { person: "karim" });
    expect(body).toContain("You started this run, so somebody else decides about it.");
    expect(body).not.toContain('value="approve"');
  });

  it("W7 says at once when mappings changed since it was asked", async () => {
    await world.admin.query(
      `update wavegate.legacy_course_mappings set status = 'rejected' where run_id = '${runId}'`,
    );
    const { body } = await send("GET", link());
    expect(body).toContain("Since this was asked, the course or session mappings, or what their");
    expect(body).not.toContain('value="approve"');
  });
});

describe("answering", () => {
  it("W8 R9 judges the samples, then approves, and the task is told", async () => {
    expect((await send("GET", link())).body).not.toContain('value="approve"');
    await judgeAll();
    expect((await send("GET", link())).body).toContain('value="approve"');
    const form = { csrf: await csrf(), decision: "approve", comment: "looks right" };
    const { statusCode, body } = await send("POST", link(), { form });
    expect(statusCode).toBe(200);
    expect(body).toContain("You approved the first wave of <strong>ecoin-20261120-7f3a</strong>.");
    // A receipt: who, when, what, and the digest.
    const [{ digest }] = (
      await world.admin.query(`select digest from wavegate.sign_offs where run_id = '${runId}'`)
    ).rows;
    for (const shown of ["Receipt", "2026-11-20 10:00 UTC", "looks right", digest]) {
      expect(body).toContain(shown);
    }
    expect(await signOffs()).toMatchObject([{ status: "approved", comment: "looks right" }]);
    expect(world.execution.told).toHaveLength(1);
  });

  it("W8 asking for changes decides like a rejection, takes a comment, and is told as such", async () => {
    const token = await csrf();
    const silent = { csrf: token, decision: "changes", comment: " " };
    expect(await send("POST", link(), { form: silent })).toMatchObject({ statusCode: 422 });
    expect(await signOffs()).toMatchObject([{ status: "pending" }]);
    const form = { csrf: token, decision: "changes", comment: "Map the courses first." };
    const { statusCode, body } = await send("POST", link(), { form });
    expect(statusCode).toBe(200);
    expect(body).toContain("<h1>Changes asked for</h1>");
    expect(await signOffs()).toMatchObject([{ status: "rejected" }]);
    const { rows: log } = await world.admin.query(
      `select details -> 'changes' as changes from wavegate.audit_log where run_id = '${runId}' and action = 'sign-off-rejected'`,
    );
    expect(log).toEqual([{ changes: true }]);
    expect(world.execution.told).toMatchObject([{ output: { decision: "rejected" } }]);

    // Whoever looks at it later, wherever, reads what was answered, and of no rejection.
    const { body: again } = await send("GET", `/sign-off/by-id/${(await signOffs())[0].id}`);
    expect(again).toContain("asked for changes on 2026-11-20 10:00 UTC.");
    const run = at.run("ecoin-20261120-7f3a");
    expect((await send("GET", run)).body).toContain(">changes asked for</td>");
    const { body: audit } = await send("GET", at.audit("ecoin-20261120-7f3a"));
    expect(audit).toContain("</span> changes asked for: the first wave</th>");
    expect(audit + again).not.toMatch(/reject/iu);
    const late = await send("POST", link(), { person: "brahim", form: { ...form, csrf: token } });
    expect(late.body).not.toMatch(/reject/iu);
    await expect(
      approvalOfState(world.services.sign, runId, "first_wave", () => Promise.reject()),
    ).resolves.toMatchObject({
      because: "SignOffRejected",
      message: expect.stringMatching(/^amina asked for changes before the first wave\. Nothing/u),
    });
  });

  it("W8 a double click decides once and says so kindly", async () => {
    await judgeAll();
    const form = { csrf: await csrf(), decision: "approve", comment: "" };
    const both = await Promise.all([
      send("POST", link(), { form }),
      send("POST", link(), { form }),
    ]);
    for (const { statusCode, body } of both) {
      expect(statusCode).toBe(200);
      expect(body).toContain("<h1>Approved</h1>");
      expect(body).toContain("The run has been told and goes on by itself.");
    }
    expect(await signOffs()).toMatchObject([{ status: "approved" }]);
    expect(world.execution.told).toHaveLength(1);
    // Whoever decides otherwise, or is somebody else, is told who decided.
    const other = await send("POST", link(), {
      form: { ...form, decision: "reject", comment: "No." },
    });
    expect([other.statusCode, other.body]).toEqual([
      409,
      expect.stringContaining("amina approved this on 2026-11-20."),
    ]);
    // The link is used up, and leads on to what was decided.
    const used = await send("GET", link());
    const [, to = ""] = /href="([^"]+)">See what came of it</u.exec(used.body) ?? [];
    expect((await send("GET", to)).body).toContain("</strong> approved this on 2026-11-20");
  });

  it.each([
    ["pause", "The run is paused: the decision is kept, and counts once somebody lets it go on."],
    [
      "stop",
      "The run was told to stop: the decision is kept, and counts once somebody lets it go on.",
    ],
  ])(
    "W9 W8 who approves what was told to %s since is not told that it goes on",
    async (control, says) => {
      await judgeAll();
      const form = { csrf: await csrf(), decision: "approve", comment: "" };
      await world.admin.query("update wavegate.legacy_import_runs set control = $1 where id = $2", [
        control,
        runId,
      ]);
      for (let pressed = 0; pressed < 2; pressed += 1) {
        const { statusCode, body } = await send("POST", link(), { form });
        expect(statusCode).toBe(200);
        expect(body).toContain(says);
        expect(body).not.toContain("goes on by itself");
      }
    },
  );

  it("W8 another person's token, or none, decides nothing", async () => {
    await judgeAll();
    const token = await csrf("brahim");
    for (const given of [token, ""]) {
      const form = { csrf: given, decision: "approve" };
      expect(await send("POST", link(), { form })).toMatchObject({ statusCode: 403 });
    }
    expect(await signOffs()).toMatchObject([{ status: "pending" }]);
  });

  it("W8 nobody signed in decides nothing, and sees nothing", async () => {
    for (const method of ["GET", "POST"]) {
      const { statusCode, body } = await send(method, link(), { person: "" });
      expect(statusCode).toBe(401);
      expect(body).not.toContain("ecoin");
    }
  });

  it("D15 records an override, after which another person approves", async () => {
    await judgeAll("brahim");
    const { rows: sampled } = await world.admin.query(
      `select staged_id from wavegate.samples where run_id = '${runId}'`,
    );
    const form = {
      csrf: await csrf("brahim"),
      [`verdict-${sampled[0].staged_id}`]: "wrong",
      [`wrong-${sampled[0].staged_id}`]: ["phone", "email"],
    };
    await send("POST", `${link()}/samples`, { person: "brahim", form });
    const seen = async (person: string) => {
      const { body } = await send("GET", link(), { person });
      return /name="seen" value="([^"]*)"/u.exec(body)?.[1] ?? "";
    };
    const unseen = { csrf: await csrf(), reason: `it is ${hostile}` };
    const override = (form: typeof unseen) => send("POST", `${link()}/override`, { form });
    expect((await override(unseen)).statusCode).toBe(409);
    const reason = { ...unseen, seen: await seen("amina") };
    const blank = await override({ ...reason, reason: " " });
    expect([blank.statusCode, blank.body.includes(' id="wrong"')]).toEqual([422, true]);
    expect((await override(reason)).statusCode).toBe(303);
    const { body } = await send("GET", link(), { person: "brahim" });
    expect(body).toContain("took this upon them");
    expect(body).toContain("it is &lt;script&gt;");
    // One that was recorded at an earlier gate holds as well, and is shown beside it.
    const earlier = { override_by: "lina", override_reason: "seen by both", status: "voided" };
    await world.admin.query(
      `insert into wavegate.sign_offs (id, run_id, gate, digest, parts, override_by, override_reason, override_at, override_stops, status)
       select gen_random_uuid(), run_id, 'scale_up', digest, parts, $1, $2, override_at - interval '1 day', '["unmapped"]', $3
         from wavegate.sign_offs where run_id = '${runId}' and override_by = 'amina'`,
      Object.values(earlier),
    );
    const both = (await send("GET", link(), { person: "brahim" })).body;
    for (const shown of ["it is &lt;script&gt;", "seen by both"]) expect(both).toContain(shown);
    const blind = { csrf: await csrf("brahim"), decision: "approve" };
    expect(await send("POST", link(), { person: "brahim", form: blind })).toMatchObject({
      statusCode: 409,
      body: expect.stringContaining("is not what you had seen"),
    });
    const approval = { ...blind, seen: await seen("brahim") };
    expect(await send("POST", link(), { person: "brahim", form: approval })).toMatchObject({
      statusCode: 200,
    });
  });

  it.each([
    ["an unknown link", `/sign-off/${"A".repeat(43)}`, 404, "This link is unknown"],
    ["a path that is no link", "/sign-off/short", 404, "There is no such page"],
    ["a path outside", "/sign-off/../etc/passwd", 404, "There is no such page"],
    ["another method", undefined, 405, "That does not work here"],
  ])("W13 %s is a page, too", async (_what, path, status, title) => {
    const answer = await send(path === undefined ? "DELETE" : "GET", path ?? link());
    expect(answer.statusCode).toBe(status);
    expect(answer.body).toContain(`<h1>${title}</h1>`);
    expect(answer.headers["cache-control"]).toBe("no-store");
    // In the language of whoever asks, be there such a page or not.
    const headers = { "accept-language": "fr" };
    const asked = path === undefined ? "DELETE" : "GET";
    const french = await send(asked, path ?? link(), { headers });
    expect(french.body).toContain('<html lang="fr">');
  });

  it("W14 a defect shows and logs nothing of what it was about", async () => {
    const logged: unknown[] = [];
    const { error } = console;
    console.error = (...parts) => void logged.push(...parts);
    await world.admin.query("alter table wavegate.people rename to gone");
    const answer = await send("GET", link());
    console.error = error;
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/people|relation|SQL/);
    // What failed and where, without any value of a row.
    const [, id = ""] = /Reference for the log: ([0-9a-f-]{36})/u.exec(answer.body) ?? [];
    expect(logged).toEqual([
      `console: DatabaseErrorException: ERROR: relation "wavegate.people" does not exist; SQLState: 42P01. Something that the definition or wavegate itself names is not there, or is called otherwise by now: call it as it was called while the run lasts; what is wavegate's own \`wavegate set-up MIGRATION\` makes again. What was done before stands, and a transaction under way was written as a whole or not at all; then send it again. (GET /sign-off/:secret, ${id})`,
    ]);
  });
});

describe("the same for a terminal", () => {
  it("W8 reads, judges and decides by id as JSON", async () => {
    const [{ id }] = await signOffs();
    const path = `/sign-off/by-id/${id}`;
    const view = JSON.parse((await send("GET", path, { headers: terminal })).body);
    expect(view).toMatchObject({
      status: "pending",
      run: { reference: "ecoin-20261120-7f3a", startedBy: "karim" },
      samples: { unjudged: 3 },
      decide: { may: true },
    });
    const verdicts = view.samples.rows.map(({ stagedId }: { stagedId: number }) => ({
      row: stagedId,
      verdict: "right",
    }));
    const judged = await send("POST", `${path}/samples`, { headers: terminal, json: { verdicts } });
    expect(JSON.parse(judged.body)).toEqual({ signOff: id, judged: 3 });
    const json = { decision: "approve", comment: "from the terminal" };
    const decided = await send("POST", path, { headers: terminal, json });
    expect(JSON.parse(decided.body)).toMatchObject({ decision: "approved", told: "told" });
    expect(await signOffs()).toMatchObject([{ status: "approved", comment: "from the terminal" }]);
  });

  it("W13 refusals have a name and a sentence", async () => {
    const [{ id }] = await signOffs();
    const answer = await send("POST", `/sign-off/by-id/${id}`, {
      headers: terminal,
      json: { decision: "approve" },
    });
    expect(answer.statusCode).toBe(422);
    expect(JSON.parse(answer.body)).toEqual({
      error: "SampleNotJudged",
      message:
        "3 sampled rows have no verdict yet. Nothing was decided. Every sampled row needs one.",
    });
  });

  it("W8 JSON without the terminal's header is not trusted", async () => {
    const [{ id }] = await signOffs();
    const answer = await send("POST", `/sign-off/by-id/${id}`, {
      headers: { accept: "application/json" },
      json: { decision: "reject", comment: "x" },
    });
    expect(JSON.parse(answer.body)).toMatchObject({ error: "FormNotTrusted" });
    expect(await signOffs()).toMatchObject([{ status: "pending" }]);
  });
});

describe("what was refused", () => {
  const log = async () =>
    (
      await world.admin.query(
        "select actor, action, details from wavegate.security_log where action = 'decision-refused' order by seq",
      )
    ).rows;

  it("W8 W12 a decision that somebody may not make is kept in the security log, with who and why", async () => {
    const approve = { decision: "approve", comment: "Fine." };
    const [{ id: signOff }] = await signOffs();
    await send("POST", link(), { person: "vera", json: approve, headers: terminal });
    await send("POST", link(), { person: "karim", json: approve, headers: terminal });
    await send("POST", link(), { person: "nobody", json: approve, headers: terminal });
    await send("POST", `${link()}/override`, {
      person: "vera",
      json: { reason: "x" },
      headers: terminal,
    });
    await send("POST", link(), { person: "amina", form: approve });
    const about = { signOff, run: runId };
    expect(await log()).toEqual(
      [
        ["vera", "PermissionDenied", "approve"],
        ["karim", "ApproverIsStarter", "approve"],
        ["nobody", "PermissionDenied", "approve"],
        ["vera", "PermissionDenied", "override"],
        ["amina", "FormNotTrusted", "approve"],
      ].map(([actor, refusal, what]) => ({
        actor,
        action: "decision-refused",
        details: { refusal, what, ...about },
      })),
    );
    expect((await signOffs()).map(({ status }) => status)).toEqual(["pending"]);
  });

  it("W8 a slip in a form, a look, and nobody at all leave nothing there", async () => {
    await send("POST", link(), {
      person: "amina",
      json: { decision: "perhaps" },
      headers: terminal,
    });
    await send("GET", link(), { person: "nobody" });
    await send("POST", link(), { person: "", json: { decision: "approve" }, headers: terminal });
    expect(await log()).toEqual([]);
  });

  it("W8 M14 a sign-in from before somebody's permissions changed decides nothing any more", async () => {
    const event = (iat: string) =>
      pages({
        rawPath: link(),
        headers: { ...terminal, "content-type": "application/json" },
        requestContext: {
          http: { method: "POST" },
          authorizer: { jwt: { claims: { "cognito:username": "amina", iat } } },
        },
        body: JSON.stringify({ decision: "reject", comment: "No." }),
      });
    await world.admin.query("update wavegate.people set changed_at = '2026-11-20T09:00:00Z'");
    const before = await event(String(Date.parse("2026-11-20T08:59:59Z") / 1000));
    expect(before.statusCode).toBe(401);
    expect(JSON.parse(before.body)).toEqual({
      error: "SignInOver",
      message:
        "Since you signed in, what you may do was changed. Nothing was changed by you; sign in again.",
    });
    const after = await event(String(Date.parse("2026-11-20T09:00:01Z") / 1000));
    expect(after.statusCode).toBe(200);
  });
});
