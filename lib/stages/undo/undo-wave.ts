import type { PinnedEntity } from "../../compile/pin/pin.ts";
import type { Kept } from "../../compile/undo/kept-above.ts";
import { nameSilence } from "../../compile/undo/kept-in-silence.ts";
import { type KindOfWave, kindsOfWave } from "../../compile/undo/kinds-of-wave.ts";
import { keptOfWave, leftBehind, ofTables, undoWave } from "../../compile/undo/rollback.ts";
import { triedUndos } from "../../compile/undo/tried-undo.ts";
import { takingBack } from "../../compile/wave/created-rows.ts";
import type { Reshaping } from "../../compile/wave/written-rows.ts";
import { type Database, localSettings } from "../../data/database.ts";
import type { ExactId } from "../../data/exact.ts";
import { lockRunState, type Run, requirePeople } from "../../data/runs.ts";
import { identifier, json, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import { appendAudit } from "../../evidence/audit-log.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { shownKeys } from "../../evidence/shown-key.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { ChangedOnTheWay } from "../wave/changed-on-the-way.ts";
import { beforeRun } from "../wave/commit-lock.ts";
import { inWords, mayBeOfRow, withTriggers } from "../wave/platform-speaks.ts";
import { requireOneEach, reshapedSince, tablesNow } from "../wave/reshaped-since.ts";
import { type Aside, type Meant, measured } from "../wave/side-effects.ts";
import { aboveOf, requireSight } from "../wave/sight.ts";
import { tellSilence } from "../wave/silence.ts";
import { alone, whenAlone } from "../wave/table-locks.ts";
import { addTo } from "../wave/write.ts";
import { keptFor } from "./kept-apart.ts";
import { findRefusedEntries } from "./refused-entries.ts";

/** A created row that a rollback spared, and why (D16). */
export interface Conflict {
  readonly table: string;
  readonly id: ExactId;
  readonly conflict: {
    readonly edited: boolean;
    readonly referenced: boolean;
    readonly changed: readonly string[];
    /** The name of what of the platform refuses to have it taken back: a constraint, a column, a function. */
    readonly refused?: string;
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
  /** How many of those spared the platform refused to have taken back, by the name of what did. */
  readonly refused: Readonly<Record<string, number>>;
}

type Undone = Omit<UndoneWave, "wave" | "reshaped" | "previewed" | "refused"> & {
  readonly deleted: Record<string, number>;
  /** Rows that were changed and got back what they held, by table. */
  readonly restored?: Record<string, number>;
  readonly logged: number;
  readonly reset: number;
};

/**
 * Takes one wave back in one transaction, as the role that wrote it: the one place where anything is
 * undone, for rollback and drill alike. It proves what a commit proves (D37), or nothing is taken back.
 * Rows that the platform refuses to have taken back are spared by the name of what refuses them, and the others are not
 * kept by them; but of a drill nothing is spared. With a round, a drill's, nothing is undone of a wave that was written
 * again since then, nor what an earlier round left because it was edited: what is written again is the same rows.
 *
 * Errors: `SideEffects`, `PolicyDenied`, `PrivilegesMissing`, `PlatformRefused`, `RollbackUnbalanced`,
 * `TargetGone`, `KeyNamesSeveral`; `WaveContended`, which may be tried again.
 */
export async function takeWaveBack(
  services: Services,
  run: Run,
  wave: number,
  how: { readonly by?: string; readonly round?: number } = {},
): Promise<UndoneWave> {
  const [db, pin] = [services.commitOf(run.migration), pinOf(run)];
  const undo = (careful?: Careful) => whenAlone(() => undoOnce(services, run, wave, how, careful));
  const orElse = (careful: Careful) => async (error: unknown) => {
    if (how.round !== undefined) throw error;
    if (!(error instanceof ChangedOnTheWay || (await mayBeOfRow(error, db, pin)))) throw error;
    return undo(careful);
  };
  return undo()
    .catch(orElse("at the end"))
    .catch(orElse("at once"))
    .catch(async (error) => {
      const told = await withTriggers(error, db, pin, { run, wave, command: "rollback" });
      throw inWords(told, run, wave);
    });
}

/**
 * That what the platform refuses to have taken back is found, and spared. What waits for the end of the transaction may
 * hold then alone; to find a row that it refuses, it is asked at once.
 */
type Careful = "at the end" | "at once";

const undoOnce = (
  { commitOf, clock }: Services,
  run: Run,
  wave: number,
  { by = "wavegate", round }: { readonly by?: string; readonly round?: number },
  careful?: Careful,
): Promise<UndoneWave> =>
  commitOf(run.migration).transaction(async (transaction) => {
    await transaction.rows(localSettings);
    await beforeRun(transaction);
    // Two rollbacks take their turns, and the later one notes nothing. What is deleted the database holds against entries.
    const now = await lockRunState(
      transaction,
      run.id,
      "no key update",
      sql`, set_config(${takingBack.run}, id::text, true), set_config(${takingBack.wave}, cast(${wave} as text), true)`,
    );
    // Nor does another run of this migration link a row that goes: its wave is before this, or fails on the lock.
    await transaction.execute(
      sql`update wavegate.commit_locks set taken_at = taken_at where migration = ${run.migration}`,
    );
    requirePeople(now, "A rollback");
    if (round !== undefined && (await roundOf(transaction, run.id, wave)) !== round)
      return nothingOf(wave);
    const since = await reshapedSince(transaction, run, wave);
    await requireOneEach(transaction, since, run, wave);
    const { pin, reshaped } = since;
    const referring = await requireSight(transaction, pin, run.migration);
    const above = await aboveOf(transaction, pin);
    // A key that deletes by itself would take a row with it that appeared after the look.
    const acting = new Set(referring.filter(({ acts }) => acts).map(({ target }) => target));
    if (acting.size > 0) await transaction.execute(raw(`set local lock_timeout = '${alone}'`));
    for (const target of acting)
      await transaction.execute(raw(`lock table ${identifier(target)} in exclusive mode`));
    const { shape: present, onTheWay } = await tablesNow(transaction, pin);
    // Who writes on the platform stands behind us meanwhile: of two who wait for each other this one gives way.
    const kinds = await transaction.rows<KindOfWave>(sql`
      select k.*, set_config('lock_timeout', '5s', true) as waits from (${kindsOfWave(pin, run.id, wave, round)}) k order by k.at desc, k.level desc`);
    if (kinds.length === 0 && (await openWaves(transaction, run.id, wave)).at(-1)?.wave !== wave)
      return nothingOf(wave);
    const what = `Taking wave ${wave} of ${run.reference} back`;
    const also = referring.map(({ table }) => table);
    const refused: Record<string, number> = {};
    const parts: Undone[] = [];
    if (careful === "at the end")
      await transaction.rows(sql`select set_config('wavegate.tried', ${careful}, true)`);
    // Where constraints are to hold after each kind, each is proved by itself.
    for (const some of careful === "at once" ? kinds.map((kind) => [kind]) : [kinds]) {
      const work = async (aside: Aside): Promise<{ result: Undone; meant: Meant }> => {
        const results: Undone[] = [];
        // What refers to a row goes before it: no row is spared for one that is taken back with it.
        for (const { at, level, tables } of some) {
          const [own, entity] = [ofTables(pin, tables), pin.entities[at] as PinnedEntity];
          const tried = () =>
            findRefusedEntries(
              transaction,
              triedUndos(own, run.id, wave, referring, reshaped, present, above, onTheWay),
              { staging: entity.staging, level },
              run.id,
              wave,
            );
          const found = careful === undefined ? [] : await aside(tried);
          for (const each of found) addTo(refused, { [each.by]: 1 });
          const undo = (kept: Kept) =>
            undoWave(own, entity, run.id, wave, referring, reshaped, present, found, {
              ...{ round, level },
              above: kept,
              onTheWay,
            });
          const kept = await keptFor(transaction, above, tables, undo, (some) =>
            keptOfWave(own, entity, run.id, wave, { round, level }, some),
          );
          const done = await transaction.one<Undone & { altered?: string }>(undo(kept));
          ChangedOnTheWay.refuseRollback(run, wave, done.altered);
          results.push(done);
        }
        const result = altogether(results);
        return { result, meant: { deleted: result.deleted, updated: result.restored ?? {} } };
      };
      parts.push(await measured(transaction, pin, what, work, also));
    }
    const silence = nameSilence(pin, run.id, wave, reshaped, present);
    const undone = await tellSilence(transaction, altogether(parts), silence, refused);
    if (undone.logged !== undone.entries || undone.reset !== undone.undone) {
      throw new Refusal(
        "RollbackUnbalanced",
        `Wave ${wave} could not be taken back whole, so nothing of it was.`,
      );
    }
    const [{ conflicts }, counts] = [undone, takenBackOf(undone)];
    const left = leftBehind(pin, run.id, wave, reshaped);
    const { behind, previewed } = await noteWave(transaction, run.id, wave, counts, refused, left);
    if (behind > 0) {
      throw new Refusal(
        "RollbackUnbalanced",
        `Rows of wave ${wave} were still there after it was taken back, so nothing of it was.`,
      );
    }
    const taken = { wave, ...counts, conflicts, reshaped, previewed, refused };
    await tell(transaction, run.id, taken, by, clock());
    return taken;
  });

const takenBackOf = ({ entries, undone, unlinked, gone, spared }: TakenBack): TakenBack => ({
  ...{ entries, undone, unlinked, gone, spared },
});

/** The counts and the first conflicts of several kinds of things together. */
export function sumsOf(
  parts: readonly (TakenBack & { readonly conflicts: readonly Conflict[] })[],
): TakenBack & { readonly conflicts: readonly Conflict[] } {
  const sums = { entries: 0, undone: 0, unlinked: 0, gone: 0, spared: 0 };
  for (const part of parts) addTo(sums, takenBackOf(part) as unknown as Record<string, number>);
  return { ...sums, conflicts: parts.flatMap(({ conflicts }) => conflicts).slice(0, 100) };
}

/** What was undone of all kinds of things. */
function altogether(parts: readonly Undone[]): Undone {
  const more = { deleted: {}, restored: {}, logged: 0, reset: 0 };
  for (const { deleted, restored = {}, logged, reset } of parts) {
    addTo(more.deleted, deleted);
    addTo(more.restored, restored);
    more.logged += logged;
    more.reset += reset;
  }
  return { ...sumsOf(parts), ...more };
}

async function roundOf(db: Database, run: string, wave: number): Promise<number | undefined> {
  const [found] = await db.rows<{ round: number }>(
    sql`select round from wavegate.waves where run_id = ${uuid(run)} and wave = ${wave}`,
  );
  return found?.round;
}

const nothingOf = (wave: number): UndoneWave => ({
  ...{ wave, entries: 0, undone: 0, unlinked: 0, gone: 0, spared: 0 },
  ...{ previewed: null, conflicts: [], reshaped: [], refused: {} },
});

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

/** Notes what became of a wave; with how many rows are left behind, and the counts of its preview if they are other ones. */
function noteWave(
  transaction: Database,
  run: string,
  wave: number,
  counts: TakenBack,
  refused: UndoneWave["refused"],
  behind: Sql,
): Promise<{ behind: number; previewed: TakenBack | null }> {
  const { entries, undone, spared, gone } = counts;
  return transaction.one(sql`
    with behind as materialized (${behind}),
    previewed as materialized (
      select p.counts from wavegate.rollback_previews p join wavegate.waves w using (run_id, wave, round)
       where run_id = ${uuid(run)} and wave = ${wave} and (p.counts ->> 'entries')::bigint = ${entries}
         and p.counts <> ${json(counts)}),
    noted as (
      update wavegate.waves set status = 'rolled_back', rolled_back_at = now(),
             counts = counts || jsonb_build_object('rolledBack',
               ${json({ undone, spared, gone, ...byName(refused) })} || jsonb_build_object('previewed', (select p.counts from previewed p)))
       where run_id = ${uuid(run)} and wave = ${wave})
    select (select n from behind) as behind, (select p.counts from previewed p) as previewed`);
}

/** Tells the log of it. */
async function tell(
  transaction: Database,
  run: string,
  taken: UndoneWave,
  actor: string,
  at: Date,
): Promise<void> {
  const { wave, undone, spared, gone, conflicts, previewed, refused, ...details } = taken;
  // The log goes out with the bundle, as it is.
  const ids = conflicts.map(({ id }) => id);
  const shown = await shownKeys(transaction, run, ids);
  const listed = conflicts.map(({ table }, at) => `${table}:${shown[at]}`);
  await appendAudit(
    transaction,
    run,
    {
      actor,
      action: "rollback",
      details: {
        wave,
        undone,
        spared,
        gone,
        ...details,
        previewed,
        ...byName(refused),
        conflicts: listed,
      },
    },
    at,
  );
}

/** What the platform refused, where it refused anything. */
const byName = (refused: UndoneWave["refused"]): { readonly refused?: UndoneWave["refused"] } =>
  Object.keys(refused).length === 0 ? {} : { refused };
