import {
  CustomResource,
  Duration,
  FileSystem,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
} from "aws-cdk-lib";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type IKey, Key } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import type { Bundles } from "./bundles.ts";
import { keptIn, StagingDatabase } from "./database.ts";
import { DeployedFunction, type Ground } from "./deployed-function.ts";
import { Evidence } from "./evidence.ts";
import { deployedFor, type FunctionName } from "./functions.ts";
import { ImportNetwork } from "./network.ts";
import { Observability } from "./observability.ts";
import { Operators } from "./operators.ts";
import { rangesAtOnce, type Settings } from "./settings.ts";
import { isSigned, SignOff } from "./sign-off.ts";
import { refuseReplacement } from "./standing.ts";
import { machineArns, Workflow } from "./workflow.ts";

interface WavegateProps extends StackProps {
  readonly settings: Settings;
  readonly bundles: Bundles;
}

/** A private wavegate in one account and region. */
export class WavegateStack extends Stack {
  /** Functions by name: what tests and pictures look at. */
  readonly functions: ReadonlyMap<FunctionName, IFunction>;

  constructor(scope: Construct, id: string, { settings, bundles, ...props }: WavegateProps) {
    super(scope, id, props);
    const key = this.makeKey("Key", "Database, secrets, logs and alarms");
    letLog(key);
    letWrite(key, "delivery.logs.amazonaws.com", "cloudwatch.amazonaws.com");
    const evidenceKey = this.makeKey("EvidenceKey", "Evidence");
    const network = new ImportNetwork(this, "Network", { settings, logKey: key });
    const database = new StagingDatabase(this, "Database", { settings, vpc: network.vpc, key });
    const evidence = new Evidence(this, "Evidence", { settings, key: evidenceKey });
    const signOff = new SignOff(this, "SignOff", { settings, logKey: key });
    const arns = machineArns(this);
    const reach = {
      clusterArn: database.clusterArn,
      secrets: {
        admin: database.admin,
        stage: database.stage,
        sign: database.sign,
        commit: database.commit,
        operator: database.operator,
        serve: database.serve,
        token: this.makeKeyBytes("TokenKey", "Seals the task tokens of waiting executions", {
          key,
          settings,
        }),
        stamp: this.makeKeyBytes("StampKey", "Signs who asked for an execution", { key, settings }),
        legacy: {
          arn: settings.legacy.secretArn,
          ...(settings.legacy.secretKeyArn ? { keyArn: settings.legacy.secretKeyArn } : {}),
        },
      },
      evidence: { bucketArn: evidence.bucket.bucketArn, keyArn: evidenceKey.keyArn },
      files: settings.files && {
        sourceArn: `arn:aws:s3:::${settings.files.sourceBucket}`,
        sourceKeyArn: settings.files.sourceKeyArn,
        targetArn: `arn:aws:s3:::${settings.files.targetBucket}`,
        targetKeyArn: settings.files.targetKeyArn,
      },
      signingKeyArn: evidence.signingKey.keyArn,
      machines: arns,
      mailFrom: settings.signOff.mailFrom,
      mailIdentityArns: this.mailIdentities(settings.signOff.mailFrom),
    };
    const ground: Ground = {
      settings,
      bundles,
      reach,
      logKey: key,
      network,
      environment: {
        WAVEGATE_DEPLOYMENT: this.stackName,
        WAVEGATE_MIGRATIONS: settings.migrations.join(","),
        WAVEGATE_CLUSTER_ARN: database.clusterArn,
        WAVEGATE_DATABASE: settings.database.name,
        WAVEGATE_EVIDENCE_BUCKET: evidence.bucket.bucketName,
        ...(settings.files ? { WAVEGATE_FILES_BUCKET: settings.files.targetBucket } : {}),
        WAVEGATE_MAIL_FROM: settings.signOff.mailFrom,
        WAVEGATE_SIGN_OFF_URL: signOff.url,
        WAVEGATE_LANGUAGE: settings.signOff.language,
        WAVEGATE_LINK_DAYS: `${settings.signOff.linkDays}`,
        WAVEGATE_AUDITOR_MAIL: settings.signOff.auditor ?? "",
        WAVEGATE_IMPORT_AT_ONCE: `${rangesAtOnce(settings)}`,
        WAVEGATE_MIGRATION_MACHINE_ARN: arns.migration,
        WAVEGATE_WAVE_MACHINE_ARN: arns.wave,
        WAVEGATE_ROLLBACK_MACHINE_ARN: arns.rollback,
      },
    };
    const all = new Construct(this, "Functions");
    this.functions = new Map(
      deployedFor(settings.migrations).map((name) => [
        name,
        new DeployedFunction(
          all,
          name,
          // What holds data waits for it: it is told of none.
          name === "refuse-replacement"
            ? { ...ground, environment: { WAVEGATE_DEPLOYMENT: this.stackName } }
            : ground,
          // API Gateway waits 30 s: a database that sleeps is answered with a page that waits, or a sentence.
          name === "front-door"
            ? { ...signOff.environment, WAVEGATE_DATABASE_PATIENCE_SECONDS: "5" }
            : isSigned(name)
              ? { WAVEGATE_DATABASE_PATIENCE_SECONDS: "20" }
              : name === "erase-due"
                ? { WAVEGATE_ERASE_AFTER_DAYS: `${settings.eraseAfterDays ?? ""}` }
                : {},
        ).function,
      ]),
    );
    signOff.serve(this.functions.get("front-door") as IFunction);
    const activity = this.functions.get("profile-activity");
    if (activity) signOff.servePeople("/api/v1/me/profile-activity", activity);
    const signed = signOff.serveSigned(this.functions);
    signOff.tellOfSignIns(this.functions.get("note-sign-in") as IFunction, settings);
    this.setUpDatabase(settings, bundles, database);
    const workflow = new Workflow(this, "Workflow", {
      settings,
      logKey: key,
      functions: this.functions,
    });
    new Observability(this, "Observability", {
      settings,
      key,
      functions: this.functions,
      machines: workflow.machines,
      signOff,
    });
    new Operators(this, "Operators", { reach, signed });
    refuseReplacement(this, this.functions.get("refuse-replacement") as IFunction);
  }

  /** As the deployment finds them: with an account alone, synthesis would ask AWS. */
  override get availabilityZones(): string[] {
    return [0, 1].map((at) => Fn.select(at, Fn.getAzs()));
  }

  private makeKey(id: string, description: string): Key {
    return new Key(this, id, {
      description: `${description} of ${this.stackName}`,
      enableKeyRotation: true,
      // What it encrypted may outlive the stack.
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** 32 bytes as 64 hexadecimal digits: Secrets Manager generates characters. */
  private makeKeyBytes(
    id: string,
    description: string,
    { key, settings: { stage } }: { key: IKey; settings: Settings },
  ): { arn: string; keyArn: string } {
    const secret = new Secret(this, id, {
      description,
      encryptionKey: key,
      removalPolicy: keptIn(stage),
      generateSecretString: {
        passwordLength: 64,
        excludeUppercase: true,
        excludePunctuation: true,
        excludeCharacters: "ghijklmnopqrstuvwxyz",
        requireEachIncludedType: false,
      },
    });
    return { arn: secret.secretArn, keyArn: key.keyArn };
  }

  /** The address itself, its domain, or one above it: each may be what was verified, and SES asks for that one. */
  private mailIdentities(address: string): string[] {
    const identity = `arn:${this.partition}:ses:${this.region}:${this.account}:identity/`;
    const labels = address.slice(address.indexOf("@") + 1).split(".");
    const domains = labels.slice(0, -1).map((_, from) => labels.slice(from).join("."));
    return [address, ...domains].map((each) => `${identity}${each}`);
  }

  private setUpDatabase(settings: Settings, bundles: Bundles, database: StagingDatabase): void {
    const setUp = this.functions.get("set-up-database") as IFunction;
    const resource = new CustomResource(this, "DatabaseIsSetUp", {
      serviceToken: setUp.functionArn,
      resourceType: "Custom::WavegateDatabase",
      serviceTimeout: Duration.minutes(11),
      properties: {
        Migrations: settings.migrations,
        PlatformSchema: settings.database.kind === "new" ? "made for trials" : "given",
        // Another schema or definition is another version, and is set up again.
        Version: FileSystem.fingerprint(bundles["set-up-database"]),
        ...again(this.node.tryGetContext("set-up-again")),
      },
    });
    resource.node.addDependency(setUp);
    if (database.ready) resource.node.addDependency(database.ready);
  }
}

/** `-c set-up-again=WORD`: another word than the last one sets up again what a restored backup knows nothing of. */
const again = (word: unknown): { Again?: string } =>
  word === undefined ? {} : { Again: String(word).slice(0, 100) };

const encrypts = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"];

/** Lets services of AWS encrypt what they write for this account, and for no other that might name our key. */
function letWrite(key: Key, ...services: string[]): void {
  const { account } = Stack.of(key);
  for (const service of services) {
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(service)],
        actions: [...encrypts, "kms:DescribeKey"],
        resources: ["*"],
        conditions: { StringEquals: { "aws:SourceAccount": account } },
      }),
    );
  }
}

/** CloudWatch Logs says by the encryption context whose log group it is. */
function letLog(key: Key): void {
  const { partition, region, account } = Stack.of(key);
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: [...encrypts, "kms:DescribeKey"],
      resources: ["*"],
      conditions: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*`,
        },
      },
    }),
  );
}
