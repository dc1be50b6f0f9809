import { violationOf } from "../model/check.ts";
import {
  boolean,
  list,
  oneOf,
  type Structure,
  sensitive,
  string,
  structure,
} from "../model/shapes.ts";
import { badRequest, invalid, ServiceError } from "./errors.ts";
import type { Limits } from "./limits.ts";
import type { SqlParameter } from "./parameters.ts";

/** The operations, by the path that each has. */
export const OPERATIONS = {
  "/Execute": "ExecuteStatement",
  "/BatchExecute": "BatchExecuteStatement",
  "/BeginTransaction": "BeginTransaction",
  "/CommitTransaction": "CommitTransaction",
  "/RollbackTransaction": "RollbackTransaction",
} as const;

export type Operation = (typeof OPERATIONS)[keyof typeof OPERATIONS];

/** A request's body: every member that any of the operations knows. */
export interface DataApiRequest {
  readonly resourceArn: string;
  readonly secretArn: string;
  readonly database?: string;
  readonly transactionId?: string;
  readonly sql?: string;
  readonly parameters?: SqlParameter[];
  readonly parameterSets?: SqlParameter[][];
  readonly includeResultMetadata?: boolean;
  readonly continueAfterTimeout?: boolean;
  readonly formatRecordsAs?: string;
  readonly resultSetOptions?: Record<string, unknown>;
}

const arn = string(11, 570);
const place = { "resourceArn!": arn, "secretArn!": arn };
const target = { database: string(0, 64), schema: string(0, 64) };
const anything = list(structure({}));

/**
 * What the operations take, from the public model of the service (2018-08-01). Parameters are looked
 * at one by one where they are bound.
 */
export const inputsFor = (sqlLength: number): Readonly<Record<Operation, Structure>> => {
  const sql = { "sql!": { ...sensitive(sqlLength), min: 0 } as const };
  const within = { transactionId: string(0, 192) };
  const ending = structure({ ...place, "transactionId!": within.transactionId });
  return {
    ExecuteStatement: structure({
      ...place,
      ...sql,
      ...target,
      ...within,
      parameters: anything,
      includeResultMetadata: boolean,
      continueAfterTimeout: boolean,
      formatRecordsAs: oneOf("NONE", "JSON"),
      resultSetOptions: structure({
        decimalReturnType: oneOf("STRING", "DOUBLE_OR_LONG"),
        longReturnType: oneOf("STRING", "LONG"),
      }),
    }),
    BatchExecuteStatement: structure({
      ...place,
      ...sql,
      ...target,
      ...within,
      parameterSets: list(anything),
    }),
    BeginTransaction: structure({ ...place, ...target }),
    CommitTransaction: ending,
    RollbackTransaction: ending,
  };
};

const inputs = new Map<number, ReturnType<typeof inputsFor>>();

/**
 * Parses a body, once.
 *
 * @throws {ServiceError} ValidationException, SerializationException or BadRequestException for what
 * the model forbids.
 */
export function parseRequest(operation: Operation, body: Buffer, limits: Limits): DataApiRequest {
  const given = parseJson(body);
  const known = inputs.get(limits.sqlLength) ?? inputsFor(limits.sqlLength);
  inputs.set(limits.sqlLength, known);
  const shape = known[operation];
  const violation = violationOf(shape, given);
  if (violation) throw new ServiceError(violation.name, violation.message);
  // The SDK leaves out what is undefined; a null from another client means the same.
  if ((given.schema ?? null) !== null) throw invalid("The schema parameter isn't supported");
  const request = Object.fromEntries(
    Object.keys(shape.members)
      .map((name) => [name, given[name] ?? undefined] as const)
      .filter(([, value]) => value !== undefined),
  ) as unknown as DataApiRequest;
  if (request.sql === "") throw badRequest("sql is empty");
  if (request.transactionId === "" && shape.required.includes("transactionId")) {
    throw badRequest("transactionId is empty");
  }
  if ((request.parameterSets?.length ?? 0) > MOST_SETS) {
    throw badRequest(`A batch takes at most ${MOST_SETS} parameter sets`);
  }
  return request;
}

/**
 * The documentation named 1,000 once and names no number any more: the stricter of both, so that what
 * passes here passes there. The refusal's words are assumed.
 */
const MOST_SETS = 1000;

/** A long that a JavaScript number may not keep; a request without one is parsed without looking at each number. */
const mayHaveLongs = /"longValue"\s*:\s*-?\d{16}/;
const whole = /^-?\d+$/;

/** The service reads longs as 64-bit integers: here they come as bigints where a number would round them. */
function exactLongs(key: string, value: unknown, { source = "" }: { source?: string }): unknown {
  const rounded = key === "longValue" && typeof value === "number" && !Number.isSafeInteger(value);
  return rounded && whole.test(source) ? BigInt(source) : value;
}

function parseJson(body: Buffer): Record<string, unknown> {
  let given: unknown;
  try {
    const text = body.toString("utf8");
    given = mayHaveLongs.test(text)
      ? JSON.parse(text, exactLongs as (key: string, value: unknown) => unknown)
      : JSON.parse(text);
  } catch {
    throw badRequest("The request is not JSON");
  }
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw badRequest("The request is not a JSON object");
  }
  return given as Record<string, unknown>;
}
