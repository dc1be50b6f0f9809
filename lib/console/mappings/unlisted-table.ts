import type { UnlistedStatus } from "../../review/mappings/overview.ts";
import type { More } from "../../review/report.ts";
import { formatsIn } from "../../speech/formats.ts";
import { type Html, html } from "../html.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";

/** Spellings that are shown; of the rest it is said how many they are. */
const mostStatuses = 50;

/** Statuses that no rule lists, with how many rows have each and the line of the definition that would list it (D2). */
export function unlistedTable(
  { texts, language }: Pick<Visit, "texts" | "language">,
  unlisted: readonly UnlistedStatus[],
  { caption, more }: { readonly caption?: string; readonly more?: More | undefined },
): Html {
  const { count } = formatsIn[language];
  const left = unlisted.slice(mostStatuses);
  const values = left.length + (more?.values ?? 0);
  const rows = left.reduce((all, each) => all + each.rows, more?.rows ?? 0);
  const lines = unlisted.slice(0, mostStatuses).map(
    ({
      field,
      status,
      rows,
      nearest,
      letters = [],
      aliases,
    }) => html`<tr><th scope="row">${status === null ? html`<span class="soft">${texts.emptyStatus}</span>` : text(status)}${field !== undefined && html` <span class="soft small">${text(field)}</span>`}</th>
<td data-label="${texts.nearest}">${[nearest === null ? "–" : text(nearest), ...letters.map((letter) => html`${texts.semicolon}${text(letter)}`)]}</td><td class="number" data-label="${texts.rows}">${count(rows)}</td>
<td data-label="${texts.aliasLine}">${aliases.length === 0 ? "–" : aliases.map((line, at) => html`${at > 0 && html`<br>`}<code>${line}</code>`)}</td></tr>`,
  );
  return html`<table class="rows">${caption !== undefined && html`<caption>${caption}</caption>`}<thead><tr><th scope="col">${texts.status}</th><th scope="col">${texts.nearest}</th><th scope="col" class="number">${texts.rows}</th><th scope="col">${texts.aliasLine}</th></tr></thead><tbody>${lines}</tbody></table>
${values > 0 && html`<p class="soft small">${texts.unlistedMore(values, rows)}</p>`}`;
}
