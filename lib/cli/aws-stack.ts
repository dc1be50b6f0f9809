import {
  CloudFormationClient,
  DescribeStacksCommand,
  type Stack,
} from "@aws-sdk/client-cloudformation";
import { CannotRun } from "./failure.ts";

/** The stack a command means when nobody names one. */
export const defaultStack = "wavegate";

const settled =
  /^(?:CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$|_CLEANUP_IN_PROGRESS$/u;

/**
 * The settings of a deployment, from the outputs of its stack: the output `ClusterArn` is the
 * setting `WAVEGATE_CLUSTER_ARN`, and `AWS_REGION` is the region the stack was found in. Profile,
 * region and credentials come from the SDK's ordinary chain. Errors: {@link CannotRun} with
 * `StackNotFound`, `StackNotReady` or `StackUnreadable`; nothing is written.
 */
export async function settingsOfStack(
  name: string,
  client = new CloudFormationClient(),
): Promise<Record<string, string>> {
  const region = await regionOf(client);
  const stack = await describe(client, name, region);
  const status = stack.StackStatus ?? "unknown";
  if (!settled.test(status)) {
    throw new CannotRun(
      "StackNotReady",
      `The stack ${name} in ${region} is ${status}. Nothing was written; look at it in CloudFormation and try again when it is complete.`,
    );
  }
  const settings: Record<string, string> = { AWS_REGION: region };
  for (const { OutputKey: key, OutputValue: value } of stack.Outputs ?? []) {
    if (key && value) settings[settingOfOutput(key)] = value;
  }
  return settings;
}

/** Failures that the CLI has words of its own for. */
const passedOn = new Set([
  "CredentialsProviderError",
  "ExpiredToken",
  "ExpiredTokenException",
  "TimeoutError",
]);

/** `StageSecretArn` → `WAVEGATE_STAGE_SECRET_ARN`. */
export const settingOfOutput = (key: string): string =>
  `WAVEGATE${key.replaceAll(/[A-Z][a-z0-9]*/gu, (word) => `_${word.toUpperCase()}`)}`;

async function regionOf(client: CloudFormationClient): Promise<string> {
  try {
    return await client.config.region();
  } catch {
    throw new CannotRun(
      "SettingsMissing",
      "It is not known in which region the stack is. Nothing was written; set AWS_REGION, for example AWS_REGION=eu-west-3, or a region in the profile.",
    );
  }
}

async function describe(
  client: CloudFormationClient,
  name: string,
  region: string,
): Promise<Stack> {
  try {
    const { Stacks: [stack] = [] } = await client.send(
      new DescribeStacksCommand({ StackName: name }),
    );
    if (stack) return stack;
  } catch (error) {
    if (!(error instanceof Error) || passedOn.has(error.name)) throw error;
    if (!/does not exist/u.test(error.message)) {
      throw new CannotRun(
        "StackUnreadable",
        `The stack ${name} in ${region} cannot be read (${error.name}). Nothing was written; check the profile and that it may call cloudformation:DescribeStacks.`,
      );
    }
  }
  throw new CannotRun(
    "StackNotFound",
    `There is no stack ${name} in ${region}. Nothing was written; name another with --stack NAME, or another region with AWS_REGION.`,
  );
}
