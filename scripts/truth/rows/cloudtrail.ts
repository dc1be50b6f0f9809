import { LookupEventsCommand, type LookupEventsCommandInput } from "@aws-sdk/client-cloudtrail";
import type { Aws, Row } from "../row.ts";
import { execution } from "./states.ts";

const lookUp = (input: LookupEventsCommandInput) => (aws: Aws) =>
  aws.trail.send(new LookupEventsCommand(input));
const byName = { AttributeKey: "EventName", AttributeValue: "StartExecution" } as const;
const call = "LookupEvents";

/** What the product asks of CloudTrail: who started an execution. */
export const cloudtrail: readonly Row[] = [
  {
    asks: "LookupEvents by the resource's name, where nothing was done",
    call,
    known: "documented",
    ask: async (aws) => {
      const LookupAttributes = [
        { AttributeKey: "ResourceName", AttributeValue: execution(aws) } as const,
      ];
      return (await aws.trail.send(new LookupEventsCommand({ LookupAttributes }))).Events;
    },
    answers: [],
  },
  {
    asks: "LookupEvents by two attributes at once",
    call,
    known: "documented",
    ask: lookUp({ LookupAttributes: [byName, byName] }),
    answers: "InvalidLookupAttributesException",
  },
  {
    asks: "LookupEvents with a page's token that is none",
    call,
    known: "documented",
    ask: lookUp({ LookupAttributes: [byName], NextToken: "no token" }),
    answers: "InvalidNextTokenException",
  },
  {
    asks: "LookupEvents in pages of 51",
    call,
    known: "assumed",
    ask: lookUp({ LookupAttributes: [byName], MaxResults: 51 }),
    answers: "InvalidMaxResultsException",
  },
  {
    asks: "LookupEvents from a time after its end",
    call,
    known: "documented",
    ask: lookUp({
      LookupAttributes: [byName],
      StartTime: new Date("2026-01-02T00:00:00Z"),
      EndTime: new Date("2026-01-01T00:00:00Z"),
    }),
    answers: "InvalidTimeRangeException",
  },
];
