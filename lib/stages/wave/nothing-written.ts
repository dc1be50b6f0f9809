import type { Run } from "../../data/runs.ts";
import { Refusal } from "../../services/errors.ts";
import { clauses, count, several } from "../../services/words.ts";
import type { NothingWritten } from "../run/refusals.ts";
import { refusedRows } from "./plan.ts";

/** The refusal of a wave of which no row was written: each is held or skipped now, and stays so. */
export function nothingWritten({ reference }: Run, wave: number, nothing: NothingWritten): Refusal {
  const became = whatBecame(nothing);
  const any = refusedRows(nothing.refused) > 0;
  if (became.length === 0)
    return new Refusal(
      "NothingToCommit",
      `No row of ${reference} is left for wave ${wave}. Nothing was written.`,
    );
  // What was held or skipped stays so, or the wave would come to the same rows again and again.
  return new Refusal(
    any ? "WaveRefused" : "NothingToCommit",
    `No row of wave ${wave} of ${reference} was written: ${clauses(became)}. ` +
      `\`wavegate held --run ${reference}\` shows what is held and why; ${any ? "mend what refuses it on the platform or in the legacy system, and " : ""}` +
      `\`wavegate release --run ${reference} --row ROW --reason TEXT\` lets a row go again. \`wavegate resume --run ${reference}\` goes on with the rows behind them.`,
  );
}

/** What became of the rows of a wave of which none was written, a clause for each reason that there is. */
function whatBecame({ refused, heldBack, skipped, waiting, uncopied }: NothingWritten): string[] {
  const all = refusedRows(refused);
  const changed = heldBack - waiting - uncopied;
  const held = (rows: number, why: string) =>
    rows === 0 ? [] : [`${several(rows, "row is", "rows are")} held ${why}`];
  return [
    ...held(all, `as the platform refused ${all === 1 ? "it" : "them"} (${inWords(refused)})`),
    ...held(
      waiting,
      `as what ${waiting === 1 ? "it refers" : "they refer"} to is not on the platform: it is held itself, or gone`,
    ),
    ...held(uncopied, `as a file of ${uncopied === 1 ? "its" : "theirs"} is not copied`),
    ...held(changed, "as the platform changed since the review"),
    ...(skipped === 0
      ? []
      : [
          `${several(skipped, "row is", "rows are")} skipped, as another run moved ${skipped === 1 ? "it" : "them"} meanwhile`,
        ]),
  ];
}

/** `customers_phone_key 3, customers_checked (P0001) 1`. */
const inWords = (refused: Readonly<Record<string, number>>): string =>
  Object.entries(refused)
    .map(([by, rows]) => `${by} ${count(rows)}`)
    .join(", ");
