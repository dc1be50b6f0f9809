import type { Catcher, Retrier, State } from "./asl.ts";
import type { StateFailure } from "./errors.ts";

/**
 * Whether a retrier or catcher names the error. As on AWS nothing catches `States.Runtime`, the
 * wildcards do not catch `States.DataLimitExceeded`, `States.TaskFailed` stands for every error
 * but time-outs, and `States.Timeout` covers missed heartbeats as well.
 */
export function names(errorEquals: string[], error: string): boolean {
  if (error === "States.Runtime") return false;
  if (errorEquals.includes(error)) return true;
  if (error === "States.DataLimitExceeded") return false;
  if (errorEquals.includes("States.ALL")) return true;
  if (error === "States.HeartbeatTimeout" && errorEquals.includes("States.Timeout")) return true;
  return error !== "States.Timeout" && errorEquals.includes("States.TaskFailed");
}

/** Counts a state's retries, each retrier by itself. */
export class Retries {
  readonly #retriers: Retrier[];
  readonly #used: number[];
  readonly #random: () => number;

  constructor(state: State, random: () => number = Math.random) {
    this.#retriers = state.Retry ?? [];
    this.#used = this.#retriers.map(() => 0);
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt; undefined when there is to be none. */
  next(failure: StateFailure): number | undefined {
    const index = this.#retriers.findIndex((it) => names(it.ErrorEquals, failure.error));
    const retrier = this.#retriers[index];
    const used = this.#used[index];
    if (!retrier || used === undefined || used >= (retrier.MaxAttempts ?? 3)) return undefined;
    this.#used[index] = used + 1;
    const interval = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** used;
    const seconds = Math.min(interval, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
    return 1000 * seconds * (retrier.JitterStrategy === "FULL" ? this.#random() : 1);
  }
}

/** The catcher that takes the failure, if there is one. */
export function catcherFor(state: State, failure: StateFailure): Catcher | undefined {
  return state.Catch?.find((catcher) => names(catcher.ErrorEquals, failure.error));
}
