import type { ListedRow } from "../../stages/wave/staged-page.ts";
import type { Visit } from "../route.ts";

/** What of a row decides the sentence about it. */
export interface Outcome {
  readonly planned: string | null;
  readonly planned_action?: string | null;
  readonly reason: string | null;
  readonly import_state: string;
}

/** What a row is taken for; one of a kind of things of which nothing is told apart is of that kind. */
export const takenFor = (
  { named }: Pick<Visit, "named">,
  { classification, part }: Pick<ListedRow, "classification" | "part">,
): string => named((classification === "row" ? part : null) ?? classification ?? "–");

/**
 * What would happen to a row, or happened, in one sentence: the plan's and the waves' word alone. What else was
 * decided about it only advises, and is never said beside it as if it would happen, too.
 */
export function sentenceOf({ texts, named }: Pick<Visit, "texts" | "named">, row: Outcome): string {
  const { outcomes } = texts;
  const { planned, planned_action: action, import_state: state } = row;
  const reason = row.reason ?? "";
  const does = named(action ?? "");
  if (state === "committed")
    return planned === "update" ? outcomes.updated(does) : outcomes.committed(does);
  if (state === "linked") return outcomes.linked();
  if (state === "rolled_back") return outcomes.rolled_back();
  if (state === "held" || planned === "hold" || planned === "conflict")
    return outcomes.hold(reason);
  if (state === "skipped" || planned === "skip") return outcomes.skip(reason);
  if (state === "failed" || planned === "fail") return outcomes.fail(reason);
  if (planned === "commit") return outcomes.commit(does);
  if (planned === "update") return outcomes.update(does);
  return planned === "link" ? outcomes.link() : outcomes.none();
}
