import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { AppendLog, readLog } from "./append-log.ts";
import type { AslDefinition } from "./asl.ts";
import type { Definitions } from "./definitions.ts";
import { childOutcome } from "./describe.ts";
import { Interrupted, ServiceError } from "./errors.ts";
import type { LoggedEvent } from "./events.ts";
import { Execution, type Surroundings } from "./execution.ts";
import {
  checkExecutionName,
  digestId,
  executionArn,
  machineArn,
  machineOf,
  type Place,
} from "./names.ts";
import type { Child, Run } from "./run.ts";

/** What to start. */
export interface Start {
  machine: string;
  name: string;
  /** JSON text. */
  input: string;
  parent?: { arn: string; key: string };
}

/** All executions of one folder, those of the past too. */
export class Executions {
  readonly #place: Place;
  readonly #folder: string;
  readonly #definitions: Definitions;
  readonly #around: Surroundings;
  readonly #byArn = new Map<string, { execution: Execution; created: Promise<void> }>();
  #closing = false;

  constructor(
    place: Place,
    directory: string,
    definitions: Definitions,
    around: Omit<Surroundings, "startChild">,
  ) {
    this.#place = place;
    this.#folder = join(directory, "executions");
    this.#definitions = definitions;
    this.#around = {
      ...around,
      startChild: (parent, child) => this.#startChild(parent, child),
    };
  }

  /** Reads what is on the disk; nothing runs yet, but open task tokens are accepted. */
  async load(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const file of await readdir(this.#folder)) {
      if (file.endsWith(".jsonl")) await this.#restore(join(this.#folder, file));
    }
  }

  /** Lets everything run on that was under way. */
  resume(): void {
    for (const { execution } of this.#byArn.values()) {
      if (execution.status === "RUNNING") execution.begin();
    }
  }

  /**
   * Starts an execution. A running one of the same name and input is returned as it is; otherwise
   * a name that was used before is refused with `ExecutionAlreadyExists`.
   */
  async start(start: Start): Promise<Execution> {
    checkExecutionName(start.name);
    const definition = this.#definitions.current(start.machine);
    if (!definition) {
      const arn = machineArn(this.#place, start.machine);
      throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    }
    if (this.#closing) throw new Interrupted({ kind: "closing" });
    const arn = executionArn(this.#place, start.machine, start.name);
    this.checkFree(arn, start.input);
    const known = this.#byArn.get(arn);
    if (!known) return this.#create(arn, start, definition);
    await known.created;
    return known.execution;
  }

  /** Throws `ExecutionAlreadyExists` unless the ARN is new or is running with this very input. */
  checkFree(arn: string, input: string): void {
    const known = this.#byArn.get(arn)?.execution;
    if (known && (known.status !== "RUNNING" || known.inputText !== input)) {
      throw new ServiceError("ExecutionAlreadyExists", `Execution Already Exists: '${arn}'`);
    }
  }

  /** The execution of this ARN; throws `ExecutionDoesNotExist`. */
  get(arn: string): Execution {
    const execution = this.#byArn.get(arn)?.execution;
    if (!execution) {
      throw new ServiceError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    }
    return execution;
  }

  /** All executions, the latest first. */
  all(): Execution[] {
    return [...this.#byArn.values()]
      .map((entry) => entry.execution)
      .sort((a, b) => b.startedAt - a.startedAt || (a.arn < b.arn ? -1 : 1));
  }

  /** The whole log of an execution. */
  history(execution: Execution): Promise<LoggedEvent[]> {
    return readLog<LoggedEvent>(this.#file(execution.arn, execution.name));
  }

  /** Runs an unsuccessful execution again from the state that failed. */
  redrive(execution: Execution): Promise<void> {
    return execution.redrive(() => this.history(execution));
  }

  /** Lets everything rest that is under way. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#byArn.values()].map(({ execution }) => execution.rest()));
  }

  async #create(
    arn: string,
    start: Start,
    definition: { id: string; definition: AslDefinition },
  ): Promise<Execution> {
    const birth = {
      arn,
      name: start.name,
      machine: start.machine,
      machineArn: machineArn(this.#place, start.machine),
      definition: definition.id,
      ...(start.parent ? { parent: start.parent } : {}),
    };
    const born = { input: start.input, at: this.#around.now() };
    const log = new AppendLog(this.#file(arn, start.name));
    const execution = new Execution(birth, definition.definition, born, this.#around, log);
    const created = execution.create();
    this.#byArn.set(arn, { execution, created });
    try {
      await created;
    } catch (cause) {
      this.#byArn.delete(arn);
      await log.close();
      throw cause;
    }
    if (!this.#closing) execution.begin();
    return execution;
  }

  async #restore(path: string): Promise<void> {
    const events = await readLog<LoggedEvent>(path);
    const first = events[0];
    // A first line that was never finished was never acknowledged: there is no such execution.
    if (!first?.birth) return;
    const definition = await this.#definitions.stored(first.birth.definition);
    const born = { input: String(first.details?.input), at: first.at };
    const log = new AppendLog(path);
    const execution = new Execution(first.birth, definition, born, this.#around, log);
    execution.restore(events);
    this.#byArn.set(execution.arn, { execution, created: Promise.resolve() });
  }

  async #startChild(parent: Execution, child: Parameters<Run["startChild"]>[0]): Promise<Child> {
    const machine = machineOf(this.#place, child.machineArn);
    const name = child.name ?? digestId(`${parent.arn} ${child.key}`);
    const execution =
      this.#childOf(parent, machine, name, child.key) ??
      (await this.start({
        machine,
        name,
        input: JSON.stringify(child.input),
        parent: { arn: parent.arn, key: child.key },
      }));
    const { ending } = execution;
    // A child that failed before its parent was redriven is redriven along with it.
    if (ending && ending.status !== "SUCCEEDED" && ending.at <= (parent.redrivenAt ?? 0)) {
      await this.redrive(execution);
    }
    return this.#asChild(execution);
  }

  /** The child that this very place in the parent started, perhaps before a restart. */
  #childOf(parent: Execution, machine: string, name: string, key: string): Execution | undefined {
    const arn = executionArn(this.#place, machine, name);
    const execution = this.#byArn.get(arn)?.execution;
    const by = execution?.birth.parent;
    return by?.arn === parent.arn && by.key === key ? execution : undefined;
  }

  #asChild(execution: Execution): Child {
    const outcome = async () => {
      await execution.ended;
      if (!execution.ending) throw new Interrupted({ kind: "closing" });
      return childOutcome(execution, execution.ending);
    };
    const ended = outcome();
    // The service may close before the parent waits for it, or when it never will.
    ended.catch(() => {});
    return {
      arn: execution.arn,
      startedAt: execution.startedAt,
      ended,
      stop: () => execution.stop(undefined, undefined),
    };
  }

  #file(arn: string, name: string): string {
    const readable = name.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 60);
    return join(this.#folder, `${readable}-${digestId(arn)}.jsonl`);
  }
}
