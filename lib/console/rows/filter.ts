import { IMPORT_STATES } from "../../evidence/balance.ts";
import type { PinnedLook } from "../../evidence/pinned.ts";
import { reasonsOfRows } from "../../review/reasons.ts";
import type { StagedFilter } from "../../stages/wave/page-ids.ts";
import { words } from "../words.ts";

/** What each filter may be, as it is stored with the run. */
export function choicesOf({ parts }: PinnedLook): Readonly<Record<string, readonly string[]>> {
  const kinds = parts.flatMap(({ part }) => part ?? []);
  return {
    ...(kinds.length > 1 ? { part: kinds } : {}),
    classification: [...new Set(parts.flatMap(({ classifications }) => classifications))],
    ...furtherDecisions(parts),
    validation_status: ["valid", "duplicate", "needs_review", "failed"],
    duplicate_confidence: ["high", "medium", "low"],
    import_state: IMPORT_STATES,
    reason: reasonsOfRows(parts),
  };
}

/** What a choice of a decision is called in an address. */
export const decisionChoice = "is-";

/** Decisions besides the classification, with what each may be. */
function furtherDecisions(parts: PinnedLook["parts"]): Record<string, readonly string[]> {
  const names = new Set(parts.flatMap(({ decisions }) => decisions));
  names.delete("classification");
  const outcomes = (name: string) =>
    parts.flatMap(({ rules }) =>
      rules.filter(({ about }) => about === words(name)).map(({ outcome }) => outcome),
    );
  return Object.fromEntries(
    [...names].map((name) => [decisionChoice + name, [...new Set(outcomes(name))]]),
  );
}

/** What a filter says of one of its choices. */
export const chosenIn = (
  { decided = {}, ...filter }: StagedFilter,
  name: string,
): string | undefined =>
  name.startsWith(decisionChoice)
    ? decided[name.slice(decisionChoice.length)]
    : filter[name as Exclude<keyof StagedFilter, "decided">];

/** A filter as an address has it. */
export const inAddress = ({ decided = {}, ...filter }: StagedFilter): Record<string, string> => ({
  ...filter,
  ...Object.fromEntries(
    Object.entries(decided).map(([name, value]) => [decisionChoice + name, value]),
  ),
});

/** What a reason may be called: rows of an older run may have one that nothing lists any more. */
const aName = /^\P{C}{1,100}$/u;

/** What of a filter an address may say. */
export function filterIn(query: URLSearchParams, look: PinnedLook): StagedFilter {
  const chosen = Object.entries(choicesOf(look)).flatMap(([name, values]) => {
    const wanted = query.get(name);
    const known =
      wanted !== null && (values.includes(wanted) || (name === "reason" && aName.test(wanted)));
    return known ? [[name, wanted] as const] : [];
  });
  const isDecision = ([name]: readonly [string, string]) => name.startsWith(decisionChoice);
  const decided = chosen
    .filter(isDecision)
    .map(([name, value]) => [name.slice(decisionChoice.length), value]);
  return {
    ...Object.fromEntries(chosen.filter((each) => !isDecision(each))),
    ...(decided.length === 0 ? {} : { decided: Object.fromEntries(decided) }),
  };
}

/** The row behind which a list's page begins, as an address says it, or before which it ends. */
export const idIn = (query: URLSearchParams, name: "after" | "before"): number | undefined => {
  const asked = query.get(name) ?? "";
  return /^\d{1,15}$/u.test(asked) ? Number(asked) : undefined;
};
