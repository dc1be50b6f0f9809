import { type Database, readable } from "../../data/database.ts";
import { lockRun, type Run } from "../../data/runs.ts";
import { json, raw, sql, uuid } from "../../data/sql.ts";
import {
  afterReading,
  apartMs,
  becauseOf,
  everySeconds,
  type Figure,
  type Verdict,
  verdictOf,
  type Watching,
} from "../../data/watching.ts";
import type { WholeMigration } from "../../define/several.ts";
import type { Watch } from "../../define/watch.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";

/**
 * Looks at what a definition watches on the platform before a wave begins (C4), and keeps what it saw with the
 * run. Each beginning and end of a wait is told in the audit log.
 */
export async function watchPlatform(
  { stage, clock }: Pick<Services, "stage" | "clock">,
  run: Run,
  { watch = [] }: WholeMigration,
): Promise<Verdict> {
  if (watch.length === 0) return "go";
  const figures = await readFigures(stage, watch);
  return stage.transaction(async (transaction) => {
    await lockRun(transaction, run.id);
    const { watching: before } = await transaction.one<{ watching: Watching | null }>(
      sql`select watching from wavegate.legacy_import_runs where id = ${uuid(run.id)}`,
    );
    const now = clock();
    // A reading that was sent again is one reading: two of them are seconds apart.
    if (before !== null && verdictOf(before) !== "go" && apartMs(before, now) < everySeconds * 800)
      return { seconds: everySeconds };
    const read = afterReading(before, watch, figures, now);
    const verdict = verdictOf(read);
    // Whoever lets the run go on then is given as long again.
    const after = verdict === "give up" ? { ...read, since: null } : read;
    await transaction.execute(
      sql`update wavegate.legacy_import_runs set watching = ${json(after)} where id = ${uuid(run.id)}`,
    );
    if (after.waiting !== (before?.waiting ?? false)) {
      const action = after.waiting ? "waits" : "goes-on";
      const details = {
        figures: Object.fromEntries(figures.map(({ id, value }) => [id, value])),
      };
      await appendAudit(transaction, run.id, { actor: "wavegate", action, details }, now);
    }
    return verdict;
  });
}

/** Refuses a single wave while the platform is busy. Errors: `PlatformBusy`. */
export async function requireCalm(
  services: Pick<Services, "stage" | "clock">,
  run: Run,
  { watch = [] }: WholeMigration,
): Promise<void> {
  if (watch.length === 0) return;
  const figures = await readFigures(services.stage, watch);
  const seen = afterReading(null, watch, figures, services.clock());
  if (seen.because.length === 0) return;
  throw new Refusal(
    "PlatformBusy",
    `No wave of ${run.reference} begins now: ${becauseOf(seen)}. Nothing was written. Ask again when the platform is less busy.`,
  );
}

/** Ids of figures that cannot be read at all. */
export const unreadable = async (
  db: Database,
  watches: readonly Watch[],
): Promise<readonly string[]> =>
  (await readFigures(db, watches)).filter(({ value }) => value === null).map(({ id }) => id);

/** Each figure now, read where nothing can be written; one that fails, or takes five seconds, is none. */
export async function readFigures(
  db: Database,
  watches: readonly Watch[],
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { id, sql: select } of watches) {
    const value = await readable(db, async (transaction) => {
      await transaction.execute(raw("set local statement_timeout = '5s'"));
      const read = raw(`select (${select})::float8 as value`);
      const { value } = await transaction.one<{ value: number | string | null }>(read);
      // Neither NaN nor what has no end is a number of anything.
      return typeof value === "number" && Number.isFinite(value) ? value : null;
    });
    figures.push({ id, value: value ?? null });
  }
  return figures;
}
