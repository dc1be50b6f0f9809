import type { Run } from "../../data/runs.ts";
import type { PinnedLook } from "../../evidence/pinned.ts";
import { type Explanation, type Reason, saidByEngine } from "../../review/rows/explain.ts";
import { numberOf } from "../../review/rows/numbered.ts";
import type { LedgerLine, Likeness, WholeRow } from "../../review/rows/row-record.ts";
import type { Question } from "../../review/samples/questions.ts";
import type { Ruled } from "../../speech/speech.ts";
import type { StagedPage } from "../../stages/wave/staged-page.ts";
import { visitorPage } from "../around.ts";
import { keysPath } from "../assets.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { at } from "../paths.ts";
import { askForm, type Back, questionList } from "../questions/section.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { facts, text } from "../tables.ts";
import { words } from "../words.ts";
import { type Among, amongAddress, amongWays } from "./among.ts";
import { type Holdable, holdingPart } from "./holding.ts";
import { likenessSection } from "./likeness.ts";
import { whyOf } from "./list-page.ts";
import { sentenceOf } from "./outcome.ts";

/** A row as its page shows it; whole for reviewers alone. */
interface RowView {
  /** What stands above each page of the run. */
  readonly head: Html;
  readonly run: Run;
  readonly look: PinnedLook;
  /** Masked (D20). */
  readonly explained: Explanation;
  readonly whole: WholeRow | undefined;
  readonly likenesses: readonly Likeness[];
  readonly ledger: readonly LedgerLine[];
  readonly questions: readonly Question[];
  /** Who holds it. */
  readonly held: Holdable["held"];
  /** The list that it was opened from, and what follows there. */
  readonly list?: { readonly among: Among; readonly next: StagedPage };
}

/** One row: what would happen to it in one sentence, why, whom it may be, and what waves did with it. */
export function rowPage(visitor: Visit, view: RowView): PageResponse {
  const visit = ofRun(visitor, view.look);
  const { texts, named, label } = visit;
  const { head, run, look, explained, list } = view;
  const { row } = explained;
  const said = (name: string) => (typeof row[name] === "string" ? (row[name] as string) : null);
  const part = look.parts.length > 1 ? explained.part : null;
  const id = Number(row.id);
  const title =
    part === null
      ? texts.rowTitle(String(id))
      : `${label(part)}${texts.colon} ${texts.rowTitle(String(numberOf(id)))}`;
  return visitorPage(
    visit,
    { title: `${title} · ${run.reference}`, script: keysPath },
    html`<section><h1>${title}</h1>
${head}
${list !== undefined && amongWays(visit, run.reference, id, list)}
<p class="note"><strong>${sentenceOf(visit, {
      planned: said("planned"),
      planned_action: said("planned_action"),
      reason: whyOf(visit, look, {
        part: explained.part,
        state_reason: said("state_reason"),
        planned_reason: said("planned_reason"),
        issues: row.validation_issues as readonly string[] | null,
      }),
      import_state: said("import_state") ?? "pending",
    })}</strong></p>
${facts([
  ...(part === null ? [] : ([[texts.row, html`<code>${id}</code>`]] as const)),
  [texts.origin, text(`${said("source_table")} ${row.legacy_id}`)],
  ...(said("state_detail") === null
    ? []
    : ([[texts.whatRefuses, html`<code>${said("state_detail")}</code>`]] as const)),
  [texts.validation, named(said("validation_status") ?? "–")],
  ...explained.decisions.map((name): [string, Html] => [
    label(name),
    text(named(said(name) ?? "–")),
  ]),
])}
${holdingPart(visit, { run, row: Number(row.id), state: said("import_state") ?? "pending", planned: said("planned"), held: view.held, back: backOf(view) })}</section>
${changesSection(visit, row.there_changes, view.whole?.changes, said("planned") === "update")}
${questionsSection(visit, view)}
${valuesSection(visit, view)}
${likenessSection(visit, view.likenesses, view.whole !== undefined)}
${rulesSection(visit, run, explained, saidByEngine(look, explained.part))}
${historySection(visit, view.ledger)}`,
  );
}

/**
 * What it would change of the row that is there, column by column; whole for reviewers, as its values are (B2). Of a
 * row that changes nothing it says so: what differs is no second truth beside the plan.
 */
export function changesSection(
  { texts }: Pick<Visit, "texts">,
  masked: unknown,
  whole: unknown,
  isUpdate: boolean,
): Html {
  const changes = Object.entries(
    (whole ?? masked ?? {}) as Record<string, readonly (string | false | null)[]>,
  );
  if (changes.length === 0) return nothing;
  const shown = (value: string | false | null | undefined) =>
    text(value === false ? texts.stillWritten : (value ?? "–"));
  return html`<section><table class="rows"><caption>${isUpdate ? (whole ? texts.changesThereWhole : texts.changesThere) : texts.differsThere}</caption><thead><tr><th scope="col">${texts.column}</th><th scope="col">${texts.holdsNow}</th><th scope="col">${isUpdate ? texts.wouldHold : texts.legacyHolds}</th></tr></thead><tbody>${changes.map(
    ([column, [before, after]]) =>
      html`<tr><th scope="row">${text(column)}</th><td data-label="${texts.holdsNow}">${shown(before)}</td><td data-label="${isUpdate ? texts.wouldHold : texts.legacyHolds}">${shown(after)}</td></tr>`,
  )}</tbody></table></section>`;
}

/** What forms send of the list, to come back to the row as it was opened from there. */
const backOf = ({ list }: RowView): Back =>
  list === undefined ? {} : { list: amongAddress(list.among) };

/** What was asked about the row, and the form that asks, for reviewers and approvers (B9). */
function questionsSection(visit: Visit, view: RowView): Html {
  const { run, explained, questions } = view;
  const { texts } = visit;
  const row = Number(explained.row.id);
  return html`<section aria-labelledby="questions"><h2 id="questions">${texts.questions}</h2>
${questionList(visit, run, questions, { back: { row: String(row), ...backOf(view) } })}
${askForm(visit, run, row, { back: backOf(view), key: "a" })}</section>`;
}

function valuesSection({ texts, label }: Visit, { whole }: RowView): Html {
  if (whole === undefined)
    return html`<section><p class="soft">${texts.wholeForReviewers}</p></section>`;
  const value = (each: string | null) =>
    each === null ? html`<span class="soft">–</span>` : text(each);
  const lines = whole.fields.map(
    ({ name, was, is }) =>
      html`<tr><th scope="row">${label(name)}</th><td data-label="${texts.asItCame}">${was.map(({ column, value: came }) => html`<span class="soft small">${column}</span> ${value(came)}<br>`)}</td><td data-label="${texts.asCompared}">${value(is)}</td></tr>`,
  );
  return html`<section aria-labelledby="values"><h2 id="values">${texts.values}</h2>
<table class="wide rows"><thead><tr><th scope="col">${texts.field}</th><th scope="col">${texts.asItCame}</th><th scope="col">${texts.asCompared}</th></tr></thead><tbody>${lines}</tbody></table>
${
  whole.payload !== null &&
  html`<details><summary>${texts.payload}</summary><table class="wide"><tbody>${Object.entries(
    whole.payload,
  ).map(
    ([column, came]) =>
      html`<tr><th scope="row"><code>${column}</code></th><td>${value(came)}</td></tr>`,
  )}</tbody></table></details>`
}</section>`;
}

/** Every rule with what it looked at, masked: those that hold first, the others on request. */
function rulesSection(
  visit: Visit,
  { reference }: Run,
  { reasons, above }: Explanation,
  byEngine: ReadonlySet<string>,
): Html {
  const { texts, ruled, label } = visit;
  const links = new Map(
    Object.entries(above).map(([name, id]): [string, Html] => [
      name,
      html` <a href="${at.row(reference, id)}">${texts.rowTitle(String(numberOf(id)))}</a>`,
    ]),
  );
  const holding = reasons.filter(({ holds }) => holds);
  const others = reasons.filter(({ holds }) => !holds);
  const table = (rules: readonly Reason[]) =>
    html`<table class="wide rows"><thead><tr><th scope="col">${texts.question}</th><th scope="col">${texts.rule}</th><th scope="col">${texts.outcome}</th><th scope="col">${texts.lookedAt}</th></tr></thead><tbody>${rules.map(
      ({ about, rule, outcome, holds, decides, input }) =>
        html`<tr><td data-label="${texts.question}">${label(about.replaceAll(" ", "_"))}</td><td data-label="${texts.rule}">${ruleOf(ruled(rule))}</td><td data-label="${texts.outcome}">${outcomeOf(visit, outcome)} ${decides ? html`<span class="mark good">${texts.decidesMark}</span>` : holds && html`<span class="mark">${texts.holdsMark}</span>`}</td><td data-label="${texts.lookedAt}">${inputOf(visit, input, byEngine, links)}</td></tr>`,
    )}</tbody></table>`;
  return html`<section aria-labelledby="rules"><h2 id="rules">${texts.decided}</h2>
${holding.length > 0 && table(holding)}
${others.length > 0 && html`<details><summary>${texts.otherRules(others.length)}</summary>${table(others)}</details>`}</section>`;
}

/** What a rule says, and below it the name of what it finds, for whoever looks for it in an export or a terminal. */
const ruleOf = ({ says, finding }: Ruled): Part =>
  html`${text(says)}${finding !== undefined && html`<br><code class="soft">${finding}</code>`}`;

/** `commit (write_member)` is two names; one that this language has no words for stands as it is called. */
const outcomeOf = ({ named, language }: Visit, outcome: string): Part[] =>
  outcome.split(/([\w-]+)/u).map((piece, at) => {
    if (at % 2 === 0) return piece;
    const said = named(piece);
    return language !== "en" && piece.includes("_") && said === words(piece)
      ? html`<code>${piece}</code>`
      : said;
  });

/** The engine's words are said in the reader's language, a row above by a way to it; what the row itself has stands as it has it. */
const inputOf = (
  { named, texts }: Visit,
  input: Readonly<Record<string, unknown>>,
  byEngine: ReadonlySet<string>,
  links: ReadonlyMap<string, Html>,
): Html[] =>
  Object.entries(input).map(
    ([name, value]) =>
      html`<span class="soft small">${name}</span> ${text(byEngine.has(name) && typeof value === "string" ? named(value) : name === "findings" ? partsOf(value, texts.colon) : brief(value, texts.colon))}${links.get(name) ?? nothing}<br>`,
  );

/** What a rule looked at as a list of what is there: `code: SB-2023-01, status: confirmed`. */
function partsOf(value: unknown, colon: string): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value))
    return value.length === 0 ? "–" : value.map((each) => partsOf(each, colon)).join(", ");
  return Object.entries(value)
    .filter(([, inner]) => inner !== null && inner !== "")
    .map(([name, inner]) => `${words(name)}${colon} ${partsOf(inner, colon)}`)
    .join(", ");
}

function brief(value: unknown, colon: string): string {
  if (value === null || value === undefined) return "–";
  const shown = typeof value === "string" ? value : partsOf(value, colon);
  return shown.length > 120 ? `${shown.slice(0, 119)}…` : shown;
}

function historySection({ texts, named }: Visit, ledger: readonly LedgerLine[]): Html {
  const lines = ledger.map(
    (
      line,
    ) => html`<tr><th scope="row">${line.wave}${line.round > 1 && ` ${texts.roundOf(line.round)}`}</th><td data-label="${texts.did}">${named(line.action)}</td><td data-label="${texts.target}">${line.target_table === null ? "–" : text(`${line.target_table} ${line.target_id}`)}</td>
<td data-label="${texts.now}">${line.spared ? texts.sparedNow : line.rolled_back ? texts.takenBackNow : texts.standsNow}</td></tr>`,
  );
  return html`<section aria-labelledby="history"><h2 id="history">${texts.history}</h2>
${ledger.length === 0 ? html`<p class="soft">${texts.noHistory}</p>` : html`<table class="rows"><thead><tr><th scope="col">${texts.wave}</th><th scope="col">${texts.did}</th><th scope="col">${texts.target}</th><th scope="col">${texts.now}</th></tr></thead><tbody>${lines}</tbody></table>`}</section>`;
}
