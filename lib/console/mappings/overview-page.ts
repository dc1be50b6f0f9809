import type { Run } from "../../data/runs.ts";
import type { PinnedLook } from "../../evidence/pinned.ts";
import type { ReferenceOverview, UnlistedStatus } from "../../review/mappings/overview.ts";
import type { More } from "../../review/report.ts";
import { formatsIn } from "../../speech/formats.ts";
import { visitorPage } from "../around.ts";
import { type Html, html } from "../html.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { unlistedTable } from "./unlisted-table.ts";

/** What the definition maps, how far each is settled, and the statuses that no rule lists. */
export function overviewPage(
  visitor: Visit,
  view: {
    readonly head: Html;
    readonly run: Run;
    readonly look: PinnedLook;
    readonly references: readonly ReferenceOverview[];
    readonly unlisted: readonly UnlistedStatus[];
    readonly more: More | undefined;
  },
): PageResponse {
  const visit = ofRun(visitor, view.look);
  const { texts, language, label } = visit;
  const { count } = formatsIn[language];
  const { head, run, references, unlisted, more } = view;
  const title = texts.mappingsOf(run.reference);
  const lines = references.map(
    ({ name, all, open, carried }) =>
      html`<li><a href="${at.mapping(run.reference, name)}"><b>${count(all)}</b>${label(name)}</a> <span>${texts.toLookAt(open)}${carried > 0 && html` · ${texts.carriedOver(carried)}`}</span></li>`,
  );
  return visitorPage(
    visit,
    { title },
    html`<section><h1>${title}</h1>
${head}<p>${texts.mappingsSay}</p>
${references.length === 0 ? html`<p>${texts.noReferences}</p>` : html`<ul class="tiles">${lines}</ul>`}</section>
${unlistedSection(visit, unlisted, more)}`,
  );
}

/** Unlisted statuses with how many rows have each, as aliases to be put into the definition. */
function unlistedSection(
  visit: Visit,
  unlisted: readonly UnlistedStatus[],
  more: More | undefined,
): Html {
  const { texts } = visit;
  return html`<section aria-labelledby="statuses"><h2 id="statuses">${texts.unlistedStatuses}</h2>
${
  unlisted.length === 0
    ? html`<p>${texts.noUnlisted}</p>`
    : html`<p>${texts.unlistedSays}</p>
${unlistedTable(visit, unlisted, { more })}`
}</section>`;
}
