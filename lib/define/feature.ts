/**
 * Something of the platform that people get only after a run was verified: off at a run's start, turned on by a
 * person for a percentage of people, and off first when a run is taken back (C1, C6, C10).
 */
export interface Feature {
  readonly name: string;
  /** What people get: “People see what they did.” */
  readonly says: string;
}

/** `feature("profile_activity", "People see what they did.")`. */
export const feature = (name: string, says: string): Feature => ({ name, says });
