import { type CfnResource, type Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { commitSecretId } from "./database.ts";
import { deployedFor, type FunctionName, pascalCase, usesOf } from "./functions.ts";
import type { Settings } from "./settings.ts";

/** A finding that is meant to be so: where, which, and why. */
interface Acknowledgement {
  /** Path of the construct below the stack. */
  readonly at: string;
  /** The rule of cdk-nag's AwsSolutions. */
  readonly rule: string;
  readonly reason: string;
}

/** A resource in a policy that ends in a wildcard: where, what, and why nothing narrower does. */
interface Wildcard {
  readonly at: string;
  readonly resource: string;
  readonly reason: string;
}

const anything = "*";

/** Every wildcard of every role and policy. A test holds this list against the template, both ways. */
export function wildcards(
  bucket: string,
  names: { stack: string; region: string; account: string },
  { files, migrations }: Pick<Settings, "files" | "migrations">,
): Wildcard[] {
  const functionsThat = (uses: (name: FunctionName) => boolean): string[] =>
    deployedFor(migrations)
      .filter(uses)
      .map((name) => `Functions/${pascalCase(name)}`);
  const { stack, region, account } = names;
  const runs = `${bucket}/runs/*`;
  const executions = (machine: string) =>
    `arn:aws:states:${region}:${account}:execution:${stack}-${machine}:*`;
  const at = (places: readonly string[], resource: string, reason: string): Wildcard[] =>
    places.map((place) => ({ at: place, resource, reason }));
  return [
    ...at(
      functionsThat((name) => !usesOf(name).some((use) => use === "source" || use === "starter")),
      anything,
      "X-Ray's actions know no resources.",
    ),
    ...at(
      functionsThat((name) => usesOf(name).includes("source") && !usesOf(name).includes("starter")),
      anything,
      "X-Ray's actions know no resources, and the network interfaces that Lambda makes inside the network have no ARN before they are there.",
    ),
    ...at(
      functionsThat((name) => usesOf(name).includes("starter") && !usesOf(name).includes("source")),
      anything,
      "X-Ray's actions and cloudtrail:LookupEvents know no resources.",
    ),
    ...at(
      functionsThat((name) => usesOf(name).includes("starter") && usesOf(name).includes("source")),
      anything,
      "X-Ray's actions and cloudtrail:LookupEvents know no resources; network interfaces have no ARN before they are there.",
    ),
    ...at(
      functionsThat((name) => usesOf(name).includes("evidence")),
      runs,
      "Every run has a folder of its own below runs/, and nothing else may be written.",
    ),
    ...at(
      functionsThat((name) => usesOf(name).includes("evidence read")),
      runs,
      "Whoever may review or sign off downloads the masked export of any run, one file at a time.",
    ),
    ...(files === undefined
      ? []
      : [
          ...at(
            functionsThat((name) => usesOf(name).includes("files")),
            `arn:aws:s3:::${files.sourceBucket}/*`,
            "Rows of the legacy system name any file of this bucket; it is only read.",
          ),
          ...at(
            functionsThat((name) => usesOf(name).includes("copies taken back")),
            `arn:aws:s3:::${files.targetBucket}/*`,
            "A copy's key is not known before its row is read, and a run is taken back by where its own definition put them; S3 lets nothing be replaced, nor removed but by its version or while it is what was looked at.",
          ),
        ]),
    ...at(["Evidence/Reader"], runs, "Auditors read every run, and nothing beside runs/."),
    ...at(
      ["Functions/Waiting"],
      executions("migration"),
      "An execution's name is not known before it is started; only those of this machine are meant.",
    ),
    ...at(
      ["Workflow/MigrationRole"],
      executions("wave"),
      "Each wave is an execution of its own; only those of the wave machine are meant.",
    ),
    ...at(
      ["Workflow/MigrationRole", "Workflow/WaveRole", "Workflow/RollbackRole"],
      anything,
      "Log delivery and X-Ray know no resources.",
    ),
    ...at(
      ["Operators/Policy"],
      anything,
      "The console lists state machines before one can be opened; the list knows no resources, and tells names alone.",
    ),
    ...at(["Operators/Policy"], runs, "Operators read what was exported, of every run."),
    ...["migration", "wave", "rollback"].flatMap((machine) => [
      ...at(
        ["Operators/Policy"],
        executions(machine),
        "Operators look at the executions of these three machines.",
      ),
      ...at(
        functionsThat((name) => usesOf(name).includes("end")),
        executions(machine),
        "An execution's name is not known before it is started; only those of these machines are meant.",
      ),
    ]),
    ...at(
      ["Operators/Policy"],
      `arn:aws:cloudformation:${region}:${account}:stack/${stack}/*`,
      "A stack's ARN ends in an id that changes when it is made anew; only this stack is meant.",
    ),
  ];
}

/** Everything else that is acknowledged. */
export function acknowledgements({ database, migrations, stage }: Settings): Acknowledgement[] {
  const several = (places: readonly string[], rule: string, reason: string): Acknowledgement[] =>
    places.map((at) => ({ at, rule, reason }));
  const own = database.kind === "new";
  return [
    ...several(
      [
        "Database/StageSecret",
        "Database/SignSecret",
        ...migrations.map((name) => `Database/${commitSecretId(name)}`),
        "Database/OperatorSecret",
        ...(deployedFor(migrations).includes("profile-activity") ? ["Database/ServeSecret"] : []),
        ...(own ? ["Database/Cluster/Secret"] : []),
      ],
      "SMG4",
      "A role's password takes effect when the set-up gives it to the role: rotated by the two commands of docs/deploy.md, not behind a running wave's back.",
    ),
    ...several(
      ["TokenKey"],
      "SMG4",
      "A new key would make the tokens of waiting executions unreadable; it is changed when nothing waits, as docs/deploy.md says.",
    ),
    ...several(
      ["StampKey"],
      "SMG4",
      "A new key makes executions that were just asked for wait for CloudTrail, and waves of runs under way stop; it is changed when nothing runs, as docs/deploy.md says.",
    ),
    ...several(
      own && stage === "dev" ? ["Database/Cluster"] : [],
      "RDS10",
      "A database for trials may be deleted with its stack; a snapshot is left.",
    ),
    ...several(
      [
        "admin--legacy-imports",
        "admin--legacy-imports--{proxy+}",
        "sign-off--{proxy+}",
        "start",
      ].flatMap((path) =>
        ["GET", "HEAD", "POST"].map((method) => `SignOff/Api/${method}--${path}`),
      ),
      "APIG4",
      "The function checks the token of the user pool itself: an authorizer of the API takes no cookies and cannot send a browser to the sign-in.",
    ),
    ...several(
      ["assets--{proxy+}", "healthz", "", "start--{proxy+}"].flatMap((path) =>
        ["GET", "HEAD"].map((method) => `SignOff/Api/${method}--${path}`),
      ),
      "APIG4",
      "The style sheet, the word that the console answers and the ways to its pages are the same for everybody, and about nobody.",
    ),
    ...several(
      ["GET--signed-in", "GET--sign-out", "POST--sign-out", "GET--signed-out"].map(
        (route) => `SignOff/Api/${route}`,
      ),
      "APIG4",
      "The way in and the way out are open to people who are not signed in.",
    ),
    ...several(
      deployedFor(migrations).includes("profile-activity")
        ? ["SignOff/Api/GET--api--v1--me--profile-activity"]
        : [],
      "APIG4",
      "The function looks up the platform's own token itself, as the platform does: nobody without one is answered anything.",
    ),
    ...several(
      ["Observability/Lost"],
      "SQS3",
      "This queue is the dead-letter queue of the hourly rule.",
    ),
  ];
}

/** Tells cdk-nag what is meant to be so. A place that is not there is a defect of the lists. */
export function acknowledge(stack: Stack, settings: Settings): void {
  const bucket = stack.node.findChild("Evidence").node.findChild("Bucket");
  const bucketId = stack.getLogicalId(bucket.node.defaultChild as CfnResource);
  for (const { at, rule, reason } of acknowledgements(settings)) {
    Validations.of(find(stack, at)).acknowledge({
      id: `AwsSolutions::AwsSolutions-${rule}`,
      reason,
    });
  }
  const names = {
    stack: settings.name,
    region: settings.region,
    account: settings.account ?? "<AWS::AccountId>",
  };
  for (const { at, resource, reason } of wildcards(`<${bucketId}.Arn>`, names, settings)) {
    Validations.of(find(stack, at)).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${resource}]`,
      reason,
    });
  }
}

function find(stack: Stack, path: string): IConstruct {
  return path.split("/").reduce<IConstruct>((found, id) => found.node.findChild(id), stack);
}
