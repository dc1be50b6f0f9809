import { findRun } from "../../data/runs.ts";
import { lookOf } from "../../evidence/pinned.ts";
import { judgeSamples } from "../../review/samples/judge.ts";
import { readSample } from "../../review/samples/read.ts";
import { undoVerdict } from "../../review/samples/undo-verdict.ts";
import { Refusal } from "../../services/errors.ts";
import { at } from "../paths.ts";
import { fieldOf } from "../request.ts";
import { jsonAnswer, type PageResponse, seeOther } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { verdictsOf } from "../sign-off/verdicts.ts";
import { reviewAt, reviewPage } from "./page.ts";

const path = at.review(":id");
const pathOf = ({ id = "" }: Visit["params"]): string => at.review(id);

/** Where sampled rows are judged one at a time (R9). */
export const reviewRoutes: readonly Route[] = [
  { verb: "GET", path, takes: ["legacy_imports.view"], answer: show },
  {
    verb: "POST",
    path,
    takes: ["legacy_imports.review"],
    about: ({ params }) => pathOf(params),
    asks: ({ params: { id = "" } }) => ({ what: "samples", signOff: { id } }),
    back: pathOf,
    again: ({ request, params: { id = "" } }) => {
      const row = rowIn(fieldOf(request, "row"));
      return reviewAt(id, fieldOf(request, "focus") || null, row === undefined ? {} : { row });
    },
    wrongIn: ({ name }, request) =>
      name === "VerdictUnclear" ? `wrong-${fieldOf(request, "row")}` : undefined,
    answer: save,
  },
];

async function show(visit: Visit): Promise<PageResponse> {
  const { services, request, params, person } = visit;
  const view = await readSample(services, params.id ?? "", person.name, {
    row: rowIn(request.query.get("row")),
    after: rowIn(request.query.get("after")),
    focus: request.query.get("focus") ?? undefined,
  });
  if (request.wantsJson) return jsonAnswer(200, view);
  const run = await findRun(services.sign, view.reference);
  const look = await lookOf(services.sign, run);
  return reviewPage(ofRun(visit, look), view, { run, look });
}

/** Keeps the verdict as it is given, and opens the next row without one. */
async function save({ services, request, params, person }: Visit): Promise<PageResponse> {
  const ref = { id: params.id ?? "" };
  const undone = rowIn(fieldOf(request, "undo"));
  if (undone !== undefined) {
    await undoVerdict(services, { ref, person: person.name, row: undone });
    return request.wantsJson
      ? jsonAnswer(200, { signOff: ref.id, undone })
      : seeOther(reviewAt(ref.id, fieldOf(request, "focus") || null, { row: undone }));
  }
  const verdicts = verdictsOf(request);
  if (verdicts.length === 0) {
    throw new Refusal(
      "VerdictUnclear",
      "A verdict is right or wrong. No verdict was kept; choose one.",
    );
  }
  const saved = await judgeSamples(services, { ref, person: person.name, verdicts });
  if (request.wantsJson) return jsonAnswer(200, saved);
  const after = verdicts.at(-1)?.stagedId ?? 0;
  return seeOther(reviewAt(saved.signOff, fieldOf(request, "focus") || null, { after }));
}

/** The number of a row in an address; nothing for anything else. */
function rowIn(value: string | null): number | undefined {
  return value !== null && /^\d{1,15}$/u.test(value) ? Number(value) : undefined;
}
