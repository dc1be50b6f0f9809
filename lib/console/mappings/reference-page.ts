import type { Run } from "../../data/runs.ts";
import type { PinnedLook } from "../../evidence/pinned.ts";
import { stands } from "../../review/mappings/decisions.ts";
import { likenessOf, type MappingLine } from "../../review/mappings/lines.ts";
import type { AtStake, ReferenceOverview } from "../../review/mappings/overview.ts";
import type { PlatformThing } from "../../review/mappings/platform-things.ts";
import { formatsIn } from "../../speech/formats.ts";
import { visitorPage } from "../around.ts";
import { keysPath } from "../assets.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { described, keptIn, type Sent, sentBy, valued, wrongAt } from "../sent.ts";
import { text } from "../tables.ts";

/** Legacy things of one page. */
export const linesOfPage = 20;

/** Things of the platform that are offered at once; more are searched for. */
export const mostThings = 500;

/** One reference of a run, and a page of its legacy things. */
interface ReferenceView {
  /** What stands above each page of the run. */
  readonly head: Html;
  readonly run: Run;
  readonly look: PinnedLook;
  /** Whether a likeness of names was measured; else what goes by code has a kind. */
  readonly byName: boolean;
  /** The type of a placeholder: it can be rejected, or left. */
  readonly placeholder: string | null;
  /** What they are weighed by, in the migration's words. */
  readonly weights: readonly { readonly id: string; readonly says: string }[];
  readonly overview: ReferenceOverview;
  readonly all: boolean;
  readonly from: number;
  readonly lines: readonly MappingLine[];
  readonly more: boolean;
  readonly atStake: readonly AtStake[];
  /** Things of the platform that one may be, by their labels; none for who may not say. */
  readonly things: readonly PlatformThing[];
  /** What they are searched by; else empty. */
  readonly find: string;
  /** Whether there are more of them. */
  readonly moreThings: boolean;
}

/** Legacy things by how many rows hang on each, with what is suggested, and a person's say about it. */
export function referencePage(visitor: Visit, view: ReferenceView): PageResponse {
  const visit = ofRun(visitor, view.look);
  const { texts, person, label } = visit;
  const { run, overview, all, lines } = view;
  const title = texts.oneMapping(label(overview.name), run.reference);
  const path = at.mapping(run.reference, overview.name);
  const may = person.permissions.includes("legacy_imports.review") && run.erased_at === null;
  const tab = (of: boolean, says: string) =>
    html`<a href="${of ? `${path}?all=1` : path}"${of === all && html` aria-current="true"`}>${says}</a> `;
  return visitorPage(
    visit,
    { title, script: keysPath },
    html`<section><h1>${title}</h1>
${view.head}<p>${texts.mappingsSay}${overview.open > 0 && html` <strong>${texts.toLookAt(overview.open)}</strong>.`}${overview.carried > 0 && html` ${texts.carriedSays(overview.carried)}`}</p>
${stakes(visit, view)}
${may && overview.exact > 0 && bulk(visit, path, overview.exact)}
<nav class="tabs" aria-label="${texts.mappings}">${tab(false, texts.openOnly)}${tab(true, texts.everyMapping)}</nav>
${lines.length > 0 && may && thingsOffered(visit, view, path)}
${lines.length === 0 ? html`<p>${texts.nothingOpen}</p>` : table(visit, view, { path, may })}
${pager(visit, view, path)}</section>`,
  );
}

/** The ways to the other pages; what was searched on the platform for the lines goes along. */
function pager({ texts }: Visit, { all, find, from, more }: ReferenceView, path: string): Html {
  const way = (says: string, to: number) => {
    const query = new URLSearchParams({
      ...(all ? { all: "1" } : {}),
      ...(find === "" ? {} : { find }),
      ...(to > 0 ? { from: String(to) } : {}),
    });
    return html`<a href="${path}${query.size > 0 && `?${query}`}">${says}</a> `;
  };
  if (from === 0 && !more) return nothing;
  return html`<nav aria-label="${texts.pages}">${from > 0 && [way(texts.firstMappings, 0), way(texts.previousMappings, Math.max(0, from - linesOfPage))]}${more && way(texts.nextMappings, from + linesOfPage)}</nav>`;
}

/** Which sign-offs a decision makes worthless. */
function stakes({ texts }: Visit, { atStake }: ReferenceView): Html {
  if (atStake.length === 0) return html`<p class="soft">${texts.voidsNothing}</p>`;
  const lines = atStake.map(
    ({ id, gate, status, by }) =>
      html`<li><a href="${at.signOff(id)}">${texts.gateNamed(gate)}</a>${texts.colon} ${texts.answers[status]}${by !== null && html` ${texts.decidedByPerson(by)}`}</li>`,
  );
  return html`<div class="note warn"><p>${texts.voids}</p><ul>${lines}</ul></div>`;
}

const bulk = ({ texts, tokenFor }: Visit, path: string, exact: number): Html =>
  html`<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}"><p>${texts.exactOnes(exact)}</p>
<div class="buttons"><button type="submit" name="say" value="exact">${texts.confirmExact(exact)}</button></div></form>`;

function table(
  visit: Visit,
  view: ReferenceView,
  form: { readonly path: string; readonly may: boolean },
): Html {
  const { texts, language, label, named } = visit;
  const { count } = formatsIn[language];
  const { byName, weights } = view;
  const rows = view.lines.map(
    (
      line,
      index,
    ) => html`<tr id="line-${index}"><th scope="row">${line.legacy === null ? html`<span class="soft">${texts.none}</span>` : text(line.legacy)}<br><span class="soft small">${text(texts.idOf(String(line.id)))}</span></th>
<td data-label="${texts.onPlatform}">${suggestion(visit, line)}</td><td data-label="${byName ? texts.score : texts.kindOf}">${byName ? likeness(visit, line) : named(line.type ?? "–")}</td>
<td data-label="${texts.status}">${named(line.status)}${line.decided_by !== null && html`<br><span class="soft small">${texts.decidedByPerson(line.decided_by)}${carriedFrom(visit, line)}</span>`}</td>
${weights.map(({ id, says }) => html`<td class="number" data-label="${label(says)}">${count(Number(line[id]))}</td>`)}<td class="number" data-label="${texts.hangOn}">${count(line.rows)}</td>
${form.may && html`<td>${say(visit, line, { path: form.path, where: html`<input type="hidden" name="line" value="${index}">${view.all && html`<input type="hidden" name="all" value="1">`}${view.from > 0 && html`<input type="hidden" name="from" value="${view.from}">`}`, first: index === 0, real: line.type === undefined || line.type !== view.placeholder })}</td>`}</tr>`,
  );
  return html`${form.may && html`<p class="soft">${texts.leaveIt}</p>`}
<table class="rows wide stacks"><thead><tr><th scope="col">${texts.legacyThing}</th><th scope="col">${texts.onPlatform}</th><th scope="col">${byName ? texts.score : texts.kindOf}</th><th scope="col">${texts.status}</th>${weights.map(({ says }) => html`<th scope="col" class="number">${label(says)}</th>`)}<th scope="col" class="number">${texts.hangOn}</th>${form.may && html`<th scope="col">${texts.yourSay}</th>`}</tr></thead><tbody>${rows}</tbody></table>`;
}

/** From which run a decision was carried into this one. */
const carriedFrom = ({ texts }: Visit, { carried }: MappingLine): Part =>
  carried
    ? html`, <a href="${at.run(carried.run)}">${texts.decidedIn(carried.run, carried.at.slice(0, 10))}</a>`
    : nothing;

const suggestion = ({ texts }: Visit, { target, platform }: MappingLine): Part =>
  target === null
    ? html`<span class="soft">${texts.nothingSuggested}</span>`
    : html`${platform !== null && html`${text(platform)}<br>`}<span class="soft small">${text(texts.idOf(String(target)))}</span>`;

const likeness = ({ language }: Visit, line: MappingLine): string => {
  const like = likenessOf(line);
  return like === null ? "–" : formatsIn[language].percent(like);
};

/** What a person says about one of them; the first is answered by keys too. */
function say(
  visit: Visit,
  line: MappingLine,
  {
    path,
    where,
    first,
    real,
  }: {
    readonly path: string;
    /** Where somebody is in the list, to go on from there. */
    readonly where: Html;
    readonly first: boolean;
    readonly real: boolean;
  },
): Html {
  const { texts, tokenFor } = visit;
  const { target } = line;
  const id = String(line.id);
  const sent = sentBy(visit, path, { id, say: "other" });
  const named = line.legacy ?? id;
  const shown = target === null ? "" : String(target);
  const key = (letter: string) =>
    first ? html` data-key="${letter}" aria-keyshortcuts="${letter}"` : nothing;
  const hint = (letter: string) => first && html`<kbd aria-hidden="true">${letter}</kbd>`;
  return html`<form method="post" action="${path}" class="say"><input type="hidden" name="csrf" value="${tokenFor(path)}"><input type="hidden" name="id" value="${id}"><input type="hidden" name="seen" value="${stands(line)}"><input type="hidden" name="shown" value="${shown}">${where}
${real && target !== null && html`<button type="submit" name="say" value="confirm"${key("c")}>${texts.confirm}${hint("c")}${unseen(texts.confirmSuggestion(named, line.platform ?? shown))}</button>`}
<button class="bad" type="submit" name="say" value="reject"${key("x")}>${texts.rejectMapping}${hint("x")}${unseen(texts.rejectThat(named))}</button></form>
${
  real &&
  html`<form method="post" action="${path}" class="say"><input type="hidden" name="csrf" value="${tokenFor(path)}"><input type="hidden" name="id" value="${id}"><input type="hidden" name="seen" value="${stands(line)}">${where}
${wrongAt(visit, sent, "target")}${targetField(line, sent, texts.anotherId(named), texts.anotherIdHint)} <button type="submit" name="say" value="other">${texts.takeOther}${unseen(texts.anotherId(named))}</button></form>`
}`;
}

/** What of the platform may be named, once for all lines; and where that is not all, a search among them. */
function thingsOffered({ texts }: Visit, view: ReferenceView, path: string): Part {
  const { things, moreThings, find, all, from } = view;
  const labels = things.map(({ label }) => label.trim().toLowerCase());
  const twice = new Set(labels.filter((label, at) => labels.indexOf(label) !== at));
  // By its label, where one thing alone has it; else by its id, with the label beside it.
  const options = things.map(({ id, label }, at) =>
    moreThings || twice.has(labels[at] ?? "") || /^-?\d+$/u.test(label.trim())
      ? html`<option value="${String(id)}" label="${label}">${label}</option>`
      : html`<option value="${label}"></option>`,
  );
  const search = html`<form method="get" action="${path}" class="filter" role="search">${all && html`<input type="hidden" name="all" value="1">`}${from > 0 && html`<input type="hidden" name="from" value="${from}">`}
<label class="field" for="find">${texts.findThing}</label><input type="search" id="find" name="find" value="${find}" maxlength="100"> <button type="submit">${texts.search}</button>
<p class="soft small">${moreThings ? texts.firstThings(things.length) : texts.foundThings(things.length)}</p></form>`;
  return html`<datalist id="things">${options}</datalist>${(moreThings || find !== "") && search}`;
}

/** Where another one is named: by its label or id, or one of those that could be meant. */
const targetField = (
  { target, candidates }: MappingLine,
  sent: Sent | undefined,
  says: string,
  hint: string,
): Html =>
  candidates === undefined
    ? html`<input type="text" name="target" list="things" required maxlength="200" autocomplete="off" placeholder="${hint}" aria-label="${says}"${valued(sent, "target")}${described(sent, "target")}>`
    : html`<select name="target" required aria-label="${says}"${described(sent, "target")}>${Object.entries(candidates).map(([key, shown]) => html`<option value="${key}"${key === keptIn(sent, "target", target === null ? "" : String(target)) && html` selected`}>${shown === null ? key : `${shown} (${key})`}</option>`)}</select>`;

/** Tells who does not see the line which one a button is about. */
const unseen = (says: string): Html => html`<span class="unseen"> ${text(says)}</span>`;
