import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { platformDigest } from "../../campaign/proofs.ts";
import { OfTheMoment } from "../../lib/data/failures.ts";
import { type RunningPostgres, startPostgres } from "../../lib/embedded/postgres/start.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { everyNth, everyStep } from "../support/every-step.ts";
import { testServices } from "../support/services.ts";
import { type Act, acts } from "./acts.ts";
import { whatDoesNotHold } from "./holds.ts";
import { run, smallSource, stepsOf, worlds } from "./worlds.ts";

const minute = 60_000;

let folder: string;
let server: RunningPostgres;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "restarted-"));
  await chmod(folder, 0o711);
  // What was acknowledged outlives it.
  server = await startPostgres({ directory: join(folder, "postgres"), durable: true });
}, minute);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A whole life: each step as somebody asks for it, and may ask again. */
const life: readonly (readonly [string, Act])[] = [
  ...worlds.map((world) => [world, stepsOf([5, 20, 100])[world]] as const),
  ["set-up", acts["set-up"]],
  ["exported", acts["export-audit"]],
  ["previewed", acts["preview-rollback"]],
  ["taken back", acts.rollback],
  ["erased", acts.erase],
];

/** What a state machine sends again, or a person asks again. */
const mayEndWith = new Set(["DatabaseUnavailableException", "WaveContended"]);
const isExpected = (error: unknown): boolean =>
  error instanceof OfTheMoment || mayEndWith.has((error as Error).name) || isOwnLook(error);
/** Steps look at the database past every stand-in, too, and meet a server that is just ending: the product never says so. */
const isOwnLook = (error: unknown): boolean =>
  /^Connection terminated|^connect ECONNREFUSED|^the database system is|^terminating connection/u.test(
    (error as Error).message,
  );

it("W3 B6 R17 B13 a server that is ended at once in the middle of any step and started anew has every row once, and the run goes on from there: from its import to its erasure", {
  timeout: 30 * minute,
}, async () => {
  /** Calls until the server is ended; none where nobody ends it. */
  let left = Number.POSITIVE_INFINITY;
  let postmaster = 0;
  const test = await testServices({
    server: server.url,
    faults: () => {
      left -= 1;
      // No shutdown is waited for, as behind a crash; the call goes on and meets it somewhere.
      if (left === 0) process.kill(postmaster, "SIGQUIT");
      return undefined;
    },
  });
  test.legacy.LEGACY_DB_PATH = join(folder, "legacy/");
  await smallSource(test.legacy.LEGACY_DB_PATH);
  const look = async (text: string) => ({ rows: await test.query(text) }) as never;
  const untilUp = async () => {
    for (;;) {
      try {
        const [now] = await test.query<{ pid: number }>(
          "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid",
        );
        if (now !== undefined && now.pid !== postmaster) return now.pid;
      } catch {}
      await sleep(50);
    }
  };
  postmaster = await untilUp();
  const before = await platformDigest({ query: look });
  const wrong: string[] = [];
  let restarts = 0;
  for (const [place, [name, act]] of life.entries()) {
    // What is one statement is sent again by itself: most of a step's first calls are, and each step is met elsewhere.
    let call = everyStep ? 1 : 4 + ((5 * place) % 9);
    for (let done = false; !done; call += everyNth(29)) {
      left = call;
      done = await act(test).then(
        () => true,
        (error) => {
          if (!isExpected(error)) wrong.push(`${name} at call ${call}: ${error}`);
          return false;
        },
      );
      if (left <= 0) {
        restarts++;
        postmaster = await untilUp();
      } else if (!done) wrong.push(`${name} failed without a restart`);
      if (wrong.length > 0) break;
    }
    left = Number.POSITIVE_INFINITY;
    expect(wrong).toEqual([]);
    expect([name, await whatDoesNotHold(test, run)]).toEqual([name, []]);
    if (name === "exported" || name === "taken back")
      expect([name, await faultsOfBundle(test, run)]).toEqual([name, []]);
    if (name === "taken back") expect(await platformDigest({ query: look })).toEqual(before);
  }
  expect(restarts).toBeGreaterThan(life.length / 2);
  await test.close();
});
