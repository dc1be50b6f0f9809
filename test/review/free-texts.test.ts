import { afterAll, beforeAll, expect, it } from "vitest";
import { createConsole } from "../../lib/console/app.ts";
import { callerOf } from "../../lib/review/people/caller.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { decide } from "../../lib/review/sign-off/decide.ts";
import { override } from "../../lib/review/sign-off/override.ts";
import { keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { reviewedServices, type TestServices } from "../support/services.ts";

let test: TestServices;
let ref: { id: string };
const run = "7f3a0000-0000-4000-8000-0000000000e9";
const another = "7f3a0000-0000-4000-8000-0000000000ea";

beforeAll(async () => {
  test = await reviewedServices(run);
  const asked = await ask(test.services, { run, gate: "first_wave" });
  ref = { id: (asked as { signOff: string }).signOff };
});
afterAll(() => test.close());

/** Every place where somebody may write what is kept with a run, or told of in a log. */
const fields: Record<string, (text: string) => Promise<unknown>> = {
  "the backup of a new run": (backup) =>
    preflight(test.services, {
      migration: "ecoin",
      run: another,
      executionArn: "arn:1",
      acknowledge: { backup, queues: true, priority: true },
    }),
  "the connection of a new run": (connection) =>
    preflight(test.services, {
      migration: "ecoin",
      run: another,
      executionArn: "arn:1",
      connection,
    }),
  "the comment of an approval": (comment) =>
    decide(test.services, { ref, person: "approver", decision: "approve", comment }),
  "the comment of a rejection": (comment) =>
    decide(test.services, { ref, person: "approver", decision: "reject", comment }),
  "the reason of an override": (reason) =>
    override(test.services, { ref, person: "approver", reason }),
  "the reason of a hold": (reason) =>
    keepDecision(test.services, "operator", { decide: "hold", run, row: 1, reason }),
  "the reason of a release": (reason) =>
    keepDecision(test.services, "operator", { decide: "release", run, row: 1, reason }),
  "the question about a row": (question) =>
    keepDecision(test.services, "operator", { decide: "ask", run, row: 1, question }),
  "the reason why a question is closed": (reason) =>
    keepDecision(test.services, "operator", { decide: "close", run, question: 1, reason }),
  "the segment of a feature": (segment) =>
    keepDecision(test.services, "operator", {
      decide: "feature",
      run,
      feature: "x",
      percentage: 0,
      segments: [segment],
    }),
  "the name of an execution": (name) =>
    callerOf(test.services, {
      machine: "migration",
      executionArn: `arn:aws:states:eu-west-3:000000000000:execution:m:${name.replaceAll(/[^\w+@.-]/gu, "-")}`,
      startedAt: new Date(),
      input: { migration: "ecoin", run, only: "dry-run" },
    }),
  "a decision that is none": async (decision) =>
    createConsole({ services: test.services, key: Buffer.alloc(32, 7) })({
      rawPath: `/sign-off/by-id/${ref.id}`,
      headers: {
        "content-type": "application/json",
        "x-wavegate-client": "cli",
        "sec-fetch-site": "cross-site",
      },
      requestContext: {
        http: { method: "POST" },
        authorizer: { jwt: { claims: { "cognito:username": "approver" } } },
      },
      body: JSON.stringify({ decision }),
    }),
};
const contacts = [
  "0559446168",
  "+213 559 44 61 68",
  "call 0559.44.61.68 first",
  "sara.benali@example.com",
  "ask Sara <sara.benali@example.com>",
];

const kept = [...contacts, "559 44 61 68", "sara.benali"];

/** The transaction behind which nothing was looked at yet. */
let looked = "0";

/** Where in the schema such a text stands, staged rows aside, in what was written since the last look; at first, in all. */
async function places(): Promise<{ table: string; text: string }[]> {
  const tables = await test.query<{ name: string }>(
    "select relname::text as name from pg_class where relnamespace = 'wavegate'::regnamespace and relkind = 'r' and relname !~ '^(legacy_student_imports_source|match_people|shared_)' order by 1",
  );
  const since = looked;
  const [{ next } = { next: since }] = await test.query<{ next: string }>(
    "select pg_snapshot_xmin(pg_current_snapshot())::text as next",
  );
  looked = next;
  const rows = tables.map(
    ({ name }) =>
      `select '${name}' as "table", to_jsonb(t)::text as row from wavegate.${name} t where t.xmin::text::bigint >= $2`,
  );
  return test.query(
    `select distinct "table", w.text from (${rows.join(" union all ")}) t, unnest($1::text[]) w (text)
      where position(w.text in t.row) > 0`,
    [kept, since],
  );
}

it.each(
  Object.keys(fields).flatMap((field) => contacts.map((contact) => [field, contact] as const)),
)("W14 D20 in %s “%s” is not kept", async (field, contact) => {
  const write = fields[field] as (text: string) => Promise<unknown>;
  const outcome = await write(contact).then(
    () => "kept without it",
    (error: Error) => error.name,
  );
  expect(["PersonalDataInRemark", "kept without it"]).toContain(outcome);
  if (field.startsWith("the ") && !field.includes("execution")) {
    expect(outcome).toBe("PersonalDataInRemark");
  }
  expect(await places()).toEqual([]);
});

it("W8 M14 W14 whoever may not decide learns nothing by trying, neither of people nor of runs", async () => {
  const [somebody] = await test.query<{ name: string }>(
    "select full_name as name from wavegate.legacy_student_imports_source where length(full_name) > 8 and full_name ~ '^[A-Za-z]+ [A-Za-z]+$' order by id limit 1",
  );
  const text = `Is it ${somebody?.name}?`;
  await test.query(
    "insert into wavegate.people values ('looker', 'l@example.org', '[\"legacy_imports.view\"]')",
  );
  const tries = [run, another].flatMap((each): Parameters<typeof keepDecision>[2][] => [
    { decide: "hold", run: each, row: 1, reason: text },
    { decide: "release", run: each, row: 1, reason: text },
    { decide: "ask", run: each, row: 1, question: text },
    { decide: "close", run: each, question: 1, reason: text },
    { decide: "feature", run: each, feature: "x", percentage: 1, segments: [text] },
    { decide: "feature", run: each, feature: "x", percentage: 0, segments: [text] },
    { decide: "mappings", run: each, reference: text, decisions: [{ id: 1, reject: true }] },
    { decide: "erase", run: each, behind: "0" },
    {
      decide: "restore",
      run: each,
      step: "begin",
      about: { backup: text, backup_sha256: "0".repeat(64), rows_lost: 0, rows_back: 0 },
    },
    { decide: "stop", run: each, now: [text] },
    { decide: "withdrawn", run: each },
    { decide: "forget", run: each },
    { decide: "pause", run: each },
  ]);
  for (const person of ["looker", "nobody"]) {
    for (const decision of tries) {
      await expect(keepDecision(test.services, person, decision)).rejects.toMatchObject({
        name: "PermissionDenied",
      });
    }
  }
  expect(
    await test.query(
      "select actor, count(*)::int as n from wavegate.security_log where action = 'decision-refused' and actor in ('looker', 'nobody') group by 1 order by 1",
    ),
  ).toEqual([
    { actor: "looker", n: tries.length },
    { actor: "nobody", n: tries.length },
  ]);
  // Of a name that nobody has, the log keeps no more than its beginning.
  const longName = `arn:aws:iam::123456789012:user/${"n".repeat(300)}`;
  await expect(
    keepDecision(test.services, longName, { decide: "pause", run }),
  ).rejects.toMatchObject({ name: "PermissionDenied" });
  expect(
    await test.query(
      "select length(actor) as letters from wavegate.security_log where actor like 'arn:aws:iam::123456789012:user/nnn%'",
    ),
  ).toEqual([{ letters: 200 }]);
  // Whoever may only turn features off does not learn it by turning one on.
  await test.query(
    "insert into wavegate.people values ('undoer', 'u@example.org', '[\"legacy_imports.rollback\"]')",
  );
  const on = {
    decide: "feature",
    run,
    feature: "x",
    percentage: 1,
    segments: [text],
  } satisfies Parameters<typeof keepDecision>[2];
  await expect(keepDecision(test.services, "undoer", on)).rejects.toMatchObject({
    name: "PermissionDenied",
  });
});

it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "W5 “%s” is no migration and no focus",
  async (word) => {
    const about = { run: another, executionArn: "arn:1" };
    await expect(preflight(test.services, { ...about, migration: word })).rejects.toMatchObject({
      name: "UnknownMigration",
    });
    await expect(
      preflight(test.services, { ...about, migration: "ecoin", focus: word }),
    ).rejects.toMatchObject({ name: "UnknownFocus" });
    expect(
      await test.query(`select 1 as yes from wavegate.legacy_import_runs where id = '${another}'`),
    ).toEqual([]);
  },
);
