import { describe, expect, it } from "vitest";
import { pacer } from "../../lib/cli/pace.ts";

const total = 300_000;
const meanOf = (stage: string, done: number, seconds: number) => {
  const rate = done / seconds;
  return { stage, done, total, rate, left: (total - done) / rate };
};

/** An import that writes nothing for two seconds, then slowly for two, then 10,000 rows a second. */
const written = (seconds: number): number =>
  seconds < 2 ? 0 : seconds < 4 ? (seconds - 2) * 2_500 : 5_000 + (seconds - 4) * 10_000;

describe("W11 the pace of an import that is watched", () => {
  it("W11 is right within a fifth once a tenth is done, although it began slowly", () => {
    let clock = 0;
    const paced = pacer(() => clock);
    const whole = 4 + (total - 5_000) / 10_000;
    for (clock = 0.3; clock < whole; clock += 0.3) {
      const { done, left } = paced(meanOf("import", written(clock), clock));
      if (done < total / 10) continue;
      expect(Math.abs((clock + (left ?? 0)) / whole - 1)).toBeLessThan(0.2);
    }
  });

  it("W11 is the mean as long as nothing was seen", () => {
    const first = meanOf("import", 30_000, 10);
    expect(pacer(() => 0)(first)).toEqual(first);
  });

  it("W11 leaves other stages the pace they noted, and forgets one import before another", () => {
    let clock = 0;
    const paced = pacer(() => clock);
    paced(meanOf("import", 10_000, 1));
    clock = 5;
    const noted = meanOf("match", 20_000, 4);
    expect(paced(noted)).toEqual(noted);
    clock = 6;
    const again = meanOf("import", 15_000, 1);
    expect(paced(again)).toEqual(again);
  });
});
