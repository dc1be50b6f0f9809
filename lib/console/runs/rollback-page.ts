import type { Run } from "../../data/runs.ts";
import { formatsIn } from "../../speech/formats.ts";
import type { PreviewedWave } from "../../stages/preview-rollback.ts";
import { allOf } from "../../stages/wave/row-sums.ts";
import { visitorPage } from "../around.ts";
import { type Html, html, nothing } from "../html.ts";
import { seenField } from "../once.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";

const figures = [
  "entries",
  "undone",
  "unlinked",
  "gone",
  "edited",
  "referenced",
  "refused",
] as const;

/** Waves that are listed one by one. */
const mostWaves = 30;
/** Spared rows that are listed. */
const mostSpared = 40;

/** What a rollback would do, as last looked, and the button that does it (B1, R17). */
export function rollbackPage(
  visit: Visit,
  {
    run,
    waves,
    entries: logged,
    beside,
  }: {
    readonly run: Run;
    readonly waves: readonly PreviewedWave[];
    readonly entries: number;
    /** What the platform does by itself beside the rows. */
    readonly beside: readonly string[];
  },
): PageResponse {
  const { texts, tokenFor } = visit;
  const path = at.rollback(run.reference);
  const look = `${path}/preview`;
  // What is spared is not among what the button promises.
  const taken = sum(waves, "undone");
  const title = texts.rollbackTitle(run.reference);
  const may = run.erased_at === null;
  return visitorPage(
    visit,
    { title },
    html`<section><h1>${title}</h1><p>${texts.rollbackSays}</p>
${beside.length > 0 && html`<p>${texts.leftBeside(beside.join(", "))}</p>`}
${run.erased_at !== null && html`<p class="note warn">${texts.nothingToTakeBackErased}</p>`}
${may && html`<form method="post" action="${look}"><input type="hidden" name="csrf" value="${tokenFor(look)}">${seenField(logged)}<p class="soft">${texts.previewSays}</p><div class="buttons"><button class="main" type="submit">${texts.preview}</button></div></form>`}
<p class="ways"><a href="${at.run(run.reference)}">${texts.backToRun}</a></p></section>
<section aria-labelledby="previewed"><h2 id="previewed">${texts.previewed}</h2>
${waves.length === 0 ? html`<p>${texts.noPreview}</p>` : previewTable(visit, waves)}
${may && html`<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}">${seenField(logged)}<div class="buttons"><button class="bad" type="submit">${waves.length === 0 ? texts.takeBackUnseen : texts.takeBack(taken)}</button></div></form>`}</section>
${sparedSection(visit, waves)}`,
  );
}

const figureOf = (wave: PreviewedWave, figure: (typeof figures)[number]): number =>
  figure === "refused" ? allOf(wave.refused) : wave[figure];

const sum = (waves: readonly PreviewedWave[], figure: (typeof figures)[number]): number =>
  waves.reduce((all, wave) => all + figureOf(wave, figure), 0);

function previewTable({ texts, language }: Visit, waves: readonly PreviewedWave[]): Html {
  const { count } = formatsIn[language];
  const numbers = (of: (figure: (typeof figures)[number]) => number) =>
    figures.map((figure) => html`<td class="number">${count(of(figure))}</td>`);
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="previewed"><table class="wide"><thead><tr><th scope="col">${texts.wave}</th><th scope="col" class="number">${texts.entries}</th><th scope="col" class="number">${texts.takenBack}</th><th scope="col" class="number">${texts.unlinked}</th><th scope="col" class="number">${texts.gone}</th><th scope="col" class="number">${texts.edited}</th><th scope="col" class="number">${texts.referenced}</th><th scope="col" class="number">${texts.refusedBack}</th></tr></thead>
<tbody>${waves.slice(0, mostWaves).map((wave) => html`<tr><th scope="row">${count(wave.wave)}</th>${numbers((figure) => figureOf(wave, figure))}</tr>`)}</tbody>
<tfoot><tr><th scope="row">${texts.total}</th>${numbers((figure) => sum(waves, figure))}</tr></tfoot></table></div>`;
}

function sparedSection({ texts }: Visit, waves: readonly PreviewedWave[]): Html {
  const all = waves.reduce((total, wave) => total + wave.spared, 0);
  if (all === 0) return nothing;
  const listed = waves.flatMap(({ wave, conflicts }) =>
    conflicts.map((each) => ({ wave, ...each })),
  );
  const shown = listed.slice(0, mostSpared);
  return html`<section aria-labelledby="spared"><h2 id="spared">${texts.spared}</h2>
<p class="soft">${texts.sparedShown(shown.length, all)}</p>
<table class="wide rows"><thead><tr><th scope="col">${texts.wave}</th><th scope="col">${texts.row}</th><th scope="col">${texts.sinceThen}</th></tr></thead><tbody>${shown.map(
    ({ wave, table, id, conflict }) =>
      html`<tr><th scope="row"><span class="soft">${texts.wave}</span> ${wave}</th><td data-label="${texts.row}">${text(`${table} ${id}`)}</td><td data-label="${texts.sinceThen}">${[
        ...(conflict.edited ? [texts.changedColumns(conflict.changed.join(", "))] : []),
        ...(conflict.referenced ? [texts.referredTo] : []),
        ...(conflict.refused === undefined ? [] : [text(texts.refusedBy(conflict.refused))]),
      ].join("; ")}</td></tr>`,
  )}</tbody></table></section>`;
}
