import type { Run } from "../../data/runs.ts";
import { formatsIn } from "../../speech/formats.ts";
import type { KeptPreview, PreviewedWave } from "../../stages/preview-rollback.ts";
import { allOf } from "../../stages/wave/row-sums.ts";
import { visitorPage } from "../around.ts";
import { type Html, html, nothing } from "../html.ts";
import { seenField } from "../once.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";

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

/** What a rollback is about, and what is known of it. */
interface RollbackView {
  /** What stands above each page of the run. */
  readonly head: Html;
  readonly run: Run;
  /** Waves of which anything stands, the latest first. */
  readonly open: readonly { readonly wave: number; readonly entries: number }[];
  /** What was found of them, as last looked. */
  readonly waves: readonly KeptPreview[];
  /** Entries of its log. */
  readonly entries: number;
  /** What the platform does by itself beside the rows. */
  readonly beside: readonly string[];
  /** What is under way: a look at it, or the rollback itself. */
  readonly doing: "looking" | "taking_back" | undefined;
}

/** What a rollback would do, as last looked, and the button that does it (B1, R17): unfolded first, with its figures. */
export function rollbackPage(visit: Visit, view: RollbackView): PageResponse {
  const { texts, tokenFor } = visit;
  const { head, run, waves, entries: logged, beside, doing } = view;
  const path = at.rollback(run.reference);
  const look = `${path}/preview`;
  const title = texts.rollbackTitle(run.reference);
  const may = run.erased_at === null;
  const looks = html`<form method="post" action="${look}"><input type="hidden" name="csrf" value="${tokenFor(look)}">${seenField(logged)}<p class="soft">${texts.previewSays}</p><div class="buttons"><button class="main" type="submit">${waves.length === 0 ? texts.preview : texts.previewAgain}</button></div></form>`;
  return visitorPage(
    visit,
    { title, live: doing !== undefined },
    html`<section><h1>${title}</h1>
${head}<p>${texts.rollbackSays}</p>
${beside.length > 0 && html`<p>${texts.leftBeside(beside.join(", "))}</p>`}
${run.erased_at !== null && html`<p class="note warn">${texts.nothingToTakeBackErased}</p>`}
<div data-live="looks">${doing === "looking" && html`<p class="note" data-says>${texts.lookingNow}</p>`}${doing === "taking_back" && html`<p class="note warn" data-says>${texts.takingBackNow}</p>`}${may && doing === undefined && comesToAnEnd(view) && looks}</div></section>
<div data-live="previewed">${may && actSection(visit, view)}
${sparedSection(visit, waves)}</div>`,
  );
}

/** What stands, what would become of it, and the button. */
function actSection(visit: Visit, view: RollbackView): Html {
  const { texts, tokenFor } = visit;
  const { run, open, waves, entries: logged, doing } = view;
  const path = at.rollback(run.reference);
  const unseen = open.filter(({ wave }) => waves.every((each) => each.wave !== wave));
  const all = entriesIn(open);
  // What is spared is not among what the button promises.
  const taken = sum(waves, "undone") + entriesIn(unseen);
  const looked = [
    texts.standsInWaves(all, open.length),
    waves.length === 0
      ? texts.noPreview
      : texts.takenOf(
          sum(waves, "undone"),
          sum(waves, "unlinked"),
          waves.reduce((of, { spared }) => of + spared, 0),
        ),
    ...(waves.length > 0 && unseen.length > 0
      ? [texts.unseenWaves(entriesIn(unseen), unseen.length)]
      : []),
  ];
  const says = all === 0 ? [texts.nothingStands] : looked;
  const button = all === 0 ? texts.takeBackNothing : texts.takeBack(taken);
  const act = html`<div><ul class="acts"><li><details class="bad"><summary>${button}…</summary>${says.map((each) => html`<p>${each}</p>`)}<p>${texts.takingBackEnds}</p>
<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}">${seenField(logged)}<button class="bad" type="submit">${button}</button></form></details></li></ul></div>`;
  return html`<section aria-labelledby="previewed"><h2 id="previewed">${texts.previewed}</h2>
${waves.length === 0 ? html`<p>${says.join(" ")}</p>` : previewTable(visit, waves)}
${waves.length > 0 && html`<p class="soft">${texts.foundAt(moment(waves.reduce((first, each) => (each.at < first ? each.at : first), waves[0]?.at ?? "")))}</p>`}
${waves.length > 0 && unseen.length > 0 && html`<p class="note warn">${texts.unseenWaves(entriesIn(unseen), unseen.length)}</p>`}
${doing !== "taking_back" && (all > 0 || comesToAnEnd(view)) && act}</section>`;
}

/** Whether a rollback does anything of a run of which no row stands: it stops one, and comes to the end of one that was cut off. */
const comesToAnEnd = ({ run, open }: RollbackView): boolean =>
  open.length > 0 ||
  (run.status !== "rolled_back" && (run.status !== "completed" || run.control === "stop"));

const entriesIn = (open: RollbackView["open"]): number =>
  open.reduce((all, { entries }) => all + entries, 0);

const figureOf = (wave: PreviewedWave, figure: (typeof figures)[number]): number =>
  figure === "refused" ? allOf(wave.refused) : wave[figure];

const sum = (waves: readonly PreviewedWave[], figure: (typeof figures)[number]): number =>
  waves.reduce((all, wave) => all + figureOf(wave, figure), 0);

/** What is told of no wave at all has no column: the others are seen at once then. */
function previewTable({ texts, language }: Visit, waves: readonly PreviewedWave[]): Html {
  const { count } = formatsIn[language];
  const told = figures.filter(
    (figure) => figure === "entries" || figure === "undone" || sum(waves, figure) > 0,
  );
  const head = {
    ...{ entries: texts.entries, undone: texts.takenBack, unlinked: texts.unlinked },
    ...{ gone: texts.gone, edited: texts.edited, referenced: texts.referenced },
    refused: texts.refusedBack,
  };
  const numbers = (of: (figure: (typeof figures)[number]) => number) =>
    told.map((figure) => html`<td class="number">${count(of(figure))}</td>`);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${texts.waves}"><table class="wide"><thead><tr><th scope="col">${texts.wave}</th>${told.map((figure) => html`<th scope="col" class="number">${head[figure]}</th>`)}</tr></thead>
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
      html`<tr><th scope="row"><span class="soft">${texts.wave}</span> ${wave}</th><td data-label="${texts.row}">${text(`${table} ${id}`)}</td><td data-label="${texts.sinceThen}">${text(
        [
          ...(conflict.edited ? [texts.changedColumns(conflict.changed.join(", "))] : []),
          ...(conflict.referenced ? [texts.referredTo] : []),
          ...(conflict.refused === undefined ? [] : [texts.refusedBy(conflict.refused)]),
        ].join(texts.semicolon),
      )}</td></tr>`,
  )}</tbody></table></section>`;
}
