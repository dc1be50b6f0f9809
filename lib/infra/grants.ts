import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { Use } from "./functions.ts";

/** ARNs that grants are made of. Names are fixed where a reference would be a circle. */
export interface Reach {
  readonly clusterArn: string;
  /** Secrets of the roles, and the keys they are encrypted with; AWS's own key needs no word. */
  readonly secrets: Readonly<
    Record<
      "admin" | "stage" | "sign" | "operator" | "token" | "stamp" | "legacy",
      { arn: string; keyArn?: string }
    >
  > & {
    /** Where a feature is served. */
    readonly serve?: { arn: string; keyArn?: string } | undefined;
    /** By migration. */
    readonly commit: Readonly<Record<string, { arn: string; keyArn?: string }>>;
  };
  readonly evidence: { readonly bucketArn: string; readonly keyArn: string };
  /** Buckets of the legacy system's files and of the platform's, where a migration has any. */
  readonly files?:
    | {
        readonly sourceArn: string;
        readonly sourceKeyArn?: string | undefined;
        readonly targetArn: string;
        readonly targetKeyArn?: string | undefined;
      }
    | undefined;
  /** The key that signs bundles. */
  readonly signingKeyArn: string;
  readonly machines: Readonly<Record<"migration" | "wave" | "rollback", string>>;
  readonly mailIdentityArns: readonly string[];
  readonly mailFrom: string;
}

/** The API actions of each use: what a test holds against the clients in the code. */
export const actionsOf = {
  stage: [
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
    "secretsmanager:GetSecretValue",
  ],
  sign: [
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
    "secretsmanager:GetSecretValue",
  ],
  commit: ["secretsmanager:GetSecretValue"],
  admin: [
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
    "secretsmanager:GetSecretValue",
  ],
  operator: [
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
    "secretsmanager:GetSecretValue",
  ],
  serve: [
    "rds-data:BeginTransaction",
    "rds-data:CommitTransaction",
    "rds-data:ExecuteStatement",
    "rds-data:RollbackTransaction",
    "secretsmanager:GetSecretValue",
  ],
  source: ["secretsmanager:GetSecretValue"],
  files: ["s3:GetObject", "s3:ListBucket"],
  copies: ["s3:PutObject"],
  "copies taken back": [
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetObject",
    // A version of its own permission: what lies there without a checksum is read as what was looked at.
    "s3:GetObjectVersion",
    "s3:ListBucket",
  ],
  evidence: ["s3:AbortMultipartUpload", "s3:PutObject"],
  "evidence list": ["s3:ListBucket"],
  "evidence read": ["s3:GetObject"],
  signatures: ["kms:GetPublicKey", "kms:Sign"],
  mail: ["ses:SendEmail"],
  answer: ["states:SendTaskSuccess"],
  tokens: ["secretsmanager:GetSecretValue"],
  stamps: ["secretsmanager:GetSecretValue"],
  start: ["states:StartExecution"],
  end: ["states:StopExecution"],
  starter: ["cloudtrail:LookupEvents"],
  watch: ["states:GetExecutionHistory", "states:ListExecutions"],
  steps: ["states:DescribeStateMachine", "states:GetExecutionHistory", "states:ListExecutions"],
} as const satisfies Readonly<Record<Use, readonly string[]>>;

/** The statements that one use needs, each on exactly what it is about. */
export function statementsFor(scope: Construct, use: Use, reach: Reach): PolicyStatement[] {
  const { secrets, evidence, machines } = reach;
  const allow = (
    actions: readonly string[],
    resources: readonly string[],
    conditions?: Record<string, Record<string, string | string[]>>,
  ) =>
    new PolicyStatement({
      actions: [...actions],
      resources: [...resources],
      ...(conditions ? { conditions } : {}),
    });
  const database = allow(
    actionsOf.stage.filter((action) => action.startsWith("rds-data:")),
    [reach.clusterArn],
  );
  const read = ({ arn, keyArn }: { arn: string; keyArn?: string }): PolicyStatement[] => [
    allow(["secretsmanager:GetSecretValue"], [arn]),
    ...(keyArn ? [useKey(scope, "secretsmanager", ["kms:Decrypt"], keyArn)] : []),
  ];
  const keyOf = (keyArn: string | undefined, actions: readonly string[]): PolicyStatement[] =>
    keyArn === undefined ? [] : [useKey(scope, "s3", actions, keyArn)];
  switch (use) {
    case "stage":
      return [database, ...read(secrets.stage)];
    case "sign":
      return [database, ...read(secrets.sign)];
    case "commit":
      return Object.values(secrets.commit).flatMap(read);
    case "admin":
      return [
        database,
        ...[secrets.admin, secrets.stage, secrets.sign, secrets.operator].flatMap(read),
        ...Object.values(secrets.commit).flatMap(read),
        ...(secrets.serve ? read(secrets.serve) : []),
      ];
    case "operator":
      return [database, ...read(secrets.operator)];
    case "serve":
      return secrets.serve ? [database, ...read(secrets.serve)] : [];
    case "source":
      return read(secrets.legacy);
    case "tokens":
      return read(secrets.token);
    case "stamps":
      return read(secrets.stamp);
    case "start":
      return [allow(actionsOf.start, Object.values(machines))];
    case "end":
      return [allow(actionsOf.end, Object.values(machines).map(executionsOf))];
    case "files":
      return reach.files === undefined
        ? []
        : [
            allow(["s3:GetObject"], [`${reach.files.sourceArn}/*`]),
            allow(["s3:ListBucket"], [reach.files.sourceArn]),
            ...keyOf(reach.files.sourceKeyArn, ["kms:Decrypt"]),
          ];
    case "copies":
      return reach.files === undefined
        ? []
        : [
            // Never in the place of something, nor on top of it.
            allow(actionsOf.copies, [`${reach.files.targetArn}/*`], said("s3:if-none-match")),
            ...keyOf(reach.files.targetKeyArn, ["kms:GenerateDataKey"]),
          ];
    case "copies taken back":
      return reach.files === undefined
        ? []
        : [
            // What bears no version only as long as it is what was looked at: S3 knows no condition on an object's tags.
            allow(["s3:DeleteObject"], [`${reach.files.targetArn}/*`], said("s3:if-match")),
            allow(
              ["s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion"],
              [`${reach.files.targetArn}/*`],
            ),
            // Without it what is not there is answered as what is forbidden.
            allow(["s3:ListBucket"], [reach.files.targetArn]),
            ...keyOf(reach.files.targetKeyArn, ["kms:Decrypt"]),
          ];
    case "evidence":
      return [
        allow(["s3:AbortMultipartUpload"], [`${evidence.bucketArn}/runs/*`]),
        // Whatever makes an object says that none may be there; parts of one cannot say it.
        allow(["s3:PutObject"], [`${evidence.bucketArn}/runs/*`], said("s3:if-none-match")),
        allow(["s3:PutObject"], [`${evidence.bucketArn}/runs/*`], {
          Bool: { "s3:ObjectCreationOperation": "false" },
        }),
        // An upload in parts is decrypted to be put together.
        useKey(scope, "s3", ["kms:Decrypt", "kms:GenerateDataKey"], evidence.keyArn),
      ];
    case "evidence list":
      return [
        allow(actionsOf["evidence list"], [evidence.bucketArn], {
          StringLike: { "s3:prefix": "runs/*" },
        }),
      ];
    case "evidence read":
      return [
        allow(actionsOf["evidence read"], [`${evidence.bucketArn}/runs/*`]),
        useKey(scope, "s3", ["kms:Decrypt"], evidence.keyArn),
      ];
    case "signatures":
      return [allow(actionsOf.signatures, [reach.signingKeyArn])];
    case "mail":
      return [
        allow(actionsOf.mail, reach.mailIdentityArns, {
          StringEquals: { "ses:FromAddress": reach.mailFrom },
        }),
      ];
    case "answer":
      return [allow(actionsOf.answer, [machines.migration])];
    case "starter":
      // LookupEvents knows no resources.
      return [allow(actionsOf.starter, ["*"])];
    case "watch":
      return [
        allow(["states:ListExecutions"], [machines.migration]),
        allow(["states:GetExecutionHistory"], [executionsOf(machines.migration)]),
      ];
    case "steps": {
      const shown = [machines.migration, machines.rollback, machines.wave];
      return [
        allow(["states:DescribeStateMachine", "states:ListExecutions"], shown),
        allow(["states:GetExecutionHistory"], shown.map(executionsOf)),
      ];
    }
  }
}

/** Only a request that says a condition of S3's: with none it is denied. */
const said = (condition: "s3:if-match" | "s3:if-none-match") => ({
  Null: { [condition]: "false" },
});

/** A key, through one service only. */
function useKey(
  scope: Construct,
  service: "s3" | "secretsmanager",
  actions: readonly string[],
  keyArn: string,
): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [keyArn],
    conditions: {
      StringEquals: {
        "kms:ViaService": `${service}.${Stack.of(scope).region}.amazonaws.com`,
      },
    },
  });
}

/** Every execution of one state machine. */
export const executionsOf = (machineArn: string): string =>
  `${machineArn.replace(":stateMachine:", ":execution:")}:*`;
