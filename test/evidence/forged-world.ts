import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pullBundle } from "../../lib/evidence/pull.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { Forger } from "./forger.ts";
import { type SmallWorld, wholeWorld } from "./small-run.ts";

/** A whole run with its audit bundle and its review export, to be told otherwise. */
export interface ForgedWorld {
  readonly world: SmallWorld;
  /** A folder for what is forged. */
  readonly home: string;
  readonly whole: Forger;
  readonly review: Forger;
  /** The checks that fail of one of both, where something in it is told otherwise. */
  failed(
    of: Forger,
    tell: (forger: Forger) => unknown,
  ): Promise<{ name: string; message: string }[]>;
  close(): Promise<void>;
}

export async function forgedWorld(): Promise<ForgedWorld> {
  const world = await wholeWorld();
  const whole = await Forger.of((await world.bundle("whole")).folder);
  const { services, query } = world.test;
  const [shown] = await query<{ prefix: string }>(
    "select prefix from wavegate.review_exports order by created_at desc limit 1",
  );
  const exported = join(world.home, "review");
  await pullBundle(services.evidence, shown?.prefix ?? "", exported);
  const review = await Forger.of(exported);
  const home = await mkdtemp(join(tmpdir(), "wavegate-forged-"));
  return {
    ...{ world, home, whole, review },
    failed: async (of, tell) => {
      const forger = of.copy();
      tell(forger);
      const folder = join(await mkdtemp(join(home, "one-")), "bundle");
      const { checks } = await verifyBundle(await forger.into(folder));
      return checks.filter(({ passed }) => !passed);
    },
    close: async () => {
      await world.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
