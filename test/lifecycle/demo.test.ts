import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { everyStep } from "../support/every-step.ts";

const root = resolve(import.meta.dirname, "../..");
/** In four waves, before three of which a person decides; `npm run test:all` takes the twelve that the demo has by itself. */
const inLargeWaves = everyStep ? [] : ["--plan=25,125,625,3125"];

it("W1 W8 the demo runs a whole migration, with every sign-off through a link, and exits 0", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [resolve(root, "scripts/demo.ts"), ...inLargeWaves],
    {
      cwd: root,
      maxBuffer: 10_000_000,
    },
  );
  expect(stdout).toContain(`${everyStep ? 4 : 3} sign-offs through links.`);
  expect(stdout).toContain(
    "The balance holds: every staged row is in exactly one of these states.",
  );
  expect(stdout).toContain("Nothing in the bundle contradicts anything else in it.");
  expect(stdout).toContain("Anchored by the digest you gave");
  expect(stdout).toMatch(/The audit bundle is in \.wavegate\/demo-\w+\/audit/);
  expect(stdout).toContain(`npm run demo -- ${[...inLargeWaves, "--keep"].join(" ")}\n`);
});
