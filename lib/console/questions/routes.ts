import { findRun } from "../../data/runs.ts";
import { questionsOf } from "../../review/samples/questions.ts";
import { keepDecision } from "../../review/steer/keep-decision.ts";
import { visitorPage } from "../around.ts";
import { html } from "../html.ts";
import { at } from "../paths.ts";
import { fieldOf, type PageRequest } from "../request.ts";
import { type PageResponse, seeOther } from "../response.ts";
import { reviewAt } from "../review/page.ts";
import type { Route, Visit } from "../route.ts";
import { amongSent } from "../rows/among.ts";
import { rowNumber, unknownRow } from "../rows/numbered.ts";
import { runHead } from "../run-head.ts";
import { wrongRemark } from "../sent.ts";
import { questionList } from "./section.ts";

const asking = at.asking(":run", ":row");
const one = at.question(":run", ":question");

/** What reviewers and approvers ask about rows (B9). */
export const questionRoutes: readonly Route[] = [
  { verb: "GET", path: at.questions(":run"), takes: ["legacy_imports.view"], answer: showAll },
  {
    verb: "POST",
    path: asking,
    takes: ["legacy_imports.review", "legacy_imports.commit"],
    about: ({ params: { run = "", row = "" } }) => at.asking(run, row),
    asks: ({ params: { run = "" } }) => ({ what: "ask", run }),
    back: ({ run = "", row = "" }) => at.row(run, row),
    again: ({ request, params: { run = "", row = "" } }) =>
      backTo(request, Number(row)) ?? rowAgain(request, run, Number(row)),
    wrongIn: wrongRemark("question"),
    answer: ask,
  },
  {
    verb: "POST",
    path: one,
    takes: ["legacy_imports.review", "legacy_imports.commit"],
    about: ({ params: { run = "", question = "" } }) => at.question(run, question),
    asks: ({ params: { run = "" } }) => ({ what: "close", run }),
    back: ({ run = "" }) => at.questions(run),
    again: ({ request, params: { run = "" } }) => closedFrom(request, run),
    wrongIn: wrongRemark("reason"),
    answer: close,
  },
];

async function showAll(visit: Visit): Promise<PageResponse> {
  const { services, params, texts } = visit;
  const run = await findRun(services.sign, params.run ?? "");
  const [head, questions] = await Promise.all([
    runHead(visit, run, "questions"),
    questionsOf(services.sign, run.id),
  ]);
  const title = texts.questionsAbout(run.reference);
  return visitorPage(
    visit,
    { title },
    html`<section><h1>${title}</h1>
${head}<p>${texts.questionsSay}</p>
${questionList(visit, run, questions, { named: true })}</section>`,
  );
}

async function ask({ services, request, params, person }: Visit): Promise<PageResponse> {
  const run = await findRun(services.sign, params.run ?? "");
  const row = rowNumber(params.row);
  if (row === undefined) throw unknownRow(run);
  const question = fieldOf(request, "question");
  await keepDecision(services, person.name, { decide: "ask", run: run.id, row, question });
  return seeOther(backTo(request, row) ?? `${rowAgain(request, run.reference, row)}#questions`);
}

async function close({ services, request, params, person }: Visit): Promise<PageResponse> {
  const run = await findRun(services.sign, params.run ?? "");
  const question = rowNumber(params.question) ?? 0;
  const reason = fieldOf(request, "reason");
  await keepDecision(services, person.name, { decide: "close", run: run.id, question, reason });
  return seeOther(closedFrom(request, run.reference, `#question-${question}`));
}

/** The page on which a question is closed: where it stands on the list of all, or on its row's; or the row that is judged. */
function closedFrom(request: PageRequest, reference: string, where = ""): string {
  const row = rowNumber(fieldOf(request, "row"));
  if (row === undefined) return at.questions(reference) + where;
  return backTo(request, row) ?? rowAgain(request, reference, row) + where;
}

/** The row's page, as it was opened from a list. */
const rowAgain = (request: PageRequest, reference: string, row: number): string =>
  at.row(reference, row) + amongSent(fieldOf(request, "list"));

const idShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** To the sampled row that somebody judges, where they came from there; an address of ours whatever was sent. */
function backTo(request: PageRequest, row: number): string | undefined {
  const signOff = fieldOf(request, "signOff");
  return idShape.test(signOff)
    ? reviewAt(signOff, fieldOf(request, "focus") || null, { row })
    : undefined;
}
