import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { mockClient } from "aws-sdk-client-mock";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { settingOfOutput, settingsOfStack } from "../../lib/cli/aws-stack.ts";

const formation = mockClient(CloudFormationClient);
const client = () => new CloudFormationClient({ region: "eu-west-3" });

beforeEach(() => formation.reset());
afterAll(() => formation.restore());

const stack = (StackStatus: "CREATE_COMPLETE" | "UPDATE_IN_PROGRESS" | "ROLLBACK_COMPLETE") =>
  formation.on(DescribeStacksCommand, { StackName: "wavegate" }).resolves({
    Stacks: [
      {
        StackName: "wavegate",
        CreationTime: new Date(0),
        StackStatus,
        Outputs: [
          {
            OutputKey: "ClusterArn",
            OutputValue: "arn:aws:rds:eu-west-3:111122223333:cluster:platform",
          },
          {
            OutputKey: "MigrationMachineArn",
            OutputValue: "arn:aws:states:eu-west-3:111122223333:stateMachine:wavegate-migration",
          },
          {
            OutputKey: "SignOffUrl",
            OutputValue: "https://abc.execute-api.eu-west-3.amazonaws.com",
          },
        ],
      },
    ],
  });

describe("the settings of a deployment, from its stack", () => {
  it("are its outputs, and its region", async () => {
    stack("CREATE_COMPLETE");
    expect(await settingsOfStack("wavegate", client())).toEqual({
      AWS_REGION: "eu-west-3",
      WAVEGATE_CLUSTER_ARN: "arn:aws:rds:eu-west-3:111122223333:cluster:platform",
      WAVEGATE_MIGRATION_MACHINE_ARN:
        "arn:aws:states:eu-west-3:111122223333:stateMachine:wavegate-migration",
      WAVEGATE_SIGN_OFF_URL: "https://abc.execute-api.eu-west-3.amazonaws.com",
    });
  });

  it.each([
    ["StageSecretArn", "WAVEGATE_STAGE_SECRET_ARN"],
    ["EvidenceBucket", "WAVEGATE_EVIDENCE_BUCKET"],
    ["Database", "WAVEGATE_DATABASE"],
    ["UserPoolClientId", "WAVEGATE_USER_POOL_CLIENT_ID"],
  ])("the output %s is the setting %s", (key, setting) => {
    expect(settingOfOutput(key)).toBe(setting);
  });

  it.each(["UPDATE_IN_PROGRESS", "ROLLBACK_COMPLETE"] as const)(
    "W13 are not taken from a stack that is %s",
    async (status) => {
      stack(status);
      await expect(settingsOfStack("wavegate", client())).rejects.toMatchObject({
        name: "StackNotReady",
        message: `The stack wavegate in eu-west-3 is ${status}. Nothing was written; look at it in CloudFormation and try again when it is complete.`,
      });
    },
  );

  it("W13 a stack that is not there is named with its region", async () => {
    formation.on(DescribeStacksCommand).rejects(
      Object.assign(new Error("Stack with id wavegat does not exist"), {
        name: "ValidationError",
      }),
    );
    await expect(settingsOfStack("wavegat", client())).rejects.toMatchObject({
      name: "StackNotFound",
      message:
        "There is no stack wavegat in eu-west-3. Nothing was written; name another with --stack NAME, or another region with AWS_REGION.",
    });
  });

  it("W13 a profile that may not look is told which permission it lacks", async () => {
    formation
      .on(DescribeStacksCommand)
      .rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
    await expect(settingsOfStack("wavegate", client())).rejects.toMatchObject({
      name: "StackUnreadable",
      message:
        "The stack wavegate in eu-west-3 cannot be read (AccessDenied). Nothing was written; check the profile and that it may call cloudformation:DescribeStacks.",
    });
  });

  it("credentials that are missing stay what they are: the CLI has words for them", async () => {
    formation
      .on(DescribeStacksCommand)
      .rejects(Object.assign(new Error("none"), { name: "CredentialsProviderError" }));
    await expect(settingsOfStack("wavegate", client())).rejects.toMatchObject({
      name: "CredentialsProviderError",
    });
  });
});
