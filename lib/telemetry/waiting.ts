import type { GetExecutionHistoryOutput, ListExecutionsOutput } from "@aws-sdk/client-sfn";

/** Step Functions, as far as this look needs it: pages of answers. */
export interface Histories {
  readonly running: AsyncIterable<ListExecutionsOutput>;
  /** Latest event first, without payloads. */
  readonly history: (executionArn: string) => AsyncIterable<GetExecutionHistoryOutput>;
}

/** States that wait for a person, and the metric that says how long the oldest has waited. */
const metricOf: Readonly<Record<string, string>> = {
  SignOff: "SignOffHours",
  Halted: "HaltedHours",
  Paused: "PausedHours",
};

/** Hours of the longest wait by kind; 0 where nobody is waited for. The database is left asleep. */
export async function waitingHours(states: Histories, now: Date): Promise<Record<string, number>> {
  const hours: Record<string, number> = { SignOffHours: 0, HaltedHours: 0, PausedHours: 0 };
  for await (const { executions = [] } of states.running) {
    for (const { executionArn } of executions) {
      const current = await currentState(states.history(executionArn ?? ""));
      const metric = current && metricOf[current.name];
      if (!metric) continue;
      const waited = (now.getTime() - current.since.getTime()) / 3_600_000;
      hours[metric] = Math.max(hours[metric] ?? 0, Math.round(waited * 100) / 100);
    }
  }
  return hours;
}

/** The task that an execution entered last. */
async function currentState(
  pages: AsyncIterable<GetExecutionHistoryOutput>,
): Promise<{ name: string; since: Date } | undefined> {
  for await (const { events = [] } of pages) {
    const entered = events.find(({ type }) => type === "TaskStateEntered");
    const name = entered?.stateEnteredEventDetails?.name;
    if (name && entered.timestamp) return { name, since: entered.timestamp };
  }
  return undefined;
}
