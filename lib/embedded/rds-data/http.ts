import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { badRequest, type ServiceError } from "./errors.ts";

/** What a request says before its body. */
export interface Head {
  readonly method: string;
  /** The request target as sent. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** Past this the sender is cut off instead of being listened to until it ends. */
const DRAIN_FACTOR = 16;

/**
 * Reads a body into one buffer.
 *
 * @throws {ServiceError} BadRequestException when headers and body are past the limit. The rest is
 * read and thrown away first: a client that is still sending would not see the answer.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const room = limit - headerBytes(request);
  const chunks: Buffer[] = [];
  let size = 0;
  // Listened to: an iterator ends each with an error that nobody reads, its stack included.
  await new Promise<void>((resolve, reject) => {
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= room) chunks.push(chunk);
      else if (size > limit * DRAIN_FACTOR) request.destroy();
    });
    request.once("end", resolve).once("error", reject);
    request.once("close", () => {
      if (!request.readableEnded) reject(new Error("The request ended before its body did."));
    });
  });
  if (size > room) throw tooLarge();
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
}

/**
 * A body that was given as a whole.
 *
 * @throws {ServiceError} BadRequestException when headers and body are past the limit
 */
export function sized({ method, path, headers }: Head, body: Buffer, limit: number): Buffer {
  const rawHeaders = Object.entries(headers).flat().map(String);
  if (body.length > limit - headerBytes({ method, url: path, rawHeaders })) throw tooLarge();
  return body;
}

const tooLarge = () => badRequest("The request is larger than the limit of 4 MiB");

/** Request line and headers as they were sent, with their separators. */
const headerBytes = ({
  method,
  url,
  rawHeaders,
}: Pick<IncomingMessage, "method" | "url" | "rawHeaders">) =>
  `${method} ${url} HTTP/1.1\r\n\r\n`.length +
  rawHeaders.reduce((sum, part) => sum + part.length + 2, 0);

/** An answer as it is sent; its body is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer of JSON text. */
export const answered = (json: string): Answer => answer(200, {}, json);

/** An error as AWS says it, its name both in a header and in the body. */
export function refused(error: {
  name: string;
  message: string;
  status: number;
  details?: ServiceError["details"];
}): Answer {
  const body = { __type: error.name, message: error.message, ...error.details };
  return answer(error.status, { "x-amzn-errortype": error.name }, JSON.stringify(body));
}

function answer(status: number, headers: Record<string, string>, json: string): Answer {
  const body = Buffer.from(json, "utf8");
  return {
    status,
    headers: {
      "content-type": "application/json",
      "content-length": String(body.length),
      "x-amzn-requestid": randomUUID(),
      ...headers,
    },
    body,
  };
}

/** Sends an answer; without one the connection is cut. */
export function write(response: ServerResponse, answer: Answer | undefined): void {
  if (answer === undefined) return void response.destroy();
  response.writeHead(answer.status, answer.headers);
  response.end(answer.body);
}
