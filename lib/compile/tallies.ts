import { literal } from "../data/sql.ts";
import type { Migration } from "../define/definition.ts";
import { decisionsTable, sourceTable } from "./rows.ts";

/**
 * The triggers that keep how many rows of a kind of things stand where (`schema/020-kept-counts.sql`), safe to run
 * again. Rows of before there were any are counted in the statement that makes them, while nobody else writes.
 */
export const keepTallies = (migration: Migration): readonly string[] => [
  kept(
    decisionsTable(migration),
    `${migration.entity.staging.table}_decisions`,
    "tally_decisions",
    {
      columns: "import_state, reason, conflict, rows",
      counted: `d.import_state, case when d.import_state = 'held' then coalesce(d.state_reason, d.planned_reason) end,
           coalesce(d.planned = 'conflict', false), count(*)`,
      by: "1, 3, 4, 5",
      changes: true,
    },
  ),
  // What the source holds nobody changes.
  kept(sourceTable(migration), `${migration.entity.staging.table}_source`, "tally_source", {
    columns: "rows",
    counted: "count(*)",
    by: "1",
    changes: false,
  }),
];

interface Kept {
  readonly columns: string;
  readonly counted: string;
  readonly by: string;
  readonly changes: boolean;
}

const kept = (
  table: string,
  name: string,
  tally: string,
  { columns, counted, by, changes }: Kept,
): string => `do $wavegate$ begin
  if exists (select from pg_trigger where tgrelid = ${literal(table)}::regclass and tgname = 'tally_added') then return; end if;
  create trigger tally_added after insert on ${table}
    referencing new table as added for each statement execute function wavegate.${tally}();
  create trigger tally_removed after delete on ${table}
    referencing old table as removed for each statement execute function wavegate.${tally}();
  create trigger tally_emptied after truncate on ${table}
    for each statement execute function wavegate.forget_tallies();${
      changes
        ? `
  create trigger tally_changed after update on ${table}
    referencing old table as removed new table as added for each statement execute function wavegate.${tally}();`
        : ""
    }
  insert into wavegate.row_tallies (run_id, staging, ${columns})
  select d.run_id, ${literal(name)}, ${counted} from ${table} d group by ${by};
end $wavegate$`;
