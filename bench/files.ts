import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { alpha2 } from "../migrations/alpha2/definition.ts";
import { WrongResult } from "./check.ts";
import {
  caller,
  ofFunctions,
  preflight,
  type StageFigures,
  stageEverything,
  startWavegate,
  type Wavegate,
} from "./contenders/wavegate.ts";
import { forgetPeak, peakOf } from "./meter.ts";
import type { Place } from "./place.ts";
import { freshDatabase, type PostgresServer, query } from "./postgres.ts";
import { table } from "./table.ts";
import { runWaves } from "./waves.ts";

/** Bytes of a file; of its submission little else is read. */
const fileSize = 20_000;
const courses = 100;
const sql = (name: string) =>
  readFile(new URL(`../migrations/alpha2/${name}`, import.meta.url), "utf8");

/** Answers that are written between two looks at memory. */
const between = 10_000;

/**
 * Answers of a school, each with a file of 20 KB: what each stage takes, beside a plain copy of the same rows and
 * files in the same turn, which checks nothing, and whether memory grows with what is written.
 */
export async function files(place: Place, rows: number): Promise<void> {
  const measured = await measureFiles(place, rows);
  console.log(shown(measured));
  await writeFile(`${place.results}/files-${rows}.json`, JSON.stringify(measured, null, 2));
}

type Measured = Awaited<ReturnType<typeof measureFiles>>;

async function measureFiles({ postgres }: Place, rows: number) {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-bench-files-"));
  try {
    const dump = await freshDatabase(postgres, "bench_school");
    await query(dump, await sql("legacy-schema.postgres.sql"));
    await query(dump, schoolOf(rows));
    await query(dump, readerOf);
    await query(dump, "vacuum analyze");
    await writeBlobs(join(folder, "blobs"), rows);
    await mkdir(join(folder, "subs"));
    await writeFile(join(folder, "subs", "user_subs.csv"), subsOf(courses * 20));
    const plain = await plainCopy(postgres, dump, folder, rows);
    const template = await freshDatabase(postgres, "bench_school_platform");
    await query(template, await sql("platform-schema.postgres.sql"));
    const wavegate = await startWavegate(
      {
        postgres,
        definition: alpha2,
        platformTemplate: "bench_school_platform",
        legacy: {
          ALPHA2_DB_DRIVER: "pgsql",
          ALPHA2_DB_HOST: "127.0.0.1",
          ALPHA2_DB_PORT: String(postgres.port),
          ALPHA2_DB_DATABASE: "bench_school",
          ALPHA2_DB_USERNAME: "bench_reader",
          ALPHA2_DB_PASSWORD: "none",
          ALPHA2_SUBS_DB_DRIVER: "csv",
          ALPHA2_SUBS_DB_PATH: join(folder, "subs"),
          ALPHA2_DB_FILES: join(folder, "blobs"),
          WAVEGATE_FILES_BUCKET: "wavegate-files",
        },
      },
      { latency: 0, database: "bench_files" },
    );
    try {
      await preflight(wavegate);
      await stageEverything(wavegate);
      const memory = await wavegate.stage("waves", () => wavesWithMemory(wavegate, rows));
      await requireAll(wavegate.url, rows);
      await wavegate.stage("rollback", () =>
        wavegate.call("rollback", { run: wavegate.run, toWave: 1, caller }),
      );
      return { rows, plain, stages: wavegate.stages, memory };
    } finally {
      await wavegate.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The most that the process of the functions held in waves up to so many answers, in MiB, since the look before. */
async function wavesWithMemory(
  wavegate: Wavegate,
  rows: number,
): Promise<readonly { readonly answers: number; readonly peak: number }[]> {
  const { pid } = wavegate.workers[0];
  const memory: { answers: number; peak: number }[] = [];
  const begun = performance.now();
  let next = Math.min(between, rows);
  await runWaves(
    {
      ...wavegate,
      call: async <Output>(state: string, input: object) => {
        const output = await wavegate.call<Output>(state, input);
        if (state !== "gate") return output;
        const [found] = await query(
          wavegate.url,
          "select count(*)::int as n from learning_submissions",
        );
        const answers = Number(found?.n);
        if (answers < next) return output;
        memory.push({ answers, peak: peakOf(pid) });
        const seconds = (performance.now() - begun) / 1_000;
        console.error(
          `${answers} answers after ${seconds.toFixed(0)} s, ${peakOf(pid).toFixed(0)} MiB`,
        );
        forgetPeak(pid);
        next = answers < rows ? Math.min(answers + between, rows) : Number.POSITIVE_INFINITY;
        return output;
      },
    },
    Number.POSITIVE_INFINITY,
  );
  return memory;
}

const no = (table: number, n: string) =>
  `('0000000${table}-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;
/** A user with SELECT only, as a run wants one. */
const readerOf = `
do $$ begin create role bench_reader login; exception when duplicate_object then null; end $$;
revoke create on schema public from public; grant usage on schema auth to bench_reader;
grant select on all tables in schema public, auth to bench_reader`;
const students = courses * 19;
const nameOf = (n: number) => `answers/${Math.floor(n / 1_000)}/${n}.pdf`;

/** Courses of one unit with one task each, which their students answer again and again. */
const schoolOf = (rows: number): string => `
insert into auth.users select ${no(1, "n")}, 'someone' || n || '@school.example', '2025-03-01' from generate_series(1, ${courses * 20}) n;
insert into course select ${no(2, "n")}, 'Course ' || n, ${no(1, `${students} + n`)}, null, '2025-03-01', '2025-03-01' from generate_series(1, ${courses}) n;
insert into learning_unit select ${no(3, "n")}, 'Unit ' || n, ${no(1, `${students} + n`)}, '2025-03-01', '2025-03-01' from generate_series(1, ${courses}) n;
insert into unit_section select ${no(4, "n")}, ${no(3, "n")}, 'Section ' || n, 0, null, '2025-03-01', '2025-03-01' from generate_series(1, ${courses}) n;
insert into course_learning_unit_assignment select ${no(2, "n")}, ${no(3, "n")}, '2025-03-02' from generate_series(1, ${courses}) n;
insert into course_unit_section_status select ${no(2, "n")}, ${no(4, "n")}, true, '2025-03-02' from generate_series(1, ${courses}) n;
insert into task_base (id, section_id, instruction, task_type) select ${no(6, "n")}, ${no(4, "n")}, 'Do it.', 'regular' from generate_series(1, ${courses}) n;
insert into regular_tasks (task_id) select ${no(6, "n")} from generate_series(1, ${courses}) n;
insert into course_student select ${no(2, `1 + n % ${courses}`)}, ${no(1, "n + 1")}, '2025-03-02' from generate_series(0, ${students - 1}) n;
insert into submission (id, student_id, task_id, submitted_at, submission_data, attempt_number, feedback_status)
select ${no(7, "n")}, ${no(1, `n % ${students} + 1`)}, ${no(6, `1 + (n % ${students}) % ${courses}`)}, '2025-03-03',
       jsonb_build_object('text', null, 'file_path', 'answers/' || n / 1000 || '/' || n || '.pdf', 'file_type', 'pdf'),
       n / ${students} + 1, 'completed'
  from generate_series(0, ${rows - 1}) n`;

const subsOf = (users: number): string =>
  `legacy_id,sub\n${Array.from({ length: users }, (_, n) => `00000001-0000-4000-8000-${String(n + 1).padStart(12, "0")},sub-${n + 1}\n`).join("")}`;

async function writeBlobs(into: string, rows: number): Promise<void> {
  const body = Buffer.alloc(fileSize, "a page of an answer ");
  body.write("%PDF-1.4\n");
  for (let n = 0; n < rows; n++) {
    const path = join(into, "submissions", nameOf(n));
    if (n % 1_000 === 0) await mkdir(join(path, ".."), { recursive: true });
    body.write(`${n} `, 10);
    await writeFile(path, body);
  }
}

/** The answers by COPY into a table of the platform's kind without its keys, and their files, sixteen at once. */
async function plainCopy(
  postgres: PostgresServer,
  dump: string,
  folder: string,
  rows: number,
): Promise<{ readonly rows: number; readonly files: number; readonly lasting: number }> {
  const into = await freshDatabase(postgres, "bench_school_plain");
  await query(
    into,
    "create table answers (id uuid, task uuid, student uuid, at timestamptz, data jsonb)",
  );
  const begun = performance.now();
  await promisify(execFile)("bash", [
    "-o",
    "pipefail",
    "-c",
    `psql -q "$0" -c '\\copy (select id, task_id, student_id, submitted_at, submission_data from submission) to stdout' | psql -q "$1" -c '\\copy answers from stdin'`,
    dump,
    into,
  ]);
  const copied = performance.now();
  const copyAll = async (files: number, lasting: boolean) => {
    const begun = performance.now();
    let next = 0;
    const lane = async () => {
      for (let n = next++; n < files; n = next++) {
        const to = join(folder, "plain", nameOf(n));
        await mkdir(join(to, ".."), { recursive: true });
        await copyFile(join(folder, "blobs", "submissions", nameOf(n)), to);
        if (!lasting) continue;
        const handle = await open(to, "r+");
        await handle.sync();
        await handle.close();
      }
    };
    await Promise.all(Array.from({ length: 16 }, lane));
    const seconds = (performance.now() - begun) / 1_000;
    await rm(join(folder, "plain"), { recursive: true });
    return seconds;
  };
  const some = Math.min(rows, 10_000);
  const seconds = {
    rows: (copied - begun) / 1_000,
    files: await copyAll(rows, false),
    // As the stand-in for S3 does with each object.
    lasting: ((await copyAll(some, true)) * rows) / some,
  };
  return seconds;
}

/** Every answer stands there with a copy of its own, or the figures mean nothing. */
async function requireAll(url: string, rows: number): Promise<void> {
  const [found] = await query<{ rows: string; copies: string }>(
    url,
    `select count(*) as rows, count(distinct c.object_key) as copies from learning_submissions l
       join wavegate.file_copies c on c.object_key = l.storage_key and c.state = 'copied' where l.size_bytes = ${fileSize}`,
  );
  if (Number(found?.rows) !== rows || Number(found?.copies) !== rows)
    throw new WrongResult(`${rows} answers, and ${found?.rows} with ${found?.copies} copies.`);
}

function shown({ rows, plain, stages, memory }: Measured): string {
  const cpu = ({ usage }: StageFigures) =>
    Object.values(usage).reduce((sum, each) => sum + each.cpu, 0);
  const line = (name: string, seconds: number, more: readonly string[] = []) => [
    name,
    seconds.toFixed(1),
    Math.round(rows / seconds).toString(),
    ((rows * fileSize) / seconds / 1e6).toFixed(1),
    ...more,
  ];
  return [
    "",
    `${rows} answers, each with a file of ${fileSize} bytes:`,
    table(
      ["", "s", "rows/s", "MB/s", "processor s", "requests", "objects", "MiB"],
      [
        line("COPY of the rows", plain.rows),
        line("plain copy of the files", plain.files),
        line("the same, each synced to the disk", plain.lasting),
        ...stages.map((each) =>
          line(each.stage, each.seconds, [
            cpu(each).toFixed(1),
            String(each.requests.requests),
            String(each.requests.objects),
            ofFunctions(each).peak.toFixed(0),
          ]),
        ),
      ],
    ),
    `Most memory of the functions in waves: ${memory.map(({ answers, peak }) => `${Math.round(peak)} MiB up to ${answers} answers`).join(", ")}.`,
  ].join("\n");
}
