import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
} from "@aws-sdk/client-rds-data";
import pg from "pg";
import { createDataClient } from "../lib/data/client.ts";
import { startChild } from "./children.ts";
import { CLUSTER, secret, type Wavegate } from "./contenders/wavegate.ts";

interface Step {
  readonly next: string;
  readonly wave: number;
  readonly gate: string;
}

/** What the waves of a run took. */
export interface WaveFigures {
  /** Waves of the full size, and rows in them. */
  readonly waves: number;
  readonly rows: number;
  /** Seconds of commit, verification, gate and the decision what comes next, for all of them. */
  readonly seconds: number;
  readonly byStep: Readonly<Record<string, number>>;
  readonly slowest: number;
  readonly fastest: number;
}

const FULL = 5_000;

/**
 * Runs the waves as the state machine does, up to `rows` committed rows, sign-offs included but not
 * timed; only waves of the full size count.
 */
export async function runWaves({ call, run }: Wavegate, rows: number): Promise<WaveFigures> {
  const byStep: Record<string, number> = {};
  const each: number[] = [];
  let committed = 0;
  const timed = async <Output>(state: string, input: object): Promise<[Output, number]> => {
    const started = performance.now();
    const output = await call<Output>(state, input);
    return [output, (performance.now() - started) / 1000];
  };
  for (;;) {
    const [step, deciding] = await timed<Step>("next-wave", { run });
    if (step.next === "done" || committed >= rows) break;
    if (step.next === "ask") await call("bench:approve", { run, gate: step.gate });
    else if (step.next === "drill") await call("drill", { run });
    else if (step.next === "wave") {
      const { wave } = step;
      const [written, committing] = await timed<{ counts: { picked: number } }>("commit", {
        run,
        wave,
        batch: null,
      });
      const [, verifying] = await timed("verify", { run, wave });
      const [, gating] = await timed("gate", { run, wave });
      if (written.counts.picked < FULL) continue;
      committed += written.counts.picked;
      const steps = { "next-wave": deciding, commit: committing, verify: verifying, gate: gating };
      for (const [name, seconds] of Object.entries(steps)) {
        byStep[name] = (byStep[name] ?? 0) + seconds;
      }
      each.push(deciding + committing + verifying + gating);
    } else throw new Error(`The run wants to ${step.next}.`);
  }
  return {
    waves: each.length,
    rows: committed,
    seconds: each.reduce((sum, seconds) => sum + seconds, 0),
    byStep,
    slowest: Math.max(...each),
    fastest: Math.min(...each),
  };
}

/** Rows a second, one transaction a row. */
export interface OneByOne {
  /** Over a connection of its own. */
  readonly direct: number;
  /** Through the Data API, as wavegate's waves go. */
  readonly dataApi: number;
}

/**
 * One transaction a row, as a script would: the row, its ledger entry and the marker, without any of
 * the checks: over a direct connection, and with a request for each statement as the Data API takes
 * them. In a database of its own, which is thrown away.
 */
export async function oneByOne(url: string, rows: number): Promise<OneByOne> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const query = (text: string, values?: unknown[]) => client.query(text, values as never);
  const direct = await write(query, rows);
  const overHttp = await throughDataApi(url);
  const dataApi = await write(overHttp.query, Math.ceil(rows / 4));
  await overHttp.close();
  await client.end();
  return { direct, dataApi };
}

type Query = (text: string, values?: unknown[]) => Promise<{ rows: pg.QueryResultRow[] }>;

/** Statements over the Data API's stand-in: values cast where the text does not say their type. */
async function throughDataApi(url: string): Promise<{ query: Query; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "wavegate-bench-"));
  const child = await startChild("data-api.ts", [url, url, url, url, folder]);
  const client = createDataClient({
    endpoint: child.hello.rds as string,
    region: "us-east-1",
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  });
  const target = { resourceArn: CLUSTER, secretArn: secret("admin") };
  const database = new URL(url).pathname.slice(1);
  let transactionId: string | undefined;
  const query: Query = async (text, values = []) => {
    if (text === "begin") {
      ({ transactionId } = await client.send(new BeginTransactionCommand({ ...target, database })));
      return { rows: [] };
    }
    if (text === "commit") {
      await client.send(new CommitTransactionCommand({ ...target, transactionId }));
      transactionId = undefined;
      return { rows: [] };
    }
    const answer = await client.send(
      new ExecuteStatementCommand({
        ...target,
        database,
        ...(transactionId === undefined ? {} : { transactionId }),
        sql: text.replace(/\$(\d+)(::\w+)?/g, (_, at, cast = "") => `:p${at}${cast}`),
        parameters: values.map((value, at) => ({
          name: `p${at + 1}`,
          value:
            value === null
              ? { isNull: true }
              : typeof value === "number"
                ? { longValue: value }
                : { stringValue: String(value) },
        })),
        formatRecordsAs: "NONE",
        includeResultMetadata: true,
      }),
    );
    const names = (answer.columnMetadata ?? []).map(({ name }) => name ?? "");
    const rows = (answer.records ?? []).map((record) =>
      Object.fromEntries(
        record.map((field, at) => [
          names[at],
          field.isNull ? null : (field.stringValue ?? field.longValue ?? field.booleanValue),
        ]),
      ),
    );
    return { rows };
  };
  return {
    query,
    close: async () => {
      client.destroy();
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function write(query: Query, rows: number): Promise<number> {
  const { rows: staged } = await query(
    `select id, run_id, source_table, legacy_id, full_name, phone_normalized, email_normalized, birth_date::text as birth_date
       from wavegate.legacy_student_imports
      where import_state = 'pending' and planned_action = 'create_legacy_completed_training' limit ${rows}`,
  );
  const started = performance.now();
  for (const row of staged) {
    await query("begin");
    const { rows: made } = await query(
      `insert into legacy_completed_trainings
         (legacy_import_run_id, source_table, legacy_id, full_name, phone, email, birth_date, classification)
       values ($1::uuid, $2, $3::bigint, $4, $5, $6, $7::date, 'completed') returning id, to_jsonb(legacy_completed_trainings)::text as image`,
      [
        row.run_id,
        row.source_table,
        row.legacy_id,
        row.full_name,
        row.phone_normalized,
        row.email_normalized,
        row.birth_date,
      ],
    );
    await query(
      `insert into wavegate.legacy_import_commit_logs
         (run_id, wave, round, staged_id, action, target_table, target_id, after_image)
       values ($1::uuid, 9999, 1, $2::bigint, 'commit', 'legacy_completed_trainings', $3::bigint, $4::jsonb)`,
      [row.run_id, row.id, made[0]?.id, made[0]?.image],
    );
    await query(
      `update wavegate.legacy_student_imports_decisions
          set import_state = 'committed', wave = 9999, imported_completed_training_id = $3::bigint
        where run_id = $1::uuid and staged_id = $2::bigint`,
      [row.run_id, row.id, made[0]?.id],
    );
    await query("commit");
  }
  const seconds = (performance.now() - started) / 1000;
  return staged.length / seconds;
}
