import type { Decided } from "../../review/sign-off/decide.ts";
import { around, type For } from "../around.ts";
import { html } from "../html.ts";
import { messagePage } from "../page.ts";
import { at } from "../paths.ts";
import type { PageResponse } from "../response.ts";
import { facts, text } from "../tables.ts";
import { moment } from "../words.ts";

/** What a person sees after deciding: what comes next, and a receipt to print. */
export function decidedPage(visit: For, decided: Decided): PageResponse {
  const { texts } = visit;
  const { gate, reference, told, signOff, digest, by, comment } = decided;
  const decision = decided.changes ? "changes" : decided.decision;
  const title = {
    approved: texts.approvedTitle,
    rejected: texts.rejectedTitle,
    changes: texts.changesTitle,
  }[decision];
  const approved = decision === "approved";
  const { control } = decided;
  const next =
    approved && control !== "run"
      ? texts.toldOtherwise[control]
      : (approved ? texts.toldApproved : texts.toldRejected)[told];
  return messagePage(
    200,
    { title, ...around(visit), kind: approved ? "good" : "warn" },
    html`${texts.youDecided(decision, texts.gateNamed(gate))} <strong>${reference}</strong>. ${next}`,
    html`<h2>${texts.receipt}</h2>
${facts([
  [texts.run, html`<strong>${reference}</strong>`],
  [texts.question, texts.mayIt(gate)],
  [texts.decision, html`<strong>${title}</strong>`],
  [texts.decidedBy, html`${text(by)}, ${moment(decided.at)}`],
  [texts.comment, comment === null || comment === "" ? "–" : text(comment)],
  [texts.signedDigest, html`<code>${digest}</code>`],
  [texts.signOffId, html`<code>${signOff}</code>`],
])}
<p class="soft small">${texts.receiptSays}</p>
<p class="ways"><a href="${at.signOff(signOff)}">${texts.openAgain}</a></p>`,
  );
}
