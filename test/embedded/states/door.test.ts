import { ListStateMachinesCommand } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { inputs } from "../../../lib/embedded/states/model.ts";
import { startStatesService } from "../../../lib/embedded/states/service.ts";
import { chain, clientOf, StandIn } from "./stand-in.ts";

let standIn: StandIn;
beforeEach(async () => {
  standIn = await StandIn.start({});
});
afterEach(() => standIn.close());

describe("the door", () => {
  it("refuses with the name that authentication throws", async () => {
    const service = await startStatesService({
      directory: `${standIn.directory}/other`,
      machines: {},
      invoke: async () => null,
      authenticate: async () => {
        throw Object.assign(new Error("Who are you?"), { name: "UnrecognizedClientException" });
      },
    });
    const client = clientOf(service.url);
    await expect(client.send(new ListStateMachinesCommand({}))).rejects.toMatchObject({
      name: "UnrecognizedClientException",
      message: "Who are you?",
      $metadata: { httpStatusCode: 400 },
    });
    await service.close();
  });

  it.each(["", "[]", "nonsense"])(
    "answers the body %j with a refusal, not a crash",
    async (body) => {
      const response = await fetch(standIn.service.url, {
        method: "POST",
        body,
        headers: { "x-amz-target": "AWSStepFunctions.DescribeExecution" },
      });
      expect(response.status).toBe(400);
      expect(response.headers.get("x-amzn-errortype")).toBe(
        body === "" ? "ValidationException" : "SerializationException",
      );
    },
  );

  it.each(
    Object.entries(inputs).flatMap(([target, { members }]) =>
      Object.keys(members)
        .filter((member) => /Arn$/.test(member) && member !== "mapRunArn")
        .map((member) => [target, member] as const),
    ),
  )("W2 %s takes no %s of another region, partition or account", async (target, member) => {
    const of = (partition: string, region: string, account: string) =>
      `arn:${partition}:states:${region}:${account}:` +
      (member === "executionArn" ? "execution:machine:one" : "stateMachine:machine");
    const ask = async (arn: string) => {
      const response = await fetch(standIn.service.url, {
        method: "POST",
        body: JSON.stringify({ [member]: arn }),
        headers: { "x-amz-target": target },
      });
      return response.headers.get("x-amzn-errortype");
    };
    const asked = ["", "arn", "arn:aws:states:us-east-1:000000000000:activity:machine"].map(ask);
    expect(await Promise.all(asked)).toEqual(["ValidationException", "InvalidArn", "InvalidArn"]);
    expect(await ask(of("aws", "eu-west-3", "000000000000"))).toBe("InvalidArn");
    expect(await ask(of("aws-cn", "us-east-1", "000000000000"))).toBe("InvalidArn");
    expect(await ask(of("aws-us-gov", "us-east-1", "000000000000"))).toBe("InvalidArn");
    expect(await ask(of("aws", "us-east-1", "111122223333"))).toBe("AccessDeniedException");
    expect(await ask(of("aws", "us-east-1", ""))).toBe("InvalidArn");
    expect(await ask(of("aws", "us-east-1", "12345"))).toBe("InvalidArn");
  });

  it("refuses a request that is far too large", async () => {
    const response = await fetch(standIn.service.url, {
      method: "POST",
      body: "x".repeat(3_000_000),
      headers: { "x-amz-target": "AWSStepFunctions.StartExecution" },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: "ValidationException" });
  });

  it("does not start with a machine that it could not run as AWS would", async () => {
    const begin = (machine: object) =>
      startStatesService({
        directory: `${standIn.directory}/other`,
        machines: { machine: machine as never },
        invoke: async () => null,
        authenticate: async () => "tester",
      });
    const same = chain({ Same: { Type: "Pass" } });
    await expect(begin({ ...same, QueryLanguage: "JSONata" })).rejects.toThrow(/JSONata/);
    const distributed = {
      ...same,
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    };
    await expect(
      begin(chain({ Each: { Type: "Map", ItemProcessor: distributed } })),
    ).rejects.toThrow(/DISTRIBUTED/);
    await expect(
      begin(chain({ Each: { Type: "Map", ItemProcessor: same, ToleratedFailureCount: 3 } })),
    ).rejects.toThrow(/ToleratedFailureCount/);
    await expect(
      begin(
        chain({ Each: { Type: "Map", ItemProcessor: same, ItemBatcher: { MaxItemsPerBatch: 3 } } }),
      ),
    ).rejects.toThrow(/ItemBatcher/);
    const sqs = "arn:aws:states:::sqs:sendMessage";
    await expect(begin(chain({ Send: { Type: "Task", Resource: sqs } }))).rejects.toThrow(/sqs/);
  });
});
