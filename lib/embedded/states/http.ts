import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { lacksRoom } from "./append-log.ts";
import { ServiceError } from "./errors.ts";
import { formError, identityOf } from "./identity.ts";
import { type Operation, operations, type Service } from "./operations.ts";
import { checkInput, type Request } from "./request.ts";

/** A request as authentication sees it. */
export interface SignedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Returns the caller's name; throws an error whose `name` is AWS's name of the refusal. */
export type Authenticate = (request: SignedRequest) => Promise<string>;

/** Who calls, and whether they may. */
export interface Gate {
  readonly authenticate: Authenticate;
  /** Refuses what a caller may not do, by throwing; without it everybody may do everything. */
  readonly authorize?: ((caller: string, operation: string) => void) | undefined;
}

/** AWS's limit for a request is 1 MB; twice that leaves room for escapes. */
const BODY_LIMIT_BYTES = 2 * 1024 * 1024;

interface Answer {
  status: number;
  body: object | string;
  error?: string;
}

/** A server that speaks AWS JSON on 127.0.0.1. */
export async function serve(
  service: Service,
  gate: Gate,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(service, gate, request)
      .catch((error) => asAnswer(error, isForm(request.headers["content-type"])))
      .then((result) => send(request, response, result))
      .catch(() => response.destroy());
  });
  await listen(server, port);
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${actual}`, close: () => closeServer(server) };
}

async function answer(
  service: Service,
  { authenticate, authorize }: Gate,
  request: IncomingMessage,
): Promise<Answer> {
  const body = await readBody(request);
  const { method = "", url: path = "", headers } = request;
  const caller = await authenticate({ method, path, headers, body }).catch(refused);
  if (isForm(headers["content-type"])) return identityOf(service.place, body, caller);
  // Some clients say the whole name of the service before its operation.
  const target = String(headers["x-amz-target"] ?? "")
    .split(".")
    .slice(-2)
    .join(".");
  const operation = operationOf(target);
  try {
    authorize?.(caller, target.slice(target.lastIndexOf(".") + 1));
  } catch (error) {
    throw new ServiceError("AccessDeniedException", (error as Error).message);
  }
  const input = parse(body);
  checkInput(target, input);
  return { status: 200, body: await operation(service, input, caller) };
}

const isForm = (type: string | undefined): boolean =>
  type?.startsWith("application/x-www-form-urlencoded") ?? false;

function refused(thrown: unknown): never {
  const code = thrown instanceof Error ? thrown.name : "AccessDeniedException";
  throw new ServiceError(code, thrown instanceof Error ? thrown.message : "Access denied.");
}

function operationOf(target: string): Operation {
  const operation = Object.hasOwn(operations, target) ? operations[target] : undefined;
  if (operation) return operation;
  const service = target.startsWith("CloudTrail_") ? "CloudTrail" : "Step Functions";
  const known = Object.keys(operations)
    .filter((name) => name.startsWith("CloudTrail_") === (service === "CloudTrail"))
    .map((name) => name.split(".")[1]);
  throw new ServiceError(
    "UnknownOperationException",
    `The embedded ${service} has no operation '${target}'. It has ${known.join(", ")}.`,
  );
}

function parse(body: Buffer): Request {
  try {
    const value: unknown = JSON.parse(body.toString("utf8") || "{}");
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      return value as Request;
  } catch {
    // Said below, for everything that is not a JSON object.
  }
  throw new ServiceError("SerializationException", "The request's body is not a JSON object.");
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    // What is too much is read on and thrown away, so that the caller hears the refusal.
    if (size <= BODY_LIMIT_BYTES) parts.push(part);
  }
  if (size > BODY_LIMIT_BYTES) {
    throw new ServiceError("ValidationException", "The request is larger than 1 MB.");
  }
  return Buffer.concat(parts);
}

/** Not one of Amazon's, whose disks are never full. */
const diskFull = () =>
  new ServiceError(
    "DiskFull",
    "The disk that holds the executions takes no more. Nothing was begun or ended; make room, then repeat the command.",
  );

function asAnswer(error: unknown, inForm: boolean): Answer {
  const thrown = lacksRoom(error) ? diskFull() : error;
  if (inForm) {
    const known = thrown instanceof ServiceError;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return {
      status: known ? 400 : 500,
      body: formError(known ? thrown.code : "InternalFailure", message),
    };
  }
  if (thrown instanceof ServiceError) {
    return { status: 400, error: thrown.code, body: { message: thrown.message } };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { status: 500, error: "InternalFailure", body: { message } };
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  const type = request.headers["content-type"] ?? "application/x-amz-json-1.0";
  const { status, error, body } = answer;
  if (typeof body === "string") {
    response.writeHead(status, { "content-type": "text/xml", "x-amzn-requestid": randomUUID() });
    response.end(body);
    return;
  }
  response.writeHead(status, {
    "content-type": type.startsWith("application/x-amz-json") ? type : "application/json",
    "x-amzn-requestid": randomUUID(),
    ...(error === undefined ? {} : { "x-amzn-errortype": error }),
  });
  response.end(JSON.stringify(error === undefined ? body : { __type: error, ...body }));
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
