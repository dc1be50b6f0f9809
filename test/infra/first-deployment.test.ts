import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, describe, expect, it } from "vitest";
import { makeApp } from "../../lib/infra/app.ts";
import type { Bundles } from "../../lib/infra/bundles.ts";
import { checkSettings } from "../../lib/infra/check-settings.ts";
import rehearsal from "../../lib/infra/examples/existing-cluster.ts";
import { contextOfCdkJson } from "../../lib/infra/examples/template.ts";
import { functionNames } from "../../lib/infra/functions.ts";
import { flat } from "../../lib/infra/template.ts";
import { deployment, deployments, ofType } from "./templates.ts";

const folder = mkdtempSync(join(tmpdir(), "wavegate-first-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The template of the rehearsal with another network. */
function within(network: object): Template {
  const code = join(folder, "code");
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, "stub.mjs"), "export const handler = async () => {};");
  const bundles = Object.fromEntries(functionNames.map((name) => [name, code])) as Bundles;
  const settings = checkSettings({ ...rehearsal, network: { ...rehearsal.network, ...network } }, [
    "ecoin",
  ]);
  const app = new App({ context: contextOfCdkJson(), outdir: mkdtempSync(join(folder, "out-")) });
  return Template.fromStack(makeApp(settings, bundles, app).stack);
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
});

describe.each(deployments)("the first deployment of %s", (name) => {
  const made = deployment(name);

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
