import type { SignOffView } from "../../review/read.ts";
import type { StopCondition } from "../../review/report.ts";
import { type Html, html, nothing } from "../html.ts";
import { text } from "../tables.ts";
import { count, moment, percent } from "../words.ts";

const measure = ({ kind }: StopCondition, value: number): string =>
  kind === "rows" ? count(value) : percent(value);

/** The stop conditions (R7), an override that was recorded, and the form for one. */
export function stopsSection(view: SignOffView, form: { base: string; csrf: string }): Html {
  const holding = view.stops.filter(({ stops }) => stops);
  const lines = view.stops.map(
    (stop) => html`<tr><th scope="row">${stop.says}</th>
<td class="number">${measure(stop, stop.measured)}</td><td class="number">${measure(stop, stop.threshold)}</td>
<td class="number">${stop.stops ? html`<span class="mark bad">holds</span>` : html`<span class="mark good">no</span>`}</td></tr>`,
  );
  return html`<section aria-labelledby="stops"><h2 id="stops">Stop conditions</h2>
<table><thead><tr><th scope="col">It would be a reason to stop that</th><th scope="col" class="number">Measured</th><th scope="col" class="number">At most</th><th scope="col" class="number">Holds?</th></tr></thead><tbody>${lines}</tbody></table>
${overrideNote(view)}
${holding.length > 0 && view.decide.may ? overrideForm(form) : nothing}</section>`;
}

const overrideNote = ({ override }: SignOffView) =>
  override &&
  html`<div class="note warn"><p><strong>${text(override.by)}</strong> took this upon them on ${moment(override.at)}: ${text(override.reason)}</p></div>`;

const overrideForm = ({
  base,
  csrf,
}: {
  base: string;
  csrf: string;
}) => html`<details><summary>Override, with a reason</summary>
<form method="post" action="${base}/override">
<input type="hidden" name="csrf" value="${csrf}">
<p>Somebody else than you has to approve afterwards.</p>
<label class="field" for="reason">Reason</label>
<textarea id="reason" name="reason" required maxlength="4000"></textarea>
<div class="buttons"><button type="submit">Record the override</button></div></form></details>`;

/** The decision: the form, or why there is none. */
export function decisionSection(view: SignOffView, form: { base: string; csrf: string }): Html {
  return html`<section aria-labelledby="decision"><h2 id="decision">Your decision</h2>
${view.decide.may ? decisionForm(view, form) : html`<div class="note"><p>${view.decide.because}</p></div>`}</section>`;
}

function decisionForm(view: SignOffView, { base, csrf }: { base: string; csrf: string }): Html {
  const blocked = view.obstacles.length > 0 || view.changed !== "";
  return html`${
    blocked
      ? html`<div class="note warn"><p>Before this can be approved:</p><ul>${view.obstacles.map((each) => html`<li>${each}</li>`)}${view.changed !== "" && html`<li>Since this was asked, ${view.changed}: the dry run and the review export are made again, and you are asked anew.</li>`}</ul></div>`
      : html`<p>By approving you let the run write ${view.gateSays === "the first wave" ? "its first wave" : "what comes next"}. It can be taken back with a rollback.</p>`
  }
<form method="post" action="${base}">
<input type="hidden" name="csrf" value="${csrf}">
<label class="field" for="comment">Comment</label>
<p class="soft small" id="comment-help">Kept in the audit log with your name. A rejection needs one that says what is wrong. Leave out names and addresses of the people in the data.</p>
<textarea id="comment" name="comment" maxlength="4000" aria-describedby="comment-help"></textarea>
<div class="buttons">
${!blocked && html`<button class="main" type="submit" name="decision" value="approve">Approve ${view.gateSays}</button>`}
<button class="bad" type="submit" name="decision" value="reject">Reject</button>
</div></form>`;
}
