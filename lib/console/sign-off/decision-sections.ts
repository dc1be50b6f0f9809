import type { SignOffView } from "../../review/sign-off/read.ts";
import { formatsIn } from "../../speech/formats.ts";
import type { WaveAhead } from "../../stages/wave/ahead.ts";
import { because, refusalOf } from "../because.ts";
import { type Html, html, nothing } from "../html.ts";
import type { Visit } from "../route.ts";
import { stopsTable } from "../runs/judged.ts";
import { sentBy, writing } from "../sent.ts";
import { facts, text } from "../tables.ts";
import { moment } from "../words.ts";
import { becomesWords } from "./would-happen.ts";

interface Form {
  readonly base: string;
  readonly csrf: string;
}

/** The stop conditions (R7), an override that was recorded, and the form for one. */
export function stopsSection(visit: Visit, view: SignOffView, form: Form): Html {
  const { texts } = visit;
  const holding = view.stops.filter(({ stops }) => stops);
  return html`<section aria-labelledby="stops"><h2 id="stops">${texts.stops}</h2>
${stopsTable(visit, view.stops)}
${view.overrides.map((each) => html`<div class="note warn"><p><strong>${text(each.by)}</strong> ${texts.overriddenBy(moment(each.at))} ${text(each.reason)}</p></div>`)}
${holding.length > 0 && view.decide.may ? overrideForm(visit, view, form) : nothing}</section>`;
}

function overrideForm(visit: Visit, { seen }: SignOffView, { base, csrf }: Form): Html {
  const { texts } = visit;
  const path = `${base}/override`;
  const sent = sentBy(visit, path);
  return html`<details${sent && html` open`}><summary>${texts.override}</summary>
<form method="post" action="${path}">
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="seen" value="${seen}">
<p>${texts.overrideSays}</p>
${writing(visit, sent, { id: "reason", name: "reason", label: texts.reason, most: 4_000, required: true })}
<div class="buttons"><button type="submit">${texts.recordOverride}</button></div></form></details>`;
}

/** The decision: the form, or why there is none. */
export function decisionSection(
  visit: Visit,
  view: SignOffView,
  ahead: WaveAhead | null,
  form: Form,
): Html {
  const { texts } = visit;
  return html`<section aria-labelledby="decision"><h2 id="decision">${texts.yourDecision}</h2>
${(view.decide.may || view.decided !== null) && signedFor(visit, view, ahead)}${view.decide.may ? decisionForm(visit, view, form) : html`<div class="note"><p>${because(visit, refusalOf(view.decide))}</p></div>`}</section>`;
}

/** What a signature stands under, in one place: the rows, what they become, how they were judged, and the digest. */
function signedFor(visit: Visit, view: SignOffView, ahead: WaveAhead | null): Html {
  const { texts, language } = visit;
  const { run, samples, stops, digest, export: exported } = view;
  const { count } = formatsIn[language];
  const holding = stops.filter((stop) => stop.stops).length;
  return facts([
    [texts.run, html`<strong>${run.reference}</strong>`],
    ...(ahead === null || ahead.rows === 0
      ? []
      : ([
          [
            texts.wave,
            html`${texts.waveOf(ahead.wave, ahead.rows)}${ahead.becomes.map(
              (each) => html`<br><strong>${count(each.rows)}</strong> ${becomesWords(visit, each)}`,
            )}`,
          ],
        ] as const)),
    [
      texts.samplesJudged,
      samples.total === 0
        ? texts.noSamples
        : texts.judgedOf(samples.total - samples.unjudged, samples.total),
    ],
    [texts.stops, texts.stopsHold(holding)],
    ...(exported === null
      ? []
      : ([[texts.reviewExport, html`<code>${exported.manifestDigest}</code>`]] as const)),
    [view.decided === null ? texts.whatYouSign : texts.signedDigest, html`<code>${digest}</code>`],
  ]);
}

/** What has to be done before an approval, each as a sentence. */
export const openPoints = ({ texts }: Visit, view: SignOffView): readonly string[] =>
  view.obstacles.map((says, index) => {
    const name = view.obstacleNames[index] ?? "";
    return texts.obstacleSays[name]?.(view.samples.unjudged) ?? says;
  });

function decisionForm(visit: Visit, view: SignOffView, { base, csrf }: Form): Html {
  const { texts } = visit;
  const { changed, seen } = view;
  const obstacles = openPoints(visit, view);
  const blocked = obstacles.length > 0 || changed !== "";
  return html`${
    blocked
      ? html`<div class="note warn"><p>${texts.beforeApproval}</p><ul>${obstacles.map((each) => html`<li>${each}</li>`)}${changed !== "" && html`<li>${texts.changedSinceAsked(texts.whatChanged(changed))}</li>`}</ul></div>`
      : html`<p>${texts.approvalLets}</p>`
  }
<form method="post" action="${base}">
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="seen" value="${seen}">
${writing(visit, sentBy(visit, base), { id: "comment", name: "comment", label: texts.comment, help: texts.commentHelp, most: 4_000 })}
<div class="buttons">
${!blocked && html`<button class="main" type="submit" name="decision" value="approve">${texts.approve(texts.gateNamed(view.gate))}</button>`}
<button type="submit" name="decision" value="changes">${texts.askForChanges}</button>
<button class="bad" type="submit" name="decision" value="reject">${texts.reject}</button>
</div></form>`;
}
