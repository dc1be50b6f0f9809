import type { Language } from "../speech/language.ts";
import { iconPath, keysPath, livePath, stylePath } from "./assets.ts";
import { html, type Part } from "./html.ts";
import { keptTogether } from "./kept-together.ts";
import { liveHeaders, type PageResponse, safeHeaders, scriptHeaders } from "./response.ts";
import { textsIn } from "./texts/texts.ts";

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
  /** A file that the browser goes for by itself, once the page is there. */
  readonly goTo?: string;
  /** A script of our own, as a path; a page does all without it. */
  readonly script?: string;
  /** Whether what it shows is under way, so that it keeps itself as that stands (W11). */
  readonly live?: boolean;
}

/** A whole page. */
export function page(statusCode: number, about: AboutPage, body: Part): PageResponse {
  const { title, language = "en", above = null, below = null, again, goTo, live = false } = about;
  const script = live ? livePath : about.script;
  const content = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${again === undefined ? null : html`<meta http-equiv="refresh" content="${again}">`}
${goTo === undefined ? null : html`<meta http-equiv="refresh" content="0; url=${goTo}">`}
<title>${title} · wavegate</title>
<link rel="icon" href="${iconPath}">
<link rel="stylesheet" href="${stylePath}">
${script !== undefined && html`<script src="${script}" defer></script>`}
</head>
<body>
<a class="skip" href="#content">${textsIn(language).skip}</a>
<header><strong>wavegate</strong>${above}</header>
<main id="content"${live && html` data-under-way`}>
${body}
${live && html`<p class="unseen" role="status" data-said></p>`}</main>
<footer>${script === keysPath && html`<p class="tick" data-keys hidden><input type="checkbox" id="keys" checked><label for="keys">${textsIn(language).keysAct}</label></p>`}${below}</footer>
</body>
</html>
`;
  return {
    statusCode,
    headers: {
      ...safeHeaders,
      ...(script === undefined ? {} : live ? liveHeaders : scriptHeaders),
      "content-type": "text/html; charset=utf-8",
    },
    body: keptTogether(content.toString(), language),
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
    html`<section><h1>${about.title}</h1><div class="note ${about.kind}"><p>${message}</p></div>${more}${back && html`<p class="ways"><a href="${back}">${textsIn(language).backToPage}</a></p>`}</section>`,
  );
}
