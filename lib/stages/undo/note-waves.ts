import type { Database } from "../../data/database.ts";
import { json, type Sql, sql, uuid } from "../../data/sql.ts";
import { type AuditEvent, appendAudits } from "../../evidence/audit-log.ts";
import { Refusal } from "../../services/errors.ts";
import { type TakenBack, takenBackOf, type UndoneWave } from "./undone-wave.ts";

/**
 * Notes what became of waves, and answers them with the counts of their previews where those are other ones. Error:
 * `RollbackUnbalanced`, where rows are left behind.
 *
 * @param behind how many those are, as `(n)`
 */
export async function noteWaves(
  transaction: Database,
  run: string,
  waves: readonly UndoneWave[],
  behind: Sql,
): Promise<readonly UndoneWave[]> {
  const given = waves.map((each) => {
    const { undone, spared, gone } = each;
    const noted = { undone, spared, gone, ...byName(each.refused) };
    return { wave: each.wave, counts: takenBackOf(each), noted };
  });
  const found = await transaction.rows<{
    wave: number;
    behind: number;
    previewed: TakenBack | null;
  }>(sql`
    with behind as materialized (${behind}),
    given as materialized (
      select (g.value ->> 'wave')::int as wave, g.value -> 'counts' as counts, g.value -> 'noted' as noted
        from jsonb_array_elements(${json(given)}) g),
    previewed as materialized (
      select w.wave, p.counts from given g
        join wavegate.waves w on w.run_id = ${uuid(run)} and w.wave = g.wave
        join wavegate.rollback_previews p on p.run_id = w.run_id and p.wave = w.wave and p.round = w.round
       where p.counts -> 'entries' = g.counts -> 'entries' and p.counts <> g.counts),
    noted as (
      update wavegate.waves w set status = 'rolled_back', rolled_back_at = now(),
             counts = w.counts || jsonb_build_object('rolledBack',
               g.noted || jsonb_build_object('previewed', (select p.counts from previewed p where p.wave = g.wave)))
        from given g where w.run_id = ${uuid(run)} and w.wave = g.wave)
    select g.wave, (select n from behind) as behind, (select p.counts from previewed p where p.wave = g.wave) as previewed
      from given g`);
  const left = found.some((each) => each.behind > 0);
  if (left) {
    const of = waves.map(({ wave }) => wave).join(", ");
    throw new Refusal(
      "RollbackUnbalanced",
      `Rows of wave ${of} were still there after it was taken back, so nothing of it was.`,
    );
  }
  return waves.map((each) => ({
    ...each,
    previewed: found.find(({ wave }) => wave === each.wave)?.previewed ?? null,
  }));
}

/** Tells the log of waves that were taken back, in their order. */
export async function tellWaves(
  transaction: Database,
  run: string,
  waves: readonly UndoneWave[],
  actor: string,
  at: Date,
): Promise<void> {
  const events: AuditEvent[] = [];
  for (const taken of waves) {
    const { wave, undone, spared, gone, conflicts, previewed, refused, ...others } = taken;
    // The log goes out with the bundle, as it is: keys stand there as they are shown.
    const listed = conflicts.map(({ table, id }) => `${table}:${id}`);
    const counts = { wave, undone, spared, gone, ...others, previewed, ...byName(refused) };
    events.push({ actor, action: "rollback", details: { ...counts, conflicts: listed } });
  }
  await appendAudits(transaction, run, events, at);
}

/** What the platform refused, where it refused anything. */
const byName = (refused: UndoneWave["refused"]): { readonly refused?: UndoneWave["refused"] } =>
  Object.keys(refused).length === 0 ? {} : { refused };
