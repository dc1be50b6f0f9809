import type { Database } from "../../data/database.ts";
import type { Run } from "../../data/runs.ts";
import { Refusal } from "../../services/errors.ts";
import { changedColumns, ledgerHeld } from "./ledger-held.ts";
import { reshapedSince } from "./reshaped-since.ts";

/**
 * A trigger that came since preflight made something else of rows than they were given: of which ones is found where each
 * is tried by itself.
 */
export class ChangedOnTheWay extends Refusal {
  private constructor(what: string, then: string) {
    super("PlatformRefused", `${what} It was taken back whole; nothing was written. ${then}`);
  }

  /** Where a wave `altered` any, as triggers with the columns that they changed. */
  static refuseWave({ reference }: Run, wave: number, altered = ""): void {
    if (altered === "") return;
    throw new ChangedOnTheWay(
      `The platform makes something else of rows of wave ${wave} of ${reference} than was signed, by a trigger that came since: ${altered}.`,
      mendsWave(reference),
    );
  }

  /**
   * Where triggers that the definition names were `replaced` since the dry run: what they do was looked at then. Error:
   * `DryRunStale`.
   */
  static refuseReplaced({ reference }: Run, wave: number, replaced: readonly string[]): void {
    if (replaced.length === 0) return;
    throw new Refusal(
      "DryRunStale",
      `The platform replaced what triggers do that act on rows of wave ${wave} of ${reference} since it was reviewed: ${replaced.join(", ")}. The definition's \`effects\` name what they did. Nothing was written; put it back, or look at it, \`wavegate dry-run --run ${reference}\` and \`wavegate export --run ${reference}\` again, and \`wavegate resume --run ${reference}\` goes on.`,
    );
  }

  /** Where a rollback did. */
  static refuseRollback({ reference }: Run, wave: number, altered = ""): void {
    if (altered === "") return;
    throw new ChangedOnTheWay(
      `The platform makes something else of rows that wave ${wave} of ${reference} changed than they held, as they get that back, by a trigger that came since: ${altered}.`,
      `Mend or detach the trigger, and \`wavegate rollback --run ${reference}\` goes on.`,
    );
  }
}

const mendsWave = (reference: string): string =>
  `Mend or detach the trigger, and \`wavegate resume --run ${reference}\` goes on; if it is right, name it in the definition's \`effects\` and start anew.`;

/**
 * That a wave's rows are still as it wrote them, where a trigger that came since acts behind them: of a table that the
 * platform may change besides nothing else tells. Error: `PlatformRefused`.
 *
 * @param behind such triggers, by name
 */
export async function requireStillWritten(
  transaction: Database,
  run: Run,
  wave: number,
  behind: readonly string[],
): Promise<void> {
  if (behind.length === 0) return;
  const { pin, reshaped } = await reshapedSince(transaction, run, wave);
  const { entries, there } = await ledgerHeld(transaction, pin, run.id, wave, reshaped);
  if (there === entries) return;
  const changed = await changedColumns(transaction, pin, run.id, wave, reshaped);
  const each = changed.map(({ column, rows }) => `${column} is another one in ${rows}`);
  const what = each.length === 0 ? `${entries - there} are not there` : each.join("; ");
  throw new Refusal(
    "PlatformRefused",
    `The platform changes rows of wave ${wave} of ${run.reference} once more behind it, by a trigger that came since (${behind.join(", ")}): ${what}. It was taken back whole; nothing was written. ${mendsWave(run.reference)}`,
  );
}
