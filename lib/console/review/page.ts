import type { Run } from "../../data/runs.ts";
import type { MainKind } from "../../define/definition.ts";
import type { LookedAt, PinnedLook } from "../../evidence/pinned.ts";
import type { SampleView } from "../../review/samples/read.ts";
import type { SampleRow } from "../../review/samples/rows.ts";
import { aspects } from "../../review/samples/samples.ts";
import { visitorPage } from "../around.ts";
import { keysPath } from "../assets.ts";
import { because, refusalOf } from "../because.ts";
import { type Html, html, type Part } from "../html.ts";
import { at } from "../paths.ts";
import { askForm, questionList } from "../questions/section.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { described, sentBy, wrongAt } from "../sent.ts";
import { hasKind, sampleRow, wouldSection } from "./row.ts";

/** One sampled row and the buttons of its verdict; each says its key. */
export function reviewPage(visit: Visit, view: SampleView, { run, look }: LookedAt): PageResponse {
  const { texts } = visit;
  const { row, within } = view;
  return visitorPage(
    visit,
    // The next row is another page: who does not see it hears first which one it is.
    {
      title: `${row === null ? texts.progressOf(view.judged, view.total) : texts.placeOf(view.place, within.total)} · ${texts.reviewOf(view.reference)}`,
      script: keysPath,
    },
    html`<section><h1>${texts.reviewOf(view.reference)}</h1>
<p class="progress">${texts.progressOf(view.judged, view.total)}${view.wrong > 0 && html` <span class="mark bad">${texts.wrongRows}${texts.colon} ${view.wrong}</span>`}</p>
<p class="soft">${texts.reviewSays}</p>
${focusTabs(visit, view)}
<p class="ways"><a href="${at.signOff(view.id)}">${texts.backToSignOff}</a></p></section>
${
  row === null
    ? html`<section><div class="note ${within.total > 0 && "good"}"><p>${within.total > 0 ? texts.allJudged : texts.nothingSampled}</p></div>
<div class="buttons">${undo(visit, view)}<a class="button main" href="${at.signOff(view.id)}#decision">${texts.backToSignOff}</a></div></section>`
    : html`<section><p class="soft small">${texts.placeOf(view.place, within.total)}</p>
${view.unseen.length > 0 && html`<p class="note">${texts.judgeToo(view.unseen.map(visit.named).join(", "))}</p>`}
${!view.whole && html`<p class="note">${texts.maskedNote}</p>`}
${sampleRow(visit, row, look)}
${wouldSection(visit, view, look)}
${view.judgeRow.may ? verdictForm(visit, view, row, look) : html`<div class="note"><p>${because(visit, refusalOf(view.judgeRow))}</p></div>${moves(visit, view, row)}`}
${questionsPart(visit, view, { row, run })}</section>`
}
<details class="more"><summary data-key="?">${texts.help}<kbd aria-hidden="true">?</kbd></summary><section><p>${texts.helpSays}</p></section></details>`,
  );
}

/** What was asked about the row, and the form that asks; either goes back to the row. */
function questionsPart(
  visit: Visit,
  view: SampleView,
  { row, run }: { readonly row: SampleRow; readonly run: Run },
): Part {
  const { questions, id, focus } = view;
  const back = { signOff: id, row: String(row.stagedId), focus: focus ?? "" };
  return html`${questions.length > 0 && html`<h3>${visit.texts.questions}</h3>${questionList(visit, run, questions, { back })}`}
${askForm(visit, run, row.stagedId, { back, key: "a" })}`;
}

/** An address of the review that keeps the focus. */
export const reviewAt = (
  id: string,
  focus: string | null,
  where: Readonly<Record<string, number>> = {},
): string => {
  const query = new URLSearchParams({
    ...Object.fromEntries(Object.entries(where).map(([name, value]) => [name, String(value)])),
    ...(focus === null ? {} : { focus }),
  });
  return query.size === 0 ? at.review(id) : `${at.review(id)}?${query}`;
};

function focusTabs({ texts, named }: Visit, { id, focuses, focus }: SampleView): Part {
  if (focuses.length < 2) return null;
  const tab = (name: string | null, says: string) =>
    html`<a href="${reviewAt(id, name)}"${name === focus && html` aria-current="true"`}>${says}</a> `;
  return html`<nav class="tabs" aria-label="${texts.focusModes}">${tab(null, texts.allFocuses)}${focuses.map((each) => tab(each, named(each)))}</nav>`;
}

const ofPeople: readonly string[] = ["name", "phone", "email"];

function verdictForm(visit: Visit, view: SampleView, row: SampleRow, look: PinnedLook): Html {
  const { texts, tokenFor } = visit;
  const path = at.review(view.id);
  const wrong = `wrong-${row.stagedId}`;
  const sent = sentBy(visit, path, { row: String(row.stagedId) });
  // What its kind of things does not have cannot be wrong; each keeps its key.
  const has = (aspect: string) =>
    !ofPeople.includes(aspect) || hasKind(look, row, aspect as MainKind);
  const first = aspects.findIndex(has);
  const boxes = aspects.map(
    (aspect, index) =>
      has(aspect) &&
      html`<label><input type="checkbox" name="${wrong}" value="${aspect}"${index === first && described(sent, wrong)} data-key="${index + 1}" aria-keyshortcuts="${index + 1}"${row.wrong.includes(aspect) && html` checked`}> ${texts.aspects[aspect]}<kbd aria-hidden="true">${index + 1}</kbd></label>`,
  );
  return html`<form method="post" action="${path}">
<input type="hidden" name="csrf" value="${tokenFor(path)}"><input type="hidden" name="row" value="${row.stagedId}"><input type="hidden" name="focus" value="${view.focus ?? ""}">
<fieldset><legend>${texts.whatIsWrong}</legend>${wrongAt(visit, sent, wrong)}<div class="choices">${boxes}</div></fieldset>
<div class="buttons verdict" role="group" aria-label="${texts.yourVerdict}">
<button class="main" type="submit" name="verdict-${row.stagedId}" value="right" data-key="r" aria-keyshortcuts="r">${texts.right}<kbd aria-hidden="true">r</kbd></button>
<button class="bad" type="submit" name="verdict-${row.stagedId}" value="wrong" data-key="w" aria-keyshortcuts="w" data-first="[name^=wrong-]">${texts.wrong}<kbd aria-hidden="true">w</kbd></button></div></form>
${moves(visit, view, row)}`;
}

/** To another row; nothing is said about this one. */
function moves(visit: Visit, view: SampleView, row: SampleRow): Html {
  const { texts } = visit;
  const { id, focus, next } = view;
  return html`<div class="buttons">
${next !== null && html`<a class="button" href="${reviewAt(id, focus, { row: next })}" data-key="s" aria-keyshortcuts="s">${texts.skipRow}<kbd aria-hidden="true">s</kbd></a>`}
${undo(visit, view)}
<a class="button" href="${reviewAt(id, focus, { after: row.stagedId })}" data-key="n" aria-keyshortcuts="n">${texts.nextUnjudged}<kbd aria-hidden="true">n</kbd></a></div>`;
}

const undo = ({ texts, tokenFor }: Visit, { id, last, judge, focus }: SampleView): Part =>
  last !== null &&
  judge.may &&
  html`<form method="post" action="${at.review(id)}"><input type="hidden" name="csrf" value="${tokenFor(at.review(id))}"><input type="hidden" name="undo" value="${last}"><input type="hidden" name="focus" value="${focus ?? ""}"><button type="submit" data-key="u" aria-keyshortcuts="u">${texts.undoLast}<kbd aria-hidden="true">u</kbd></button></form>`;
