import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  AccountRootPrincipal,
  ArnPrincipal,
  CompositePrincipal,
  Effect,
  PolicyStatement,
  Role,
} from "aws-cdk-lib/aws-iam";
import { type IKey, Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockRetention,
  ObjectOwnership,
  StorageClass,
} from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { output } from "./database.ts";
import type { Settings } from "./settings.ts";

interface Props {
  readonly settings: Settings;
  readonly key: IKey;
}

/** One bucket that nothing can be deleted from before its time, and a role that reads it. */
export class Evidence extends Construct {
  readonly bucket: Bucket;
  /** Signs the manifests of bundles; its private half never leaves KMS. */
  readonly signingKey: Key;
  /** For auditors: `runs/*`, read only. */
  readonly reader: Role;

  constructor(scope: Construct, id: string, { settings, key }: Props) {
    super(scope, id);
    this.bucket = this.makeBucket(settings, key);
    this.signingKey = new Key(this, "SigningKey", {
      description: `Signs the bundles of ${Stack.of(this).stackName}`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      // What it signed outlives the stack. A key that signs is not rotated: auditors keep its public half.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.reader = this.makeReader(settings.evidence.auditors, key);
    output(this, "EvidenceBucket", this.bucket.bucketName);
    output(this, "SigningKeyArn", this.signingKey.keyArn);
    output(this, "EvidenceReaderRoleArn", this.reader.roleArn);
  }

  private makeBucket({ stage, evidence }: Settings, key: IKey): Bucket {
    const prod = stage === "prod";
    const retention = Duration.days(evidence.retentionDays ?? 1);
    const closed = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      // Evidence outlives the stack, in dev as well: a locked bucket cannot be emptied anyway.
      removalPolicy: RemovalPolicy.RETAIN,
    };
    const accesses = new Bucket(this, "Accesses", {
      ...closed,
      // S3 delivers logs to its own encryption only, and into a locked bucket not at all.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(prod ? 731 : 90) }],
    });
    return new Bucket(this, "Bucket", {
      ...closed,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: prod
        ? ObjectLockRetention.compliance(retention)
        : ObjectLockRetention.governance(retention),
      serverAccessLogsBucket: accesses,
      serverAccessLogsPrefix: "evidence/",
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(1) },
        {
          transitions: [
            {
              storageClass: StorageClass.GLACIER_INSTANT_RETRIEVAL,
              transitionAfter: Duration.days(90),
            },
          ],
        },
      ],
    });
  }

  private makeReader(auditors: readonly string[], key: IKey): Role {
    const [first, ...others] = auditors.map((arn) => new ArnPrincipal(arn));
    const role = new Role(this, "Reader", {
      description: "Reads the evidence of runs, and nothing else",
      assumedBy: first ? new CompositePrincipal(first, ...others) : new AccountRootPrincipal(),
      maxSessionDuration: Duration.hours(4),
    });
    const allow = (
      actions: string[],
      resource: string,
      conditions: Record<string, Record<string, string>> = {},
    ) =>
      role.addToPolicy(
        new PolicyStatement({ effect: Effect.ALLOW, actions, resources: [resource], conditions }),
      );
    allow(
      ["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion"],
      this.bucket.arnForObjects("runs/*"),
    );
    allow(["s3:ListBucket", "s3:ListBucketVersions"], this.bucket.bucketArn, {
      StringLike: { "s3:prefix": "runs/*" },
    });
    allow(["kms:Decrypt"], key.keyArn, {
      StringEquals: { "kms:ViaService": `s3.${Stack.of(this).region}.amazonaws.com` },
    });
    allow(["kms:GetPublicKey"], this.signingKey.keyArn);
    return role;
  }
}
