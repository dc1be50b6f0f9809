import { enoughGood, type Watching } from "../../data/watching.ts";
import { sayable } from "../../evidence/contacts.ts";
import { wasEver } from "../../evidence/same-person.ts";
import { type NextKind, nextKind } from "../../review/steer/next-kind.ts";
import { askedNow } from "../../review/steer/standing.ts";
import { whyAsked } from "../../stages/wave/why-asked.ts";
import { visitorPage } from "../around.ts";
import { askedBecause, because, inItsWords } from "../because.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { seenField } from "../once.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { runWays } from "../run-head.ts";
import { ofRun } from "../said.ts";
import { facts, text } from "../tables.ts";
import { instant, moment } from "../words.ts";
import { acts } from "./acts.ts";
import { balanceSection, signOffsSection, wavesSection } from "./happened.ts";
import { countsSection, distributionsSection, goNoGoSection, stopsSection } from "./judged.ts";
import { machineSection } from "./machine-section.ts";
import { phasesLine } from "./phases.ts";
import { isReviewed, statusOf } from "./status.ts";
import type { RunView } from "./view.ts";
import { whileReadNotes } from "./while-read.ts";

/** One run from top to bottom: what it is, what it waits for, and the one next thing to do; then what is behind it. */
export function runPage(visitor: Visit, view: RunView): PageResponse {
  const { run, look, standing } = view;
  const visit = ofRun(visitor, look);
  return visitorPage(
    visit,
    { title: run.reference, live: view.alive },
    html`<section><h1>${run.reference}</h1>
<div data-live="what">${whatSection(visit, view)}</div></section>
<div data-live="acts">${actsSection(visit, view)}</div>
<div data-live="machine">${machineSection(visit, view)}</div>
<div data-live="balance">${balanceSection(visit, standing)}</div>
<div data-live="waves">${wavesSection(visit, standing)}</div>
<div data-live="sign-offs">${signOffsSection(visit, standing)}</div>
${countsSection(visit, standing.report)}
${stopsSection(visit, standing.report)}
${goNoGoSection(visit, view.goNoGo, standing)}
${distributionsSection(visit, standing.report)}`,
  );
}

function whatSection(
  { texts, said, named, label, language, person }: Visit,
  { run, look, standing, alive, questions, watched }: RunView,
): Html {
  const pending = standing.signOffs.find(({ status }) => status === "pending");
  const asks = askedNow(standing.signOffs);
  const status = statusOf(run, { alive, ...asks });
  const mayDecide = decides(person, run);
  const { progress } = standing;
  const halted = run.status === "halted" ? run.halted_because : null;
  // What failed before something else was begun is over: its picture stands there, and no warning. Why a run halted it says
  // itself; a step that was tried alone since, and failed, is another matter.
  const told = halted !== null && watched?.doing !== "step";
  const ended = alive || told || !watched?.latest ? undefined : watched.failure;
  // A rollback that spared rows did what it may: that is said in figures, and nothing failed.
  const sparing = ended?.error === "RollbackConflicts";
  const failure = sparing ? undefined : ended;
  const kind = nextKind({
    ...run,
    alive,
    doing: watched?.doing,
    ...asks,
    written: standing.waves.length > 0,
    copiesLeft: standing.copiesLeft,
    rowsLeft: standing.balance.committed,
    restoring: standing.restoring,
    failed: watched?.doing === "run" ? failure : undefined,
  });
  return html`${phasesLine({ texts }, run, standing)}
<div class="note ${good.has(kind) && failure === undefined ? "good" : "warn"}"><p data-says><strong>${texts.whatNext}.</strong> ${texts.next[kind]}</p>
${run.watching?.waiting === true && (kind === "platform_busy" || kind === "paused") && html`<p>${texts.waitingBecause}${texts.colon} ${watchedOf({ texts, said }, run.watching)}.</p>`}
${halted !== null && html`<p>${texts.haltedBecause(standing.haltedAt && instant(standing.haltedAt))} ${because({ texts, language }, sayable(halted))}</p>${inItsWords({ texts, language }, sayable(halted))}`}
${sparing && html`<p>${texts.sparedInAll(sparedBy(standing.waves))}</p>`}
${failure !== undefined && html`<p>${texts.lastFailed(texts.stepNamed(failure.step))} ${because({ texts, language }, sayable(failure))}</p>${inItsWords({ texts, language }, sayable(failure))}`}
${progress !== undefined && alive && progress.done < progress.total && html`<p>${texts.progress(label(progress.stage), progress.done, progress.total)}${progress.rate > 0 && html`, ${texts.pace(progress.rate, progress.left)}`}</p>`}
${questions > 0 && html`<p><a href="${at.questions(run.reference)}">${texts.openQuestions(questions)}</a>. ${texts.questionsSay}</p>`}
${pending !== undefined && html`<p>${text(askedBecause({ texts, said }, whyAsked(pending, standing.signOffs, standing.waves)))}</p>`}${pending !== undefined && html`<p><a class="button${mayDecide && " main"}" href="${at.signOff(pending.id)}">${mayDecide ? texts.openSignOff : texts.lookAtSignOff}</a></p>`}</div>
${facts([
  [
    texts.migration,
    html`${text(said(look.title || run.migration))} <span class="soft">(${run.migration})</span>`,
  ],
  [texts.source, text(said(run.source.description ?? run.connection_name))],
  [
    texts.startedBy,
    html`${run.started_by === null ? texts.notKnown : text(run.started_by)}, ${moment(run.created_at)}`,
  ],
  [
    texts.stands,
    html`${texts.statuses[status] ?? status}${!isReviewed(run) && html` <span class="soft">(${texts.stageDone(named(run.stage))})</span>`}`,
  ],
  [texts.focus, named(run.focus_mode)],
])}
${whileReadNotes(texts, run.counts)}
${runWays({ texts }, run, "run")}`;
}

/** Rows that rollbacks spared of waves that are taken back. */
const sparedBy = (waves: RunView["standing"]["waves"]): number =>
  waves.reduce(
    (all, { status, counts }) =>
      all + (status === "rolled_back" ? (counts.rolledBack?.spared ?? 0) : 0),
    0,
  );

/** What needs nobody. */
const good: ReadonlySet<NextKind> = new Set([
  "answered",
  "goes_on",
  "one_step",
  "taken_back",
  "platform_busy",
  "complete",
  "erased",
]);

/** Which figures of the platform are too high, or how far it has recovered. */
const watchedOf = (
  { texts, said }: Pick<Visit, "texts" | "said">,
  { because, good }: Watching,
): string =>
  because.length === 0
    ? texts.goodReadings(good, enoughGood)
    : because
        .map(({ id, says, value, above }) => `${texts.watched(id, value, above)} (${said(says)})`)
        .join(texts.semicolon);

/** Whether somebody may answer what is asked about a run. */
const decides = (person: Visit["person"], { started_by: starter }: RunView["run"]): boolean =>
  person.permissions.includes("legacy_imports.commit") &&
  (starter === null || !wasEver(starter, person));

/** What this person may do now: each button says first what it will do. */
function actsSection(visit: Visit, view: RunView): Html {
  const { run, entries, watched, alive, standing, waveAhead } = view;
  // Nothing is begun or ended where nobody can say what is under way.
  const stands = { run, alive, inTheWay: watched?.inTheWay, waves: standing.waves, waveAhead };
  const { texts, person, tokenFor } = visit;
  const may = (takes: (typeof acts)[number]["takes"]) =>
    takes.some((each) => person.permissions.includes(each));
  const offered = acts.filter(
    (act) => may(act.takes) && (watched !== undefined || !act.asksWorkflow) && act.fits(stands),
  );
  // Of a run whose first checks failed nothing was ever staged.
  const rollback =
    may(["legacy_imports.rollback"]) && run.erased_at === null && run.preflight.passed !== false;
  const forms: Part[] = offered.map(({ name, label, says, look }) => {
    const path = at.act(run.reference, name);
    return html`<li><details${look === "bad" && html` class="bad"`}><summary>${label(texts)}…</summary><p>${says(texts, stands)}</p>
<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}">${seenField(entries)}${name === "next-wave" && html`<input type="hidden" name="wave" value="${waveAhead}">`}<button class="${look}" type="submit">${label(texts)}</button></form></details></li>`;
  });
  const more = rollback
    ? html`<li><a class="bad" href="${at.rollback(run.reference)}">${texts.rollback}…</a></li>`
    : nothing;
  // Whoever has nothing to steer is not told so beside what they are asked.
  const asked = standing.signOffs.some(({ status }) => status === "pending");
  if (offered.length === 0 && !rollback && asked && decides(person, run)) return nothing;
  return html`<section aria-labelledby="actions"><h2 id="actions">${texts.actions}</h2>
${offered.length === 0 && !rollback ? html`<p class="soft">${texts.noActions}</p>` : html`<ul class="acts">${forms}${more}</ul>`}</section>`;
}
