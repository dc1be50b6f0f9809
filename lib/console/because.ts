import type { May } from "../review/people/may.ts";
import { WITHHELD } from "../services/words.ts";
import type { Because } from "../speech/refused.ts";
import { refusedIn } from "../speech/refused.ts";
import type { WhyAsked } from "../speech/why-asked.ts";
import { type Html, html, type Part } from "./html.ts";
import type { Visit } from "./route.ts";
import { text } from "./tables.ts";

/** Why something was refused, or halted, for the reader of a page; with what the engine's own sentence names. */
export function because({ language, texts }: Pick<Visit, "language" | "texts">, of: Because): Html {
  const { says, names } = refusedIn(language, of);
  return html`${withCommands(says)}${names.length > 0 && html`<br><span class="soft small">${texts.itNames} ${names.map((name, at) => html`${at > 0 && ", "}<code>${name}</code>`)}</span>`}`;
}

/**
 * The engine's own sentence of the case in hand, for whoever reads another language: theirs names what it is about, and not
 * which of several things is wrong with it. Nothing in English, which says it already, nor of what is withheld.
 */
export const inItsWords = (
  { language, texts }: Pick<Visit, "language" | "texts">,
  { message }: Because,
): Part =>
  language !== "en" &&
  message !== "" &&
  !message.endsWith(WITHHELD) &&
  html`<details><summary>${texts.inItsWords}</summary><p lang="en">${withCommands(message)}</p></details>`;

/** A sentence whose commands and names stand between backticks, as a terminal has them. */
const withCommands = (says: string): Part =>
  says
    .split(/`([^`]+)`/u)
    .map((piece, at) => (at % 2 === 1 ? html`<code>${piece}</code>` : text(piece)));

/** What somebody may not do here, as the refusal would say it. */
export const refusalOf = ({ name, because, who }: Extract<May, { may: false }>): Because => ({
  error: name,
  message: because,
  who,
});

/** Why a sign-off is void: in the engine's words, or as what changed of what it was about. */
export const voidSaid = (
  { said, texts }: Pick<Visit, "said" | "texts">,
  voided: string,
): string => {
  const known = said(voided);
  return known === voided ? texts.whatChanged(voided) : known;
};

/** Why people are asked; where an approval no longer counts, with why. */
export const askedBecause = (visit: Pick<Visit, "said" | "texts">, why: WhyAsked): string =>
  visit.texts.whyAsked(
    why.kind === "anew" && why.because !== ""
      ? { ...why, because: voidSaid(visit, why.because) }
      : why,
  );
