import type { Run } from "../../data/runs.ts";
import { pinOf } from "../../evidence/pinned.ts";
import { Refusal } from "../../services/errors.ts";
import type { Services } from "../../services/services.ts";
import { mayBeOfRow } from "../wave/platform-speaks.ts";
import { takeWaveBack, takeWavesBack } from "./undo-wave.ts";
import type { UndoneWave } from "./undone-wave.ts";

/** A wave that stands, and how many of its ledger's entries are open. */
interface OpenWave {
  readonly wave: number;
  readonly entries: number;
}

/** So many rows at most are taken back in one transaction, but of one wave: others wait for its locks. */
const together = 25_000;

/**
 * Takes waves back in their order, several small ones in one transaction: what is looked up of the platform is looked up
 * once for them. Where that fails each is taken back by itself, so that what is wrong with one is said of that one, and
 * those before it are taken back. Errors: those of {@link takeWaveBack}.
 *
 * @param tell hears of the waves of each transaction that is over, and says whether the next one may begin
 */
export async function takeAllBack(
  services: Services,
  run: Run,
  open: readonly OpenWave[],
  by: string,
  tell: (taken: readonly UndoneWave[]) => Promise<boolean>,
): Promise<void> {
  let left = open;
  // How many are taken back each by itself.
  let apart = 0;
  while (left.length > 0) {
    const [first, ...more] = apart > 0 ? left.slice(0, 1) : firstOf(left);
    const wave = (first as OpenWave).wave;
    let taken: readonly UndoneWave[] = [];
    if (more.length === 0) {
      taken = [await takeWaveBack(services, run, wave, { by })];
      apart = Math.max(0, apart - 1);
    } else {
      apart = 1 + more.length;
      try {
        taken = await takeWavesBack(services, run, [wave, ...more.map((each) => each.wave)], by);
        if (taken.length > 0) apart = 0;
      } catch (error) {
        if (!(await isOfOne(services, run, error))) throw error;
        // What the platform refuses of one wave it refuses of others.
        apart = left.length;
      }
      if (taken.length === 0) continue;
    }
    left = left.filter((each) => !taken.some((one) => one.wave === each.wave));
    if (!(await tell(taken))) return;
  }
}

/** As many waves as one transaction takes back, one in any case. */
function firstOf(open: readonly OpenWave[]): readonly OpenWave[] {
  let rows = 0;
  const end = open.findIndex(({ entries }) => {
    rows += entries;
    return rows > together;
  });
  return end < 0 ? open : open.slice(0, Math.max(1, end));
}

/** What is said of several waves, and might not be of each: a statement takes too long that looks at the rows of all. */
const ofSeveral = new Set(["DatabaseErrorException", "StatementTimeoutException"]);

/** Whether what ended several waves may be of one of them, or of their number; a way to the database that was lost is of none. */
const isOfOne = async (services: Services, run: Run, error: unknown): Promise<boolean> =>
  error instanceof Refusal ||
  (error instanceof Error && ofSeveral.has(error.name)) ||
  mayBeOfRow(error, services.commitOf(run.migration), pinOf(run));
