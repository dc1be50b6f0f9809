import { any, noted } from "../../lib/define/builders.ts";
import type { Condition, ValidationRule } from "../../lib/define/definition.ts";

/** What is noted of the times of every kind of things. */
export const dates: readonly ValidationRule[] = [
  {
    id: "date_unreadable",
    says: "A date is not written as the account writes dates, or cannot be one.",
    when: any(
      noted("timestamp_unreadable"),
      noted("timestamp_zero"),
      noted("timestamp_out_of_bounds"),
    ),
    verdict: "note",
  },
  {
    id: "clock_changed",
    says: "The clocks were changed at this time: the moment is the nearest that there was.",
    when: any(noted("timestamp_gap"), noted("timestamp_overlap")),
    verdict: "note",
  },
];

/** What is noted of a choice that is none of those that somebody listed. */
export const unlisted = (field: string, what: string): ValidationRule => ({
  id: `${field}_unlisted`,
  says: `The ${what} is one that nobody listed.`,
  when: noted(`${field}_unlisted`),
  verdict: "note",
});

/** Whether something stands for a time that is none. */
export const noDate = (field: string): Condition =>
  any(noted(`${field}_unreadable`), noted(`${field}_zero`), noted(`${field}_out_of_bounds`));
