import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { askToDecide, askToLook, askToStart } from "../../lib/cli/ask-signed.ts";
import type { Aws } from "../../lib/cli/aws.ts";
import { answerSigned, type IamEvent } from "../../lib/console/signed-request.ts";
import { ConnectionLost, DatabaseErrorException } from "../../lib/data/failures.ts";
import { findRun } from "../../lib/data/runs.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { DecisionRequest, keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { StartRequest, startFor } from "../../lib/review/steer/start-execution.ts";
import type { Services } from "../../lib/services/services.ts";
import { type TestServices, testServices } from "../support/services.ts";
import { reviewedRun } from "../support/steps.ts";

/** Nothing of it is reached before the caller and the request are known. */
const none = {} as Services;
const start = (event: IamEvent) =>
  answerSigned(event, { is: StartRequest, done: "started" }, (who, asked) =>
    startFor(none, who, asked),
  );
const decide = (event: IamEvent, services = none) =>
  answerSigned(event, { is: DecisionRequest, done: "decided" }, (who, asked) =>
    keepDecision(services, who, asked),
  );
const signedBy = (userArn: string) => ({ authorizer: { iam: { userArn } } });
const known = signedBy("arn:aws:iam::000000000000:user/sara");
const run = "7f3a0000-0000-4000-8000-0000000000d1";

it("W8 D36 whoever is not vouched for starts and decides nothing", async () => {
  for (const requestContext of [{}, { authorizer: {} }, { authorizer: { iam: {} } }]) {
    for (const answer of [
      await start({
        requestContext,
        body: JSON.stringify({ machine: "rollback", about: "rollback", input: {} }),
      }),
      await decide({ requestContext, body: JSON.stringify({ decide: "stop", run }) }),
    ]) {
      expect(answer.statusCode).toBe(401);
      expect(JSON.parse(answer.body ?? "")).toMatchObject({ error: "NotIdentified" });
    }
  }
});

it.each(["", "not json", "[]", '{"machine":"another"}', '{"decide":"approve"}'])(
  "W13 a request that is none is refused in a sentence: %s",
  async (body) => {
    for (const [answer, done] of [
      [await start({ requestContext: known, body }), "started"],
      [await decide({ requestContext: known, body }), "decided"],
    ] as const) {
      expect(answer.statusCode).toBe(400);
      expect(JSON.parse(answer.body ?? "")).toMatchObject({
        error: "InputInvalid",
        message: expect.stringMatching(new RegExp(`Nothing was ${done}\\.$`)),
      });
    }
  },
);

it.each(["\\u0000", "\\ud83d", "a\\udc00b"])(
  "W13 what no database keeps is refused in a sentence, wherever it stands: %s",
  async (kept) => {
    for (const body of [
      `{"decide":"feature","run":"${run}","feature":"a${kept}","percentage":0,"segments":[]}`,
      `{"decide":"feature","run":"${run}","feature":"a","percentage":0,"segments":["${kept}"]}`,
      `{"decide":"mappings","run":"${run}","reference":"course","decisions":[{"id":"${kept}","reject":true}]}`,
      `{"decide":"hold","run":"${run}","row":1,"reason":"a","${kept}":1}`,
    ]) {
      const answer = await decide({ requestContext: known, body });
      expect(answer.statusCode, body).toBe(400);
      expect(JSON.parse(answer.body ?? "")).toMatchObject({ error: "InputInvalid" });
    }
    // What a start carries besides goes to the execution as it is.
    const started = await start({
      requestContext: known,
      body: `{"machine":"rollback","about":"rollback","input":{"run":"${run}","${kept}":1}}`,
    });
    expect(JSON.parse(started.body ?? "")).toMatchObject({ error: "InputInvalid" });
  },
);

it.each(["", "a.b", null, {}])(
  "W8 D36 whoever asks for a start brings no stamp: %j",
  async (stamp) => {
    const asked = { machine: "rollback", about: "rollback", input: { run, stamp } };
    const answer = await start({ requestContext: known, body: JSON.stringify(asked) });
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(answer.body ?? "")).toMatchObject({ error: "InputInvalid" });
  },
);

it.each([
  [
    new DatabaseErrorException("ERROR: could not extend file; SQLState: 53100"),
    "The disk of the database, or of the evidence, takes no more: whoever runs this makes room there. Of this request it is not known whether it was decided: look with `wavegate status`, and ask again if it was not.",
  ],
  [
    new ConnectionLost("SQLState: 57P01", "database"),
    "The database does not answer, or the connection to it was lost. Of this request it is not known whether it was decided: look with `wavegate status`, and ask again if it was not.",
  ],
  [
    new Error("Somebody’s name"),
    "Something went wrong on our side, and it is not known whether it was decided. Look with `wavegate status`.",
  ],
])("W13 W14 a terminal is told what stood in the way of a decision: %s", async (error, message) => {
  const body = JSON.stringify({ decide: "stop", run });
  const answer = await answerSigned(
    { requestContext: known, body },
    { is: DecisionRequest, done: "decided" },
    async () => {
      throw error;
    },
  );
  expect(answer.statusCode).toBe(500);
  expect(JSON.parse(answer.body ?? "")).toEqual({ error: "Unexpected", message });
});

it("W13 a terminal that reaches nobody says that it is not known whether it was done", async () => {
  const aws = {
    place: {
      name: "local",
      settings: { WAVEGATE_SIGN_OFF_URL: "http://127.0.0.1:1", AWS_REGION: "eu-west-3" },
    },
    states: { config: { credentials: async () => ({ accessKeyId: "a", secretAccessKey: "b" }) } },
  } as unknown as Aws;
  await expect(
    askToStart(aws, { machine: "rollback", about: "rollback", input: {} }),
  ).rejects.toMatchObject({
    name: "StartFailed",
    message: expect.stringContaining("It is not known whether it was started"),
  });
  await expect(askToLook(aws, { look: "labels", run, reference: "course" })).rejects.toMatchObject({
    name: "LookFailed",
    message: expect.stringContaining("It is not known whether it was looked at"),
  });
  await expect(askToDecide(aws, { decide: "stop", run })).rejects.toMatchObject({
    name: "DecisionFailed",
    message: expect.stringContaining("It is not known whether it was decided"),
  });
});

describe("W8 W9 R8 M14 what is decided is kept with the name of whoever signed the request", () => {
  let test: TestServices;
  beforeAll(async () => {
    test = await testServices();
    await reviewedRun(test, run);
    for (const can of ["view", "run", "review", "validate"]) {
      await test.query(
        `insert into wavegate.people (name, email, permissions) values ($1, $2, $3)`,
        [`only-${can}`, `${can}@example.com`, JSON.stringify([`legacy_imports.${can}`])],
      );
    }
  });
  afterAll(() => test.close());

  type Asked = z.input<typeof DecisionRequest>;
  const row = { run, row: 1, reason: "Looked at by hand." };
  // Whatever can be decided.
  const asked: Record<Asked["decide"], Asked> = {
    pause: { decide: "pause", run },
    resume: { decide: "resume", run },
    stop: { decide: "stop", run },
    mappings: {
      decide: "mappings",
      run,
      reference: "course",
      decisions: [{ id: 1, reject: true }],
    },
    hold: { decide: "hold", ...row },
    release: { decide: "release", ...row },
    erase: { decide: "erase", run, behind: "0" },
    withdrawn: { decide: "withdrawn", run },
    ask: { decide: "ask", run, row: 1, question: "Who is this?" },
    close: { decide: "close", run, question: 1, reason: "Nobody knows." },
    forget: { decide: "forget", run },
    feature: { decide: "feature", run, feature: "history", percentage: 0, segments: [] },
    restore: {
      ...{ decide: "restore", run, step: "begin" },
      about: { backup: "b", backup_sha256: "0".repeat(64), rows_lost: 0, rows_back: 0 },
    },
  };
  const ask = async (who: string, request: Asked) => {
    const answer = await decide(
      { requestContext: signedBy(who), body: JSON.stringify(request) },
      test.services,
    );
    return { status: answer.statusCode, ...JSON.parse(answer.body ?? "{}") };
  };
  const security = () =>
    test.query<{ actor: string; action: string; details: object }>(
      "select actor, action, details from wavegate.security_log order by seq",
    );
  const state = async () => [
    await findRun(test.services.stage, run),
    await test.query("select * from wavegate.legacy_course_mappings order by 2"),
    await test.query("select * from wavegate.held_rows"),
    await auditLog(test.services.stage, run),
  ];

  const mayNot: readonly (readonly [string, string])[] = [
    ["arn:aws:iam::000000000000:user/only-view", "only-view"],
    ["arn:aws:iam::000000000000:user/only-validate", "only-validate"],
    ["arn:aws:sts::000000000000:assumed-role/operators/only-view", "only-view"],
    // A role that is named as somebody is nobody; neither is a longer name.
    [
      "arn:aws:sts::000000000000:assumed-role/operator/session-1",
      "arn:aws:sts::000000000000:assumed-role/operator/session-1",
    ],
    ["arn:aws:iam::000000000000:user/operator2", "arn:aws:iam::000000000000:user/operator2"],
  ];
  it.each(
    mayNot.flatMap(([who, actor]) =>
      (Object.keys(asked) as Asked["decide"][])
        // Whoever judges again withdraws what was asked.
        .filter((what) => what !== "withdrawn" || actor !== "only-validate")
        .map((what) => [who, what, actor] as const),
    ),
  )("%s does not %s, and the security log says so", async (who, what, actor) => {
    const before = await state();
    expect(await ask(who, asked[what] as Asked)).toMatchObject({
      status: 403,
      error: "PermissionDenied",
    });
    expect(await state()).toEqual(before);
    expect((await security()).at(-1)).toEqual({
      actor,
      action: "decision-refused",
      details: { refusal: "PermissionDenied", what, signOff: null, run },
    });
  });

  it.each([
    ["only-run", "pause", "pause"],
    ["only-run", "resume", "resume"],
    ["only-review", "mappings", "mappings-decided"],
    ["only-review", "hold", "row-held"],
    ["only-review", "release", "row-released"],
    ["only-run", "stop", "stop"],
  ] as const)("%s may %s, and stands in the log as themselves", async (name, what, action) => {
    const who = `arn:aws:sts::000000000000:assumed-role/operators/${name.toUpperCase()}`;
    expect(await ask(who, asked[what] as Asked)).toMatchObject({ status: 200, run });
    const entries = await auditLog(test.services.stage, run);
    expect(entries.filter((entry) => entry.action === action).at(-1)).toMatchObject({
      actor: name,
    });
  });

  it.each([
    ["hold", { reason: "\u200b" }, "ReasonMissing"],
    ["release", { reason: "\u2800 \u3164" }, "ReasonMissing"],
    ["ask", { question: "\u00ad" }, "QuestionMissing"],
    ["close", { reason: "\u2060\ufe0f" }, "ReasonMissing"],
  ] as const)("W13 B9 to %s takes words that somebody sees", async (what, nothing, error) => {
    await test.query(
      `insert into wavegate.row_questions (run_id, number, staged_id, asked_by, asked_at, question)
       values ($1, 1, 1, 'only-review', now(), 'Who is this?') on conflict do nothing`,
      [run],
    );
    const before = await state();
    const said = { ...asked[what], ...nothing } as Asked;
    expect(await ask("arn:aws:iam::000000000000:user/approver", said)).toMatchObject({ error });
    expect(await state()).toEqual(before);
  });

  it("R8 W13 what is no id of the legacy system or the platform is refused in a sentence", async () => {
    for (const decision of [
      { id: "abc", reject: true as const },
      { id: "12; drop table", reject: true as const },
      { id: 12, confirm: true as const, target: "x" },
    ]) {
      expect(
        await ask("arn:aws:iam::000000000000:user/operator", {
          decide: "mappings",
          run,
          reference: "course",
          decisions: [decision],
        }),
      ).toMatchObject({
        status: 400,
        error: "InputInvalid",
        message: expect.stringContaining("is no id there"),
      });
    }
  });

  it("R8 a table of mappings that the definition has not is refused", async () => {
    for (const reference of ["", "constructor", "users", "legacy_course_mappings"]) {
      const decisions = [{ id: 1, reject: true as const }];
      expect(
        await ask("arn:aws:iam::000000000000:user/operator", {
          decide: "mappings",
          run,
          reference,
          decisions,
        }),
      ).toMatchObject({ status: 400, error: "NoMappings" });
    }
  });
});
