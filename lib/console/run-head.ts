import type { Run } from "../data/runs.ts";
import { sayable } from "../evidence/contacts.ts";
import { begunLast } from "../review/steer/run-standing.ts";
import type { Services } from "../services/services.ts";
import type { Because } from "../speech/refused.ts";
import { because } from "./because.ts";
import { type Html, html } from "./html.ts";
import { describeFault } from "./noted.ts";
import { at } from "./paths.ts";
import type { Visit } from "./route.ts";
import { stepsOf } from "./runs/steps.ts";

/** The pages that each run has. */
type RunPlace = "run" | "rows" | "held" | "mappings" | "questions" | "features" | "audit";

/**
 * What stands above each page of a run but its own: the ways to the others, and that it is halted or what was begun last
 * failed, with why, wherever its person is by then.
 */
export async function runHead(
  visit: Pick<Visit, "services" | "texts" | "language">,
  run: Run,
  here?: RunPlace,
): Promise<Html> {
  return html`${runWays(visit, run, here)}<div data-live="failed">${await failedNote(visit, run)}</div>`;
}

/** That its run is halted, or that what was begun last failed, with why and where to go on from there. */
export async function failedNote(
  { services, texts, language }: Pick<Visit, "services" | "texts" | "language">,
  run: Run,
): Promise<Html | undefined> {
  if (run.status === "halted" && run.halted_because !== null) {
    return html`<p class="note warn" data-says>${texts.isHalted} ${because({ texts, language }, sayable(run.halted_because))} <a href="${at.run(run.reference)}">${texts.whatMayBeDone}</a></p>`;
  }
  const failure = await lastFailure(services, run);
  if (failure === undefined) return undefined;
  return html`<p class="note warn" data-says>${texts.failedLately} ${because({ texts, language }, sayable(failure))} <a href="${at.run(run.reference)}#machine">${texts.whereItFailed}</a></p>`;
}

/** The ways to the pages of a run; the one that is open is no way. */
export function runWays({ texts }: Pick<Visit, "texts">, run: Run, here?: RunPlace): Html {
  const { reference } = run;
  const ways = [
    ["run", at.run(reference), reference],
    ["rows", at.rows(reference), texts.rows],
    ["held", at.held(reference), texts.heldRows],
    ["mappings", at.mappings(reference), texts.mappings],
    ["questions", at.questions(reference), texts.questions],
    ...((run.definition.features ?? []).length > 0
      ? ([["features", at.features(reference), texts.features]] as const)
      : []),
    ["audit", at.audit(reference), texts.audit],
  ] as const;
  return html`<nav class="tabs" aria-label="${texts.pagesOfRun}">${ways.map(
    ([name, to, says]) =>
      html`<a href="${to}"${name === "run" && html` class="whole"`}${name === here && html` aria-current="page"`}>${says}</a> `,
  )}</nav>`;
}

/** How what was begun last ended, where it failed: its last event tells, whatever it was. */
async function lastFailure(
  { sign, workflow }: Pick<Services, "sign" | "workflow">,
  run: Run,
): Promise<Because | undefined> {
  if (run.status === "halted") return undefined;
  try {
    const [last] = await begunLast(sign, run.id);
    if (last?.name === undefined) return undefined;
    const { machine, name } = last;
    const [end] = await stepsOf(workflow, workflow.arnOf({ machine, name }), 1);
    // A rollback that spared rows did what it may.
    return end?.because?.error === "RollbackConflicts" ? undefined : end?.because;
  } catch (error) {
    // A workflow that is away keeps nobody from a page.
    console.error(`console: the workflow could not be asked: ${describeFault(error)}`);
    return undefined;
  }
}
