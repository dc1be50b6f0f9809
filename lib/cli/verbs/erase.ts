import type { Run } from "../../data/runs.ts";
import {
  dueRuns,
  type Erasable,
  type Erased,
  erasable,
  eraseWhole,
  mostCounted,
  notOver,
} from "../../review/steer/erase.ts";
import { count, several } from "../../services/words.ts";
import { machinesAtWork } from "../../services/workflow.ts";
import { agreed } from "../agreed.ts";
import { askToDecide } from "../ask-signed.ts";
import type { Aws } from "../aws.ts";
import type { Answer, Frame } from "../command.ts";
import { CannotRun } from "../failure.ts";
import type { Io } from "../io.ts";
import { runNamed } from "../runs.ts";
import { executionOf } from "../standing.ts";
import { table } from "../table.ts";
import { withAws } from "./with-aws.ts";

interface Options {
  readonly run?: string;
  readonly due?: true;
  readonly yes?: true;
}

/** After how many days `wavegate erase --due` takes the people of a run that is over; none: never. */
export function eraseAfterDays(io: Io): number | undefined {
  const said = io.env.WAVEGATE_ERASE_AFTER_DAYS;
  if (said === undefined || said.trim() === "") return undefined;
  if (/^\d{1,5}$/u.test(said.trim()) && Number(said) >= 1) return Number(said);
  throw new CannotRun(
    "SettingsUnreadable",
    "WAVEGATE_ERASE_AFTER_DAYS has to be a whole number of days from 1 to 99999. Nothing was changed.",
  );
}

/** `wavegate erase`: takes what is known of staged people of runs that are over, for good (B13). */
export const erase = (frame: Frame, options: Options): Promise<Answer> =>
  withAws(frame, async (aws) => {
    const runs = await meant(aws, frame.io, options);
    if (runs.length === 0) {
      return { json: { erased: [] }, text: ["No run is due. Nothing was changed."] };
    }
    const found: { run: Run; what: Erasable }[] = [];
    for (const run of runs) {
      await refuseUnfinished(aws, run);
      found.push({ run, what: await erasable(aws.db, run) });
    }
    const question =
      "This cannot be undone, and a rollback is not possible afterwards. Type yes to erase:";
    if (options.yes !== true && (await agreed(frame, show(found), question)) !== true) {
      return {
        exit: 1,
        json: {
          erased: [],
          wouldErase: found.map(({ run, what }) => ({ run: run.reference, ...what })),
        },
        text: [...show(found), "", "Nothing was changed. Add --yes to erase this for good."],
      };
    }
    const erased: { run: string; rows: number }[] = [];
    for (const run of runs) {
      const rows = await eraseWhole((behind) =>
        askToDecide<Erased>(aws, { decide: "erase", run: run.id, behind }),
      );
      erased.push({ run: run.reference, rows });
    }
    return {
      json: { erased },
      text: erased.map(
        ({ run, rows }) =>
          `${run}: nothing is left of the people in ${several(rows, "staged row")}. A rollback is no longer possible from now on; ledger, log and the bundles exported before stay.`,
      ),
    };
  });

async function meant(aws: Aws, io: Io, { run, due }: Options): Promise<readonly Run[]> {
  if ((run === undefined) === (due === undefined)) {
    throw new CannotRun(
      "Usage",
      "erase takes either --run RUN or --due. Nothing was changed; `wavegate erase --help` shows both.",
    );
  }
  if (run !== undefined) return [await runNamed(aws.db, run)];
  const days = eraseAfterDays(io);
  if (days === undefined) {
    throw new CannotRun(
      "SettingsMissing",
      "No time is set after which people are erased. Nothing was changed; set WAVEGATE_ERASE_AFTER_DAYS, or name a run with --run.",
    );
  }
  const all: Run[] = [];
  for (const { reference } of await dueRuns(aws.db, days))
    all.push(await runNamed(aws.db, reference));
  return all;
}

/** The database refuses what may commit; here, before anything is asked, also what is under way. */
async function refuseUnfinished(aws: Aws, run: Run): Promise<void> {
  const { alive } = await executionOf(aws, run, machinesAtWork);
  const over = ["completed", "rolled_back", "stopped"].includes(run.status);
  if (alive || !over) throw notOver(run, over);
}

const show = (found: readonly { run: Run; what: Erasable }[]): string[] =>
  table(
    [
      "run",
      "staged rows",
      "rows in the ledger",
      "people compared with",
      "shared addresses and phones",
    ],
    found.map(({ run, what }) => [
      run.reference,
      ...[what.staged, what.ledger, what.matched, what.shared].map((each) =>
        each < mostCounted ? count(each) : `${count(mostCounted)} or more`,
      ),
    ]),
    0,
  );
