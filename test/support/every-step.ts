import { it } from "vitest";

/** Whether tests take every step: `npm run test:all`. */
export const everyStep = process.env.WAVEGATE_TESTS === "all";

/** A test that `npm run test:all` takes and `npm test` leaves out, as shorter ones go through the same. */
export const inFull = it.runIf(everyStep);

/** Of rows that are alike `npm test` takes every nth; `npm run test:all` takes each. */
export const someOf = <Row>(nth: number, rows: readonly Row[]): readonly Row[] =>
  everyStep ? rows : rows.filter((_, at) => at % nth === 0);

/**
 * Of the steps before which a test cuts off, meets or overtakes something `npm test` takes every nth, so that each
 * kind of step is met in minutes; `npm run test:all` takes each of them, or with `WAVEGATE_STRIDE=n` every nth.
 */
export const everyNth = (nth: number): number =>
  everyStep ? Number(process.env.WAVEGATE_STRIDE ?? 1) : nth;
