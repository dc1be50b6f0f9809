import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDataClient } from "../../lib/data/client.ts";
import { type Database, openDatabase } from "../../lib/data/database.ts";
import { databaseRoles } from "../../lib/define/database-roles.ts";
import type { WholeMigration } from "../../lib/define/several.ts";
import { addPerson, permissions } from "../../lib/review/people/people.ts";
import { setUpDatabase } from "../../lib/stages/set-up-database.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { type Child, startChild, startWorker, type Worker } from "../children.ts";
import type { Bench } from "../data.ts";
import { measure, type Usage } from "../meter.ts";
import { freshDatabase, query } from "../postgres.ts";

/** The processes of the functions, in the order of {@link Wavegate.workers}. */
export const FUNCTIONS = ["functions", "functions 2", "functions 3"] as const;

/** What was asked of the stand-ins in a stage. */
interface Requests {
  readonly requests: number;
  readonly bytes: number;
  /** What AWS charges for. */
  readonly units: number;
  readonly objects: number;
}

/** One stage as it was measured. */
export interface StageFigures {
  readonly stage: string;
  readonly seconds: number;
  readonly usage: Readonly<Record<string, Usage>>;
  readonly requests: Requests;
  /** Bytes that the server wrote to its write-ahead log. */
  readonly log: number;
  /** Those of them that are images of whole pages, as behind a checkpoint: Aurora writes none. */
  readonly pages: number;
}

/** What is migrated: the sample's system, where no other definition is given. */
export type Subject = Pick<Bench, "legacy" | "postgres" | "platformTemplate"> &
  Partial<Pick<Bench, "mariadb">> & { readonly definition?: WholeMigration };

/** A run of wavegate under measurement. */
export interface Wavegate {
  readonly run: string;
  readonly definition: WholeMigration;
  readonly url: string;
  /** As whoever looks on sees it: through the Data API, over a connection of its own. */
  readonly db: Database;
  /**
   * Two of them, as Lambda would have for two ranges at once, and one for exports, which have a function of their own there; all
   * but these uses the first.
   */
  readonly workers: readonly [Worker, Worker, Worker];
  readonly stages: StageFigures[];
  stage<Result>(name: string, work: (worker: Worker) => Promise<Result>): Promise<Result>;
  call<Output>(state: string, input: object): Promise<Output>;
  close(): Promise<void>;
}

/** The ARN of a role's secret. */
export const secret = (role: string) =>
  `arn:aws:secretsmanager:us-east-1:000000000000:secret:wavegate/${role}`;
const passwords = {
  stage: "stage-in-bench",
  sign: "sign-in-bench",
  operator: "operator-in-bench",
};
const commitPassword = "commit-in-bench";
/** The only cluster there is. */
export const CLUSTER = "arn:aws:rds:us-east-1:000000000000:cluster:wavegate";

/** Sets wavegate up over a fresh copy of the platform: its functions and its stand-ins, each a process. */
export async function startWavegate(
  bench: Subject,
  options: { latency: number; database: string },
): Promise<Wavegate> {
  const { postgres, mariadb, definition = ecoin } = bench;
  const url = await freshDatabase(postgres, options.database, bench.platformTemplate);
  const folder = await mkdtemp(join(tmpdir(), "wavegate-bench-"));
  const as = (role: string, password: string) => url.replace("postgres@", `${role}:${password}@`);
  const roles = databaseRoles(options.database);
  const services = await startChild("data-api.ts", [
    url,
    as(roles.stage, passwords.stage),
    as(roles.sign, passwords.sign),
    as(roles.commit(definition.name), commitPassword),
    folder,
  ]);
  const environment = environmentOf(services, options.database, bench.legacy, definition.name);
  await setUp(services, options.database, definition);
  const workers = [
    await startWorker(environment),
    await startWorker(environment),
    await startWorker(environment),
  ] as const;
  const [worker, , exporter] = workers;
  const onlooker = dataClient(services);
  await services.send({ latency: options.latency });
  const pids = {
    ...Object.fromEntries(FUNCTIONS.map((name, at) => [name, workers[at]?.pid ?? 0])),
    "data api": services.pid,
    postgres: postgres.pid,
    ...(mariadb === undefined ? {} : { mariadb: mariadb.pid }),
  };
  const stages: StageFigures[] = [];
  return {
    run: randomUUID(),
    definition,
    url,
    db: openDatabase({
      client: onlooker,
      resourceArn: CLUSTER,
      secretArn: secret("stage"),
      database: options.database,
    }),
    workers,
    stages,
    call: (state, input) => worker.run(state, input),
    stage: async (name, work) => {
      // As before every other contender; later stages follow each other as they do in a run.
      if (stages.length === 0) await query(url, "checkpoint");
      const before = await requestsOf(services);
      const begin = await endOfLog(url);
      const { result, seconds, usage } = await measure(pids, () =>
        work(name.startsWith("export") ? exporter : worker),
      );
      const written = await logSince(postgres.url("postgres"), begin, await endOfLog(url));
      const requests = difference(await requestsOf(services), before);
      stages.push({ stage: name, seconds, usage, requests, ...written });
      return result;
    },
    close: async () => {
      for (const each of workers) await each.stop();
      onlooker.destroy();
      await services.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What the processes of the functions took in a stage: all of them together, and the most that one held. */
export function ofFunctions({ usage }: StageFigures): Usage {
  const each = FUNCTIONS.flatMap((name) => usage[name] ?? []);
  return {
    cpu: each.reduce((sum, { cpu }) => sum + cpu, 0),
    peak: Math.max(0, ...each.map(({ peak }) => peak)),
  };
}

/** Where the server's write-ahead log ends. */
const endOfLog = async (url: string): Promise<string> =>
  (await query<{ at: string }>(url, "select pg_current_wal_lsn()::text as at"))[0]?.at ?? "";

/** Bytes of the server's write-ahead log between two places, and those of them that are images of whole pages. */
async function logSince(
  url: string,
  begin: string,
  end: string,
): Promise<Pick<StageFigures, "log" | "pages">> {
  await query(url, "create extension if not exists pg_walinspect");
  const [read] = await query<{ log: string; pages: string }>(
    url,
    `select pg_wal_lsn_diff('${end}', '${begin}') as log,
            case when '${begin}'::pg_lsn < '${end}'::pg_lsn
                 then (select sum(fpi_size) from pg_get_wal_stats('${begin}', '${end}')) else 0 end as pages`,
  );
  return { log: Number(read?.log), pages: Number(read?.pages) };
}

async function setUp(services: Child, database: string, definition: WholeMigration): Promise<void> {
  const client = dataClient(services);
  const admin = openDatabase({
    client,
    resourceArn: CLUSTER,
    secretArn: secret("admin"),
    database,
  });
  const commit = { [definition.name]: commitPassword };
  // Debian's PostgreSQL serves all contenders alike, and has all that this definition asks for.
  await setUpDatabase(admin, [definition], { ...passwords, commit }, { oldest: 15 });
  for (const name of ["operator", "approver"]) {
    await addPerson(admin, { name, email: `${name}@example.com`, permissions });
  }
  client.destroy();
}

const dataClient = ({ hello }: Child) =>
  createDataClient({
    endpoint: hello.rds as string,
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  });

function environmentOf(
  { hello }: Child,
  database: string,
  legacy: Record<string, string>,
  migration: string,
): Record<string, string> {
  const machine = (name: string) =>
    `arn:aws:states:us-east-1:000000000000:stateMachine:wavegate-${name}`;
  return {
    ...legacy,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_ENDPOINT_URL_RDS_DATA: hello.rds as string,
    AWS_ENDPOINT_URL_S3: hello.s3 as string,
    AWS_ENDPOINT_URL_KMS: hello.kms as string,
    WAVEGATE_SIGNING_KEY_ARN: hello.signingKey as string,
    WAVEGATE_CLUSTER_ARN: CLUSTER,
    WAVEGATE_DATABASE: database,
    WAVEGATE_STAGE_SECRET_ARN: secret("stage"),
    WAVEGATE_SIGN_SECRET_ARN: secret("sign"),
    WAVEGATE_COMMIT_SECRET_ARNS: `${migration}=${secret("commit")}`,
    WAVEGATE_EVIDENCE_BUCKET: "wavegate-evidence",
    WAVEGATE_TOKEN_KEY: Buffer.alloc(32, 1).toString("base64"),
    WAVEGATE_MAIL_FROM: "bench@example.com",
    WAVEGATE_SIGN_OFF_URL: "http://127.0.0.1:1",
    WAVEGATE_MIGRATION_MACHINE_ARN: machine("migration"),
    WAVEGATE_WAVE_MACHINE_ARN: machine("wave"),
    WAVEGATE_ROLLBACK_MACHINE_ARN: machine("rollback"),
  };
}

interface Stats {
  readonly data: Record<
    string,
    { requests: number; bytesIn: number; bytesOut: number; units: number }
  >;
  readonly objects: number;
}

async function requestsOf(services: Child): Promise<Requests> {
  const { data, objects } = await services.send<Stats>({ stats: true });
  const all = Object.values(data);
  return {
    requests: all.reduce((sum, { requests }) => sum + requests, 0),
    bytes: all.reduce((sum, { bytesIn, bytesOut }) => sum + bytesIn + bytesOut, 0),
    units: all.reduce((sum, { units }) => sum + units, 0),
    objects,
  };
}

const difference = (now: Requests, before: Requests): Requests => ({
  requests: now.requests - before.requests,
  bytes: now.bytes - before.bytes,
  units: now.units - before.units,
  objects: now.objects - before.objects,
});

/** For whom the run acts, as the state `caller` would say: nobody asked for an execution here. */
export const caller = { person: "wavegate", permission: "legacy_imports.commit" } as const;

/** Pins a run; nothing is measured here, as a person waits for it once. */
export async function preflight({ call, run, definition, url }: Wavegate): Promise<void> {
  const executionArn = `arn:aws:states:us-east-1:000000000000:execution:wavegate-migration:${run}`;
  await query(
    url,
    `insert into wavegate.run_beginnings (run_id, execution_arn, person) values ('${run}', '${executionArn}', 'operator')`,
  );
  await call("preflight", {
    executionArn,
    caller,
    input: {
      migration: definition.name,
      run,
      gates: "on-anomaly",
      wavePlan: [25, 125, 625, 3_125, 5_000],
      acknowledge: { backup: "bench", queues: true, priority: true },
    },
  });
}

/** The import as the state machine drives it: plan, ranges two at a time, finish. */
export async function importAll({ call, workers, run }: Wavegate): Promise<void> {
  const plan = await call<{ ranges: { range: number }[] }>("plan-import", { run });
  const open = [...plan.ranges];
  const done: object[] = [];
  const lanes = workers.slice(0, 2).map(async (worker) => {
    for (let next = open.shift(); next; next = open.shift()) {
      const { range } = await worker.run<{ range: number }>("import-range", {
        run,
        item: next,
      });
      done.push({ range });
    }
  });
  await Promise.all(lanes);
  await call("finish-import", { run, ranges: done });
}

/** Everything from the import to the review export, stage by stage; `tell` hears of each that is over. */
export async function stageEverything(
  wavegate: Wavegate,
  tell: (stage: string) => void = () => {},
): Promise<void> {
  const { run } = wavegate;
  await wavegate.stage("import", () => importAll(wavegate));
  tell("import");
  for (const state of ["validate", "classify", "match", "dry-run", "export-review"]) {
    await wavegate.stage(state, (worker) => worker.run(state, { run }));
    tell(state);
  }
}
