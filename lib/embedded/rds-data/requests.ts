import { badRequest, invalid } from "./errors.ts";
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

type Shape = "string" | "boolean" | "object" | "array";

/** Members with their JSON type and, for texts, the longest that AWS's model lets through. */
const MEMBERS: Readonly<Record<keyof DataApiRequest, readonly [Shape, number?]>> = {
  resourceArn: ["string", 100],
  secretArn: ["string", 100],
  database: ["string", 64],
  transactionId: ["string", 192],
  sql: ["string"],
  parameters: ["array"],
  parameterSets: ["array"],
  includeResultMetadata: ["boolean"],
  continueAfterTimeout: ["boolean"],
  formatRecordsAs: ["string"],
  resultSetOptions: ["object"],
};

/** Members beside the two ARNs that an operation cannot do without. */
const REQUIRED: Readonly<Record<Operation, readonly (keyof DataApiRequest)[]>> = {
  ExecuteStatement: ["sql"],
  BatchExecuteStatement: ["sql"],
  BeginTransaction: [],
  CommitTransaction: ["transactionId"],
  RollbackTransaction: ["transactionId"],
};

/**
 * Parses a body, once.
 *
 * @throws {ServiceError} BadRequestException or ValidationException for what the model forbids.
 */
export function parseRequest(operation: Operation, body: Buffer, limits: Limits): DataApiRequest {
  const given = parseJson(body);
  // The SDK leaves out what is undefined; a null from another client means the same.
  if ((given.schema ?? null) !== null) throw invalid("The schema parameter isn't supported");
  const request: Record<string, unknown> = {};
  for (const [name, [shape, longest]] of Object.entries(MEMBERS)) {
    const value = given[name] ?? undefined;
    if (value === undefined) continue;
    checkShape(name, value, shape);
    checkLength(name, value, name === "sql" ? limits.sqlLength : longest);
    request[name] = value;
  }
  for (const name of ["resourceArn", "secretArn", ...REQUIRED[operation]]) {
    if (!request[name]) throw badRequest(`${name} is missing`);
  }
  return request as unknown as DataApiRequest;
}

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
  if (shapeOf(given) !== "object") throw badRequest("The request is not a JSON object");
  return given as Record<string, unknown>;
}

function checkShape(name: string, value: unknown, shape: Shape): void {
  if (shapeOf(value) !== shape) throw badRequest(`${name} is not of type ${shape}`);
}

function checkLength(name: string, value: unknown, longest: number | undefined): void {
  if (longest === undefined || (value as string).length <= longest) return;
  throw invalid(
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: ` +
      `Member must have length less than or equal to ${longest}`,
  );
}

function shapeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}
