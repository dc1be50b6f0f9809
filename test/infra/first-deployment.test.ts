import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { afterAll, describe, expect, it } from "vitest";
import { makeApp } from "../../lib/infra/app.ts";
import type { Bundles } from "../../lib/infra/bundles.ts";
import { checkSettings } from "../../lib/infra/check-settings.ts";
import rehearsal from "../../lib/infra/examples/existing-cluster.ts";
import { contextOfCdkJson } from "../../lib/infra/examples/template.ts";
import { functionNames } from "../../lib/infra/functions.ts";
import {
  flat,
  permissionsOfPolicy,
  permissionsOfRole,
  type Resource,
} from "../../lib/infra/template.ts";
import { deployment, deployments, ofType } from "./templates.ts";

const folder = mkdtempSync(join(tmpdir(), "wavegate-first-"));
const code = join(folder, "code");
mkdirSync(code);
writeFileSync(join(code, "stub.mjs"), "export const handler = async () => {};");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const made = new Map<string, Template>();

/** The template of the rehearsal with another network, and other settings beside it: made once for all that look at it. */
function within(network: object, others: object = {}): Template {
  const asked = JSON.stringify([network, others]);
  if (!made.has(asked)) made.set(asked, make(network, others));
  return made.get(asked) as Template;
}

function make(network: object, others: object): Template {
  const bundles = Object.fromEntries(functionNames.map((name) => [name, code])) as Bundles;
  const settings = { ...rehearsal, network: { ...rehearsal.network, ...network }, ...others };
  const app = new App({ context: contextOfCdkJson(), outdir: mkdtempSync(join(folder, "out-")) });
  return Template.fromStack(makeApp(checkSettings(settings, ["ecoin"]), bundles, app).stack);
}

const endpointsIn = (template: Template): string[] =>
  Object.values(template.findResources("AWS::EC2::VPCEndpoint"))
    .map(({ Properties }) => flat(Properties.ServiceName).split(".").at(-1) as string)
    .sort();

/** Where the importers may go at 443, by rules of their own group. */
const waysOut = (template: Template): string[] =>
  Object.values(template.findResources("AWS::EC2::SecurityGroup"))
    .filter(({ Properties }) => /read the legacy/.test(Properties.GroupDescription))
    .flatMap(({ Properties }) => Properties.SecurityGroupEgress ?? [])
    .filter(({ FromPort }: { FromPort: number }) => FromPort === 443)
    .map(({ CidrIp }: { CidrIp: string }) => CidrIp);

describe("the ways to services of AWS", () => {
  it.each([
    [{}, ["cloudtrail", "rds-data", "secretsmanager"], []],
    [{ endpoints: false }, [], ["10.10.0.0/16"]],
    [{ endpoints: ["cloudtrail"] }, ["cloudtrail"], ["10.10.0.0/16"]],
    [
      { endpoints: ["rds-data", "secretsmanager", "cloudtrail"] },
      ["cloudtrail", "rds-data", "secretsmanager"],
      [],
    ],
    [{ endpoints: false, servicesAt: "10.99.0.0/24" }, [], ["10.99.0.0/24"]],
    [{ endpoints: ["rds-data"], servicesAt: "nat" }, ["rds-data"], ["0.0.0.0/0"]],
  ])("with %j are endpoints %j and rules to %j", (network, endpoints, ways) => {
    const template = within(network);
    expect(endpointsIn(template)).toEqual(endpoints);
    expect(waysOut(template)).toEqual(ways);
  });

  const files = { sourceBucket: "legacy-files", targetBucket: "platform-files" };
  const places = (template: Template): Record<string, unknown>[] =>
    Object.values(template.findResources("AWS::Lambda::Function")).map(({ Properties }) => ({
      inside: Properties.VpcConfig !== undefined,
      ...Object.fromEntries(
        Object.entries(Properties.Environment.Variables).filter(([name]) =>
          name.startsWith("AWS_ENDPOINT_URL_"),
        ),
      ),
    }));
  const namesOf = (template: Template): unknown[] =>
    Object.values(template.findResources("AWS::EC2::VPCEndpoint")).map(({ Properties }) => [
      flat(Properties.ServiceName).split(".").at(-1),
      Properties.PrivateDnsEnabled,
      Properties.DnsOptions,
    ]);

  it("W13 take no service's name in a network where others stand: to whom it would lead, and who would be let through nothing", () => {
    const template = within({}, { files });
    expect(namesOf(template)).toEqual(
      ["rds-data", "secretsmanager", "cloudtrail", "s3"].map((each) => [each, false, undefined]),
    );
    // The region's name is the first of an endpoint's; of S3's it begins with a star, in whose place something has to stand.
    const at = (id: string, before = "") => ({
      "Fn::Join": [
        "",
        [
          `https://${before}vpce-`,
          {
            "Fn::Select": [
              1,
              {
                "Fn::Split": [
                  "vpce-",
                  {
                    "Fn::Select": [
                      0,
                      { "Fn::GetAtt": [expect.stringMatching(`^Network${id}`), "DnsEntries"] },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      ],
    });
    const told = {
      inside: true,
      AWS_ENDPOINT_URL_RDS_DATA: at("RdsData"),
      AWS_ENDPOINT_URL_SECRETS_MANAGER: at("SecretsManager"),
      AWS_ENDPOINT_URL_CLOUDTRAIL: at("CloudTrail"),
      AWS_ENDPOINT_URL_S3: at("S3", "bucket."),
    };
    const functions = places(template);
    expect(functions.filter(({ inside }) => inside)).toEqual([told, told, told, told]);
    for (const each of functions.filter(({ inside }) => !inside))
      expect(each).toEqual({ inside: false });
    const some = places(within({ endpoints: ["cloudtrail"] })).filter(({ inside }) => inside);
    expect(some[0]).toEqual({ inside: true, AWS_ENDPOINT_URL_CLOUDTRAIL: at("CloudTrail") });
  });

  it("take the services' own names in a network of their own", () => {
    const network = { kind: "new", cidr: "10.40.0.0/20" };
    const legacy = { ...rehearsal.legacy, reach: { cidr: "10.20.0.0/16" } };
    const template = within({}, { files, network, legacy });
    expect(namesOf(template)).toEqual([
      ...["rds-data", "secretsmanager", "cloudtrail"].map((each) => [each, true, undefined]),
      ["s3", true, { PrivateDnsOnlyForInboundResolverEndpoint: "AllResolvers" }],
    ]);
    for (const { inside, ...others } of places(template)) expect(others).toEqual({});
  });

  it("W13 stand once in each zone: EC2 takes no second subnet of one", () => {
    const subnetIds = [0, 1, 2].map((each) => `subnet-0123456789abcdef${each}`);
    const availabilityZones = ["eu-west-3a", "eu-west-3a", "eu-west-3b"];
    const template = within({ subnetIds, availabilityZones });
    for (const { Properties } of Object.values(template.findResources("AWS::EC2::VPCEndpoint")))
      expect(Properties.SubnetIds).toEqual([subnetIds[0], subnetIds[2]]);
    // Functions may stand in all of them.
    template.hasResourceProperties("AWS::Lambda::Function", {
      VpcConfig: { SubnetIds: subnetIds },
    });
  });
});

/** Production with everything made for it, in an account that is named. */
const ownProd = {
  account: "111122223333",
  stage: "prod",
  database: { kind: "new", name: "platform" },
  network: { kind: "new" },
  legacy: { ...rehearsal.legacy, reach: { cidr: "10.20.0.0/16" } },
  evidence: { retentionDays: 30 },
};

/** Logical ids that a value of a template names. */
const namedIn = (value: unknown): string[] =>
  [...JSON.stringify(value).matchAll(/"(?:Ref|Fn::GetAtt)":(?:\["(\w+)"|"(\w+)")/gu)].map(
    ([, attribute, ref]) => (attribute ?? ref) as string,
  );

describe("what stays when the stack goes", () => {
  it("is left what it stands on, what it is reached by and what it is opened with", () => {
    const { Resources } = within({}, ownProd).toJSON() as { Resources: Record<string, Resource> };
    const stays = (id: string) => Resources[id]?.DeletionPolicy === "Retain";
    const kept = Object.keys(Resources).filter(stays);
    const types = new Set(kept.map((id) => Resources[id]?.Type));
    for (const type of ["RDS::DBCluster", "EC2::Subnet", "S3::Bucket", "KMS::Key"])
      expect(types).toContain(`AWS::${type}`);
    const gone = kept.flatMap((id) =>
      namedIn(Resources[id]?.Properties)
        .filter((each) => Resources[each] !== undefined && !stays(each))
        .map((each) => `${id} stays, and ${each} goes`),
    );
    expect(gone).toEqual([]);
  });

  it("finds its zones when it is deployed: synthesis asks AWS for nothing", () => {
    const template = within({}, ownProd);
    const zones = Object.values(template.findResources("AWS::EC2::Subnet")).map(
      ({ Properties }) => Properties.AvailabilityZone,
    );
    expect(zones).toEqual([0, 1].map((at) => ({ "Fn::Select": [at, { "Fn::GetAZs": "" }] })));
  });
});

describe("the sender's identity", () => {
  it("is the address, its domain, or a domain above it: whichever was verified", () => {
    const mailFrom = "wavegate@records.team.example.com";
    const signOff = { ...rehearsal.signOff, mailFrom };
    const policies = Object.values(within({}, { signOff }).findResources("AWS::IAM::Policy"));
    const mails = policies.flatMap(({ Properties }) =>
      (Properties.PolicyDocument.Statement as { Action: unknown; Resource: unknown[] }[]).filter(
        ({ Action }) => Action === "ses:SendEmail",
      ),
    );
    expect(mails.length).toBeGreaterThan(0);
    for (const { Resource } of mails)
      expect(new Set(Resource.map((each) => flat(each).split("identity/")[1]))).toEqual(
        new Set([mailFrom, "records.team.example.com", "team.example.com", "example.com"]),
      );
  });
});

describe("files that rows name", () => {
  const files = {
    sourceBucket: "legacy-files",
    targetBucket: "platform-files",
    sourceKeyArn: "arn:aws:kms:eu-west-3:111122223333:key/1234abcd-0000",
    targetKeyArn: "arn:aws:kms:eu-west-3:111122223333:key/1234abcd-1111",
  };

  it("may be encrypted with keys of their own, used through S3 alone", () => {
    const allowed = (begins: string) =>
      Object.entries(within({}, { files }).findResources("AWS::IAM::Policy"))
        .filter(([id]) => id.startsWith(begins))
        .flatMap(([, policy]) => permissionsOfPolicy(policy as Resource))
        .filter(({ resource }) => resource.includes("1234abcd"))
        .map(({ action, resource, condition }) => {
          expect(condition).toContain("s3.eu-west-3.amazonaws.com");
          return `${action} ${resource.slice(-4)}`;
        });
    expect(allowed("FunctionsImportRange")).toEqual(["kms:Decrypt 0000"]);
    expect(allowed("FunctionsCommit")).toEqual([
      "kms:Decrypt 0000",
      "kms:Decrypt 1111",
      "kms:GenerateDataKey 1111",
    ]);
  });

  it("are reached from the network: S3 has a way there where they are named", () => {
    const template = within({}, { files });
    expect(endpointsIn(template)).toEqual(["cloudtrail", "rds-data", "s3", "secretsmanager"]);
    expect(waysOut(template)).toEqual([]);
    const three = { endpoints: ["rds-data", "secretsmanager", "cloudtrail"] };
    expect(waysOut(within(three, { files }))).toEqual(["10.10.0.0/16"]);
    expect(waysOut(within({ ...three, servicesAt: "nat" }, { files }))).toEqual(["0.0.0.0/0"]);
  });
});

describe("what is called and not waited for", () => {
  it("R17 B13 wakes people when it was tried three times in vain: only Lambda knows, and whoever called was told that all is well", () => {
    const { Resources } = within({}, { eraseAfterDays: 90 }).toJSON() as {
      Resources: Record<string, Resource>;
    };
    const of = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
    const called = of("AWS::Lambda::Permission")
      .filter(({ Properties }) => /^(?:events|logs)\./u.test(Properties.Principal as string))
      .map(({ Properties }) => flat(Properties.FunctionName).replace(/\.Arn$/u, ""));
    expect(called.map((id) => id.replace(/^Functions|Function[0-9A-F]{8}$/gu, "")).sort()).toEqual([
      "EraseDue",
      "NoteSignIn",
      "Waiting",
    ]);
    const alarmed = of("AWS::CloudWatch::Alarm")
      .map(({ Properties }) => Properties)
      .filter(({ MetricName }) => MetricName === "AsyncEventsDropped")
      .map(({ Dimensions, ...alarm }) => {
        expect(alarm).toMatchObject({ Namespace: "AWS/Lambda", Statistic: "Sum", Threshold: 0 });
        const [{ Name, Value }] = Dimensions as [{ Name: string; Value: unknown }];
        expect(Name).toBe("FunctionName");
        return flat(Value);
      });
    expect(alarmed.sort()).toEqual(called.sort());
  });
});

describe.each(deployments)("the first deployment of %s", (name) => {
  const made = deployment(name);

  it("gives every service that a function inside the network may call a way there", () => {
    const endpoints = endpointsIn(made.template);
    const inside = ofType(made, "AWS::Lambda::Function").filter(
      ([, { Properties }]) => Properties.VpcConfig !== undefined,
    );
    expect(inside).toHaveLength(4);
    for (const [id, { Properties }] of inside) {
      const role = flat(Properties.Role).replace(/\.Arn$/u, "");
      const called = permissionsOfRole(made.resources, role)
        .map(({ action }) => action.split(":")[0] as string)
        // Lambda itself delivers logs and traces and makes interfaces; KMS is asked by the other services.
        .filter((service) => !["logs", "xray", "ec2", "kms"].includes(service));
      expect({ id, endpoints }).toEqual({
        id,
        endpoints: expect.arrayContaining([...new Set(called)]),
      });
    }
  });

  it("R17 lets alarms into their topic, which has a policy of its own, and use its key", () => {
    const [[topic]] = ofType(made, "AWS::SNS::Topic") as [[string, Resource]];
    for (const [, { Properties }] of ofType(made, "AWS::CloudWatch::Alarm"))
      expect((Properties.AlarmActions as unknown[]).map(flat)).toEqual([topic]);
    const account = name === "prod" ? "111122223333" : { Ref: "AWS::AccountId" };
    made.template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      Topics: [{ Ref: topic }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Condition: Match.objectLike({ StringEquals: { "aws:SourceAccount": account } }),
          }),
        ]),
      },
    });
  });

  it("W12 lets Cognito write what people got wrong into streams of that log group", () => {
    const [[, { Properties }]] = ofType(made, "AWS::Logs::ResourcePolicy") as [[string, Resource]];
    const { Statement } = JSON.parse(flat(Properties.PolicyDocument)) as {
      Statement: { Resource: string }[];
    };
    expect(Statement.map(({ Resource }) => Resource)).toEqual([
      expect.stringMatching(/:log-group:SignOffActivity[0-9A-F]{8}:log-stream:\*$/u),
    ]);
  });

  it("W2 W13 what services of AWS deliver goes into log groups of their own prefix: of others the account's one policy for them has room for some dozens", () => {
    const deliver = {
      "AWS::ApiGatewayV2::Stage": "AccessLogSettings",
      "AWS::Cognito::LogDeliveryConfiguration": "LogConfigurations",
      "AWS::StepFunctions::StateMachine": "LoggingConfiguration",
    };
    const groups = Object.entries(deliver).flatMap(([type, property]) =>
      ofType(made, type).map(([, { Properties }]) => {
        const said = JSON.stringify(Properties[property]);
        return ofType(made, "AWS::Logs::LogGroup").find(([id]) => said.includes(`"${id}"`));
      }),
    );
    expect(groups.length).toBe(5);
    for (const group of groups)
      expect(group?.[1].Properties.LogGroupName).toMatch(/^\/aws\/vendedlogs\//u);
  });

  it("lets operators use the console: it lists machines, opens them and their executions", () => {
    const allowed = ofType(made, "AWS::IAM::ManagedPolicy").flatMap(([, { Properties }]) =>
      (
        Properties.PolicyDocument as { Statement: { Action: string | string[] }[] }
      ).Statement.flatMap(({ Action }) => Action),
    );
    expect(allowed).toEqual(
      expect.arrayContaining([
        "states:ListStateMachines",
        "states:DescribeStateMachine",
        "states:DescribeStateMachineForExecution",
        "states:ListTagsForResource",
        "states:ListExecutions",
        "states:DescribeExecution",
        "states:GetExecutionHistory",
        "states:StartExecution",
      ]),
    );
    // Each of these would decide something without asking for a permission.
    for (const action of [
      "SendTaskSuccess",
      "SendTaskFailure",
      "StopExecution",
      "RedriveExecution",
    ])
      expect(allowed).not.toContain(`states:${action}`);
  });

  it("W8 operators look, start what asks who they are, and ask functions that know them: nothing else", () => {
    const looks =
      /^(?:states:(?:Describe|List|Get)|s3:(?:Get|List)|kms:GetPublicKey$|cloudformation:Describe)/u;
    const others = ofType(made, "AWS::IAM::ManagedPolicy")
      .flatMap(([, { Properties }]) =>
        (
          Properties.PolicyDocument as { Statement: { Action: string | string[] }[] }
        ).Statement.flatMap(({ Action }) => Action),
      )
      .filter((action) => !looks.test(action));
    expect([...new Set(others)].sort()).toEqual([
      // The two routes behind which a permission is looked at.
      "execute-api:Invoke",
      // Of evidence and of the operator's password, through their services alone.
      "kms:Decrypt",
      // As the role operator, which writes nothing.
      "rds-data:BeginTransaction",
      "rds-data:CommitTransaction",
      "rds-data:ExecuteStatement",
      "rds-data:RollbackTransaction",
      "secretsmanager:GetSecretValue",
      // Its first state looks who asked, and whether they may.
      "states:StartExecution",
    ]);
  });

  it("says which group the legacy database has to let in", () => {
    const outputs = made.template.findOutputs("ImportersSecurityGroupId");
    expect(flat(outputs.ImportersSecurityGroupId?.Value)).toMatch(/^NetworkImporters/);
  });

  it("lets services of AWS use the key for this account alone", () => {
    const statements = ofType(made, "AWS::KMS::Key").flatMap(
      ([, { Properties }]) =>
        (
          Properties.KeyPolicy as {
            Statement: { Principal: { Service?: unknown }; Condition?: object }[];
          }
        ).Statement,
    );
    const ofServices = statements.filter(({ Principal }) => Principal.Service !== undefined);
    expect(ofServices.length).toBeGreaterThanOrEqual(2);
    for (const { Condition } of ofServices) {
      expect(JSON.stringify(Condition)).toMatch(
        /aws:SourceAccount|kms:EncryptionContext:aws:logs:arn|aws:SourceArn/,
      );
    }
  });

  it(`${name === "prod" ? "keeps" : "takes along"} passwords and the token key when the stack goes`, () => {
    const secrets = ofType(made, "AWS::SecretsManager::Secret").filter(([id]) =>
      /^(Database(Stage|Sign|Commit|Operator)|TokenKey)/.test(id),
    );
    expect(secrets.length).toBeGreaterThanOrEqual(5);
    for (const [, { DeletionPolicy }] of secrets) {
      expect(DeletionPolicy).toBe(name === "prod" ? "Retain" : "Delete");
    }
  });

  it("has the front door wait five seconds for a sleeping database, and nothing else that little", () => {
    const patient = ofType(made, "AWS::Lambda::Function").filter(
      ([, { Properties }]) =>
        (Properties.Environment as { Variables: Record<string, string> } | undefined)?.Variables
          ?.WAVEGATE_DATABASE_PATIENCE_SECONDS === "5",
    );
    expect(patient.map(([id]) => id)).toEqual([expect.stringMatching(/^FunctionsFrontDoor/)]);
  });
});
