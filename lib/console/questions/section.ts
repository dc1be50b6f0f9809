import type { Run } from "../../data/runs.ts";
import { wasEver } from "../../evidence/same-person.ts";
import { mayAsk, type Question } from "../../review/samples/questions.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { at } from "../paths.ts";
import type { Visit } from "../route.ts";
import { sentBy, writing } from "../sent.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";

/** Fields that say where somebody comes from, and goes back to. */
export type Back = Readonly<Record<string, string>>;

/** The run that it is asked about: its starter closes nothing that others asked. */
type AskedAbout = Pick<Run, "reference" | "started_by">;

/** Questions with who asked and what closed them, and a form for each that this person may close. */
export function questionList(
  visit: Visit,
  run: AskedAbout,
  questions: readonly Question[],
  { named = false, back = {} }: { readonly named?: boolean; readonly back?: Back } = {},
): Html {
  const { texts } = visit;
  if (questions.length === 0) return html`<p class="soft">${texts.noQuestions}</p>`;
  return html`<ul class="plain">${questions.map((each) => one(visit, run, each, { named, back }))}</ul>`;
}

function one(
  visit: Visit,
  run: AskedAbout,
  question: Question,
  { named, back }: { readonly named: boolean; readonly back: Back },
): Html {
  const { texts } = visit;
  const { number, row, by, at: asked, says, closedBy, closedAt, answer } = question;
  const open = closedBy === null;
  return html`<li id="question-${number}">${named && html`<a href="${at.row(run.reference, row)}#questions">${texts.aboutRow(row)}</a> `}<span class="soft small">${number}. ${texts.askedBy(by, moment(asked))}</span> ${open && html`<span class="mark warn">${texts.questionOpen}</span>`}<br>${text(says)}
${!open && html`<br><span class="soft small">${texts.closedBy(closedBy, moment(closedAt ?? ""))}</span>${answer !== null && answer !== "" && html`<br>${text(answer)}`}`}
${open && closeForm(visit, run, question, back)}</li>`;
}

function closeForm(
  visit: Visit,
  { reference, started_by }: AskedAbout,
  { number, by }: Question,
  back: Back,
): Part {
  const { texts, person, tokenFor } = visit;
  const own = by === person.name;
  const another = started_by !== null && !wasEver(started_by, person);
  if (!own && !(another && person.permissions.includes("legacy_imports.commit"))) return nothing;
  const path = at.question(reference, number);
  const sent = sentBy(visit, path);
  return html`<details${sent && html` open`}><summary>${texts.closeQuestion}</summary><p class="soft small">${own ? texts.closeOwnSays : texts.closeSays}</p>
<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}">${fields(back)}
${writing(visit, sent, { id: `answer-${number}`, name: "reason", label: texts.answer, most: 1_000, required: !own })}
<div class="buttons"><button type="submit">${texts.closeQuestion}</button></div></form></details>`;
}

/** The form that asks about a row, for whoever may, while the run has its people; closed at first. */
export function askForm(
  visit: Visit,
  { reference, erased_at }: Pick<Run, "reference" | "erased_at">,
  row: number,
  { back = {}, key }: { readonly back?: Back; readonly key?: string } = {},
): Part {
  const { texts, person, tokenFor } = visit;
  if (!mayAsk(person) || erased_at !== null) return nothing;
  const path = at.asking(reference, row);
  const sent = sentBy(visit, path);
  return html`<details${sent && html` open`}><summary${key !== undefined && html` data-key="${key}" aria-keyshortcuts="${key}"`}>${texts.ask}${key !== undefined && html`<kbd aria-hidden="true">${key}</kbd>`}</summary>
<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}">${fields(back)}
${writing(visit, sent, { id: "question", name: "question", label: texts.yourQuestion, help: texts.askSays, most: 1_000, required: true })}
<div class="buttons"><button type="submit">${texts.sendQuestion}</button></div></form></details>`;
}

/** What a form sends of them. */
export const fields = (back: Back): Html[] =>
  Object.entries(back).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
