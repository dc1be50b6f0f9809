import { literal } from "../../data/sql.ts";
import { stagingTable } from "../rows.ts";

/**
 * The staging of which no tallies are kept, in a database of before there were any: of every migration that was ever
 * set up in it, as pages show the runs of them all, and of kinds that no definition has any more.
 */
export const findUntallied = `
  select left(c.relname, -length('_source')) as staging
    from pg_class c join pg_class d on d.relnamespace = c.relnamespace and d.relkind = 'r'
                                   and d.relname = left(c.relname, -length('_source')) || '_decisions'
   where c.relnamespace = 'wavegate'::regnamespace and c.relkind = 'r' and c.relname like '%\\_source'
     and (select count(*) from pg_trigger t where t.tgrelid in (c.oid, d.oid) and t.tgname = 'tally_added') < 2
   order by 1`;

/**
 * The triggers that keep how many rows of a kind of things stand where (`schema/020-kept-counts.sql`), safe to run
 * again. Rows of before there were any are counted behind the lock that making them takes: nobody else writes.
 */
export const keepTallies = (staging: string): readonly string[] => [
  kept(`${staging}_decisions`, "tally_decisions", {
    columns: "import_state, reason, conflict, rows",
    counted: `d.import_state, case when d.import_state = 'held' then coalesce(d.state_reason, d.planned_reason) end,
           coalesce(d.planned = 'conflict', false), count(*)`,
    by: "1, 3, 4, 5",
    changes: true,
  }),
  // What the source holds nobody changes.
  kept(`${staging}_source`, "tally_source", {
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

function kept(name: string, tally: string, { columns, counted, by, changes }: Kept): string {
  const table = stagingTable(name);
  return `do $wavegate$ begin
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
}
