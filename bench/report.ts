import { costOf, PRICES } from "../scripts/estimate/prices.ts";
import { wholeCpu } from "./contenders/load.ts";
import { FUNCTIONS, ofFunctions, type StageFigures } from "./contenders/wavegate.ts";
import { median } from "./meter.ts";
import { type Results, rowsPerSecond } from "./results.ts";
import { table } from "./table.ts";
import { used } from "./used.ts";

/** Memory that the functions are given on AWS, GB. */
const FUNCTION_MEMORY = 1;

/** A target of the design, and what was reached. */
export interface Target {
  readonly says: string;
  readonly wanted: string;
  readonly got: string;
  readonly met: boolean;
}

interface Summary {
  readonly pgloader: number;
  readonly copy: number;
  readonly stages: ReadonlyMap<string, readonly number[]>;
  readonly whole: number;
  readonly import: number;
}

function summary({ pgloader, copy, wavegate }: Results): Summary {
  const stages = new Map<string, number[]>();
  for (const run of wavegate) {
    for (const { stage, seconds } of run)
      stages.set(stage, [...(stages.get(stage) ?? []), seconds]);
  }
  return {
    pgloader: median(pgloader.map(({ seconds }) => seconds)),
    copy: median(copy.map(({ seconds }) => seconds)),
    stages,
    whole: median(wavegate.map((run) => run.reduce((sum, { seconds }) => sum + seconds, 0))),
    import: median(stages.get("import") ?? []),
  };
}

/** The targets of the design against what was measured: ratios hold within one run, whatever else the machine does. */
export function targets(results: Results): readonly Target[] {
  const all = summary(results);
  const { rows, waves, oneByOne, rollbacks, matching, duckdb } = results;
  const millions = rows / 1_000_000;
  // What a million takes, fewer do not tell.
  const isMillion = millions >= 1;
  const matched = median(all.stages.get("match") ?? []);
  const peak = peakOfFunctions(results);
  const cost = (costOf(counted(results)).total ?? 0) / (rows / 1_000_000);
  const found = Object.values(matching.recall).reduce((sum, each) => sum + each.found, 0);
  const planted = Object.values(matching.recall).reduce((sum, each) => sum + each.planted, 0);
  const most = (says: string, got: number, limit: number, unit: string, digits = 2): Target => ({
    says,
    wanted: `≤ ${limit}${unit}`,
    got: `${got.toFixed(digits)}${unit}`,
    met: got <= limit,
  });
  const least = (says: string, got: number, limit: number, unit: string, digits = 2): Target => ({
    says,
    wanted: `≥ ${limit}${unit}`,
    got: `${got.toFixed(digits)}${unit}`,
    met: got >= limit,
  });
  const cpu = (stage: string) =>
    median(
      results.wavegate.flatMap((run) =>
        run
          .filter((each) => each.stage === stage)
          .map(({ usage }) => Object.values(usage).reduce((sum, each) => sum + each.cpu, 0)),
      ),
    );
  const log = (wanted: (stage: string) => boolean) =>
    median(
      results.wavegate.map((run) =>
        run
          .filter(({ stage }) => wanted(stage))
          .reduce((sum, each) => sum + each.log - each.pages, 0),
      ),
    ) / rows;
  return [
    least("import by parameters, rows/s against pgloader", all.pgloader / all.import, 0.7, " ×"),
    most(
      "import, processor time against pgloader's, servers included",
      cpu("import") / median(results.pgloader.map(wholeCpu)),
      1.1,
      " ×",
    ),
    least("import, rows/s against mysql2 → COPY", all.copy / all.import, 0.5, " ×"),
    most("import to review export, time against pgloader", all.whole / all.pgloader, 4, " ×"),
    ...(isMillion
      ? [most("matching, a million against half a million", matched / millions, 18, " s", 1)]
      : []),
    least("found of what was planted", found / planted, 1, "", 3),
    most("false high hints", matching.falseHigh, 0, "", 0),
    ...(duckdb === undefined
      ? []
      : [
          most(
            "matching, processor time against its joins in DuckDB",
            cpu("match") / duckdb.cpu,
            4,
            " ×",
          ),
        ]),
    ...(isMillion
      ? [least("waves of 5,000 with all checks, rows/s", rowsPerSecond(waves), 12_000, "", 0)]
      : []),
    least(
      "the same against one transaction a row, both through the Data API",
      rowsPerSecond(waves) / oneByOne.dataApi,
      25,
      " ×",
    ),
    ...(isMillion
      ? [most("rollback of 100,000 rows", 100_000 / rowsPerSecond(rollbacks), 2.5, " s")]
      : []),
    most(
      "write-ahead log of a row without images of pages, import",
      log((stage) => stage === "import"),
      450,
      " B",
      0,
    ),
    most(
      "the same, all stages to the dry run",
      log((stage) => stage !== "export-review"),
      600,
      " B",
      0,
    ),
    most("memory of a function's process", peak, 300, " MiB", 0),
    most("cost of a million rows without the database", cost, 0.05, " USD", 4),
  ];
}

const peakOfFunctions = ({ wavegate }: Results): number =>
  Math.max(...wavegate.flat().map((figures) => ofFunctions(figures).peak));

/** Transitions of migration.asl.yaml up to the sign-off: states outside the Map, and two for each range. */
function counted({ wavegate, rows }: Results): Parameters<typeof costOf>[0] {
  const [run = []] = wavegate;
  const ranges = Math.ceil(rows / 25_000) + 1;
  const sum = (of: (stage: StageFigures) => number) =>
    run.reduce((all, stage) => all + of(stage), 0);
  return {
    dataApiUnits: sum(({ requests }) => requests.units),
    transitions: 12 + 2 * ranges,
    invocations: 9 + ranges,
    functionSeconds: sum(({ seconds, stage }) => seconds * (stage === "import" ? 2 : 1)),
    functionMemory: FUNCTION_MEMORY,
    objectRequests: sum(({ requests }) => requests.objects),
  };
}

/** The report as text. */
export function report(results: Results): string {
  const { rows, platform, machine, at, matching, waves, duckdb } = results;
  const all = summary(results);
  const spread = (values: readonly number[]) =>
    `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;
  const loads = (["pgloader", "copy"] as const).map((who) => {
    const found = results[who];
    const seconds = found.map((load) => load.seconds);
    return [
      who === "copy" ? "mysql2 → COPY" : "pgloader, dates as text",
      median(seconds).toFixed(2),
      spread(seconds),
      Math.round(rows / median(seconds)).toString(),
      (median(seconds) / all.pgloader).toFixed(2),
      median(found.map((load) => load.cpu)).toFixed(1),
      median(found.map((load) => load.peak)).toFixed(0),
    ];
  });
  const stages = [...all.stages].map(([stage, seconds]) => {
    const figures = results.wavegate.flatMap((run) => run.filter((each) => each.stage === stage));
    const own = figures.map(ofFunctions);
    return [
      `wavegate ${stage}`,
      median(seconds).toFixed(2),
      spread(seconds),
      Math.round(rows / median(seconds)).toString(),
      (median(seconds) / all.pgloader).toFixed(2),
      median(own.map(({ cpu }) => cpu)).toFixed(1),
      median(own.map(({ peak }) => peak)).toFixed(0),
    ];
  });
  const whole = [
    "wavegate, all of it",
    all.whole.toFixed(2),
    "",
    Math.round(rows / all.whole).toString(),
    (all.whole / all.pgloader).toFixed(2),
    "",
    "",
  ];
  const requests = (results.wavegate[0] ?? []).map(({ stage, requests, usage }) => [
    stage,
    String(requests.requests),
    (requests.bytes / 1e6).toFixed(1),
    String(requests.units),
    String(requests.objects),
    ...[...FUNCTIONS, "data api", "postgres", "mariadb"].map((name) =>
      (usage[name]?.cpu ?? 0).toFixed(1),
    ),
    ...[...FUNCTIONS, "data api"].map((name) => (usage[name]?.peak ?? 0).toFixed(0)),
  ]);
  const slow = results.withLatency.map(({ stage, seconds }) => [
    stage,
    seconds.toFixed(2),
    (seconds / median(all.stages.get(stage) ?? [])).toFixed(2),
  ]);
  return [
    `${rows} legacy rows, ${platform} people on the platform; ${machine}; ${at}`,
    "wavegate: the handlers of functions/ as migration.asl.yaml calls them, in two processes (two import",
    "ranges at once) and one for exports, SDK over HTTP, Data API and S3 stand-ins in another; PostgreSQL and MariaDB as for the others.",
    "",
    table(
      ["", "median s", "spread", "rows/s", "× pgloader", "own cpu s", "MiB"],
      [...loads, ...stages, whole],
    ),
    "",
    ...Object.entries(results.pgloaderLoses).map(
      ([how, load]) =>
        `pgloader, ${how}: ${load.rows} of ${rows} rows arrive; exit code ${load.exitCode}.`,
    ),
    "",
    table(
      [
        "stage",
        "requests",
        "MB",
        "units",
        "S3",
        "cpu fn",
        "fn 2",
        "fn 3",
        "data api",
        "postgres",
        "mariadb",
        "MiB fn",
        "fn 2",
        "fn 3",
        "data api",
      ],
      requests,
    ),
    "",
    used(results),
    "",
    table(["with 20 ms a request", "s", "× without"], slow),
    "",
    `Waves of 5,000: ${waves.map((each) => `${each.waves} of them, ${each.rows} rows in ${each.seconds.toFixed(2)} s`).join("; ")}: ${Math.round(rowsPerSecond(waves))} rows/s; one transaction a row: ${Math.round(results.oneByOne.dataApi)} rows/s through the Data API, ${Math.round(results.oneByOne.direct)} directly and unchecked. By step: ${waves.map(({ byStep }) => JSON.stringify(rounded(byStep))).join(", ")}.`,
    `Rollback: ${results.rollbacks.map(({ rows, seconds }) => `${rows} rows in ${seconds.toFixed(2)} s`).join("; ")}.`,
    `Matching: ${recallText(matching.recall)}; ${matching.highHints} high hints, ${matching.falseHigh} false.`,
    duckdb === undefined
      ? "Matching's joins in DuckDB were not measured: its package could not be installed."
      : `Matching's joins in DuckDB (${duckdb.seconds.toFixed(2)} s, ${duckdb.cpu.toFixed(2)} s of processor, two threads): ${recallText(duckdb.recall)}.`,
    "Splink claims a million records linked on a laptop in about a minute (its README; not measured here).",
    `Cost (prices of ${PRICES.asOf}, ${PRICES.region}): ${JSON.stringify(rounded(costOf(counted(results)), 5))} USD.`,
    "",
    table(
      ["target", "wanted", "got", ""],
      targets(results).map(({ says, wanted, got, met }) => [
        says,
        wanted,
        got,
        met ? "met" : "MISSED",
      ]),
    ),
  ].join("\n");
}

const recallText = (recall: Results["matching"]["recall"]): string =>
  Object.entries(recall)
    .map(
      ([kind, { planted, found }]) =>
        `${kind} ${found} of ${planted} (${(found / planted).toFixed(3)})`,
    )
    .join(", ");

const rounded = (values: Readonly<Record<string, number>>, digits = 2): Record<string, number> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, Number(value.toFixed(digits))]),
  );

/** A bar for each contender, wavegate's cut into its stages, as SVG. */
export function chart(results: Results): string {
  const { pgloader, copy, stages, whole } = summary(results);
  const scale = 700 / Math.max(whole, pgloader, copy);
  const colours = ["#0b6e4f", "#2a9d8f", "#8ab17d", "#e9c46a", "#f4a261", "#e76f51"];
  const bars = [
    { label: "mysql2 → COPY", parts: [{ name: "", seconds: copy, colour: "#9aa5b1" }] },
    { label: "pgloader", parts: [{ name: "", seconds: pgloader, colour: "#9aa5b1" }] },
    {
      label: "wavegate",
      parts: [...stages].map(([name, seconds], index) => ({
        name,
        seconds: median(seconds),
        colour: colours[index % colours.length] as string,
      })),
    },
  ];
  const drawn = bars.map(({ label, parts }, row) => {
    let x = 130;
    const y = 50 + row * 60;
    const cells = parts.map(({ name, seconds, colour }) => {
      const width = seconds * scale;
      const cell = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="32" fill="${colour}"><title>${name} ${seconds.toFixed(2)} s</title></rect>`;
      const text =
        width > 45
          ? `<text x="${(x + 4).toFixed(1)}" y="${y + 20}" font-size="11">${name}</text>`
          : "";
      x += width;
      return cell + text;
    });
    const sum = parts.reduce((all, { seconds }) => all + seconds, 0);
    return `<text x="10" y="${y + 20}">${label}</text>${cells.join("")}<text x="${(x + 6).toFixed(1)}" y="${y + 20}">${sum.toFixed(1)} s</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="920" height="250" font-family="sans-serif" font-size="14">
<text x="10" y="24">${results.rows} rows: a bare load, and everything up to the review</text>
${drawn.join("\n")}
</svg>
`;
}
