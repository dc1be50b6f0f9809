import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import type { RunningPostgres } from "../../lib/embedded/postgres/start.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { type LegacyFields, legacyFolder } from "../support/legacy-folder.ts";
import { MAJORS, plainAdministrator, startTestPostgres } from "../support/server.ts";
import { platformDigest, type TestServices, testServices } from "../support/services.ts";
import { reviewedRun, toTheEnd } from "../support/steps.ts";

const run = "7f3a0000-0000-4000-8000-0000000000e7";

/** Forty ordinary trained people: a first wave, its drill, and another wave. */
const PEOPLE: readonly LegacyFields[] = Array.from({ length: 40 }, () => ({}));

describe.each(MAJORS)(
  "on PostgreSQL %s, set up by an administrator who is no superuser",
  (major) => {
    let directory: string;
    let server: RunningPostgres;
    let test: TestServices;
    let folder: { remove(): Promise<void> };
    let before: Record<string, string>;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "wavegate-version-"));
      server = await startTestPostgres(directory, major);
      test = await testServices({ server: await plainAdministrator(server.url) });
      folder = await legacyFolder(test, PEOPLE);
      before = await platformDigest(test);
    });
    afterAll(async () => {
      await folder.remove();
      await test.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    });

    it("D19 the server is of this version, and the administrator a plain one", async () => {
      const [found] = await test.query(
        `select current_setting('server_version_num')::int / 10000 as major, rolsuper, rolcreaterole
         from pg_roles where rolname = current_user`,
      );
      expect(found).toEqual({ major: Number(major), rolsuper: false, rolcreaterole: true });
    });

    it("D19 R11 R14 R18 a whole run commits in waves, with its drill, and every row is accounted for", async () => {
      await reviewedRun(test, run);
      await toTheEnd(test, run);
      expect(await balance(test.services.stage, compilePin(test.definition), run)).toMatchObject({
        staged: 40,
        committed: 40,
        pending: 0,
        holds: true,
      });
      expect((await finalVerify(test.services, run)).goNoGo.ready).toBe(true);
      expect((await platformDigest(test)).legacy_completed_trainings).not.toBe(
        before.legacy_completed_trainings,
      );
    });

    it("D19 M12 a rollback leaves the platform row for row as it was", async () => {
      const { outcome, waves } = await rollback(test.services, run);
      expect(outcome).toBe("rolled_back");
      expect(waves.map(({ spared }) => spared)).toEqual([0, 0]);
      expect(await platformDigest(test)).toEqual(before);
    });
  },
);
