import {
  type CloudTrailClient,
  type Event,
  paginateLookupEvents,
} from "@aws-sdk/client-cloudtrail";

/** How an event of CloudTrail is asked for: one attribute a call is all that it takes. */
type Question = { AttributeKey: "ResourceName" | "EventName"; AttributeValue: string };

/** An execution records its run seconds after it began, and minutes later while a database wakes. */
const beforeMs = 15 * 60_000;
/** Clocks of two services may differ. */
const afterMs = 60_000;

/**
 * Who started an execution, as CloudTrail vouches, or undefined while it does not tell (W8). It is
 * asked by the execution's ARN first; as no documentation says that a start lists its execution as
 * a resource, then by the event's name around the moment at which the execution recorded its run.
 * Either way the event must answer with this very execution. A start that is asked for twice is one
 * execution: who asked first began it, and attempts that were refused began nothing.
 */
export async function whoStarted(
  trail: CloudTrailClient,
  executionArn: string,
  recordedAt: Date,
): Promise<string | undefined> {
  const questions: Question[] = [
    { AttributeKey: "ResourceName", AttributeValue: executionArn },
    { AttributeKey: "EventName", AttributeValue: "StartExecution" },
  ];
  for (const question of questions) {
    const starts: Event[] = [];
    const pages = paginateLookupEvents(
      { client: trail },
      {
        LookupAttributes: [question],
        StartTime: new Date(recordedAt.getTime() - beforeMs),
        EndTime: new Date(recordedAt.getTime() + afterMs),
      },
    );
    for await (const { Events = [] } of pages) {
      starts.push(...Events.filter((event) => began(event, executionArn)));
    }
    const first = starts.sort((one, other) => timeOf(one) - timeOf(other))[0];
    if (first?.Username) return first.Username;
  }
  return undefined;
}

/** The event is a start that went through, and its answer names the execution. */
function began({ EventName, CloudTrailEvent }: Event, executionArn: string): boolean {
  if (EventName !== "StartExecution" || CloudTrailEvent === undefined) return false;
  const { errorCode, responseElements } = JSON.parse(CloudTrailEvent) as {
    errorCode?: string;
    responseElements?: { executionArn?: string } | null;
  };
  return errorCode === undefined && responseElements?.executionArn === executionArn;
}

const timeOf = ({ EventTime }: Event): number => EventTime?.getTime() ?? Number.POSITIVE_INFINITY;
