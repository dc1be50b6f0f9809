import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { keepDecision } from "../../lib/review/steer/keep-decision.ts";
import { classify } from "../../lib/stages/classify.ts";
import { commit } from "../../lib/stages/commit.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { reviewExport } from "../../lib/stages/export-review.ts";
import { halt } from "../../lib/stages/halted.ts";
import { match } from "../../lib/stages/match.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { validate } from "../../lib/stages/validate.ts";
import { olderRunsOf } from "../support/older-runs.ts";
import {
  platformDigest,
  reviewed,
  reviewedServices,
  type TestServices,
} from "../support/services.ts";
import { approve, importAll, refusal, runWave } from "../support/steps.ts";

const trial = "7f3a0000-0000-4000-8000-00000000071a";
let test: TestServices;
let before: Record<string, string>;

// A reviewed run stands beside it, with a wave and the lock.
beforeAll(async () => {
  test = await reviewedServices(reviewed, { wavePlan: [5, 5] });
  await approve(test, reviewed, "first_wave");
  await runWave(test, reviewed, 1);
  before = await platformDigest(test);
  await importAll(test, trial, { trial: { rows: 100 }, acknowledge: {} });
  const { services } = test;
  await validate(services, trial);
  await classify(services, trial);
  await match(services, trial);
  await dryRun(services, trial);
});
afterAll(() => test.close());

/** Every table of the schema that holds rows of a run, with how many and what stands in them. */
async function rowsOf(run: string): Promise<Record<string, string>> {
  const tables = await test.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'run_id'
      where c.relnamespace = 'wavegate'::regnamespace and c.relkind = 'r' order by 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [all] = await test.query<{ n: number; is: string }>(
      `select count(*)::int as n, md5(string_agg(t::text, ',' order by t::text)) as is
         from wavegate."${name}" t where run_id = '${run}'`,
    );
    if (all !== undefined && all.n > 0) found[name] = `${all.n} ${all.is}`;
  }
  return found;
}

describe("B12 a trial", () => {
  it("begins without acknowledgements, while another run holds the lock, and answers that it is one", async () => {
    const found = await findRun(test.services.stage, trial);
    expect(found.trial).toEqual({ rows: 100 });
    const begun = await preflight(test.services, {
      migration: "ecoin",
      run: trial,
      executionArn: "arn:again",
    });
    expect(begun.trial).toBe(true);
    const lacking = { migration: "ecoin", run: "7f3a0000-0000-4000-8000-00000000071b" };
    expect(await refusal(preflight(test.services, { ...lacking, executionArn: "arn:other" }))).toBe(
      "AnotherRunCommits",
    );
  });

  it("stages about as many rows as were asked for, from a table's beginning to its end", async () => {
    const [staged] = await test.query(
      `select count(*)::int as rows, count(distinct source_table)::int as tables,
              count(distinct width_bucket(legacy_id::numeric, 1, 2200, 5)) filter (where source_table = 'stagiaires')::int as fifths
         from wavegate.legacy_student_imports where run_id = '${trial}'`,
    );
    const { rows, ...spread } = staged as unknown as { rows: number };
    expect(rows).toBeGreaterThanOrEqual(80);
    expect(rows).toBeLessThanOrEqual(130);
    expect(spread).toEqual({ tables: 2, fifths: 5 });
    const [{ report } = { report: { rows: 0 } }] = await test.query<{ report: { rows: number } }>(
      `select report from wavegate.dry_runs where run_id = '${trial}'`,
    );
    expect(report.rows).toBe(rows);
  });

  it("is asked about by nobody, exported by nothing and committed by no wave", async () => {
    const { services } = test;
    expect(await refusal(reviewExport(services, trial))).toBe("RunIsTrial");
    expect(await refusal(ask(services, { run: trial, gate: "first_wave" }))).toBe("RunIsTrial");
    await test.query(
      `update wavegate.legacy_import_runs set stage = 'export-review' where id = '${trial}'`,
    );
    expect(await refusal(commit(services, { run: trial, wave: 1 }))).toBe("RunIsTrial");
    await test.query(
      `update wavegate.legacy_import_runs set stage = 'dry-run' where id = '${trial}'`,
    );
  });

  it.each([
    [
      "a question",
      `insert into wavegate.sign_offs (id, run_id, gate, digest, link_hash, expires_at, status, asked_at)
       select gen_random_uuid(), '${trial}', gate, digest, 'another', expires_at, status, asked_at from wavegate.sign_offs limit 1`,
    ],
    [
      "a wave",
      `insert into wavegate.waves select (jsonb_populate_record(w, jsonb_build_object('run_id', '${trial}'))).* from wavegate.waves w limit 1`,
    ],
    [
      "a lock",
      `insert into wavegate.commit_locks select (jsonb_populate_record(l, jsonb_build_object('run_id', '${trial}', 'migration', 'other'))).* from wavegate.commit_locks l limit 1`,
    ],
    [
      "a lock that somebody else gave back",
      `update wavegate.commit_locks set run_id = null; update wavegate.commit_locks set run_id = '${trial}'`,
    ],
  ])("has not even %s in the database, whoever writes it", async (_, statement) => {
    await expect(test.query(statement)).rejects.toThrow(
      "a trial is neither asked about nor written",
    );
  });

  it("stays one, and a run never becomes one", async () => {
    for (const run of [trial, reviewed]) {
      await expect(
        test.query(
          `update wavegate.legacy_import_runs set trial = case when trial is null then '{"rows": 1}'::jsonb end where id = '${run}'`,
        ),
      ).rejects.toThrow("a trial stays one");
    }
  });

  it("R17 that is halted says why, and is neither exported nor mailed to everybody who runs", async () => {
    const sent: unknown[] = [];
    const services = {
      ...test.services,
      mail: async (mail: unknown) => {
        sent.push(mail);
      },
    };
    const [was] = await test.query<{ status: string }>(
      `select status from wavegate.legacy_import_runs where id = '${trial}'`,
    );
    const because = { error: "SourceUnavailable", message: "The source is away." };
    await halt(services, { run: trial, because });
    expect(await findRun(test.services.stage, trial)).toMatchObject({
      status: "halted",
      halted_because: because,
    });
    expect(sent).toEqual([]);
    const exported = await test.query(
      `select from wavegate.audit_log where run_id = '${trial}' and action like '%export%'`,
    );
    expect(exported).toEqual([]);
    await test.query(
      `update wavegate.legacy_import_runs set status = $1, halted_because = null where id = '${trial}'`,
      [was?.status],
    );
  });

  it("W8 W12 is forgotten whole by who may run, which the log tells of; a run never is, nor its log", async () => {
    const forget = (person: string, run: string) =>
      keepDecision(test.services, person, { decide: "forget", run });
    await test.query(
      `insert into wavegate.rows_there (run_id, staged_id, there_is, target_table, before, after, seen)
       values ('${reviewed}', 0, 'same', 'legacy_completed_trainings', '{}', '{}', '{}')`,
    );
    const others = await rowsOf(reviewed);
    const older = await olderRunsOf(test);
    expect(Object.keys(others)).toEqual(expect.arrayContaining(["audit_log", "rows_there"]));
    expect(await refusal(forget("approver", reviewed))).toBe("RunNoTrial");
    await test.query(
      `update wavegate.people set permissions = '["legacy_imports.view"]' where name = 'second'`,
    );
    expect(await refusal(forget("second", trial))).toBe("PermissionDenied");
    expect(await rowsOf(trial)).toHaveProperty("legacy_student_imports_source");
    await expect(
      test.query(`delete from wavegate.audit_log where run_id = '${reviewed}'`),
    ).rejects.toThrow("append-only");

    // While a stage still finds something for it.
    const stage = new pg.Client({ connectionString: test.url });
    await stage.connect();
    await stage.query(`begin; select from wavegate.stage_claims where run_id = '${trial}' for update;
      insert into wavegate.match_people
      select (jsonb_populate_record(p, jsonb_build_object('target_id', p.target_id + 900000))).*
        from wavegate.match_people p where run_id = '${trial}'`);
    await test.query(
      "insert into wavegate.source_readings (connection, name, piece, body) select connection_name, 'exports/people.csv', 0, 'QQ==' from wavegate.legacy_import_runs where id = $1",
      [trial],
    );
    const forgetting = forget("approver", trial);
    await setTimeout(500);
    await stage.query("commit");
    await stage.end();
    const { rows } = (await forgetting) as unknown as { rows: number };
    expect(rows).toBeGreaterThanOrEqual(80);
    expect(await rowsOf(trial)).toEqual({});
    // What was read for it is of nobody else's (B13).
    expect(await test.query("select connection from wavegate.source_readings")).toEqual([]);
    expect(await rowsOf(reviewed)).toEqual(others);
    expect(await olderRunsOf(test)).toEqual(older);
    expect(await platformDigest(test)).toEqual(before);
    expect(await refusal(forget("approver", trial))).toBe("UnknownRun");
    const told = await test.query(
      "select actor, action, (details ->> 'rows')::int as rows from wavegate.security_log order by seq desc limit 1",
    );
    expect(told).toEqual([{ actor: "approver", action: "trial-forgotten", rows }]);
  });
});
