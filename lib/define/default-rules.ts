import type { Condition, Entity, InsertAction, PlanRule, ValidationRule } from "./definition.ts";
import { saysOf } from "./findings.ts";
import { oncesOf, type ThereState, thereStates, updatesOf } from "./identity.ts";
import { comparedWith, lookedAt } from "./looked-at.ts";
import { engineReasons, notedWithoutRule, waitsFor, waitsForSays } from "./reasons.ts";
import { inCircle } from "./reference-above.ts";
import { givenKey } from "./target-key.ts";
import { withUnknownDates } from "./unknown-dates.ts";
import { type Unruled, unruledFindings } from "./unruled.ts";

/**
 * What a definition leaves unsaid about its rows is said here, on the safe side: a finding without a rule,
 * a verdict, a duplicate or an earlier run's row that no line of the plan looks at is held, skipped or
 * failed before anything else, and what fits no line is held. All of it stands in the definition then.
 *
 * @param own the entity's name, of a migration of several
 */
export function withDefaultRules(entity: Entity, own?: string): Entity {
  const unruled = unruledFindings(entity);
  const validate: ValidationRule[] = unruled.map(({ finding, when }) => ({
    id: finding,
    says: saysOf[finding],
    when,
    verdict: "needs_review",
  }));
  const plan = [
    ...defaultLines(entity, unruled),
    ...circleLines(entity, own),
    ...nothingKnownLines(entity),
    ...withoutDoubles(
      entity,
      withUnknownDates(entity, withoutOthers(entity, withThereLines(entity))).flatMap(
        guardAbove(entity),
      ),
    ),
  ];
  const last = plan.at(-1)?.when;
  const whole = last !== undefined && "all" in last && last.all.length === 0;
  return {
    ...entity,
    validate: [...entity.validate, ...validate],
    plan: whole
      ? plan
      : [
          ...plan,
          {
            when: { all: [] },
            hold: "nothing_applies",
            says: engineReasons.nothing_applies.says,
          },
        ],
  };
}

/**
 * The lines of a plan, before each that links one that holds the rows of which whoever has their contact is somebody else
 * (D32), unless the plan looks at that itself: there is nobody whom they could be linked to.
 */
function withoutOthers({ plan }: Entity, lines: readonly PlanRule[]): readonly PlanRule[] {
  if (plan.some(({ when }) => lookedAt(when).includes("another_person"))) return lines;
  return lines.flatMap((line): PlanRule[] =>
    "link" in line
      ? [
          {
            when: { all: [line.when, { field: "another_person", is: ["yes"] }] },
            hold: "contact_of_another_person",
            says: engineReasons.contact_of_another_person.says,
          },
          line,
        ]
      : [line],
  );
}

/**
 * The lines of a plan, before each that commits one that holds whom the platform may know by other hints than a phone or
 * e-mail, where the plan asks for those alone: whoever has a known name and birth date is nobody new.
 */
function withoutDoubles(
  { match: { against }, plan }: Entity,
  lines: readonly PlanRule[],
): readonly PlanRule[] {
  const seen = plan.flatMap(({ when }) => lookedAt(when));
  if (against.length === 0 || !seen.includes("high_hits") || seen.includes("duplicate_confidence"))
    return lines;
  return lines.flatMap((line): PlanRule[] =>
    "commit" in line
      ? [
          {
            when: { all: [line.when, { field: "duplicate_confidence", is: ["low", "medium"] }] },
            hold: "possible_duplicate",
            says: engineReasons.possible_duplicate.says,
          },
          line,
        ]
      : [line],
  );
}

/** What comes back to itself by rows of its own kind is held, unless the plan says what becomes of it. */
const circleLines = ({ refs = {}, plan }: Entity, own: string | undefined): PlanRule[] =>
  Object.entries(refs)
    .filter(
      ([name, { to }]) =>
        to === own && !plan.some(({ when }) => asksForState(when, name, inCircle)),
    )
    .map(([name]) => ({
      when: { reference: name, is: [inCircle] },
      hold: "comes_back_to_itself",
      says: engineReasons.comes_back_to_itself.says,
    }));

/** What names a row, of several kinds that it may be of, and none of any of them is held, unless the plan asks for that. */
function nothingKnownLines({ refs = {}, plan }: Entity): PlanRule[] {
  const several = Object.entries(refs).filter(([, { others }]) => others);
  const byFields = Map.groupBy(several, ([, { by }]) => JSON.stringify(Object.values(by).sort()));
  return [...byFields].flatMap(([fields, alike]) => {
    const names = alike.map(([name]) => name);
    if (names.every((name) => plan.some(({ when }) => asksForState(when, name, "none")))) return [];
    const named = (JSON.parse(fields) as string[]).map((present) => ({ present }));
    const none = names.map((reference) => ({ reference, is: ["none"] }));
    return [
      {
        when: { all: [...named, ...none] },
        hold: "names_nothing_known",
        says: engineReasons.names_nothing_known.says,
      },
    ];
  });
}

/** Whether a condition asks whether a reference is in a state, such as that what it names comes back to the row. */
function asksForState(condition: Condition, name: string, state: string): boolean {
  if ("all" in condition) return condition.all.some((each) => asksForState(each, name, state));
  if ("any" in condition) return condition.any.some((each) => asksForState(each, name, state));
  if ("not" in condition) return asksForState(condition.not, name, state);
  return "reference" in condition && condition.reference === name && condition.is.includes(state);
}

/** Before a line that commits with what a row above is on the platform: without that row it is held. */
const guardAbove =
  (entity: Entity) =>
  (line: PlanRule): PlanRule[] => {
    const { actions, refs = {} } = entity;
    const action = "commit" in line ? actions[line.commit] : undefined;
    const named =
      action === undefined ? [] : [...namesAbove(action), ...namesIn(updatesOf(entity))];
    const guards = Object.entries(refs)
      .filter(([name]) => named.includes(name))
      .map(([name, { optional }]): PlanRule => {
        const there = { reference: name, is: optional ? ["there", "none"] : ["there"] };
        return {
          when: { all: [line.when, { not: there }] },
          hold: waitsFor(name),
          says: waitsForSays(name),
        };
      });
    return [...guards, line];
  };

/** The references that an action's values and key come from. */
export const namesAbove = ({ id, values }: InsertAction): string[] =>
  [...Object.values(values), ...Object.values(givenKey(id))].flatMap((value) =>
    "of" in value ? [value.of] : [],
  );

/** The references that values of columns come from. */
export const namesIn = (values: InsertAction["values"]): string[] =>
  Object.values(values).flatMap((value) => ("of" in value ? [value.of] : []));

/** Lines for what no line of the plan looks at, though something is known about it. */
function defaultLines(entity: Entity, unruled: readonly Unruled[]): PlanRule[] {
  const seen = new Set(entity.plan.flatMap(({ when }) => lookedAt(when)));
  const lines: PlanRule[] = [];
  const line = (rule: PlanRule, ...columns: string[]) => {
    if (!columns.some((column) => seen.has(column))) lines.push(rule);
  };
  const is = (field: string, ...words: string[]): Condition => ({ field, is: words });
  const { against, onePerPerson } = entity.match;
  line(
    {
      when: is("validation_status", "failed"),
      fail: "not_valid",
      says: engineReasons.not_valid.says,
    },
    "validation_status",
  );
  line(
    {
      when: is("moved_before", "yes"),
      skip: "moved_before",
      says: engineReasons.moved_before.says,
    },
    "moved_before",
  );
  lines.push(...thereLines(entity).filter(({ when }) => !entity.plan.some(asksFor(when))));
  if (unruled.length > 0)
    lines.push({
      when: { any: unruled.map(({ when }) => when) },
      hold: notedWithoutRule,
      says: engineReasons.noted_without_rule.says,
    });
  line(
    {
      when: is("validation_status", "needs_review"),
      hold: "validation_needs_review",
      says: engineReasons.validation_needs_review.says,
    },
    "validation_status",
  );
  if (against.length > 0)
    line(
      {
        when: is("duplicate_confidence", "low", "medium", "high"),
        hold: "possible_duplicate",
        says: engineReasons.possible_duplicate.says,
      },
      "duplicate_confidence",
      "high_hits",
    );
  if (onePerPerson.length > 0 || oncesOf(entity).length > 0)
    line(
      {
        when: is("later_of_person", "yes"),
        hold: "later_of_one_person",
        says: engineReasons.later_of_one_person.says,
      },
      "later_of_person",
    );
  return lines;
}

type ThereLine = PlanRule & {
  readonly when: { readonly field: string; readonly is: readonly string[] };
};

/** What becomes of rows that are there already, or may be, unless the plan says it itself. */
function thereLines({ is: ways, there }: Entity): ThereLine[] {
  if (ways === undefined) return [];
  const when = (word: ThereState) => ({ field: "there_is", is: [word] });
  const several: ThereLine[] = [
    {
      when: when("several"),
      hold: "several_there",
      says: engineReasons.several_there.says,
    },
    {
      when: when("shared"),
      hold: "shared_there",
      says: engineReasons.shared_there.says,
    },
    {
      when: when("perhaps"),
      hold: "perhaps_there",
      says: engineReasons.perhaps_there.says,
    },
  ];
  if (there === "conflict")
    return [
      ...several,
      { when: when("one"), conflict: "there", says: "It is on the platform already." },
    ];
  if (typeof there === "object") return several;
  return [
    ...several,
    {
      when: when("one"),
      skip: "there",
      says: "It is on the platform already, and is left as it is.",
    },
  ];
}

/**
 * The lines of a plan, each one of {@link thereLines} of which it asks in part, such as of rows that are there and of
 * something besides, behind the last line that does: what is left of such rows is told there.
 */
function withThereLines(entity: Entity): readonly PlanRule[] {
  const left = thereLines(entity).flatMap((line) => {
    const asks = asksFor(line.when);
    const whole = entity.plan.some(({ when }) => "field" in when && asks({ when }));
    return whole ? [] : [{ line, behind: entity.plan.findLastIndex(asks) }];
  });
  return entity.plan.flatMap((line, at) => [
    line,
    ...left.filter(({ behind }) => behind === at).map((each) => each.line),
  ]);
}

/** Whether a line of a plan asks for rows of that word, among others or with something besides. */
const asksFor =
  ({ field, is: [word] }: ThereLine["when"]) =>
  ({ when }: Pick<PlanRule, "when">): boolean =>
    thereWords(when, field).includes(word as ThereState);

/** For which words of a column a condition may hold; none where it does not look at it. */
function thereWords(condition: Condition, column: string): readonly ThereState[] {
  if ("all" in condition) return condition.all.flatMap((each) => thereWords(each, column));
  if ("any" in condition) return condition.any.flatMap((each) => thereWords(each, column));
  if ("not" in condition) {
    const but: readonly string[] = comparedWith(condition.not, column);
    return but.length === 0 ? [] : thereStates.filter((state) => !but.includes(state));
  }
  return "field" in condition && condition.field === column
    ? thereStates.filter((state) => condition.is.includes(state))
    : [];
}
