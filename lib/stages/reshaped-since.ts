import type { Pin } from "../compile/pin.ts";
import {
  asReshaped,
  type Reshaping,
  reshapings,
  type Shape,
  shapesOf,
} from "../compile/written-rows.ts";
import type { Database } from "../data/database.ts";
import type { Run } from "../data/runs.ts";
import { pinOf } from "../evidence/pinned.ts";
import { Refusal } from "../services/errors.ts";

/** A run's pin as the target tables are now, and how they changed since a wave. */
export interface Since {
  readonly pin: Pin;
  readonly reshaped: readonly Reshaping[];
}

/** How target tables changed since a wave. Errors: `TargetGone` for one that is not there any more. */
export async function reshapedSince(db: Database, run: Run, wave: number): Promise<Since> {
  const { present, written, ordinary } = await db.one<{
    present: Shape;
    written: Shape;
    ordinary: string[];
  }>(shapesOf(pinOf(run), run.id, wave));
  const gone = Object.keys(written).filter((table) => !(table in present));
  if (gone.length > 0) {
    throw new Refusal(
      "TargetGone",
      `The platform has no table ${gone.join(", ")} any more, which wave ${wave} of ${run.reference} wrote. Nothing was changed; ` +
        "if it was renamed, call it as it was called while the run lasts.",
    );
  }
  const reshaped = reshapings(written, present);
  return { pin: asReshaped(pinOf(run), reshaped, ordinary), reshaped };
}
