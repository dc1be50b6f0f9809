import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isServed } from "../../lib/define/feature.ts";
import { machineNames, readDefinition, type State } from "../../lib/infra/definitions.ts";
import {
  type FunctionName,
  type FunctionPlan,
  functionNames,
  functions,
  notDeployed,
  pascalCase,
  type Use,
  usesOf,
} from "../../lib/infra/functions.ts";
import { actionsOf } from "../../lib/infra/grants.ts";
import { flat, type Resource } from "../../lib/infra/template.ts";
import { migrations } from "../../migrations/index.ts";
import { holdersOf, permissionsOf, resourceOf } from "./policies.ts";
import {
  deployedNames,
  deployment,
  deployments,
  deploymentWith,
  type Made,
  ofType,
} from "./templates.ts";
import { usesInCode } from "./uses.ts";

const made = deployment("default");

/** What every function may do, whatever it uses. */
const always = [
  "logs:CreateLogStream",
  "logs:PutLogEvents",
  "xray:PutTelemetryRecords",
  "xray:PutTraceSegments",
];
const insideNetwork = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

const environmentOf = (name: FunctionName): Record<string, unknown> =>
  (
    resourceOf(made, name, "AWS::Lambda::Function")[1].Properties.Environment as {
      Variables: Record<string, unknown>;
    }
  ).Variables;

/** What logs into a group of its own unless it is told another, and the property that tells. */
const logsInto: Readonly<Record<string, string>> = {
  "AWS::Lambda::Function": "LoggingConfig",
  "AWS::StepFunctions::StateMachine": "LoggingConfiguration",
  "AWS::ApiGatewayV2::Stage": "AccessLogSettings",
  "AWS::EC2::FlowLog": "LogGroupName",
  "AWS::Cognito::LogDeliveryConfiguration": "LogConfigurations",
};
/** Properties that have AWS make a log group whose name nobody can choose. */
const madeBy = ["EnableCloudwatchLogsExports", "MonitoringInterval", "DeliveryStatusLogging"];

const flatIn = (value: unknown): string[] =>
  [...JSON.stringify(value ?? "").matchAll(/"(?:Ref|Fn::GetAtt)":(?:\["(\w+)"|"(\w+)")/gu)].map(
    ([, attribute, ref]) => (attribute ?? ref) as string,
  );

describe("functions as they are deployed", () => {
  it("are all the files of functions/, but those that say why not", () => {
    const files = readdirSync(new URL("../../functions/", import.meta.url))
      .filter((file) => file.endsWith(".ts"))
      .map((file) => file.slice(0, -3))
      .sort();
    expect([...functionNames, ...Object.keys(notDeployed)].sort()).toEqual(files);
  });

  it("use of AWS what the table says, as far as their own code shows", async () => {
    const found = await usesInCode();
    const inCode = Object.fromEntries(
      functionNames.map((name) => [name, [...(found.get(name) ?? [])].sort()]),
    );
    const inTable = Object.fromEntries(
      functionNames.map((name) => [name, [...usesOf(name)].sort()]),
    );
    expect(inCode).toEqual(inTable);
  });

  it.each(deployedNames)("%s may do what its uses need, and nothing else", (name) => {
    const uses: readonly Use[] = usesOf(name);
    const wanted = new Set([
      ...always,
      ...(uses.includes("source") ? insideNetwork : []),
      // This deployment names no buckets of files.
      ...uses
        .filter((use) => use !== "files" && !use.startsWith("copies"))
        .flatMap((use): readonly string[] => actionsOf[use]),
    ]);
    const actions = new Set(permissionsOf(made, name).map(({ action }) => action));
    // Through S3 and Secrets Manager alone: part of what reads and writes there.
    for (const action of ["kms:Decrypt", "kms:GenerateDataKey"]) actions.delete(action);
    expect([...actions].sort()).toEqual([...wanted].sort());
  });

  it("A5 of buckets of files the legacy system's is only read, and the platform's written by waves, rollbacks and the final verification alone", () => {
    const named = deployment("prod");
    const of = (bucket: string, ...actions: string[]) =>
      holdersOf(
        named,
        ({ action, resource }) => actions.includes(action) && resource.includes(bucket),
      );
    expect(of("legacy-files", "s3:GetObject")).toEqual([
      "commit",
      "drill",
      "finish-import",
      "import-range",
      "preflight",
    ]);
    expect(of("legacy-files", "s3:PutObject", "s3:DeleteObject")).toEqual([]);
    expect(of("platform-files", "s3:PutObject")).toEqual(["commit", "drill"]);
    expect(of("platform-files", "s3:DeleteObject")).toEqual([
      "commit",
      "drill",
      "final-verify",
      "rollback",
    ]);
  });

  it("A5 R14 nothing of the platform's files is replaced, nor removed but as a version or while it is what was looked at", () => {
    const conditions = (bucket: string, action: string) =>
      deployedNames.flatMap((name) =>
        permissionsOf(deployment("prod"), name)
          .filter((each) => each.action === action && each.resource.includes(bucket))
          .map(({ condition }) => condition),
      );
    const only = (bucket: string, action: string) => [...new Set(conditions(bucket, action))];
    expect(only("platform-files", "s3:PutObject")).toEqual([
      '{"Null":{"s3:if-none-match":"false"}}',
    ]);
    expect(only("platform-files", "s3:DeleteObject")).toEqual(['{"Null":{"s3:if-match":"false"}}']);
    expect(conditions("platform-files", "s3:DeleteObjectVersion")).toHaveLength(4);
    // B11: evidence as well; parts of an object cannot say it, and the end of an upload does.
    expect(only("EvidenceBucket", "s3:PutObject")).toEqual([
      '{"Null":{"s3:if-none-match":"false"}}',
      '{"Bool":{"s3:ObjectCreationOperation":"false"}}',
    ]);
    expect(conditions("EvidenceBucket", "s3:PutObject")).toHaveLength(6);
  });

  it("A5 whoever opens a version of an object may: S3 asks another permission for that", () => {
    const named = deployment("prod");
    const of = (action: string) =>
      holdersOf(
        named,
        (each) => each.action === action && each.resource.includes("platform-files"),
      );
    expect(of("s3:GetObjectVersion")).toEqual(of("s3:GetObject"));
    expect(of("s3:GetObject")).not.toEqual([]);
  });

  it("V11 what is read of an account lies where every function that reads it sees it: in the database, by the role that stages", () => {
    const club = deploymentWith("wild-apricot", { "set-up-again": "r-1" });
    const secret = ofType(club, "AWS::SecretsManager::Secret").find(([id]) =>
      id.startsWith("DatabaseStageSecret"),
    )?.[0];
    const readers = deployedNames.filter((name) => usesOf(name).includes("source"));
    expect(readers).toEqual(["preflight", "plan-import", "import-range", "finish-import"]);
    for (const name of readers)
      expect(
        permissionsOf(club, name).some(
          ({ action, resource }) =>
            action === "secretsmanager:GetSecretValue" && resource === secret,
        ),
        name,
      ).toBe(true);
    // No disk that outlives a call or is another function's, and no bucket that a reading could not be erased from.
    expect(ofType(club, "AWS::EFS::FileSystem")).toEqual([]);
    for (const name of readers) {
      const [, { Properties }] = resourceOf(club, name, "AWS::Lambda::Function");
      expect(Properties.FileSystemConfigs, name).toBe(undefined);
      expect(
        permissionsOf(club, name).filter(({ action }) => /^s3:Put|^dynamodb:/u.test(action)),
        name,
      ).toEqual([]);
    }
  });

  it("C6 whoever has a feature is answered by a function with a role of its own, where its migration is deployed", () => {
    expect(deployedNames).not.toContain("profile-activity");
    const served = deploymentWith("community", { "set-up-again": "r-1" });
    const secret = ofType(served, "AWS::SecretsManager::Secret").find(([id]) =>
      id.startsWith("DatabaseServeSecret"),
    )?.[0];
    const allowed = permissionsOf(served, "profile-activity").filter(
      ({ action }) => !always.includes(action),
    );
    expect(new Set(allowed.map(({ action }) => action))).toEqual(
      new Set([...actionsOf.serve, "kms:Decrypt"]),
    );
    expect(
      allowed
        .filter(({ action }) => action.startsWith("secretsmanager:"))
        .map(({ resource }) => resource),
    ).toEqual([secret]);
    const reading = [...deployedNames, "profile-activity" as const].filter((name) =>
      permissionsOf(served, name).some(({ resource }) => resource === secret),
    );
    expect(reading).toEqual(["set-up-database", "profile-activity"]);
    const routes = ofType(served, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => [
      Properties.RouteKey,
      Properties.AuthorizationType,
    ]);
    expect(routes).toContainEqual(["GET /api/v1/me/profile-activity", "NONE"]);
    const [[, stage] = []] = ofType(served, "AWS::ApiGatewayV2::Stage");
    expect(stage?.Properties.RouteSettings).toEqual({
      "GET /api/v1/me/profile-activity": {
        ThrottlingRateLimit: 200,
        ThrottlingBurstLimit: 400,
        DetailedMetricsEnabled: true,
      },
    });
    // V10: a deployment that changes nothing else sets up again, and without the word it is as it was.
    const setUp = (made: Made) =>
      ofType(made, "Custom::WavegateDatabase").map(([, { Properties }]) => Properties.Again);
    expect([setUp(served), setUp(deployment("prod"))]).toEqual([["r-1"], [undefined]]);
    const serving = Object.values(migrations).filter(isServed);
    expect(serving.map(({ name }) => name)).toEqual([
      (functions["profile-activity"] as FunctionPlan).serves,
    ]);
  });

  it("D19 only commit, drill, rollback, its preview and the final verification read the password of a commit role; the set-up gives it", () => {
    const [commitSecret] =
      ofType(made, "AWS::SecretsManager::Secret").find(([id]) =>
        id.startsWith("DatabaseCommitSecret"),
      ) ?? [];
    expect(holdersOf(made, ({ resource }) => resource === commitSecret)).toEqual([
      "commit",
      "drill",
      "final-verify",
      "preview-rollback",
      "rollback",
      "set-up-database",
    ]);
  });

  it("B11 W12 only functions that export sign, and with the key of signatures alone", () => {
    expect(holdersOf(made, ({ action }) => action === "kms:Sign")).toEqual([
      "export-audit",
      "export-review",
      "halted",
    ]);
    const keys = deployedNames.flatMap((name) =>
      permissionsOf(made, name)
        .filter(({ action }) => action === "kms:Sign" || action === "kms:GetPublicKey")
        .map(({ action, resource }) => `${action} ${resource.replace(/[0-9A-F]{8}/, "")}`),
    );
    expect(new Set(keys)).toEqual(
      new Set(["kms:Sign EvidenceSigningKey.Arn", "kms:GetPublicKey EvidenceSigningKey.Arn"]),
    );
    const told = deployedNames.filter((name) => "WAVEGATE_SIGNING_KEY_ARN" in environmentOf(name));
    expect(told.sort()).toEqual(["export-audit", "export-review", "halted"]);
  });

  it("only the set-up reads the administrator's password", () => {
    const admin = environmentOf("set-up-database").WAVEGATE_ADMIN_SECRET_ARN;
    expect(admin).toBeDefined();
    expect(holdersOf(made, ({ resource }) => resource === flat(admin))).toEqual([
      "set-up-database",
    ]);
  });

  it("W8 only those that ask or decide answer tasks, and only those of the migration machine", () => {
    const answers = (action: string) => action.startsWith("states:SendTask");
    expect(holdersOf(made, ({ action }) => answers(action))).toEqual([
      "front-door",
      "rollback",
      "sign-off",
    ]);
    const resources = deployedNames.flatMap((name) =>
      permissionsOf(made, name).filter(({ action }) => answers(action)),
    );
    expect(new Set(resources.map(({ action, resource }) => `${action} ${resource}`))).toEqual(
      new Set([
        "states:SendTaskSuccess arn:aws:states:eu-west-3:AWS::AccountId:stateMachine:wavegate-migration",
      ]),
    );
  });

  it("W8 only those that seal or open tokens may read the key", () => {
    const readers = holdersOf(made, ({ resource }) => resource.startsWith("TokenKey"));
    expect(readers).toEqual(["front-door", "rollback", "sign-off"]);
    const told = deployedNames.filter(
      (name) => "WAVEGATE_TOKEN_KEY_SECRET_ARN" in environmentOf(name),
    );
    expect(told.sort()).toEqual(readers);
  });

  it("only those that read the legacy system stand in the network, and get its secret", () => {
    const inside = deployedNames.filter(
      (name) =>
        resourceOf(made, name, "AWS::Lambda::Function")[1].Properties.VpcConfig !== undefined,
    );
    expect(inside.sort()).toEqual(["finish-import", "import-range", "plan-import", "preflight"]);
    expect(holdersOf(made, ({ resource }) => resource.includes("secret:legacy/"))).toEqual(inside);
  });

  it("mail leaves from the one address alone", () => {
    const mail = permissionsOf(made, "sign-off").filter(({ action }) => action === "ses:SendEmail");
    expect(mail.map(({ resource }) => resource)).toEqual([
      "arn:aws:ses:eu-west-3:AWS::AccountId:identity/example.com",
      "arn:aws:ses:eu-west-3:AWS::AccountId:identity/wavegate@example.com",
    ]);
    expect(
      mail.every(({ condition }) => condition.includes('"ses:FromAddress":"wavegate@example.com"')),
    ).toBe(true);
  });

  it("evidence is written below runs/, read by the console alone, and never deleted by a function", () => {
    const ofFunction = (name: FunctionName) =>
      permissionsOf(made, name).filter(({ action }) => action.startsWith("s3:"));
    const actions = deployedNames.flatMap(ofFunction);
    expect(new Set(actions.map(({ action }) => action))).toEqual(
      new Set(["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucket", "s3:GetObject"]),
    );
    const readers = deployedNames.filter((name) =>
      ofFunction(name).some(({ action }) => action === "s3:GetObject"),
    );
    expect(readers).toEqual(["front-door"]);
    for (const { action, resource, condition } of actions) {
      if (action === "s3:ListBucket") expect(condition).toContain('"s3:prefix":"runs/*"');
      else expect(resource).toMatch(/^EvidenceBucket[0-9A-F]{8}\.Arn\/runs\/\*$/);
    }
  });

  it("get every setting that services are made of", () => {
    const source = readFileSync(new URL("../../lib/services/create.ts", import.meta.url), "utf8");
    const needed = [
      ...source.matchAll(/^ {2}(WAVEGATE_\w+): z\b(?!.*(?:default|optional))/gmu),
    ].map(([, name]) => name as string);
    expect(needed).toContain("WAVEGATE_CLUSTER_ARN");
    for (const name of deployedNames.filter((each) => usesOf(each).includes("stage"))) {
      // Read from its secret, or made for the process, before services are.
      const missing = needed.filter(
        (each) => !(each in environmentOf(name)) && each !== "WAVEGATE_TOKEN_KEY",
      );
      expect({ name, missing }).toEqual({ name, missing: [] });
    }
  });

  it("hold no secret in their environment", () => {
    for (const name of deployedNames) {
      const names = Object.keys(environmentOf(name)).filter((each) =>
        /PASSWORD|KEY$|TOKEN$/.test(each),
      );
      expect({ name, names }).toEqual({ name, names: [] });
    }
  });

  it("W13 keep little garbage about: they have a small young generation, and what is freed goes back to the system", () => {
    for (const name of deployedNames) {
      expect(environmentOf(name), name).toMatchObject({
        MALLOC_MMAP_THRESHOLD_: "131072",
        NODE_OPTIONS: "--enable-source-maps --max-semi-space-size=4",
      });
    }
  });

  it("run on Node 24, on ARM, traced, with logs of their own that end", () => {
    for (const name of deployedNames) {
      const { Properties } = resourceOf(made, name, "AWS::Lambda::Function")[1];
      expect(Properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        TracingConfig: { Mode: "Active" },
        Handler: `bundle/${name}.handler`,
        MemorySize: functions[name].memory,
        LoggingConfig: { LogFormat: "JSON" },
      });
    }
    for (const [, { Properties }] of ofType(made, "AWS::Logs::LogGroup")) {
      expect(Properties.RetentionInDays).toBe(90);
    }
  });

  it("write logs under our key, all but the one group that Cognito writes to, which it takes with no key alone", () => {
    const [[, { Properties }]] = ofType(made, "AWS::Cognito::LogDeliveryConfiguration") as [
      [string, Resource],
    ];
    const delivered = (
      Properties.LogConfigurations as { CloudWatchLogsConfiguration: { LogGroupArn: unknown } }[]
    ).map(
      ({ CloudWatchLogsConfiguration: { LogGroupArn } }) =>
        flat(LogGroupArn).split(":log-group:")[1],
    );
    const without = ofType(made, "AWS::Logs::LogGroup")
      .filter(([, group]) => group.Properties.KmsKeyId === undefined)
      .map(([id]) => id);
    expect(without).toEqual(delivered);
  });

  it.each(deployments)(
    "W14 no service makes a log group by itself in the deployment %s: it would have no end and no key of ours",
    (name) => {
      const { resources } = deployment(name);
      const elsewhere = Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
        const by = madeBy.filter((each) => Properties?.[each] !== undefined);
        const into = flatIn(Properties?.[logsInto[Type] as string]);
        const ours = into.some((each) => resources[each]?.Type === "AWS::Logs::LogGroup");
        return by.length > 0 || (Type in logsInto && !ours) ? [[id, ...by]] : [];
      });
      expect(elsewhere).toEqual([]);
    },
  );

  it("end before the state that waits for them gives up", () => {
    const tasks = machineNames.flatMap((machine) => tasksOf(readDefinition(machine).States));
    for (const { Resource, Parameters, TimeoutSeconds } of tasks) {
      if (Resource !== "arn:aws:states:::lambda:invoke") continue;
      const name = deployedNames.find(
        (each) => Parameters?.FunctionName === `\${${pascalCase(each)}Function}`,
      );
      expect(name).toBeDefined();
      expect(functions[name as FunctionName].minutes * 60).toBeLessThanOrEqual(TimeoutSeconds ?? 0);
    }
  });

  it.each(deployments)("are the same in the deployment %s", (name) => {
    expect(ofType(deployment(name), "AWS::Lambda::Function")).toHaveLength(deployedNames.length);
  });
});

function tasksOf(states: Readonly<Record<string, State>>): State[] {
  return Object.values(states).flatMap((state) => [
    ...(state.Type === "Task" ? [state] : []),
    ...(state.ItemProcessor ? tasksOf(state.ItemProcessor.States) : []),
  ]);
}
