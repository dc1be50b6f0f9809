import { type Load, wholeCpu } from "./contenders/load.ts";
import { FUNCTIONS, type StageFigures } from "./contenders/wavegate.ts";
import { median } from "./meter.ts";
import type { Results } from "./results.ts";
import { table } from "./table.ts";

/** Processes whose time counts, in the order of the table; those of the functions are one column. */
const PROCESSES = [...FUNCTIONS, "data api", "postgres", "mariadb"] as const;
type Process = (typeof PROCESSES)[number];

const cpuOf = (figures: StageFigures, name: Process): number => figures.usage[name]?.cpu ?? 0;

/**
 * What each stage used whatever else the machine did meanwhile: processor seconds a million rows of all
 * processes, and bytes of write-ahead log a row, without images of whole pages too. Medians of the turns.
 */
export function used(results: Results): string {
  const { rows, pgloader, copy, wavegate, written } = results;
  const line = (name: string, of: readonly StageFigures[], among: number): string[] => {
    const a = (value: (figures: StageFigures) => number, digits = 1) =>
      median(of.map((figures) => value(figures))).toFixed(digits);
    const million = (cpu: number) => (cpu / among) * 1_000_000;
    const own = (...names: Process[]) =>
      a((figures) => million(names.reduce((sum, each) => sum + cpuOf(figures, each), 0)));
    return [
      name,
      own(...PROCESSES),
      own(...FUNCTIONS),
      own("data api"),
      own("postgres"),
      own("mariadb"),
      a(({ log }) => log / among, 0),
      a(({ log, pages }) => (log - pages) / among, 0),
    ];
  };
  const stages = [...new Set(wavegate.flat().map(({ stage }) => stage))];
  const loads = (
    [
      ["pgloader", pgloader],
      ["mysql2 → COPY", copy],
    ] as const
  ).map(([name, each]) => {
    const million = (of: (load: Load) => number) =>
      (median(each.map((load) => of(load) / rows)) * 1_000_000).toFixed(1);
    return [
      name,
      million(wholeCpu),
      million(({ cpu }) => cpu),
      "",
      million(({ servers }) => servers.postgres),
      million(({ servers }) => servers.mariadb),
      "",
      "",
    ];
  });
  return [
    table(
      [
        "processor s a million rows",
        "all",
        "functions",
        "data api",
        "postgres",
        "mariadb",
        "log B",
        "without pages",
      ],
      [
        ...loads,
        ...stages.map((stage) =>
          line(
            stage,
            wavegate.flatMap((run) => run.filter((figures) => figures.stage === stage)),
            rows,
          ),
        ),
        ...["waves", "rollback"].map((name) =>
          line(
            name,
            written.stages.filter(({ stage }) => stage === name),
            written.rows,
          ),
        ),
      ],
    ),
    `Of waves and rollback a million of the ${written.rows} rows that they write. Staging takes ${Math.round(results.staged / rows)} bytes a row, indexes included.`,
  ].join("\n");
}
