import type { SignOffView } from "../../review/read.ts";
import { type For, visitorPage } from "../around.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import type { PageResponse } from "../response.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";
import { decisionSection, stopsSection } from "./decision-sections.ts";
import { samplesSection } from "./samples-section.ts";
import {
  countsSection,
  distributionsSection,
  planSection,
  runSection,
  wavesSection,
} from "./summary-sections.ts";

/** The sign-off page: what was reviewed, the samples, and the decision. `base` is its own path. */
export function signOffPage(
  visit: For,
  view: SignOffView,
  form: { base: string; csrf: string },
): PageResponse {
  const { report } = view;
  return visitorPage(
    visit,
    { title: `Sign-off of ${view.run.reference}` },
    html`<section><h1>${heading(view)}</h1>
<p>${view.run.reference} waits here until a person who did not start it has looked at what it would do. Nothing on this page is changed by reading it.</p>
${statusNote(view)}
<nav aria-label="On this page"><a href="#counts">Counts</a> <a href="#plan">Plan</a> <a href="#stops">Stop conditions</a> <a href="#samples">Samples</a> <a href="#decision">Decision</a></nav></section>
${runSection(view)}
${wavesSection(view)}
${
  report
    ? html`${countsSection(report)}${planSection(report, view.reasons)}`
    : html`<section><div class="note bad"><p>The dry run of this state is gone. Ask for a new sign-off.</p></div></section>`
}
${stopsSection(view, form)}
${report ? distributionsSection(report) : nothing}
${samplesSection(view, form)}
${decisionSection(view, form)}`,
  );
}

function heading({ gate, gateSays }: SignOffView): string {
  return gate === "scale_up"
    ? "May the run scale up after its first wave?"
    : `May ${gateSays} be written?`;
}

function statusNote(view: SignOffView): Part {
  const { decided, status, changed } = view;
  if (decided) {
    return html`<div class="note ${status === "approved" ? "good" : "warn"}"><p><strong>${text(decided.by)}</strong> ${status} this on ${moment(decided.at)}.${decided.comment !== null && html` ${text(decided.comment)}`}</p></div>`;
  }
  if (status !== "pending") {
    return html`<div class="note warn"><p>This request is ${status} and can no longer be decided.</p></div>`;
  }
  return changed === "" ? nothing : changeNote(changed);
}

const changeNote = (changed: string): Html =>
  html`<div class="note bad"><p>Since this was asked, ${changed}. It can no longer be approved as it is.</p></div>`;
