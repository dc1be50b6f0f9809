import type { Run } from "../../data/runs.ts";
import type { LookedAt, PinnedLook } from "../../evidence/pinned.ts";
import { reasonIn } from "../../review/reasons.ts";
import { searchesOf } from "../../review/rows/find-rows.ts";
import type { StagedFilter } from "../../stages/wave/page-ids.ts";
import type { ListedRow } from "../../stages/wave/staged-page.ts";
import { visitorPage } from "../around.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { described, keptIn, sentBy, valued, wrongAt } from "../sent.ts";
import { text } from "../tables.ts";
import { type Among, rowAddress } from "./among.ts";
import { choicesOf, chosenIn, decisionChoice, inAddress } from "./filter.ts";
import { sentenceOf, takenFor } from "./outcome.ts";

/** A page of a run's rows, all of them masked. */
interface RowsView {
  /** What stands above each page of the run. */
  readonly head: Html;
  readonly run: Run;
  readonly look: PinnedLook;
  readonly rows: readonly ListedRow[];
  readonly filter: StagedFilter;
  readonly after: number | undefined;
  /** Where the next page begins; null at the end. */
  readonly next: number | null;
  /** So many rows were looked at, and the page is not full. */
  readonly looked?: number;
  /** How many rows are like that, where it is known. */
  readonly all?: number | undefined;
  /** Whether these were found by somebody's number, address or name. */
  readonly found?: true;
  /** What was looked for as a row and is none of this run's. */
  readonly unknown?: string;
}

/** The rows of a run: a masked list, whoever looks (D20). */
export function rowsPage(visitor: Visit, view: RowsView): PageResponse {
  const visit = ofRun(visitor, view.look);
  const { texts } = visit;
  const { head, run, look, rows, found, looked, filter, after, all } = view;
  const among = found ? undefined : { filter, after, nth: 0 };
  const title = texts.rowsOf(run.reference);
  return visitorPage(
    visit,
    { title },
    html`<section><h1>${title}</h1>
${head}<p class="soft">${texts.rowsMasked}</p>
<p class="ways"><a href="#look">${texts.findOne}</a>${found && html` <a href="${at.rows(run.reference)}">${texts.allRows}</a>`}</p>
${found ? html`<p>${texts.found(rows.length)}</p>` : filterForm(visit, view)}
${all !== undefined && all > 0 && html`<p>${texts.rowsLike(all)}</p>`}
${rows.length > 0 ? rowsTable(visit, { run, look, rows, among }) : looked === undefined && html`<p>${texts.noRows}</p>`}
${looked !== undefined && html`<p class="note">${texts.looksOn(looked)}</p>`}
${pager(visit, view)}</section>
${lookForms(visit, { run, look }, view.unknown)}`,
  );
}

/** What somebody is reached by, one below the other. */
const contactOf = ({ phone, email }: Pick<ListedRow, "phone" | "email">): Part =>
  [phone, email]
    .filter((each) => each !== "")
    .map((each, at) => html`${at > 0 && html`<br>`}${text(each)}`);

/** A table of masked rows. */
function rowsTable(
  visit: Visit,
  {
    run,
    look,
    rows,
    among,
  }: Pick<RowsView, "run" | "look" | "rows"> & { readonly among: Among | undefined },
): Html {
  const { texts, named } = visit;
  const lines = rows.map(
    (
      row,
      nth,
    ) => html`<tr id="row-${row.id}"><th scope="row" class="short"><a href="${rowAddress(run.reference, row.id, among && { ...among, nth })}">${row.source_table} ${row.legacy_id}</a></th>
<td data-label="${texts.name}">${text(row.name)}<br><span class="soft small">${row.birth_year}</span></td><td class="short" data-label="${texts.contact}">${contactOf(row)}</td>
<td data-label="${texts.classification}">${takenFor(visit, row)}<br><span class="soft small">${named(row.validation_status)}</span></td>
<td data-label="${texts.wouldHappen}">${sentenceOf(visit, { ...row, reason: whyOf(visit, look, row) })}</td></tr>`,
  );
  return html`<table class="wide rows"><thead><tr><th scope="col">${texts.row}</th><th scope="col">${texts.name}</th><th scope="col">${texts.contact}</th><th scope="col">${texts.classification}</th><th scope="col">${texts.wouldHappen}</th></tr></thead><tbody>${lines}</tbody></table>`;
}

/** Why a row is not written, in a sentence. */
export function saysOf(
  { said }: Pick<Visit, "said">,
  { parts }: Pick<PinnedLook, "parts">,
  reason: string | null,
): string | null {
  return reason === null || reason === "" ? null : said(reasonIn(parts, reason).says);
}

/** Why a row is not written, in a sentence; where a rule asks a person to look at it, by which. */
export function whyOf(
  visit: Pick<Visit, "said" | "ruled" | "texts">,
  look: PinnedLook,
  row: Pick<ListedRow, "part" | "state_reason" | "planned_reason" | "issues">,
): string | null {
  const reason = row.state_reason ?? row.planned_reason;
  const says = saysOf(visit, look, reason);
  const part = look.parts.find((each) => look.parts.length === 1 || each.part === row.part);
  if (says === null || reason === null || part === undefined) return says;
  const rules = rulesThatAsk(part, reason, row.issues ?? []).map((rule) => visit.ruled(rule).says);
  return rules.length === 0
    ? says
    : `${says.replace(/\.$/u, "")}${visit.texts.colon} ${rules.join(" ")}`;
}

/** The rules of these ids that ask a person, where the plan's line of a reason is about that. */
function rulesThatAsk(
  { rules }: Pick<PinnedLook["parts"][number], "rules">,
  reason: string,
  ids: readonly string[],
): readonly string[] {
  const asks = rules.some(
    ({ about, outcome, looks }) =>
      about === "plan" &&
      outcome === `hold (${reason})` &&
      looks.some(([, column]) => column === "validation_status"),
  );
  if (!asks) return [];
  return rules.flatMap(({ about, outcome, rule }) =>
    about === "validation" &&
    outcome === "needs_review" &&
    ids.some((id) => rule.startsWith(`${id}: `))
      ? [rule]
      : [],
  );
}

function filterForm(visit: Visit, { run, look, filter }: RowsView): Html {
  const { texts } = visit;
  const titles: Readonly<Record<string, string>> = {
    classification: texts.classification,
    validation_status: texts.validation,
    duplicate_confidence: texts.duplicates,
    import_state: texts.state,
    part: texts.kind,
    reason: texts.reason,
  };
  const shown = (name: string, value: string) =>
    name === "import_state"
      ? texts.states[value]
      : name === "reason"
        ? saysOf(visit, look, value)
        : visit.named(value);
  const choice = ([name, values]: [string, readonly string[]]) =>
    html`<span${name === "reason" && html` class="broad"`}><label for="${name}">${titles[name] ?? visit.label(name.slice(decisionChoice.length))}</label> <select id="${name}" name="${name}"><option value="">${texts.anything}</option>${values.map(
      (value) =>
        html`<option value="${value}"${chosenIn(filter, name) === value && html` selected`}>${shown(name, value)}</option>`,
    )}</select></span>`;
  const choices = Object.entries(choicesOf(look)).map(
    ([name, values]): [string, readonly string[]] => {
      const chosen = chosenIn(filter, name);
      return [name, chosen === undefined || values.includes(chosen) ? values : [...values, chosen]];
    },
  );
  return html`<form method="get" action="${at.rows(run.reference)}" class="filter">${choices.map(choice)}<button type="submit">${texts.filter}</button></form>`;
}

function pager({ texts }: Visit, { run, rows, filter, after, next, found }: RowsView): Html {
  if (found) return nothing;
  const way = (says: string, more: Readonly<Record<string, string>>) =>
    html`<a href="${at.rows(run.reference)}?${new URLSearchParams({ ...inAddress(filter), ...more }).toString()}">${says}</a> `;
  const back = after !== undefined && [
    way(texts.firstPage, {}),
    way(texts.previousPage, { before: String(rows[0]?.id ?? after + 1) }),
  ];
  if (back === false && next === null) return nothing;
  return html`<nav aria-label="${texts.pages}">${back}${next !== null && way(texts.nextPage, { after: String(next) })}</nav>`;
}

function lookForms(visit: Visit, { run, look }: LookedAt, unknown: string | undefined): Html {
  const { texts, person, tokenFor } = visit;
  const by = searchesOf(look);
  const path = at.rows(run.reference);
  const sent = sentBy(visit, path);
  return html`<section aria-labelledby="look"><h2 id="look">${texts.open}</h2>
${unknown !== undefined && html`<p class="note warn" id="no-row">${texts.noSuchRow(run.reference)}</p>`}
<form method="get" action="${path}" class="filter"><span class="broad"><label for="row">${texts.byId}</label> <input id="row" name="row" type="text" autocomplete="off" required maxlength="200"${unknown !== undefined && html` value="${unknown}" aria-invalid="true" aria-describedby="no-row" autofocus`}></span><button type="submit">${texts.open}</button></form>
${
  person.permissions.includes("legacy_imports.review") &&
  by.length > 0 &&
  html`<h3>${texts.searchPerson}</h3><p class="soft">${texts.searchSays}</p>${wrongAt(visit, sent, "value")}
<form method="post" action="${path}" class="filter"><input type="hidden" name="csrf" value="${tokenFor(path)}"><span><label for="by">${texts.searchBy}</label> <select id="by" name="by">${by.map((each) => html`<option value="${each}"${keptIn(sent, "by") === each && html` selected`}>${texts.searchKinds[each]}</option>`)}</select></span>
<span><label for="value">${texts.value}</label> <input id="value" name="value" type="text" autocomplete="off" required maxlength="300"${valued(sent, "value")}${described(sent, "value")}></span><button type="submit">${texts.search}</button></form>`
}</section>`;
}
