import { findRun } from "../../data/runs.ts";
import { exported, exportsTake, takeFile } from "../../review/exports/exports.ts";
import { Refusal } from "../../services/errors.ts";
import { at } from "../paths.ts";
import { fieldOf } from "../request.ts";
import { jsonAnswer, type PageResponse } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { runHead } from "../run-head.ts";
import { exportPage, takenPage } from "./page.ts";

const path = at.exported(":run", ":digest");
const pathOf = ({ run = "", digest = "" }: Visit["params"]): string => at.exported(run, digest);

/** What was exported of a run, and its files, for those who have no way to the evidence of their own (R10). */
export const exportRoutes: readonly Route[] = [
  { verb: "GET", path, takes: exportsTake, answer: show },
  {
    verb: "POST",
    path,
    takes: exportsTake,
    about: ({ params }) => pathOf(params),
    asks: ({ params: { run = "" } }) => ({ what: "download", run }),
    back: pathOf,
    answer: take,
  },
];

async function show(visit: Visit): Promise<PageResponse> {
  const { services, params } = visit;
  const run = await findRun(services.sign, params.run ?? "");
  const [head, found] = await Promise.all([
    runHead(visit, run),
    exported(services, run, params.digest ?? ""),
  ]);
  return exportPage(visit, { head, run }, found);
}

/**
 * An answer of a function ends at 6 MB, and an export of a million rows does not: the page gives an address of the
 * file itself, which is good for a minute.
 */
async function take(visit: Visit): Promise<PageResponse> {
  const { services, params, request, person } = visit;
  const run = await findRun(services.sign, params.run ?? "");
  const name = fieldOf(request, "file");
  if (name === "") {
    throw new Refusal("InputInvalid", "No file was named. Nothing was downloaded; choose one.");
  }
  const wanted = { digest: params.digest ?? "", name, person: person.name };
  const taken = await takeFile(services, run, wanted);
  return request.wantsJson
    ? jsonAnswer(200, taken)
    : takenPage(visit, taken, at.exported(run.reference, wanted.digest));
}
