import type { DryRunReport, StopCondition } from "../../review/report.ts";
import type { RunStanding } from "../../review/steer/run-standing.ts";
import { formatsIn } from "../../speech/formats.ts";
import type { GoNoGo } from "../../stages/wave/go-no-go.ts";
import { bar } from "../bars.ts";
import { type Html, html, nothing } from "../html.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";

/** Counts up to which each has a tile, be it of nothing. */
const mostTiles = 12;

/** The counts that the definition names (R6). */
export function countsSection(
  { texts, language, said }: Visit,
  report: DryRunReport | undefined,
): Html {
  // A definition may name none.
  if (report?.counts.length === 0) return nothing;
  const { count } = formatsIn[language];
  const all = report?.counts ?? [];
  // Where there are many, those of nothing are named in one sentence: what is there is seen at once.
  const many = all.length > mostTiles;
  const tiles = all.filter(({ rows }) => !many || rows > 0);
  const none = all.filter(({ rows }) => many && rows === 0);
  return html`<section aria-labelledby="counts"><h2 id="counts">${texts.counts}</h2>
${
  report === undefined
    ? html`<p class="soft">${texts.noDryRun}</p>`
    : html`<ul class="tiles">${tiles.map(({ says, rows }) => html`<li><b>${count(rows)}</b><span>${said(says)}</span></li>`)}</ul>${none.length > 0 && html`<p class="soft small">${texts.noneOf} ${none.map(({ says }) => said(says)).join(texts.semicolon)}.</p>`}`
}</section>`;
}

/** The stop conditions as they were measured (R7). */
export function stopsSection(
  { texts, language, said }: Visit,
  report: DryRunReport | undefined,
): Html {
  if (report === undefined) return nothing;
  return html`<section aria-labelledby="stops"><h2 id="stops">${texts.stops}</h2>
${stopsTable({ texts, language, said }, report.stops)}</section>`;
}

/** The stop conditions: a share of the rows, or so many of them, and what it may be at most. */
export function stopsTable(
  { texts, language, said }: Pick<Visit, "texts" | "language" | "said">,
  stops: readonly StopCondition[],
): Html {
  const { percent } = formatsIn[language];
  const measure = ({ kind }: StopCondition, value: number) =>
    kind === "rows" ? texts.soManyRows(value) : percent(value);
  const lines = stops.map(
    (
      stop,
    ) => html`<tr><th scope="row">${said(stop.says)}</th><td class="number" data-label="${texts.measured}">${measure(stop, stop.measured)}</td><td class="number" data-label="${texts.atMost}">${measure(stop, stop.threshold)}</td>
<td class="number" data-label="${texts.holding}">${stop.stops ? html`<span class="mark bad">${texts.holds}</span>` : html`<span class="mark good">${texts.holdsNot}</span>`}</td></tr>`,
  );
  return html`<table class="rows"><thead><tr><th scope="col">${texts.stopReason}</th><th scope="col" class="number">${texts.measured}</th><th scope="col" class="number">${texts.atMost}</th><th scope="col" class="number">${texts.holding}</th></tr></thead><tbody>${lines}</tbody></table>`;
}

/** The go/no-go list, each item with the evidence it rests on (R18). */
export function goNoGoSection(visit: Visit, { ready, items }: GoNoGo, standing: RunStanding): Html {
  const { texts, said } = visit;
  const lines = items.map(
    ({ id, says, holds, judged }) => html`<tr><th scope="row">${said(says)}</th>
<td data-label="${texts.verdict}">${holds ? html`<span class="mark good">${texts.itemHolds}</span>` : judged ? html`<span class="mark bad">${texts.itemFails}</span>` : html`<span class="mark">${texts.itemOpen}</span>`}</td>
<td data-label="${texts.evidence}">${evidenceOf(visit, id, standing)}</td></tr>`,
  );
  return html`<section aria-labelledby="go"><h2 id="go">${texts.goNoGo}</h2>
<p>${ready ? texts.ready : texts.notReady}</p>
<table class="rows"><thead><tr><th scope="col">${texts.question}</th><th scope="col">${texts.verdict}</th><th scope="col">${texts.evidence}</th></tr></thead><tbody>${lines}</tbody></table></section>`;
}

/** Where the evidence behind an item stands. */
function evidenceOf(
  { named, texts }: Visit,
  id: string,
  { signOffs, waves, drill }: RunStanding,
): Html {
  const approved = signOffs.findLast(({ status }) => status === "approved");
  const first = waves.find(({ wave }) => wave === 1);
  switch (id) {
    case "dry_run_reviewed":
    case "mappings_reviewed":
    case "sample_approved":
      return approved === undefined
        ? nothing
        : html`<a href="/sign-off/by-id/${approved.id}">${texts.gateNamed(approved.gate)}</a>, ${text(approved.decided_by ?? "")}, <span class="whole">${moment(approved.decided_at ?? "")}</span>`;
    case "first_batch_passed":
    case "logs_correct":
    case "no_mutations":
      return first === undefined
        ? nothing
        : html`<a href="#waves">${named(first.status)}</a>, <span class="whole">${moment(first.at)}</span>`;
    case "drill_passed":
      return drill === undefined ? nothing : html`${moment(drill.at)}`;
    default:
      return nothing;
  }
}

/** Values of one distribution that are shown; the rest are in the export. */
const mostValues = 8;

/** The distributions (M13) as bars made here. */
export function distributionsSection(
  { texts, language, said, named }: Visit,
  report: DryRunReport | undefined,
): Html {
  if (report === undefined || report.distributions.length === 0) return nothing;
  const { count, percent } = formatsIn[language];
  const tables = report.distributions.map(({ says, values }) => {
    const entries = Object.entries(values).toSorted(
      ([leftName, left], [rightName, right]) =>
        right - left || leftName.localeCompare(rightName, "en"),
    );
    const all = entries.reduce((sum, [, rows]) => sum + rows, 0);
    return html`<div><table><caption>${said(says)}</caption><thead><tr><th scope="col">${texts.value}</th><th scope="col" class="number">${texts.rows}</th><th scope="col" class="number">${texts.share}</th></tr></thead><tbody>
${entries
  .slice(0, mostValues)
  .map(
    ([name, rows]) =>
      html`<tr><th scope="row">${text(named(name))}${bar([{ kind: "committed", value: rows }], all)}</th><td class="number">${count(rows)}</td><td class="number soft">${percent(all === 0 ? 0 : rows / all)}</td></tr>`,
  )}</tbody></table>${entries.length > mostValues && html`<p class="soft small">+ ${count(entries.length - mostValues)}</p>`}</div>`;
  });
  return html`<section aria-labelledby="distributions"><h2 id="distributions">${texts.distributions}</h2><div class="columns">${tables}</div></section>`;
}
