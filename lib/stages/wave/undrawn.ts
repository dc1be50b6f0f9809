import {
  type ChancePartitions,
  findChancePartitions,
  saysChance,
} from "../../compile/target/chance-partitions.ts";
import {
  type DrawnColumn,
  drawOne,
  findDrawnColumns,
  findUsedUp,
} from "../../compile/target/drawn-columns.ts";
import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import type { WholeMigration } from "../../define/several.ts";
import { Refusal } from "../../services/errors.ts";

/** What ended with an error: a wave of a run, and the command that goes on with it. */
export interface Ended {
  readonly run: Run;
  readonly wave: number;
  readonly command: "resume" | "rollback";
}

/** So many values a wave may draw for each of its rows until those are found that the platform refuses. */
const drawnForEach = 8;

/** PostgreSQL's `sequence_generator_limit_exceeded`: it is said of no row. */
const usedUp = "2200H";

/** What a sequence of the platform's does not do: why, and what mends it. */
interface Undrawn {
  readonly why: string;
  readonly mend: string;
}

/**
 * What is wrong with what a wave leaves to the platform: a sequence gave out its last number, what it draws fits the
 * column no more, or rows have it already; or there is no partition for it. Each row is refused for it, and holding them would mend none.
 * Draws a value or two, and writes nothing.
 *
 * @param rows of the wave, at most
 */
export async function findUndrawn(
  db: Database,
  migration: WholeMigration,
  rows: number,
): Promise<Undrawn | undefined> {
  const [chance] = await db.rows<ChancePartitions>(findChancePartitions(migration));
  if (chance !== undefined)
    return { why: saysChance(chance), mend: "Make the partitions that are missing" };
  for (const drawn of await db.rows<DrawnColumn>(findDrawnColumns(migration))) {
    const { table, column, sequence } = drawn;
    const found = await db
      .one<{ taken: boolean }>(drawOne(drawn, drawnForEach * rows))
      .catch((failure: Error) => failure);
    if (!(found instanceof Error)) {
      if (found.taken)
        return {
          why: `The sequence ${sequence} draws values for ${table}.${column} that rows there have already.`,
          mend: "Set it behind them (`setval`)",
        };
      continue;
    }
    const [, state = ""] = /SQLState: (22...)/.exec(found.message) ?? [];
    if (state === usedUp)
      return {
        why: `The sequence ${sequence}, which draws ${table}.${column}, has given out its last number.`,
        mend: "Let it have more, and its column hold them (`alter sequence`, `alter table`)",
      };
    if (state !== "")
      return {
        why: `What the sequence ${sequence} draws for ${table}.${column} fits that column no more (${state}).`,
        mend: "Let the column hold it (`alter table`)",
      };
  }
  return undefined;
}

/** Whether an error says that a sequence has no more, be it one that a trigger draws from. */
export const isUsedUp = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === "DatabaseErrorException" &&
  error.message.includes(`SQLState: ${usedUp}`);

/** The sequences that have no more, as far as the role sees them. */
export async function findUsedUpOnes(db: Database): Promise<Undrawn> {
  const { sequences } = await db.one<{ sequences: string | null }>(findUsedUp);
  return {
    why: `A sequence that the platform draws from beside the row has given out its last number${sequences === null ? "" : ` (${sequences})`}.`,
    mend: "Let it have more (`alter sequence`)",
  };
}

/** The refusal of a wave, or of its rollback, for what a sequence does not do. */
export const undrawn = (
  { why, mend }: Undrawn,
  { run, wave, command }: Ended,
  cause: unknown,
): Refusal =>
  new Refusal(
    "TargetKeyUndrawn",
    `${why} ${command === "resume" ? `Nothing of wave ${wave} of ${run.reference} was written, and no row is held for it` : `Wave ${wave} of ${run.reference} stands as it did`}. ${mend}, and \`wavegate ${command} --run ${run.reference}\` goes on.`,
    { cause },
  );
