import type { GetExecutionHistoryOutput, ListExecutionsOutput } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { waitingHours } from "../../lib/telemetry/waiting.ts";

const now = new Date("2026-03-02T12:00:00Z");

async function* pages<Page>(...all: Page[]): AsyncGenerator<Page> {
  yield* all;
}

const entered = (name: string, at: string) => ({
  id: 1,
  type: "TaskStateEntered" as const,
  timestamp: new Date(at),
  stateEnteredEventDetails: { name },
});

const running = (...arns: string[]): AsyncGenerator<ListExecutionsOutput> =>
  pages(
    ...arns.map((executionArn) => ({
      executions: [
        {
          executionArn,
          stateMachineArn: "m",
          name: "n",
          status: "RUNNING" as const,
          startDate: now,
        },
      ],
    })),
  );

const histories = (by: Record<string, GetExecutionHistoryOutput[]>) => (arn: string) =>
  pages(...(by[arn] ?? []));

describe("how long people have been waited for", () => {
  it("is nothing while nothing runs", async () => {
    const hours = await waitingHours({ running: running(), history: histories({}) }, now);
    expect(hours).toEqual({ SignOffHours: 0 });
  });

  it("is that of the longest wait for a sign-off, from when its state was entered: what pauses or halts ends", async () => {
    const hours = await waitingHours(
      {
        running: running("a", "b", "c", "d"),
        history: histories({
          a: [
            {
              events: [
                { id: 3, type: "TaskSubmitted", timestamp: now },
                entered("SignOff", "2026-03-01T06:00:00Z"),
                entered("NextWave", "2026-03-01T05:59:00Z"),
              ],
            },
          ],
          b: [{ events: [] }, { events: [entered("SignOff", "2026-03-02T11:15:00Z")] }],
          c: [{ events: [entered("Halted", "2026-03-02T10:00:00Z")] }],
          d: [
            {
              events: [
                entered("Match", "2026-03-02T09:00:00Z"),
                entered("SignOff", "2026-02-01T00:00:00Z"),
              ],
            },
          ],
        }),
      },
      now,
    );
    expect(hours).toEqual({ SignOffHours: 30 });
  });
});
