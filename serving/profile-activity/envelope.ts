/** A response as API Gateway takes it (payload format 2.0). */
export interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Something wrong about a request; `parameter` is the one that is. */
export interface Wrong {
  readonly detail: string;
  readonly parameter?: string;
}

/** What every answer of one request carries. */
export interface Asked {
  readonly requestId: string;
  readonly now: Date;
}

/** The platform's envelope of what was asked for: `{ data, meta }`. */
export const success = (
  asked: Asked,
  data: unknown,
  meta: Readonly<Record<string, unknown>>,
): Response => response(asked, 200, { data, meta: { ...meta, ...base(asked, 200) } });

/** The platform's envelope of a refusal: `{ errors: [{ title, detail, status, code, source? }], meta }`. */
export const failure = (
  asked: Asked,
  status: number,
  title: string,
  wrong: readonly Wrong[] = [{ detail: title }],
  headers: Readonly<Record<string, string>> = {},
): Response =>
  response(
    asked,
    status,
    {
      errors: wrong.map(({ detail, parameter }) => ({
        title,
        detail,
        status: `${status}`,
        code: parameter === undefined ? `http_${status}` : `validation.${parameter}`,
        ...(parameter === undefined ? {} : { source: { parameter } }),
      })),
      meta: base(asked, status),
    },
    headers,
  );

const base = ({ requestId, now }: Asked, status: number) => ({
  status,
  request_id: requestId,
  timestamp: now.toISOString(),
});

const response = (
  { requestId }: Asked,
  statusCode: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response => ({
  statusCode,
  headers: {
    "content-type": "application/json; charset=utf-8",
    // One person's activity is nobody else's, nor a proxy's.
    "cache-control": "no-store",
    "x-request-id": requestId,
    ...headers,
  },
  body: JSON.stringify(body),
});
