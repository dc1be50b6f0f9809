import { CfnResource, type Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { settingOfOutput } from "../../lib/cli/aws-stack.ts";
import { wildcards } from "../../lib/infra/acknowledgements.ts";
import { checkSettings } from "../../lib/infra/check-settings.ts";
import { definitionOf, definitionText, machineNames } from "../../lib/infra/definitions.ts";
import { pascalCase } from "../../lib/infra/functions.ts";
import { flat, permissionsOfPolicy, permissionsOfRole } from "../../lib/infra/template.ts";
import { deployment, deployments, newApp, ofType, wanted } from "./templates.ts";

describe.each(deployments)("the deployment %s", (name) => {
  const made = deployment(name);
  const { template, stack } = made;
  const settings = checkSettings(wanted[name], ["ecoin"]);

  it("gives each state machine exactly its functions, machines and substitutions", () => {
    for (const machine of machineNames) {
      const { functions, machines } = definitionOf(machine);
      const [, { Properties }] =
        ofType(made, "AWS::StepFunctions::StateMachine").find(([id]) =>
          id.startsWith(`Workflow${pascalCase(machine)}`),
        ) ?? fail(machine);
      const substituted = Object.keys(Properties.DefinitionSubstitutions as object).sort();
      const inFile = [
        ...new Set([...definitionText(machine).matchAll(/\$\{(\w+)\}/g)].map(([, word]) => word)),
      ].sort();
      expect(substituted).toEqual(inFile);

      const role = flat(Properties.RoleArn).split(".")[0] as string;
      const permissions = permissionsOfRole(made.resources, role);
      const invoked = permissions
        .filter(({ action }) => action === "lambda:InvokeFunction")
        .map(({ resource }) => resource);
      expect(invoked).toHaveLength(functions.length);
      for (const each of functions) {
        expect(
          invoked.some((resource) => resource.startsWith(`Functions${pascalCase(each)}Function`)),
        ).toBe(true);
      }
      const started = permissions.filter(({ action }) => action === "states:StartExecution");
      expect(started.map(({ resource }) => resource.split(`${settings.name}-`).at(-1))).toEqual(
        machines,
      );
    }
  });

  it("logs executions whole, without their payloads, and traces them", () => {
    template.resourceCountIs("AWS::StepFunctions::StateMachine", 3);
    template.allResourcesProperties("AWS::StepFunctions::StateMachine", {
      LoggingConfiguration: { IncludeExecutionData: false, Level: "ALL" },
      TracingConfiguration: { Enabled: true },
    });
  });

  it("has no wildcard in a policy without a reason, and no reason without a wildcard", () => {
    const [bucket = ""] =
      ofType(made, "AWS::S3::Bucket").find(([, { Properties }]) => Properties.ObjectLockEnabled) ??
      [];
    const listed = wildcards(
      `${bucket}.Arn`,
      {
        stack: settings.name,
        region: settings.region,
        account: settings.account ?? "AWS::AccountId",
      },
      settings,
    );
    const reasons = new Set(listed.map(({ at, resource }) => `${at} ${resource}`));
    const found = new Set(
      [...ofType(made, "AWS::IAM::Policy"), ...ofType(made, "AWS::IAM::ManagedPolicy")].flatMap(
        ([id, policy]) =>
          permissionsOfPolicy(policy)
            // Conditions on the log group's own ARN end in `:*` by its nature.
            .filter(
              ({ resource }) => resource.includes("*") && !/Log[0-9A-F]{8}\.Arn$/.test(resource),
            )
            .map(({ resource }) => `${placeOf(stack, id)} ${resource}`),
      ),
    );
    expect([...found].sort()).toEqual([...reasons].sort());
  });

  it("has no action with a wildcard, in any policy", () => {
    const actions = [
      ...ofType(made, "AWS::IAM::Policy"),
      ...ofType(made, "AWS::IAM::ManagedPolicy"),
    ].flatMap(([, policy]) => permissionsOfPolicy(policy).map(({ action }) => action));
    expect(actions.filter((action) => action.includes("*"))).toEqual([]);
    template.allResourcesProperties("AWS::IAM::Role", { ManagedPolicyArns: Match.absent() });
  });

  it("keeps evidence: locked, versioned, encrypted, over TLS, with accesses logged elsewhere", () => {
    template.hasResource("AWS::S3::Bucket", {
      DeletionPolicy: "Retain",
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: {
          Rule: {
            DefaultRetention:
              name === "prod"
                ? { Mode: "COMPLIANCE", Days: 3650 }
                : { Mode: "GOVERNANCE", Days: 1 },
          },
        },
        VersioningConfiguration: { Status: "Enabled" },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms" } },
          ],
        },
        LoggingConfiguration: { LogFilePrefix: "evidence/" },
      },
    });
    const locked = ofType(made, "AWS::S3::Bucket").filter(
      ([, { Properties }]) => Properties.ObjectLockEnabled,
    );
    expect(locked).toHaveLength(1);
    template.resourceCountIs("AWS::S3::Bucket", 2);
    template.allResourcesProperties("AWS::S3::BucketPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: "Deny",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          }),
        ]),
      },
    });
    template.allResourcesProperties("AWS::S3::Bucket", {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it("B11 signs bundles with a key that cannot leave KMS, is kept, and is named to operators", () => {
    template.hasResource("AWS::KMS::Key", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" },
    });
    expect(flat(template.findOutputs("SigningKeyArn").SigningKeyArn?.Value)).toMatch(
      /^EvidenceSigningKey[0-9A-F]{8}\.Arn$/,
    );
  });

  it("lets auditors read runs/ and nothing else", () => {
    const [role = ""] =
      ofType(made, "AWS::IAM::Role").find(([id]) => id.startsWith("EvidenceReader")) ?? [];
    const permissions = permissionsOfRole(made.resources, role);
    expect(permissions.map(({ action }) => action).sort()).toEqual([
      "kms:Decrypt",
      "kms:GetPublicKey",
      "s3:GetObject",
      "s3:GetObjectRetention",
      "s3:GetObjectVersion",
      "s3:ListBucket",
      "s3:ListBucketVersions",
    ]);
    for (const { action, resource, condition } of permissions) {
      if (action.startsWith("s3:Get")) expect(resource).toMatch(/\.Arn\/runs\/\*$/);
      if (action.startsWith("s3:List"))
        expect(condition).toBe('{"StringLike":{"s3:prefix":"runs/*"}}');
      if (action === "kms:GetPublicKey") expect(resource).toMatch(/^EvidenceSigningKey/);
      if (action === "kms:Decrypt") expect(condition).toContain("s3.eu-west-3.amazonaws.com");
    }
  });

  it("lets in only people whom an administrator added, with a second factor or from the directory", () => {
    template.hasResourceProperties("AWS::Cognito::UserPool", {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: "ON",
    });
    template.hasResourceProperties("AWS::Cognito::UserPoolClient", {
      GenerateSecret: false,
      AllowedOAuthFlows: ["code"],
      CallbackURLs: [Match.anyValue(), "http://localhost:20137/signed-in"],
      SupportedIdentityProviders: name === "prod" ? [Match.anyValue()] : ["COGNITO"],
    });
    const groups = ofType(made, "AWS::Cognito::UserPoolGroup").map(
      ([, { Properties }]) => Properties.GroupName,
    );
    expect(groups.sort()).toEqual([
      "legacy_imports.commit",
      "legacy_imports.review",
      "legacy_imports.rollback",
      "legacy_imports.run",
      "legacy_imports.validate",
      "legacy_imports.view",
    ]);
    template.resourceCountIs("AWS::Cognito::UserPoolIdentityProvider", name === "prod" ? 1 : 0);
  });

  it("W8 shows Cognito's own sign-in pages: the newer ones open for nobody before they are given a style", () => {
    template.hasResourceProperties("AWS::Cognito::UserPoolDomain", { ManagedLoginVersion: 1 });
    template.resourceCountIs("AWS::Cognito::ManagedLoginBranding", 0);
  });

  it("W8 writes no path and no query into the access log: a link is a secret", () => {
    const [, stage] = ofType(made, "AWS::ApiGatewayV2::Stage")[0] ?? fail("stage");
    const { Format } = stage.Properties.AccessLogSettings as { Format: string };
    expect(Object.values(JSON.parse(Format))).toEqual([
      "$context.requestTimeEpoch",
      "$context.requestId",
      "$context.identity.sourceIp",
      "$context.routeKey",
      "$context.status",
      "$context.responseLatency",
      "$context.error.message",
      // Of a function that was not called or did not end API Gateway's own error says “Internal Server Error” alone.
      "$context.integrationErrorMessage",
    ]);
    expect(stage.Properties.DefaultRouteSettings).toMatchObject({
      ThrottlingRateLimit: 10,
      ThrottlingBurstLimit: 30,
    });
  });

  it("reaches the legacy database and the services of AWS it calls from the network, and nothing else", () => {
    const egress = ofType(made, "AWS::EC2::SecurityGroupEgress").map(
      ([, { Properties }]) => Properties.FromPort,
    );
    const inline = ofType(made, "AWS::EC2::SecurityGroup").flatMap(
      ([, { Properties }]) =>
        (Properties.SecurityGroupEgress as { FromPort?: number; CidrIp?: string }[] | undefined) ??
        [],
    );
    const open = inline.filter(({ CidrIp }) => CidrIp === "0.0.0.0/0");
    expect(open).toEqual([]);
    const ports = [...egress, ...inline.map(({ FromPort }) => FromPort)].filter(
      (port) => port === 443 || port === 3306,
    );
    expect(ports.sort()).toEqual([3306, 443]);
    const services = ofType(made, "AWS::EC2::VPCEndpoint").map(([, { Properties }]) =>
      flat(Properties.ServiceName),
    );
    expect(services.sort()).toEqual([
      "com.amazonaws.eu-west-3.cloudtrail",
      "com.amazonaws.eu-west-3.rds-data",
      ...(name === "prod" ? ["com.amazonaws.eu-west-3.s3"] : []),
      "com.amazonaws.eu-west-3.secretsmanager",
    ]);
  });

  it("wakes people for what they have to do", () => {
    const alarms = ofType(made, "AWS::CloudWatch::Alarm");
    expect(alarms.map(([id]) => id.replace(/^Observability|[0-9A-F]{8}$/g, "")).sort()).toEqual([
      "AnswersFailed",
      "DataApiErrors",
      "Halted",
      "LookLost",
      "MigrationFailed",
      "MigrationFailedTimedOut",
      "NoteSignInLost",
      "PagesFail",
      "RollbackConflict",
      "RollbackFailed",
      "RollbackFailedTimedOut",
      "SignOffOld",
      "VerificationFailed",
      "WaitingLost",
      "WaveFailed",
      "WaveFailedTimedOut",
    ]);
    for (const [, { Properties }] of alarms) expect(Properties.AlarmActions).toHaveLength(1);
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      MetricName: "SignOffHours",
      Threshold: 24,
    });
  });

  it("says by its outputs everything that the CLI needs", () => {
    const settings = Object.keys(template.toJSON().Outputs).map(settingOfOutput);
    expect(settings).toEqual(
      expect.arrayContaining([
        "WAVEGATE_CLUSTER_ARN",
        "WAVEGATE_DATABASE",
        "WAVEGATE_OPERATOR_SECRET_ARN",
        "WAVEGATE_EVIDENCE_BUCKET",
        "WAVEGATE_MIGRATION_MACHINE_ARN",
        "WAVEGATE_WAVE_MACHINE_ARN",
        "WAVEGATE_ROLLBACK_MACHINE_ARN",
        "WAVEGATE_SIGN_OFF_URL",
        "WAVEGATE_SIGN_IN_PAGES",
        "WAVEGATE_TERMINAL_SITE",
        "WAVEGATE_USER_POOL_CLIENT_ID",
        "WAVEGATE_USER_POOL_ID",
      ]),
    );
    expect(
      settings.filter((each) => /STAGE_SECRET|COMMIT_SECRET|ADMIN_SECRET|TOKEN_KEY/.test(each)),
    ).toEqual([]);
  });

  it("W13 waits no hour for a function that does not answer a deployment, and not less than that may take", () => {
    const asked = Object.values(made.resources).filter(({ Type }) => Type.startsWith("Custom::"));
    expect(asked).toHaveLength(2);
    for (const { Properties } of asked) {
      const id = flat(Properties.ServiceToken).split(".")[0] as string;
      const seconds = made.resources[id]?.Properties.Timeout as number;
      expect(Number(Properties.ServiceTimeout)).toBeGreaterThan(seconds);
      expect(Number(Properties.ServiceTimeout)).toBeLessThan(900);
    }
  });

  it("sets the database up at each deployment that changes it", () => {
    template.hasResourceProperties("Custom::WavegateDatabase", {
      Migrations: ["ecoin"],
      PlatformSchema: name === "default" ? "made for trials" : "given",
      Version: Match.stringLikeRegexp("^[0-9a-f]{64}$"),
    });
  });
});

describe("a database of our own", () => {
  it("is encrypted, reached over the Data API alone, and sleeps in dev", () => {
    const { template } = deployment("default");
    template.hasResource("AWS::RDS::DBCluster", {
      DeletionPolicy: "Snapshot",
      Properties: {
        EnableHttpEndpoint: true,
        StorageEncrypted: true,
        KmsKeyId: Match.anyValue(),
        ServerlessV2ScalingConfiguration: {
          MinCapacity: 0,
          MaxCapacity: 8,
          SecondsUntilAutoPause: 600,
        },
      },
    });
    const groups = ofType(deployment("default"), "AWS::EC2::SecurityGroupIngress").map(
      ([, { Properties }]) => Properties.FromPort,
    );
    expect(groups.every((port) => port === 443)).toBe(true);
  });

  it("W2 is told when to sleep only where it may: RDS refuses that of a cluster that keeps some capacity", () => {
    const kept = { ...wanted.default, database: { kind: "new", minimumCapacity: 0.5 } as const };
    Template.fromStack(newApp("default", kept).stack).hasResourceProperties("AWS::RDS::DBCluster", {
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, SecondsUntilAutoPause: Match.absent() },
    });
  });

  it("W14 its log quotes nobody, neither of what failed nor of what took long", () => {
    const { template } = deployment("default");
    template.hasResourceProperties("AWS::RDS::DBClusterParameterGroup", {
      Parameters: {
        log_error_verbosity: "terse",
        log_min_error_statement: "panic",
        log_min_messages: "log",
        log_parameter_max_length: "0",
        log_parameter_max_length_on_error: "0",
      },
    });
    template.hasResourceProperties("AWS::RDS::DBCluster", {
      DBClusterParameterGroupName: Match.anyValue(),
    });
  });

  it("is not made where the platform's own cluster is given", () => {
    for (const name of ["existing cluster", "prod"] as const) {
      deployment(name).template.resourceCountIs("AWS::RDS::DBCluster", 0);
    }
  });
});

function fail(what: string): never {
  throw new Error(`There is no ${what}.`);
}

/** Path below the stack of a policy's role, or of the policy itself. */
function placeOf(stack: Stack, logicalId: string): string {
  const found = stack.node
    .findAll()
    .find((each) => each instanceof CfnResource && stack.resolve(each.logicalId) === logicalId);
  const path = (found?.node.path ?? "").split("/").slice(1);
  const at = path.join("/").replace(/\/(?:DefaultPolicy\/)?Resource$/, "");
  return at.replace(/^(Functions\/\w+)\/Role$/, "$1");
}
