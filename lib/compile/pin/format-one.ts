import { literals } from "../../data/sql.ts";
import { facts } from "../../define/proof.ts";
import { stagingTable } from "../rows.ts";
import type { PinOfFormatTwo } from "./format-two.ts";
import { neutral } from "./proof.ts";

/**
 * A pin as it was stored first: the checks of guarded tables and of what may stand where, and the words of
 * the go/no-go list, were the program's.
 */
export interface PinOfFormatOne extends Omit<PinOfFormatTwo, "format" | "items" | "personal"> {
  readonly format: 1;
  /** Rows of these classifications may stand in these target tables only. */
  readonly placed: {
    readonly classifications: readonly string[];
    readonly tables: readonly string[];
  };
}

/** The same as a pin of format two: every check is there, in words of no migration. */
export function fromFormatOne({ placed, checks, ...pin }: PinOfFormatOne): PinOfFormatTwo {
  return {
    ...pin,
    format: 2,
    checks: [
      ...pin.guarded.map((table) => ({
        id: `${table}_untouched`,
        says: `No row of “${table}” was written.`,
        untouched: [table],
      })),
      ...checks.map((check) => ({ ...check, again: true as const })),
      ...(placed.classifications.length === 0 ? [] : [inPlace(pin, placed)]),
    ],
    items: facts.map(neutral),
    personal: [],
  };
}

const inPlace = (
  { staging }: Pick<PinOfFormatTwo, "staging">,
  { classifications, tables }: PinOfFormatOne["placed"],
) => ({
  id: "in_place",
  says: "Rows of the first focus stand in their own tables only.",
  sql: `select count(*) as rows from wavegate.legacy_import_commit_logs l
    join ${stagingTable(staging.decisions)} d on d.run_id = l.run_id and d.staged_id = l.staged_id
   where l.run_id = {run} and ({wave} is null or l.wave = {wave}) and l.action = 'commit'
     and l.rolled_back_at is null and l.conflict is null
     and d.classification in (${literals(classifications)})
     and l.target_table not in (${literals(tables) || "null"})`,
});
