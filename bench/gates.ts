import { wholeCpu } from "./contenders/load.ts";
import type { StageFigures } from "./contenders/wavegate.ts";
import { median } from "./meter.ts";
import { type Results, rowsPerSecond } from "./results.ts";

/**
 * A ratio within one run, and the most that it may be: half as much again as it is. A target that is only just met is no
 * gate: machines differ by more than what is between (matching beside DuckDB: 3.2 on one, 4.3 on another).
 */
interface Gate {
  readonly says: string;
  readonly ratio: number;
  readonly most: number;
}

const cpu = ({ usage }: StageFigures): number =>
  Object.values(usage).reduce((sum, each) => sum + each.cpu, 0);

/** Ratios of processor time, which hold whatever else the machine does meanwhile; the last is of seconds, with room. */
function gates(results: Results): readonly Gate[] {
  const { wavegate, pgloader, duckdb, written, waves, oneByOne } = results;
  const stage = (name: string) =>
    median(wavegate.flatMap((run) => run.filter((each) => each.stage === name).map(cpu)));
  const [writing, takingBack] = ["waves", "rollback"].map((name) =>
    median(written.stages.filter(({ stage }) => stage === name).map(cpu)),
  );
  const ofWaves = [
    {
      says: "the processor time of taking waves back against that of writing them",
      // Of waves whose rows are read twice at gates and once in the drill, as they are since nobody who asks reads them.
      ratio: (takingBack ?? 0) / (writing ?? 0),
      most: 0.45,
    },
    {
      says: "rows a second in transactions of their own against those of waves, both through the Data API",
      ratio: oneByOne.dataApi / rowsPerSecond(waves),
      most: 1 / 25,
    },
  ];
  return [
    {
      says: "the import's processor time against pgloader's, servers included",
      ratio: stage("import") / median(pgloader.map(wholeCpu)),
      most: 5,
    },
    ...(duckdb === undefined
      ? []
      : [
          {
            says: "matching's processor time against its joins in DuckDB",
            ratio: stage("match") / duckdb.cpu,
            most: 6,
          },
        ]),
    // Of too few rows there are no waves to speak of.
    ...(waves.some(({ rows }) => rows === 0) ? [] : ofWaves),
  ];
}

/** Fails where one of the ratios is more than it may be. */
export function requireGates(results: Results): void {
  const broken = gates(results).filter(({ ratio, most }) => !(ratio <= most));
  if (broken.length === 0) return;
  throw new Error(
    `Slower than it may be: ${broken.map(({ says, ratio, most }) => `${says} is ${ratio.toFixed(3)}, at most ${most}`).join("; ")}.`,
  );
}
