import type { SignOffView } from "../../review/read.ts";
import type { DryRunReport } from "../../review/report.ts";
import { type Html, html, nothing } from "../html.ts";
import { distribution, facts, text } from "../tables.ts";
import { count, inWords, label, moment, several, wavePlan, words } from "../words.ts";

/** What the run is, who started it, and what a signature would bind to. */
export function runSection({
  run,
  askedAt,
  expiresAt,
  digest,
  export: exported,
}: SignOffView): Html {
  return html`<section aria-labelledby="run"><h2 id="run">What is asked</h2>
${facts([
  ["Run", html`<strong>${run.reference}</strong>`],
  ["Migration", html`${text(run.title)} <span class="soft">(${run.migration})</span>`],
  ["Source", html`${text(run.source ?? run.connection)}`],
  ["Started by", html`${text(run.startedBy)}, ${moment(run.startedAt)}`],
  ["Focus", words(run.focusMode)],
  ["Waves", wavePlan(run.wavePlan)],
  ["Asked", moment(askedAt)],
  ["Open until", moment(expiresAt)],
  ["Review export", exported ? html`<code>${exported.place}</code>` : "There is none."],
  ["Its manifest", exported ? html`<code>${exported.manifestDigest}</code>` : nothing],
  ["What you sign", html`<code>${digest}</code>`],
])}
<p class="soft small">The last line is the SHA-256 of the rules, the staged rows and decisions, the mappings and the export. If anything of it changes, the signature no longer counts.</p>
</section>`;
}

/** The counts that the definition names (R6). */
export function countsSection(report: DryRunReport): Html {
  const tiles = report.counts.map(
    ({ says, rows }) => html`<li><b>${count(rows)}</b><span>${says}</span></li>`,
  );
  return html`<section aria-labelledby="counts"><h2 id="counts">The dry run in ${inWords(tiles.length)} counts</h2>
<p>${several(report.rows, "row was", "rows were")} read from the legacy system and judged.</p>
<ul class="tiles">${tiles}</ul></section>`;
}

/** The waves that were written so far, and the drill: what scaling up rests on (R14, R15). */
export function wavesSection({ waves, drill }: SignOffView): Html {
  if (waves.length === 0) return nothing;
  const lines = waves.map(
    ({
      wave,
      status,
      clean,
      picked,
      linked,
      created,
    }) => html`<tr><th scope="row">${count(wave)}</th>
<td>${words(status)}</td><td class="number">${count(picked)}</td><td class="number">${count(created)}</td><td class="number">${count(linked)}</td>
<td class="number">${clean ? html`<span class="mark good">clean</span>` : html`<span class="mark bad">not clean</span>`}</td></tr>`,
  );
  return html`<section aria-labelledby="waves"><h2 id="waves">What was written so far</h2>
<table><thead><tr><th scope="col">Wave</th><th scope="col">State</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Created</th><th scope="col" class="number">Linked</th><th scope="col" class="number">Checks</th></tr></thead><tbody>${lines}</tbody></table>
${drillNote(drill)}</section>`;
}

const drillNote = (drill: SignOffView["drill"]): Html =>
  drill === null
    ? html`<p class="soft">The rollback drill has not been done yet.</p>`
    : html`<div class="note ${drill.passed ? "good" : "bad"}"><p>The rollback drill ${drill.passed ? "passed" : "failed"} on ${moment(drill.at)}.</p></div>`;

const planLabels: Readonly<Record<string, string>> = {
  commit: "Written",
  link: "Linked to somebody the platform knows; nothing is created",
  hold: "Held for a person",
  skip: "Skipped",
  fail: "Failed",
};

/** What the waves would create, link, hold, skip and fail, and why. */
export function planSection(report: DryRunReport, reasons: SignOffView["reasons"]): Html {
  const plan = Object.entries(planLabels).map(
    ([key, outcome]) =>
      html`<tr><th scope="row">${outcome}</th><td class="number">${count(report.plan[key] ?? 0)}</td></tr>`,
  );
  const creates = Object.entries(report.creates).map(
    ([action, number]) =>
      html`<tr><th scope="row">${label(action)}</th><td class="number">${count(number)}</td></tr>`,
  );
  const why = [...reasons]
    .sort((left, right) => right.rows - left.rows)
    .map(
      ({ says, does, rows: number }) =>
        html`<tr><th scope="row">${says}</th><td>${does}</td><td class="number">${count(number)}</td></tr>`,
    );
  return html`<section aria-labelledby="plan"><h2 id="plan">What the waves would do</h2>
<table><thead><tr><th scope="col">Outcome</th><th scope="col" class="number">Rows</th></tr></thead><tbody>${plan}</tbody></table>
${creates.length > 0 && html`<table><caption>What is written</caption><thead><tr><th scope="col">Action</th><th scope="col" class="number">Rows</th></tr></thead><tbody>${creates}</tbody></table>`}
${why.length > 0 && html`<table><caption>Why the others are not</caption><thead><tr><th scope="col">Reason</th><th scope="col">They are</th><th scope="col" class="number">Rows</th></tr></thead><tbody>${why}</tbody></table>`}
</section>`;
}

/** The distributions (M13), and the spellings no rule lists (D2). */
export function distributionsSection(report: DryRunReport): Html {
  const tables = report.distributions.map(({ says, values }) => distribution(says, values));
  const unlisted = report.unlisted_statuses.map(
    ({
      status,
      rows: number,
      nearest,
      letters = [],
    }) => html`<tr><th scope="row">${status === null ? html`<span class="soft">none</span>` : text(status)}</th>
<td>${[nearest === null ? "–" : text(nearest), ...letters.map((letter) => text(`; ${letter}`))]}</td><td class="number">${count(number)}</td></tr>`,
  );
  const near = (report.near_placeholders ?? []).map(
    ({ code, ids, rows }) =>
      html`<tr><th scope="row">${code === "" ? html`<span class="soft">empty</span>` : text(code)}</th><td class="number">${count(ids)}</td><td class="number">${count(rows)}</td></tr>`,
  );
  return html`<section aria-labelledby="distributions"><h2 id="distributions">How the rows are distributed</h2>
<div class="columns">${tables}</div>
${unlisted.length > 0 && html`<table><caption>Statuses that no rule lists</caption><thead><tr><th scope="col">Status</th><th scope="col">Nearest listed one</th><th scope="col" class="number">Rows</th></tr></thead><tbody>${unlisted}</tbody></table>`}
${near.length > 0 && html`<table><caption>Taken for real, and nearly a placeholder's</caption><thead><tr><th scope="col">Code</th><th scope="col" class="number">Ids</th><th scope="col" class="number">Rows</th></tr></thead><tbody>${near}</tbody></table>`}
<p class="soft small">${several(report.shared_emails, "e-mail address is", "e-mail addresses are")} shared by too many rows to mean one person, ${several(report.shared_phones ?? 0, "phone", "phones")} too. ${several(report.capped_groups, "group of equal names is", "groups of equal names are")} too common to be compared.</p>
</section>`;
}
