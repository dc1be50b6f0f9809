import type { Json } from "./asl.ts";
import { StateFailure } from "./errors.ts";
import type { LoggedEvent } from "./events.ts";

/** How a task ended. */
export type Outcome =
  | { kind: "succeeded"; output: Json }
  | { kind: "failed"; error: string; cause: string }
  | { kind: "timed-out"; error: string; cause: string };

/** The task's output, or its failure as an exception. */
export function unwrap(outcome: Outcome): Json {
  if (outcome.kind === "succeeded") return outcome.output;
  throw new StateFailure(outcome.error, outcome.cause);
}

/** Where an execution stands: before a state, or past the last one. */
export type Position =
  | { kind: "at"; state: string; input: Json; visit: number }
  | { kind: "through"; output: Json };

/** Events that stay true when an execution is redriven; all others will happen again. */
const KEPT_BY_A_REDRIVE = /^([A-Z][a-z]+State(Entered|Exited)|MapIterationSucceeded) /;

/**
 * What an execution had already done in the outermost state it stood at when the process ended.
 * The state is entered again with its logged input, and whatever is found here by its key is
 * taken from here instead of being done again: finished tasks are not run a second time (also
 * inside a Map or Parallel), pending tokens and children are found again.
 */
export class Journal {
  position: Position | undefined;
  readonly #seen = new Map<string, number>();
  readonly #outcomes = new Map<string, Outcome>();
  #visits = 0;

  /** Reads a log from its first line. */
  static of(events: LoggedEvent[]): Journal {
    const journal = new Journal();
    for (const event of events) journal.#take(event);
    return journal;
  }

  /** When an event of this type was logged for this place, in milliseconds since 1970. */
  at(type: string, key: string): number | undefined {
    return this.#seen.get(`${type} ${key}`);
  }

  /** How the task at this place ended, if it did. */
  outcome(key: string): Outcome | undefined {
    return this.#outcomes.get(key);
  }

  /** Places where a task token was handed out and not used. */
  openTokens(): string[] {
    const marker = "TokenIssued ";
    return [...this.#seen.keys()]
      .filter((entry) => entry.startsWith(marker))
      .map((entry) => entry.slice(marker.length))
      .filter((key) => !this.#outcomes.has(key));
  }

  #take(event: LoggedEvent): void {
    if (event.type === "ExecutionRedriven") {
      this.#forgetFailures();
      return;
    }
    if (event.top) this.#move(event);
    this.#seen.set(`${event.type} ${event.key}`, event.at);
    if (String(event.details?.resource).endsWith(".waitForTaskToken")) {
      this.#seen.set(`TokenIssued ${event.key}`, event.at);
    }
    const outcome = outcomeIn(event);
    if (outcome) this.#outcomes.set(event.key, outcome);
  }

  #move(event: LoggedEvent): void {
    const details = event.details ?? {};
    if (event.type.endsWith("StateEntered")) {
      this.#seen.clear();
      this.#outcomes.clear();
      const input = JSON.parse(String(details.input)) as Json;
      this.position = { kind: "at", state: String(details.name), input, visit: this.#visits };
      this.#visits += 1;
    } else if (event.type.endsWith("StateExited")) {
      const output = JSON.parse(String(details.output)) as Json;
      this.position =
        typeof event.next === "string"
          ? { kind: "at", state: event.next, input: output, visit: this.#visits }
          : { kind: "through", output };
    }
  }

  /** A redrive runs the states again that were not left, be it in good order or by a Catch. */
  #forgetFailures(): void {
    for (const key of [...this.#outcomes.keys()]) {
      if (!this.#wasLeft(key)) this.#outcomes.delete(key);
    }
    for (const entry of [...this.#seen.keys()]) {
      if (!KEPT_BY_A_REDRIVE.test(entry)) this.#seen.delete(entry);
    }
  }

  #wasLeft(attemptKey: string): boolean {
    return this.#seen.has(`TaskStateExited ${attemptKey.slice(0, attemptKey.lastIndexOf("@"))}`);
  }
}

function outcomeIn(event: LoggedEvent): Outcome | undefined {
  const type = /^(?:Task|LambdaFunction)(Succeeded|Failed|TimedOut)$/.exec(event.type)?.[1];
  if (!type) return undefined;
  const details = event.details ?? {};
  if (type === "Succeeded") {
    return { kind: "succeeded", output: JSON.parse(String(details.output)) as Json };
  }
  const kind = type === "Failed" ? "failed" : "timed-out";
  return { kind, error: String(details.error ?? ""), cause: String(details.cause ?? "") };
}
