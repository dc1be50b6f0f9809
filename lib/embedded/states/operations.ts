import { randomUUID } from "node:crypto";
import type { Trail } from "./cloudtrail.ts";
import type { Definitions } from "./definitions.ts";
import { describeExecution, moment, summary } from "./describe.ts";
import { ServiceError } from "./errors.ts";
import { shownEvent } from "./events.ts";
import type { Execution } from "./execution.ts";
import type { Executions } from "./executions.ts";
import {
  checkExecutionArn,
  checkExecutionName,
  executionArn,
  machineArn,
  machineOf,
  type Place,
} from "./names.ts";
import { previousEvents } from "./previous-events.ts";
import {
  invalid,
  optionalNumber,
  optionalText,
  pageOf,
  payload,
  type Request,
  text,
} from "./request.ts";
import { roleArn } from "./run.ts";
import type { TaskTokens } from "./tokens.ts";

/** What the operations work on. */
export interface Service {
  place: Place;
  definitions: Definitions;
  executions: Executions;
  tokens: TaskTokens;
  trail: Trail;
  /** Milliseconds since 1970 of the service's start: the creation date of its machines. */
  since: number;
}

/** One API operation; `caller` is the name that authentication vouches for. */
export type Operation = (service: Service, request: Request, caller: string) => Promise<object>;

/** The operations by the value of `X-Amz-Target`. */
export const operations: Record<string, Operation> = {
  "AWSStepFunctions.StartExecution": startExecution,
  "AWSStepFunctions.StopExecution": stopExecution,
  "AWSStepFunctions.RedriveExecution": redriveExecution,
  "AWSStepFunctions.DescribeExecution": async (service, request) =>
    describeExecution(executionIn(service, request), withData(request)),
  "AWSStepFunctions.ListExecutions": listExecutions,
  "AWSStepFunctions.GetExecutionHistory": getExecutionHistory,
  "AWSStepFunctions.ListStateMachines": listStateMachines,
  "AWSStepFunctions.DescribeStateMachine": describeStateMachine,
  "AWSStepFunctions.DescribeStateMachineForExecution": describeStateMachineForExecution,
  "AWSStepFunctions.ListTagsForResource": listTagsForResource,
  "AWSStepFunctions.SendTaskSuccess": sendTaskSuccess,
  "AWSStepFunctions.SendTaskFailure": sendTaskFailure,
  "AWSStepFunctions.SendTaskHeartbeat": sendTaskHeartbeat,
  "CloudTrail_20131101.LookupEvents": async (service, request) => service.trail.lookup(request),
};

/** AWS does not keep the data of an execution in its trail. */
const HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

async function startExecution(service: Service, request: Request, caller: string) {
  const { place, executions, trail } = service;
  const stateMachineArn = text(request, "stateMachineArn");
  const machine = machineOf(place, stateMachineArn);
  const name = optionalText(request, "name") ?? randomUUID();
  checkExecutionName(name);
  if (!service.definitions.current(machine)) throw noSuchMachine(stateMachineArn);
  const input = payload(request, "input") ?? "{}";
  if (!isJson(input)) {
    const message = "Invalid State Machine Execution Input: the input is not valid JSON";
    throw new ServiceError("InvalidExecutionInput", message);
  }
  const arn = executionArn(place, machine, name);
  executions.checkFree(arn, input);
  // Recorded first: there is never an execution of which nobody knows who started it.
  await trail.record({
    name: "StartExecution",
    username: caller,
    executionArn: arn,
    machineArn: machineArn(place, machine),
    request: { stateMachineArn, name, input: HIDDEN },
  });
  const execution = await executions.start({ machine, name, input });
  return { executionArn: arn, startDate: moment(execution.startedAt) };
}

async function stopExecution(service: Service, request: Request, caller: string) {
  const execution = executionIn(service, request);
  const error = optionalText(request, "error");
  const cause = optionalText(request, "cause");
  await recordChange(service, "StopExecution", execution, caller, { error, cause });
  await execution.stop(error, cause);
  return { stopDate: moment(execution.ending?.at) };
}

async function redriveExecution(service: Service, request: Request, caller: string) {
  const execution = executionIn(service, request);
  execution.checkRedrivable();
  await recordChange(service, "RedriveExecution", execution, caller, {});
  await service.executions.redrive(execution);
  return { redriveDate: moment(execution.redrivenAt) };
}

async function listExecutions(service: Service, request: Request) {
  const arn = optionalText(request, "stateMachineArn");
  if (arn === undefined) throw invalid(MACHINE_OR_MAP_RUN);
  if (optionalText(request, "mapRunArn") !== undefined) throw invalid(NOT_BOTH);
  const machine = machineOf(service.place, arn);
  const status = optionalText(request, "statusFilter");
  const redriven = optionalText(request, "redriveFilter");
  const list = service.executions
    .all()
    .filter((execution) => execution.machine.name === machine)
    .filter((execution) => status === undefined || execution.status === status)
    .filter(
      (execution) =>
        redriven === undefined || execution.redriveCount > 0 === (redriven === "REDRIVEN"),
    );
  if (list.length === 0 && !service.definitions.current(machine) && request.nextToken == null) {
    throw noSuchMachine(arn);
  }
  const { items, next } = pageOf(list, (execution) => execution.arn, paging(request));
  return { executions: items.map(summary), nextToken: next };
}

async function getExecutionHistory(service: Service, request: Request) {
  const events = await service.executions.history(executionIn(service, request));
  const previous = previousEvents(events);
  if (request.reverseOrder === true) events.reverse();
  const { items, next } = pageOf(events, (event) => String(event.id), paging(request));
  const withData = request.includeExecutionData !== false;
  return {
    events: items.map((event) => shownEvent(event, previous.get(event.id) ?? 0, withData)),
    nextToken: next,
  };
}

async function listStateMachines(service: Service, request: Request) {
  const { items, next } = pageOf(service.definitions.names(), (name) => name, paging(request));
  const stateMachines = items.map((name) => ({
    stateMachineArn: machineArn(service.place, name),
    name,
    type: "STANDARD",
    creationDate: moment(service.since),
  }));
  return { stateMachines, nextToken: next };
}

/** Nothing here has tags. */
async function listTagsForResource(service: Service, request: Request) {
  const arn = text(request, "resourceArn");
  const name = machineOf(service.place, arn);
  if (!service.definitions.current(name)) {
    throw new ServiceError("ResourceNotFound", `Resource not found: '${arn}'`);
  }
  return { tags: [] };
}

/** There are no map runs here, so that only one of the two can be named. Assumed wording. */
const MACHINE_OR_MAP_RUN =
  "Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null";

/** Documented: either, but not both. Assumed wording. */
const NOT_BOTH = "Either stateMachineArn or mapRunArn can be given, but not both";

/** Whether the data of an execution is asked for: it is, unless only metadata is. */
const withData = (request: Request): boolean => request.includedData !== "METADATA_ONLY";

async function describeStateMachine(service: Service, request: Request) {
  const arn = text(request, "stateMachineArn");
  const name = machineOf(service.place, arn);
  const current = service.definitions.current(name);
  if (!current) throw noSuchMachine(arn);
  return {
    stateMachineArn: arn,
    name,
    status: "ACTIVE",
    ...(withData(request) ? { definition: JSON.stringify(current.definition) } : {}),
    roleArn: roleArn(arn),
    type: "STANDARD",
    creationDate: moment(service.since),
    loggingConfiguration: { level: "OFF", includeExecutionData: false },
  };
}

async function describeStateMachineForExecution(service: Service, request: Request) {
  const { machine, definition, startedAt } = executionIn(service, request);
  return {
    stateMachineArn: machine.arn,
    name: machine.name,
    ...(withData(request) ? { definition: JSON.stringify(definition) } : {}),
    roleArn: roleArn(machine.arn),
    updateDate: moment(startedAt),
  };
}

async function sendTaskSuccess(service: Service, request: Request) {
  const output = payload(request, "output") ?? "";
  if (!isJson(output)) {
    throw new ServiceError("InvalidOutput", "Invalid Output: the output is not valid JSON");
  }
  const outcome = { kind: "succeeded", output: JSON.parse(output) } as const;
  await service.tokens.settle(text(request, "taskToken"), outcome);
  return {};
}

async function sendTaskFailure(service: Service, request: Request) {
  const error = optionalText(request, "error") ?? "";
  const cause = optionalText(request, "cause") ?? "";
  await service.tokens.settle(text(request, "taskToken"), { kind: "failed", error, cause });
  return {};
}

async function sendTaskHeartbeat(service: Service, request: Request) {
  service.tokens.beat(text(request, "taskToken"));
  return {};
}

function executionIn(service: Service, request: Request): Execution {
  const arn = text(request, "executionArn");
  checkExecutionArn(service.place, arn);
  return service.executions.get(arn);
}

function recordChange(
  service: Service,
  name: "StopExecution" | "RedriveExecution",
  execution: Execution,
  caller: string,
  details: Record<string, unknown>,
): Promise<void> {
  return service.trail.record({
    name,
    username: caller,
    executionArn: execution.arn,
    machineArn: execution.machine.arn,
    request: { executionArn: execution.arn, ...details },
  });
}

function paging(request: Request) {
  return {
    size: optionalNumber(request, "maxResults") ?? 100,
    largest: 1000,
    token: request.nextToken,
    refusal: "InvalidToken",
  };
}

function noSuchMachine(arn: string): ServiceError {
  return new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
