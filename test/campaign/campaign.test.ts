import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faultKinds } from "../../campaign/faults.ts";
import { faultSays, runCampaign } from "../../campaign/run.ts";
import { isRaw } from "../../campaign/schedule.ts";
import { DatabaseContended, DatabaseErrorException } from "../../lib/data/failures.ts";
import { everyStep, inFull } from "../support/every-step.ts";

const minute = 60_000;

// A thousand others are in `npm run test:all`; these seeds' first ones plan every kind of fault, whether or not there is
// a disk to fill.
const few = everyStep ? { schedules: 14, seed: 1470 } : { schedules: 5, seed: 1_958_788 };

it("W3 W6 B6 B8 schedules of seeded faults write nothing twice, lose nothing, and are taken back row for row", {
  timeout: 30 * minute,
}, async () => {
  const { schedules, failures, faults } = await runCampaign(few);
  expect(schedules).toBe(few.schedules);
  expect(failures.map(({ faults, says }) => [faults.map(faultSays), says])).toEqual([]);
  // Every kind is planned; which calls a cut or a signal meets depends on the machine.
  const planned = [...faults].filter(([, tally]) => tally.planned > 0).map(([kind]) => kind);
  const possible = faultKinds.filter((kind) => faults.has(kind));
  expect(planned.sort()).toEqual(possible.sort());
  expect([...faults].filter(([, tally]) => tally.fired > 0).length).toBeGreaterThanOrEqual(11);
});

inFull.each(["SIGINT", "SIGTERM"] as const)(
  "ended by %s it tells what it found so far, and leaves no server, no disk and no folder",
  {
    timeout: 10 * minute,
  },
  async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), "wavegate-ended-"));
    // Where root runs this, MariaDB is another user.
    await chmod(folder, 0o755);
    const campaign = begin(folder, "--schedules", "50", "--seed", "9", "--from", "3");
    await Promise.race([once(campaign.child.stdout, "data"), campaign.ended]);
    campaign.child.kill(signal);
    expect(await campaign.ended).toEqual([130, null]);
    const { stdout, stderr } = campaign.said();
    expect(stderr).toContain("Ended before the last schedule");
    expect(stdout).toMatch(/^[34] ✓ /);
    expect(stdout).toMatch(/\n[1-9] schedules, seed 9: median /);
    expect(stdout).toContain("Nothing was written twice, lost or left behind.");
    expect(await readdir(folder)).toEqual([]);
    expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(folder);
    await rm(folder, { recursive: true });
  },
);

it("a campaign whose MariaDB does not start says why, and leaves no server and no folder", {
  timeout: 5 * minute,
}, async () => {
  const outer = await mkdtemp(join(tmpdir(), "wavegate-ended-"));
  const folder = join(outer, "a-folder-whose-name-is-so-long-that-no-socket-fits-into-it-any-more");
  await mkdir(folder);
  await chmod(outer, 0o755);
  const campaign = begin(folder, "--schedules", "1");
  expect(await campaign.ended).toEqual([1, null]);
  expect(campaign.said().stderr).toContain("too long a path for a Unix socket");
  expect(await readdir(folder)).toEqual([]);
  await rm(outer, { recursive: true });
});

/** A campaign in a process of its own, whose folders are below this one. */
function begin(folder: string, ...options: string[]) {
  const main = new URL("../../campaign/main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, ...options], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (text) => {
      said[stream] += text;
    });
  }
  return { child, ended: once(child, "exit"), said: () => said };
}

it("W13 what is sent again is no error in the database's words, though it names its state", () => {
  expect(isRaw(new DatabaseContended("SQLState: 40P01"))).toBe(false);
  expect(isRaw(new DatabaseErrorException("ERROR: deadlock detected; SQLState: 40P01"))).toBe(true);
  expect(isRaw(new DatabaseErrorException("ERROR: a value does not fit; SQLState: 22003"))).toBe(
    true,
  );
  expect(isRaw(new Error("Somebody decided meanwhile."))).toBe(false);
});
