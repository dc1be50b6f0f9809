import { ServiceError } from "./errors.ts";

/** The JSON object an API call carries. */
export type Request = Record<string, unknown>;

/** A text that must be there; throws `ValidationException`. */
export function text(request: Request, field: string): string {
  const value = optionalText(request, field);
  if (value === undefined)
    throw invalid(`Value null at '${field}' failed: Member must not be null`);
  return value;
}

/** A text that may be missing. `limit` is in bytes of UTF-8. */
export function optionalText(request: Request, field: string, limit?: number): string | undefined {
  const value = request[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw invalid(`'${field}' must be a string.`);
  if (limit !== undefined && Buffer.byteLength(value) > limit) {
    throw invalid(
      `Value at '${field}' failed: Member must have length less than or equal to ${limit}`,
    );
  }
  return value;
}

/** A number that may be missing. */
export function optionalNumber(request: Request, field: string): number | undefined {
  const value = request[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number") throw invalid(`'${field}' must be a number.`);
  return value;
}

/** A page of a list and the token of the next; the token names the last item of the page. */
export function pageOf<T>(
  list: T[],
  idOf: (item: T) => string,
  page: { size: number; largest: number; token: unknown; refusal: string },
): { items: T[]; next: string | undefined } {
  const { size, largest, token, refusal } = page;
  if (!Number.isInteger(size) || size < 0 || size > largest) {
    throw invalid(`The number of results must be a whole number from 0 to ${largest}.`);
  }
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

function invalid(message: string): ServiceError {
  return new ServiceError("ValidationException", `1 validation error detected: ${message}`);
}

/** A field that is absent or one of these words. Errors: `ValidationException`. */
export function oneOf(
  request: Request,
  name: string,
  words: readonly string[],
): string | undefined {
  const value = optionalText(request, name);
  if (value === undefined || words.includes(value)) return value;
  throw invalid(
    `Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${words.join(", ")}]`,
  );
}
