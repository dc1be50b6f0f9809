import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settingsPrefix } from "../lib/sources/settings.ts";
import {
  caller,
  ofFunctions,
  preflight,
  type StageFigures,
  type Subject,
  stageEverything,
  startWavegate,
} from "./contenders/wavegate.ts";
import type { Place } from "./place.ts";
import { freshDatabase, type PostgresServer, query } from "./postgres.ts";
import { type System, systems, writeExports } from "./systems.ts";
import { table } from "./table.ts";
import { runWaves } from "./waves.ts";

/** What one system took: every stage, waves up to a quarter of its rows, and taking those back. */
interface Measured {
  readonly system: string;
  /** Rows of the source, and rows that were staged: those that are made of others are staged too. */
  readonly read: number;
  readonly staged: number;
  readonly undone: number;
  readonly stages: readonly StageFigures[];
}

/** Measures systems of several kinds of things, updates and made rows, through the same functions. */
export async function kinds(place: Place, rows: number, only?: string): Promise<void> {
  const all: Measured[] = [];
  for (const [name, system] of Object.entries(systems)) {
    if (only !== undefined && name !== only) continue;
    const measured = await measureSystem(place, name, system, rows);
    all.push(measured);
    console.log(shown(measured, system));
  }
  await writeFile(`${place.results}/kinds-${rows}.json`, JSON.stringify(all, null, 2));
}

async function measureSystem(
  { postgres }: Place,
  name: string,
  system: System,
  rows: number,
): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-bench-"));
  const prefix = settingsPrefix(system.definition.connection);
  try {
    await writeExports(system, rows, folder);
    const template = await freshDatabase(postgres, "bench_system");
    await query(template, await system.platform(rows));
    await query(template, "vacuum analyze");
    const subject: Subject = {
      postgres,
      definition: system.definition,
      platformTemplate: "bench_system",
      legacy:
        system.exports === undefined
          ? readAsReader(postgres, prefix)
          : {
              [`${prefix}_DB_DRIVER`]: "csv",
              [`${prefix}_DB_PATH`]: folder,
              // What a definition may ask of its source besides; others have no use for it.
              [`${prefix}_DB_ORGANIZATION`]: "The Bridge Club",
            },
    };
    const wavegate = await startWavegate(subject, { latency: 0, database });
    try {
      await preflight(wavegate);
      await stageEverything(wavegate);
      const { read, staged } = await rowsOfRun(wavegate.url);
      const asked = Math.round(rows / 4);
      await wavegate.stage("waves", () => runWaves(wavegate, asked));
      const { undone } = await wavegate.stage("rollback", () =>
        wavegate.call<{ undone: number }>("rollback", { run: wavegate.run, toWave: 1, caller }),
      );
      // Waves end where nothing is left to be written: a definition that holds its rows would be measured for nothing.
      if (undone < asked) {
        throw new Error(
          `${name}: ${undone} of ${asked} rows were written and taken back; its figures say nothing.`,
        );
      }
      return { system: name, read, staged, undone, stages: wavegate.stages };
    } finally {
      await wavegate.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The database that is migrated into. */
const database = "bench_kinds";

/** How it is read where it is the source as well: by the role that its migration's documents name. */
const readAsReader = ({ port }: PostgresServer, prefix: string): Record<string, string> => ({
  [`${prefix}_DB_DRIVER`]: "pgsql",
  [`${prefix}_DB_HOST`]: "127.0.0.1",
  [`${prefix}_DB_PORT`]: String(port),
  [`${prefix}_DB_DATABASE`]: database,
  [`${prefix}_DB_USERNAME`]: "platform_reader",
  [`${prefix}_DB_PASSWORD`]: "change-this",
});

async function rowsOfRun(url: string): Promise<{ read: number; staged: number }> {
  const [found] = await query<{ read: string; staged: string }>(
    url,
    "select counts ->> 'source_rows' as read, counts ->> 'staged_rows' as staged from wavegate.legacy_import_runs",
  );
  return { read: Number(found?.read), staged: Number(found?.staged) };
}

function shown({ system, read, staged, undone, stages }: Measured, { says }: System): string {
  const cpu = ({ usage }: StageFigures) =>
    Object.values(usage).reduce((sum, each) => sum + each.cpu, 0);
  return [
    "",
    `${system}: ${says}; ${read} rows read, ${staged} staged, ${undone} written and taken back.`,
    table(
      ["stage", "s", "processor s", "functions", "postgres", "requests", "log MB", "MiB"],
      stages.map((each) => [
        each.stage,
        each.seconds.toFixed(2),
        cpu(each).toFixed(2),
        ofFunctions(each).cpu.toFixed(2),
        (each.usage.postgres?.cpu ?? 0).toFixed(2),
        String(each.requests.requests),
        (each.log / 1e6).toFixed(1),
        ofFunctions(each).peak.toFixed(0),
      ]),
    ),
  ].join("\n");
}
