import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PinOfFormatOne } from "../../lib/compile/pin/format-one.ts";
import type { PinOfFormatTwo } from "../../lib/compile/pin/format-two.ts";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { findRun } from "../../lib/data/runs.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { lookOf, pinOf } from "../../lib/evidence/pinned.ts";
import type { Services } from "../../lib/services/services.ts";
import { commit } from "../../lib/stages/commit.ts";
import { drill } from "../../lib/stages/drill.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { standingRuns } from "../../lib/stages/set-up/kept-staging.ts";
import { verify } from "../../lib/stages/verify.ts";
import { goNoGo } from "../../lib/stages/wave/go-no-go.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { reviewed, reviewedServices, setUpAgain, type TestServices } from "../support/services.ts";
import { approve, refusal, runWave } from "../support/steps.ts";

/** The pin of ecoin as this format first stored it: never made anew. */
const formatOne = JSON.parse(
  readFileSync(new URL("pins/format-1.json", import.meta.url), "utf8"),
) as unknown;
/** The same, when a migration had one kind of things. */
const formatTwo = JSON.parse(
  readFileSync(new URL("pins/format-2.json", import.meta.url), "utf8"),
) as PinOfFormatTwo;
const run = reviewed;
let test: TestServices;

beforeAll(async () => {
  test = await reviewedServices();
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
});
afterAll(() => test.close());

/** What no role may do: the run's pin as an earlier version, or a later one, stored it. */
async function store(pin: unknown, definition: unknown = ecoin): Promise<void> {
  await test.query("alter table wavegate.legacy_import_runs disable trigger one_pin");
  await test.query(
    "update wavegate.legacy_import_runs set pin = $2, definition = $3 where id = $1",
    [run, pin === null ? null : JSON.stringify(pin), JSON.stringify(definition)],
  );
  await test.query("alter table wavegate.legacy_import_runs enable trigger one_pin");
}

const removed = (): Services => ({ ...test.services, migrations: {} });
const stored = () => findRun(test.services.stage, run);
const standing = () =>
  test.query(
    `select r.status, r.control, r.updated_at,
            (select jsonb_agg(s.status order by s.id) from wavegate.sign_offs s where s.run_id = r.id) as sign_offs,
            (select jsonb_agg(w.status order by w.wave) from wavegate.waves w where w.run_id = r.id) as waves,
            (select count(*) from wavegate.audit_log a where a.run_id = r.id)::int as entries,
            (select count(*) from legacy_completed_trainings t where t.legacy_import_run_id = r.id)::int as written
       from wavegate.legacy_import_runs r where r.id = $1`,
    [run],
  );

describe("B8 D35 the pin is stored with the run", () => {
  it("by preflight, as it is compiled, and by nobody again", async () => {
    expect((await stored()).pin).toEqual(compilePin(ecoin));
    for (const pin of ["null", "'{}'", `pin || '{"guarded": []}'`]) {
      await expect(
        test.query(`update wavegate.legacy_import_runs set pin = ${pin}`),
      ).rejects.toThrow("a run keeps its pin");
    }
  });

  it("and is read once by a process, and anew whoever wrote it past every guard", async () => {
    const before = await stored();
    const lookBefore = await lookOf(test.services.stage, before);
    const again = await stored();
    expect(again.definition).toBe(before.definition);
    expect(again.pin).toBe(before.pin);
    expect(Object.isFrozen((again.definition.source as object) ?? {})).toBe(true);
    // Of one length, and with triggers asleep: sizes and versions of a row tell nothing of it.
    await test.query(
      `begin; set local session_replication_role = replica;
       update wavegate.legacy_import_runs set definition = replace(definition::text, 'crm_leads', 'crm_sdael')::jsonb,
              pin = replace(pin::text, 'crm_leads', 'crm_sdael')::jsonb; commit`,
    );
    const changed = await stored();
    expect(JSON.stringify(changed.definition)).toContain("crm_sdael");
    expect(JSON.stringify(changed.pin)).not.toContain("crm_leads");
    expect(JSON.stringify(await lookOf(test.services.stage, changed))).not.toContain("crm_leads");
    await test.query(
      `begin; set local session_replication_role = replica;
       update wavegate.legacy_import_runs set definition = replace(definition::text, 'crm_sdael', 'crm_leads')::jsonb,
              pin = replace(pin::text, 'crm_sdael', 'crm_leads')::jsonb; commit`,
    );
    const back = await stored();
    expect([back.definition, back.pin]).toEqual([before.definition, before.pin]);
    expect(await lookOf(test.services.stage, back)).toEqual(lookBefore);
  });
});

describe.each([
  ["4", { ...(formatOne as object), format: 4 }],
  ["“1”", { ...(formatOne as object), format: "1" }],
  ["none", {}],
  ["a list", [formatOne]],
  ["a text", "1"],
])("B8 D35 a pin of format %s", (_, pin) => {
  it("is refused in a sentence by everything that rests on it, and nothing is changed", async () => {
    const before = await standing();
    await store(pin);
    const { services } = test;
    for (const act of [
      () => verify(services, run, 1),
      () => finalVerify(services, run),
      () => previewRollback(services, run),
      () => rollback(services, run),
      () => drill(services, run),
      () => auditExport(services, run),
      () => commit(services, { run, wave: 2 }),
    ]) {
      expect(await refusal(act())).toBe("PinUnreadable");
    }
    expect(await standing()).toEqual(before);
    await store(formatOne);
  });
});

it("B8 D20 a column that a pin shows in a way that is not known is never shown as it stands", async () => {
  const { exported, ...pin } = formatOne as unknown as PinOfFormatTwo;
  const reviewed = exported.reviewed.map((column) => ({ ...column, shown: "verbatim" }));
  await store({ ...pin, exported: { ...exported, reviewed } });
  expect(await refusal(auditExport(removed(), run))).toBe("PinUnreadable");
});

it.each([
  ["one", formatOne],
  ["two", formatTwo],
  ["today", compilePin(ecoin)],
])("B8 R13 set-up knows a run that stands by its pin of format %s", async (_, pin) => {
  await store(pin, {});
  const found = await standingRuns(test.services.stage, "ecoin");
  // Of the older runs two stand too; of the one that was taken back nothing does.
  expect(found).toHaveLength(3);
  const own = found.at(-1);
  expect(own?.targets.map(({ table }) => table).sort()).toEqual([
    "crm_leads",
    "legacy_completed_trainings",
    "legacy_imported_enrollments",
  ]);
  expect(own?.staging).toEqual([
    {
      decisions: "legacy_student_imports_decisions",
      ids: [
        "imported_user_id",
        "imported_lead_id",
        "imported_completed_training_id",
        "imported_enrollment_id",
      ],
    },
  ]);
  await store(formatOne);
});

it("B8 D35 a run older than pins is verified by its definition as it was stored", async () => {
  await store(null);
  expect(pinOf(await stored())).toEqual(compilePin(ecoin));
  expect(await verify(removed(), run, 1)).toMatchObject({ passed: true });
});

it("B8 D35 V10 one older than pins, in words that are not known any more, is refused in a sentence, by a set-up too while something of it stands", async () => {
  await store(null, { ...ecoin, entity: { from: ["stagiaires"], plan: [] } });
  for (const act of [
    () => verify(removed(), run, 1),
    () => previewRollback(removed(), run),
    () => rollback(removed(), run),
  ])
    expect(await refusal(act())).toBe("PinUnreadable");
  await expect(setUpAgain(test, ecoin)).rejects.toMatchObject({
    name: "PinUnreadable",
    message: expect.stringContaining("Take it back with the version that began it"),
  });
  await store(null);
  await setUpAgain(test, ecoin);
  await store(formatOne);
});

describe.each([
  ["emptied", {}],
  ["in words of another vocabulary", { version: 9, entity: [], references: null, focus: "later" }],
])("B8 D35 a pin of format 1, with the definition %s and gone from the folder", (_, definition) => {
  it("shows the run, verifies, previews and exports it", async () => {
    await store(formatOne, definition);
    const { stage } = test.services;
    expect(await balance(stage, pinOf(await stored()), run)).toMatchObject({
      staged: 3_000,
      imported: 3_000,
      holds: true,
    });
    expect((await goNoGo(removed().stage, run)).items).toHaveLength(8);
    const { passed, checks } = await verify(removed(), run, 1);
    expect([passed, checks.map(({ id }) => id)]).toEqual([
      true,
      [
        "summary_changed",
        "logs_written",
        "users_untouched",
        "enrollments_untouched",
        "payments_untouched",
        "attendances_untouched",
        "no_placeholder",
        "in_place",
      ],
    ]);
    expect((await previewRollback(removed(), run)).waves).toMatchObject([
      { wave: 1, entries: 25, undone: 25, spared: 0 },
    ]);
    const { prefix } = await auditExport(removed(), run);
    const files = (await test.services.evidence.list(prefix)).map(({ key }) =>
      key.slice(prefix.length).replace(/^\//, ""),
    );
    expect(files.sort()).toEqual([
      "audit-log.jsonl",
      "balance.json",
      "commit-log.csv.gz",
      "definition.json",
      "go-no-go.json",
      "manifest.json",
      "mappings-courses.csv",
      "mappings-sessions.csv",
      "migration-config.json",
      "migration-report.json",
      "policy-bundle.json",
      "questions.json",
      "rows.csv.gz",
      "samples.json",
      "security-log.jsonl",
      "sign-offs.json",
      "signature.json",
      "summary.json",
      "verifications.json",
      "waves.json",
    ]);
  });
});

it("B8 R8 of each line of the plan it is pinned what becomes of its rows", () => {
  const [students] = pinLook(ecoin).parts;
  expect(
    students?.rules.flatMap(({ about, outcome }) => (about === "plan" ? [outcome] : [])),
  ).toEqual([
    "fail (name_missing)",
    "skip (moved_before)",
    "hold (needs_review)",
    "hold (several_high_matches)",
    "hold (validation_needs_review)",
    "hold (later_lead_of_one_person)",
    "hold (contact_of_another_person)",
    "link",
    "hold (possible_duplicate)",
    "commit (create_course_interest)",
    "commit (create_legacy_enrollment)",
    "hold (session_not_confirmed)",
    "commit (create_legacy_completed_training)",
    "hold (nothing_applies)",
  ]);
});

it("B8 D35 a pin of format 2 is one of one kind of things, and verifies its run", async () => {
  await store(formatTwo, {});
  const pin = pinOf(await stored());
  expect(pin.entities).toMatchObject([
    {
      name: null,
      staging: { rows: "legacy_student_imports" },
      exported: { sources: ["stagiaires", "archives"] },
    },
  ]);
  expect(pin.mappings.map(({ name }) => name)).toEqual(["course", "session"]);
  expect(await verify(removed(), run, 1)).toMatchObject({ passed: true });
});

it("B8 D35 R10 a pin of format 1 finds rows in another table than their own", async () => {
  const { placed, ...pin } = formatOne as PinOfFormatOne;
  await store({ ...pin, placed: { ...placed, tables: ["crm_leads"] } }, {});
  const { passed, checks } = await verify(removed(), run, 1);
  expect(passed).toBe(false);
  expect(checks.filter((check) => !check.passed)).toMatchObject([{ id: "in_place", got: 25 }]);
  await store(formatOne, {});
  expect(await verify(removed(), run, 1)).toMatchObject({ passed: true });
});

it("B8 D35 a pin of format 1 takes its run back, to the last row", async () => {
  await store(formatOne, {});
  expect(await rollback(removed(), run)).toMatchObject({
    outcome: "rolled_back",
    waves: [{ wave: 1, undone: 25, spared: 0 }],
  });
  expect(
    await test.query("select 1 from legacy_completed_trainings where legacy_import_run_id = $1", [
      run,
    ]),
  ).toEqual([]);
  expect(
    await test.query(
      "select distinct import_state from wavegate.legacy_student_imports where run_id = $1 order by 1",
      [run],
    ),
  ).toContainEqual({ import_state: "rolled_back" });
});
