import { Stack } from "aws-cdk-lib";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { output } from "./database.ts";
import { executionsOf, type Reach, statementsFor } from "./grants.ts";

/** What the CLI calls on an operator's behalf, for an administrator to attach to people's roles. */
export class Operators extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { reach, signed }: { readonly reach: Reach; readonly signed: readonly string[] },
  ) {
    super(scope, id);
    const machines = Object.values(reach.machines);
    const { partition, region, account, stackName } = Stack.of(this);
    const policy = new ManagedPolicy(this, "Policy", {
      description: `Operate ${stackName}: start and look; decide nothing`,
      statements: [
        // The ways the CLI takes: the function behind each checks the person's permission.
        new PolicyStatement({ actions: ["execute-api:Invoke"], resources: [...signed] }),
        new PolicyStatement({
          actions: [
            "states:DescribeStateMachine",
            "states:ListExecutions",
            "states:ListTagsForResource",
            "states:StartExecution",
          ],
          resources: machines,
        }),
        // Without the list of machines the console shows nobody the way to theirs.
        new PolicyStatement({ actions: ["states:ListStateMachines"], resources: ["*"] }),
        new PolicyStatement({
          actions: [
            "states:DescribeExecution",
            "states:DescribeStateMachineForExecution",
            "states:GetExecutionHistory",
          ],
          resources: machines.map(executionsOf),
        }),
        new PolicyStatement({
          actions: ["cloudformation:DescribeStacks"],
          resources: [`arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/*`],
        }),
        new PolicyStatement({
          actions: ["s3:GetObject", "s3:GetObjectVersion"],
          resources: [`${reach.evidence.bucketArn}/runs/*`],
        }),
        // Whether anything was ever put on top of evidence is seen in its versions.
        new PolicyStatement({
          actions: ["s3:ListBucketVersions"],
          resources: [reach.evidence.bucketArn],
          conditions: { StringLike: { "s3:prefix": "runs/*" } },
        }),
        new PolicyStatement({
          actions: ["kms:Decrypt"],
          resources: [reach.evidence.keyArn],
          conditions: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
        }),
        new PolicyStatement({ actions: ["kms:GetPublicKey"], resources: [reach.signingKeyArn] }),
        ...statementsFor(this, "evidence list", reach),
        ...statementsFor(this, "operator", reach),
      ],
    });
    output(this, "OperatorPolicyArn", policy.managedPolicyArn);
  }
}
