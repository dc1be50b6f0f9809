import type { Run } from "../../data/runs.ts";
import type { PinnedLook } from "../../evidence/pinned.ts";
import type { SignOffView } from "../../review/sign-off/read.ts";
import type { WhyAsked } from "../../speech/why-asked.ts";
import type { WaveAhead } from "../../stages/wave/ahead.ts";
import { visitorPage } from "../around.ts";
import { askedBecause, voidSaid } from "../because.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { whileReadNotes } from "../runs/while-read.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";
import { earlierSection, samplesSection, wavesSection } from "./before.ts";
import { decisionSection, openPoints, stopsSection } from "./decision-sections.ts";
import { detailsSection } from "./details-section.ts";
import { questionsSection } from "./questions-section.ts";
import { waveRowsSection } from "./wave-rows.ts";
import { wouldHappenSection } from "./would-happen.ts";

/** What the page shows: the sign-off, and the wave that it is about while it is open. */
interface SignOffPage {
  readonly view: SignOffView;
  readonly ahead: WaveAhead | null;
  readonly look: PinnedLook;
  /** Why it is asked, while it is open. */
  readonly why: WhyAsked | null;
  /** The run's. */
  readonly counts: Run["counts"];
  /** That what was begun last of the run failed. */
  readonly failed: Html | undefined;
}

/** The sign-off page: what would happen, to which rows, and the decision. `base` is its own path. */
export function signOffPage(
  visit: Visit,
  { view, ahead, look, why, counts, failed }: SignOffPage,
  form: { base: string; csrf: string },
): PageResponse {
  const { texts, said } = visit;
  const { run } = view;
  const asks = texts
    .asksYou(run.startedBy, run.reference)
    .split(run.reference)
    .map(
      (piece, nth) =>
        html`${nth > 0 && html`<a class="whole" href="${at.run(run.reference)}">${run.reference}</a>`}${piece}`,
    );
  // Once something is written, what came of it is what is new to whoever comes back.
  const before = html`${wavesSection(visit, view)}
${earlierSection(visit, view)}
`;
  const rows = waveRowsSection(visit, ahead, look, { base: form.base, reference: run.reference });
  return visitorPage(
    visit,
    { title: texts.signOffOf(run.reference) },
    html`<section><h1>${texts.mayIt(view.gate)}</h1>
<p>${text(said(run.title))}. ${asks}</p>${failed}${why !== null && html`<p>${text(askedBecause(visit, why))}</p>`}
${statusNote(visit, view)}${whileReadNotes(texts, counts)}${nextStep(visit, view)}
<nav aria-label="${texts.onThisPage}"><a href="#plan">${texts.toHappen}</a> <a href="#samples">${texts.samplesJudged}</a> <a href="#stops">${texts.stops}</a> <a href="#decision">${texts.yourDecision}</a></nav></section>
${wouldHappenSection(visit, view, ahead)}
${view.waves.length > 0 ? [before, rows] : [rows, before]}
${samplesSection(visit, view)}
${questionsSection(visit, view)}
${stopsSection(visit, view, form)}
${decisionSection(visit, view, ahead, form)}
${detailsSection(visit, view)}`,
  );
}

/** What is left to do before this can be decided, for whoever may: the page is long. */
function nextStep(visit: Visit, view: SignOffView): Part {
  const { texts } = visit;
  const { id, status, decide, judge, samples } = view;
  if (status !== "pending" || !decide.may) return nothing;
  const open = openPoints(visit, view);
  return html`${open.length > 0 && html`<div class="note warn"><p>${texts.beforeApproval}</p><ul>${open.map((each) => html`<li>${each}</li>`)}</ul></div>`}${
    samples.unjudged > 0 && judge.may
      ? html`<p><a class="button main" href="${at.review(id)}">${texts.judgeThem}</a></p>`
      : html`<p><a class="button main" href="#decision">${texts.yourDecision}</a></p>`
  }`;
}

function statusNote(visit: Visit, view: SignOffView): Part {
  const { texts } = visit;
  const { decided, status, changed, voidBecause } = view;
  if (decided) {
    // Of what was decided an approval alone is withdrawn, and never by who gave it.
    const voided = status === "voided" && texts.noLonger(voidSaid(visit, voidBecause ?? ""));
    const answer = decided.changes ? "changes" : voided === false ? status : "approved";
    return html`<div class="note ${status === "approved" ? "good" : "warn"}"><p><strong>${text(decided.by)}</strong> ${texts.decidedNote(answer, moment(decided.at))}${decided.comment !== null && html` ${text(decided.comment)}`}</p>${voided !== false && html`<p>${text(voided)}</p>`}</div>`;
  }
  if (status !== "pending") {
    return html`<div class="note warn"><p>${texts.statusNotOpen[status]}</p></div>`;
  }
  return changed === ""
    ? nothing
    : html`<div class="note bad"><p>${texts.changedNote(texts.whatChanged(changed))}</p></div>`;
}
