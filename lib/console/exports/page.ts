import type { Run } from "../../data/runs.ts";
import type { Exported, Taken } from "../../review/exports/exports.ts";
import { formatsIn } from "../../speech/formats.ts";
import { around, visitorPage } from "../around.ts";
import { type Html, html } from "../html.ts";
import { messagePage } from "../page.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { facts } from "../tables.ts";
import { moment } from "../words.ts";

/** One export: what is in it, and a button for each of its files. */
export function exportPage(
  visit: Visit,
  { head, run }: { readonly head: Html; readonly run: Run },
  { kind, at: when, digest, files }: Exported,
): PageResponse {
  const { texts, tokenFor, language } = visit;
  const { count, bytes } = formatsIn[language];
  const path = at.exported(run.reference, digest);
  const title = texts.exportOf[kind](run.reference);
  const lines = files.map(
    ({ name, rows, bytes: size, sha256 }) =>
      html`<tr><th scope="row">${name}<br><code class="soft small">${sha256}</code></th><td class="number" data-label="${texts.rows}">${rows === null ? "–" : count(rows)}</td><td class="number" data-label="${texts.size}">${bytes(size)}</td>
<td><button type="submit" name="file" value="${name}">${texts.download}<span class="unseen"> ${name}</span></button></td></tr>`,
  );
  return visitorPage(
    visit,
    { title },
    html`<section><h1>${title}</h1>
${head}<p>${texts.exportSays}</p>
${facts([
  [texts.exportedAt, moment(when)],
  [texts.manifest, html`<code>${digest}</code>`],
])}
<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}">
<table class="wide rows"><thead><tr><th scope="col">${texts.file}</th><th scope="col" class="number">${texts.rows}</th><th scope="col" class="number">${texts.size}</th><th scope="col">${texts.download}</th></tr></thead><tbody>${lines}</tbody></table></form></section>`,
  );
}

/** The file comes by itself; the link is there for whoever it does not come to. */
export function takenPage(visit: Visit, { file, url }: Taken, back: string): PageResponse {
  const { texts } = visit;
  return messagePage(
    200,
    { ...around(visit), title: texts.downloadOf(file.name), kind: "good", goTo: url, back },
    html`${texts.downloadSays} <a href="${url}">${file.name}</a>`,
    facts([[texts.digest, html`<code>${file.sha256}</code>`]]),
  );
}
