import { ACCOUNT, machineArn, REGION } from "./machines.ts";

/** Where evidence is kept. */
export const BUCKET = "wavegate-evidence";

/** Below this nothing is replaced or removed: the evidence of runs. */
export const LOCKED = ["runs/"] as const;

const secret = (role: string) =>
  `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:wavegate/${role}`;

/** What one machine has under the names that AWS would give. */
export const ARNS = {
  cluster: `arn:aws:rds:${REGION}:${ACCOUNT}:cluster:wavegate`,
  adminSecret: secret("admin"),
  stageSecret: secret("stage"),
  commitSecret: secret("commit"),
  operatorSecret: secret("operator"),
  migrationMachine: machineArn("migration"),
  waveMachine: machineArn("wave"),
  rollbackMachine: machineArn("rollback"),
} as const;
