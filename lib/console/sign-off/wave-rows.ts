import type { PinnedLook } from "../../evidence/pinned.ts";
import type { AheadRow, WaveAhead } from "../../stages/wave/ahead.ts";
import { type Html, html, nothing } from "../html.ts";
import { at } from "../paths.ts";
import { hasKind } from "../review/row.ts";
import type { Visit } from "../route.ts";
import { sentenceOf, takenFor } from "../rows/outcome.ts";
import { text } from "../tables.ts";

/** Rows of one page of the table. */
export const rowsOfPage = 10;

/** The rows that the wave would take: masked, a few at a time, the next ones behind a link. */
export function waveRowsSection(
  visit: Visit,
  ahead: WaveAhead | null,
  look: PinnedLook,
  { base, reference }: { readonly base: string; readonly reference: string },
): Html {
  if (ahead === null || ahead.rows === 0) return nothing;
  const { texts } = visit;
  const { page, previous, next } = ahead;
  const ways = [
    (previous !== null || page.length === 0) &&
      html`<a href="${base}#rows">${texts.firstPage}</a> `,
    previous !== null && html`<a href="${base}?before=${previous}#rows">${texts.previousPage}</a> `,
    next !== null && html`<a href="${base}?after=${next}#rows">${texts.nextPage}</a>`,
  ];
  return html`<section aria-labelledby="rows"><h2 id="rows">${texts.rowsOfWave(ahead.wave)}</h2>
<p class="soft">${texts.rowsOfWaveSays}</p>
<table class="rows wide"><thead><tr><th scope="col">${texts.legacyRow}</th><th scope="col">${texts.person}</th><th scope="col">${texts.contact}</th><th scope="col">${texts.appears}</th><th scope="col">${texts.wouldHappen}</th></tr></thead><tbody>${page.map((row) => line(visit, look, reference, row))}</tbody></table>
${ways.some((way) => way !== false) && html`<nav aria-label="${texts.pages}">${ways}</nav>`}</section>`;
}

const line = (visit: Visit, look: PinnedLook, reference: string, row: AheadRow): Html => {
  const contact = [row.phone, row.email].filter((each) => each !== "");
  return html`<tr><th scope="row"><a href="${at.row(reference, row.id)}">${text(row.source_table)} ${row.legacy_id}</a></th><td data-label="${visit.texts.person}">${row.name !== "" ? text(row.name) : hasKind(look, row, "name") && html`<span class="soft">${visit.texts.noName}</span>`}</td>
<td class="short" data-label="${visit.texts.contact}">${contact.map((each, at) => html`${at > 0 && html`<br>`}${text(each)}`)}</td><td data-label="${visit.texts.appears}">${takenFor(visit, row)}</td><td data-label="${visit.texts.wouldHappen}">${sentenceOf(visit, { ...row, reason: null, import_state: "pending" })}</td></tr>`;
};
