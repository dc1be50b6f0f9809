import type { MainKind } from "../../define/definition.ts";
import type { PinnedLook } from "../../evidence/pinned.ts";
import type { SampleView } from "../../review/samples/read.ts";
import type { SampleRow } from "../../review/samples/rows.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import type { Visit } from "../route.ts";
import { saysOf } from "../rows/list-page.ts";
import { sentenceOf } from "../rows/outcome.ts";
import { changesSection } from "../rows/row-page.ts";
import { text } from "../tables.ts";

/** In whose words it is shown. */
type Spoken = Pick<Visit, "texts" | "said" | "named" | "label">;

/** A sampled row beside what the legacy system had; whole or masked as it was read. */
export function sampleRow(speech: Spoken, row: SampleRow, look: PinnedLook): Html {
  const { texts, named, label } = speech;
  const part = partOf(look, row);
  const has = (kind: MainKind) => hasKind(look, row, kind);
  const isPerson = has("name") || has("phone") || has("email");
  const hints = hintsOf(speech, row);
  const called =
    row.name === null ? html`<span class="soft">${texts.noName}</span>` : text(row.name);
  return html`<h2>${has("name") ? called : `${label(part?.part ?? row.sourceTable)} ${row.legacyId}`} ${verdictMark(speech, row)}</h2>
<p class="soft">${text(row.sourceTable)} ${row.legacyId} · ${texts.drawnFor(row.buckets.map(named).join(", "))}</p>
<p class="note"><strong>${sentenceOf(speech, { planned: row.planned, planned_action: row.plannedAction, reason: row.reason === null ? null : saysOf(speech, look, row.reason), import_state: row.state })}</strong></p>
<dl class="pairs">
${has("phone") && pair(speech, texts.phone, row.phone, row.phoneRaw)}
${has("email") && pair(speech, texts.email, row.email, row.emailRaw)}
${pair(speech, texts.classification, row.classification && named(row.classification), row.status, "status")}
${row.references.map((each) => pair(speech, label(each.name), each.label, each.status && named(each.status), "mapping"))}
${row.decisions.map(({ name, value }) => pair(speech, label(name), value && named(value), null))}
${has("birth_date") && pair(speech, texts.birthDate, row.birthDate, null)}
${(isPerson || hints !== null) && pair(speech, texts.hints, hints, null)}
${row.issues.length > 0 && pair(speech, texts.firedRules, row.issues.map(named).join(", "), null)}
</dl>
${legacyRow(speech, row)}`;
}

/** The kind of things that a sampled row is of, as it is stored with the run. */
const partOf = ({ parts }: PinnedLook, row: Pick<SampleRow, "part">) =>
  parts.find(({ part }) => part === row.part);

/** Whether rows of its kind of things have a name, a phone and so on; of an unknown kind they may. */
export function hasKind(look: PinnedLook, row: Pick<SampleRow, "part">, kind: MainKind): boolean {
  const part = partOf(look, row);
  return part === undefined || part.main[kind] !== undefined;
}

/** What would be written of a row: its columns on the platform, or what changes there, or the fields that are judged. */
export function wouldSection(
  visit: Spoken,
  { row, would, whole }: Pick<SampleView, "row" | "would" | "whole">,
  look: PinnedLook,
): Part {
  if (row === null || would === null) return nothing;
  const { into, columns, changes, fields } = would;
  const { texts, named, label } = visit;
  const value = (shown: string | null, above?: string, or?: "default") =>
    above !== undefined
      ? texts.rowNamedBy(named(above))
      : shown === null && or === "default"
        ? texts.ownDefault
        : shown === null
          ? html`<span class="soft">–</span>`
          : text(shown);
  const table = (caption: string, heading: string, lines: readonly Html[], beside = false) =>
    html`<table${beside && html` class="rows wide"`}><caption>${caption}</caption><thead><tr><th scope="col">${heading}</th><th scope="col">${texts.value}</th>${beside && html`<th scope="col">${texts.legacyValue}</th>`}</tr></thead><tbody>${lines}</tbody></table>`;
  const beside = columns.some(({ was }) => was !== undefined);
  if (row.planned === "update")
    return changesSection(visit, changes, whole ? changes : undefined, true);
  if (into !== null)
    return table(
      texts.wouldWriteInto(into),
      texts.column,
      columns.map(
        ({ column, value: shown, above, or, was }) =>
          html`<tr><th scope="row"><code>${column}</code></th><td data-label="${texts.value}">${value(shown, above, or)}</td>${beside && html`<td data-label="${texts.legacyValue}"${was === undefined && html` class="absent"`}>${legacyValue(visit, shown, was)}</td>`}</tr>`,
      ),
      beside,
    );
  if (hasKind(look, row, "name") || fields.length === 0) return nothing;
  return table(
    texts.fieldsJudged,
    texts.field,
    fields.map(
      ({ name, value: shown }) =>
        html`<tr><th scope="row">${label(name)}</th><td>${value(shown)}</td></tr>`,
    ),
  );
}

/** What the legacy row had of a value that would be written; said in words where it is the very same. */
function legacyValue(
  { texts }: Spoken,
  shown: string | null,
  was: readonly { readonly column: string; readonly value: string | null }[] = [],
): Part {
  const [first] = was;
  if (first === undefined) return html`<span class="soft">–</span>`;
  if (was.length === 1 && first.value !== null && first.value === shown)
    return html`<span class="soft">${texts.asInLegacy}</span>`;
  return was.map(
    ({ column, value }, index) =>
      html`${index > 0 && html`<br>`}${value === null ? html`<span class="soft">null</span>` : text(value)} <code class="soft">${column}</code>`,
  );
}

function pair(
  { texts }: Spoken,
  name: string,
  value: string | null,
  was: string | null,
  origin = "legacy",
): Html {
  const from =
    was === value ? texts.asInLegacy : html`${texts.was[origin]}${texts.colon} ${text(was ?? "")}`;
  // An address or a number is read whole, however narrow the window is.
  const long = origin === "legacy" && was !== null;
  return html`<div${long && html` class="long"`}><dt>${name}</dt><dd>${value === null || value === "" ? html`<span class="soft">${texts.none}</span>` : text(value)}</dd>
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
