import type { LoggedEvent } from "./events.ts";

/**
 * For each event of a history the event that led to it, as AWS was recorded to number them: every
 * branch of a Parallel and iteration of a Map is followed on its own. The first state's is 0, as is
 * that of an abort; the end of an iteration leads to nothing but the end of its Map; what comes after
 * an iteration, and a Map that is tried again, name the last event inside.
 */
export function previousEvents(events: readonly LoggedEvent[]): ReadonlyMap<number, number> {
  const chain = new Chain();
  return new Map(events.map((event) => [event.id, chain.follow(event)]));
}

class Chain {
  /** The newest event of each branch, iteration, and of the outermost states (""). */
  readonly #newest = new Map<string, number>([["", 0]]);
  /** Where branches of a Parallel begin: its Started event, and the states it stands among. */
  readonly #parallels = new Map<string, { id: number; scope: string }>();
  /** The newest event inside the Parallel that is under way among these states. */
  readonly #inBranches = new Map<string, number>();
  /** The newest finished iteration of the Map that is under way among these states. */
  readonly #finished = new Map<string, number>();

  follow(event: LoggedEvent): number {
    const { type, id, key, scope = "" } = event;
    if (
      type === "ExecutionStarted" ||
      type === "ExecutionAborted" ||
      type === "ExecutionTimedOut"
    ) {
      return 0;
    }
    if (type === "MapIterationStarted") return this.#step(key, id, this.#before(scope));
    if (/^MapIteration(Succeeded|Failed)$/.test(type)) {
      const last = this.#before(key);
      this.#newest.set(scope, last);
      if (type.endsWith("Succeeded")) this.#finished.set(scope, id);
      return last;
    }
    if (type === "MapIterationAborted") return this.#before(scope);
    if (/^(Map|Parallel)State(Started|Succeeded|Failed)$/.test(type)) return this.#around(event);
    const previous = this.#step(scope, id, this.#before(scope));
    const parallel = this.#parallels.get(parallelOf(scope));
    if (parallel) this.#inBranches.set(parallel.scope, id);
    return previous;
  }

  #around({ type, id, key, scope = "" }: LoggedEvent): number {
    const inside = type.startsWith("Map")
      ? type.endsWith("Succeeded") && this.#finished.get(scope)
      : this.#inBranches.get(scope);
    const previous = inside || this.#before(scope);
    // What succeeded is passed over: the state's exit names what came before it.
    this.#newest.set(scope, type.endsWith("Succeeded") ? previous : id);
    this.#finished.delete(scope);
    this.#inBranches.delete(scope);
    if (type === "ParallelStateStarted") this.#parallels.set(key, { id, scope });
    return previous;
  }

  #step(scope: string, id: number, previous: number): number {
    this.#newest.set(scope, id);
    return previous;
  }

  #before(scope: string): number {
    return this.#newest.get(scope) ?? this.#parallels.get(parallelOf(scope))?.id ?? 0;
  }
}

/** The key of the Parallel that a branch belongs to. */
const parallelOf = (scope: string): string => scope.replace(/\{\d+\}$/, "");
