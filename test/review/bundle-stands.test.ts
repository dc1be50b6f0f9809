import { afterEach, beforeEach, expect, it } from "vitest";
import { bundleStands } from "../../lib/review/exports/bundle-stands.ts";
import { nextStep } from "../../lib/review/steer/next-step.ts";
import { completed, runId, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

let world: World;

beforeEach(async () => {
  world = await startWorld();
  await stageRun(world.admin, completed(1));
});
afterEach(() => world.close());

const tell = (action: string) =>
  world.admin.query(
    `select wavegate.append_entry('${runId}', 'wavegate', $1, null, '{}', wavegate.moment())`,
    [action],
  );

it("R10 W13 a complete run whose bundle is exported offers to fetch it, and to export it again once more happened", async () => {
  const command = async () =>
    nextStep({
      ...{ reference: "r-1", status: "completed", control: "run", stage: "final-verify" },
      ...{ alive: false, pendingGate: null, preflight: { passed: true }, written: true },
      exported: await bundleStands(world.services.sign, runId),
    }).command;
  const found: (string | null)[] = [];
  for (const action of ["final-verify", "export-audit", "export-downloaded", "row-held"]) {
    await tell(action);
    found.push(await command());
  }
  expect(found).toEqual([
    "wavegate export audit --run r-1",
    "wavegate audit pull --run r-1",
    "wavegate audit pull --run r-1",
    "wavegate export audit --run r-1",
  ]);
});
