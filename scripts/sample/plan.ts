import { LANDMARK_SESSIONS } from "./catalogue.ts";
import { archives as archiveLandmarks } from "./landmarks/archives.ts";
import { contacts } from "./landmarks/contacts.ts";
import { duplicates } from "./landmarks/duplicates.ts";
import type { Landmark } from "./landmarks/landmark.ts";
import { people } from "./landmarks/people.ts";
import { statuses } from "./landmarks/statuses.ts";

/** How large each part of a sample is; everything follows from the number of student rows. */
export interface Plan {
  readonly seed: number;
  readonly rows: number;
  readonly stagiaires: number;
  readonly archives: number;
  readonly sessions: number;
  readonly users: number;
  readonly leads: number;
}

export const stagiaireLandmarks: readonly Landmark[] = [
  ...contacts,
  ...statuses,
  ...people,
  ...duplicates,
];
export { archiveLandmarks };

/** Fewer rows would not leave room beside the landmarks. */
export const LEAST_ROWS = 1_000;
/** People's numbers have room for so many. */
export const MOST_ROWS = 20_000_000;

/**
 * The sizes for `rows` student rows: 2,200 and 800 of 3,000 are stagiaires and archives. The
 * platform has `people` users and leads, two thirds and one third; without it 15 for 100 rows.
 */
export function planFor(rows: number, seed: number, people?: number): Plan {
  const archives = Math.round((rows * 4) / 15);
  const lastLandmark = LANDMARK_SESSIONS.at(-1)?.id ?? 0;
  return {
    seed,
    rows,
    stagiaires: rows - archives,
    archives,
    sessions: Math.max(lastLandmark + 5, Math.round(rows * 0.08)),
    users: people === undefined ? Math.round(rows * 0.1) : Math.round((people * 2) / 3),
    leads: people === undefined ? Math.round(rows * 0.05) : Math.round(people / 3),
  };
}

/** Kinds of resemblance between a row and someone on the platform, in the order they are planted. */
const KINDS = [
  "phone",
  "email",
  "phone",
  "alternate",
  "name_and_birth_date",
  "phone",
  "similar_name",
  "phone",
  "email",
  "one_edit",
] as const;
export type Kind = (typeof KINDS)[number];

/** Someone on the platform who resembles the row with this number. */
export interface Plant {
  readonly on: "users" | "crm_leads";
  readonly kind: Kind;
}

/** Every twentieth row has a user who is the same person, every fortieth a lead. */
export function plantOf(row: number): Plant | null {
  if (row % 20 === 3) return { on: "users", kind: KINDS[Math.floor(row / 20) % 10] as Kind };
  if (row % 40 === 6) return { on: "crm_leads", kind: KINDS[Math.floor(row / 40) % 10] as Kind };
  return null;
}

/** Whether a row number belongs to a landmark instead of a generated row. */
export function isLandmark(plan: Plan, row: number): boolean {
  if (row < stagiaireLandmarks.length) return true;
  return row >= plan.stagiaires && row < plan.stagiaires + archiveLandmarks.length;
}

/**
 * The number of the person a row is about: mostly its own; every tenth row is a further training of
 * someone who stands a few rows above (D8). At most three rows are about one person.
 */
export function personOf(row: number): number {
  if (row % 10 === 9) return row - 4;
  if (row % 30 === 8) return row - 5;
  return row;
}

/** Rows of people who share a very common name. */
export function hasCommonName(row: number): boolean {
  return row % 50 === 17;
}

/** Rows in key order: every ninety-seventh key after the landmarks is missing, as after a deletion. */
export function keyOf(position: number, landmarks: number): number {
  if (position < landmarks) return position + 1;
  return position + 1 + Math.floor((position - landmarks) / 97);
}
