import { steerless } from "../evidence/json-text.ts";

/** An answer as an HTTP API of API Gateway takes it (payload format 2.0). */
export interface PageResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly cookies?: readonly string[];
}

const policy = (more: string) =>
  `default-src 'none'; style-src 'self'; img-src 'self'; ${more}form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

/** What every answer carries: nothing is cached, framed, leaked by referrer, or run. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": policy(""),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex, nofollow",
};

/** On top of them for a page with a script: of our own address, and never inline. */
export const scriptHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": policy("script-src 'self'; "),
};

/** For one that also asks for itself again, and for nothing else. */
export const liveHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": policy("script-src 'self'; connect-src 'self'; "),
};

/** An answer for a program; whoever shows it in a terminal is steered by nothing in it. */
export const jsonAnswer = (statusCode: number, body: unknown): PageResponse => ({
  statusCode,
  headers: { ...safeHeaders, "content-type": "application/json; charset=utf-8" },
  body: steerless(JSON.stringify(body)),
});

/**
 * After a saved form the page is read anew, so that loading it again saves nothing again.
 *
 * @param path on this site; whatever stands in it is written as an address may hold it
 */
export function seeOther(path: string): PageResponse {
  const { pathname, search, hash } = new URL(path, "http://here");
  return {
    statusCode: 303,
    // Two slashes would be another site.
    headers: { ...safeHeaders, location: pathname.replace(/^\/+/u, "/") + search + hash },
    body: "",
  };
}
