import type { EarlierDecision } from "../../review/sign-off/earlier-decisions.ts";
import type { SignOffView } from "../../review/sign-off/read.ts";
import { formatsIn } from "../../speech/formats.ts";
import { voidSaid } from "../because.ts";
import { type Html, html, nothing } from "../html.ts";
import { at } from "../paths.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";

/** Waves that are shown; all of them stand on the run's page. */
const mostWaves = 6;

/** The waves that were written so far, and the drill: what scaling up rests on (R14, R15). */
export function wavesSection(
  { texts, language, named }: Visit,
  { waves, drill }: SignOffView,
): Html {
  if (waves.length === 0) return nothing;
  const { count } = formatsIn[language];
  const shown = waves.slice(-mostWaves);
  const lines = shown.map(
    ({
      wave,
      status,
      clean,
      picked,
      linked,
      created,
    }) => html`<tr><th scope="row" data-label="${texts.wave}">${count(wave)}</th>
<td data-label="${texts.status}">${named(status)}</td><td class="number" data-label="${texts.rows}">${count(picked)}</td><td class="number" data-label="${texts.states.committed}">${count(created)}</td><td class="number" data-label="${texts.states.linked}">${count(linked)}</td>
<td class="number" data-label="${texts.verdict}">${clean ? html`<span class="mark good">${texts.clean}</span>` : html`<span class="mark bad">${texts.notClean}</span>`}</td></tr>`,
  );
  return html`<section aria-labelledby="waves"><h2 id="waves">${texts.writtenSoFar}</h2>
<table class="rows"><thead><tr><th scope="col">${texts.wave}</th><th scope="col">${texts.status}</th><th scope="col" class="number">${texts.rows}</th><th scope="col" class="number">${texts.states.committed}</th><th scope="col" class="number">${texts.states.linked}</th><th scope="col" class="number">${texts.verdict}</th></tr></thead><tbody>${lines}</tbody></table>
${waves.length > shown.length && html`<p class="soft small">${texts.lastOf(shown.length, waves.length)}</p>`}
${
  drill === null
    ? html`<p class="soft">${texts.drillOpen}</p>`
    : html`<div class="note ${drill.passed ? "good" : "bad"}"><p>${(drill.passed ? texts.drillPassedOn : texts.drillFailedOn)(moment(drill.at))}</p></div>`
}</section>`;
}

/** Earlier decisions of the run with what changed since, and who else was asked. */
export function earlierSection({ texts, said }: Visit, { earlier, asked }: SignOffView): Html {
  const decided = (each: EarlierDecision) =>
    texts.decidedBefore[each.changes ? "changes" : each.decision];
  const lines = earlier.map(
    (
      each,
    ) => html`<li><a href="${at.signOff(each.id)}">${texts.gateNamed(each.gate)}</a>${texts.colon} <strong>${text(each.by)}</strong> ${decided(each)}, ${moment(each.at)}.
${each.comment !== null && each.comment !== "" && html`${texts.quotes[0]}${text(each.comment)}${texts.quotes[1]}`} ${each.voidBecause !== null && texts.noLonger(voidSaid({ said, texts }, each.voidBecause))} ${each.since === "" ? texts.sinceThenSame : texts.sinceThenChanged(texts.whatChanged(each.since))}</li>`,
  );
  return html`<section aria-labelledby="earlier"><h2 id="earlier">${texts.earlierDecisions}</h2>
${lines.length === 0 ? html`<p>${texts.noEarlier}</p>` : html`<ul class="plain">${lines}</ul>`}
<p>${texts.alsoAsked(asked.join(", "))}</p></section>`;
}

/** How far the samples are judged, and where that is done (R9). */
export function samplesSection({ texts, language, said }: Visit, view: SignOffView): Html {
  const { count } = formatsIn[language];
  const { coverage, total, unjudged } = view.samples;
  const lines = coverage.map(
    ({ says, asked, drawn, judged, wrong }) => html`<tr><th scope="row">${said(says)}</th>
<td class="number" data-label="${texts.drawn}">${texts.drawnOf(drawn, asked)}${drawn < asked && html`<br><span class="soft small">${texts.noMoreExist}</span>`}</td>
<td class="number" data-label="${texts.judgedRows}">${count(judged)}</td><td class="number" data-label="${texts.wrongRows}">${wrong > 0 ? html`<span class="mark bad">${count(wrong)}</span>` : "0"}</td></tr>`,
  );
  const open = view.judge.may && unjudged > 0;
  return html`<section aria-labelledby="samples"><h2 id="samples">${texts.samplesJudged}</h2>
<p>${total === 0 ? texts.noSamples : texts.judgedOf(total - unjudged, total)}</p>
${total > 0 && html`<p><a class="button${open && " main"}" href="${at.review(view.id)}">${view.judge.may ? texts.judgeThem : texts.lookAtThem}</a></p>`}
${coverage.length > 0 && html`<table class="rows"><thead><tr><th scope="col">${texts.quota}</th><th scope="col" class="number">${texts.drawn}</th><th scope="col" class="number">${texts.judgedRows}</th><th scope="col" class="number">${texts.wrongRows}</th></tr></thead><tbody>${lines}</tbody></table>`}</section>`;
}
