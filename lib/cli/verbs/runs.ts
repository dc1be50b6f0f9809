import { copiesLeft } from "../../compile/wave/file-copies.ts";
import { rowsWhole } from "../../data/records.ts";
import { sql } from "../../data/sql.ts";
import { statusWord } from "../../review/steer/standing.ts";
import { several } from "../../services/words.ts";
import type { Answer, Frame } from "../command.ts";
import { runsUnderWay } from "../standing.ts";
import { table } from "../table.ts";
import { withAws } from "./with-aws.ts";

interface Line {
  readonly reference: string;
  readonly id: string;
  readonly migration: string;
  readonly status: string;
  readonly stage: string;
  readonly trial: { readonly rows: number } | null;
  readonly started_by: string | null;
  readonly created_at: string;
  readonly waves: number;
  readonly copies_left: number;
}

/** `wavegate runs`. */
export const runs = (frame: Frame, limit: number): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const underWay = await runsUnderWay(aws);
    const found = await rowsWhole<Line>(
      aws.db,
      sql`
      select r.reference, r.id, r.migration, r.status, r.stage, r.trial, r.started_by,
             to_char(r.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at,
             (select count(*) from wavegate.waves w
               where w.run_id = r.id and w.status in ('committed', 'verified')) as waves,
             ${copiesLeft} as copies_left
        from wavegate.legacy_import_runs r
       order by r.created_at desc, r.id limit ${limit}`,
    );
    return {
      json: { runs: found.map((run) => ({ ...run, alive: underWay(run.id) })) },
      text:
        found.length === 0
          ? ["There is no run yet. Begin one with `wavegate start MIGRATION`."]
          : table(
              ["run", "status", "last stage", "waves", "by", "begun"],
              found.map((run) => [
                run.reference,
                statusWord(run, underWay(run.id)) + leaves(run),
                run.stage,
                run.waves,
                run.started_by,
                run.created_at.slice(0, 16).replace("T", " "),
              ]),
              0,
            ),
    };
  });

/** A rollback that was cut off keeps other runs waiting. */
const leaves = ({ copies_left: copies }: Line): string =>
  copies === 0 ? "" : `, ${several(copies, "copy", "copies")} of files to take away`;
