import { CloudTrailClient, LookupEventsCommand } from "@aws-sdk/client-cloudtrail";
import { RedriveExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask, chain, PREFIX, StandIn } from "./stand-in.ts";

let standIn: StandIn;
beforeEach(async () => {
  standIn = await StandIn.start({ gate: chain({ Gate: ask("send") }) }, { send: () => {} });
});
afterEach(() => standIn.close());

function lookUp(input: object) {
  const client = new CloudTrailClient({
    endpoint: standIn.service.url,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  return client.send(new LookupEventsCommand(input));
}

function callAs(name: string) {
  standIn.client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-caller"] = name;
      return next(args);
    },
    { step: "build", name: "caller", override: true },
  );
}

const byExecution = (AttributeValue: string) => ({
  LookupAttributes: [{ AttributeKey: "ResourceName" as const, AttributeValue }],
});

describe("W8 the trail of who did what", () => {
  it("tells who started, stopped and redrove an execution, the latest first", async () => {
    callAs("kamel");
    const executionArn = await standIn.begin("gate", { secret: 1 }, "one");
    callAs("samira");
    await standIn.client.send(new StopExecutionCommand({ executionArn }));
    await standIn.client.send(new RedriveExecutionCommand({ executionArn }));
    const { Events } = await lookUp(byExecution(executionArn));
    expect(Events?.map((event) => [event.EventName, event.Username])).toEqual([
      ["RedriveExecution", "samira"],
      ["StopExecution", "samira"],
      ["StartExecution", "kamel"],
    ]);
    const started = Events?.[2];
    expect(started?.EventTime).toBeInstanceOf(Date);
    const document = JSON.parse(String(started?.CloudTrailEvent));
    expect(document).toMatchObject({
      eventName: "StartExecution",
      eventSource: "states.amazonaws.com",
      userIdentity: { userName: "kamel" },
      requestParameters: {
        stateMachineArn: `${PREFIX}:stateMachine:gate`,
        name: "one",
        input: "HIDDEN_DUE_TO_SECURITY_REASONS",
      },
      responseElements: { executionArn },
    });
  });

  it("records nothing for a call that was refused", async () => {
    await expect(standIn.begin("gate", {}, "not a name")).rejects.toMatchObject({
      name: "InvalidName",
    });
    await expect(standIn.begin("nobody", {}, "one")).rejects.toMatchObject({
      name: "StateMachineDoesNotExist",
    });
    expect((await lookUp({})).Events).toEqual([]);
  });

  it("keeps each caller of a start that was asked for twice", async () => {
    callAs("kamel");
    const arn = await standIn.begin("gate", {}, "one");
    callAs("samira");
    await standIn.begin("gate", {}, "one");
    const { Events } = await lookUp(byExecution(arn));
    expect(Events?.map((event) => event.Username)).toEqual(["samira", "kamel"]);
  });

  it("looks up by name, by time and page by page", async () => {
    for (const name of ["a", "b", "c"]) await standIn.begin("gate", {}, name);
    const byName = {
      LookupAttributes: [{ AttributeKey: "EventName" as const, AttributeValue: "StartExecution" }],
    };
    const first = await lookUp({ ...byName, MaxResults: 2 });
    expect(first.Events).toHaveLength(2);
    const second = await lookUp({ ...byName, MaxResults: 2, NextToken: first.NextToken });
    expect(second.Events).toHaveLength(1);
    expect(second.NextToken).toBeUndefined();
    expect((await lookUp({ EndTime: new Date("2020-01-01") })).Events).toEqual([]);
    expect((await lookUp({ StartTime: new Date("2020-01-01") })).Events).toHaveLength(3);
  });

  it("takes one attribute at most, as AWS does", async () => {
    const attribute = { AttributeKey: "EventName" as const, AttributeValue: "StartExecution" };
    await expect(lookUp({ LookupAttributes: [attribute, attribute] })).rejects.toMatchObject({
      name: "InvalidLookupAttributesException",
    });
  });

  it.each([
    [
      { StartTime: new Date("2026-01-02"), EndTime: new Date("2026-01-01") },
      "InvalidTimeRangeException",
      "The start time must be before the end time.",
    ],
    [
      { EventCategory: "management" },
      "InvalidEventCategoryException",
      "There is no event category management.",
    ],
    [
      { MaxResults: 51 },
      "InvalidMaxResultsException",
      "The number of results must be from 1 to 50.",
    ],
  ])("refuses %j", async (input, name, message) => {
    await expect(lookUp(input)).rejects.toMatchObject({ name, message });
  });

  it("is still there after a restart", async () => {
    callAs("kamel");
    const arn = await standIn.begin("gate", {}, "one");
    await standIn.rest();
    await standIn.open();
    const { Events } = await lookUp(byExecution(arn));
    expect(Events?.map((event) => event.Username)).toEqual(["kamel"]);
  });
});
