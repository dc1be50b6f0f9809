import { languageNames, languages } from "../speech/language.ts";
import { html, type Part } from "./html.ts";
import { type AboutPage, page } from "./page.ts";
import { at } from "./paths.ts";
import type { PageResponse } from "./response.ts";
import type { Visit } from "./route.ts";
import { sentNote } from "./sent.ts";

/** Whom a page is for, and in which language, where it is known. */
export type For = Pick<Visit, "person" | "language" | "texts" | "tokenFor" | "request" | "sent">;

/** What is around every page: where somebody can go, who they are, and the other languages. */
export function around({ person, language, texts, tokenFor, request }: For): Around {
  const mayStart = person.permissions.includes("legacy_imports.run");
  const others = languages.filter((each) => each !== language);
  return {
    language,
    above: html`<nav aria-label="${texts.navigation}"><a href="${at.runs}">${texts.runs}</a>${mayStart && html` <a href="${at.start}">${texts.startRun}</a>`}</nav>
<div class="who"><span>${texts.signedInAs(person.name)}</span> <a href="${at.signOut}">${texts.signOut}</a></div>`,
    below: html`<form method="post" action="${at.language}"><input type="hidden" name="csrf" value="${tokenFor(at.language)}"><input type="hidden" name="to" value="${pageOf(request)}">
${others.map((each) => html`<button class="link" type="submit" name="language" value="${each}" lang="${each}">${languageNames[each]}</button>`)}</form>`,
  };
}

/** What somebody reads, as an address; of what they sent, where it was sent to. */
const pageOf = ({ path, query }: For["request"]): string =>
  query.size === 0 ? path : `${path}?${query}`;

type Around = Required<Pick<AboutPage, "language" | "above" | "below">>;

/** A page of the console for somebody who was let in; where a form of it was refused, it says so first. */
export function visitorPage(
  visit: For,
  about: Omit<AboutPage, keyof Around>,
  body: Part,
): PageResponse {
  const { sent, texts } = visit;
  const title = sent === undefined ? about.title : texts.errorIn(about.title);
  return page(sent?.statusCode ?? 200, { ...about, title, ...around(visit) }, [
    sentNote(visit),
    body,
  ]);
}
