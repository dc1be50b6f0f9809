import type { PinnedLook } from "../../evidence/pinned.ts";
import type { SampleRow } from "../../review/sample-rows.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import type { Visit } from "../route.ts";
import { saysOf } from "../rows/list-page.ts";
import { sentenceOf } from "../rows/outcome.ts";
import { text } from "../tables.ts";

/** In whose words it is shown. */
type Spoken = Pick<Visit, "texts" | "said" | "named" | "label">;

/** A sampled row beside what the legacy system had; whole or masked as it was read. */
export function sampleRow(speech: Spoken, row: SampleRow, look: PinnedLook): Html {
  const { texts, named, label } = speech;
  return html`<h2>${row.name === null ? html`<span class="soft">${texts.noName}</span>` : text(row.name)} ${verdictMark(speech, row)}</h2>
<p class="soft">${text(row.sourceTable)} ${row.legacyId} · ${texts.drawnFor(row.buckets.map(named).join(", "))}</p>
<p class="note"><strong>${sentenceOf(speech, { planned: row.planned, planned_action: row.plannedAction, reason: row.reason === null ? null : saysOf(speech, look, row.reason), import_state: row.state })}</strong></p>
<dl class="pairs">
${pair(speech, texts.phone, row.phone, row.phoneRaw)}
${pair(speech, texts.email, row.email, row.emailRaw)}
${pair(speech, texts.classification, row.classification && named(row.classification), row.status, "status")}
${row.references.map((each) => pair(speech, label(each.name), each.label, each.status && named(each.status), "mapping"))}
${row.decisions.map(({ name, value }) => pair(speech, label(name), value && named(value), null))}
${pair(speech, texts.birthDate, row.birthDate, null)}
${pair(speech, texts.hints, hintsOf(speech, row), null)}
${row.issues.length > 0 && pair(speech, texts.firedRules, row.issues.map(named).join(", "), null)}
</dl>
${legacyRow(speech, row)}`;
}

function pair(
  { texts }: Spoken,
  name: string,
  value: string | null,
  was: string | null,
  origin = "legacy",
): Html {
  const from = was === value ? texts.asInLegacy : html`${texts.was[origin]}: ${text(was ?? "")}`;
  return html`<div><dt>${name}</dt><dd>${value === null || value === "" ? html`<span class="soft">${texts.none}</span>` : text(value)}</dd>
${was !== null && was !== "" && html`<dd class="was">${from}</dd>`}</div>`;
}

function hintsOf(
  { texts, named }: Spoken,
  { duplicate, sourceDuplicate }: SampleRow,
): string | null {
  const hints = [
    duplicate !== "none" && texts.againstPlatform(named(duplicate)),
    sourceDuplicate !== "none" && texts.insideSource(named(sourceDuplicate)),
  ].filter((hint) => hint !== false);
  return hints.length > 0 ? hints.join(", ") : null;
}

function verdictMark({ texts }: Spoken, { verdict, wrong, judgedBy, before }: SampleRow): Part {
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

function legacyRow({ texts }: Spoken, { legacy }: SampleRow): Part {
  if (legacy === null) return nothing;
  const cells = Object.entries(legacy).map(
    ([column, value]) =>
      html`<tr><th scope="row"><code>${column}</code></th><td>${value === null ? html`<span class="soft">null</span>` : text(value)}</td></tr>`,
  );
  return html`<details><summary>${texts.rawRow}</summary>
<table><thead><tr><th scope="col">${texts.column}</th><th scope="col">${texts.value}</th></tr></thead><tbody>${cells}</tbody></table></details>`;
}
