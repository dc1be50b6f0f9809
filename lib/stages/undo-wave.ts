import { takingBack } from "../compile/created-rows.ts";
import type { Pin, PinnedEntity } from "../compile/pin.ts";
import {
  type KindOfWave,
  kindsOfWave,
  leftBehind,
  ofTables,
  undoWave,
} from "../compile/rollback.ts";
import { tablesUpdated } from "../compile/undo-updates.ts";
import { type Reshaping, type Shape, shapeNow } from "../compile/written-rows.ts";
import { type Database, localSettings } from "../data/database.ts";
import type { ExactId } from "../data/exact.ts";
import { findRunState, type Run, requirePeople } from "../data/runs.ts";
import { identifier, json, raw, sql, uuid } from "../data/sql.ts";
import { appendAudit } from "../evidence/audit-log.ts";
import { pinOf } from "../evidence/pinned.ts";
import { Refusal } from "../services/errors.ts";
import type { Services } from "../services/services.ts";
import { beforeRun } from "./commit-lock.ts";
import { reshapedSince } from "./reshaped-since.ts";
import { type Meant, measured } from "./side-effects.ts";
import { requireSight } from "./sight.ts";
import { whenAlone } from "./table-locks.ts";
import { addTo } from "./write-wave.ts";

/** A created row that a rollback spared, and why (D16). */
export interface Conflict {
  readonly table: string;
  readonly id: ExactId;
  readonly conflict: {
    readonly edited: boolean;
    readonly referenced: boolean;
    readonly changed: readonly string[];
  };
}

/** How many ledger entries of a wave there were, and what became of them. */
export interface TakenBack {
  readonly entries: number;
  readonly undone: number;
  readonly unlinked: number;
  /** Rows that somebody else had deleted. */
  readonly gone: number;
  readonly spared: number;
}

/** One wave, taken back. */
export interface UndoneWave extends TakenBack {
  readonly wave: number;
  /** What a preview said, where one was made and the platform changed in between (B1). */
  readonly previewed: TakenBack | null;
  /** The first hundred that were spared. */
  readonly conflicts: readonly Conflict[];
  /** How the platform changed the shape of target tables since the wave. */
  readonly reshaped: readonly Reshaping[];
}

type Undone = Omit<UndoneWave, "wave" | "reshaped" | "previewed"> & {
  readonly deleted: Record<string, number>;
  /** Rows that were changed and got back what they held, by table. */
  readonly restored?: Record<string, number>;
  readonly logged: number;
  readonly reset: number;
};

/**
 * Takes one wave back in one transaction, as the role that wrote it: the one place where anything is
 * undone, for rollback and drill alike. It proves what a commit proves (D37), or nothing is taken back.
 * With a round nothing is undone of a wave that was written again since then.
 *
 * Errors: `SideEffects`, `PolicyDenied`, `PrivilegesMissing`, `PlatformRefused`, `RollbackUnbalanced`,
 * `TargetGone`; `WaveContended`, which may be tried again.
 */
export async function takeWaveBack(
  { commitOf, clock }: Services,
  run: Run,
  wave: number,
  { by = "wavegate", round }: { readonly by?: string; readonly round?: number } = {},
): Promise<UndoneWave> {
  pinOf(run);
  const undo = commitOf(run.migration).transaction(async (transaction) => {
    await transaction.rows(localSettings);
    await beforeRun(transaction);
    // Two rollbacks at once take their turns. What is deleted the database holds against this wave's entries.
    await transaction.rows(
      sql`select set_config(${takingBack.run}, id::text, true), set_config(${takingBack.wave}, cast(${wave} as text), true)
            from wavegate.legacy_import_runs where id = ${uuid(run.id)} for no key update`,
    );
    // Nor does another run of this migration link a row that goes: its wave is before this, or fails on the lock.
    await transaction.execute(
      sql`update wavegate.commit_locks set taken_at = taken_at where migration = ${run.migration}`,
    );
    requirePeople(await findRunState(transaction, run.id), "A rollback");
    if (round !== undefined && (await roundOf(transaction, run.id, wave)) !== round)
      return nothingOf(wave);
    const { pin, reshaped } = await reshapedSince(transaction, run, wave);
    const referring = await requireSight(transaction, pin, run.migration);
    // A key that deletes by itself would take a row with it that appeared after the look.
    for (const target of new Set(referring.filter(({ acts }) => acts).map(({ target }) => target)))
      await transaction.execute(raw(`lock table ${identifier(target)} in exclusive mode`));
    const undone = await measured(
      transaction,
      pin,
      `Taking wave ${wave} of ${run.reference} back`,
      async (): Promise<{ result: Undone; meant: Meant }> => {
        const parts: Undone[] = [];
        // What refers to a row goes before it: no row is spared for one that is taken back with it.
        const present = await shapeOf(transaction, pin);
        const kinds = await transaction.rows<KindOfWave>(kindsOfWave(pin, run.id, wave));
        for (const { at, tables } of kinds) {
          const entity = pin.entities[at] as PinnedEntity;
          parts.push(
            await transaction.one<Undone>(
              undoWave(ofTables(pin, tables), entity, run.id, wave, referring, reshaped, present),
            ),
          );
        }
        const result = altogether(parts);
        return { result, meant: { deleted: result.deleted, updated: result.restored ?? {} } };
      },
      referring.map(({ table }) => table),
    );
    if (undone.logged !== undone.entries || undone.reset !== undone.undone) {
      throw new Refusal(
        "RollbackUnbalanced",
        `Wave ${wave} could not be taken back whole, so nothing of it was.`,
      );
    }
    const { n: behind } = await transaction.one<{ n: number }>(
      leftBehind(pin, run.id, wave, reshaped),
    );
    if (behind > 0) {
      throw new Refusal(
        "RollbackUnbalanced",
        `Rows of wave ${wave} were still there after it was taken back, so nothing of it was.`,
      );
    }
    const { entries, undone: count, unlinked, gone, spared, conflicts } = undone;
    const counts = { entries, undone: count, unlinked, gone, spared };
    const previewed = await previewBefore(transaction, run.id, wave, counts);
    const taken = { wave, ...counts, conflicts, reshaped, previewed };
    await note(transaction, run.id, taken, by, clock());
    return taken;
  });
  return whenAlone(() =>
    undo.catch((error) => {
      throw inWords(error, run, wave);
    }),
  );
}

/** What was undone of all kinds of things. */
function altogether(parts: readonly Undone[]): Undone {
  const [only, ...more] = parts;
  if (only !== undefined && more.length === 0) return only;
  const sum = (of: (part: Undone) => number) => parts.reduce((all, part) => all + of(part), 0);
  const deleted: Record<string, number> = {};
  const restored: Record<string, number> = {};
  for (const part of parts) {
    addTo(deleted, part.deleted);
    addTo(restored, part.restored ?? {});
  }
  return {
    entries: sum(({ entries }) => entries),
    undone: sum(({ undone }) => undone),
    unlinked: sum(({ unlinked }) => unlinked),
    gone: sum(({ gone }) => gone),
    spared: sum(({ spared }) => spared),
    logged: sum(({ logged }) => logged),
    reset: sum(({ reset }) => reset),
    conflicts: parts.flatMap(({ conflicts }) => conflicts).slice(0, 100),
    deleted,
    restored,
  };
}

/** The target tables' columns as they are, where rows of them are changed back. */
export const shapeOf = async (db: Database, pin: Pin): Promise<Shape> =>
  tablesUpdated(pin).length === 0 ? {} : (await db.one<{ shape: Shape }>(shapeNow(pin))).shape;

async function roundOf(db: Database, run: string, wave: number): Promise<number | undefined> {
  const [found] = await db.rows<{ round: number }>(
    sql`select round from wavegate.waves where run_id = ${uuid(run)} and wave = ${wave}`,
  );
  return found?.round;
}

const nothingOf = (wave: number): UndoneWave => ({
  ...{ wave, entries: 0, undone: 0, unlinked: 0, gone: 0, spared: 0 },
  ...{ previewed: null, conflicts: [], reshaped: [] },
});

/** What the platform itself refuses: constraints, rules, triggers that raise something, and the guard of its changes. */
const refusedByPlatform = /SQLState: (?:0A|22|23|42|44|P0|2F|38|39|WG)/;

function inWords(error: unknown, run: Run, wave: number): unknown {
  if (!(error instanceof Error) || error.name !== "DatabaseErrorException") return error;
  if (!refusedByPlatform.test(error.message)) return error;
  return new Refusal(
    "PlatformRefused",
    `The platform refused to let wave ${wave} of ${run.reference} be taken back: ${error.message}. Nothing of it was. ` +
      "`wavegate doctor` lists triggers, rules and keys; mend or detach what stands in the way, and roll back again.",
    { cause: error },
  );
}

/** Waves that stand, be it without a row, or have ledger entries that are not undone, the latest first. */
export const openWaves = (
  db: Database,
  run: string,
  toWave: number,
): Promise<{ wave: number; entries: number }[]> =>
  db.rows(sql`
    select wave, sum(entries)::bigint as entries from (
      select wave, count(*) as entries from wavegate.legacy_import_commit_logs
       where run_id = ${uuid(run)} and wave >= ${toWave} and rolled_back_at is null group by wave
      union all
      select wave, 0 from wavegate.waves
       where run_id = ${uuid(run)} and wave >= ${toWave} and status <> 'rolled_back') open
     group by wave order by wave desc`);

/** The counts of the preview since the wave was last taken back, if they are not what came of it. */
async function previewBefore(
  transaction: Database,
  run: string,
  wave: number,
  counts: TakenBack,
): Promise<TakenBack | null> {
  const [preview] = await transaction.rows<{ counts: TakenBack }>(sql`
    select p.counts from wavegate.rollback_previews p join wavegate.waves w using (run_id, wave, round)
     where run_id = ${uuid(run)} and wave = ${wave} and p.at > coalesce(w.rolled_back_at, '-infinity')
       and p.counts <> ${json(counts)}`);
  return preview?.counts ?? null;
}

async function note(
  transaction: Database,
  run: string,
  taken: UndoneWave,
  actor: string,
  at: Date,
): Promise<void> {
  const { wave, undone, spared, gone, conflicts, previewed, ...details } = taken;
  await transaction.execute(sql`
    update wavegate.waves set status = 'rolled_back', rolled_back_at = now(),
           counts = counts || ${json({ rolledBack: { undone, spared, gone, previewed } })}
     where run_id = ${uuid(run)} and wave = ${wave}`);
  const listed = conflicts.map(({ table, id }) => `${table}:${id}`);
  await appendAudit(
    transaction,
    run,
    {
      actor,
      action: "rollback",
      details: { wave, undone, spared, gone, ...details, previewed, conflicts: listed },
    },
    at,
  );
}
