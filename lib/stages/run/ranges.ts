import type { RowRange } from "../../compile/rows.ts";
import type { Database } from "../../data/database.ts";
import { sql, uuid } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { rowRanges } from "../../review/row-ranges.ts";

/**
 * Rows a set-based statement works on at a time: a second's work, far from the Data API's 45 s, and few
 * enough for progress notes (W11); each statement reads all mappings of the run once.
 */
const rowsPerStatement = 50_000;
/** Statements under way at once: as many as a small cluster has processors. */
const lanes = 2;

/** Works through a list in its order, two items at a time; the first failure ends it. */
export async function inLanes<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const open = items.values();
  let failed = false;
  const lane = async () => {
    for (const item of open) {
      if (failed) return;
      await work(item).catch((error) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

/**
 * Lets an item wait, before `work` on it, for the end of the one that it stands `behind`, which was taken before it: where that
 * one fails, so does whatever stands behind it.
 */
export function oneBehindAnother<Item extends { readonly name: string; readonly behind?: string }>(
  work: (item: Item) => Promise<void>,
): (item: Item) => Promise<void> {
  const taken = new Map<string, Promise<void>>();
  return (item) => {
    const before = item.behind === undefined ? undefined : taken.get(item.behind);
    const done = before === undefined ? work(item) : before.then(() => work(item));
    taken.set(item.name, done);
    return done;
  };
}

/** Hundredths of a per cent: what a stage's progress is counted in. */
export const wholeStage = 10_000;

/** A part of a stage: how much of the stage is done before and after it, of {@link wholeStage}. */
export interface Part {
  readonly from: number;
  readonly to: number;
}

/**
 * Works through a list as {@link inLanes} does, and notes after each item how much of the stage is
 * done. What is under way in the other lane counts as far as the pace up to now lets expect: without
 * it the first of two long items would look like half of the pace.
 *
 * @param weightOf an item's share of the part's work, in any unit
 */
export async function inNotedLanes<Item>(
  note: (done: number) => Promise<unknown>,
  { from, to }: Part,
  items: readonly Item[],
  weightOf: (item: Item) => number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const all = items.reduce((sum, item) => sum + weightOf(item), 0);
  const begun = new Map<Item, number>();
  let [ended, took] = [0, 0];
  await inLanes(items, async (item) => {
    begun.set(item, performance.now());
    await work(item);
    const now = performance.now();
    ended += weightOf(item);
    took += now - (begun.get(item) ?? now);
    begun.delete(item);
    let done = ended;
    for (const [other, since] of begun) {
      done += Math.min(weightOf(other), (now - since) * (ended / Math.max(took, 1)));
    }
    // A list without any weight is at its end from the beginning.
    await note(Math.round(from + (to - from) * (done < all ? done / all : 1)));
  });
}

/**
 * Works over all staged rows of a run, kind by kind and range by range, and keeps the progress. It is safe to run
 * again, so a stage that was cut off starts over.
 *
 * @param before how much of the stage is done already, of {@link wholeStage}
 * @param after how much of it is done at the end
 */
export async function overRanges(
  db: Database,
  parts: readonly Migration[],
  run: string,
  stage: string,
  work: (part: Migration, range: RowRange) => Promise<unknown>,
  before = 0,
  after = wholeStage,
): Promise<void> {
  const cut = await Promise.all(
    parts.map(async (part) => ({
      part,
      ranges: await rowRanges(db, part, run, rowsPerStatement),
    })),
  );
  const note = progressNotes(db, run, stage);
  await note(before);
  const all = cut.reduce((sum, { ranges }) => sum + ranges.length, 0);
  let done = 0;
  // What one kind of things is decided by may be what was decided about the one above it.
  for (const { part, ranges } of cut) {
    const at = (n: number) => before + ((after - before) * n) / Math.max(1, all);
    await inNotedLanes(
      note,
      { from: at(done), to: at(done + ranges.length) },
      ranges,
      () => 1,
      async (range) => void (await work(part, range)),
    );
    done += ranges.length;
  }
  if (all === 0) await note(after);
}

/**
 * Writes how much of a stage is done: 0 at its start, from which the time left is reckoned (W11). Of
 * two notes that overtake each other the larger one stays.
 *
 * @param total what `done` is counted in: {@link wholeStage}, or the rows of a stage that does not go
 * over all staged rows
 */
export const noteProgress = (
  db: Database,
  run: string,
  stage: string,
  done: number,
  total = wholeStage,
): Promise<number> =>
  db.execute(sql`
    insert into wavegate.progress as p (run_id, stage, done, total, started_at, updated_at)
    values (${uuid(run)}, ${stage}, ${done}, ${total}, clock_timestamp(), clock_timestamp())
    on conflict (run_id, stage) do update
      set done = case when excluded.done = 0 then 0 else greatest(p.done, excluded.done) end,
          total = excluded.total, updated_at = excluded.updated_at,
          started_at = case when excluded.done = 0 then excluded.started_at else p.started_at end`);

/** Of all that there is to do: less than this further is not worth a statement that is waited for. */
const leastStep = 0.01;

/**
 * Notes for one stage, at most a hundred and its end, however often it says how much of it is done. Its work goes on while
 * a note is written, and waits for it before the next one; at the beginning and the end at once.
 *
 * @param total as in {@link noteProgress}
 */
export function progressNotes(
  db: Database,
  run: string,
  stage: string,
  total = wholeStage,
): (done: number) => Promise<void> {
  let noted = Number.NEGATIVE_INFINITY;
  let latest: Promise<unknown> = Promise.resolve();
  return async (done) => {
    if (done < total && done - noted < leastStep * total) return;
    noted = done;
    const before = latest;
    latest = noteProgress(db, run, stage, done, total);
    // Told to whoever waits for it; until then a failure is not an unhandled one.
    latest.catch(() => {});
    await before;
    if (done <= 0 || done >= total) await latest;
  };
}

/** How long steps take that {@link inLanes} works through, in the unit of their weights. */
export const timeInLanes = (weights: readonly number[]): number =>
  Math.max(0, ...weights, weights.reduce((sum, weight) => sum + weight, 0) / lanes);
