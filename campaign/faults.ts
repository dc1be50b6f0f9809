import type { Random } from "../scripts/sample/random.ts";

/** What goes wrong, at one call to the database. */
const atCalls = [
  "lost response",
  "lost rollback",
  "throttled call",
  "database that resumes",
  "statement time-out",
  "cut connections to PostgreSQL",
  "cut connections to MariaDB",
  "cancelled backends",
  "terminated backends",
  "killed runtime",
  "full disk",
] as const;

/** What goes wrong with a whole step. */
const atSteps = [
  "duplicate delivery",
  "delivered once more",
  "second runtime at once",
  "clock jump",
] as const;

export type FaultKind = (typeof atCalls)[number] | (typeof atSteps)[number];

export const faultKinds: readonly FaultKind[] = [...atCalls, ...atSteps];

/** One fault: at the n-th call to the database (from 0) of the first try of a step. */
export interface Fault {
  readonly kind: FaultKind;
  readonly step: string;
  readonly call: number;
  fired: boolean;
}

/** How many calls each step made when nothing went wrong. */
export type Calls = ReadonlyMap<string, number>;

/** Steps that read the legacy database. */
const readsSource = /^(preflight|plan-import|import-range)/;

/**
 * One to four faults: each step is as likely to be hit as any other, and within it each of its calls.
 *
 * @param possible kinds that this machine can do
 */
export function drawFaults(
  random: Random,
  calls: Calls,
  possible: readonly FaultKind[],
): readonly Fault[] {
  const steps = [...calls.keys()];
  const reading = steps.filter((step) => readsSource.test(step));
  return Array.from({ length: 1 + random.below(4) }, () => {
    const kind = random.pick(possible);
    const step = random.pick(kind === "cut connections to MariaDB" ? reading : steps);
    const whole = (atSteps as readonly string[]).includes(kind);
    return { kind, step, call: whole ? 0 : random.below(calls.get(step) ?? 1), fired: false };
  });
}
