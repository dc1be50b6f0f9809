import { shownKeySql } from "../compile/shown/key.ts";
import { keyShown } from "../compile/target-key.ts";
import { raw, type Sql, sql, uuid } from "../data/sql.ts";
import { csvLetters, type ExportColumn, lineOf, wordCell } from "./csv-sql.ts";
import { type LineQuery, RECORDS_OF_PAGE } from "./pages.ts";

/** Text in UTC whatever the session's time zone is. */
const utc = (moment: string): string =>
  `to_char(${moment} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const conflict = `concat_ws(' ', ${["edited", "referenced", "gone"]
  .map((word) => `case when (l.conflict ->> '${word}')::boolean then '${word}' end`)
  .join(", ")}, case when jsonb_exists(l.conflict, 'refused') then 'refused' end)`;

const changedColumns = `case when l.conflict is null then ''
  else (select ${wordCell("names")}
          from (select string_agg(name.value, ' ') as names
                  from jsonb_array_elements_text(coalesce(l.conflict -> 'changed', '[]')) name offset 0) changed) end`;

/** An integer needs no quotes; any other key is a text. */
const targetCell = `case when l.target_id is not null then l.target_id::text else ${wordCell("k.shown")} end`;

/**
 * The ledger as it is exported: what each wave did to which staged row, and what took it back. The
 * written rows themselves stay in the database, as they are personal data.
 */
export const commitLogColumns: readonly ExportColumn[] = [
  { name: "id", cell: "l.id" },
  { name: "wave", cell: "l.wave" },
  { name: "round", cell: "l.round" },
  { name: "row", cell: "l.staged_id" },
  { name: "action", cell: wordCell("l.action", ["commit", "link", "skip", "update"]) },
  { name: "target_table", cell: wordCell("l.target_table") },
  { name: "target_id", cell: targetCell },
  { name: "committed_at", cell: utc("l.committed_at") },
  { name: "rolled_back_at", cell: utc("l.rolled_back_at") },
  // Why a rollback spared the row, or found it gone (D16); values are personal data, names of columns are not.
  { name: "conflict", cell: conflict },
  { name: "changed_columns", cell: changedColumns },
];

/** The ledger of a run as CSV lines, in the order in which it was written. */
export function commitLogLines(runId: string): LineQuery {
  return {
    bounds: sql`
      select max(id) as up_to
        from (select id, (row_number() over (order by id) - 1) / ${RECORDS_OF_PAGE} as n
                from wavegate.legacy_import_commit_logs where run_id = ${uuid(runId)}) numbered
       group by n order by n`,
    lines: (after, upTo): Sql => sql`
      select l.id, ${raw(lineOf(commitLogColumns))} as line
        from wavegate.legacy_import_commit_logs l
             cross join lateral (
               select ${raw(shownKeySql("l.run_id", "own.key"))} as shown
                 from (select case when l.target_key is not null then ${raw(keyShown("l.target_key"))} end as key offset 0) own
               offset 0) k
             cross join ${raw(csvLetters)}
       where l.run_id = ${uuid(runId)} and l.id > ${after} and l.id <= ${upTo}`,
  };
}
