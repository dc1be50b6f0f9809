import type { Progress } from "../review/steer/progress-of.ts";

/** Seconds without which a pace says less than the mean since the beginning. */
const leastSeconds = 1;

/**
 * Reckons the time left of an import by what somebody who watches it saw, from half of what is done by
 * now: its first rows are slow, as connections open and code gets warm, and the mean since its
 * beginning makes it look longer than it is. Other stages know their own pace.
 */
export function pacer(
  now: () => number = () => performance.now() / 1000,
): (progress: Progress) => Progress {
  let seen: { readonly at: number; readonly done: number }[] = [];
  return (progress) => {
    const { stage, done, total } = progress;
    if (stage !== "import") {
      seen = [];
      return progress;
    }
    const at = now();
    seen.push({ at, done });
    const half = seen.findIndex((look) => look.done * 2 >= done);
    const recent = seen.findLastIndex((look) => at - look.at >= leastSeconds);
    if (recent < 0) return progress;
    seen = seen.slice(Math.min(half, recent));
    const [base = { at, done }] = seen;
    if (done <= base.done) return progress;
    const rate = (done - base.done) / (at - base.at);
    return { ...progress, rate, left: (total - done) / rate };
  };
}
