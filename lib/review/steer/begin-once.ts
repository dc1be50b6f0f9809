import type { Database } from "../../data/database.ts";
import { sql, uuid } from "../../data/sql.ts";
import { Refusal } from "../../services/errors.ts";
import { inputDigest } from "../people/stamp.ts";

/** The number of the entry in a run's log that tells of its newest execution; 0 while none has told of itself. */
export async function newestBegun(db: Database, run: string): Promise<number> {
  const { entry } = await db.one<{ entry: number }>(sql`
    select coalesce(max(seq), 0)::int as entry from wavegate.audit_log
     where run_id = ${uuid(run)}
       and (action = 'started' or (action = 'execution-started' and details ->> 'what' in ('run', 'trial')))`);
  return entry;
}

/** The newest entry of a run's log that tells of a rollback, a wave or a step that was begun alone, and whose it is. */
interface BegunAlone {
  /** 0 while there is none. */
  readonly entry: number;
  readonly by: string | null;
  /** Its execution's name; empty while there is none. */
  readonly execution: string;
}

/** @param about what it is for, as its execution's name says behind the run's id */
export async function newestAlone(db: Database, run: string, about: string): Promise<BegunAlone> {
  const [newest = { entry: 0, by: null, execution: "" }] = await db.rows<BegunAlone>(sql`
    select seq::int as entry, actor as by, details ->> 'execution' as execution from wavegate.audit_log
     where run_id = ${uuid(run)} and action = 'execution-started'
       and starts_with(details ->> 'execution', ${`${run}-${about}-`}::text)
     order by seq desc limit 1`);
  return newest;
}

/**
 * What an execution that is begun alone is told apart by: the entry behind which it follows, and what is asked of it. Two
 * who ask for the same at the same moment ask for one; who asks for other rows or another wave asks for another one.
 */
export const onceBehind = (entry: number, input: Readonly<Record<string, unknown>>): string =>
  `${entry}-${inputDigest(input).slice(0, 6)}`;

/** What {@link newestAlone} was told apart by, where the same was asked of it as is asked now. */
export function onceOfSame(
  { execution }: BegunAlone,
  input: Readonly<Record<string, unknown>>,
): string | undefined {
  const [once, asked] = /\d+-([0-9a-f]{6})(?:-\d+)?$/u.exec(execution) ?? [];
  return asked === onceBehind(0, input).slice(2) ? once : undefined;
}

/** How one execution is begun, and looked at. */
export interface Going {
  /** By what it is told apart: the same for all who ask behind the same entry. */
  readonly once: string;
  /** The entry, read before it was looked whether anything of the run is under way. */
  readonly behind: number;
  /** The same entry as it is now. */
  readonly newest: () => Promise<number>;
  /** Begins an execution that is told apart by `once`; false where there is one of that name. */
  readonly begin: (once: string) => Promise<boolean>;
  /** Whether the one of that name is over. */
  readonly isOver: (once: string) => Promise<boolean>;
}

/**
 * Begins one execution, however many ask for it at the same moment: its name says behind which one it follows, so all who
 * looked before it told of itself ask for the same one, and the name is taken once. One that ended before it could tell
 * of itself is followed by another, of a name that is again the same for all. Answers whether this call began it. Errors:
 * `RunUnderWay` where another one came and went since it was looked.
 */
export async function beginOnce({
  once: first,
  behind,
  newest,
  begin,
  isOver,
}: Going): Promise<boolean> {
  for (let turn = 1; ; turn += 1) {
    const once = turn === 1 ? first : `${first}-${turn}`;
    if (await begin(once)) return true;
    if (!(await isOver(once))) return false;
    if ((await newest()) !== behind) {
      throw new Refusal(
        "RunUnderWay",
        "Somebody else began this meanwhile, and nothing was begun beside that. Look at the run, and send it again if it is still wanted.",
      );
    }
  }
}
