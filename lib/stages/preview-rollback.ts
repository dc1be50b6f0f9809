import type { Kept } from "../compile/undo/kept-above.ts";
import { type KindOfWave, kindsOfWaves } from "../compile/undo/kinds-of-wave.ts";
import {
  type Behind,
  type KnownEntries,
  keptOfKind,
  previewKind,
  referredOfKind,
  type Stays,
} from "../compile/undo/preview.ts";
import type { Referring } from "../compile/undo/referrers.ts";
import { findRowRules, type RowRule } from "../compile/undo/row-rules.ts";
import { tablesUpdated } from "../compile/undo/undo-updates.ts";
import type { Reshaping } from "../compile/wave/written-rows.ts";
import { type Database, localSettings } from "../data/database.ts";
import { oneRecord, rowsWhole } from "../data/records.ts";
import { findRun, findRunState, type Run, requirePeople } from "../data/runs.ts";
import { json, raw, sql, uuid } from "../data/sql.ts";
import type { Services } from "../services/services.ts";
import { unlessItFails } from "./dry-run/target-rules.ts";
import { requireWave } from "./rollback.ts";
import { fits, keptFor } from "./undo/kept-apart.ts";
import { refuseLost } from "./undo/lost-rows.ts";
import { openWaves } from "./undo/undo-wave.ts";
import { type Conflict, sumsOf, type TakenBack } from "./undo/undone-wave.ts";
import { inWords } from "./wave/platform-speaks.ts";
import { requireOneEach, reshapedSince, tablesNow } from "./wave/reshaped-since.ts";
import { addTo } from "./wave/row-sums.ts";
import { aboveOf, requireSight } from "./wave/sight.ts";
import { requireSeenWhole } from "./wave/written-anew.ts";

/** What taking one wave back would do (B1). */
export interface PreviewedWave extends TakenBack {
  readonly wave: number;
  /** Rows that would be spared because somebody edited them, or because something refers to them; or both. */
  readonly edited: number;
  readonly referenced: number;
  /** How many of them the platform would refuse to have taken back, as far as a look tells, by the name of what does. */
  readonly refused: Readonly<Record<string, number>>;
  /** How many of them hold something else than was written, by column. */
  readonly changed: Readonly<Record<string, number>>;
  /** The first hundred that would be spared. */
  readonly conflicts: readonly Conflict[];
  readonly reshaped: readonly Reshaping[];
}

interface RollbackPreview {
  readonly run: string;
  readonly waves: readonly PreviewedWave[];
}

/**
 * Says what a rollback down to `toWave` would do. Nothing is written on the platform and no run is
 * stopped; the counts are kept, so that the rollback can say where the platform changed in between (B1).
 * Refuses what the rollback would refuse.
 */
export async function previewRollback(
  services: Services,
  id: string,
  toWave = 1,
): Promise<RollbackPreview> {
  const run = await findRun(services.stage, id);
  requirePeople(run, "A rollback");
  await requireWave(services.stage, run, toWave);
  const waves: PreviewedWave[] = [];
  let later: Stays = {};
  for (const { wave } of await openWaves(services.stage, run.id, toWave)) {
    const of = (foreseen: (rule: RowRule) => boolean) =>
      preview(services, run, wave, later, foreseen);
    // A check that fails on a row instead of saying no says nothing of the others either.
    const { stays, ...previewed } = await unlessItFails(
      () => of(() => true),
      () => of(({ kind }) => kind !== "check"),
    ).catch((error) => {
      throw inWords(error, run, wave);
    });
    later = together([later, stays]);
    await keep(services, run.id, previewed);
    waves.push(previewed);
  }
  await services.commitOf(run.migration).transaction(async (transaction) => {
    await transaction.rows(localSettings);
    await refuseLost(transaction, run, toWave);
  }, "repeatable read, read only");
  return { run: run.id, waves };
}

const preview = (
  { commitOf }: Services,
  run: Run,
  wave: number,
  later: Stays,
  foreseen: (rule: RowRule) => boolean,
): Promise<PreviewedWave & { readonly stays: Stays }> =>
  // The role that would take it back looks, and may do no more than look.
  commitOf(run.migration).transaction(async (transaction) => {
    await transaction.rows(localSettings);
    requirePeople(await findRunState(transaction, run.id), "A rollback");
    const since = await reshapedSince(transaction, run, wave);
    await requireOneEach(transaction, since, run, wave);
    const { pin, reshaped } = since;
    // How many rows of several kinds stand for each other is not to be estimated: each is not compared with each.
    if (pin.entities.length > 1) await transaction.execute(raw("set local enable_nestloop = off"));
    const referring = await requireSight(transaction, pin, run.migration);
    const above = await aboveOf(transaction, pin);
    const { shape: present } = await tablesNow(transaction, pin);
    const changed = tablesUpdated(pin);
    const found =
      changed.length === 0 ? [] : await rowsWhole<RowRule>(transaction, findRowRules(changed));
    const rules = found.filter(foreseen);
    const parts: (Found & { stays: Stays })[] = [];
    const kinds = await transaction.rows<KindOfWave>(kindsOfWaves(pin, run.id, [wave]));
    const behind: Behind[] = [];
    // In the order of an undo: what is behind a kind is taken back before it.
    for (const kind of kinds) {
      const about = {
        run: run.id,
        wave,
        later: together([later, ...parts.map((each) => each.stays)]),
      };
      const of = { ...kind, behind: [...behind] };
      const asksBy = (
        refers: readonly Referring[] | KnownEntries,
        kept: Kept,
        held: typeof rules,
      ) => previewKind(pin, { ...about, above: kept }, of, refers, reshaped, present, held);
      const referred = await keptFor(
        transaction,
        referring,
        kind.tables,
        // What rows above keep is known by ids then, at the most.
        (all) => asksBy(all, above.length === 0 ? [] : { known: [] }, []),
        (some) => referredOfKind(pin, about, of, some),
      );
      const asks = (kept: Kept, held: typeof rules) => asksBy(referred, kept, held);
      const kept = await keptFor(
        transaction,
        above,
        kind.tables,
        (all) => asks(all, rules),
        (some) => keptOfKind(pin, about, of, some),
      );
      const asked = asks(kept, rules);
      // Of so many rules that the Data API would not take the question, none is foreseen.
      parts.push(
        await oneRecord<Found & { stays: Stays }>(
          transaction,
          fits(asked) || rules.length === 0 ? asked : asks(kept, []),
        ),
      );
      behind.push(kind);
    }
    // Of a table that was written anew behind this look's snapshot every row would count as gone.
    await requireSeenWhole(transaction);
    return {
      wave,
      ...altogether(parts),
      reshaped,
      stays: together(parts.map(({ stays }) => stays)),
    };
  }, "repeatable read, read only");

type Found = Omit<PreviewedWave, "wave" | "reshaped">;

/** What would be done with all kinds of things. */
function altogether(parts: readonly Found[]): Found {
  const more = { edited: 0, referenced: 0, changed: {}, refused: {} };
  for (const { edited, referenced, changed, refused } of parts) {
    more.edited += edited;
    more.referenced += referenced;
    addTo(more.changed, changed);
    addTo(more.refused, refused);
  }
  return { ...sumsOf(parts), ...more };
}

/** Ids of several looks, by what they are about. */
function together(all: readonly Stays[]): Stays {
  const found = new Map<string, number[]>();
  for (const stays of all)
    for (const [what, ids] of Object.entries(stays))
      found.set(what, [...(found.get(what) ?? []), ...ids]);
  return Object.fromEntries(found);
}

const keep = (
  { stage }: Services,
  run: string,
  { wave, entries, undone, unlinked, gone, spared, ...found }: PreviewedWave,
): Promise<number> =>
  stage.execute(sql`
    insert into wavegate.rollback_previews (run_id, wave, round, counts, found)
    select run_id, wave, round, ${json({ entries, undone, unlinked, gone, spared })}, ${json(found)}
      from wavegate.waves where run_id = ${uuid(run)} and wave = ${wave}
    on conflict (run_id, wave) do update
      set round = excluded.round, counts = excluded.counts, found = excluded.found, at = now()`);

/** What was found of a wave, and when. */
export interface KeptPreview extends PreviewedWave {
  /** ISO 8601, to the second. */
  readonly at: string;
}

/** The previews that were kept of the waves that still stand, from the latest down to one. */
export async function keptPreviews(
  db: Database,
  run: string,
  toWave: number,
): Promise<KeptPreview[]> {
  return rowsWhole<KeptPreview>(
    db,
    sql`
    select wave, (p.counts ->> 'entries')::bigint as entries, (p.counts ->> 'undone')::bigint as undone,
           (p.counts ->> 'unlinked')::bigint as unlinked, (p.counts ->> 'gone')::bigint as gone,
           (p.counts ->> 'spared')::bigint as spared, (p.found ->> 'edited')::bigint as edited,
           (p.found ->> 'referenced')::bigint as referenced, p.found -> 'changed' as changed, coalesce(p.found -> 'refused', '{}') as refused,
           p.found -> 'conflicts' as conflicts, p.found -> 'reshaped' as reshaped,
           to_char(p.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
      from wavegate.rollback_previews p join wavegate.waves w using (run_id, wave, round)
     where p.run_id = ${uuid(run)} and wave >= ${toWave}
       -- One of before the wave was taken back says nothing of what was spared.
       and (p.counts ->> 'entries')::bigint > 0 and (p.counts ->> 'entries')::bigint = (
         select count(*) from wavegate.legacy_import_commit_logs l
          where l.run_id = p.run_id and l.wave = p.wave and l.rolled_back_at is null)
     order by wave desc`,
  );
}
