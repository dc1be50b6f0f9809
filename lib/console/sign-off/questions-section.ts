import type { SignOffView } from "../../review/sign-off/read.ts";
import { type Html, html, nothing } from "../html.ts";
import { at } from "../paths.ts";
import { questionList } from "../questions/section.ts";
import type { Visit } from "../route.ts";

/** Closed questions that are shown; all of them stand on a page of their own. */
const mostClosed = 5;

/** What was asked about rows: every open question, as it stands between this sign-off and its approval (B9). */
export function questionsSection(visit: Visit, { questions, run }: SignOffView): Html {
  if (questions.length === 0) return nothing;
  const { texts } = visit;
  const open = questions.filter(({ closedBy }) => closedBy === null);
  const closed = questions.filter(({ closedBy }) => closedBy !== null);
  return html`<section aria-labelledby="questions"><h2 id="questions">${texts.questions}</h2>
${open.length > 0 && html`<div class="note warn"><p><strong>${texts.openQuestions(open.length)}.</strong> ${texts.questionsSay}</p></div>`}
${questionList(visit, { reference: run.reference, started_by: run.startedBy }, [...open, ...closed.slice(0, mostClosed)], { named: true })}
<p class="ways"><a href="${at.questions(run.reference)}">${texts.questionsAbout(run.reference)}</a></p></section>`;
}
