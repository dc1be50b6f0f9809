import { expect, it } from "vitest";
import { askToStart } from "../../lib/cli/ask-to-start.ts";
import type { Aws } from "../../lib/cli/aws.ts";
import { startExecution } from "../../lib/console/start-execution.ts";
import type { Services } from "../../lib/services/services.ts";

/** Nothing of it is reached before the caller and the request are known. */
const services = {} as Services;
const known = { authorizer: { iam: { userArn: "arn:aws:iam::000000000000:user/sara" } } };

it("W8 D36 whoever is not vouched for starts nothing", async () => {
  for (const requestContext of [{}, { authorizer: {} }, { authorizer: { iam: {} } }]) {
    const { statusCode, body = "" } = await startExecution(services, {
      requestContext,
      body: JSON.stringify({ machine: "rollback", about: "rollback", input: {} }),
    });
    expect(statusCode).toBe(401);
    expect(JSON.parse(body)).toMatchObject({ error: "NotIdentified" });
  }
});

it.each(["", "not json", "[]", '{"machine":"another"}'])(
  "W13 a request that is none is refused in a sentence: %s",
  async (body) => {
    const refused = await startExecution(services, { requestContext: known, body });
    expect(refused.statusCode).toBe(400);
    expect(JSON.parse(refused.body ?? "")).toMatchObject({
      error: "InputInvalid",
      message: expect.stringMatching(/Nothing was started\.$/),
    });
  },
);

it("W13 a terminal that reaches nobody says that it is not known whether it was started", async () => {
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
});
