import type { Setting } from "../../define/setting.ts";
import type { WholeMigration } from "../../define/several.ts";
import { around, visitorPage } from "../around.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { messagePage } from "../page.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { described, keptIn, type Sent, sentBy, valued, wrongAt } from "../sent.ts";

/** What the page that starts a run shows, and for which run its form is. */
interface StartView {
  readonly migrations: readonly WholeMigration[];
  /** The one whose form it is. */
  readonly chosen: WholeMigration;
  /** Id of the run that the form would begin: sent twice, it begins one. */
  readonly run: string;
  readonly csrf: string;
}

/** How a setting of a definition is called in the form. */
export const settingField = (name: string): string => `set-${name}`;

/** The page on which a person who may starts a run of the whole workflow (W8, R1). */
export function startPage(visitor: Visit, view: StartView): PageResponse {
  const { migrations, chosen, run, csrf } = view;
  const visit = ofRun(visitor, chosen);
  const { texts, said } = visit;
  const sent = sentBy(visit, at.start, { migration: chosen.name });
  const tab = ({ name }: WholeMigration) =>
    html`<a href="${at.start}?migration=${name}"${name === chosen.name && html` aria-current="true"`}>${name}</a> `;
  return visitorPage(
    visit,
    { title: texts.startRun },
    html`<section><h1>${texts.startRun}</h1>
<p>${texts.startSays}</p>
${migrations.length > 1 && html`<nav class="tabs" aria-label="${texts.migration}">${migrations.map(tab)}</nav>`}
<h2>${said(chosen.title)}</h2>
<form method="post" action="${at.start}">
<input type="hidden" name="csrf" value="${csrf}"><input type="hidden" name="run" value="${run}"><input type="hidden" name="migration" value="${chosen.name}">
${focusChoice(visit, chosen, sent)}
${choice(
  sent,
  "gates",
  texts.whenAsked,
  (["every-wave", "on-anomaly"] as const).map((each) => [each, texts.gatesNamed[each]]),
)}
${Object.entries(chosen.settings ?? {}).map(([name, setting]) => settingInput(visit, sent, name, setting))}
<label class="field" for="backup">${texts.backupId}</label>
<p class="soft small" id="backup-help">${texts.backupSays}</p>
${wrongAt(visit, sent, "backup")}<p><input id="backup" name="backup" type="text" required maxlength="200" autocomplete="off"${valued(sent, "backup")}${described(sent, "backup", "backup-help")}></p>
${acknowledgement(sent, "queues", texts.queuesDetached)}
${chosen.priority === undefined ? nothing : acknowledgement(sent, "priority", texts.teamKnows(lowered(said(chosen.priority))))}
<div class="buttons"><button class="main" type="submit">${texts.startIt}</button></div>
</form></section>`,
  );
}

/** As a part of a sentence. */
const lowered = (text: string): string => text.replace(/^./u, (first) => first.toLowerCase());

function focusChoice(
  { texts, named }: Visit,
  { focus }: WholeMigration,
  sent: Sent | undefined,
): Html {
  const modes = Object.keys(focus.modes);
  if (modes.length < 2) return nothing;
  const own = texts.asMigrationSays(named(focus.default));
  const others = modes.map((mode): [string, string] => [mode, named(mode)]);
  return choice(sent, "focus", texts.reviewIsAbout, [["", own], ...others]);
}

/** What may be said of a run, as its kind asks for it. */
function settingInput(visit: Visit, sent: Sent | undefined, name: string, setting: Setting): Html {
  const { texts, said } = visit;
  const field = settingField(name);
  const says = said(setting.says);
  if (setting.kind === "flag")
    return html`<p class="tick"><input id="${field}" name="${field}" type="checkbox" value="yes"${ticked(sent, field)}> <label for="${field}">${says}</label></p>`;
  if (setting.kind === "word")
    return choice(sent, field, says, [
      ["", texts.anything],
      ...setting.words.map((word): [string, string] => [word, word]),
    ]);
  const help = {
    moment: texts.momentSays,
    files: texts.filesSays,
    named: texts.namedSays,
  }[setting.kind];
  return html`<label class="field" for="${field}">${says}</label>
<p class="soft small" id="${field}-help">${help}</p>
${wrongAt(visit, sent, field)}<p><input id="${field}" name="${field}" type="text" maxlength="${setting.kind === "files" ? 1_000 : 60}" autocomplete="off"${valued(sent, field)}${described(sent, field, `${field}-help`)}></p>`;
}

const choice = (
  sent: Sent | undefined,
  name: string,
  says: string,
  values: readonly (readonly [string, string])[],
): Html =>
  html`<label class="field" for="${name}">${says}</label>
<p><select id="${name}" name="${name}">${values.map(([value, shown]) => html`<option value="${value}"${sent && keptIn(sent, name) === value && html` selected`}>${shown}</option>`)}</select></p>`;

const acknowledgement = (sent: Sent | undefined, name: string, says: string): Html =>
  html`<p class="tick"><input id="${name}" name="${name}" type="checkbox" value="yes" required${ticked(sent, name)}> <label for="${name}">${says}</label></p>`;

const ticked = (sent: Sent | undefined, name: string): Part =>
  keptIn(sent, name) === "yes" && html` checked`;

/** What a person sees after starting. */
export const startedPage = (visit: Visit, run: string): PageResponse =>
  messagePage(
    200,
    { title: visit.texts.started, ...around(visit), kind: "good" },
    visit.texts.startedSays,
    html`<p><a class="button main" href="${at.run(run)}">${visit.texts.seeRun}</a></p>`,
  );
