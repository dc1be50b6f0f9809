import type { DryRunReport } from "../../review/report.ts";
import type { SignOffView } from "../../review/sign-off/read.ts";
import { formatsIn } from "../../speech/formats.ts";
import { type Html, html, nothing } from "../html.ts";
import { unlistedTable } from "../mappings/unlisted-table.ts";
import type { Visit } from "../route.ts";
import { countsSection, distributionsSection } from "../runs/judged.ts";
import { facts, text } from "../tables.ts";
import { moment } from "../words.ts";
import { reasonsTable } from "./would-happen.ts";

/** What few people need to decide, closed at first: counts, distributions, and what a signature binds to. */
export function detailsSection(visit: Visit, view: SignOffView): Html {
  const { texts, language, said, named } = visit;
  const { run, report, digest, askedAt, expiresAt, export: exported } = view;
  const { count } = formatsIn[language];
  return html`<details class="more"><summary>${texts.moreDetails}</summary>
<section aria-labelledby="binds"><h2 id="binds">${texts.whatYouSign}</h2>
${facts([
  [texts.run, html`<strong>${run.reference}</strong>`],
  [texts.migration, html`${text(said(run.title))} <span class="soft">(${run.migration})</span>`],
  [texts.source, text(said(run.source ?? run.connection))],
  [texts.startedBy, html`${text(run.startedBy)}, ${moment(run.startedAt)}`],
  [texts.focus, named(run.focusMode)],
  [texts.asked, moment(askedAt)],
  [texts.openUntil, moment(expiresAt)],
  [texts.reviewExport, exported ? html`<code>${exported.place}</code>` : texts.thereIsNone],
  [texts.manifest, exported ? html`<code>${exported.manifestDigest}</code>` : nothing],
  [texts.whatYouSign, html`<code>${digest}</code>`],
])}
<p class="soft small">${texts.signedSays}</p></section>
${
  report !== null &&
  html`${countsSection(visit, report)}
${view.reasons.length > 0 && html`<section>${reasonsTable(visit, count, view.reasons)}</section>`}
${distributionsSection(visit, report)}
${unlistedSection(visit, report, view)}`
}</details>`;
}

/** The spellings no rule lists (D2), and what was taken for real although it is nearly a placeholder's (M5). */
function unlistedSection(visit: Visit, report: DryRunReport, { unlisted }: SignOffView): Html {
  const { texts, language } = visit;
  const { count } = formatsIn[language];
  const near = (report.near_placeholders ?? []).map(
    ({ code, ids, rows }) =>
      html`<tr><th scope="row">${code === "" ? html`<span class="soft">${texts.none}</span>` : text(code)}</th><td class="number">${count(ids)}</td><td class="number">${count(rows)}</td></tr>`,
  );
  if (unlisted.length + near.length === 0) return nothing;
  return html`<section>
${unlisted.length > 0 && html`<p>${texts.unlistedSays}</p>${unlistedTable(visit, unlisted, { caption: texts.unlistedStatuses, more: report.unlisted_more })}`}
${
  near.length > 0 &&
  html`<table><caption>${texts.nearPlaceholders}</caption><thead><tr><th scope="col">${texts.code}</th><th scope="col" class="number">${texts.ids}</th><th scope="col" class="number">${texts.rows}</th></tr></thead><tbody>${near}</tbody></table>
${report.near_more !== undefined && html`<p class="soft small">${texts.nearMore(report.near_more.values, report.near_more.rows)}</p>`}`
}</section>`;
}
