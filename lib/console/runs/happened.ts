import { IMPORT_STATES } from "../../evidence/balance.ts";
import type { RunStanding } from "../../review/steer/run-standing.ts";
import type { SignOffLine } from "../../review/steer/standing.ts";
import { formatsIn } from "../../speech/formats.ts";
import { bar } from "../bars.ts";
import { voidSaid } from "../because.ts";
import { type Html, html, nothing } from "../html.ts";
import { at } from "../paths.ts";
import type { Visit } from "../route.ts";
import { text } from "../tables.ts";
import { moment } from "../words.ts";

/** Where every staged row stands (W6), as a bar and in numbers. */
export function balanceSection({ texts, language }: Visit, standing: RunStanding): Html {
  const { balance } = standing;
  if (balance.staged === 0) return nothing;
  const { count, percent } = formatsIn[language];
  const lines = IMPORT_STATES.filter((state) => balance[state] > 0).map(
    (
      state,
    ) => html`<tr><th scope="row"><span class="key ${state}"></span> ${texts.states[state]}</th>
<td class="number">${count(balance[state])}</td><td class="number soft">${percent(balance[state] / balance.staged)}</td></tr>`,
  );
  return html`<section aria-labelledby="balance"><h2 id="balance">${texts.balance}</h2>
${bar(
  IMPORT_STATES.filter((state) => state !== "pending").map((kind) => ({
    kind,
    value: balance[kind],
  })),
  balance.staged,
)}
<table><thead><tr><th scope="col">${texts.stands}</th><th scope="col" class="number">${texts.rows}</th><th scope="col" class="number">${texts.share}</th></tr></thead><tbody>${lines}</tbody></table>
<p class="${balance.holds ? "soft" : "note bad"}">${balance.holds ? texts.balanceHolds : texts.balanceBroken}</p></section>`;
}

/** Waves of a long run: the last ones; all of them stand in the audit bundle. */
const mostWaves = 12;

/** The waves with size, verdict and how long each took. */
export function wavesSection({ texts, language, named }: Visit, { waves }: RunStanding): Html {
  const { count } = formatsIn[language];
  const shown = waves.slice(-mostWaves).toReversed();
  const lines = shown.map(
    ({
      wave,
      round,
      status,
      clean,
      counts,
      seconds,
    }) => html`<tr><th scope="row" data-label="${texts.wave}">${count(wave)}${round > 1 && html` <span class="soft">${texts.roundOf(round)}</span>`}</th>
<td data-label="${texts.status}">${named(status)}${status === "rolled_back" && counts.rolledBack !== undefined && html`<br><span class="soft small">${texts.takenBackOf(counts.rolledBack)}</span>`}</td><td class="number" data-label="${texts.states.committed}">${count(counts.committed ?? 0)}</td><td class="number" data-label="${texts.states.linked}">${count(counts.linked ?? 0)}</td>
<td data-label="${texts.verdict}">${verdict(clean, texts)}</td><td class="number" data-label="${texts.took}">${seconds === null ? "–" : texts.seconds(Math.max(0, Math.round(seconds)))}</td></tr>`,
  );
  return html`<section aria-labelledby="waves"><h2 id="waves">${texts.waves}</h2>
${
  waves.length === 0
    ? html`<p class="soft">${texts.noWaves}</p>`
    : html`<table class="rows"><thead><tr><th scope="col">${texts.wave}</th><th scope="col">${texts.status}</th><th scope="col" class="number">${texts.states.committed}</th><th scope="col" class="number">${texts.states.linked}</th><th scope="col">${texts.verdict}</th><th scope="col" class="number">${texts.took}</th></tr></thead><tbody>${lines}</tbody></table>
${waves.length > shown.length && html`<p class="soft small">${texts.lastOf(shown.length, waves.length)}</p>`}`
}</section>`;
}

function verdict(clean: boolean | null, texts: Visit["texts"]): Html {
  if (clean === null) return html`<span class="soft">${texts.notJudged}</span>`;
  return clean
    ? html`<span class="mark good">${texts.clean}</span>`
    : html`<span class="mark bad">${texts.notClean}</span>`;
}

/** Why a sign-off is void, its comment, and who took a stop condition upon them. */
function remark(visit: Pick<Visit, "texts" | "said">, signOff: SignOffLine): Html {
  const { void_because: voided, comment, override_by: by, override_reason: why } = signOff;
  const says = [
    ...(voided === null ? [] : [voidSaid(visit, voided)]),
    ...(comment ? [visit.texts.remarked(signOff.decided_by ?? "", comment)] : []),
    ...(by === null ? [] : [visit.texts.tookUpon(by, why ?? "")]),
  ];
  // On a phone nothing has no label either.
  return says.length === 0 ? nothing : text(says.join(visit.texts.semicolon));
}

/** Who was asked for what, and what they said. */
export function signOffsSection({ texts, said }: Visit, { signOffs }: RunStanding): Html {
  const shown = signOffs.slice(-mostWaves).toReversed();
  const lines = shown.map(
    (
      signOff,
    ) => html`<tr><th scope="row"><a href="${at.signOff(signOff.id)}">${texts.gateNamed(signOff.gate)}</a></th>
<td data-label="${texts.status}">${texts.answers[signOff.changes_asked ? "changes" : signOff.status] ?? signOff.status}</td><td data-label="${texts.asked}">${moment(signOff.asked_at)}</td><td data-label="${texts.decidedBy}">${signOff.decided_by === null ? "–" : text(signOff.decided_by)}</td><td data-label="${texts.remark}">${remark({ texts, said }, signOff)}</td></tr>`,
  );
  return html`<section aria-labelledby="sign-offs"><h2 id="sign-offs">${texts.signOffs}</h2>
${
  signOffs.length === 0
    ? html`<p class="soft">${texts.noSignOffs}</p>`
    : html`<table class="wide rows"><thead><tr><th scope="col">${texts.question}</th><th scope="col">${texts.status}</th><th scope="col">${texts.asked}</th><th scope="col">${texts.decidedBy}</th><th scope="col">${texts.remark}</th></tr></thead><tbody>${lines}</tbody></table>`
}</section>`;
}
