import type { Refusal } from "../services/errors.ts";
import { type Html, html, nothing, type Part } from "./html.ts";
import type { PageRequest } from "./request.ts";
import type { Texts } from "./texts/texts.ts";

/** A form that was refused for what stands in one of its fields: its page shows it again, as it was sent (W13). */
export interface Sent {
  /** Where it was sent to. */
  readonly action: string;
  readonly form: PageRequest["form"];
  /** Name of the field that is wrong, and why. */
  readonly field: string;
  readonly says: Html;
  readonly statusCode: number;
}

/** Whom a form is shown to. */
interface Shown {
  readonly texts: Texts;
  readonly sent?: Sent | undefined;
}

/** Id of what is said at the field that is wrong; a page has one at most. */
const wrongId = "wrong";

/** Whether a page shows the form again; where it is gone meanwhile, it does not. */
export const showsAgain = (body: string): boolean => body.includes(` id="${wrongId}"`);

const aboutRemarks: ReadonlySet<string> = new Set([
  "CommentMissing",
  "PersonalDataInRemark",
  "QuestionMissing",
  "ReasonMissing",
]);

/** The field in which somebody wrote something, where a refusal is about that. */
export const wrongRemark =
  (field: string) =>
  ({ name }: Refusal): string | undefined =>
    aboutRemarks.has(name) ? field : undefined;

/** What was sent to an address, if it was by this form: others of the page may send there, with other hidden fields. */
export function sentBy(
  { sent }: Pick<Shown, "sent">,
  action: string,
  own: Readonly<Record<string, string>> = {},
): Sent | undefined {
  if (sent?.action !== action) return undefined;
  const same = Object.entries(own).every(([name, value]) => sent.form.get(name)?.[0] === value);
  return same ? sent : undefined;
}

/** What stood in a field; else what stands there at first. */
export const keptIn = (sent: Sent | undefined, name: string, first = ""): string =>
  sent?.form.get(name)?.[0] ?? first;

/** The same as what a line's field holds; nothing of a form that nobody sent. */
export const valued = (sent: Sent | undefined, name: string): Part =>
  sent && html` value="${keptIn(sent, name)}"`;

/** Why a field is wrong, before it; nothing of one that is not. */
export const wrongAt = (
  { texts }: Pick<Shown, "texts">,
  sent: Sent | undefined,
  name: string,
): Part =>
  sent?.field === name &&
  html`<p class="wrong" id="${wrongId}"><span class="unseen">${texts.errorHere} </span>${sent.says}</p>`;

/** What a field says of itself: what helps, and that it is wrong, where it is; that one has the focus. */
export function described(sent: Sent | undefined, name: string, help?: string): Html {
  const wrong = sent?.field === name;
  const by = [...(wrong ? [wrongId] : []), ...(help === undefined ? [] : [help])];
  return html`${by.length > 0 && html` aria-describedby="${by.join(" ")}"`}${wrong && html` aria-invalid="true" autofocus`}`;
}

/** A field in which somebody writes some lines. */
export interface Writing {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  /** What helps, below its label. */
  readonly help?: string;
  readonly most: number;
  readonly required?: boolean;
}

/** A field for some lines, with what was written in it before. */
export function writing(
  shown: Shown,
  sent: Sent | undefined,
  { id, name, label, help, most, required = false }: Writing,
): Html {
  return html`<label class="field" for="${id}">${label}</label>
${help !== undefined && html`<p class="soft small" id="${id}-help">${help}</p>\n`}${wrongAt(shown, sent, name)}<textarea id="${id}" name="${name}"${required && html` required`} maxlength="${most}"${described(sent, name, help === undefined ? undefined : `${id}-help`)}>${keptIn(sent, name)}</textarea>`;
}

/** That a form was refused, above its page: at its field it says why. */
export const sentNote = ({ texts, sent }: Shown): Part =>
  sent === undefined
    ? nothing
    : html`<div class="note bad" role="alert"><p><strong>${texts.notDoneYet}</strong> <a href="#${wrongId}">${texts.seeWrongField}</a></p></div>`;
