import type { Run } from "../../data/runs.ts";
import type { PinnedLook } from "../../evidence/pinned.ts";
import { type HeldGroup, mostGroups } from "../../review/rows/held-groups.ts";
import { numberOf } from "../../review/rows/numbered.ts";
import { formatsIn } from "../../speech/formats.ts";
import type { StagedFilter } from "../../stages/wave/page-ids.ts";
import { visitorPage } from "../around.ts";
import { type Html, html } from "../html.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { text } from "../tables.ts";
import { rowAddress } from "./among.ts";
import { inAddress } from "./filter.ts";
import { saysOf } from "./list-page.ts";

/** Rows of the download. */
export const mostInCsv = 5_000;

/** What is held, as a work list: by reason, with how many, the first, and what would free the most of them. */
export function heldPage(
  visitor: Visit,
  {
    head,
    run,
    look,
    groups,
  }: {
    readonly head: Html;
    readonly run: Run;
    readonly look: PinnedLook;
    readonly groups: readonly HeldGroup[];
  },
): PageResponse {
  const visit = ofRun(visitor, look);
  const { texts, language } = visit;
  const { count } = formatsIn[language];
  const title = texts.heldTitle(run.reference);
  const held = groups.reduce((sum, { rows }) => sum + rows, 0);
  // Where none of them share anything there is no column of that.
  const shares = groups.some(({ common }) => common !== null);
  const lines = groups.map(
    ({
      part,
      reason,
      rows,
      samples,
      common,
    }) => html`<tr><th scope="row">${reasonOf(visit, { run, look }, { part, reason })}</th><td class="number" data-label="${texts.rows}">${count(rows)}</td>
<td class="short" data-label="${texts.first}">${samples.map((id, nth) => html`<a href="${rowAddress(run.reference, id, { filter: onlyOf(look, { part, reason }), after: undefined, nth })}">${numberOf(id)}</a> `)}</td>${shares && html`<td data-label="${texts.wouldFree}">${common === null ? "–" : shared(visit, { run, look: ofPart(look, part) }, common)}</td>`}</tr>`,
  );
  return visitorPage(
    visit,
    { title },
    html`<section><h1>${title}</h1>
${head}
${groups.length > 0 && html`<p class="ways"><a href="${at.rows(run.reference)}?import_state=held">${texts.allHeld}</a></p>`}
${groups.length > 0 && groups.length < mostGroups && html`<p>${texts.heldInAll(held, groups.length)}</p>`}
${
  groups.length === 0
    ? html`<p>${texts.nothingHeld}</p>`
    : html`<table class="wide rows"><thead><tr><th scope="col">${texts.reason}</th><th scope="col" class="number">${texts.rows}</th><th scope="col" class="short">${texts.first}</th>${shares && html`<th scope="col">${texts.wouldFree}</th>`}</tr></thead><tbody>${lines}</tbody></table>
${groups.length >= mostGroups && html`<p class="soft">${texts.mostReasons(mostGroups)}</p>`}
<p class="ways"><a href="${at.held(run.reference)}/csv">${held <= mostInCsv && groups.length < mostGroups ? texts.allAsCsv : texts.asCsv(mostInCsv)}</a></p>`
}</section>`,
  );
}

/** The words of one kind of things alone: another's reason may be called the same. */
const ofPart = ({ parts }: PinnedLook, part: string | null): Pick<PinnedLook, "parts"> => ({
  parts: part === null ? parts : parts.filter((each) => each.part === part),
});

/** Why rows are held, as the way to all of them. */
function reasonOf(
  visit: Visit,
  { run, look }: { readonly run: Run; readonly look: PinnedLook },
  { part, reason }: Pick<HeldGroup, "part" | "reason">,
): Html {
  const because = text(saysOf(visit, ofPart(look, part), reason === "" ? null : reason) ?? "–");
  const says =
    part === null
      ? because
      : html`<span class="soft">${visit.named(part)}${visit.texts.colon}</span> ${because}`;
  if (reason === "") return says;
  const only = new URLSearchParams(inAddress(onlyOf(look, { part, reason })));
  return html`<a href="${at.rows(run.reference)}?${only.toString()}">${says}</a>`;
}

/** Held rows of one reason; where there is none to name, all that are held. */
const onlyOf = (
  look: PinnedLook,
  { part, reason }: Pick<HeldGroup, "part" | "reason">,
): StagedFilter => ({
  ...(reason === "" ? {} : { reason }),
  import_state: "held",
  ...(part !== null && look.parts.length > 1 ? { part } : {}),
});

function shared(
  { texts, named, ruled }: Visit,
  { run, look: { parts } }: { readonly run: Run; readonly look: Pick<PinnedLook, "parts"> },
  { kind, name, value, rows, called }: NonNullable<HeldGroup["common"]>,
): Html {
  // What names nothing has no mapping that would settle it.
  if (kind === "mapping" && value === null) return html`–`;
  const shown = value ?? texts.unsaid;
  if (kind === "ruled") {
    const rules = parts.flatMap((part) => part.rules.map(({ rule }) => ruled(rule)));
    const found = shown
      .split(", ")
      .map((id) => rules.find(({ finding }) => finding === id)?.says ?? id);
    return text(texts.freeRuled(found.join(" "), rows));
  }
  if (kind === "beside") return text(texts.freeRuled(shown, rows));
  if (kind === "refused") return text(texts.freeRefused(shown, rows));
  if (kind === "noted" || kind === "unruled") return text(texts.freeNoted(shown, rows));
  return kind === "mapping"
    ? html`<a href="${at.mapping(run.reference, name)}">${text(texts.freeMapping(named(name), called === undefined ? shown : `${texts.quotes[0]}${called}${texts.quotes[1]}`, rows))}</a>`
    : text(texts.freeSpelling(named(name), shown, rows));
}
