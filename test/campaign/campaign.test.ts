import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faultKinds } from "../../campaign/faults.ts";
import { faultSays, runCampaign } from "../../campaign/run.ts";

const minute = 60_000;

// A thousand others are in `npm run test:all`; this seed's first fourteen plan every kind of fault twice.
it("W3 W6 B6 B8 fourteen schedules of seeded faults write nothing twice, lose nothing, and are taken back row for row", {
  timeout: 30 * minute,
}, async () => {
  const { schedules, failures, faults } = await runCampaign({ schedules: 14, seed: 1470 });
  expect(schedules).toBe(14);
  expect(failures.map(({ faults, says }) => [faults.map(faultSays), says])).toEqual([]);
  // Every kind is planned; which calls a cut or a signal meets depends on the machine.
  const planned = [...faults].filter(([, tally]) => tally.planned > 0).map(([kind]) => kind);
  const possible = faultKinds.filter((kind) => faults.has(kind));
  expect(planned.sort()).toEqual(possible.sort());
  expect([...faults].filter(([, tally]) => tally.fired > 0).length).toBeGreaterThanOrEqual(11);
});

it.each(["SIGINT", "SIGTERM"] as const)(
  "ended by %s it leaves no server, no disk and no folder",
  {
    timeout: 10 * minute,
  },
  async (signal) => {
    const folder = await mkdtemp(join(tmpdir(), "wavegate-ended-"));
    // Where root runs this, MariaDB is another user.
    await chmod(folder, 0o755);
    const main = new URL("../../campaign/main.ts", import.meta.url).pathname;
    const campaign = spawn(process.execPath, [main, "--schedules", "50"], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = once(campaign, "exit");
    let said = "";
    campaign.stderr.on("data", (text) => {
      said += text;
    });
    await Promise.race([once(campaign.stdout, "data"), ended]);
    campaign.kill(signal);
    expect(await ended).toEqual([130, null]);
    expect(said).toContain("Ended");
    expect(await readdir(folder)).toEqual([]);
    expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(folder);
    await rm(folder, { recursive: true });
  },
);
