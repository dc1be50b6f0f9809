import { afterAll, beforeAll, expect, it } from "vitest";
import type { z } from "zod";
import type { Database } from "../../lib/data/database.ts";
import { addPerson, permissions, removePerson } from "../../lib/review/people/people.ts";
import { type DecisionRequest, keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { completed, review, runId as run, stageRun } from "./fixture.ts";
import { startWorld, type World } from "./support.ts";

type Decision = z.output<typeof DecisionRequest>;
/** How each is asked for; the row is the run's first one. */
type Asked<What extends Decision["decide"]> = (row: number) => Decision & { readonly decide: What };

const about = { backup: "b", backup_sha256: "0".repeat(64), rows_lost: 0, rows_back: 0 };
/** Every decision that a terminal or a page asks for, with what it takes. */
const decisions: { readonly [What in Decision["decide"]]: readonly [string, Asked<What>] } = {
  pause: ["legacy_imports.run", () => ({ decide: "pause", run })],
  resume: ["legacy_imports.run", () => ({ decide: "resume", run })],
  stop: ["legacy_imports.run", () => ({ decide: "stop", run })],
  withdrawn: ["legacy_imports.run or", () => ({ decide: "withdrawn", run })],
  mappings: [
    "legacy_imports.review",
    () => ({ decide: "mappings", run, reference: "course", decisions: [{ id: 6, reject: true }] }),
  ],
  hold: ["legacy_imports.review", (row) => ({ decide: "hold", run, row, reason: "Ask first." })],
  release: ["legacy_imports.review", (row) => ({ decide: "release", run, row, reason: "Asked." })],
  ask: ["legacy_imports.review or", (row) => ({ decide: "ask", run, row, question: "Why?" })],
  close: ["legacy_imports.commit", () => ({ decide: "close", run, question: 1, reason: "So." })],
  erase: ["legacy_imports.rollback", () => ({ decide: "erase", run, behind: "0" })],
  forget: ["legacy_imports.run", () => ({ decide: "forget", run })],
  restore: ["legacy_imports.rollback", () => ({ decide: "restore", run, step: "begin", about })],
  feature: [
    "legacy_imports.commit",
    () => ({ decide: "feature", run, feature: "new_profile", percentage: 5, segments: [] }),
  ],
};

let world: World;
let row: number;

beforeAll(async () => {
  world = await startWorld();
  await stageRun(world.admin, [...completed(2), { legacyId: 60, course: 6, session: null }]);
  await review(world);
  const { rows } = await world.admin.query(
    `select min(id)::int as id from wavegate.legacy_student_imports where run_id = '${run}'`,
  );
  row = rows[0].id;
  await keepDecision(world.services, "amina", { decide: "ask", run, row, question: "Who?" });
});
afterAll(() => world.close());

/** All that a decision may write. */
const written = async () =>
  (
    await world.admin.query(
      `select r.control, r.status, r.erased_at, (select max(seq) from wavegate.audit_log where run_id = r.id) as entries,
              (select count(*) from wavegate.held_rows) as held, (select count(*) from wavegate.features) as features
         from wavegate.legacy_import_runs r where r.id = '${run}'`,
    )
  ).rows;

it.each(Object.entries(decisions))(
  "W8 M14 whoever loses the permission between being looked at and deciding decides nothing: %s",
  async (what, [takes, asked]) => {
    await addPerson(world.administrator, {
      name: "brahim",
      email: "brahim@example.com",
      permissions,
    });
    const before = await written();
    const { sign } = world.services;
    const late: Database = {
      ...{ rows: sign.rows.bind(sign), one: sign.one.bind(sign), execute: sign.execute.bind(sign) },
      transaction: async (work, mode) => {
        await removePerson(world.administrator, "brahim").catch(() => undefined);
        return sign.transaction(work, mode);
      },
    };
    const services = { ...world.services, sign: late };
    await expect(keepDecision(services, "brahim", asked(row))).rejects.toMatchObject({
      name: "PermissionDenied",
      message: expect.stringContaining(`takes the permission ${takes}`),
    });
    expect(await written()).toEqual(before);
    const { rows } = await world.admin.query(
      "select actor, action, details ->> 'what' as what from wavegate.security_log order by seq desc limit 1",
    );
    expect(rows).toEqual([{ actor: "brahim", action: "decision-refused", what }]);
  },
);
