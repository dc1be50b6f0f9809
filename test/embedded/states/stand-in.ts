import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { AslDefinition, Json, State } from "../../../lib/embedded/states/asl.ts";
import type { TrailHabits } from "../../../lib/embedded/states/cloudtrail.ts";
import type { Invoke } from "../../../lib/embedded/states/run.ts";
import { type StatesService, startStatesService } from "../../../lib/embedded/states/service.ts";

/** A Lambda function of a test. */
export type Handler = (
  payload: Json,
  context: { timeoutMs: number | undefined; signal: AbortSignal },
) => unknown;

export const PREFIX = "arn:aws:states:us-east-1:000000000000";

/** A machine whose states follow one another in the order given. */
export function chain(
  states: Record<string, Omit<State, "Type"> & { Type: string }>,
): AslDefinition {
  const names = Object.keys(states);
  const linked = names.map((name, index) => {
    const state = states[name] as State;
    const ends = state.Next || state.End || ["Choice", "Succeed", "Fail"].includes(state.Type);
    const next = names[index + 1];
    return [name, ends ? state : { ...state, ...(next ? { Next: next } : { End: true }) }];
  });
  return { StartAt: String(names[0]), States: Object.fromEntries(linked) };
}

/** A Task that calls a function with the state's whole input. */
export function call(
  functionName: string,
  more: Partial<State> = {},
): Omit<State, "Type"> & { Type: string } {
  return {
    Type: "Task",
    Resource: "arn:aws:states:::lambda:invoke",
    Parameters: { FunctionName: functionName, "Payload.$": "$" },
    TimeoutSeconds: 20,
    ...more,
  };
}

/** A Task that hands its token to a function and waits. */
export function ask(functionName: string, more: Partial<State> = {}) {
  return call(functionName, {
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Parameters: { FunctionName: functionName, Payload: { "token.$": "$$.Task.Token" } },
    ...more,
  });
}

/** A service on a folder of its own, with a client; `functions` may be changed while it runs. */
export class StandIn {
  readonly functions: Record<string, Handler>;
  readonly directory: string;
  readonly machines: Record<string, AslDefinition>;
  trail: TrailHabits = {};
  /** Milliseconds by which the service's clock is ahead. */
  ahead = 0;
  /** Called each time the service looks at its clock. */
  looked: () => void = () => {};
  service!: StatesService;
  client!: SFNClient;

  constructor(
    directory: string,
    machines: Record<string, AslDefinition>,
    functions: Record<string, Handler>,
  ) {
    this.directory = directory;
    this.machines = machines;
    this.functions = functions;
  }

  static async start(
    machines: Record<string, AslDefinition>,
    functions: Record<string, Handler> = {},
  ): Promise<StandIn> {
    const directory = await mkdtemp(join(tmpdir(), "states-"));
    const standIn = new StandIn(directory, machines, functions);
    await standIn.open();
    return standIn;
  }

  async open(): Promise<void> {
    const invoke: Invoke = async (name, payload, context) => {
      const handler = this.functions[name];
      if (!handler) throw new Error(`The test has no function ${name}.`);
      return handler(payload as Json, context);
    };
    this.service = await startStatesService({
      directory: this.directory,
      machines: this.machines,
      invoke,
      clock: () => {
        this.looked();
        return new Date(Date.now() + this.ahead);
      },
      trail: this.trail,
      authenticate: async (request) => String(request.headers["x-caller"] ?? "tester"),
    });
    this.client = clientOf(this.service.url);
  }

  /** Closes the service as a machine that is switched off in good order would. */
  async rest(): Promise<void> {
    this.client.destroy();
    await this.service.close();
  }

  async close(): Promise<void> {
    await this.rest();
    await rm(this.directory, { recursive: true, force: true });
  }

  async begin(machine: string, input: Json = {}, name?: string): Promise<string> {
    const command = new StartExecutionCommand({
      stateMachineArn: `${PREFIX}:stateMachine:${machine}`,
      input: JSON.stringify(input),
      ...(name ? { name } : {}),
    });
    return String((await this.client.send(command)).executionArn);
  }

  describe(executionArn: string): Promise<DescribeExecutionCommandOutput> {
    return this.client.send(new DescribeExecutionCommand({ executionArn }));
  }

  /** Waits for the end and returns the description with `output` parsed. */
  async ended(
    arn: string,
  ): Promise<{ status: string; output: Json; error?: string; cause?: string }> {
    for (;;) {
      const { status, output, error, cause } = await this.describe(arn);
      if (status !== "RUNNING") {
        return {
          status: String(status),
          output: output === undefined ? null : JSON.parse(output),
          ...(error === undefined ? {} : { error }),
          ...(cause === undefined ? {} : { cause }),
        };
      }
      await soon();
    }
  }

  /** Starts and waits for the end. */
  async run(machine: string, input: Json = {}) {
    return this.ended(await this.begin(machine, input));
  }

  async history(executionArn: string): Promise<HistoryEvent[]> {
    const command = new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 });
    return (await this.client.send(command)).events ?? [];
  }
}

/** The ordinary client, pointed at a stand-in. */
export function clientOf(endpoint: string): SFNClient {
  return new SFNClient({
    endpoint,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
}

/** A moment, for something to have come true by. */
export function soon(ms = 10): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until something is there. */
export async function eventually<T>(
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await soon();
  }
}
