import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  paginateListExecutions,
} from "@aws-sdk/client-sfn";
import * as z from "zod";
import type { Run } from "../data/runs.ts";
import { sayable } from "../evidence/contacts.ts";
import { atWorkOn, type Doing, doingOf, type InTheWay, inTheWayOf } from "../review/people/acts.ts";
import { begunLast } from "../review/steer/run-standing.ts";
import { readError } from "../services/inputs.ts";
import type { Machine, UnderWay, Workflow } from "../services/services.ts";
import { machinesAtWork, openWorkflow } from "../services/workflow.ts";
import type { Because } from "../speech/refused.ts";
import type { Aws } from "./aws.ts";

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

const HandedOver = z.looseObject({
  handedOver: z.looseObject({ answer: z.looseObject({ executionArn: z.string().min(1) }) }),
});

/** The execution in which a run goes on whose own was full (`HandOver` in statemachines/migration.asl.yaml). */
export async function handedOverTo(
  { states }: Aws,
  executionArn: string | null,
): Promise<string | undefined> {
  if (executionArn === null) return undefined;
  try {
    const { output = "null" } = await states.send(new DescribeExecutionCommand({ executionArn }));
    const said = HandedOver.safeParse(JSON.parse(output));
    return said.success ? said.data.handedOver.answer.executionArn : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return undefined;
    throw error;
  }
}

/** The ARN of an execution by its name; whether there is one is not looked at. */
export const executionArnOf = ({ machine }: Aws, of: Machine, name: string): string =>
  `${machine(of).replace(":stateMachine:", ":execution:")}:${name}`;

/** Whether an execution that was begun is over; one that was begun just now may not be known yet. */
export async function isOver(aws: Aws, of: Machine, name: string): Promise<boolean> {
  const executionArn = executionArnOf(aws, of, name);
  try {
    const { status } = await aws.states.send(new DescribeExecutionCommand({ executionArn }));
    return status !== "RUNNING";
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return false;
    throw error;
  }
}

/** What was said of a run's settings as it was begun, word by word; nothing where the service no longer knows of it. */
export async function saidAtStart(
  { states }: Aws,
  { execution_arn: executionArn }: Run,
): Promise<Readonly<Record<string, string>>> {
  if (executionArn === null) return {};
  try {
    const { input = "{}" } = await states.send(new DescribeExecutionCommand({ executionArn }));
    const { settings = {} } = JSON.parse(input) as { settings?: Record<string, string> };
    return settings;
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return {};
    throw error;
  }
}

/** Executions that go on now; their names begin with their run's id. */
async function* running(
  { states, machine }: Aws,
  machines: readonly Machine[],
): AsyncGenerator<ExecutionListItem> {
  for (const each of machines) {
    const pages = paginateListExecutions(
      { client: states },
      { stateMachineArn: machine(each), statusFilter: "RUNNING" },
    );
    for await (const { executions = [] } of pages) yield* executions;
  }
}

/** ARNs of the executions that work on a run or wait for it now, twenty at most. */
export async function executionsUnderWay(aws: Aws, run: Run): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, executionArn } of running(aws, machinesAtWork)) {
    if (name?.startsWith(run.id) && executionArn) found.push(executionArn);
  }
  return found.slice(0, 20);
}

/** ARNs of the executions in which all that is left of a run goes on or comes to its end now; the one it began with, listed or not. */
export async function wholeUnderWay(aws: Aws, run: Run): Promise<string[]> {
  const { execution_arn: own } = run;
  const found = new Set(own !== null && (await isAlive(aws, own)) ? [own] : []);
  for await (const { name = "", executionArn = "" } of running(aws, ["migration"])) {
    if (name.startsWith(run.id)) found.add(executionArn);
  }
  return [...found].filter((arn) => {
    const name = arn.split(":").at(-1) ?? "";
    return doingOf({ machine: "migration", name }, run.id) === "run";
  });
}

/** Step Functions as the console looks at it. */
export const workflowOf = ({ states, machine }: Aws): Workflow =>
  openWorkflow(states, {
    migration: machine("migration"),
    rollback: machine("rollback"),
    wave: machine("wave"),
  });

/** Ids of the runs that an execution works on or waits for now. */
export async function runsUnderWay(aws: Aws): Promise<(run: string) => boolean> {
  const names: string[] = [];
  for await (const { name = "" } of running(aws, machinesAtWork)) names.push(name);
  return (run) => names.some((name) => name.startsWith(run));
}

/**
 * Why what was begun last of a run failed, be it that the run itself could not note it, as on a full disk; undefined where
 * it did not fail, where a step alone was begun since, and where nobody knows any more.
 */
export async function failureOf(aws: Aws, run: Run): Promise<Because | undefined> {
  const executionArn = await begunForAll(aws, run);
  if (executionArn === null) return undefined;
  try {
    const { status, error, cause } = await aws.states.send(
      new DescribeExecutionCommand({ executionArn }),
    );
    if (status !== "FAILED" && status !== "TIMED_OUT") return undefined;
    return sayable(readError({ Error: error ?? status, Cause: cause }));
  } catch (error) {
    if (error instanceof Error && error.name === "ExecutionDoesNotExist") return undefined;
    throw error;
  }
}

/** What was begun last of a run, where that is all that is left of it and has a name; null otherwise. */
async function begunForAll(aws: Aws, run: Run): Promise<string | null> {
  const [last] = await begunLast(aws.db, run.id);
  if (last === undefined) return run.execution_arn;
  const { machine, name } = last;
  if (name === undefined || machine !== "migration") return null;
  return doingOf({ machine, name }, run.id) === "run" ? executionArnOf(aws, machine, name) : null;
}

/** The execution of a run to look at. */
interface Looked {
  readonly arn: string | null;
  readonly alive: boolean;
  readonly doing?: Doing;
  /** Beside what the run does not go on. */
  readonly inTheWay: InTheWay | undefined;
}

/**
 * The execution to look at: the one that goes on now, found by the run's id in its name; else the
 * one that began the run. `machines`: which state machines may be at work on it.
 */
export async function executionOf(
  aws: Aws,
  run: Run,
  machines: readonly Machine[] = ["migration"],
): Promise<Looked> {
  const found: UnderWay[] = [];
  for (const machine of machines) {
    for await (const { name = "", executionArn = "" } of running(aws, [machine]))
      found.push({ machine, name, executionArn });
  }
  const atWork = atWorkOn(found, run.id);
  const { execution_arn: own } = run;
  // What was begun just now may be listed a moment later.
  const first = atWork === undefined || atWork.doing === "step";
  if (first && own !== null && (await isAlive(aws, own))) {
    const begun = { machine: "migration", name: own.split(":").at(-1) ?? "" } as const;
    const inTheWay = inTheWayOf([...found, { ...begun, executionArn: own }], run.id);
    return { arn: own, alive: true, doing: doingOf(begun, run.id), inTheWay };
  }
  const inTheWay = inTheWayOf(found, run.id);
  return atWork === undefined
    ? { arn: own, alive: false, inTheWay }
    : { arn: atWork.executionArn, alive: true, doing: atWork.doing, inTheWay };
}
