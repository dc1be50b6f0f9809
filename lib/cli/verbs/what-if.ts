import type { JudgedAnew } from "../../compile/judge/judged-anew.ts";
import { requirePeople } from "../../data/runs.ts";
import { whatIf } from "../../review/rows/what-if.ts";
import { label, several } from "../../services/words.ts";
import { askToLook } from "../ask-signed.ts";
import type { Answer, Frame } from "../command.ts";
import { migrationNamed } from "../migrations.ts";
import { runOrLatest } from "../runs.ts";
import { printable, table } from "../table.ts";
import { withAws } from "./with-aws.ts";

/** `wavegate what-if`: what the definition as it is now would make of a run's rows; nothing is written. */
export const whatIfRun = (frame: Frame, options: { run?: string }): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const run = await runOrLatest(aws.db, options.run);
    requirePeople(run, "Judging the rows");
    const definition = migrationNamed(run.migration);
    const { changes, standing, taken } = await whatIf(
      aws.db,
      run,
      definition,
      async ({ part }, { after, upTo }) => {
        const about = { look: "what-if", run: run.id, definition: { ...definition } } as const;
        const asked = { ...about, ...(part === undefined ? {} : { part }), after, upTo };
        return (await askToLook<{ judged: JudgedAnew[] }>(aws, asked)).judged;
      },
    );
    const outcomes = changes.filter(({ what }) => what === "outcome");
    const decisions = changes.filter(({ what }) => what !== "outcome");
    return {
      json: { run: run.reference, changes, standing, taken },
      text: [
        `Run ${run.reference}, by the definition of ${run.migration} as it is now. Nothing was written.`,
        ...taken.map((what) => `Taken as it is staged, though it is defined anew: ${what}.`),
        "",
        ...(outcomes.length === 0
          ? ["No row’s outcome changes."]
          : table(
              ["from", "to", "rows", "by", "first"],
              outcomes.map(({ was, is, rows, rule, first }) => [
                printable(was),
                printable(is),
                rows,
                rule === null ? null : printable(rule),
                firstOf(first),
              ]),
              4,
            )),
        ...(decisions.length === 0
          ? []
          : [
              "",
              ...table(
                ["decision", "from", "to", "rows", "first"],
                decisions.map(({ what, was, is, rows, first }) => [
                  label(what),
                  was,
                  is,
                  rows,
                  firstOf(first),
                ]),
                4,
              ),
            ]),
        ...(standing === 0
          ? []
          : [
              "",
              `${several(standing, "row")} would be planned otherwise and ${standing === 1 ? "stands" : "stand"} on the platform already: nothing moves ${standing === 1 ? "it" : "them"}.`,
            ]),
      ],
    };
  });

/** Characters that the first rows of a change take beside the change itself. */
const roomOfFirst = 36;

/** The first rows as `wavegate why` takes them, in one line: of long keys the first alone. */
function firstOf(rows: readonly string[]): string {
  const all = rows.join(", ");
  return all.length <= roomOfFirst ? all : (rows[0] ?? "");
}
