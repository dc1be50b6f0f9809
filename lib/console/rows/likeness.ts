import type { Likeness, Sign } from "../../review/rows/row-record.ts";
import { type Html, html } from "../html.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";

/**
 * Why a row may be somebody the platform knows: for each piece of evidence a bar to the right where it agrees and to
 * the left where it differs, beside the platform's record. What is compared is shown to reviewers alone.
 */
export function likenessSection(
  { texts, named }: Visit,
  likenesses: readonly Likeness[],
  whole: boolean,
): Html {
  return html`<section aria-labelledby="alike"><h2 id="alike">${texts.samePerson}</h2>
${likenesses.length === 0 ? html`<p class="soft">${texts.nobodyAlike}</p>` : likenesses.map((each) => one({ texts, named }, each, whole))}</section>`;
}

function one(
  { texts, named }: Pick<Visit, "texts" | "named">,
  { table, id, level, rule, signs }: Likeness,
  whole: boolean,
): Html {
  const lines = signs.map(
    (sign) =>
      html`<tr><th scope="row">${texts.signs[sign.what]}</th><td data-label="${texts.agrees} / ${texts.differs}">${signed(sign)} ${said(texts, sign)}</td>${whole && html`<td data-label="${texts.thisRow}">${value(sign.own)}</td><td data-label="${texts.record}">${value(sign.theirs)}</td>`}</tr>`,
  );
  return html`<table class="wide rows"><caption>${texts.likeTitle(table, String(id), named(level))} <span class="soft">${named(rule)}</span></caption><thead><tr><th scope="col">${texts.evidenceOf}</th><th scope="col">${texts.agrees} / ${texts.differs}</th>${whole && html`<th scope="col">${texts.thisRow}</th><th scope="col">${texts.record}</th>`}</tr></thead><tbody>${lines}</tbody></table>`;
}

const value = (of: string | null): Html =>
  of === null ? html`<span class="soft">–</span>` : text(of);

const said = (texts: Visit["texts"], { agrees }: Sign): string =>
  agrees === null ? texts.unsaid : agrees ? texts.agrees : texts.differs;

/** The middle is nothing; what agrees stands right of it, what differs left. */
function signed({ agrees }: Sign): Html {
  const bar =
    agrees === null
      ? null
      : agrees
        ? html`<rect class="linked" x="50" width="50" height="8"/>`
        : html`<rect class="failed" x="0" width="50" height="8"/>`;
  return html`<svg class="bar signed" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false"><rect class="rest" width="100" height="8"/>${bar}</svg>`;
}
