import { afterEach, beforeEach } from "vitest";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { findRun } from "../../lib/data/runs.ts";
import { partsNow } from "../../lib/review/digest/digest.ts";
import { sampleRows } from "../../lib/review/samples/rows.ts";
import type { Aspect } from "../../lib/review/samples/samples.ts";
import {
  ask,
  decide,
  type Gate,
  judgeSamples,
  validApproval,
} from "../../lib/review/sign-off/sign-offs.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { aged } from "../support/services.ts";
import { completed, review, runId, stageRun } from "./fixture.ts";
import { mailedSecret, startWorld, type World } from "./support.ts";

type Ref = { secret: string } | { id: string };

/** A world for each test of a file, with a run of three rows that was exported for review, and what people do about it. */
export function signOffs() {
  const here = {} as { world: World; digest: string };
  beforeEach(async () => {
    here.world = await startWorld({
      name: "signers_asked",
      over: await aged(),
      prepare: async (world) => {
        await stageRun(world.admin, completed(3));
        await review(world);
      },
    });
    const { rows } = await here.world.admin.query(
      `select digest from wavegate.review_exports where run_id = '${runId}'`,
    );
    here.digest = rows[0].digest;
  });
  afterEach(() => here.world.close());

  const answer = (decision: "approve" | "reject", comment: string) => (ref: Ref, person: string) =>
    decide(here.world.services, { ref, person, decision, comment });
  return Object.assign(here, {
    asked: async (gate: Gate = "first_wave", token = "task-1") => {
      await ask(here.world.services, { run: runId, gate, executionArn: "arn:execution", token });
      return { secret: mailedSecret(here.world) };
    },
    approve: answer("approve", "looks right"),
    reject: answer("reject", "courses are wrong"),
    judgeAll: async (ref: { secret: string }, wrong: readonly Aspect[] = []) => {
      const { services } = here.world;
      const rows = await sampleRows(services.sign, pinLook(ecoin), runId, here.digest, {
        unmasked: true,
      });
      const verdicts = rows.map(({ stagedId }, index) => ({
        stagedId,
        wrong: index === 0 ? wrong : [],
      }));
      // Whoever may approve later has judged a row, too (D36); Lina judged the first one, and all before them.
      await judgeSamples(services, { ref, person: "lina", verdicts });
      await judgeSamples(services, { ref, person: "amina", verdicts: verdicts.slice(1, 2) });
      await judgeSamples(services, { ref, person: "brahim", verdicts: verdicts.slice(2, 3) });
    },
    stored: async () =>
      (
        await here.world.admin.query(
          `select * from wavegate.sign_offs where run_id = '${runId}' order by asked_at, id`,
        )
      ).rows,
    audited: async () =>
      (
        await here.world.admin.query(
          `select actor, action, digest from wavegate.audit_log where run_id = '${runId}' order by seq`,
        )
      ).rows.map(({ actor, action }) => `${actor} ${action}`),
    approvalNow: async (gate: Gate = "first_wave") => {
      const { sign } = here.world.services;
      const run = await findRun(sign, runId);
      return validApproval(sign, runId, gate, () => partsNow(sign, ecoin, run));
    },
  });
}
