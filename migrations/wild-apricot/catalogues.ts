/** Statuses and tiers as the platform's own seeds have them: what is there already is kept, and referred to. */
export const statuses = [
  { code: "active", label: "Active", place: 10, active: true },
  { code: "lapsed", label: "Lapsed", place: 20, active: false },
  { code: "pending_new", label: "Pending - New", place: 30, active: false },
  { code: "pending_renewal", label: "Pending - Renewal", place: 40, active: false },
  { code: "suspended", label: "Suspended", place: 50, active: false },
  { code: "not_a_member", label: "Not a member", place: 60, active: false },
  { code: "unknown", label: "Unknown", place: 70, active: false },
];

export const tiers = [
  { code: "PROSPECT", name: "Prospect", place: 0 },
  { code: "NEWCOMER", name: "Newcomer", place: 10 },
  { code: "FIRST_YEAR", name: "First year", place: 20 },
  { code: "SECOND_YEAR", name: "Second year", place: 30 },
  { code: "THIRD_YEAR", name: "Third year", place: 40 },
  { code: "ALUMNI", name: "Alumni", place: 50 },
  { code: "LAPSED", name: "Lapsed", place: 60 },
  { code: "GENERAL", name: "General", place: 100 },
];

/**
 * Membership levels and the tier that each is. What is not listed, `Admins` among them, is nobody's tier: such members
 * are held, and the dry run lists the level with their number.
 */
export const levels = {
  "New Member": "NEWCOMER",
  Newcomer: "NEWCOMER",
  "1st Year": "FIRST_YEAR",
  "2nd Year": "SECOND_YEAR",
  "Third Year": "THIRD_YEAR",
  "3rd Year": "THIRD_YEAR",
  Alumni: "ALUMNI",
  Lapsed: "LAPSED",
  Prospect: "PROSPECT",
  // An assumption, to be confirmed by the club: its levels of later years, by what they are called.
  NewbieNewcomer: "NEWCOMER",
  NewcomerMember: "FIRST_YEAR",
  ExtendedNewcomer: "SECOND_YEAR",
};

/** What Wild Apricot calls the states of a membership, in its exports and in its API. */
export const states = {
  Active: "active",
  Lapsed: "lapsed",
  "Pending - New": "pending_new",
  PendingNew: "pending_new",
  "Pending - Renewal": "pending_renewal",
  PendingRenewal: "pending_renewal",
  "Pending - Level change": "pending_renewal",
  PendingUpgrade: "pending_renewal",
  Suspended: "suspended",
};

/** States of a registration. No other is taken for confirmed. */
export const registrationStates = {
  Confirmed: "CONFIRMED",
  Registered: "CONFIRMED",
  Cancelled: "CANCELLED",
  Canceled: "CANCELLED",
  Waitlisted: "WAITLISTED",
  "No show": "NO_SHOW",
};

/** What an event's first tag begins with, and the category that it is. */
export const categories: readonly (readonly [tag: string, category: string])[] = [
  ...each("Social", "Social", "Newcomer", "Happy Hour", "Mixer", "Coffee"),
  ...each("Outdoor", "Outdoor", "Hik", "Walk", "Beach", "Garden", "Kayak"),
  ...each("Dining", "Dining", "Wine", "Restaurant", "Lunch", "Dinner", "Food"),
  ...each("Cultural", "Cultural", "Art", "Music", "Theater", "Museum", "Concert"),
  ...each("Learning", "Learning", "Workshop", "Lecture", "Class", "Seminar"),
  ...each("Governance", "Governance", "Board", "Committee"),
  ...each("Special", "Special", "Annual", "Holiday", "Gala"),
];

function each(category: string, ...tags: string[]): [string, string][] {
  return tags.map((tag) => [tag, category]);
}
