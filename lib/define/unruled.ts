import type { Condition, Entity, Field } from "./definition.ts";
import { type FieldFinding, type Finding, findingsOf, namedFinding } from "./findings.ts";
import { notedIn } from "./looked-at.ts";

/** A finding that no rule is about, and when it was noted of what none is about. */
export interface Unruled {
  readonly finding: Finding;
  readonly when: Condition;
}

/** Findings that a field can give and that no rule, decision or line of the plan looks at. */
export function unruledFindings({ fields, validate, decide, plan }: Entity): readonly Unruled[] {
  const conditions = [
    ...validate.map(({ when }) => when),
    ...plan.map(({ when }) => when),
    ...Object.values(decide).flatMap((lines) => lines.map(({ when }) => when)),
  ];
  const ruled = new Set(conditions.flatMap(notedIn));
  const all = Object.entries(fields).flatMap(([name, field]) =>
    given(field).map((finding) => ({ finding, own: namedFinding(name, fields, finding) })),
  );
  const isRuled = (own: FieldFinding | undefined) => own !== undefined && ruled.has(own);
  const left = all.filter(({ own }) => !isRuled(own)).map(({ finding }) => finding);
  return [...new Set([...findingsOf.row, ...left])]
    .filter((finding) => !ruled.has(finding))
    .map((finding) => {
      const fieldsOf = all.filter((each) => each.finding === finding);
      const others = fieldsOf.flatMap(({ own }) =>
        own === undefined || isRuled(own) ? [] : [own],
      );
      // Where a rule is about one field's, what is left are the other fields' by name: of the kind it would be that one's, too.
      // What is noted of any column stands without one, too.
      const some =
        !findingsOf.row.some((each) => each === finding) &&
        fieldsOf.some(({ own }) => isRuled(own));
      return {
        finding,
        when: some ? { any: others.map((noted) => ({ noted })) } : { noted: finding },
      };
    });
}

/** What may be noted about a field; what only an option of it brings about not without that option. */
function given(field: Field): readonly Finding[] {
  if (field.kind === "range") {
    const { starts, ends, last } = field;
    // What lasts may end where no calendar goes.
    const ofBounds = [starts, ends].flatMap((bound) =>
      bound.kind === "lasting"
        ? ["range_unreadable", "range_out_of_bounds", "range_absent"]
        : given(bound).map((finding) => `range${finding.slice(bound.kind.length)}`),
    );
    return findingsOf.range.filter((finding) =>
      finding === "range_empty"
        ? last === "out"
        : finding === "range_reversed" || ofBounds.includes(finding),
    );
  }
  const options = new Map(Object.entries(field));
  const bounded = ["least", "most", "since", "until"].some((bound) => options.has(bound));
  return findingsOf[field.kind].filter((finding) => {
    if (finding === "choice_unlisted") return !options.has("otherwise");
    if (finding === "list_unlisted") return options.has("means");
    if (finding === "list_spoilt") return !options.has("means");
    if (finding === "list_cut") return options.has("most");
    if (finding === "file_mismatch") return options.has("says");
    if (finding === "phone_shared") return options.has("shared");
    if (finding === "birth_date_implausible")
      return options.has("implausible") || options.has("youngest");
    if (finding === "birth_date_placeholder") return true;
    if (/_placeholder$/.test(finding)) return options.has("placeholders") || options.has("typed");
    if (/_too_long$/.test(finding)) return options.has("longest") || options.has("most");
    if (/_(gap|overlap)$/.test(finding)) return options.has("zone");
    return bounded || !/_out_of_bounds$/.test(finding);
  });
}
