import { exportsTake } from "../../review/exports/exports.ts";
import type { SignOffView } from "../../review/sign-off/read.ts";
import { formatsIn } from "../../speech/formats.ts";
import type { WaveAhead } from "../../stages/wave/ahead.ts";
import { type Html, html, nothing } from "../html.ts";
import { at } from "../paths.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";

/** Reasons that are shown at once; the others stand in the details. */
const mostReasons = 6;

/** What rows of the next wave become, behind how many they are. */
export const becomesWords = (
  { texts, named }: Visit,
  { planned, action, table, rows }: WaveAhead["becomes"][number],
): string =>
  planned === "link"
    ? texts.becomesLinked(named(table ?? "?"), rows)
    : planned === "update"
      ? texts.becomesUpdated(named(action ?? "?"), rows)
      : texts.becomesWritten(named(action ?? "?"), rows);

/** What would happen, in sentences and numbers: the wave that is asked about, then the whole run. */
export function wouldHappenSection(visit: Visit, view: SignOffView, ahead: WaveAhead | null): Html {
  const { texts } = visit;
  return html`<section aria-labelledby="plan"><h2 id="plan">${texts.toHappen}</h2>
${ahead !== null && waveSentences(visit, view, ahead)}
${wholeRun(visit, view)}
${carriedMappings(visit, view)}
${exportLink(visit, view)}</section>`;
}

/** Decisions about mappings that were made in earlier runs and count in this one: they are signed for as all others are. */
function carriedMappings({ texts, label }: Visit, { carried, run }: SignOffView): Html {
  if (carried.length === 0) return nothing;
  const links = carried.map(
    ({ name, carried: many }, index) =>
      html`${index > 0 && ", "}<a href="${at.mapping(run.reference, name)}?all=1">${texts.carriedOf(label(name), many)}</a>`,
  );
  return html`<p>${texts.mappingsCarried} ${links}.</p>`;
}

/** The export that a decision is about, for whoever may take it along: an approver has no way to the evidence. */
function exportLink({ texts, person }: Visit, { run, export: exported }: SignOffView): Html {
  const may = exportsTake.some((each) => person.permissions.includes(each));
  if (exported === null || !may) return nothing;
  return html`<p class="ways"><a href="${at.exported(run.reference, exported.manifestDigest)}">${texts.openExport}</a></p>`;
}

function waveSentences(visit: Visit, { run }: SignOffView, ahead: WaveAhead): Html {
  const { texts, language } = visit;
  if (ahead.rows === 0) return html`<p>${texts.waveTakesNothing}</p>`;
  const { count } = formatsIn[language];
  const lines = ahead.becomes.map(
    (each) => html`<li><strong>${count(each.rows)}</strong> ${becomesWords(visit, each)}</li>`,
  );
  return html`<p><strong>${texts.waveTakes(ahead.wave, ahead.rows)}</strong></p>
<ul class="plain">${lines}</ul>
<p class="soft">${texts.afterwards(run.wavePlan.map(count).join(", "), count(run.wavePlan.at(-1) ?? 0))}</p>`;
}

const order = ["commit", "update", "link", "hold", "conflict", "skip", "fail"] as const;
/** Not every migration has them. */
const some: readonly string[] = ["update", "conflict"];

function wholeRun(visit: Visit, { report, reasons }: SignOffView): Html {
  const { texts, language } = visit;
  if (report === null) return html`<div class="note bad"><p>${texts.dryRunGone}</p></div>`;
  const { count } = formatsIn[language];
  const shown = order.filter((key) => !some.includes(key) || report.plan[key]);
  const tiles = shown.map(
    (key) =>
      html`<li><b>${count(report.plan[key] ?? 0)}</b><span>${texts.outcomesOfPlan[key]}</span></li>`,
  );
  const most = reasons.toSorted((left, right) => right.rows - left.rows);
  const more = most.length - mostReasons;
  return html`<p>${texts.wholeRun(report.rows)}</p>
<ul class="tiles">${tiles}</ul>
${most.length > 0 && reasonsTable(visit, count, most.slice(0, mostReasons))}
${more > 0 ? html`<p class="soft small">${texts.moreInDetails(more)}</p>` : nothing}`;
}

/** Why rows are not written, with how many of them each. */
export const reasonsTable = (
  { texts, said }: Pick<Visit, "texts" | "said">,
  count: (value: number) => string,
  reasons: SignOffView["reasons"],
): Html =>
  html`<table><caption>${texts.whyNot}</caption><thead><tr><th scope="col">${texts.reason}</th><th scope="col">${texts.theyAre}</th><th scope="col" class="number">${texts.rows}</th></tr></thead><tbody>${reasons.map(
    ({ says, does, rows }) =>
      html`<tr><th scope="row">${text(said(says))}</th><td data-label="${texts.theyAre}">${texts.whyNotDoes[does] ?? does}</td><td class="number" data-label="${texts.rows}">${count(rows)}</td></tr>`,
  )}</tbody></table>`;
