import { findRun, type Run } from "../../data/runs.ts";
import type { AuditEntry } from "../../evidence/audit-chain.ts";
import { type AuditPage, auditPage } from "../../review/exports/audit-page.ts";
import { exportsTake } from "../../review/exports/exports.ts";
import { visitorPage } from "../around.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { runHead } from "../run-head.ts";
import { text } from "../tables.ts";
import { instant } from "../words.ts";

/** What is kept of a run for auditors: the log, the exports with their digests, the drill's certificate. */
export const auditRoutes: readonly Route[] = [
  { verb: "GET", path: at.audit(":run"), takes: ["legacy_imports.view"], answer: show },
];

const entriesOfPage = 30;

async function show(visit: Visit): Promise<PageResponse> {
  const { services, params, request } = visit;
  const run = await findRun(services.sign, params.run ?? "");
  const asked = request.query.get("before") ?? "";
  const before = /^\d{1,9}$/u.test(asked) ? Number(asked) : undefined;
  const [head, view] = await Promise.all([
    runHead(visit, run, "audit"),
    auditPage(services.sign, run.id, before, entriesOfPage),
  ]);
  return page(visit, run, { ...view, head }, before);
}

function page(
  visit: Visit,
  run: Run,
  view: AuditPage & { readonly head: Html },
  before: number | undefined,
): PageResponse {
  const { texts } = visit;
  const title = texts.auditOf(run.reference);
  const way = (says: string, to: number | undefined) =>
    html`<a href="${at.audit(run.reference)}${to !== undefined && `?before=${to}`}#log">${says}</a> `;
  const ways = [
    // Entries are numbered without a gap.
    before !== undefined && [
      way(texts.latestEntries, undefined),
      way(texts.laterEntries, before + entriesOfPage),
    ],
    view.next !== null && way(texts.earlierEntries, view.next),
  ];
  return visitorPage(
    visit,
    { title },
    html`<section><h1>${title}</h1>
${view.head}<p>${texts.auditSays}</p></section>
<section aria-labelledby="exports"><h2 id="exports">${texts.exportsMade}</h2>
${view.exports.length === 0 ? html`<p class="soft">${texts.noExports}</p>` : table(visit, run, view.exports, false)}</section>
<section aria-labelledby="drill"><h2 id="drill">${texts.certificate}</h2>${drill(visit, view)}</section>
<section aria-labelledby="log"><h2 id="log">${texts.auditLog}</h2>${table(visit, run, view.entries, true)}
${ways.some((each) => each !== false) && html`<nav aria-label="${texts.pages}">${ways}</nav>`}</section>`,
  );
}

/** The digest of an export, as the way to its files where somebody may have them. */
function digestOf({ texts, person }: Visit, run: Run, digest: string | null): Part {
  if (digest === null) return nothing;
  const may = exportsTake.some((each) => person.permissions.includes(each));
  return html`<code>${digest}</code>${may && html`<br><a href="${at.exported(run.reference, digest)}">${texts.openExport}</a>`}`;
}

function table(visit: Visit, run: Run, entries: readonly AuditEntry[], detailed: boolean): Html {
  const { texts } = visit;
  const lines = entries.map(
    ({
      seq,
      at: when,
      actor,
      action,
      digest,
      details,
    }) => html`<tr><th scope="row"><span class="soft">${seq}.</span> ${actSays(visit, { action, details })}</th><td data-label="${texts.at}">${instant(when)}</td><td data-label="${texts.who}">${text(actor)}</td>
<td${!detailed && html` data-label="${texts.digest}"`}>${detailed ? html`<details><summary>${texts.details}</summary><pre class="code" tabindex="0">${JSON.stringify(details, null, 2)}</pre></details>` : digestOf(visit, run, digest)}</td></tr>`,
  );
  return html`<table class="wide rows"><thead><tr><th scope="col">${texts.what}</th><th scope="col">${texts.at}</th><th scope="col">${texts.who}</th><th scope="col">${detailed ? texts.details : texts.digest}</th></tr></thead><tbody>${lines}</tbody></table>`;
}

/** What was done, and to what: as far as its entry tells what was begun, asked for or written. */
function actSays(
  { named, texts }: Visit,
  { action, details }: Pick<AuditEntry, "action" | "details">,
): string {
  const { what, wave, gate, execution, changes } = details;
  // Behind the id of its run the name of an execution says what it is for.
  const looks = what === "rollback" && /^.{36}-preview-/u.test(String(execution));
  const of = looks ? "rollback-preview" : what;
  return [
    named(changes === true ? "changes_asked_for" : action),
    ...(typeof of === "string" && of !== action ? [`${texts.colon} ${named(of)}`] : []),
    ...(typeof gate === "string" ? [`${texts.colon} ${texts.gateNamed(gate)}`] : []),
    ...(typeof wave === "number" ? [`, ${texts.gateNamed(`wave:${wave}`)}`] : []),
  ].join("");
}

function drill({ texts }: Visit, { drill: done }: AuditPage): Html {
  if (done === undefined) return html`<p class="soft">${texts.noDrill}</p>`;
  return html`<p>${done.passed ? texts.drillPassed : texts.drillFailed}${done.over && ` ${texts.drillOver}`}</p><details><summary>${texts.details}</summary><pre class="code" tabindex="0">${JSON.stringify(done.certificate, null, 2)}</pre></details>`;
}
