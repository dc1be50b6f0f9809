/** Calls that are made one behind the other. */
export interface Turns {
  /** Makes a call behind those that were asked for before; none behind the end. */
  take<Result>(call: () => Promise<Result>): Promise<Result>;
  /** Waits for the call that is under way; those that still wait are refused, and so is each that comes later. */
  end(): Promise<void>;
}

/** Turns of the calls of one transaction: the Data API takes one at a time there. */
export function openTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;
  return {
    take: (call) => {
      const answer = last.then(() => {
        if (ended) throw new Error("The transaction has ended, and this was not sent.");
        return call();
      });
      last = answer.catch(() => {});
      return answer;
    },
    end: async () => {
      ended = true;
      await last;
    },
  };
}
