import { stylePath } from "./assets.ts";
import { html, type Part } from "./html.ts";
import type { Language } from "./texts/language.ts";
import { textsIn } from "./texts/texts.ts";

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

/** What a page says of itself, besides its body. */
export interface AboutPage {
  readonly title: string;
  readonly language?: Language;
  /** What stands above it: where somebody can go, and who they are. */
  readonly above?: Part;
  /** What stands below it: the choice of another language. */
  readonly below?: Part;
  /** After how many seconds it is asked for anew. */
  readonly again?: number;
}

/** A whole page. */
export function page(statusCode: number, about: AboutPage, body: Part): PageResponse {
  const { title, language = "en", above = null, below = null, again } = about;
  const content = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${again === undefined ? null : html`<meta http-equiv="refresh" content="${again}">`}
<title>${title} · wavegate</title>
<link rel="stylesheet" href="${stylePath}">
</head>
<body>
<a class="skip" href="#content">${textsIn(language).skip}</a>
<header><strong>wavegate</strong>${above}</header>
<main id="content">
${body}
</main>
<footer>${below}</footer>
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
  about: AboutPage & { readonly kind: "good" | "warn" | "bad"; readonly back?: string },
  message: Part,
  more: Part = null,
): PageResponse {
  const { back, language = "en" } = about;
  return page(
    statusCode,
    about,
    html`<section><h1>${about.title}</h1><div class="note ${about.kind}"><p>${message}</p></div>${more}${back && html`<p><a href="${back}">${textsIn(language).backToPage}</a></p>`}</section>`,
  );
}
