/** Something that whoever starts a run may say of it, and that it is pinned to; conditions compare with it. */
export interface Setting {
  readonly kind: "moment";
  /** What it is, for people: “Only what happened since.” */
  readonly says: string;
}

/** A moment: ISO 8601, or counted from the run's start as in `-90 days`. `settings: { since: moment("Only …") }`. */
export const moment = (says: string): Setting => ({ kind: "moment", says });
