import { isOverTrial, type Run } from "../../data/runs.ts";
import type { RunStanding } from "../../review/steer/run-standing.ts";
import { type Stage, stageOrder } from "../../stages/run/opened-run.ts";
import { type Html, html } from "../html.ts";
import type { Visit } from "../route.ts";

/** What a run comes through, in this order. */
const phases = ["check", "read", "judge", "show", "sign", "write", "prove"] as const;
type Phase = (typeof phases)[number];

/** The phase that a finished stage opens. */
const after: Readonly<Record<Stage, Phase>> = {
  preflight: "read",
  import: "judge",
  validate: "judge",
  classify: "judge",
  match: "show",
  "dry-run": "show",
  "export-review": "sign",
};

/** What decides how far a run is. */
type Stands = Pick<RunStanding, "balance" | "signOffs">;

/** How far a run is: the phase that it is in, or undefined of one that came through all of them. */
function phaseOf(run: Run, { balance, signOffs }: Stands): Phase | undefined {
  if (run.status === "completed" || isOverTrial(run)) return undefined;
  const stage = stageOrder.find((each) => each === run.stage) ?? "preflight";
  // A run stands at its first checks from its beginning on, whatever came of them.
  if (stage === "preflight" && run.preflight.passed !== true) return "check";
  if (stage !== "export-review") return after[stage];
  if (run.status === "rolled_back") return "write";
  if (signOffs.at(-1)?.status !== "approved") return "sign";
  return balance.committed + balance.linked > 0 && balance.pending === 0 ? "prove" : "write";
}

/** Where a run is on its way, at a glance; what it waits for is said in words beside it. */
export function phasesLine({ texts }: Pick<Visit, "texts">, run: Run, stands: Stands): Html {
  const way = run.trial === null ? phases : phases.slice(0, phases.indexOf("sign"));
  const now = phaseOf(run, stands);
  const reached = now === undefined ? way.length : way.indexOf(now);
  const back = run.status === "rolled_back";
  const stopped = back || run.status === "halted" || run.status === "stopped";
  const steps = way.map((phase, index) => {
    const called = back && phase === "write" ? texts.phaseTakenBack : texts.phases[phase];
    if (index < reached)
      return html`<li class="done"><span class="unseen">${texts.phaseDone}</span>${called}</li>`;
    if (index > reached) return html`<li>${called}</li>`;
    return html`<li class="${stopped ? "now stopped" : "now"}" aria-current="step">${called}</li>`;
  });
  return html`<ol class="phases" aria-label="${texts.phasesOf}">${steps}</ol>`;
}
