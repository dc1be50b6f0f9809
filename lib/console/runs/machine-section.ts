import { type Html, html, nothing } from "../html.ts";
import { machinePicture } from "../machine/picture.ts";
import { at } from "../paths.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";
import { instant } from "../words.ts";
import { type Shown, stepOf } from "./steps.ts";
import type { RunView } from "./view.ts";

/** The state machine with the current step, and what happened in one of its steps. */
export function machineSection({ texts }: Visit, { run, watched, step }: RunView): Html {
  if (watched === undefined) {
    return html`<section aria-labelledby="machine"><h2 id="machine">${texts.workflow}</h2><p class="soft">${texts.workflowAway}</p></section>`;
  }
  // What failed says more than where an execution ends then.
  const chosen = step ?? (watched.failure?.step || watched.current);
  const linkTo = (state: string) => `${at.run(run.reference)}?step=${state}#step`;
  const says =
    watched.current === undefined
      ? texts.machine
      : `${watched.alive ? texts.nowAt : texts.lastAt}${texts.colon} ${texts.stepNamed(watched.current)}`;
  return html`<section aria-labelledby="machine"><h2 id="machine">${texts.workflow}</h2>
<details${step !== undefined && html` open`}><summary>${says}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${texts.picture}">${machinePicture(watched, { title: texts.workflow, linkTo, called: texts.stepNamed, onward: texts.stepGoesOn })}</div></details>
${chosen === undefined ? html`<p class="soft">${texts.noSteps}</p>` : stepPart(texts, chosen, stepOf(watched, chosen), !watched.alive)}</section>`;
}

function stepPart(
  texts: Visit["texts"],
  name: string,
  step: ReturnType<typeof stepOf>,
  over: boolean,
): Html {
  const heading = html`<h3 id="step">${texts.stepNamed(name).replace(/^./u, (first) => first.toUpperCase())}</h3>`;
  if (step === undefined) return html`${heading}<p class="soft">${texts.stepNotSeen}</p>`;
  const lines = step.events.map(
    ({ at: when, type, error }) =>
      html`<tr><td data-label="${texts.at}">${instant(when)}</td><td data-label="${texts.event}">${texts.stepHappened(type)}</td><td data-label="${texts.error}">${error !== undefined && html`<code>${error}</code>`}</td></tr>`,
  );
  const [begun] = step.events;
  const failed = step.events.findLast(
    // A rollback that spared rows did what it may.
    ({ error }) => error !== undefined && error !== "RollbackConflicts",
  );
  const took =
    step.seconds === undefined ? undefined : texts.seconds(Math.max(0, Math.round(step.seconds)));
  return html`${heading}
${begun !== undefined && html`<p>${texts.stepTook(instant(begun.at), took, over)}${failed !== undefined && html` ${texts.stepFailed} <code>${failed.error}</code>`}</p>`}
${values(texts.stepInput, step.input, texts)}${values(texts.stepOutput, step.output, texts)}
<details><summary>${texts.stepEvents}</summary><table class="rows"><thead><tr><th scope="col">${texts.at}</th><th scope="col">${texts.event}</th><th scope="col">${texts.error}</th></tr></thead><tbody>${lines}</tbody></table></details>`;
}

/** Ids, counts and digests by what they are called; that they came as JSON is nobody's concern. */
function values(title: string, found: readonly Shown[] | undefined, texts: Visit["texts"]): Html {
  if (found === undefined || found.length === 0) return nothing;
  return html`<details><summary>${title}</summary><table class="rows"><thead><tr><th scope="col">${texts.field}</th><th scope="col">${texts.value}</th></tr></thead><tbody>${found.map(
    ([path, value]) =>
      html`<tr><th scope="row"><code>${path}</code></th><td data-label="${texts.value}">${typeof value === "boolean" ? (value ? texts.itemHolds : texts.holdsNot) : text(value ?? "–")}</td></tr>`,
  )}</tbody></table></details>`;
}
