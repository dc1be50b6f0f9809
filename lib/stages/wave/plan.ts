import type { Database } from "../../data/database.ts";
import { rowsWhole } from "../../data/records.ts";
import { called, type Run } from "../../data/runs.ts";
import { raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Gate } from "../../review/sign-off-store.ts";
import { Refusal } from "../../services/errors.ts";

/** A wave as the ledger of waves keeps it. */
export interface WaveRow {
  readonly wave: number;
  readonly size: number;
  readonly round: number;
  readonly status: "committed" | "verified" | "failed" | "rolled_back";
  readonly clean: boolean | null;
  readonly counts: WaveCounts;
}

/** What a wave wrote, and the facts its verification needs. */
export interface WaveCounts {
  readonly picked: number;
  readonly committed: number;
  readonly linked: number;
  /** Created rows by target table. */
  readonly created: Record<string, number>;
  /** Rows that were there and were changed, by target table; none where a migration changes none. */
  readonly updated?: Readonly<Record<string, number>>;
  /** Rows held at the last moment, as the platform changed since the review. */
  readonly heldBack: number;
  /** Rows skipped at the last moment, as another run had moved them meanwhile. */
  readonly skipped?: number;
  /** Rows that the platform refused, and that are held, by the name of what refused them (D38). */
  readonly refused?: Readonly<Record<string, number>>;
  /** PostgreSQL's id of the wave's transaction: what it wrote can be told from what others wrote. */
  readonly transaction: string;
  /** Committed and linked rows of the waves before this one. */
  readonly before: number;
  /** What the wave's own transaction did to each guarded table, before and after its writes: equal when nothing. */
  readonly guardedBefore: Record<string, number>;
  readonly guardedAfter: Record<string, number>;
}

const firstAtMost = 25;
const growthAtMost = 5;
const waveAtMost = 5_000;

/** Refuses a wave plan that grows faster than D14 and R15 allow. */
export function requireCarefulPlan(plan: readonly number[]): void {
  const refuse = (why: string): never => {
    throw new Refusal(
      "WavePlanInvalid",
      `The wave plan ${plan.join(", ")} is refused: ${why}. Nothing was written. The default is 25, 100, 100, 250.`,
    );
  };
  if (plan.length === 0 || plan.some((size) => !Number.isInteger(size) || size < 1)) {
    refuse("every wave needs a whole number of rows");
  }
  if ((plan[0] as number) > firstAtMost) refuse(`the first wave takes at most ${firstAtMost} rows`);
  for (const [index, size] of plan.entries()) {
    const before = plan[index - 1] ?? size;
    if (size > waveAtMost) refuse(`no wave takes more than ${waveAtMost} rows`);
    if (size > before * growthAtMost)
      refuse(`${size} is more than five times the ${before} before it`);
  }
}

/** Rows of wave `n` (from 1); the plan's last size repeats. */
export const sizeOfWave = (plan: readonly number[], n: number): number =>
  plan[Math.min(n, plan.length) - 1] as number;

/** The wave that comes next: the lowest that is rolled back, or the one after the last. */
export function nextWaveNumber(waves: readonly WaveRow[]): { wave: number; round: number } {
  const undone = waves.filter(({ status }) => status === "rolled_back");
  const first = undone.sort((left, right) => left.wave - right.wave)[0];
  if (first) return { wave: first.wave, round: first.round + 1 };
  return { wave: Math.max(0, ...waves.map(({ wave }) => wave)) + 1, round: 1 };
}

/** The wave of this number, where it is written and was not taken back. */
export const stands = (waves: readonly WaveRow[], wave: number): WaveRow | undefined =>
  waves.find((each) => each.wave === wave && each.status !== "rolled_back");

/** The refusal of a wave that is neither written nor the next one. */
export const outOfOrder = (
  { reference }: Pick<Run, "reference">,
  { next, asked }: { readonly next: number; readonly asked: number },
): Refusal =>
  new Refusal(
    "WaveOutOfOrder",
    `The next wave of ${reference} is ${next}, not ${asked}. Nothing was written.`,
  );

/** Of a hundred rows of a wave, so many may be refused by the platform before a person is asked (D38). */
const refusedAtMost = 1;

/** Whether the platform refused so few rows of a wave that the next one needs no person for it. */
export function refusedFew({ picked, refused }: Pick<WaveCounts, "picked" | "refused">): boolean {
  const rows = refusedRows(refused);
  return rows * 100 <= (picked + rows) * refusedAtMost;
}

/** How many rows the platform refused. */
export const refusedRows = (refused: WaveCounts["refused"] = {}): number =>
  Object.values(refused).reduce((sum, rows) => sum + rows, 0);

/** Rows of a clean wave from which a gate that looks at anomalies only is enough (D12). */
export const trustedSize = 250;

/**
 * The gate before wave `n`, or none (D12): the first wave and scaling up always ask a person; the
 * waves after that ask too, until one of 250 was clean or if the run was started `on-anomaly`; and
 * behind a wave of which the platform refused more than a few rows (D38).
 */
export function gateBefore(
  wave: number,
  gates: "every-wave" | "on-anomaly",
  waves: readonly WaveRow[],
): Gate | null {
  if (wave === 1) return "first_wave";
  if (wave === 2) return "scale_up";
  // What a wave left undone is looked at by a person before the next one.
  const before = waves.findLast(({ status }) => status !== "rolled_back");
  if (before?.status === "verified" && before.clean === false) return `wave:${wave}`;
  const trusted = waves.some(
    ({ size, clean, status }) => size >= trustedSize && clean === true && status === "verified",
  );
  return gates === "on-anomaly" || trusted ? null : `wave:${wave}`;
}

/** Columns of a {@link WaveRow}, without where its rows lie: of many partitions that is more than a row of an answer holds. */
const waveColumns = raw("wave, size, round, status, clean, counts - 'parts' as counts");

/** The waves of a run, in order: more than one answer holds, where a large run is written in small ones. */
export const wavesOf = (db: Database, run: string): Promise<WaveRow[]> =>
  rowsWhole<WaveRow>(
    db,
    sql`
    select ${waveColumns} from wavegate.waves where run_id = ${uuid(run)} order by wave`,
  );

/** {@link wavesOf} as JSON. */
export const wavesWhole = (run: string): Sql => sql`
  select coalesce(jsonb_agg(to_jsonb(w) order by w.wave), '[]')
    from (select ${waveColumns} from wavegate.waves where run_id = ${uuid(run)}) w`;

/** {@link wavesOf} of the run with this id or reference, read beside the run itself; none of one that is not there. */
export const wavesCalled = (db: Database, idOrReference: string): Promise<WaveRow[]> =>
  rowsWhole<WaveRow>(
    db,
    sql`
    select ${waveColumns} from wavegate.waves
     where run_id = (select id from wavegate.legacy_import_runs where ${called(idOrReference)} order by id limit 1) order by wave`,
  );

/** Committed and linked rows of the standing waves before one, as they were written. */
export const pickedBefore = (waves: readonly WaveRow[], before: number): number =>
  waves
    .filter(({ wave, status }) => wave < before && status !== "rolled_back")
    .reduce((sum, { counts }) => sum + counts.picked, 0);
