import type { SignOffView } from "../../review/read.ts";
import type { SampleRow } from "../../review/sample-rows.ts";
import { aspects } from "../../review/samples.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { text } from "../tables.ts";
import { count, label, several, words } from "../words.ts";

/** The sampled rows, and a form to judge them where the person may (R9). */
export function samplesSection(view: SignOffView, form: { base: string; csrf: string }): Html {
  const { samples, judge } = view;
  const coverage = samples.coverage.map(
    ({ says, asked, drawn, judged, wrong }) => html`<tr><th scope="row">${says}</th>
<td class="number">${count(drawn)} of ${count(asked)}${drawn < asked && html`<br><span class="soft small">no more exist</span>`}</td>
<td class="number">${count(judged)}</td><td class="number">${wrong > 0 ? html`<span class="mark bad">${count(wrong)}</span>` : "0"}</td></tr>`,
  );
  const items = samples.rows.map((row, index) => sample(row, index + 1, judge.may));
  const list = html`<ol class="samples">${items}</ol>`;
  return html`<section aria-labelledby="samples"><h2 id="samples">Samples to judge</h2>
<p>${progress(view)} Compare each row with what the legacy system had, and say whether the name, the phone, the e-mail, the classification and the action are right.</p>
${!samples.whole && html`<p class="note">Names, phones and addresses are masked: seeing them whole takes the permission legacy_imports.review.</p>`}
<table><thead><tr><th scope="col">Quota</th><th scope="col" class="number">Drawn</th><th scope="col" class="number">Judged</th><th scope="col" class="number">Wrong</th></tr></thead><tbody>${coverage}</tbody></table>
${
  judge.may && items.length > 0
    ? html`<form method="post" action="${form.base}/samples">
<input type="hidden" name="csrf" value="${form.csrf}">
${list}
<div class="buttons"><button class="main" type="submit">Save verdicts</button></div></form>`
    : html`${!judge.may && items.length > 0 && html`<p class="soft">${judge.because}</p>`}${list}`
}</section>`;
}

function progress({ samples: { rows, unjudged } }: SignOffView): string {
  if (rows.length === 0) return "There are no rows to sample.";
  if (unjudged === 0) {
    return rows.length === 1
      ? "The sampled row is judged."
      : `All ${count(rows.length)} sampled rows are judged.`;
  }
  return `${count(unjudged)} of ${several(rows.length, "sampled row")} ${unjudged === 1 ? "waits" : "wait"} for a verdict.`;
}

function sample(row: SampleRow, number: number, mayJudge: boolean): Html {
  const names = row.buckets.map(words).join(", ");
  return html`<li class="sample"><h3><span>${count(number)}.</span> <span>${row.name === null ? html`<span class="soft">no name</span>` : text(row.name)}</span>
<small>${row.sourceTable} ${row.legacyId} · drawn for ${names}</small> ${verdictMark(row)}</h3>
<dl class="pairs">
${pair("Phone", row.phone, row.phoneRaw)}
${pair("E-mail", row.email, row.emailRaw)}
${pair("Classification", row.classification && words(row.classification), row.status, "status")}
${pair("Action", row.action && words(row.action), null)}
${row.references.map((each) => pair(label(each.name), each.label, each.status && words(each.status), "mapping"))}
${row.decisions.map(({ name, value }) => pair(label(name), value && words(value), null))}
${pair("Birth date", row.birthDate, null)}
${pair("Plan", planOf(row), null)}
${pair("Duplicate hints", hintsOf(row), null)}
${row.issues.length > 0 && pair("Rules that fired", row.issues.map(words).join(", "), null)}
</dl>
${legacyRow(row)}
${mayJudge ? verdictFields(row) : nothing}</li>`;
}

function pair(name: string, value: string | null, was: string | null, origin = "legacy"): Html {
  const from = was === value ? "as in the legacy system" : html`${origin}: ${text(was ?? "")}`;
  return html`<div><dt>${name}</dt><dd>${value === null || value === "" ? html`<span class="soft">none</span>` : text(value)}</dd>
${was !== null && was !== "" && html`<dd class="was">${from}</dd>`}</div>`;
}

const planOf = ({ planned, reason }: SampleRow): string =>
  [planned ?? "none", reason]
    .filter((part) => part !== null)
    .map((part) => words(part))
    .join(": ");

function hintsOf({ duplicate, sourceDuplicate }: SampleRow): string | null {
  const hints = [
    duplicate !== "none" && `${duplicate} against the platform`,
    sourceDuplicate !== "none" && `${sourceDuplicate} inside the source`,
  ].filter((hint) => hint !== false);
  return hints.length > 0 ? hints.join(", ") : null;
}

function verdictMark({ verdict, wrong, judgedBy }: SampleRow): Part {
  if (verdict === null) return html`<span class="mark warn">not judged</span>`;
  const by = html` <small>by ${text(judgedBy ?? "")}</small>`;
  return verdict === "right"
    ? html`<span class="mark good">right</span>${by}`
    : html`<span class="mark bad">wrong: ${wrong.join(", ")}</span>${by}`;
}

function legacyRow({ legacy }: SampleRow): Part {
  if (legacy === null) return nothing;
  const cells = Object.entries(legacy).map(
    ([column, value]) =>
      html`<tr><th scope="row"><code>${column}</code></th><td>${value === null ? html`<span class="soft">null</span>` : text(value)}</td></tr>`,
  );
  return html`<details><summary>The row as the legacy system has it</summary>
<div class="scroll"><table><thead><tr><th scope="col">Column</th><th scope="col">Value</th></tr></thead><tbody>${cells}</tbody></table></div></details>`;
}

function verdictFields(row: SampleRow): Html {
  const id = row.stagedId;
  const choice = (value: "right" | "wrong", label: string) =>
    html`<label><input type="radio" name="verdict-${id}" value="${value}"${row.verdict === value && html` checked`}> ${label}</label>`;
  const aspect = (name: (typeof aspects)[number]) =>
    html`<label><input type="checkbox" name="wrong-${id}" value="${name}"${row.wrong.includes(name) && html` checked`}> ${name}</label>`;
  return html`<div class="verdict"><fieldset><legend>Is ${row.sourceTable} ${row.legacyId} right?</legend>
<div class="choices">${choice("right", "Everything is right")}${choice("wrong", "Something is wrong")}</div></fieldset>
<fieldset class="aspects"><legend>What is wrong?</legend><div class="choices">${aspects.map(aspect)}</div></fieldset></div>`;
}
