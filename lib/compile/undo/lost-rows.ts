import { identifier, join, json, literal, raw, type Sql, sql, uuid } from "../../data/sql.ts";
import type { Pin, PinnedEntity } from "../pin/pin.ts";
import { stagingTable } from "../rows.ts";
import { keyShown } from "../target-key.ts";

/** A row that a wave wrote, as its decision says, and of which the ledger has no open entry. */
export interface LostRow {
  readonly wave: number;
  readonly row: number;
  /** The kind of things, by its place. */
  readonly of: number;
}

/** Decisions of one kind that say a wave from this one on wrote or linked their rows, where no entry says so that is open. */
const lostOf = ({ staging }: PinnedEntity, run: string, toWave: number): Sql => sql`
    select d.staged_id, d.wave from ${raw(stagingTable(staging.decisions))} d
     where d.run_id = ${uuid(run)} and d.wave >= ${toWave} and d.import_state in ('committed', 'linked')
       and not exists (select from wavegate.legacy_import_commit_logs l
                        where l.run_id = d.run_id and l.staged_id = d.staged_id and l.wave = d.wave and l.rolled_back_at is null)`;

/** The first of them. */
export const firstLost = (pin: Pin, run: string, toWave: number): Sql =>
  join(
    pin.entities.map(
      (entity, at) => sql`
    select f.wave, f.staged_id as "row", ${at}::int as of
      from (${lostOf(entity, run, toWave)} order by d.staged_id limit ${lostAtOnce}) f`,
    ),
    " union all ",
  );

/** So many are told of at most, of each kind. */
export const lostAtOnce = 1_000;

/** Which of these stand on the platform, under the ids that their decisions keep: by table, and whether they stood there before. */
export function lostThere(pin: Pin, run: string, lost: readonly LostRow[]): Sql {
  const there = pin.entities.flatMap(({ staging, exported }, at) =>
    exported.committed.map(({ table, id }) => {
      const target = pin.targets.find((each) => each.table === table);
      const columns = target?.key?.columns ?? [
        { written: target?.id ?? "", now: target?.id ?? "" },
      ];
      const key = `jsonb_build_object(${columns.map(({ written, now }) => `${literal(written)}, t.${identifier(now)}`).join(", ")})`;
      return sql`
    select g.wave, g."row", g.of, ${table} as "table", d.planned = 'update' as changed from given g
      join ${raw(stagingTable(staging.decisions))} d on d.run_id = ${uuid(run)} and d.staged_id = g."row"
     where g.of = ${at}::int and d.${raw(identifier(id))}::text in (select ${raw(keyShown(key))} from ${raw(identifier(table))} t)`;
    }),
  );
  return sql`
  with given as materialized (
    select (g.value ->> 'wave')::int as wave, (g.value ->> 'row')::bigint as "row", (g.value ->> 'of')::int as of
      from jsonb_array_elements(${json(lost)}) g)
  ${join(there, " union ")} order by 4, 2`;
}

/** Takes decisions back of which nothing is on the platform: how many there were, whatever else took them back. */
export const takeLostBack = (
  { staging }: PinnedEntity,
  run: string,
  rows: readonly number[],
): Sql => sql`
  update ${raw(stagingTable(staging.decisions))} d
     set import_state = 'rolled_back', state_reason = null,
         ${raw(["wave", ...staging.ids].map((column) => `${identifier(column)} = null`).join(", "))}
   where d.run_id = ${uuid(run)} and d.staged_id in (select value::bigint from jsonb_array_elements_text(${json(rows)}))`;
