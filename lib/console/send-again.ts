import { type Html, html, nothing } from "./html.ts";
import { at } from "./paths.ts";
import type { PageRequest } from "./request.ts";
import type { Texts } from "./texts/texts.ts";

/** Fields in which people write something: shown, so that nothing of it has to be written again. */
const remarks: Readonly<Record<string, "comment" | "reason" | "yourQuestion">> = {
  comment: "comment",
  reason: "reason",
  question: "yourQuestion",
};

/** What somebody wrote in a form that was refused, so that it need not be written again; of another site's form nothing. */
export function written(request: PageRequest | undefined, texts: Texts): Html {
  if (request === undefined || !isOurs(request)) return nothing;
  const wrote = [...request.form].flatMap(([name, values]) =>
    remarks[name] === undefined ? [] : values.filter((value) => value.trim() !== ""),
  );
  return wrote.length === 0
    ? nothing
    : html`<p>${texts.youWrote}</p>${wrote.map((each) => html`<blockquote>${each}</blockquote>`)}`;
}

/** A form of these pages. */
const isOurs = ({ method, wantsJson, fetchSite, form }: PageRequest): boolean =>
  method === "POST" && !wantsJson && fetchSite === "same-origin" && form.size > 0;

/**
 * The form that came when a sign-in was over, whole, to be sent again once its person has signed in anew: its token
 * still ties it to that person. Of another site's form nothing is repeated.
 */
export function sendAgain(request: PageRequest | undefined, texts: Texts): Html {
  if (request === undefined || !isOurs(request)) return nothing;
  const fields = [...request.form].flatMap(([name, values]) =>
    values.map((value, nth) => {
      const label = remarks[name];
      if (label === undefined || value === "") {
        return html`<input type="hidden" name="${name}" value="${value}">`;
      }
      const id = `kept-${name}-${nth}`;
      return html`<label class="field" for="${id}">${texts[label]}</label><textarea id="${id}" name="${name}" maxlength="4000">${value}</textarea>`;
    }),
  );
  return html`<p>${texts.keptHere}</p>
<ol><li><a href="${at.runs}" target="_blank" rel="noopener">${texts.signInAgain}</a></li>
<li><form method="post" action="${request.path}">${fields}<div class="buttons"><button class="main" type="submit">${texts.sendAgain}</button></div></form></li></ol>`;
}
