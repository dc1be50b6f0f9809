import { identifier, literal, raw, type Sql } from "../../data/sql.ts";
import type { Migration } from "../../define/definition.ts";
import { isUpdated, updatesOf } from "../../define/identity.ts";
import { rowColumn } from "../above-columns.ts";
import { referenceJoins } from "../condition.ts";
import { parentOf, refsOf, standingJoins, standsIn, usedAbove } from "../references/above.ts";
import { decisionsTable, stagedTable } from "../rows.ts";
import { keyColumnsOf, keyObject } from "../target-key.ts";
import { isSameRecord, sameRecords } from "./same-records.ts";
import { certainWays, identityColumns, isKey } from "./there.ts";
import type { ColumnTypes } from "./value.ts";

/** What a wave knows of the tables in which rows are already, of a kind of things itself and of those above it. */
interface ToldBy {
  readonly types: ColumnTypes;
  readonly above?: ReadonlyMap<Migration, ColumnTypes>;
  /** By table the key beyond which rows came since the dry run. */
  readonly keys?: Readonly<Record<string, number | null>>;
}

/** The kinds above rows of a kind that are written with what those are, where one may be there already. */
export const toldParents = (migration: Migration): readonly Migration[] =>
  toldReferences(migration).map(([, parent]) => parent);

function toldReferences(migration: Migration): readonly (readonly [string, Migration])[] {
  const actions = Object.values(migration.entity.actions);
  const used = new Set(actions.flatMap((action) => usedAbove(migration, action)));
  return refsOf(migration).flatMap(([name]) => {
    const parent = parentOf(migration, name);
    return used.has(name) && parent.entity.is !== undefined ? [[name, parent] as const] : [];
  });
}

/**
 * Rows of a wave, `looked_up`, of which the row of the platform that the dry run told them to be is another one since, or is
 * not the only one any more: those that would change it, and those that would refer to it. Whoever changes an address, or
 * puts two people together, changes who a row is, and no column that a wave writes shows it.
 */
export function toldOtherwise(migration: Migration, run: string, by: ToldBy): readonly Sql[] {
  const updated = "select c.id, c.id as row from looked_up c where c.planned = 'update'";
  return [
    ...(isUpdated(migration.entity) ? [among(migration, run, by, updated)] : []),
    ...toldReferences(migration).flatMap(([name, parent]) => {
      const types = parent === migration ? by.types : by.above?.get(parent);
      if (types === undefined) return [];
      return [among(parent, run, { ...by, types }, toldAbove(migration, parent, name, run))];
    }),
  ];
}

/**
 * Rows with the row above that they refer to, where that is told to be there: not by the ledger of an earlier run, nor by
 * what this run made of it where that is told otherwise by it.
 */
function toldAbove(migration: Migration, parent: Migration, name: string, run: string): string {
  const updates = Object.keys(updatesOf(parent.entity));
  const written = identityColumns(parent).some((column) => updates.includes(column));
  return `
        select c.id, a.staged_id as row
          from looked_up c
          join ${decisionsTable(migration)} d on d.run_id = '${run}' and d.staged_id = c.id
          join ${decisionsTable(parent)} a on a.run_id = d.run_id and a.staged_id = d.${identifier(rowColumn(name))}
         where c.planned in ('commit', 'update') and a.there_key is not null and not a.moved_before
           and a.import_state not in ('held', 'linked'${written ? ", 'committed'" : ""})`;
}

/** Of rows of a wave, each with a row of a kind that is told to be there, those for which it is told otherwise now. */
function among(migration: Migration, run: string, { types, keys = {} }: ToldBy, rows: string): Sql {
  const action = standsIn(migration);
  const table = identifier(action.into);
  const ways = certainWays(migration);
  const key = keyObject(keyColumnsOf(action.id), "p");
  const last = keys[action.into] ?? null;
  const beyond =
    last === null || typeof action.id !== "string"
      ? undefined
      : `t.${identifier(action.id)} > ${last}`;
  const own =
    typeof action.id === "string"
      ? `coalesce(l.target_key, jsonb_build_object(${literal(action.id)}, l.target_id))`
      : "l.target_key";
  const others = ways.map((same) =>
    sameRecords(migration, same, types, {
      from: `(select distinct row from told) w join ${stagedTable(migration)} s on s.run_id = '${run}' and s.id = w.row
      ${referenceJoins(migration)}
      ${standingJoins(migration)}`,
      where: "true",
      answer: (id) => `${id}, ${key} as key`,
      beyond,
    }),
  );
  return raw(`
    select id from (
      with told as materialized (
        select c.id, c.row, t.target_key as key from (${rows}) c
          join wavegate.rows_there t on t.run_id = '${run}' and t.staged_id = c.row
         where t.there_is in ('one', 'same', 'differs') and t.target_table = ${literal(action.into)})
      select t.id
        from told t cross join lateral (
          select * from ${stagedTable(migration)} each where each.run_id = '${run}' and each.id = t.row offset 0) s
        ${referenceJoins(migration)}
        ${standingJoins(migration)}
        left join ${table} p on ${isKey(action, "p", "t.key")}
       where (${ways.map((same) => isSameRecord(migration, same, types)).join(" or ")}) is not true
      union
      select t.id from told t join (${others.join("\n      union ")}) f on f.id = t.row and f.key <> t.key
       -- What this run wrote is nobody who came.
       where not exists (
         select from wavegate.legacy_import_commit_logs l
          where l.run_id = '${run}' and l.target_table = ${literal(action.into)} and l.action in ('commit', 'update')
            and l.rolled_back_at is null and ${own} = f.key)) told_otherwise`);
}
