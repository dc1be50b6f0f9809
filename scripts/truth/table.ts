import {
  type CloudTrailClient,
  LookupEventsCommand,
  type LookupEventsCommandInput,
} from "@aws-sdk/client-cloudtrail";
import { ExecuteStatementCommand, type RDSDataClient } from "@aws-sdk/client-rds-data";
import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";

/** What a row asks, and where things are: stand-ins on this machine, or an account. */
export interface Aws {
  readonly states: SFNClient;
  readonly trail: CloudTrailClient;
  readonly data: RDSDataClient;
  readonly region: string;
  readonly account: string;
  /** A cluster with the Data API, its secret and a database: rows about it are left out without. */
  readonly database?: { resourceArn: string; secretArn: string; database: string } | undefined;
}

/** One request, and what answers it. */
export interface Row {
  readonly asks: string;
  /** How we know the answer: a recording of AWS, its documentation or models, or our best guess. */
  readonly known: "recorded" | "documented" | "assumed";
  /** The part that is asked: an account without a cluster leaves `rds-data` out. */
  readonly service: "states" | "cloudtrail" | "rds-data";
  readonly ask: (aws: Aws) => Promise<unknown>;
  /** An operator may not ask this: it is left out where it is refused. */
  readonly notForOperators?: true;
  /** The answer's part that the product rests on, or the error's name. */
  readonly answers: unknown;
}

const machine = ({ region, account }: Aws, name = "there-is-none") =>
  `arn:aws:states:${region}:${account}:stateMachine:${name}`;
const execution = (aws: Aws) =>
  `${machine(aws).replace(":stateMachine:", ":execution:")}:there-is-none`;

/** A statement with its first value as the client gives it; nothing is written by any of them. */
const select =
  (sql: string, more: object = {}) =>
  async ({ data, database }: Aws) => {
    if (!database) throw new Error("There is no database to ask.");
    const { records } = await data.send(new ExecuteStatementCommand({ ...database, sql, ...more }));
    return records?.[0]?.[0];
  };

const lookUp = (input: LookupEventsCommandInput) => (aws: Aws) =>
  aws.trail.send(new LookupEventsCommand(input));
const byName = { AttributeKey: "EventName", AttributeValue: "StartExecution" } as const;

/** What the product asks of AWS and every error that it handles, as far as asking changes nothing. */
export const rows: readonly Row[] = [
  {
    asks: "StartExecution of a machine that is not there",
    known: "recorded",
    service: "states",
    ask: (aws) =>
      aws.states.send(new StartExecutionCommand({ stateMachineArn: machine(aws), input: "{}" })),
    answers: "StateMachineDoesNotExist",
  },
  {
    asks: "StartExecution by something that is no ARN",
    known: "recorded",
    service: "states",
    ask: (aws) => aws.states.send(new StartExecutionCommand({ stateMachineArn: "no arn" })),
    answers: "InvalidArn",
  },
  {
    asks: "StartExecution under a name with a space",
    known: "documented",
    service: "states",
    ask: (aws) =>
      aws.states.send(new StartExecutionCommand({ stateMachineArn: machine(aws), name: "a b" })),
    answers: "InvalidName",
  },
  {
    asks: "DescribeStateMachine of a machine that is not there",
    known: "recorded",
    service: "states",
    ask: (aws) =>
      aws.states.send(new DescribeStateMachineCommand({ stateMachineArn: machine(aws) })),
    answers: "StateMachineDoesNotExist",
  },
  {
    asks: "ListExecutions of a machine that is not there",
    known: "recorded",
    service: "states",
    ask: (aws) => aws.states.send(new ListExecutionsCommand({ stateMachineArn: machine(aws) })),
    answers: "StateMachineDoesNotExist",
  },
  {
    asks: "DescribeExecution of an execution that is not there",
    known: "recorded",
    service: "states",
    ask: (aws) => aws.states.send(new DescribeExecutionCommand({ executionArn: execution(aws) })),
    answers: "ExecutionDoesNotExist",
  },
  {
    asks: "GetExecutionHistory of an execution that is not there",
    known: "recorded",
    service: "states",
    ask: (aws) => aws.states.send(new GetExecutionHistoryCommand({ executionArn: execution(aws) })),
    answers: "ExecutionDoesNotExist",
  },
  {
    asks: "StopExecution of an execution that is not there",
    known: "documented",
    service: "states",
    ask: (aws) => aws.states.send(new StopExecutionCommand({ executionArn: execution(aws) })),
    answers: "ExecutionDoesNotExist",
  },
  {
    asks: "DescribeExecution in another region's name",
    known: "assumed",
    service: "states",
    ask: (aws) =>
      aws.states.send(
        new DescribeExecutionCommand({
          executionArn: execution({ ...aws, region: "ap-south-2" }),
        }),
      ),
    answers: "InvalidArn",
  },
  {
    asks: "SendTaskSuccess with a token that is none",
    notForOperators: true,
    known: "recorded",
    service: "states",
    ask: (aws) =>
      aws.states.send(new SendTaskSuccessCommand({ taskToken: "no token", output: "{}" })),
    answers: "InvalidToken",
  },
  {
    asks: "LookupEvents by the resource's name, where nothing was done",
    known: "documented",
    service: "cloudtrail",
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
    known: "documented",
    service: "cloudtrail",
    ask: lookUp({ LookupAttributes: [byName, byName] }),
    answers: "InvalidLookupAttributesException",
  },
  {
    asks: "LookupEvents with a page's token that is none",
    known: "documented",
    service: "cloudtrail",
    ask: lookUp({ LookupAttributes: [byName], NextToken: "no token" }),
    answers: "InvalidNextTokenException",
  },
  {
    asks: "a 64-bit integer as text",
    known: "documented",
    service: "rds-data",
    ask: select("select 9007199254740993::bigint", {
      resultSetOptions: { longReturnType: "STRING" },
    }),
    answers: { stringValue: "9007199254740993" },
  },
  {
    asks: "a decimal",
    known: "documented",
    service: "rds-data",
    ask: select("select 1.50::numeric"),
    answers: { stringValue: "1.50" },
  },
  {
    asks: "a statement that the database refuses",
    known: "documented",
    service: "rds-data",
    ask: select("select 1/0"),
    answers: "DatabaseErrorException",
  },
  {
    asks: "two statements in one",
    known: "documented",
    service: "rds-data",
    ask: select("select 1; select 2"),
    answers: "ValidationException",
  },
  {
    asks: "a list as a parameter",
    known: "documented",
    service: "rds-data",
    ask: select("select :list", {
      parameters: [{ name: "list", value: { arrayValue: { longValues: [1] } } }],
    }),
    answers: "BadRequestException",
  },
  {
    asks: "an answer of more than a megabyte",
    known: "documented",
    service: "rds-data",
    ask: select("select repeat('x', 60000) from generate_series(1, 20)"),
    answers: "UnsupportedResultException",
  },
  {
    asks: "a transaction that is not there",
    known: "documented",
    service: "rds-data",
    ask: select("select 1", { transactionId: "bm90IG9uZQ==" }),
    answers: "TransactionNotFoundException",
  },
];

/** A row whose answer was another one. */
export interface Difference {
  readonly asks: string;
  readonly expected: unknown;
  readonly got: unknown;
}

/** Asks every row that can be asked here; the rest is returned as left out. */
export async function compare(
  aws: Aws,
): Promise<{ same: Row[]; different: Difference[]; leftOut: Row[] }> {
  const same: Row[] = [];
  const different: Difference[] = [];
  const leftOut: Row[] = [];
  for (const row of rows) {
    if (row.service === "rds-data" && !aws.database) {
      leftOut.push(row);
      continue;
    }
    const got = await row.ask(aws).catch((error: Error) => error.name);
    if (row.notForOperators && got === "AccessDeniedException") {
      leftOut.push(row);
      continue;
    }
    const equal = JSON.stringify(got) === JSON.stringify(row.answers);
    if (equal) same.push(row);
    else different.push({ asks: row.asks, expected: row.answers, got });
  }
  return { same, different, leftOut };
}
