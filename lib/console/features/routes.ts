import { findRun } from "../../data/runs.ts";
import { featuresTurned, isVerified } from "../../review/steer/features.ts";
import { keepDecision } from "../../review/steer/keep-decision.ts";
import { Refusal } from "../../services/errors.ts";
import { at } from "../paths.ts";
import { fieldOf, type PageRequest } from "../request.ts";
import { type PageResponse, seeOther } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { runHead } from "../run-head.ts";
import { featuresPage } from "./page.ts";

const path = at.features(":run");
const pathOf = ({ run = "" }: Visit["params"]): string => at.features(run);

/** What people get only after a verified run, and how far it is turned on (C6). */
export const featureRoutes: readonly Route[] = [
  { verb: "GET", path, takes: ["legacy_imports.view"], answer: show },
  {
    verb: "POST",
    path,
    takes: ["legacy_imports.commit"],
    about: ({ params }) => pathOf(params),
    asks: ({ params: { run = "" } }) => ({ what: "feature", run }),
    back: pathOf,
    wrongIn: ({ name }, request) =>
      name !== "InputInvalid" ? undefined : isPercentage(request) ? "segments" : "percentage",
    answer: turn,
  },
];

async function show(visit: Visit): Promise<PageResponse> {
  const { sign } = visit.services;
  const run = await findRun(sign, visit.params.run ?? "");
  const [head, states, verified] = await Promise.all([
    runHead(visit, run, "features"),
    featuresTurned(sign),
    isVerified(sign, run),
  ]);
  return featuresPage(visit, { head, run, states, verified });
}

async function turn({ services, request, params, person }: Visit): Promise<PageResponse> {
  const run = await findRun(services.sign, params.run ?? "");
  await keepDecision(services, person.name, {
    decide: "feature",
    run: run.id,
    feature: fieldOf(request, "feature").slice(0, 100),
    seen: fieldOf(request, "seen").slice(0, 5_000),
    ...wanted(request),
  });
  return seeOther(at.features(run.reference));
}

/** How far it is to be turned on. Errors: `InputInvalid`. */
function wanted(request: PageRequest): { percentage: number; segments: string[] } {
  if (fieldOf(request, "turn") === "off") return { percentage: 0, segments: [] };
  const percentage = fieldOf(request, "percentage").trim();
  const segments = fieldOf(request, "segments")
    .split(/[\r\n]+/u)
    .map((each) => each.trim())
    .filter((each) => each !== "");
  if (
    isPercentage(request) &&
    segments.length <= 20 &&
    segments.every(({ length }) => length <= 100)
  ) {
    return { percentage: Number(percentage), segments };
  }
  throw new Refusal(
    "InputInvalid",
    "A feature is turned on for a whole percentage from 0 to 100, in at most 20 segments. Nothing was changed.",
  );
}

function isPercentage(request: PageRequest): boolean {
  const percentage = fieldOf(request, "percentage").trim();
  return /^\d{1,3}$/u.test(percentage) && Number(percentage) <= 100;
}
