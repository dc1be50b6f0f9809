/** Whether tests take every step: `npm run test:all`. */
export const everyStep = process.env.WAVEGATE_TESTS === "all";

/**
 * Of the steps before which a test cuts off, meets or overtakes something `npm test` takes every nth, so that each
 * kind of step is met in minutes; `npm run test:all` takes each of them, or with `WAVEGATE_STRIDE=n` every nth.
 */
export const everyNth = (nth: number): number =>
  everyStep ? Number(process.env.WAVEGATE_STRIDE ?? 1) : nth;
