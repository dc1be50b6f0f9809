import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { findRun } from "../../lib/data/runs.ts";
import { field, not, present } from "../../lib/define/builders.ts";
import type { Migration } from "../../lib/define/definition.ts";
import {
  type Check,
  check,
  item,
  placeholderOf,
  standing,
  untouched,
} from "../../lib/define/proof.ts";
import { appendAudit } from "../../lib/evidence/audit-log.ts";
import { verifyBundle } from "../../lib/evidence/verify-bundle.ts";
import { commit } from "../../lib/stages/commit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { preflight } from "../../lib/stages/preflight.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { verify } from "../../lib/stages/verify.ts";
import { goNoGo } from "../../lib/stages/wave/go-no-go.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { run, type SmallWorld, smallWorld } from "../evidence/small-run.ts";
import { approve, refusal, reviewedRun, runWave, toTheEnd } from "../support/steps.ts";

let world: SmallWorld;
beforeEach(async () => {
  world = await smallWorld();
});
afterEach(() => world.close());

/** The sample's migration, said with more or with less. */
function said(change: Partial<Migration>): void {
  const { checks: _, goNoGo: __, priority: ___, ...rest } = ecoin;
  Object.assign(world.test.services, { migrations: { ecoin: { ...rest, ...change } } });
}

const afterWaveOne = async (checks: readonly Check[], guarded = ecoin.guarded) => {
  said({ checks, guarded, waves: { ...ecoin.waves, first: ecoin.waves.order } });
  await reviewedRun(world.test, run);
  await approve(world.test, run, "first_wave");
  await commit(world.test.services, { run, wave: 1 });
  return (await verify(world.test.services, run, 1)).checks.map(({ id, says, passed, got }) => [
    id,
    says,
    passed,
    got,
  ]);
};

/** What is wrong with the run's bundle: nothing, of an honest one. */
async function wrong(name: string): Promise<readonly unknown[]> {
  const { folder, manifestDigest } = await world.bundle(name);
  const { checks } = await verifyBundle(folder, { digest: manifestDigest });
  return checks.filter(({ passed }) => !passed);
}

const bare: Partial<Migration> = {
  guarded: [],
  samples: [],
  stops: [],
  reads: [],
  report: { counts: [], distributions: [], sections: [] },
};

describe("R13 R18 a migration that names no checks, samples, stops and guarded tables", () => {
  it("goes from import to the end, is proved by what every migration is proved by, and taken back", async () => {
    said(bare);
    const { test } = world;
    // Nothing comes first, so nobody has to say so (R1).
    await reviewedRun(test, run, { acknowledge: { backup: "B7", queues: true } });
    await toTheEnd(test, run);
    const [wave] = await test.query<{ ids: string[] }>(
      "select array(select c ->> 'id' from jsonb_array_elements(verification) c) as ids from wavegate.waves where run_id = $1 and wave = 1",
      [run],
    );
    // The last is the engine's own, as the definition has placeholders.
    expect(wave?.ids).toEqual(["summary_changed", "logs_written", "no_placeholder_session"]);
    const { checks } = await finalVerify(test.services, run);
    expect(checks.map(({ id, says, passed }) => [id, says, passed]).slice(-2)).toEqual([
      ["reviewed", "Every reviewed row is what was signed off.", true],
      ["ready", "All six go/no-go items hold.", true],
    ]);
    expect((await goNoGo(test.services.stage, run)).items.map(({ id }) => id)).toEqual([
      "connection_verified",
      "dry_run_reviewed",
      "mappings_reviewed",
      "first_batch_passed",
      "drill_passed",
      "logs_correct",
    ]);
    expect(await wrong("bare")).toEqual([]);
    expect(await rollback(test.services, run)).toMatchObject({ outcome: "rolled_back" });
    expect(await wrong("taken-back")).toEqual([]);
  });
});

describe("R13 checks are data", () => {
  it("guarded tables that no check is about are one more check", async () => {
    expect(
      (
        await afterWaveOne([check("users_untouched", "No user was written.", untouched("users"))])
      ).slice(2),
    ).toEqual([
      ["users_untouched", "No user was written.", true, 0],
      ["no_placeholder_session", "Nothing was written with a placeholder for “session”.", true, 0],
      ["guarded_untouched", "No guarded table was written.", true, 0],
    ]);
  });

  it("count rows that stand, rows in a table where they should not, and placeholders", async () => {
    const checks = await afterWaveOne([
      check("none_completed", "No completed row.", standing(field("classification", "completed"))),
      check("no_other", "No other row.", standing(not(present("classification")))),
      check(
        "leads_only_as_leads",
        "Leads are leads.",
        standing(field("classification", "lead_only"), { outside: ["crm_leads"] }),
      ),
      check(
        "completed_as_leads",
        "Completed rows are leads.",
        standing(field("classification", "completed"), { outside: ["crm_leads"] }),
      ),
      check("no_placeholder", "No row of a waiting list stands.", placeholderOf("session")),
    ]);
    const [{ completed } = { completed: 0 }] = await world.test.query<{ completed: number }>(
      "select count(*) filter (where classification = 'completed')::int as completed from wavegate.legacy_student_imports where run_id = $1 and wave = 1",
      [run],
    );
    expect(completed).toBeGreaterThan(0);
    expect(checks.slice(2)).toEqual([
      ["none_completed", "No completed row.", false, completed],
      ["no_other", "No other row.", true, 0],
      ["leads_only_as_leads", "Leads are leads.", true, 0],
      ["completed_as_leads", "Completed rows are leads.", false, completed],
      ["no_placeholder", "No row of a waiting list stands.", true, 0],
      ["guarded_untouched", "No guarded table was written.", true, 0],
    ]);
  });

  it("the list before scaling up has the words, the sample and the tables that a migration names", async () => {
    said({
      ...bare,
      guarded: ["users"],
      samples: ecoin.samples,
      goNoGo: [
        item("sample_approved", "The archived rows are approved.", { of: "archived_training" }),
        item("drill_passed", "It was rehearsed."),
      ],
    });
    await reviewedRun(world.test, run, { acknowledge: { backup: "B7", queues: true } });
    const said_ = (await goNoGo(world.test.services.stage, run)).items.map(({ id, says }) => [
      id,
      says,
    ]);
    expect(said_).toEqual([
      ["connection_verified", "The legacy connection is verified."],
      ["dry_run_reviewed", "A person reviewed the dry run."],
      ["sample_approved", "The archived rows are approved."],
      ["mappings_reviewed", "The mappings are the ones that were reviewed."],
      ["first_batch_passed", "The first safe batch passed its verification."],
      ["drill_passed", "It was rehearsed."],
      ["logs_correct", "The commit logs agree with the platform."],
      ["no_mutations", "No unexpected change of guarded tables."],
    ]);
  });

  it("an id tells a check about tables that stay as they are from the others", () => {
    expect(() => check("users", "…", untouched("users"))).toThrow("has to end with “_untouched”");
    expect(() => check("rows_untouched", "…", standing(present("id")))).toThrow(
      "is how checks about tables that stay as they are are known",
    );
  });
});

it("R1 what comes first is acknowledged where a migration says so, in its words", async () => {
  said({ priority: "That members come first" });
  const begun = preflight(world.test.services, {
    migration: "ecoin",
    run,
    executionArn: "arn:1",
    acknowledge: { backup: "B7", queues: true },
  });
  await expect(begun).rejects.toMatchObject({
    name: "PreflightFailed",
    message: expect.stringContaining(
      "That members come first has to be acknowledged (--priority-acknowledged).",
    ),
  });
});

it("W12 B8 a bundle of a run from before checks and lists were data still holds", async () => {
  const { test } = world;
  said({ samples: ecoin.samples.slice(0, 2) });
  await reviewedRun(test, run);
  // As the program of that time stored the run.
  const formatOne = readFileSync(new URL("pins/format-1.json", import.meta.url), "utf8");
  await approve(test, run, "first_wave");
  await test.query("alter table wavegate.legacy_import_runs disable trigger one_pin");
  await test.query("update wavegate.legacy_import_runs set pin = $1 where id = $2", [
    formatOne,
    run,
  ]);
  await runWave(test, run, 1);
  expect((await verify(test.services, run, 1)).passed).toBe(true);
  expect(await wrong("older")).toEqual([]);
});

describe("W14 a migration's own names for personal data", () => {
  const personal = {
    "a field called mobile": { mobile: "+213551000000" },
    "the legacy column of an e-mail": { deep: [{ list: { courriel: "sara@example.com" } }] },
    "a normalized phone": { rows: [{ mobile_normalized: "213551000000" }] },
    "a birth date": { born: "1990-01-02" },
  };

  it("each is refused in the audit log, and nothing is written", async () => {
    said({});
    const migration = world.test.services.migrations.ecoin as Migration;
    const { phone, email, birth_date, ...fields } = migration.entity.fields;
    const pin = compilePin({
      ...migration,
      entity: {
        ...migration.entity,
        fields: {
          ...fields,
          mobile: phone,
          mail: { ...email, from: "courriel" },
          born: birth_date,
          // What the pin is compiled from besides.
          phone,
          email,
          birth_date,
        } as Migration["entity"]["fields"],
      },
    });
    await reviewedRun(world.test, run);
    await world.test.query("alter table wavegate.legacy_import_runs disable trigger one_pin");
    await world.test.query("update wavegate.legacy_import_runs set pin = $1 where id = $2", [
      JSON.stringify(pin),
      run,
    ]);
    const { stage } = world.test.services;
    const entries = async () =>
      (await world.test.query("select from wavegate.audit_log where action = 'test'")).length;
    const at = new Date("2026-11-20T10:00:00.000Z");
    const append = (what: Record<string, unknown>) =>
      appendAudit(stage, run, { actor: "wavegate", action: "test", details: what }, at);
    for (const [what, details] of Object.entries(personal))
      expect([what, await refusal(append(details))]).toEqual([what, "PersonalDataInAudit"]);
    expect(await entries()).toBe(0);
    await append({ mobile: 3, mail: { yes: 2 }, statut: "Formée", reason: "A reason." });
    expect(await entries()).toBe(1);
    expect((await findRun(stage, run)).id).toBe(run);
  });
});
