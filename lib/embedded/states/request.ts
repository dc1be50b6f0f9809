import { violationOf } from "../model/check.ts";
import { PAYLOAD_LIMIT_BYTES } from "./asl.ts";
import { ServiceError } from "./errors.ts";
import { inputs } from "./model.ts";

/** The JSON object an API call carries. */
export type Request = Record<string, unknown>;

/**
 * Throws `ValidationException` or `SerializationException` unless the request is as the service's
 * model wants it: what follows may read its members by their types.
 */
export function checkInput(target: string, request: Request): void {
  const shape = inputs[target];
  const violation = shape && violationOf(shape, request);
  if (violation) throw new ServiceError(violation.name, violation.message);
}

/** A text that the model wants to be there. */
export const text = (request: Request, field: string): string => String(request[field]);

/** A text that may be missing. */
export const optionalText = (request: Request, field: string): string | undefined =>
  (request[field] ?? undefined) as string | undefined;

/** The data of an execution or a task, at most 256 KiB of UTF-8. Errors: `ValidationException`. */
export function payload(request: Request, field: "input" | "output"): string | undefined {
  const data = optionalText(request, field);
  if (data === undefined || Buffer.byteLength(data) <= PAYLOAD_LIMIT_BYTES) return data;
  throw invalid(
    `Value at '${field}' failed to satisfy constraint: Member must have size less than or equal to ${PAYLOAD_LIMIT_BYTES} bytes in UTF-8 encoding`,
  );
}

/** A number that may be missing. */
export const optionalNumber = (request: Request, field: string): number | undefined =>
  (request[field] ?? undefined) as number | undefined;

/** A page of a list and the token of the next; the token names the last item of the page. */
export function pageOf<T>(
  list: T[],
  idOf: (item: T) => string,
  page: { size: number; largest: number; token: unknown; refusal: string },
): { items: T[]; next: string | undefined } {
  const { size, largest, token, refusal } = page;
  let begin = 0;
  if (token !== undefined && token !== null) {
    const last = Buffer.from(String(token), "base64url").toString("utf8");
    begin = list.findIndex((item) => idOf(item) === last) + 1;
    if (begin === 0) throw new ServiceError(refusal, `Invalid Token: '${String(token)}'`);
  }
  const end = begin + (size === 0 ? Math.min(100, largest) : size);
  const items = list.slice(begin, end);
  const last = items.at(-1);
  const more = end < list.length && last !== undefined;
  return { items, next: more ? Buffer.from(idOf(last)).toString("base64url") : undefined };
}

/** A constraint of one member that does not hold. */
export function invalid(message: string): ServiceError {
  return new ServiceError("ValidationException", `1 validation error detected: ${message}`);
}
