/**
 * Of tests in the order of how likely they notice something as many as may be, as far as they fit into so many seconds: one
 * that takes too long keeps no shorter one away. The likeliest of those left out by that comes last all the same: short
 * tests that have less to do with it notice less.
 */
export function fitting(
  likely: readonly string[],
  secondsOf: (test: string) => number,
  most: { readonly tests: number; readonly seconds: number },
): string[] {
  const asked: string[] = [];
  let long: string | undefined;
  let seconds = 0;
  for (const test of likely) {
    if (asked.length === most.tests) break;
    const takes = secondsOf(test);
    if (seconds + takes > most.seconds) {
      long ??= test;
      continue;
    }
    seconds += takes;
    asked.push(test);
  }
  return long === undefined ? asked : [...asked, long];
}
