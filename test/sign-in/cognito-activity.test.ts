import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { activityIn } from "../../lib/sign-in/cognito-activity.ts";
import { noteActivity } from "../../lib/sign-in/note-sign-ins.ts";
import { type TestServices, testServices } from "../support/services.ts";

const record = (message: object | string) =>
  JSON.stringify({
    eventTimestamp: "1763632800000",
    eventSource: "USER_ACTIVITY",
    logLevel: "INFO",
    message,
    logSourceId: { userPoolId: "eu-west-3_Example" },
  });
const signIn = (event: object) => ({
  version: "1",
  eventId: "b1b1",
  eventType: "SignIn",
  eventResponse: "Fail",
  userName: "karima",
  ipAddress: "192.0.2.7",
  challenges: ["Password:Failure"],
  ...event,
});
const delivered = (...messages: string[]) =>
  gzipSync(
    JSON.stringify({
      messageType: "DATA_MESSAGE",
      logGroup: "/aws/vendedlogs/cognito/wavegate",
      logEvents: messages.map((message, n) => ({ id: `${n}`, timestamp: 1, message })),
    }),
  ).toString("base64");

it.each([
  [signIn({}), "sign-in-failed"],
  [JSON.stringify(signIn({})), "sign-in-failed"],
  [signIn({ eventType: "PasswordChange", eventResponse: "Pass" }), "password-changed"],
  [signIn({ eventType: "ForgotPassword", eventResponse: "Pass" }), "password-changed"],
])("W8 %j is noted as %s", (message, what) => {
  expect(activityIn(delivered(record(message)))).toEqual([
    { what, userName: "karima", source: "192.0.2.7", event: "b1b1" },
  ]);
});

it.each([
  record(signIn({ eventResponse: "Pass" })),
  record(signIn({ eventResponse: "InProgress" })),
  record(signIn({ eventType: "SignUp" })),
  record(signIn({ eventType: "ForgotPassword" })),
  record("no JSON"),
  record({}),
  "CWL CONTROL MESSAGE: Checking health of destination",
  "",
])("W8 nothing is noted of %s, and what stands beside it is", (other) => {
  const events = activityIn(delivered(other, record(signIn({ eventId: "c2c2" }))));
  expect(events.map(({ event }) => event)).toEqual(["c2c2"]);
});

describe("W8 W14 what a user pool tells of stands in the security log", () => {
  let test: TestServices;
  beforeAll(async () => {
    test = await testServices();
  });
  afterAll(() => test.close());

  it("once, under the name of somebody, and without what was typed where it is nobody's", async () => {
    const told = delivered(
      record(signIn({ eventId: "d1", userName: " OPERATOR " })),
      record(signIn({ eventId: "d2", userName: "my-secret-password" })),
      record(signIn({ eventId: "d3", userName: "" })),
    );
    await noteActivity(test.services, told);
    await noteActivity(test.services, told);
    // Of events without an id nobody knows that they are one.
    const unnumbered = delivered(record(signIn({ eventId: undefined, userName: "operator" })));
    await noteActivity(test.services, unnumbered);
    await noteActivity(test.services, unnumbered);
    await noteActivity(
      test.services,
      delivered(
        record(
          signIn({
            eventId: "d4",
            userName: "approver",
            eventType: "PasswordChange",
            eventResponse: "Pass",
          }),
        ),
      ),
    );
    expect(
      await test.query(
        "select actor, action, details from wavegate.security_log where action in ('sign-in-failed', 'password-changed') order by seq",
      ),
    ).toEqual([
      {
        actor: "operator",
        action: "sign-in-failed",
        details: { source: "192.0.2.7", event: "d1" },
      },
      {
        actor: "somebody unknown",
        action: "sign-in-failed",
        details: { source: "192.0.2.7", event: "d2" },
      },
      {
        actor: "somebody unknown",
        action: "sign-in-failed",
        details: { source: "192.0.2.7", event: "d3" },
      },
      ...[1, 2].map(() => ({
        actor: "operator",
        action: "sign-in-failed",
        details: { source: "192.0.2.7", event: "" },
      })),
      {
        actor: "approver",
        action: "password-changed",
        details: { source: "192.0.2.7", event: "d4" },
      },
    ]);
  });
});
