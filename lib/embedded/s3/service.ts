import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Authenticate } from "../identity/identities.ts";
import { closeServer, listenOnLoopback } from "../identity/loopback.ts";
import { S3Error } from "./errors.ts";
import { readRequest, type S3Response } from "./exchange.ts";
import { findOperation } from "./routes.ts";
import { Store } from "./store.ts";
import { errorDocument } from "./xml.ts";

/** What the object store needs to run. */
interface S3ServiceOptions {
  /** The folder: one plain folder for each bucket, and `.s3` with the truth. */
  readonly directory: string;
  /** Buckets that are there from the start. */
  readonly buckets: readonly string[];
  readonly authenticate: Authenticate;
  /** Refuses what a caller may not do, by throwing; without it everybody may do everything. */
  readonly authorize?: (caller: string, operation: string, bucket?: string) => void;
  /** Beginnings of keys under which no version can be removed, as under Object Lock. */
  readonly locked?: readonly string[];
  /** 0 (the default): any free one. */
  readonly port?: number;
  /** Told of faults of the service itself (answered as `InternalError`). */
  readonly onFault?: (error: unknown) => void;
}

/** A running object store. */
export interface S3Service {
  /** `http://127.0.0.1:PORT`, for `AWS_ENDPOINT_URL_S3`. */
  readonly url: string;
  /** Stops listening; requests under way have five seconds to end. */
  close(): Promise<void>;
}

/**
 * Starts Amazon S3 over a folder, on 127.0.0.1. Clients address buckets by path
 * (`forcePathStyle`) or as `bucket.localhost`.
 */
export async function startS3Service(options: S3ServiceOptions): Promise<S3Service> {
  const store = new Store(options.directory, options.locked);
  await store.open(options.buckets);
  const server = createServer((message, response) => {
    void answer(store, options, message, response);
  });
  server.requestTimeout = 0; // A large upload may take its time; idle sockets end by themselves.
  const url = await listenOnLoopback(server, options.port ?? 0);
  return {
    url,
    close: () => closeServer(server),
  };
}

async function answer(
  store: Store,
  options: S3ServiceOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  try {
    const caller = await authenticate(options.authenticate, message);
    const request = readRequest(message);
    const { name, operation } = findOperation(request);
    options.authorize?.(caller, name, request.bucket);
    await send(message, response, requestId, await operation(store, request));
  } catch (error) {
    const known = asS3Error(error);
    const hungUp = message.destroyed && !message.complete;
    if (known.code === "InternalError" && !hungUp) options.onFault?.(error);
    if (response.headersSent || response.destroyed) response.destroy();
    else await send(message, response, requestId, errorResponse(known, message, requestId));
  } finally {
    message.resume(); // What is left of a refused body is let run out, so that the answer arrives.
  }
}

async function authenticate(who: Authenticate, message: IncomingMessage): Promise<string> {
  const { method = "", url = "", headers } = message;
  const caller = await who({ method, path: url, headers, body: undefined, service: "s3" });
  const isPresigned = headers.authorization === undefined;
  if (!isPresigned && headers["x-amz-content-sha256"] === undefined) {
    throw new S3Error(
      "InvalidRequest",
      "Missing required header for this request: x-amz-content-sha256",
    );
  }
  return caller;
}

async function send(
  message: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  { status, headers = {}, body }: S3Response,
): Promise<void> {
  const isHead = message.method === "HEAD";
  const length =
    typeof body === "string" ? Buffer.byteLength(body) : body === undefined ? 0 : undefined;
  const isBodyless = isHead || status === 204 || status === 304;
  response.writeHead(status, {
    ...(length === undefined || isBodyless ? {} : { "content-length": length }),
    ...headers,
    "x-amz-request-id": requestId,
  });
  if (typeof body === "object") await pipeline(body, response).catch(() => response.destroy());
  else response.end(isHead ? undefined : body);
}

function errorResponse(error: S3Error, message: IncomingMessage, requestId: string): S3Response {
  if (error.status === 304) return { status: 304, headers: error.headers };
  const body = errorDocument({
    Code: error.code,
    Message: error.message,
    Resource: (message.url ?? "").split("?")[0] ?? "",
    RequestId: requestId,
    ...error.details,
  });
  return {
    status: error.status,
    headers: { "content-type": "application/xml", ...error.headers },
    body,
  };
}

/** Errors of a disk that takes no more: full, over quota, or over the largest file allowed. */
const diskFull = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Refusals of the signature keep Amazon's names; S3 calls a missing one `AccessDenied`. */
function asS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error;
  const { name, message, status } = error as { name: string; message: string; status?: number };
  if (status === 400 || status === 403) {
    return Object.assign(new S3Error("AccessDenied", message), {
      code: name === "MissingAuthenticationToken" ? "AccessDenied" : name,
      status,
    });
  }
  if (diskFull.has((error as NodeJS.ErrnoException).code ?? "")) {
    return new S3Error(
      "DiskFull",
      "The disk that holds the evidence takes no more. Nothing of this object was stored; make room, then repeat the command.",
    );
  }
  return new S3Error("InternalError", "We encountered an internal error. Please try again.");
}
