import { asText, raw, type Sql, sql, uuid } from "../data/sql.ts";
import type { Pin, PinnedEntity } from "./pin.ts";
import type { Referring } from "./referrers.ts";
import { claimedEntries, deletes, isOf, open } from "./rollback.ts";
import { undoUpdates } from "./undo-updates.ts";
import { openEntries, type Reshaping, type Shape } from "./written-rows.ts";

/** What takes back the entries of one kind of things in one target by itself, as `wavegate.refused_rows` tries it. */
export interface TriedUndo {
  readonly table: string;
  readonly action: "commit" | "update";
  readonly statement: string;
}

/**
 * The parts of {@link undoWave} as they are tried, of which nothing stays: each table and action apart, as the guard of
 * one speaks before the platform's own checks of the next.
 */
export function triedUndos(
  pin: Pin,
  run: string,
  wave: number,
  referring: readonly Referring[],
  reshaped: readonly Reshaping[],
  present: Shape,
): readonly TriedUndo[] {
  const tried = (table: string, action: TriedUndo["action"], statement: string): TriedUndo => ({
    ...{ table, action },
    statement: `
  with entries as materialized (select l.* from ${asText(openEntries(run, wave))} l where l.run_id = $1 and l.id = any ($2)),
  ${asText(claimedEntries(run, wave))}${statement}`,
  });
  return [
    ...pin.targets.map((target) =>
      tried(target.table, "commit", deletes(target, referring, reshaped, "")),
    ),
    ...pin.targets.flatMap((target) => {
      const { restored } = undoUpdates({ ...pin, targets: [target] }, reshaped, present);
      return restored.map((each) =>
        tried(target.table, "update", `,\n  ${each}\n  select count(*) from restored_0`),
      );
    }),
  ];
}

/** The next entries of a wave that {@link triedUndos} is tried with: those refused, and the last one looked at, or null. */
export const refusedEntries = (
  { table, action, statement }: TriedUndo,
  { staging }: PinnedEntity,
  run: string,
  wave: number,
  { after, atMost }: { readonly after: number; readonly atMost: number },
): Sql => sql`
  with next as materialized (
    select l.id from wavegate.legacy_import_commit_logs l
     where ${open(run, wave)} and l.target_table = ${table} and l.action = ${action} and l.id > ${after} and ${raw(isOf(staging, "l"))}
     order by l.id limit ${atMost})
  select (select max(id) from next) as last,
         wavegate.refused_rows(${statement}, ${uuid(run)}, (select coalesce(jsonb_agg(id order by id), '[]') from next)) as refused`;
