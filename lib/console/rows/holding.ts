import { findRun, type Run } from "../../data/runs.ts";
import { holdStands } from "../../review/rows/held-rows.ts";
import { keepDecision } from "../../review/steer/keep-decision.ts";
import { type Html, html, nothing, type Part } from "../html.ts";
import { at } from "../paths.ts";
import { type Back, fields } from "../questions/section.ts";
import { fieldOf } from "../request.ts";
import { type PageResponse, seeOther } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { sentBy, writing, wrongRemark } from "../sent.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";
import { amongSent } from "./among.ts";
import { rowNumber, unknownRow } from "./numbered.ts";

const verbs = ["hold", "release"] as const;

/** Where a reviewer keeps one row from the waves, or lets it go, with a reason (D38). */
export const holdingRoutes: readonly Route[] = verbs.map((verb) => ({
  verb: "POST",
  path: at.holding(":run", ":row", verb),
  takes: ["legacy_imports.review"],
  about: ({ params: { run = "", row = "" } }) => at.holding(run, row, verb),
  asks: ({ params: { run = "" } }) => ({ what: verb, run }),
  back: ({ run = "", row = "" }) => at.row(run, row),
  again: ({ request, params: { run = "", row = "" } }) =>
    at.row(run, row) + amongSent(fieldOf(request, "list")),
  wrongIn: wrongRemark("reason"),
  answer: (visit) => decide(visit, verb),
}));

async function decide(
  { services, request, params, person }: Visit,
  verb: (typeof verbs)[number],
): Promise<PageResponse> {
  const run = await findRun(services.sign, params.run ?? "");
  const row = rowNumber(params.row);
  if (row === undefined) throw unknownRow(run);
  const reason = fieldOf(request, "reason");
  const seen = fieldOf(request, "seen").slice(0, 2_000);
  await keepDecision(services, person.name, { decide: verb, run: run.id, row, reason, seen });
  return seeOther(at.row(run.reference, row) + amongSent(fieldOf(request, "list")));
}

/** What decides whether a row can be held or let go. */
export interface Holdable {
  readonly run: Pick<Run, "reference" | "erased_at">;
  readonly row: number;
  readonly state: string;
  readonly planned: string | null;
  readonly held: { readonly by: string; readonly at: string; readonly reason: string } | undefined;
  readonly back: Back;
}

/** Who holds a row, and the button that holds it or lets it go, for reviewers; it says first what it will do. */
export function holdingPart(visit: Visit, about: Holdable): Part {
  const { texts, person } = visit;
  const { run, held, state, planned } = about;
  const wouldGo = ["commit", "link", "update"].includes(planned ?? "");
  const may = person.permissions.includes("legacy_imports.review") && run.erased_at === null;
  const releases = held !== undefined || (state === "held" && wouldGo);
  const holds = held === undefined && state !== "committed" && state !== "linked";
  return html`${held !== undefined && html`<p class="note warn">${texts.heldByPerson(held.by, moment(held.at))} ${text(held.reason)}</p>`}
${may && releases ? form(visit, about, "release") : nothing}${may && holds && !releases ? form(visit, about, "hold") : nothing}`;
}

function form(
  visit: Visit,
  { run: { reference }, row, held, back }: Holdable,
  verb: "hold" | "release",
): Html {
  const { texts, tokenFor } = visit;
  const path = at.holding(reference, row, verb);
  const sent = sentBy(visit, path);
  return html`<details${sent && html` open`}><summary data-key="h" aria-keyshortcuts="h">${texts[verb]}<kbd aria-hidden="true">h</kbd></summary><p>${verb === "hold" ? texts.holdSays : texts.releaseSays}</p>
<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}"><input type="hidden" name="seen" value="${holdStands(held)}">${fields(back)}
${writing(visit, sent, { id: `reason-${verb}`, name: "reason", label: texts.reason, most: 500, required: true })}
<div class="buttons"><button type="submit">${texts[verb]}</button></div></form></details>`;
}
