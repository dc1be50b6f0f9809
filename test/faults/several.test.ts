import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import type { Fault } from "../../lib/embedded/rds-data/service.ts";
import { verifyChain } from "../../lib/evidence/audit-log.ts";
import { auditLog } from "../../lib/evidence/records.ts";
import { commit } from "../../lib/stages/commit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { verify, verifyAll } from "../../lib/stages/verify.ts";
import { rowsOf } from "../lifecycle/whole-life.ts";
import { lending, lendingFiles, lendingPlatform } from "../lifecycle/worlds/lending.ts";
import { roster, rosterFiles, rosterPlatform } from "../lifecycle/worlds/roster.ts";
import { everyStep } from "../support/every-step.ts";
import { killedAt } from "../support/killed.ts";
import { mulberry32 } from "../support/random.ts";
import {
  type LeftServices,
  type TestServices,
  testServices,
  type World,
} from "../support/services.ts";
import { approve, refusal, reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-00000000c701";
/** Which statement of those that match fails once, in this way. */
let next: { matches: RegExp; nth: number; kind: Fault["kind"] } | undefined;

const worlds = [
  {
    name: "created",
    migration: lending,
    platform: lendingPlatform,
    files: lendingFiles,
    tables: ["levels", "sites", "patrons", "loans"],
    statements: [1, 2, 3, 4],
    // A loan, its reader and branch, a level; and of what comes next the one for which there is room: a reader of both.
    counts: { picked: 5, created: { levels: 1, sites: 1, patrons: 2, loans: 1 } },
  },
  {
    name: "created and brought up to date",
    migration: roster,
    platform: rosterPlatform,
    files: rosterFiles,
    tables: ["club_grades", "club_members", "club_notes"],
    statements: [1, 2, 3],
    counts: {
      picked: 5,
      created: { club_grades: 1, club_members: 1, club_notes: 2 },
      updated: { club_members: 1 },
    },
  },
] as const;

const written = /insert into wavegate\.legacy_import_commit_logs/;
const undone = /update wavegate\.legacy_import_commit_logs l\s+set rolled_back_at/;

describe.each(worlds)("rows of several kinds that are $name", (of) => {
  let legacy: string;
  let world: World;
  /** Where each test goes on from. */
  let approved: LeftServices;
  let test: TestServices;

  beforeAll(async () => {
    legacy = await mkdtemp(join(tmpdir(), "wavegate-legacy-"));
    for (const [table, lines] of Object.entries(of.files)) {
      await writeFile(join(legacy, `${table}.csv`), `${lines.join("\n")}\n`);
    }
    world = { migration: of.migration, platform: [of.platform], legacy };
    const first = await testServices({ world });
    await reviewedRun(first, run, { wavePlan: [5, 20] });
    await approve(first, run, "first_wave");
    approved = await first.leave();
  });
  afterAll(async () => {
    await approved.remove();
    await rm(legacy, { recursive: true });
  });
  beforeEach(async () => {
    test = await testServices({
      world,
      from: approved,
      faults: (operation, sql = "") => {
        if (next === undefined || !/Execute/.test(operation) || !next.matches.test(sql)) return;
        next.nth -= 1;
        if (next.nth > 0) return;
        const { kind } = next;
        next = undefined;
        return { kind };
      },
    });
  });
  afterEach(() => test.close());

  /** Not when a row changed last, which a trigger of the platform's own says. */
  const platform = async () =>
    JSON.parse(
      JSON.stringify(await rowsOf(test, of.tables), (key, value) =>
        key === "changed_at" ? null : value,
      ),
    );

  // Each statement is cut; in `npm test` in one of the two ways, one after the other.
  it.each(
    of.statements.flatMap((nth) =>
      (["lose-response", "timeout"] as const)
        .filter((_, way) => everyStep || way === (nth + 1) % 2)
        .map((kind) => [kind, nth] as const),
    ),
  )(
    "W3 D37 a wave that is cut (%s) at its statement %i leaves nothing, and is written once when it is sent again",
    async (kind, nth) => {
      const before = await platform();
      next = { matches: written, nth, kind };
      await refusal(commit(test.services, { run, wave: 1 }));
      expect(next).toBe(undefined);
      expect(await platform()).toEqual(before);
      const { counts } = await commit(test.services, { run, wave: 1 });
      expect(counts).toMatchObject(of.counts);
      const after = await platform();
      expect((await commit(test.services, { run, wave: 1 })).counts).toEqual(counts);
      expect(await platform()).toEqual(after);
      expect(await verify(test.services, run, 1)).toMatchObject({ passed: true });
    },
  );

  it.each(of.statements)(
    "W3 M12 V10 a rollback that is cut at its statement %i takes nothing back, and all of it when it is sent again",
    async (nth) => {
      const before = await platform();
      await commit(test.services, { run, wave: 1 });
      const standing = await platform();
      next = { matches: undone, nth, kind: "lose-response" };
      await refusal(rollback(test.services, run));
      expect(next).toBe(undefined);
      expect(await platform()).toEqual(standing);
      expect(await rollback(test.services, run)).toMatchObject({
        outcome: "rolled_back",
        waves: [{ wave: 1, undone: 5, spared: 0 }],
      });
      expect(await platform()).toEqual(before);
    },
  );

  it.each(everyStep ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] : [1])(
    "W3 W6 R17 killed at random between its steps, all the way and back, a run leaves nothing twice and loses nothing (seed %i)",
    async (seed) => {
      const random = mulberry32(seed);
      /** Does work in processes that die, one after the other, until one comes to its end. */
      const dying = async (work: (mortal: TestServices) => Promise<unknown>) => {
        for (let deaths = 0; ; deaths++) {
          const mortal = killedAt(test.services, 1 + Math.floor(random() * 120));
          const ended = await work({ ...test, services: mortal }).then(
            () => undefined,
            (error: Error) => error,
          );
          expect(await twice()).toEqual([]);
          if (ended === undefined) return deaths;
          if (mortal.alive()) throw ended;
        }
      };
      const twice = () =>
        test.query(
          `select staged_id from wavegate.legacy_import_commit_logs where rolled_back_at is null group by 1 having count(*) > 1`,
        );
      const before = await platform();
      const deaths = await dying(async (mortal) => {
        await toTheEnd(mortal, run);
        await finalVerify(mortal.services, run);
      });
      expect(deaths).toBeGreaterThan(2);
      expect((await verifyAll(test.services, run)).passed).toBe(true);
      expect((await finalVerify(test.services, run)).passed).toBe(true);
      await dying((mortal) => rollback(mortal.services, run));
      expect(await platform()).toEqual(before);
      expect((await findRun(test.services.stage, run)).status).toBe("rolled_back");
      expect(verifyChain(await auditLog(test.services.stage, run)).ok).toBe(true);
    },
  );
});
