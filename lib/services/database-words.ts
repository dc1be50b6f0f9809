import { ConnectionLost, DatabaseContended } from "../data/failures.ts";

/** What a code of PostgreSQL's means to whoever runs a migration, and what to do: the first that fits. */
const means: readonly (readonly [state: RegExp, says: string])[] = [
  [
    /^42501$/,
    "wavegate's role lacks a right that the set-up gave it, as where somebody revoked it or made a table anew: `wavegate set-up MIGRATION` gives it again (on AWS: deploy again).",
  ],
  [
    /^(?:42P01|42703|42704|42883|3F000)$/,
    "Something that the definition or wavegate itself names is not there, or is called otherwise by now: call it as it was called while the run lasts; what is wavegate's own `wavegate set-up MIGRATION` makes again.",
  ],
  [/^(?:53100|58030)$/, "The database's disk takes no more, or cannot be written: make room."],
  [
    /^(?:53|54)/,
    "The database lacks memory for it, or another limit of its own is reached: its server's log says which.",
  ],
  [
    /^(?:58|XX)/,
    "The database failed in itself, as where a file of it is damaged: its server's log says more, and whoever administers it looks there first.",
  ],
  [
    /^(?:22|23|27|2F|38|39|P0|0A)/,
    "Something that the platform does by itself may refuse it, a trigger, rule or constraint: `wavegate doctor` lists them; mend or detach what does.",
  ],
];

/** What a code of PostgreSQL's means, and what to do; nothing of one that says nothing to anybody. */
export const meaningOf = (state: string): string | undefined =>
  means.find(([each]) => each.test(state))?.[1];

/** What stands in the way of a request, though nothing is wrong with it. */
type Obstacle = "noRoom" | "away" | "contended";

/** What stood in the way of a request, by the error that ended it; nothing of a defect, which says nothing to anybody. */
export function obstacleOf(error: unknown): Obstacle | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof DatabaseContended) return "contended";
  if (error instanceof ConnectionLost || error.name === "DatabaseUnavailableException")
    return "away";
  // The store of evidence of one machine has its disk's own refusal.
  return error.name === "DiskFull" || /\bSQLState: (?:53100|58030)\b/u.test(error.message)
    ? "noRoom"
    : undefined;
}

/** The same as sentences behind what PostgreSQL said. */
export function inPlainWords(message: string): string {
  const says = meaningOf(/SQLState: ([0-9A-Z]{5})$/.exec(message)?.[1] ?? "");
  return says === undefined
    ? ""
    : `. ${says} What was done before stands, and a transaction under way was written as a whole or not at all; then send it again.`;
}
