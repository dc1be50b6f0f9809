import type { Decided } from "../../review/decide.ts";
import { gateSays } from "../../review/sign-off-store.ts";
import { around, type For } from "../around.ts";
import { html } from "../html.ts";
import { messagePage } from "../page.ts";
import type { PageResponse } from "../response.ts";

const next: Readonly<Record<Decided["told"], string>> = {
  told: "The run has been told and goes on by itself.",
  closed:
    "The run was no longer waiting. The decision is kept and counts when the run is started again.",
  nobody_waits: "The decision is kept and counts as soon as the run comes to this point.",
  later: "The run could not be reached just now; it is told by itself as soon as it can be.",
};

const nextAfterRejection: Readonly<Record<Decided["told"], string>> = {
  ...next,
  told: "The run has been told, and writes nothing.",
  closed: "The run was no longer waiting. The decision is kept, and nothing is written.",
  nobody_waits: "The decision is kept, and nothing is written.",
};

/** What a person sees after deciding. */
export function decidedPage(visit: For, decided: Decided): PageResponse {
  const { decision, gate, reference, told } = decided;
  const what = gateSays(gate);
  const approved = decision === "approved";
  return messagePage(
    200,
    {
      title: approved ? "Approved" : "Rejected",
      ...around(visit),
      kind: approved ? "good" : "warn",
    },
    html`You ${decision} ${what} of <strong>${reference}</strong>. ${(approved ? next : nextAfterRejection)[told]} You can close this page.`,
  );
}
