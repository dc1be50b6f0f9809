import type { Run } from "../../data/runs.ts";
import type { Feature } from "../../define/feature.ts";
import type { TurnedFeature } from "../../review/steer/features.ts";
import { visitorPage } from "../around.ts";
import { type Html, html } from "../html.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import type { Visit } from "../route.ts";
import { ofRun } from "../said.ts";
import { described, keptIn, sentBy, wrongAt } from "../sent.ts";

interface FeaturesView {
  /** What stands above each page of the run. */
  readonly head: Html;
  readonly run: Run;
  /** Of every feature that was ever turned. */
  readonly states: readonly TurnedFeature[];
  /** Whether the run is verified, so that one may be turned on. */
  readonly verified: boolean;
}

/** Each feature of a run's definition: what people get, for whom it is on, and the form for whoever may decide. */
export function featuresPage(
  visitor: Visit,
  { head, run, states, verified }: FeaturesView,
): PageResponse {
  const visit = ofRun(visitor, run.definition);
  const { texts, person } = visit;
  const title = texts.featuresOf(run.reference);
  const may = person.permissions.includes("legacy_imports.commit");
  const parts = (run.definition.features ?? []).map((feature) => {
    const state = states.find((each) => each.feature === feature.name);
    return one(visit, { run, feature, state, may, verified });
  });
  return visitorPage(
    visit,
    { title },
    html`<section><h1>${title}</h1>
${head}<p>${texts.featuresSay}</p></section>
${parts.length === 0 ? html`<section><p>${texts.noFeatures}</p></section>` : parts}`,
  );
}

interface One {
  readonly run: Run;
  readonly feature: Feature;
  readonly state: TurnedFeature | undefined;
  readonly may: boolean;
  readonly verified: boolean;
}

function one(visit: Visit, { run, feature: { name, says }, state, may, verified }: One): Html {
  const { texts, said } = visit;
  const on = state !== undefined && state.percentage > 0;
  const standing = on
    ? texts.featureOn(state.percentage, state.segments.join(", "))
    : texts.featureOff;
  return html`<section aria-labelledby="feature-${name}"><h2 id="feature-${name}">${said(says)}</h2>
<p><span class="mark${on && " good"}">${standing}</span> <span class="soft small">${name}</span></p>
${!verified && html`<p class="soft">${texts.featureNotVerified}</p>`}
${may && (verified || on) && form(visit, { run, name, state, on, verified })}</section>`;
}

function form(
  visit: Visit,
  {
    run,
    name,
    state,
    on,
    verified,
  }: Pick<One, "run" | "state" | "verified"> & { name: string; on: boolean },
): Html {
  const { texts, tokenFor } = visit;
  const path = at.features(run.reference);
  const sent = sentBy(visit, path, { feature: name });
  const percentage = on ? (state?.percentage ?? 100) : 100;
  return html`<form method="post" action="${path}"><input type="hidden" name="csrf" value="${tokenFor(path)}"><input type="hidden" name="feature" value="${name}"><input type="hidden" name="seen" value="${state?.stands ?? ""}">
${
  verified &&
  html`<label class="field" for="percentage-${name}">${texts.featurePercentage}</label>
${wrongAt(visit, sent, "percentage")}<p><input id="percentage-${name}" name="percentage" type="text" inputmode="numeric" pattern="[0-9]{1,3}" size="4" required value="${keptIn(sent, "percentage", String(percentage))}"${described(sent, "percentage")}> %</p>
<label class="field" for="segments-${name}">${texts.featureSegments}</label>
${wrongAt(visit, sent, "segments")}<textarea id="segments-${name}" name="segments" rows="3"${described(sent, "segments")}>${keptIn(sent, "segments", state?.segments.join("\n"))}</textarea>`
}
<div class="buttons">${verified && html`<button class="main" type="submit" name="turn" value="on">${texts.featureSave}</button>`}${on && html` <button class="bad" type="submit" name="turn" value="off">${texts.featureTurnOff}</button>`}</div></form>`;
}
