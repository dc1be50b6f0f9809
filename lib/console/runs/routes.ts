import { findRun } from "../../data/runs.ts";
import { findLookedAt, leftBeside } from "../../evidence/pinned.ts";
import { atWorkOn } from "../../review/people/acts.ts";
import { questionsOf } from "../../review/samples/questions.ts";
import { tellDecided } from "../../review/sign-off/tell.ts";
import { beginAlone, wasBegun } from "../../review/steer/begin-alone.ts";
import { entriesOf } from "../../review/steer/control.ts";
import { laterRuns, listRuns } from "../../review/steer/run-list.ts";
import { runStanding } from "../../review/steer/run-standing.ts";
import { StartRequest } from "../../review/steer/start-execution.ts";
import { RunId } from "../../services/inputs.ts";
import { keptPreviews } from "../../stages/preview-rollback.ts";
import { openWaves } from "../../stages/undo/undo-wave.ts";
import { goNoGo } from "../../stages/wave/go-no-go.ts";
import { around } from "../around.ts";
import { seenIn } from "../once.ts";
import { messagePage } from "../page.ts";
import { at } from "../paths.ts";
import { type PageResponse, seeOther } from "../response.ts";
import type { Route, Visit } from "../route.ts";
import { runHead } from "../run-head.ts";
import { actRoutes, waveAhead } from "./acts.ts";
import { runListPage, statuses } from "./list-page.ts";
import { rollbackPage } from "./rollback-page.ts";
import { runPage } from "./run-page.ts";
import { seemsAlive, watchedOf } from "./steps.ts";

/** Seconds after which a run that is being started is looked for again. */
const askAgain = 3;

/** Runs of one page of the list. */
const runsOfPage = 20;

const rollbackRoute = (path: string, preview: boolean): Route => ({
  verb: "POST",
  path,
  takes: ["legacy_imports.rollback"],
  about: ({ params: { run = "" } }) => at.rollback(run) + (preview ? "/preview" : ""),
  asks: ({ params: { run = "" } }) => ({ what: preview ? "rollback-preview" : "rollback", run }),
  back: ({ run = "" }) => at.rollback(run),
  answer: (visit) => rollBack(visit, preview),
});

/** The list of runs, one run, and what is done about it. */
export const runRoutes: readonly Route[] = [
  { verb: "GET", path: at.runs, takes: ["legacy_imports.view"], answer: showList },
  { verb: "GET", path: at.run(":run"), takes: ["legacy_imports.view"], answer: showRun },
  ...actRoutes,
  {
    verb: "GET",
    path: at.rollback(":run"),
    takes: ["legacy_imports.rollback"],
    answer: showRollback,
  },
  rollbackRoute(at.rollback(":run"), false),
  rollbackRoute(`${at.rollback(":run")}/preview`, true),
];

async function showList(visit: Visit): Promise<PageResponse> {
  const { services, request } = visit;
  const asked = (name: string) => request.query.get(name) || undefined;
  const status = statuses.find((each) => each === asked("status"));
  const migrations = Object.keys(services.migrations);
  const migration = migrations.find((each) => each === asked("migration"));
  const filter = { status, migration, before: asked("before") };
  const since = asked("since");
  if (since !== undefined)
    filter.before = await laterRuns(services.sign, { ...filter, before: since }, runsOfPage);
  const [found, underWay] = await Promise.all([
    listRuns(services.sign, filter, runsOfPage + 1, services.clock()),
    services.workflow.underWay().catch(() => undefined),
  ]);
  const runs = found.slice(0, runsOfPage).map((run) => {
    const doing = underWay && atWorkOn(underWay, run.id)?.doing;
    return { ...run, doing, alive: underWay ? doing !== undefined : seemsAlive(run) };
  });
  const next = found.length > runsOfPage ? runs.at(-1)?.reference : undefined;
  return runListPage(visit, { runs, filter, next, migrations });
}

async function showRun(visit: Visit): Promise<PageResponse> {
  const { services, request, params } = visit;
  const db = services.sign;
  // Before anything that is shown, so that what comes meanwhile counts as not seen.
  const entries = await entriesOf(db, params.run ?? "");
  const found = await findLookedAt(db, params.run ?? "").catch((error: Error) => error);
  if (found instanceof Error) return startingPage(visit, found);
  const { run, look } = found;
  // An answer that was stored and never told, as whoever told it was cut off, is told by whoever comes by (W3).
  if (run.status === "waiting") await tellDecided(services, run.id);
  const [standing, list, { length: questions }] = await Promise.all([
    runStanding(db, run, services.clock()),
    goNoGo(db, run.id),
    questionsOf(db, run.id, { open: true }),
  ]);
  const watched = await watchedOf(services, run, standing.begun);
  const wanted = request.query.get("step") ?? "";
  const step = watched && Object.hasOwn(watched.definition.States, wanted) ? wanted : undefined;
  const alive = watched?.alive ?? seemsAlive(run);
  const about = { run, look, standing, questions, goNoGo: list, watched, alive, step, entries };
  return runPage(visit, { ...about, waveAhead: await waveAhead(services, run, alive) });
}

/** A run that was asked for is no row before its first check: until then its page says so, and asks again. */
async function startingPage(visit: Visit, error: Error): Promise<PageResponse> {
  const { services, params, texts } = visit;
  const id = RunId.safeParse(params.run);
  const begun =
    error.name === "UnknownRun" &&
    id.success &&
    (await services.workflow.underWay()).some(({ name }) => name.startsWith(id.data));
  if (!begun) throw error;
  const about = { ...around(visit), title: texts.starting, kind: "good", again: askAgain } as const;
  return messagePage(200, about, texts.startingSays);
}

async function showRollback(visit: Visit): Promise<PageResponse> {
  const { services, params } = visit;
  const db = services.sign;
  // Before anything that is shown, so that what comes meanwhile counts as not seen.
  const entries = await entriesOf(db, params.run ?? "");
  const run = await findRun(db, params.run ?? "");
  const [head, waves, open, underWay] = await Promise.all([
    runHead(visit, run),
    keptPreviews(db, run.id, 1),
    openWaves(db, run.id, 1),
    services.workflow.underWay().catch(() => []),
  ]);
  const takesBack = atWorkOn(underWay, run.id)?.doing === "rollback";
  const looks = underWay.some(({ name }) => name.startsWith(`${run.id}-preview-`));
  const doing = takesBack ? "taking_back" : looks ? "looking" : undefined;
  const beside = leftBeside(run);
  return rollbackPage(visit, { head, run, open, waves, entries, beside, doing });
}

/** Starts the rollback, or the look at what it would do, in an execution of its own for this person. */
async function rollBack(visit: Visit, preview: boolean): Promise<PageResponse> {
  const { services, person, params } = visit;
  const run = await findRun(services.sign, params.run ?? "");
  const input = preview ? { run: run.id, toWave: 1, preview: true } : { run: run.id };
  const about = preview ? "preview" : "rollback";
  const asked = StartRequest.parse({ machine: "rollback", about, input });
  const asks = { person: person.name, run, seen: seenIn(visit.request) };
  if (!(await wasBegun(services, asks, about))) await beginAlone(services, asks, asked);
  return seeOther(preview ? at.rollback(run.reference) : at.run(run.reference));
}
