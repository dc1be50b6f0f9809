import type { AppendLog } from "./append-log.ts";
import { type AslDefinition, HISTORY_LIMIT_EVENTS, type Json } from "./asl.ts";
import { ENDINGS, type EndEvent, type Ending, endingOf, type Status } from "./endings.ts";
import { Interrupted, ServiceError, StateFailure } from "./errors.ts";
import type { Birth, LoggedEvent, NewEvent } from "./events.ts";
import { runStates } from "./interpreter.ts";
import { Journal } from "./journal.ts";
import type { Child, Invoke, Run } from "./run.ts";
import { startTaskEvents } from "./task-events.ts";
import { tokenKey } from "./tasks.ts";
import { pause } from "./timers.ts";
import type { TaskTokens } from "./tokens.ts";

/** What an execution needs of the service it runs in. */
export interface Surroundings {
  region: string;
  tokens: TaskTokens;
  invoke: Invoke;
  now(): number;
  startChild(parent: Execution, child: Parameters<Run["startChild"]>[0]): Promise<Child>;
}

/** One execution: its log on the disk, where it stands, and the loop that moves it on. */
export class Execution implements Run {
  readonly birth: Birth;
  readonly definition: AslDefinition;
  readonly inputText: string;
  readonly startedAt: number;
  redriveCount = 0;
  redrivenAt: number | undefined;
  ending: Ending | undefined;
  journal = new Journal();
  readonly #around: Surroundings;
  readonly #log: AppendLog;
  #lastId = 0;
  #controller = new AbortController();
  #life: Promise<void> = Promise.resolve();
  /** Children that were told to stop; the execution does not end before them. */
  #stopping: Promise<void>[] = [];

  constructor(
    birth: Birth,
    definition: AslDefinition,
    born: { input: string; at: number },
    around: Surroundings,
    log: AppendLog,
  ) {
    this.birth = birth;
    this.definition = definition;
    this.inputText = born.input;
    this.startedAt = born.at;
    this.#around = around;
    this.#log = log;
  }

  /** Takes up where a log ends. Tokens that were open are accepted from now on. */
  restore(events: LoggedEvent[]): void {
    this.#lastId = events.length;
    for (const event of events) this.#recall(event);
    this.journal = Journal.of(events);
    if (this.status !== "RUNNING") return;
    const scopes = new Map(events.map(({ key, scope }) => [key, scope]));
    for (const key of this.journal.openTokens()) {
      const resource = { kind: "token", type: "lambda", name: "invoke.waitForTaskToken" } as const;
      const place = tokenKey(key, this.redriveCount);
      this.tokens.open(
        this.arn,
        place,
        startTaskEvents(this, resource, key, scopes.get(key) ?? "").end,
      );
    }
  }

  get arn(): string {
    return this.birth.arn;
  }
  get name(): string {
    return this.birth.name;
  }
  get machine(): { arn: string; name: string } {
    return { arn: this.birth.machineArn, name: this.birth.machine };
  }
  get status(): Status {
    return this.ending?.status ?? "RUNNING";
  }
  get startTime(): string {
    return new Date(this.startedAt).toISOString();
  }
  get region(): string {
    return this.#around.region;
  }
  get tokens(): TaskTokens {
    return this.#around.tokens;
  }
  get invoke(): Invoke {
    return this.#around.invoke;
  }
  /** Resolves when the execution has ended, or rests because the service closes. */
  get ended(): Promise<void> {
    return this.#life;
  }

  now(): number {
    return this.#around.now();
  }

  async startChild(start: Parameters<Run["startChild"]>[0]): Promise<Child> {
    const child = await this.#around.startChild(this, start);
    const stop = () => {
      const stopped = child.stop();
      this.#stopping.push(stopped);
      return stopped;
    };
    return { ...child, stop };
  }

  async emit(event: NewEvent, at = this.now()): Promise<void> {
    if (this.journal.at(event.type, event.key) !== undefined) return;
    const { reason } = this.#controller.signal;
    if (reason instanceof Interrupted && reason.interruption.kind === "closing") throw reason;
    if (this.#lastId >= HISTORY_LIMIT_EVENTS - 1 && !(event.type in ENDINGS)) {
      const cause = `The execution reached the maximum number of history events (${HISTORY_LIMIT_EVENTS}).`;
      throw new StateFailure("States.Runtime", cause);
    }
    this.#lastId += 1;
    await this.#log.append({ ...event, id: this.#lastId, at }, { patient: true });
  }

  /** Writes the first line; the execution exists once this has resolved. */
  async create(): Promise<void> {
    this.#lastId = 1;
    const details = { input: this.inputText };
    const first = { type: "ExecutionStarted", key: "start", details, birth: this.birth };
    // Whoever starts it hears at once that there is no room for it; another execution waits, as it does with its own lines.
    const patient = this.birth.parent !== undefined;
    await this.#log.append({ ...first, id: 1, at: this.startedAt }, { patient });
  }

  /** Lets the execution run, from where it stands. */
  begin(): void {
    this.#controller = new AbortController();
    this.#life = this.#live(this.#controller.signal);
  }

  /** Ends the execution; its functions are told by their signal, its children are stopped. */
  async stop(error: string | undefined, cause: string | undefined): Promise<void> {
    const why = {
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
    if (!this.ending) this.#controller.abort(new Interrupted({ kind: "stopped", ...why }));
    await this.#life;
  }

  /** Lets the execution rest, to be resumed by the next start of the service. */
  async rest(): Promise<void> {
    this.#controller.abort(new Interrupted({ kind: "closing" }));
    this.#log.giveUp();
    await this.#life;
    await this.#log.close().catch(() => {});
  }

  /** Throws `ExecutionNotRedrivable` unless the execution ended without success. */
  checkRedrivable(): Ending {
    if (this.ending && this.ending.status !== "SUCCEEDED") return this.ending;
    const message = `Execution is not redrivable: its status is ${this.status}.`;
    throw new ServiceError("ExecutionNotRedrivable", message);
  }

  /** Runs an unsuccessful execution again from the state that failed, given its whole log. */
  async redrive(readEvents: () => Promise<LoggedEvent[]>): Promise<void> {
    // Claimed before anything is awaited: a second redrive at the same time finds it running.
    const before = this.checkRedrivable();
    this.ending = undefined;
    const redriveCount = this.redriveCount + 1;
    try {
      this.journal = new Journal();
      const key = `redrive ${redriveCount}`;
      this.#controller = new AbortController();
      await this.emit({ type: "ExecutionRedriven", key, details: { redriveCount } });
      this.restore(await readEvents());
    } catch (cause) {
      this.ending ??= before;
      throw cause;
    }
    this.begin();
  }

  async #live(signal: AbortSignal): Promise<void> {
    const clock = new AbortController();
    this.#limitTime(AbortSignal.any([signal, clock.signal]));
    try {
      const end = await this.#outcome(signal);
      await Promise.all(this.#stopping.splice(0));
      await this.#end(end);
    } catch (thrown) {
      if (!(thrown instanceof Interrupted)) this.#lament(thrown);
    } finally {
      clock.abort();
      this.tokens.closeAll(this.arn);
    }
  }

  async #outcome(
    signal: AbortSignal,
  ): Promise<{ type: string; details?: { [field: string]: Json } }> {
    try {
      const { position } = this.journal;
      const frame = { run: this, scope: "", top: true, signal };
      const input = JSON.parse(this.inputText) as Json;
      const output =
        position?.kind === "through"
          ? position.output
          : await runStates(this.definition, input, frame, position);
      return { type: "ExecutionSucceeded", details: { output: JSON.stringify(output) } };
    } catch (thrown) {
      const ending = endingOf(thrown);
      if (ending) return ending;
      throw thrown;
    }
  }

  async #end(event: EndEvent): Promise<void> {
    const at = this.now();
    await this.emit({ ...event, key: `end ${this.redriveCount}` }, at);
    this.#recall({ ...event, key: "", id: this.#lastId, at });
    this.journal = new Journal();
    await this.#log.close();
  }

  /** What an event says about the execution as a whole. */
  #recall(event: LoggedEvent): void {
    const status = ENDINGS[event.type];
    if (status) {
      this.ending = { status, at: event.at, ...(event.details as Partial<Ending>) };
    } else if (event.type === "ExecutionRedriven") {
      this.ending = undefined;
      this.redriveCount = Number(event.details?.redriveCount);
      this.redrivenAt = event.at;
    }
  }

  #limitTime(signal: AbortSignal): void {
    const seconds = this.definition.TimeoutSeconds;
    if (seconds === undefined) return;
    const left = (this.redrivenAt ?? this.startedAt) + seconds * 1000 - this.now();
    pause(left, signal)
      .then(() => this.#controller.abort(new Interrupted({ kind: "timed-out" })))
      .catch(() => {});
  }

  /** The log cannot be written, or there is a bug: the execution stays as it is on the disk. */
  #lament(thrown: unknown): void {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    console.error(`The execution ${this.arn} stands still until the next start: ${why}`);
  }
}
