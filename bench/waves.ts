import pg from "pg";
import type { Wavegate } from "./contenders/wavegate.ts";

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

/**
 * One transaction a row over a direct connection, as a script would: the row, its ledger entry and
 * the marker, without any of the checks. Rolled back to nothing by the caller's database.
 *
 * @returns rows a second
 */
export async function oneByOne(url: string, rows: number): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows: staged } = await client.query(
    `select id, run_id, source_table, legacy_id, full_name, phone_normalized, email_normalized, birth_date
       from wavegate.legacy_student_imports
      where import_state = 'pending' and planned_action = 'create_legacy_completed_training' limit ${rows}`,
  );
  const started = performance.now();
  for (const row of staged) {
    await client.query("begin");
    const { rows: made } = await client.query(
      `insert into legacy_completed_trainings
         (legacy_import_run_id, source_table, legacy_id, full_name, phone, email, birth_date, classification)
       values ($1, $2, $3, $4, $5, $6, $7, 'completed') returning *`,
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
    await client.query(
      `insert into wavegate.legacy_import_commit_logs
         (run_id, wave, round, staged_id, action, target_table, target_id, after_image)
       values ($1, 9999, 1, $2, 'commit', 'legacy_completed_trainings', $3, $4)`,
      [row.run_id, row.id, made[0].id, JSON.stringify(made[0])],
    );
    await client.query(
      `update wavegate.legacy_student_imports
          set import_state = 'committed', wave = 9999, imported_completed_training_id = $2 where id = $1`,
      [row.id, made[0].id],
    );
    await client.query("commit");
  }
  const seconds = (performance.now() - started) / 1000;
  await client.end();
  return staged.length / seconds;
}
