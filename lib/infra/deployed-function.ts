import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { ISecurityGroup, ISubnet, IVpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import {
  type FunctionName,
  functions,
  MEMORY_GIVEN_BACK,
  pascalCase,
  SEMI_SPACE_MIB,
  type Use,
  usesOf,
} from "./functions.ts";
import { type Reach, statementsFor } from "./grants.ts";
import type { Settings } from "./settings.ts";

/** What every function of a deployment has in common. */
export interface Ground {
  readonly settings: Settings;
  /** Folder of each function's bundle. */
  readonly bundles: Readonly<Record<FunctionName, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly reach: Reach;
  readonly logKey: IKey;
  readonly network: {
    readonly vpc: IVpc;
    readonly subnets: ISubnet[];
    readonly securityGroup: ISecurityGroup;
    /** Settings of the SDK for functions inside. */
    readonly addresses: Readonly<Record<string, string>>;
  };
}

/** One function with a role of its own that allows what the function uses, and nothing else. */
export class DeployedFunction extends Construct {
  readonly function: LambdaFunction;

  constructor(
    scope: Construct,
    name: FunctionName,
    ground: Ground,
    own: Record<string, string> = {},
  ) {
    super(scope, pascalCase(name));
    const { settings, bundles, environment, reach, logKey, network } = ground;
    const plan = functions[name];
    const uses = usesOf(name);
    const inside = uses.includes("source");
    const logGroup = new LogGroup(this, "Log", {
      retention: settings.logDays,
      encryptionKey: logKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.function = new LambdaFunction(this, "Function", {
      description: plan.says,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundles[name]),
      handler: `bundle/${name}.handler`,
      memorySize: plan.memory,
      timeout: Duration.minutes(plan.minutes),
      role: this.makeRole(name, logGroup, inside),
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      environment: {
        ...environment,
        ...own,
        ...(uses.includes("tokens")
          ? { WAVEGATE_TOKEN_KEY_SECRET_ARN: reach.secrets.token.arn }
          : {}),
        ...(uses.includes("stamps")
          ? { WAVEGATE_STAMP_KEY_SECRET_ARN: reach.secrets.stamp.arn }
          : {}),
        ...(uses.includes("signatures") ? { WAVEGATE_SIGNING_KEY_ARN: reach.signingKeyArn } : {}),
        ...(inside
          ? { WAVEGATE_LEGACY_SECRET_ARN: reach.secrets.legacy.arn, ...network.addresses }
          : {}),
        ...rolesGiven(uses, reach),
        ...MEMORY_GIVEN_BACK,
        NODE_OPTIONS: `--enable-source-maps --max-semi-space-size=${SEMI_SPACE_MIB}`,
      },
      ...(inside
        ? {
            vpc: network.vpc,
            vpcSubnets: { subnets: network.subnets },
            securityGroups: [network.securityGroup],
          }
        : {}),
    });
    for (const use of uses) {
      for (const statement of statementsFor(this, use, reach)) {
        this.function.addToRolePolicy(statement);
      }
    }
  }

  private makeRole(name: FunctionName, logGroup: LogGroup, inside: boolean): Role {
    const role = new Role(this, "Role", {
      description: `The function ${name} of ${Stack.of(this).stackName}`,
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    const allow = (actions: string[], resource: string) =>
      role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], logGroup.logGroupArn);
    // Neither X-Ray nor network interfaces that do not exist yet can be named.
    allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*");
    if (inside) {
      allow(
        [
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses",
        ],
        "*",
      );
    }
    return role;
  }
}

/** The secrets of the database roles that a function uses; the set-up gives every role its password. */
function rolesGiven(uses: readonly Use[], { secrets }: Reach): Record<string, string> {
  const all = uses.includes("admin");
  const commits = Object.entries(secrets.commit).map(([name, { arn }]) => `${name}=${arn}`);
  return {
    ...(all ? { WAVEGATE_ADMIN_SECRET_ARN: secrets.admin.arn } : {}),
    ...(all ? { WAVEGATE_OPERATOR_SECRET_ARN: secrets.operator.arn } : {}),
    ...(all || uses.includes("stage") ? { WAVEGATE_STAGE_SECRET_ARN: secrets.stage.arn } : {}),
    ...(all || uses.includes("sign") ? { WAVEGATE_SIGN_SECRET_ARN: secrets.sign.arn } : {}),
    ...(secrets.serve && (all || uses.includes("serve"))
      ? { WAVEGATE_SERVE_SECRET_ARN: secrets.serve.arn }
      : {}),
    ...(all || uses.includes("commit") ? { WAVEGATE_COMMIT_SECRET_ARNS: commits.join(",") } : {}),
  };
}
