import { CfnOutput, CfnResource, Duration, RemovalPolicy } from "aws-cdk-lib";
import { type IVpc, SecurityGroup, SubnetType } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
} from "aws-cdk-lib/aws-rds";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { databaseRoles } from "../define/database-roles.ts";
import { deployedFor, pascalCase, usesOf } from "./functions.ts";
import type { Settings } from "./settings.ts";

/** A secret as grants need it. */
interface SecretRef {
  readonly arn: string;
  readonly keyArn?: string;
}

interface Props {
  readonly settings: Settings;
  readonly vpc: IVpc;
  readonly key: IKey;
}

/**
 * Where staging lies, beside the platform's tables: the platform's own cluster, or a new one. The
 * roles' passwords are made here and given to the roles by the set-up.
 */
export class StagingDatabase extends Construct {
  readonly clusterArn: string;
  readonly admin: SecretRef;
  readonly stage: SecretRef;
  readonly sign: SecretRef;
  readonly operator: SecretRef;
  /** Where a function serves a feature of one of the migrations. */
  readonly serve: SecretRef | undefined;
  /** By migration. */
  readonly commit: Readonly<Record<string, SecretRef>>;
  /** What the set-up must wait for, when the cluster is new. */
  readonly ready: Construct | undefined;

  constructor(scope: Construct, id: string, { settings, vpc, key }: Props) {
    super(scope, id);
    const { database } = settings;
    if (database.kind === "existing") {
      this.clusterArn = database.clusterArn;
      this.admin = {
        arn: database.adminSecretArn,
        ...(database.adminSecretKeyArn ? { keyArn: database.adminSecretKeyArn } : {}),
      };
    } else {
      const cluster = this.makeCluster(settings, database, vpc, key);
      this.clusterArn = cluster.clusterArn;
      this.admin = { arn: (cluster.secret as Secret).secretArn, keyArn: key.keyArn };
      this.ready = cluster;
    }
    const roles = databaseRoles(database.name);
    this.stage = this.makeRole("StageSecret", roles.stage, key, settings.stage);
    this.sign = this.makeRole("SignSecret", roles.sign, key, settings.stage);
    this.operator = this.makeRole("OperatorSecret", roles.operator, key, settings.stage);
    this.serve = deployedFor(settings.migrations).some((name) => usesOf(name).includes("serve"))
      ? this.makeRole("ServeSecret", roles.serve, key, settings.stage)
      : undefined;
    this.commit = Object.fromEntries(
      settings.migrations.map((name) => [
        name,
        this.makeRole(commitSecretId(name), roles.commit(name), key, settings.stage),
      ]),
    );
    output(this, "ClusterArn", this.clusterArn);
    output(this, "Database", database.name);
    output(this, "OperatorSecretArn", this.operator.arn);
  }

  private makeCluster(
    { stage }: Settings,
    database: Extract<Settings["database"], { kind: "new" }>,
    vpc: IVpc,
    key: IKey,
  ): DatabaseCluster {
    const prod = stage === "prod";
    const least = database.minimumCapacity ?? (prod ? 0.5 : 0);
    const nobody = new SecurityGroup(this, "Nobody", {
      vpc,
      description: "Nobody connects: all access is over the Data API",
      allowAllOutbound: false,
    });
    const cluster = new DatabaseCluster(this, "Cluster", {
      engine: DatabaseClusterEngine.auroraPostgres({
        version: AuroraPostgresEngineVersion.VER_17_7,
      }),
      writer: ClusterInstance.serverlessV2("Writer", {
        enablePerformanceInsights: prod,
        ...(prod ? { performanceInsightEncryptionKey: key } : {}),
      }),
      ...(prod
        ? { readers: [ClusterInstance.serverlessV2("Reader", { scaleWithWriter: true })] }
        : {}),
      serverlessV2MinCapacity: least,
      serverlessV2MaxCapacity: database.maximumCapacity,
      ...(least === 0 ? { serverlessV2AutoPauseDuration: Duration.minutes(10) } : {}),
      // What an error or a slow statement would quote of people has no place in a log (W14). Nor is the log exported: RDS
      // would make a log group for it, under no key of ours and for ever, and drops what it keeps itself after three days.
      parameters: {
        log_error_verbosity: "terse",
        log_min_error_statement: "panic",
        log_min_messages: "log",
        log_parameter_max_length: "0",
        log_parameter_max_length_on_error: "0",
      },
      enableDataApi: true,
      iamAuthentication: true,
      defaultDatabaseName: database.name,
      credentials: Credentials.fromGeneratedSecret("wavegate_admin", { encryptionKey: key }),
      storageEncrypted: true,
      storageEncryptionKey: key,
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [nobody],
      backup: { retention: Duration.days(prod ? 35 : 1) },
      copyTagsToSnapshot: true,
      deletionProtection: prod,
      removalPolicy: prod ? RemovalPolicy.RETAIN : RemovalPolicy.SNAPSHOT,
    });
    // What a cluster that stays stands on, or is entered by, stays with it: the stack could not go otherwise.
    if (prod) {
      const kept = [
        nobody,
        cluster.node.findChild("ParameterGroup"),
        cluster.node.findChild("Secret"),
      ];
      for (const each of kept)
        (each.node.findAll().find(CfnResource.isCfnResource) as CfnResource).applyRemovalPolicy(
          RemovalPolicy.RETAIN,
        );
    }
    return cluster;
  }

  private makeRole(id: string, username: string, key: IKey, stage: Settings["stage"]): SecretRef {
    const secret = new Secret(this, id, {
      description: `Password of the database role ${username}`,
      encryptionKey: key,
      // The roles stay in the platform's database when the stack goes, and so do their passwords.
      removalPolicy: keptIn(stage),
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username }),
        generateStringKey: "password",
        passwordLength: 40,
        excludePunctuation: true,
      },
    });
    return { arn: secret.secretArn, keyArn: key.keyArn };
  }
}

/** The construct of a commit role's secret. */
export const commitSecretId = (migration: string): string => `CommitSecret${pascalCase(migration)}`;

/** What is not made anew: kept in production when its stack goes, and gone with it elsewhere. */
export const keptIn = (stage: Settings["stage"]): RemovalPolicy =>
  stage === "prod" ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

/** An output that the CLI reads as a setting: `ClusterArn` is `WAVEGATE_CLUSTER_ARN`. */
export function output(scope: Construct, name: string, value: string): void {
  new CfnOutput(scope, `${name}Output`, { value }).overrideLogicalId(name);
}
