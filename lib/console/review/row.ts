import type { SampleRow } from "../../review/sample-rows.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { text } from "../tables.ts";
import type { Texts } from "../texts/texts.ts";
import { label, words } from "../words.ts";

/** A sampled row beside what the legacy system had; whole or masked as it was read. */
export function sampleRow(texts: Texts, row: SampleRow): Html {
  return html`<h2>${row.name === null ? html`<span class="soft">${texts.noName}</span>` : text(row.name)} ${verdictMark(texts, row)}</h2>
<p class="soft">${text(row.sourceTable)} ${row.legacyId} · ${texts.drawnFor(row.buckets.map(words).join(", "))}</p>
<dl class="pairs">
${pair(texts, texts.phone, row.phone, row.phoneRaw)}
${pair(texts, texts.email, row.email, row.emailRaw)}
${pair(texts, texts.classification, row.classification && words(row.classification), row.status, "status")}
${pair(texts, texts.action, row.action && words(row.action), null)}
${row.references.map((each) => pair(texts, label(each.name), each.label, each.status && words(each.status), "mapping"))}
${row.decisions.map(({ name, value }) => pair(texts, label(name), value && words(value), null))}
${pair(texts, texts.birthDate, row.birthDate, null)}
${pair(texts, texts.plan, planOf(row) || null, null)}
${pair(texts, texts.hints, hintsOf(texts, row), null)}
${row.issues.length > 0 && pair(texts, texts.firedRules, row.issues.map(words).join(", "), null)}
</dl>
${legacyRow(texts, row)}`;
}

function pair(
  texts: Texts,
  name: string,
  value: string | null,
  was: string | null,
  origin = "legacy",
): Html {
  const from = was === value ? texts.asInLegacy : html`${texts.was[origin]}: ${text(was ?? "")}`;
  return html`<div><dt>${name}</dt><dd>${value === null || value === "" ? html`<span class="soft">${texts.none}</span>` : text(value)}</dd>
${was !== null && was !== "" && html`<dd class="was">${from}</dd>`}</div>`;
}

const planOf = ({ planned, reason }: SampleRow): string =>
  [planned, reason]
    .filter((part) => part !== null)
    .map((part) => words(part))
    .join(": ");

function hintsOf(texts: Texts, { duplicate, sourceDuplicate }: SampleRow): string | null {
  const hints = [
    duplicate !== "none" && texts.againstPlatform(duplicate),
    sourceDuplicate !== "none" && texts.insideSource(sourceDuplicate),
  ].filter((hint) => hint !== false);
  return hints.length > 0 ? hints.join(", ") : null;
}

function verdictMark(texts: Texts, { verdict, wrong, judgedBy, before }: SampleRow): Part {
  if (verdict === null && before !== null) {
    const was = before.verdict === "right" ? texts.verdictRight : texts.wrong;
    return html`<span class="mark warn">${texts.changedSince}</span> <small>${was} ${texts.by(before.by)}</small>`;
  }
  if (verdict === null) return html`<span class="mark warn">${texts.verdictNone}</span>`;
  const by = html` <small>${texts.by(judgedBy ?? "")}</small>`;
  const what = wrong.map((each) => texts.aspects[each] ?? each).join(", ");
  return verdict === "right"
    ? html`<span class="mark good">${texts.verdictRight}</span>${by}`
    : html`<span class="mark bad">${texts.verdictWrong(what)}</span>${by}`;
}

function legacyRow(texts: Texts, { legacy }: SampleRow): Part {
  if (legacy === null) return nothing;
  const cells = Object.entries(legacy).map(
    ([column, value]) =>
      html`<tr><th scope="row"><code>${column}</code></th><td>${value === null ? html`<span class="soft">null</span>` : text(value)}</td></tr>`,
  );
  return html`<details><summary>${texts.rawRow}</summary>
<table><thead><tr><th scope="col">${texts.column}</th><th scope="col">${texts.value}</th></tr></thead><tbody>${cells}</tbody></table></details>`;
}
