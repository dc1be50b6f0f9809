import { setTimeout as wait } from "node:timers/promises";

/** The clock, waiting and chance, passed in: tests wait for nothing. */
export interface Time {
  now(): number;
  sleep(milliseconds: number): Promise<unknown>;
  /** In [0, 1). */
  random(): number;
}

export const realTime: Time = {
  now: () => Date.now(),
  sleep: (milliseconds) => wait(milliseconds),
  random: () => Math.random(),
};
