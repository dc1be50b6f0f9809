import { ListStateMachinesCommand } from "@aws-sdk/client-sfn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
