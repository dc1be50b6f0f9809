import { type Html, html, nothing } from "../html.ts";
import { machinePicture } from "../machine/picture.ts";
import { at } from "../paths.ts";
import type { Visit } from "../route.ts";
import { moment } from "../words.ts";
import { stepOf } from "./steps.ts";
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
      : `${watched.alive ? texts.nowAt : texts.lastAt}${texts.colon} ${watched.current}`;
  return html`<section aria-labelledby="machine"><h2 id="machine">${texts.workflow}</h2>
<details${step !== undefined && html` open`}><summary>${says}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="${texts.picture}">${machinePicture(watched, { title: texts.workflow, linkTo })}</div></details>
${chosen === undefined ? html`<p class="soft">${texts.noSteps}</p>` : stepPart(texts, chosen, stepOf(watched, chosen))}</section>`;
}

function stepPart(texts: Visit["texts"], name: string, step: ReturnType<typeof stepOf>): Html {
  if (step === undefined) {
    return html`<h3 id="step">${name}</h3><p class="soft">${texts.stepNotSeen}</p>`;
  }
  const lines = step.events.map(
    ({ at: when, type, error }) =>
      html`<tr><td>${moment(when)}</td><td>${type}</td><td>${error ?? ""}</td></tr>`,
  );
  return html`<h3 id="step">${name}</h3>
<details><summary>${texts.stepEvents}</summary><table class="wide"><thead><tr><th scope="col">${texts.at}</th><th scope="col">${texts.event}</th><th scope="col">${texts.error}</th></tr></thead><tbody>${lines}</tbody></table></details>
${json(texts.stepInput, step.input)}${json(texts.stepOutput, step.output)}`;
}

const json = (title: string, value: string | undefined): Html =>
  value === undefined
    ? nothing
    : html`<details><summary>${title}</summary><pre class="code" tabindex="0">${value}</pre></details>`;
