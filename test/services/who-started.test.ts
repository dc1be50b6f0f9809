import {
  CloudTrailClient,
  type Event,
  type LookupAttribute,
  LookupEventsCommand,
} from "@aws-sdk/client-cloudtrail";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { whoStarted } from "../../lib/services/who-started.ts";
import { ask, chain, PREFIX, StandIn } from "../embedded/states/stand-in.ts";

let standIn: StandIn;
beforeEach(async () => {
  standIn = await StandIn.start({ gate: chain({ Gate: ask("send") }) }, { send: () => {} });
});
afterEach(() => standIn.close());

const trailOf = (endpoint: string) =>
  new CloudTrailClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });

function callAs(name: string): void {
  standIn.client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-caller"] = name;
      return next(args);
    },
    { step: "build", name: "caller", override: true },
  );
}

/** The same folder, and a trail with other habits. */
async function open(trail: StandIn["trail"]): Promise<void> {
  await standIn.rest();
  standIn.trail = trail;
  await standIn.open();
}

const asked = (arn: string, recordedAt = new Date()) =>
  whoStarted(trailOf(standIn.service.url), arn, recordedAt);

describe.each([
  { says: "lists the execution as a resource", listsExecutions: true },
  { says: "lists the machine alone", listsExecutions: false },
])("W8 who started a run, where CloudTrail $says", ({ listsExecutions }) => {
  beforeEach(() => open({ listsExecutions }));

  it("is found among other starts, on whichever page", async () => {
    callAs("somebody else");
    for (let n = 0; n < 7; n += 1) await standIn.begin("gate", {}, `before-${n}`);
    callAs("kamel");
    const arn = await standIn.begin("gate", {}, "the-one");
    callAs("somebody else");
    // More than a page of fifty came after it.
    for (let n = 0; n < 60; n += 1) await standIn.begin("gate", {}, `after-${n}`);
    expect(await asked(arn)).toBe("kamel");
  });

  it("is who asked first, when the same start was asked for twice", async () => {
    callAs("kamel");
    const arn = await standIn.begin("gate", { n: 1 }, "twice");
    callAs("samira");
    await standIn.begin("gate", { n: 1 }, "twice");
    expect(await asked(arn)).toBe("kamel");
  });

  it("is nobody for an execution whose name only begins like another's", async () => {
    callAs("kamel");
    await standIn.begin("gate", {}, "one-and-more");
    expect(await asked(`${PREFIX}:execution:gate:one`)).toBeUndefined();
  });

  it("is not known before CloudTrail tells, and known then", async () => {
    await open({ listsExecutions, lateMs: 15 * 60_000 });
    callAs("kamel");
    const began = new Date();
    const arn = await standIn.begin("gate", {}, "late");
    expect(await asked(arn, began)).toBeUndefined();
    standIn.ahead = 14 * 60_000;
    expect(await asked(arn, began)).toBeUndefined();
    standIn.ahead = 16 * 60_000;
    expect(await asked(arn, began)).toBe("kamel");
  });

  it("is found by a run that was recorded minutes later, while a database woke", async () => {
    callAs("kamel");
    const arn = await standIn.begin("gate", {}, "slow");
    expect(await asked(arn, new Date(Date.now() + 14 * 60_000))).toBe("kamel");
  });
});

describe("W8 who started a run, from what AWS sends", () => {
  const arn = "arn:aws:states:eu-west-3:111122223333:execution:wavegate-migration:run-1";
  const event = (username: string, at: string, document: object): Event => ({
    EventName: "StartExecution",
    Username: username,
    EventTime: new Date(at),
    CloudTrailEvent: JSON.stringify({ eventName: "StartExecution", ...document }),
  });
  const answering = (answer: (by: LookupAttribute) => Event[]) => {
    const client = new CloudTrailClient({ region: "eu-west-3" });
    mockClient(client)
      .on(LookupEventsCommand)
      .callsFake(({ LookupAttributes }) => ({ Events: answer(LookupAttributes[0]) }));
    return client;
  };
  const recorded = new Date("2026-11-20T10:00:30Z");

  it("takes no attempt that was refused for the start", async () => {
    const client = answering(() => [
      event("samira", "2026-11-20T09:59:00Z", {
        errorCode: "AccessDenied",
        responseElements: null,
      }),
      event("kamel", "2026-11-20T10:00:00Z", { responseElements: { executionArn: arn } }),
    ]);
    expect(await whoStarted(client, arn, recorded)).toBe("kamel");
  });

  it("takes no start of another execution, though the resource's name led to it", async () => {
    const client = answering(() => [
      event("samira", "2026-11-20T10:00:00Z", { responseElements: { executionArn: `${arn}0` } }),
    ]);
    expect(await whoStarted(client, arn, recorded)).toBeUndefined();
  });

  it("asks by name within a window around the run's record, and by one attribute at a time", async () => {
    const client = answering(() => []);
    await whoStarted(client, arn, recorded);
    const calls = mockClientCalls(client);
    expect(calls).toEqual([
      {
        LookupAttributes: [{ AttributeKey: "ResourceName", AttributeValue: arn }],
        StartTime: new Date("2026-11-20T09:45:30Z"),
        EndTime: new Date("2026-11-20T10:01:30Z"),
      },
      {
        LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "StartExecution" }],
        StartTime: new Date("2026-11-20T09:45:30Z"),
        EndTime: new Date("2026-11-20T10:01:30Z"),
      },
    ]);
  });
});

/** What was sent through a client that is mocked already. */
function mockClientCalls(client: CloudTrailClient): object[] {
  const { send } = client as unknown as {
    send: { getCalls(): { args: [{ input: Record<string, unknown> }] }[] };
  };
  return send.getCalls().map(({ args }) => {
    const { NextToken: _, ...input } = args[0].input;
    return input;
  });
}
