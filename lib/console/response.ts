/** An answer as an HTTP API of API Gateway takes it (payload format 2.0). */
export interface PageResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly cookies?: readonly string[];
}

/** What every answer carries: nothing is cached, framed, leaked by referrer, or run. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex, nofollow",
};

/** An answer for a program. */
export const jsonAnswer = (statusCode: number, body: unknown): PageResponse => ({
  statusCode,
  headers: { ...safeHeaders, "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body),
});

/** After a saved form the page is read anew, so that loading it again saves nothing again. */
export const seeOther = (location: string): PageResponse => ({
  statusCode: 303,
  headers: { ...safeHeaders, location },
  body: "",
});
