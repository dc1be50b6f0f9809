import { balance as balanceOf, IMPORT_STATES, type ImportState } from "../../evidence/balance.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { several } from "../../services/words.ts";
import type { Answer, Frame } from "../command.ts";
import { runOrLatest } from "../runs.ts";
import { number, table } from "../table.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate balance`: where every staged row stands (W6); exit 1 when it does not add up. */
export const balance = (frame: Frame, runName: string | undefined): Promise<Answer> =>
  withAws(frame, async ({ db }) => {
    const run = await runOrLatest(db, runName);
    const found = await balanceOf(db, pinOf(run), run.id);
    return {
      exit: found.holds ? 0 : 1,
      json: { run: run.reference, ...found },
      text: [
        `Run ${run.reference}: ${several(found.imported, "row")} imported, ${number(found.staged)} staged`,
        "",
        ...(found.entities === undefined ? byState(found) : byEntity(found, found.entities)),
        ...(found.conflicts === undefined
          ? []
          : [
              `Of those held ${several(found.conflicts, "row")} ${found.conflicts === 1 ? "is a conflict" : "are conflicts"}.`,
            ]),
        "",
        found.holds
          ? "The balance holds: every staged row is in exactly one of these states."
          : "The balance does NOT hold: rows are missing or in no state. Stop the run, and look for what changed the staging tables.",
      ],
    };
  });

type StateCounts = Readonly<Record<ImportState, number>>;

const said = (state: ImportState): string => state.replace("_", " ");

const byState = (found: StateCounts): string[] =>
  table(
    ["state", "rows"],
    IMPORT_STATES.map((state) => [said(state), found[state]]),
  );

/** A line for each kind of things, and a column for each state that rows are in: kinds may be many. */
function byEntity(
  found: StateCounts,
  entities: readonly (StateCounts & { readonly entity: string })[],
): string[] {
  const states = IMPORT_STATES.filter((state) => found[state] > 0);
  const line = (name: string, of: StateCounts) => [name, ...states.map((state) => of[state])];
  return table(
    ["", ...states.map(said)],
    [...entities.map((of) => line(of.entity, of)), line("all", found)],
  );
}
