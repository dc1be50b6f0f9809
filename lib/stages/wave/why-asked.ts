import type { SignOffLine, WaveLine } from "../../review/steer/standing.ts";
import type { WhyAsked } from "../../speech/why-asked.ts";
import { refusedRows, trustedSize } from "./plan.ts";

type Question = Pick<
  SignOffLine,
  "id" | "gate" | "status" | "changes_asked" | "decided_by" | "void_because"
>;

/**
 * Why a question is asked, as far as what is stored tells: what came of the one before it at its gate, else what its gate is
 * there for (D12, D38).
 *
 * @param asked the questions of its run, in the order in which they were asked
 */
export function whyAsked(
  of: Pick<Question, "id" | "gate">,
  asked: readonly Question[],
  waves: readonly Pick<WaveLine, "wave" | "status" | "clean" | "counts">[],
): WhyAsked {
  const before = asked.slice(
    0,
    asked.findIndex(({ id }) => id === of.id),
  );
  const anew = cameOf(before.findLast(({ gate }) => gate === of.gate));
  if (anew !== undefined) return anew;
  if (of.gate === "first_wave") return { kind: "first" };
  if (of.gate === "scale_up") return { kind: "scale_up" };
  const last = waves.findLast(({ status }) => status !== "rolled_back");
  return last?.clean === false
    ? { kind: "not_clean", wave: last.wave, refused: refusedRows(last.counts.refused) }
    : { kind: "every_wave", trusted: trustedSize };
}

/** What came of an earlier question; nothing of one that nobody decided before a newer one took its place. */
function cameOf(earlier: Question | undefined): WhyAsked | undefined {
  if (earlier === undefined) return undefined;
  const { status, changes_asked: changes, decided_by: by, void_because: because } = earlier;
  if (status === "expired") return { kind: "anew", came: "expired", by: null, because: "" };
  if (by === null) return undefined;
  const came = changes ? "changes" : status === "rejected" ? "rejected" : "approved";
  return { kind: "anew", came, by, because: because ?? "" };
}
