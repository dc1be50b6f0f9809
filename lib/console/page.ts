import { html, type Part } from "./html.ts";
import { style, styleHash } from "./style.ts";

/** An answer as an HTTP API of API Gateway takes it (payload format 2.0). */
export interface PageResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What every answer carries: nothing is cached, framed, leaked by referrer, or run. */
export const safeHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": `default-src 'none'; style-src '${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
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

/** A whole page. `person` is who is signed in; `again`, after how many seconds it is asked for anew. */
export function page(
  statusCode: number,
  about: { title: string; person?: string | undefined; again?: number },
  body: Part,
): PageResponse {
  const content = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${about.again === undefined ? null : html`<meta http-equiv="refresh" content="${about.again}">`}
<title>${about.title} · wavegate</title>
<style>${style}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><strong>wavegate</strong>${about.person ? html`<span>Signed in as ${about.person}</span>` : null}</header>
<main id="content">
${body}
</main>
</body>
</html>
`;
  return {
    statusCode,
    headers: { ...safeHeaders, "content-type": "text/html; charset=utf-8" },
    body: content.toString(),
  };
}

/** A page of one message: what happened and what comes next. */
export function messagePage(
  statusCode: number,
  about: {
    title: string;
    person?: string | undefined;
    kind: "good" | "warn" | "bad";
    back?: string;
    again?: number;
  },
  message: Part,
): PageResponse {
  const back = about.back ? html`<p><a href="${about.back}">Back to the sign-off</a></p>` : null;
  return page(
    statusCode,
    about,
    html`<section><h1>${about.title}</h1><div class="note ${about.kind}"><p>${message}</p></div>${back}</section>`,
  );
}
