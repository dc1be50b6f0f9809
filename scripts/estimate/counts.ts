import type { Counted } from "./prices.ts";

/** What a run is estimated for. */
export interface RunSize {
  readonly rows: number;
  /** Rows of the largest waves; the plan grows to it five times at most from one to the next (D14). */
  readonly wave: number;
}

/** Calls to the Data API: so many at each time, and bytes of each row. Requests begin a unit of 32 KB. */
interface Calls {
  readonly requests: number;
  readonly every: number;
  readonly bytesOfRow: number;
}

const unitBytes = 32 * 1024;

/**
 * Counted in a run of the sample (3,000 rows, waves of 25 and 100), not modelled: a test counts
 * again, and fails when a stage's calls differ by more than a fifth.
 */
export const counted = {
  import: { requests: 88, every: 25_000, bytesOfRow: 508 },
  validate: { requests: 46, every: 50_000, bytesOfRow: 0 },
  // Behind the validation that decided about all rows it reads none of them.
  classify: { requests: 24, every: Number.POSITIVE_INFINITY, bytesOfRow: 0 },
  match: { requests: 96, every: 50_000, bytesOfRow: 0 },
  "dry-run": { requests: 61, every: 50_000, bytesOfRow: 0 },
  "export-review": { requests: 38, every: 50_000, bytesOfRow: 190 },
  "export-audit": { requests: 44, every: 50_000, bytesOfRow: 316 },
} as const satisfies Readonly<Record<string, Calls>>;

export type CountedStage = keyof typeof counted;

/** Calls of one wave with its verification and gate, of looking what comes next, and of a sign-off. */
export const countedOnce = {
  wave: 35,
  "next-wave": 4,
  "sign-off": 60,
  drill: 75,
  "final-verify": 38,
} as const;

/** Units of the Data API that a stage takes. */
export function unitsOf(stage: CountedStage, rows: number): number {
  const { requests, every, bytesOfRow } = counted[stage];
  return (
    requests * Math.max(1, Math.ceil(rows / every)) + Math.ceil((rows * bytesOfRow) / unitBytes)
  );
}

/** The waves of a run whose every row commits: the most there can be. */
export function wavesOf({ rows, wave }: RunSize): number[] {
  const start = [25, 100, 100, 250];
  const sizes: number[] = [];
  for (let left = rows; left > 0; left -= sizes.at(-1) as number) {
    const grown = Math.min(wave, (sizes.at(-1) ?? 25) * 5);
    const planned = start[sizes.length] ?? Math.max(grown, Math.min(wave, 250));
    sizes.push(Math.min(left, Math.min(planned, Math.max(wave, 25))));
  }
  return sizes;
}

/**
 * Seconds a function works on a million rows, of the import both that run at once: `npm run bench` on two
 * x86 cores that held both databases as well, in its slower hours (docs/performance.md); of the audit export it is a
 * guess from the review export's.
 */
const secondsOfMillion: Readonly<Record<CountedStage, number>> = {
  import: 47,
  validate: 8,
  classify: 1,
  match: 24,
  "dry-run": 13,
  "export-review": 11,
  "export-audit": 20,
};

/** Seconds of a wave for each of its rows, from the same runs: commit, verify and gate of 5,000. */
const secondsOfWaveRow = 0.0001;

/** Seconds of a function that has next to nothing to do: begin, ask the database, answer. */
const shortest = 1;

/** What AWS will count in a run. */
export function countRun(
  size: RunSize,
): Counted & { readonly waves: number; readonly workSeconds: number } {
  const stages = Object.keys(counted) as CountedStage[];
  const waves = wavesOf(size).length;
  const ranges = Math.max(1, Math.ceil(size.rows / counted.import.every));
  const perWave = countedOnce.wave + countedOnce["next-wave"];
  const work = stages.reduce(
    (sum, stage) => sum + shortest + (secondsOfMillion[stage] * size.rows) / 1_000_000,
    0,
  );
  // Every wave: next-wave, caller before it and in it, commit, verify, gate.
  const waveSeconds = waves * 6 * shortest + size.rows * secondsOfWaveRow;
  return {
    waves,
    workSeconds: work + waveSeconds,
    dataApiUnits:
      stages.reduce((sum, stage) => sum + unitsOf(stage, size.rows), 0) +
      waves * perWave +
      2 * countedOnce["sign-off"] +
      countedOnce.drill +
      countedOnce["final-verify"],
    // A whole run enters 29 states besides; a range 1; a wave 5 of the run's and 8 of its own.
    transitions: 29 + ranges + waves * 13,
    invocations: 15 + ranges + waves * 6,
    functionSeconds: work + waveSeconds,
    functionMemory: 1,
    objectRequests: 21 + Math.ceil((size.rows * 561) / 5_242_880),
  };
}
