import type { GetExecutionHistoryOutput, ListExecutionsOutput } from "@aws-sdk/client-sfn";

/** Step Functions, as far as this look needs it: pages of answers. */
interface Histories {
  readonly running: AsyncIterable<ListExecutionsOutput>;
  /** Latest event first, without payloads. */
  readonly history: (executionArn: string) => AsyncIterable<GetExecutionHistoryOutput>;
}

/** The state that waits for a person: an execution that pauses or halts ends. */
const waits = "SignOff";

/** Hours of the longest wait; 0 where nobody is waited for. The database is left asleep. */
export async function waitingHours(
  states: Histories,
  now: Date,
): Promise<{ SignOffHours: number }> {
  let hours = 0;
  for await (const { executions = [] } of states.running) {
    for (const { executionArn } of executions) {
      const current = await currentState(states.history(executionArn ?? ""));
      if (current?.name !== waits) continue;
      const waited = (now.getTime() - current.since.getTime()) / 3_600_000;
      hours = Math.max(hours, Math.round(waited * 100) / 100);
    }
  }
  return { SignOffHours: hours };
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
