import { type Finding, saysOf } from "./findings.ts";
import type { Room } from "./room.ts";

/** Why a row is not written: in a sentence, and what becomes of it. */
export interface ReasonSaid {
  readonly says: string;
  readonly does: "held" | "conflict" | "skipped" | "failed";
}

const held = (says: string): ReasonSaid => ({ says, does: "held" });

/** Why a row is held about which something was noted of which no line of the plan and no rule is. */
export const notedWithoutRule = "noted_without_rule";

/** Reasons that the engine gives rows by itself, whatever a definition says, by the name that is kept of each. */
export const engineReasons = {
  held_by_person: held("A person holds it."),
  refused_by_platform: held("The platform refuses what would be written of it."),
  platform_changed_since_review: held(
    "What it rests on has changed on the platform since it was reviewed.",
  ),
  blob_changed_since_review: held("Its file has changed since it was reviewed."),
  file_there_differs: held("Where its file would go, another one lies."),
  moved_before: { says: "An earlier run moved this legacy row already.", does: "skipped" },
  key_of_another: held(
    "Under its key in the source an earlier run moved somebody else, or a row of a table that is read no more.",
  ),
  moved_and_gone: held(
    "An earlier run moved this legacy row, and what it wrote is no longer on the platform, or is somebody else's by now.",
  ),
  key_given_twice: held("Several legacy rows would have one key on the platform."),
  excludes_another: held(
    "The platform takes either this or another legacy row, and nobody can tell which is right.",
  ),
  unchanged: {
    says: "It is on the platform already, and holds what would be written.",
    does: "skipped",
  },
  several_there: held("The platform has several rows that may be this one."),
  shared_there: held("Another legacy row is the same row of the platform."),
  perhaps_there: held("The platform may have this row under something else that names it."),
  date_unknown: held("A date by which it is decided is unknown."),
  number_unknown: held("A number by which it is decided is unknown."),
  comes_back_to_itself: held("The rows of its own kind that it names come back to itself."),
  names_nothing_known: held("What it names is no row of any of the kinds that it may be of."),
  nothing_applies: held("No line of the plan fits this row."),
  [notedWithoutRule]: held(
    "Something was noted about this row for which the definition has no rule.",
  ),
  validation_needs_review: held("A rule asks a person to look at this row."),
  possible_duplicate: held("The platform may know this person."),
  contact_of_another_person: held(
    "Whoever has this phone or e-mail on the platform has another name or birth date.",
  ),
  later_of_one_person: held("An earlier row of the same person is the one that commits."),
  not_valid: { says: "A rule fails this row.", does: "failed" },
} as const satisfies Readonly<Record<string, ReasonSaid>>;

/** Those that rows of any migration may have: by a person, by the platform, or as a wave takes them. */
export const reasonsOfAnyRun: readonly (keyof typeof engineReasons)[] = [
  "held_by_person",
  "refused_by_platform",
  "platform_changed_since_review",
  "moved_before",
  "key_of_another",
  "moved_and_gone",
  "key_given_twice",
  "excludes_another",
];
/** Those of rows that may be on the platform already. */
export const reasonsThere: readonly (keyof typeof engineReasons)[] = [
  "unchanged",
  "several_there",
  "shared_there",
  "perhaps_there",
];
/** Those of rows that are written with a copy of a file. */
export const reasonsOfCopies: readonly (keyof typeof engineReasons)[] = [
  "blob_changed_since_review",
  "file_there_differs",
];

/** Why a row is held whose reference means nothing that is on the platform. */
export const waitsFor = (name: string): string => `waits_for_${name}`;
export const waitsForSays = (name: string): string =>
  `What “${name}” names is not on the platform, and no wave before writes it.`;

/** Why a row is held that finds no place. */
export const noRoomSays = ({ of, most }: Pick<Room, "of" | "most">): string =>
  `No place is left: “${most}” of “${of}” says how many there are, and who comes first has them.`;

/** A reason of the engine's own; undefined of any other. */
export function reasonOfEngine(reason: string): ReasonSaid | undefined {
  if (Object.hasOwn(engineReasons, reason))
    return engineReasons[reason as keyof typeof engineReasons];
  if (Object.hasOwn(saysOf, reason)) return held(saysOf[reason as Finding]);
  const [, name] = /^waits_for_(\w+)$/u.exec(reason) ?? [];
  return name === undefined ? undefined : held(waitsForSays(name));
}

/** What is said of a reason of which only the name is known. */
export const onlyNamed = (reason: string): string =>
  `All that is kept of the reason is its name, “${reason}”.`;
