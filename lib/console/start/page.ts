import type { WholeMigration } from "../../define/several.ts";
import { around, type For, visitorPage } from "../around.ts";
import { type Html, html } from "../html.ts";
import { messagePage } from "../page.ts";
import type { PageResponse } from "../response.ts";

/** What the page that starts a run shows, and for which run its form is. */
export interface StartView {
  readonly migrations: readonly WholeMigration[];
  /** Id of the run that the form would begin: sent twice, it begins one. */
  readonly run: string;
  readonly csrf: string;
}

/** The page on which a person who may starts a run of the whole workflow (W8, R1). */
export function startPage(visit: For, { migrations, run, csrf }: StartView): PageResponse {
  const modes = [...new Set(migrations.flatMap(({ focus }) => Object.keys(focus.modes)))];
  return visitorPage(
    visit,
    { title: "Start a run" },
    html`<section><h1>Start a run</h1>
<p>It reads the legacy system, judges every row and shows what it would do. Nothing of the platform is written before somebody else than you signs it off.</p>
<form method="post" action="/start">
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="run" value="${run}">
${choice(
  "migration",
  "Migration",
  migrations.map(({ name }) => name),
)}
${modes.length < 2 ? null : choice("focus", "What its waves take", ["", ...modes], "as the migration says")}
${choice("gates", "When a person decides again", ["every-wave", "on-anomaly"])}
<label class="field" for="backup">Id of the platform's backup that was taken and checked</label>
<p class="soft small" id="backup-help">Kept in the audit log. An id, and nobody's name or address.</p>
<p><input id="backup" name="backup" type="text" required maxlength="200" autocomplete="off" aria-describedby="backup-help"></p>
${acknowledgement("queues", "The platform's queues (messages, billing) are detached from what an import writes.")}
${acknowledgement("priority", "The team knows which rows are migrated first.")}
<div class="buttons"><button class="main" type="submit">Start the run</button></div>
</form></section>`,
  );
}

const choice = (name: string, says: string, values: readonly string[], otherwise = ""): Html =>
  html`<label class="field" for="${name}">${says}</label>
<p><select id="${name}" name="${name}">${values.map((value) => html`<option value="${value}">${value || otherwise}</option>`)}</select></p>`;

const acknowledgement = (name: string, says: string): Html =>
  html`<p><input id="${name}" name="${name}" type="checkbox" value="yes" required> <label for="${name}">${says}</label></p>`;

/** What a person sees after starting. */
export const startedPage = (visit: For, run: string): PageResponse =>
  messagePage(
    200,
    { title: "Started", ...around(visit), kind: "good" },
    html`The run <strong>${run}</strong> has begun. Those who may decide get a mail when it waits for them; <code>wavegate watch --run ${run}</code> shows each step. You can close this page.`,
  );
