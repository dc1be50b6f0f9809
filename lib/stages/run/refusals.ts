import type { OnTheWay } from "../../compile/around/on-the-way.ts";
import type { JsonColumns } from "../../compile/target/json-columns.ts";
import type { Drawn } from "../../compile/target/new-keys.ts";
import type { ColumnTypes } from "../../compile/there/value.ts";
import { holdRefused } from "../../compile/wave/refused.ts";
import type { WaveOrder } from "../../compile/wave/rows.ts";
import type { Database } from "../../data/database.ts";
import type { Migration } from "../../define/definition.ts";
import { appendAudit } from "../../evidence/audit-log.ts";

/** A wave of which no row was written: how many the platform refused, by the name of what did, and what else became of rows. */
export interface NothingWritten {
  readonly refused: Readonly<Record<string, number>>;
  readonly heldBack: number;
  readonly skipped: number;
  /** Of those held back how many refer to what is not there, and how many lack the copy of a file. */
  readonly waiting: number;
  readonly uncopied: number;
}

/**
 * Whether an error may be the platform's refusal of a row: a constraint, a value that does not fit,
 * something a trigger raised, under whichever code; not a sequence that gave out its last number. Which row it is, and
 * whether it is one at all, the database finds.
 */
export const isRefusal = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === "DatabaseErrorException" &&
  !/SQLState: (08|2200H|25|40|42(?!501)|53|55(?!000)|57|58|HV|XX)/.test(error.message);

/** Finds the rows of a wave that the platform refuses and holds them (D38): how many, by what refused them. */
export async function holdRefusals(
  transaction: Database,
  migration: Migration,
  order: WaveOrder,
  {
    drawn,
    types,
    json,
    onTheWay,
  }: {
    readonly drawn: Drawn;
    readonly types: ColumnTypes;
    readonly json: JsonColumns;
    readonly onTheWay: OnTheWay;
  },
): Promise<Record<string, number>> {
  const by: Record<string, number> = {};
  const held = await transaction.rows<{ by: string; rows: number }>(
    holdRefused(migration, order, drawn, types, json, onTheWay),
  );
  for (const each of held) by[each.by] = each.rows;
  return by;
}

/** Leaves word of a wave of which nothing was written. */
export const noteNothingWritten = (
  transaction: Database,
  { run, wave }: Pick<WaveOrder, "run" | "wave">,
  { refused, heldBack, skipped }: Omit<NothingWritten, "waiting" | "uncopied">,
  at: Date,
): Promise<unknown> =>
  appendAudit(
    transaction,
    run,
    {
      actor: "wavegate",
      action: "rows-refused",
      details: { wave, refused, held_back: heldBack, skipped },
    },
    at,
  );
