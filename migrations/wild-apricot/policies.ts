/** A policy of the platform that the account does not say: its key, what it is for, and what it is unless somebody says otherwise. */
interface Policy {
  readonly key: string;
  readonly description: string;
  readonly value: string | number | boolean | Readonly<Record<string, string>>;
  readonly required?: true;
  /** How it is said, where nothing else says it. */
  readonly said?: string;
  readonly least?: number;
  readonly most?: number;
}

const days = (key: string, description: string, value: number): Policy => ({
  key,
  description,
  value,
  least: 0,
});

/** The 23 policies, by category and key. */
export const policies: readonly Policy[] = [
  {
    key: "display.memberTermPlural",
    description: "What several members are called",
    value: "members",
  },
  { key: "display.memberTermSingular", description: "What one member is called", value: "member" },
  {
    key: "display.organizationName",
    description: "The name of the organization",
    // Nobody's default: the account says it, or whoever sets the connection up.
    value: "",
    required: true,
    said: "WILD_APRICOT_DB_ORGANIZATION",
  },
  days(
    "governance.boardEligibilityDays",
    "Days of membership before somebody may be on the board",
    730,
  ),
  days("governance.minutesReviewDays", "Days in which minutes are reviewed", 7),
  {
    key: "governance.quorumPercentage",
    description: "The quorum, in per cent",
    value: 50,
    least: 0,
    most: 100,
  },
  {
    key: "kpi.eventAttendanceDangerPercent",
    description: "Attendance that is far too low, in per cent",
    value: 25,
    least: 0,
    most: 100,
  },
  {
    key: "kpi.eventAttendanceWarningPercent",
    description: "Attendance that is too low, in per cent",
    value: 50,
    least: 0,
    most: 100,
  },
  days("kpi.membershipDangerThreshold", "Members below whom the club is in danger", 150),
  days("kpi.membershipWarningThreshold", "Members below whom somebody is told", 200),
  days("membership.extendedDays", "Days after which a membership is an extended one", 730),
  days("membership.gracePeriodDays", "Days of grace after a membership ends", 30),
  days("membership.newbieDays", "Days in which somebody is new", 90),
  days("membership.renewalReminderDays", "Days before a renewal at which somebody is reminded", 30),
  {
    key: "membership.tiers.defaultCode",
    description: "The tier of a level that is not listed",
    value: "GENERAL",
  },
  { key: "membership.tiers.enabled", description: "Whether members have tiers", value: true },
  { key: "membership.tiers.waMapping", description: "The tier of each level", value: {} },
  {
    key: "scheduling.announcementDay",
    description: "The day of announcements, 0 for Sunday",
    value: 0,
    least: 0,
    most: 6,
  },
  {
    key: "scheduling.announcementHour",
    description: "The hour of announcements",
    value: 8,
    least: 0,
    most: 23,
  },
  days("scheduling.eventArchiveDays", "Days after which an event is put away", 30),
  {
    key: "scheduling.registrationOpenDay",
    description: "The day on which registration opens, 0 for Sunday",
    value: 2,
    least: 0,
    most: 6,
  },
  {
    key: "scheduling.registrationOpenHour",
    description: "The hour at which registration opens",
    value: 8,
    least: 0,
    most: 23,
  },
  {
    key: "scheduling.timezone",
    description: "The zone in which times are meant",
    value: "",
    required: true,
  },
];

type Value = Policy["value"];

/** What is wrong with a policy's value, in a sentence; undefined where nothing is. */
export function policyFault(key: string, value: unknown): string | undefined {
  const policy = policies.find((each) => each.key === key);
  if (policy === undefined) return `${key} is no policy that the platform has.`;
  if (value === null || value === undefined || value === "")
    return policy.required
      ? `${key} is required${policy.said === undefined ? "" : `: set ${policy.said}`}.`
      : undefined;
  if (typeof value !== typeof policy.value)
    return `${key} is ${JSON.stringify(value)}, which is no ${typeof policy.value}.`;
  if (key === "scheduling.timezone" && !String(value).includes("/"))
    return `${key} is ${JSON.stringify(value)}, which names no zone such as America/Los_Angeles.`;
  const { least = -Infinity, most = Infinity } = policy;
  return typeof value === "number" && (value < least || value > most)
    ? `${key} is ${value}, which is not between ${least} and ${most}.`
    : undefined;
}

/** The policy bundle of a migration: what is given, and of the rest the defaults, marked as such. */
export function policyBundle(given: Readonly<Record<string, Value>>) {
  const all = policies.map(({ key, description, value, required }) => {
    const known = Object.hasOwn(given, key);
    const now = known ? given[key] : value;
    const fault = policyFault(key, now);
    return {
      key,
      value: now as Value,
      source: known ? "manual" : "default",
      description,
      required: required ?? false,
      ...(fault === undefined ? {} : { validationError: fault }),
    };
  });
  const errors = all.flatMap(({ validationError }) => validationError ?? []);
  return {
    version: "1.0",
    organizationName: String(given["display.organizationName"] ?? ""),
    policies: all,
    validation: { valid: errors.length === 0, errors, warnings: [] },
    metadata: { policies: all.length },
  };
}
