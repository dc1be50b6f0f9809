import { nextKind, type Standing } from "../../review/steer/next-kind.ts";
import type { ListedRun, RunFilter } from "../../review/steer/run-list.ts";
import { visitorPage } from "../around.ts";
import { bar } from "../bars.ts";
import { html, nothing } from "../html.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";
import { isReviewed, statusOf } from "./status.ts";

/** A list of runs, and what it was narrowed to. */
interface RunListView {
  readonly runs: readonly (ListedRun & Pick<Standing, "alive" | "doing">)[];
  readonly filter: RunFilter;
  /** Reference after which earlier runs follow; undefined at the end. */
  readonly next: string | undefined;
  readonly migrations: readonly string[];
}

/** Statuses that a run is stored with, as a filter offers them. */
export const statuses = [
  "running",
  "waiting",
  "paused",
  "halted",
  "stopped",
  "completed",
  "rolled_back",
] as const;

/** Every run: what it is, where it stands, and whom it waits for. */
export function runListPage(visit: Visit, view: RunListView): PageResponse {
  const { texts, person } = visit;
  const { runs, filter } = view;
  const narrowed = Object.values(filter).some((each) => each !== undefined);
  const mayStart = person.permissions.includes("legacy_imports.run");
  return visitorPage(
    visit,
    { title: texts.runs, live: runs.some(({ alive }) => alive) },
    html`<section><h1>${texts.runs}</h1>
${(runs.length > 0 || narrowed) && filterForm(visit, view)}
<div data-live="runs">${
      runs.length === 0
        ? html`<p>${narrowed ? texts.noSuchRuns : texts.noRuns}</p>${!narrowed && mayStart && html`<p><a class="button main" href="${at.start}">${texts.startRun}</a></p>`}`
        : html`<table class="wide rows"><thead><tr><th scope="col">${texts.run}</th><th scope="col">${texts.startedBy}</th><th scope="col">${texts.stands}</th><th scope="col">${texts.rows}</th><th scope="col">${texts.waitsFor}</th></tr></thead>
<tbody>${runs.map((run) => line(visit, run))}</tbody></table>`
    }</div>
${pager(visit, view)}</section>`,
  );
}

function pager({ texts }: Visit, { filter: { before, ...kept }, next }: RunListView) {
  if (before === undefined && next === undefined) return nothing;
  const way = (says: string, more: RunFilter & { readonly since?: string }) =>
    html`<a href="${at.runs}?${query({ ...kept, ...more })}">${says}</a> `;
  return html`<nav aria-label="${texts.pages}">${before !== undefined && [way(texts.latestRuns, {}), way(texts.laterRuns, { since: before })]}${next !== undefined && way(texts.earlier, { before: next })}</nav>`;
}

const query = (fields: Readonly<Record<string, string | undefined>>): string =>
  new URLSearchParams(
    Object.entries(fields).filter((each): each is [string, string] => each[1] !== undefined),
  ).toString();

function filterForm({ texts }: Visit, { filter, migrations }: RunListView) {
  const choice = (
    name: "status" | "migration",
    says: string,
    any: string,
    values: readonly (readonly [string, string])[],
  ) => html`<span><label for="${name}">${says}</label> <select id="${name}" name="${name}"><option value="">${any}</option>
${values.map(([value, shown]) => html`<option value="${value}"${filter[name] === value && html` selected`}>${shown}</option>`)}</select></span>`;
  return html`<form method="get" action="${at.runs}" class="filter">
${choice(
  "status",
  texts.status,
  texts.anyStatus,
  statuses.map((status) => [status, texts.statuses[status] ?? status]),
)}
${choice(
  "migration",
  texts.migration,
  texts.anyMigration,
  migrations.map((name) => [name, name]),
)}
<button type="submit">${texts.filter}</button></form>`;
}

function line({ texts, named }: Visit, run: RunListView["runs"][number]) {
  const { rows, alive, pending_gate: pendingGate } = run;
  const kind = nextKind({
    ...{ ...run, alive, pendingGate, copiesLeft: run.copies_left },
    rowsLeft: rows?.spared ?? 0,
  });
  const stand = rows === null ? 0 : rows.committed + rows.spared;
  const status = statusOf(run, { alive, pendingGate });
  return html`<tr><th scope="row"><a href="${at.run(run.reference)}">${run.reference}</a><br><span class="soft small">${text(run.migration)}</span></th>
<td data-label="${texts.startedBy}">${run.started_by === null ? texts.notKnown : text(run.started_by)}<br><span class="soft small">${moment(run.created_at)}</span></td>
<td data-label="${texts.stands}">${texts.statuses[status] ?? status}${!isReviewed(run) && html`<br><span class="soft small">${texts.stageDone(named(run.stage))}</span>`}</td>
<td data-label="${texts.rows}">${
    rows === null
      ? "–"
      : html`${bar(
          [
            { kind: "committed", value: stand },
            { kind: "linked", value: rows.linked },
            { kind: "held", value: rows.held },
            { kind: "skipped", value: rows.skipped },
            { kind: "failed", value: rows.failed },
            { kind: "rolled_back", value: rows.rolled_back },
          ],
          rows.staged,
        )}<span class="soft small">${texts.rowsWritten(stand, rows.staged)}${rows.rolled_back > 0 && html`, ${texts.rowsTakenBack(rows.rolled_back)}`}${rows.held > 0 && html`, ${texts.rowsHeld(rows.held)}`}</span>`
  }</td>
<td data-label="${texts.waitsFor}">${texts.waits[kind] ?? html`<span class="soft">${texts.nobodyAwaited}</span>`}</td></tr>`;
}
