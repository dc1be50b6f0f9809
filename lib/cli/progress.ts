import type { Progress } from "../review/steer/progress-of.ts";
import { several } from "../services/words.ts";
import type { Io } from "./io.ts";
import { number } from "./table.ts";

/** The share from which the time left is told: beginnings are slow, and would make it look far longer. */
const leastTold = 0.05;

/** Rows done, rows a second, time left: `import  12,000 of 50,000 rows  24 %  8,000 rows/s  5 s left`. */
export function describeProgress({ stage, done, total, rate, left: seconds }: Progress): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const told = seconds !== null && done < total && share >= leastTold;
  const left = told ? `  ${duration(seconds)} left` : "";
  const speed = rate >= 1 ? `  ${number(Math.round(rate))} rows/s` : "";
  return `${stage}  ${number(done)} of ${several(total, "row")}  ${Math.floor(share * 100)} %${speed}${left}`;
}

/** `8 s`, `4 min`, `2 h 05 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Shows long work on standard error: a bar that redraws itself for people, plain lines elsewhere. */
interface Meter {
  show(progress: Progress): void;
  /** Clears the bar, so that what follows stands alone. */
  end(): void;
}

const plainEveryMs = 5_000;

export function meter(io: Io, now: () => number = () => performance.now()): Meter {
  let shown = "";
  let stage = "";
  let shownAt = 0;
  if (!io.terminal) {
    return {
      show: (progress) => {
        const line = describeProgress(progress);
        const due = progress.stage !== stage || now() - shownAt >= plainEveryMs;
        if (line === shown || !due) return;
        [shown, stage, shownAt] = [line, progress.stage, now()];
        io.err(`${line}\n`);
      },
      end: () => {},
    };
  }
  return {
    show: (progress) => {
      shown = `${bar(progress)} ${describeProgress(progress)}`.slice(0, io.columns - 1);
      io.err(`\r\u001b[2K${shown}`);
    },
    end: () => {
      if (shown) io.err("\r\u001b[2K");
      shown = "";
    },
  };
}

function bar({ done, total }: Progress): string {
  const size = 20;
  const full = total > 0 ? Math.min(size, Math.floor((done / total) * size)) : size;
  return `${"█".repeat(full)}${"░".repeat(size - full)}`;
}
