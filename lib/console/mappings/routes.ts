import { findLookedAt } from "../../evidence/pinned.ts";
import { idOfType, requireOneNearest, stands } from "../../review/mappings/decisions.ts";
import {
  type MappingLine,
  mappingLines,
  placeholderType,
  referenceFor,
  weightsOf,
} from "../../review/mappings/lines.ts";
import {
  mappingOverview,
  signOffsAtStake,
  unlistedStatuses,
} from "../../review/mappings/overview.ts";
import { platformThings } from "../../review/mappings/platform-things.ts";
import { keepDecision } from "../../review/steer/keep-decision.ts";
import { Refusal } from "../../services/errors.ts";
import { at } from "../paths.ts";
import { fieldOf, type PageRequest } from "../request.ts";
import { type PageResponse, seeOther } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { runHead } from "../run-head.ts";
import { overviewPage } from "./overview-page.ts";
import { linesOfPage, mostThings, referencePage } from "./reference-page.ts";

/** Exact ones that are confirmed at once; more are confirmed by pressing again. */
const mostAtOnce = 2_000;

const path = at.mapping(":run", ":reference");
const pathOf = ({ run = "", reference = "" }: Visit["params"]): string =>
  at.mapping(run, reference);

/** Where mappings are settled, whatever a definition maps (R8). */
export const mappingRoutes: readonly Route[] = [
  { verb: "GET", path: at.mappings(":run"), takes: ["legacy_imports.view"], answer: showAll },
  { verb: "GET", path, takes: ["legacy_imports.view"], answer: showOne },
  {
    verb: "POST",
    path,
    takes: ["legacy_imports.review"],
    about: ({ params }) => pathOf(params),
    asks: ({ params: { run = "" } }) => ({ what: "mappings", run }),
    back: pathOf,
    again: ({ request, params }) => pathOf(params) + placeIn(request),
    // What of the platform somebody names is no such thing, or several.
    wrongIn: ({ name }, request) =>
      fieldOf(request, "say") === "other" &&
      ["DecisionMissing", "InputInvalid", "UnknownTarget"].includes(name)
        ? "target"
        : undefined,
    answer: save,
  },
];

async function showAll(visit: Visit): Promise<PageResponse> {
  const db = visit.services.sign;
  const { run, look } = await findLookedAt(db, visit.params.run ?? "");
  const [head, references, statuses] = await Promise.all([
    runHead(visit, run, "mappings"),
    mappingOverview(db, run),
    unlistedStatuses(db, run),
  ]);
  return overviewPage(visit, { head, run, look, references, ...statuses });
}

async function showOne(visit: Visit): Promise<PageResponse> {
  const { services, request, params } = visit;
  const db = services.sign;
  const { run, look, uses, reference } = await asked(visit);
  const { name } = reference;
  const all = request.query.has("all");
  const wanted = request.query.get("from") ?? "";
  const from = /^\d{1,9}$/u.test(wanted) ? Number(wanted) : 0;
  const which = all ? "all" : "open";
  const find = (request.query.get("find") ?? "").trim().slice(0, 100);
  const may = visit.person.permissions.includes("legacy_imports.review") && run.erased_at === null;
  const [head, overviews, found, atStake, things] = await Promise.all([
    runHead(visit, run),
    mappingOverview(db, run),
    mappingLines(db, run, uses, { which, limit: linesOfPage + 1, offset: from }),
    signOffsAtStake(db, run),
    // Only for whoever may say which it is.
    may ? platformThings(db, run, reference, { find, limit: mostThings + 1 }) : [],
  ]);
  const overview = overviews.find((each) => each.name === name);
  if (overview === undefined) throw new Error(`No overview of ${params.reference}`);
  const lines = found.slice(0, linesOfPage);
  const more = found.length > linesOfPage;
  const byName = reference.type === null;
  const weights = weightsOf(uses);
  const placeholder = placeholderType(run, reference);
  const view = {
    head,
    run,
    look,
    byName,
    placeholder,
    weights,
    overview,
    all,
    from,
    lines,
    more,
    atStake,
    things: things.slice(0, mostThings),
    find,
    moreThings: things.length > mostThings,
  };
  return referencePage(visit, view);
}

/** The run, and the reference that the address names, as it was stored with the run. Errors: `NoMappings`. */
async function asked({ services, params }: Visit) {
  const { run, look } = await findLookedAt(services.sign, params.run ?? "");
  return { run, look, ...referenceFor(run, look, params.reference ?? "") };
}

type Asked = Awaited<ReturnType<typeof asked>>;

/** Keeps what a person says, through the very function that a terminal asks. */
async function save(visit: Visit): Promise<PageResponse> {
  const { services, person, request } = visit;
  const about = await asked(visit);
  const { run, reference } = about;
  const decisions = await decisionsIn(visit, about);
  await keepDecision(services, person.name, {
    decide: "mappings",
    run: run.id,
    reference: reference.name,
    decisions,
  });
  return seeOther(at.mapping(run.reference, reference.name) + placeIn(request));
}

/** Where in the list somebody was: a line that is decided about goes, and the next one stands in its place. */
function placeIn(request: PageRequest): string {
  const number = (name: string) => /^\d{1,9}$/u.exec(fieldOf(request, name))?.[0];
  const [from, line] = [number("from"), number("line")];
  const query = new URLSearchParams({
    ...(fieldOf(request, "all") === "1" ? { all: "1" } : {}),
    ...(from === undefined ? {} : { from }),
  });
  return `${query.size === 0 ? "" : `?${query}`}${line === undefined ? "" : `#line-${line}`}`;
}

type Decisions = Extract<Parameters<typeof keepDecision>[2], { decide: "mappings" }>["decisions"];

async function decisionsIn(
  { services: { sign: db }, request }: Visit,
  { run, uses, reference }: Asked,
): Promise<Decisions> {
  const id = fieldOf(request, "id").trim();
  const field = { confirm: "shown", other: "target" }[fieldOf(request, "say")] ?? "";
  const target = fieldOf(request, field).trim();
  const seen = request.form.get("seen")?.[0]?.slice(0, 2_000);
  switch (fieldOf(request, "say")) {
    case "exact": {
      const exact = await mappingLines(db, run, uses, {
        which: "exact",
        limit: mostAtOnce,
      });
      const decisions = exact.flatMap(confirmed);
      if (decisions.length > 0) return decisions;
      break;
    }
    case "confirm":
      // What was seen is confirmed, and never what has been suggested since; of several as near, none.
      if (id === "" || target === "") break;
      if (reference.kind === "by_name") {
        const known = idOfType(reference.legacyType)(id);
        if (known !== undefined) await requireOneNearest(db, run, reference, known);
      }
      return [{ id, confirm: true, target, seen }];
    case "other":
      if (id !== "" && target !== "") return [{ id, confirm: true, target, seen }];
      break;
    case "reject":
      if (id !== "") return [{ id, reject: true, seen }];
  }
  throw new Refusal(
    "DecisionMissing",
    "A decision about a mapping is to confirm it, to name another thing of the platform, or to reject it. Nothing was written; choose one.",
  );
}

const confirmed = (line: MappingLine): Decisions =>
  line.target === null
    ? []
    : [{ id: line.id, confirm: true, target: line.target, seen: stands(line) }];
