import type { Distribution } from "../review/report.ts";
import { type Html, html, type Part } from "./html.ts";
import { count, percent, words } from "./words.ts";

/** Text from outside, kept apart from the direction of what stands around it. */
export const text = (value: string): Html => html`<bdi>${value}</bdi>`;

/** Rows by value, largest first, with their shares. */
export function distribution(caption: string, values: Distribution): Html {
  const entries = Object.entries(values).sort(
    ([leftName, left], [rightName, right]) =>
      right - left || leftName.localeCompare(rightName, "en"),
  );
  const total = entries.reduce((sum, [, rows]) => sum + rows, 0);
  const lines = entries.map(
    ([name, rows]) => html`<tr><th scope="row">${text(words(name))}</th>
<td class="number">${count(rows)}</td><td class="number soft">${percent(total === 0 ? 0 : rows / total)}</td></tr>`,
  );
  return html`<div><table><caption>${caption}</caption>
<thead><tr><th scope="col">Value</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>${lines.length > 0 ? lines : html`<tr><td colspan="3" class="soft">No rows.</td></tr>`}</tbody></table></div>`;
}

/** A list of names and values. */
export const facts = (pairs: readonly (readonly [string, Part])[]): Html =>
  html`<dl class="facts">${pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
