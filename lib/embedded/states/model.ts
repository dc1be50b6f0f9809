/**
 * What the operations take, from the public models of Step Functions (2016-11-23) and CloudTrail
 * (2013-11-01): required members, lengths, ranges and words.
 */
import {
  boolean,
  integer,
  list,
  oneOf,
  type Structure,
  sensitive,
  string,
  structure,
} from "../model/shapes.ts";

const arn = string(1, 256);
const page = { maxResults: integer(0, 1000), nextToken: string(1, 1024) };
const includedData = oneOf("ALL_DATA", "METADATA_ONLY");
const failure = { error: sensitive(256), cause: sensitive(32_768) };
const token = string(1, 2048);
const data = sensitive(262_144);

/** By the value of `X-Amz-Target`. */
export const inputs: Readonly<Record<string, Structure>> = {
  "AWSStepFunctions.StartExecution": structure({
    "stateMachineArn!": arn,
    name: string(1, 80),
    input: data,
    traceHeader: string(0, 256),
  }),
  "AWSStepFunctions.StopExecution": structure({ "executionArn!": arn, ...failure }),
  "AWSStepFunctions.RedriveExecution": structure({
    "executionArn!": arn,
    clientToken: string(1, 64),
  }),
  "AWSStepFunctions.DescribeExecution": structure({ "executionArn!": arn, includedData }),
  "AWSStepFunctions.ListExecutions": structure({
    stateMachineArn: arn,
    statusFilter: oneOf(
      "RUNNING",
      "SUCCEEDED",
      "FAILED",
      "TIMED_OUT",
      "ABORTED",
      "PENDING_REDRIVE",
    ),
    maxResults: integer(0, 1000),
    nextToken: string(1, 3096),
    mapRunArn: string(1, 2000),
    redriveFilter: oneOf("REDRIVEN", "NOT_REDRIVEN"),
  }),
  "AWSStepFunctions.GetExecutionHistory": structure({
    "executionArn!": arn,
    ...page,
    reverseOrder: boolean,
    includeExecutionData: boolean,
  }),
  "AWSStepFunctions.ListStateMachines": structure(page),
  "AWSStepFunctions.DescribeStateMachine": structure({ "stateMachineArn!": arn, includedData }),
  "AWSStepFunctions.DescribeStateMachineForExecution": structure({
    "executionArn!": arn,
    includedData,
  }),
  "AWSStepFunctions.ListTagsForResource": structure({ "resourceArn!": arn }),
  "AWSStepFunctions.SendTaskSuccess": structure({ "taskToken!": token, "output!": data }),
  "AWSStepFunctions.SendTaskFailure": structure({ "taskToken!": token, ...failure }),
  "AWSStepFunctions.SendTaskHeartbeat": structure({ "taskToken!": token }),
  "CloudTrail_20131101.LookupEvents": structure({
    LookupAttributes: list(
      structure({
        // A word that is none has an error of its own; so have category and number of results.
        "AttributeKey!": string(),
        "AttributeValue!": string(1, 2000),
      }),
    ),
    StartTime: { type: "timestamp" },
    EndTime: { type: "timestamp" },
    EventCategory: string(),
    MaxResults: { type: "integer" },
    NextToken: string(),
  }),
};
