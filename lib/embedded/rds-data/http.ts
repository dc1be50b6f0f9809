import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { badRequest, type ServiceError } from "./errors.ts";

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
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= room) chunks.push(chunk);
    else if (size > limit * DRAIN_FACTOR) request.destroy();
  }
  if (size > room) throw badRequest("The request is larger than the limit of 4 MiB");
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
}

/** Request line and headers as they were sent, with their separators. */
const headerBytes = ({ method, url, rawHeaders }: IncomingMessage) =>
  `${method} ${url} HTTP/1.1\r\n\r\n`.length +
  rawHeaders.reduce((sum, part) => sum + part.length + 2, 0);

/** Sends a body of JSON text; returns its size in bytes. */
export function sendJson(response: ServerResponse, json: string): number {
  return send(response, 200, {}, json);
}

/** Sends an error as AWS does, its name both in a header and in the body. */
export function sendError(
  response: ServerResponse,
  error: { name: string; message: string; status: number; details?: ServiceError["details"] },
): number {
  const body = { __type: error.name, message: error.message, ...error.details };
  const headers = { "x-amzn-errortype": error.name };
  return send(response, error.status, headers, JSON.stringify(body));
}

function send(
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  json: string,
): number {
  const body = Buffer.from(json, "utf8");
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": body.length,
    "x-amzn-requestid": randomUUID(),
    ...headers,
  });
  response.end(body);
  return body.length;
}
