import type { Database } from "../data/database.ts";
import { sql, uuid } from "../data/sql.ts";
import type { Io } from "./io.ts";
import { number } from "./table.ts";

/** How far a stage is (W11). */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  /** Rows a second by the database's clock; 0 when that is not known yet. */
  readonly rate: number;
}

/**
 * The stage of a run that is under way, in rows: an import counts what it read in the last minute;
 * the other stages go over all staged rows in parts, and a part is its share of the rows.
 */
export async function progressOf(db: Database, runId: string): Promise<Progress | undefined> {
  const [importing] = await db.rows<Progress>(sql`
    select 'import' as stage,
           coalesce(sum(i.rows_read) filter (where i.done_at is not null), 0)::bigint as done,
           (select sum((r.counts ->> name)::bigint)
              from jsonb_array_elements_text(r.definition -> 'entity' -> 'from') name)::bigint as total,
           (coalesce(sum(i.rows_read) filter (where i.done_at > now() - interval '1 minute'), 0)
             / greatest(1, least(60, extract(epoch from now() - min(i.done_at)))))::float8 as rate
      from wavegate.legacy_import_runs r join wavegate.import_ranges i on i.run_id = r.id
     where r.id = ${uuid(runId)}
     group by r.id, r.counts, r.definition
    having count(*) filter (where i.done_at is null) > 0`);
  if (importing !== undefined) return importing;
  // A stage notes its own start, so that the time is that of all its parts.
  const [stage] = await db.rows<Progress>(sql`
    select p.stage, (n.rows * p.done / p.total)::bigint as done, n.rows as total,
           coalesce(n.rows * p.done / p.total
             / nullif(extract(epoch from p.updated_at - p.started_at), 0), 0)::float8 as rate
      from wavegate.progress p
      join wavegate.legacy_import_runs r on r.id = p.run_id
     cross join lateral (select coalesce((r.counts ->> 'staged_rows')::bigint, p.total) as rows) n
     where p.run_id = ${uuid(runId)} and p.total > 0
     order by p.updated_at desc, p.stage
     limit 1`);
  return stage;
}

/** Rows done, rows a second, time left: `import  12,000 of 50,000 rows  24 %  8,000 rows/s  5 s left`. */
export function describeProgress({ stage, done, total, rate }: Progress): string {
  const share = total > 0 ? Math.min(1, done / total) : 1;
  const left = rate > 0 && done < total ? `  ${duration((total - done) / rate)} left` : "";
  const speed = rate >= 1 ? `  ${number(Math.round(rate))} rows/s` : "";
  return `${stage}  ${number(done)} of ${number(total)} rows  ${Math.floor(share * 100)} %${speed}${left}`;
}

/** `8 s`, `4 min`, `2 h 05 min`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Shows long work on standard error: a bar that redraws itself for people, plain lines elsewhere. */
export interface Meter {
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
