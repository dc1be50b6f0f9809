import type { Database } from "../data/database.ts";
import { sql, uuid } from "../data/sql.ts";
import { Refusal } from "../services/errors.ts";

/** The number of the entry in a run's log that tells of its newest execution; 0 while none has told of itself. */
export async function newestBegun(db: Database, run: string): Promise<number> {
  const { entry } = await db.one<{ entry: number }>(sql`
    select coalesce(max(seq), 0)::int as entry from wavegate.audit_log
     where run_id = ${uuid(run)}
       and (action = 'started' or (action = 'execution-started' and details ->> 'what' in ('run', 'trial')))`);
  return entry;
}

/** How one going on is begun, and looked at. */
export interface Going {
  /** Read before it was looked whether anything of the run is under way. */
  readonly behind: number;
  /** As {@link newestBegun} says it now. */
  readonly newest: () => Promise<number>;
  /** Begins an execution that is told apart by `once`; false where there is one of that name. */
  readonly begin: (once: string) => Promise<boolean>;
  /** Whether the one of that name is over. */
  readonly isOver: (once: string) => Promise<boolean>;
}

/**
 * Lets a run go on in one new execution, however many ask for it at the same moment: its name says behind which
 * execution it follows, so all who looked before it told of itself ask for the same one, and the name is taken once.
 * One that ended before it could tell of itself is followed by another, of a name that is again the same for all.
 * Answers whether this call began it. Errors: `RunUnderWay` where another one came and went since it was looked.
 */
export async function beginOnce({ behind, newest, begin, isOver }: Going): Promise<boolean> {
  for (let turn = 1; ; turn += 1) {
    const once = turn === 1 ? `${behind}` : `${behind}-${turn}`;
    if (await begin(once)) return true;
    if (!(await isOver(once))) return false;
    if ((await newest()) !== behind) {
      throw new Refusal(
        "RunUnderWay",
        "Somebody else let this run go on meanwhile, and nothing was begun beside that. Look at the run, and send it again if it is still wanted.",
      );
    }
  }
}
