import { ACCOUNT, machineArn, REGION } from "./machines.ts";

/** Where evidence is kept. */
export const BUCKET = "wavegate-evidence";

/** Where copies of files lie, as the platform's own bucket. */
export const FILES = "wavegate-files";

/** Below this no version is removed: the evidence of runs. */
export const LOCKED = ["runs/"] as const;

const secretPrefix = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:wavegate/`;

/** The ARN of a secret by its name, and back. */
export const secretArn = (name: string): string => `${secretPrefix}${name}`;
export const secretName = (arn: string): string | undefined =>
  arn.startsWith(secretPrefix) ? arn.slice(secretPrefix.length) : undefined;

/** What one machine has under the names that AWS would give. */
export const ARNS = {
  cluster: `arn:aws:rds:${REGION}:${ACCOUNT}:cluster:wavegate`,
  adminSecret: secretArn("admin"),
  operatorSecret: secretArn("operator"),
  signingKey: `arn:aws:kms:${REGION}:${ACCOUNT}:key/wavegate-bundles`,
  migrationMachine: machineArn("migration"),
  waveMachine: machineArn("wave"),
  rollbackMachine: machineArn("rollback"),
} as const;
