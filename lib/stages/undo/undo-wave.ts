import { nameSilence } from "../../compile/undo/kept-in-silence.ts";
import { type KindOfWave, kindsOfWaves } from "../../compile/undo/kinds-of-wave.ts";
import { leftBehind } from "../../compile/undo/rollback.ts";
import { tablesUpdated } from "../../compile/undo/undo-updates.ts";
import { takingBack } from "../../compile/wave/created-rows.ts";
import { type Database, localSettings } from "../../data/database.ts";
import { lockRunState, type Run, requirePeople } from "../../data/runs.ts";
import { identifier, raw, sql, uuid } from "../../data/sql.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { ChangedOnTheWay } from "../wave/changed-on-the-way.ts";
import { beforeRun, takeTurn } from "../wave/commit-lock.ts";
import { inWords, mayBeOfRow, withTriggers } from "../wave/platform-speaks.ts";
import { requireOneEach, reshapedSince, tablesNow } from "../wave/reshaped-since.ts";
import { type Aside, type Meant, mayHaveWritten, measured } from "../wave/side-effects.ts";
import { aboveOf, requireSight } from "../wave/sight.ts";
import { tellSilence } from "../wave/silence.ts";
import { alone, whenAlone } from "../wave/table-locks.ts";
import { noteWaves, tellWaves } from "./note-waves.ts";
import { altogether, type Undone, undoKind } from "./undo-kind.ts";
import { takenBackOf, type UndoneWave } from "./undone-wave.ts";

/** Waves of one run, the latest first. */
type Waves = readonly [number, ...(readonly number[])];

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
  const undo = async (careful?: Careful) => {
    const [undone] = await whenAlone(() => undoOnce(services, run, [wave], how, careful));
    return undone as UndoneWave;
  };
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
 * Takes several waves back in one transaction, which looks at the platform once for all of them: in their order, one
 * after the other, each with what is noted and told of it, and proved together. Where it takes long it ends before the
 * last of them. Answers those that it took back: none where the platform's tables changed between them, nor whatever goes wrong.
 *
 * Errors: those of {@link takeWaveBack}, not in words.
 */
export const takeWavesBack = (
  services: Services,
  run: Run,
  waves: Waves,
  by: string,
): Promise<readonly UndoneWave[]> => whenAlone(() => undoOnce(services, run, waves, { by }));

/**
 * That what the platform refuses to have taken back is found, and spared. What waits for the end of the transaction may
 * hold then alone; to find a row that it refuses, it is asked at once.
 */
type Careful = "at the end" | "at once";

/** As long as a transaction goes on to the next wave, in ms: others wait for its locks, for half a minute at most. */
const longEnough = 8_000;

const undoOnce = (
  { commitOf, clock }: Services,
  run: Run,
  waves: Waves,
  { by = "wavegate", round }: { readonly by?: string; readonly round?: number },
  careful?: Careful,
): Promise<readonly UndoneWave[]> =>
  commitOf(run.migration).transaction(async (transaction) => {
    const begun = performance.now();
    await transaction.rows(localSettings);
    // No wave of another migration links a row that goes either.
    await transaction.execute(takeTurn);
    await beforeRun(transaction);
    // Two rollbacks take their turns, and the later one notes nothing. What is deleted the database holds against entries.
    const now = await lockRunState(
      transaction,
      run.id,
      "no key update",
      sql`, set_config(${takingBack.run}, id::text, true), set_config(${takingBack.wave}, cast(${waves[0]} as text), true)`,
    );
    // Nor does another run of this migration link a row that goes: its wave is before this, or fails on the lock.
    await transaction.execute(
      sql`update wavegate.commit_locks set taken_at = taken_at where migration = ${run.migration}`,
    );
    requirePeople(now, "A rollback");
    if (round !== undefined && (await roundOf(transaction, run.id, waves[0])) !== round)
      return waves.map(nothingOf);
    const since = await reshapedSince(transaction, run, ...waves);
    if (!since.alike) return [];
    await requireOneEach(transaction, since, run, ...waves);
    const { pin, reshaped } = since;
    const referring = await requireSight(transaction, pin, run.migration);
    const above = await aboveOf(transaction, pin);
    // A key that deletes by itself would take a row with it that appeared after the look.
    const acting = new Set(referring.filter(({ acts }) => acts).map(({ target }) => target));
    if (acting.size > 0) await transaction.execute(raw(`set local lock_timeout = '${alone}'`));
    for (const target of acting)
      await transaction.execute(raw(`lock table ${identifier(target)} in exclusive mode`));
    // Who writes on the platform stands behind us meanwhile: of two who wait for each other this one gives way.
    const kinds = await transaction.rows<KindOfWave>(sql`
      select k.*, set_config('lock_timeout', '5s', true) as waits from (${kindsOfWaves(pin, run.id, waves, round)}) k
       order by k.wave desc, k.at desc, k.level desc`);
    const standing = await stillStanding(transaction, run.id, waves, kinds);
    if (standing.length === 0) return waves.map(nothingOf);
    // What acts on rows that get something back is looked at once nobody makes it any more; in parts as well, as the undo locks.
    const given = tablesUpdated(pin).filter((table) => !acting.has(table));
    if (given.length > 0)
      await transaction.execute(
        raw(`lock table ${given.map(identifier).join(", ")} in row exclusive mode`),
      );
    const { shape: present, onTheWay } = await tablesNow(transaction, pin);
    const what = `Taking wave ${standing.join(", ")} of ${run.reference} back`;
    const also = referring.map(({ table }) => table);
    const about = { run, pin, referring, reshaped, present, above, onTheWay, round };
    const taken = new Map<number, { parts: Undone[]; refused: Record<string, number> }>();
    if (careful === "at the end")
      await transaction.rows(sql`select set_config('wavegate.tried', ${careful}, true)`);
    let written = false;
    // Where constraints are to hold after each kind, each is proved by itself.
    for (const some of careful === "at once" && kinds.length > 0
      ? kinds.map((kind) => [kind])
      : [kinds]) {
      const work = async (aside: Aside): Promise<{ result: Undone; meant: Meant }> => {
        const results: Undone[] = [];
        for (const wave of standing) {
          if (taken.size > 0 && !taken.has(wave) && performance.now() - begun > longEnough) break;
          const own = taken.get(wave) ?? { parts: [], refused: {} };
          taken.set(wave, own);
          // What refers to a row goes before it: no row is spared for one that is taken back with it.
          for (const kind of some.filter((each) => each.wave === wave)) {
            const trial = careful === undefined ? undefined : aside;
            const done = await undoKind(transaction, about, kind, own.refused, trial);
            own.parts.push(done);
            results.push(done);
          }
        }
        const result = altogether(results);
        const { deleted, restored: updated = {}, logged: told } = result;
        return { result, meant: { deleted, updated, told } };
      };
      const done = await measured(transaction, pin, what, work, also);
      written ||= mayHaveWritten(done.measured);
    }
    const undone: UndoneWave[] = [];
    for (const [wave, { parts, refused }] of taken) {
      const silence = nameSilence(pin, run.id, wave, reshaped, present);
      const all = await tellSilence(transaction, altogether(parts), silence, refused);
      if (all.logged !== all.entries || all.reset !== all.undone) {
        throw new Refusal(
          "RollbackUnbalanced",
          `Wave ${wave} could not be taken back whole, so nothing of it was.`,
        );
      }
      const { conflicts } = all;
      undone.push({
        ...{ wave, ...takenBackOf(all), conflicts, reshaped, previewed: null, refused },
      });
    }
    // What is gone is there again only if something was put there.
    const left = written
      ? leftBehind(pin, run.id, [...taken.keys()], reshaped)
      : raw("select 0::bigint as n");
    const noted = await noteWaves(transaction, run.id, undone, left);
    await tellWaves(transaction, run.id, noted, by, clock());
    const gone = waves.filter((wave) => !standing.includes(wave)).map(nothingOf);
    return [...noted, ...gone];
  });

/** Of waves those that still stand, or have entries that are not undone: another rollback may have been before this. */
async function stillStanding(
  transaction: Database,
  run: string,
  waves: Waves,
  kinds: readonly KindOfWave[],
): Promise<readonly number[]> {
  const without = waves.filter((wave) => !kinds.some((kind) => kind.wave === wave));
  if (without.length === 0) return waves;
  const open = await openWaves(transaction, run, Math.min(...without));
  return waves.filter((wave) => !without.includes(wave) || open.some((each) => each.wave === wave));
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
