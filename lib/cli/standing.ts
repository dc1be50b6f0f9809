import { DescribeExecutionCommand, paginateListExecutions } from "@aws-sdk/client-sfn";
import type { Run } from "../data/runs.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Aws } from "./aws.ts";
import { number } from "./table.ts";

/** What a wave wrote, as far as a list shows it. */
export interface WaveCounts {
  readonly committed?: number;
  readonly linked?: number;
  /** Rows held at the last moment, as the platform changed since the review. */
  readonly heldBack?: number;
  /** Rows skipped at the last moment, as another run had moved them meanwhile. */
  readonly skipped?: number;
  /** Rows that the platform refused, and that are held, by the name of what refused them. */
  readonly refused?: Readonly<Record<string, number>>;
  /** Created rows by target table. */
  readonly created?: Readonly<Record<string, number>>;
}

/** `25 committed (legacy_completed_trainings 25), 3 linked`. */
export function writtenBy({
  committed = 0,
  linked = 0,
  heldBack = 0,
  skipped = 0,
  refused = {},
  created,
}: WaveCounts): string {
  const tables = Object.entries(created ?? {})
    .filter(([, rows]) => rows > 0)
    .map(([table, rows]) => `${table} ${number(rows)}`)
    .join(", ");
  const refusals = Object.entries(refused).map(([by, rows]) => `${by} ${number(rows)}`);
  return [
    `${number(committed)} committed${tables === "" ? "" : ` (${tables})`}`,
    ...(linked > 0 ? [`${number(linked)} linked`] : []),
    ...(heldBack > 0 ? [`${number(heldBack)} held at the last moment`] : []),
    ...(skipped > 0 ? [`${number(skipped)} skipped, as another run moved them`] : []),
    ...(refusals.length > 0 ? [`refused by the platform and held: ${refusals.join(", ")}`] : []),
  ].join(", ");
}

/** A wave as a list shows it. */
export interface WaveLine {
  readonly wave: number;
  readonly round: number;
  readonly size: number;
  readonly status: string;
  readonly clean: boolean | null;
  readonly counts: WaveCounts;
}

/** A sign-off as a list shows it: no token, no link. */
export interface SignOffLine {
  readonly id: string;
  readonly gate: string;
  readonly status: string;
  readonly digest: string;
  readonly asked_at: string;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly comment: string | null;
  readonly override_by: string | null;
  readonly override_reason: string | null;
  readonly void_because: string | null;
}

export const wavesOf = ({ db }: Aws, run: Run): Promise<WaveLine[]> =>
  db.rows<WaveLine>(sql`
    select wave, round, size, status, clean, counts
      from wavegate.waves where run_id = ${uuid(run.id)} order by wave`);

export const signOffsOf = ({ db }: Aws, run: Run): Promise<SignOffLine[]> =>
  db.rows<SignOffLine>(sql`
    select id, gate, case when status = 'pending' and expires_at <= now() then 'expired' else status end as status,
           digest, to_char(asked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as asked_at,
           decided_by, to_char(decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as decided_at,
           comment, override_by, override_reason, void_because
      from wavegate.sign_offs where run_id = ${uuid(run.id)} order by asked_at, id`);

/** Whether an execution goes on; one that the service no longer knows does not. */
export async function isAlive({ states }: Aws, executionArn: string | null): Promise<boolean> {
  if (executionArn === null) return false;
  try {
    const { status } = await states.send(new DescribeExecutionCommand({ executionArn }));
    return status === "RUNNING";
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return false;
    throw error;
  }
}

/**
 * The execution to look at: the one that goes on now, found by the run's id in its name; else the
 * one that began the run.
 */
export async function executionOf(
  aws: Aws,
  run: Run,
): Promise<{ readonly arn: string | null; readonly alive: boolean }> {
  if (await isAlive(aws, run.execution_arn)) return { arn: run.execution_arn, alive: true };
  const pages = paginateListExecutions(
    { client: aws.states },
    { stateMachineArn: aws.machine("migration"), statusFilter: "RUNNING" },
  );
  for await (const { executions = [] } of pages) {
    const found = executions.find(({ name }) => name?.startsWith(run.id));
    if (found?.executionArn !== undefined) return { arn: found.executionArn, alive: true };
  }
  return { arn: run.execution_arn, alive: false };
}
