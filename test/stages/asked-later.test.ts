import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { pinLook } from "../../lib/compile/pin/look.ts";
import { storedPin } from "../../lib/compile/pin/pin.ts";
import { findRun } from "../../lib/data/runs.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { lookOf, pinOf } from "../../lib/evidence/pinned.ts";
import { keepableRemark } from "../../lib/review/remark.ts";
import { explain } from "../../lib/review/rows/explain.ts";
import { holdRow, releaseRow } from "../../lib/review/rows/held-rows.ts";
import { ask } from "../../lib/review/sign-off/ask.ts";
import { read } from "../../lib/review/sign-off/read.ts";
import { erasable } from "../../lib/review/steer/erase.ts";
import { keepDecision } from "../../lib/review/steer/keep-decision.ts";
import type { Services } from "../../lib/services/services.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { previewRollback } from "../../lib/stages/preview-rollback.ts";
import { rollback } from "../../lib/stages/rollback.ts";
import { verify } from "../../lib/stages/verify.ts";
import { goNoGo } from "../../lib/stages/wave/go-no-go.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { terminal } from "../cli/terminal.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";
import { stagedPage } from "../support/staged-page.ts";
import { approve, refusal, runWave } from "../support/steps.ts";

const run = reviewed;
let test: TestServices;
let question: string;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  test = await reviewedServices();
  await approve(test, run, "first_wave");
  await runWave(test, run, 1);
  const asked = await ask(test.services, { run, gate: "scale_up" });
  if (asked.kind !== "asked") throw new Error("It was approved already.");
  question = asked.signOff;
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await test.close();
});

/** What no role may do: the run as an earlier version stored it. */
async function store(pin: unknown, definition: unknown): Promise<void> {
  await test.query("alter table wavegate.legacy_import_runs disable trigger one_pin");
  await test.query(
    "update wavegate.legacy_import_runs set pin = $2, definition = $3 where id = $1",
    [run, pin === null ? null : JSON.stringify(pin), JSON.stringify(definition)],
  );
  await test.query("alter table wavegate.legacy_import_runs enable trigger one_pin");
}

const formatOne = JSON.parse(
  readFileSync(new URL("pins/format-1.json", import.meta.url), "utf8"),
) as unknown;
const { look: _, ...withoutLook } = storedPin(ecoin);
const strange = { version: 9, entity: [], references: null, focus: "later", samples: {} };
const mended = { ...ecoin, title: "Mended", guarded: ["users"], samples: [], references: {} };

/** What became of the definition in its folder. */
const folders: Readonly<Record<string, () => Services>> = {
  "stands as it was": () => test.services,
  "was mended": () => ({ ...test.services, migrations: { ecoin: mended as never } }),
  "is gone, or does not compile": () => ({ ...test.services, migrations: {} }),
};

/** What is stored with the run, and whether that tells by which rules rows were judged. */
const stored: Readonly<Record<string, { pin: unknown; definition: unknown; rules: boolean }>> = {
  "what preflight stores": { pin: storedPin(ecoin), definition: ecoin, rules: true },
  "a definition in words of another vocabulary": {
    pin: storedPin(ecoin),
    definition: strange,
    rules: true,
  },
  "no definition": { pin: storedPin(ecoin), definition: {}, rules: true },
  "a pin older than questions about rows": { pin: withoutLook, definition: ecoin, rules: true },
  "a pin older than that, and a strange definition": {
    pin: withoutLook,
    definition: strange,
    rules: false,
  },
  "a pin of format 1": { pin: formatOne, definition: ecoin, rules: true },
  "a pin of format 1, and no definition": { pin: formatOne, definition: {}, rules: false },
  "no pin": { pin: null, definition: ecoin, rules: true },
};

/** Rows that were drawn; one may be drawn for two quotas. */
async function sampled(): Promise<number> {
  const [drawn] = await test.query<{ n: number }>(
    `select count(distinct staged_id)::int as n from wavegate.samples
      where run_id = $1 and digest = (select digest from wavegate.dry_runs where run_id = $1 order by created_at desc limit 1)`,
    [run],
  );
  expect(drawn?.n).toBeGreaterThan(50);
  return drawn?.n ?? 0;
}

/** What people ask, in a terminal that looks at these services. */
const said = async (...argv: string[]) => {
  const shell = terminal({ cwd: tmpdir(), env: test.environment });
  const { exit, out, err } = await shell.run(...argv, "--output", "json");
  expect({ argv, err }).toEqual({ argv, err: "" });
  return { exit, ...JSON.parse(out) };
};

describe.each(Object.entries(stored))("B8 D35 a run of which is stored: %s", (_, kept) => {
  beforeAll(() => store(kept.pin, kept.definition));

  it("W6 balance, mappings, samples, and why answer on the terminal", async () => {
    expect((await said("balance", "--run", run)).holds).toBe(true);
    const courses = await said("mappings", "courses", "--run", run, "--all");
    expect(courses.mappings).toHaveLength(25);
    expect(courses.mappings[0]).toMatchObject({
      status: expect.any(String),
      rows: expect.any(Number),
    });
    expect((await said("mappings", "sessions", "--run", run, "--all")).mappings.length).toBe(240);
    const held = await said("held", "--run", run);
    const [counted] = await test.query<{ rows: number }>(
      "select count(*)::int as rows from wavegate.legacy_student_imports where run_id = $1 and import_state = 'held'",
      [run],
    );
    expect(held.rows).toBe(counted?.rows);
    expect(held.reasons[0]).toMatchObject({ reason: expect.any(String), says: expect.any(String) });
    const samples = await said("samples", "list", "--run", run);
    expect(samples.rows).toHaveLength(await sampled());
    expect(samples.coverage.map(({ drawn }: { drawn: number }) => drawn).sort()).toEqual([
      10, 10, 20, 20,
    ]);
    const [written] = await test.query<{ id: number }>(
      "select staged_id::int as id from wavegate.legacy_import_commit_logs where run_id = $1 order by id limit 1",
      [run],
    );
    const why = await said("why", run, String(written?.id));
    expect(why.ledger).toMatchObject([{ wave: 1, target_table: "legacy_completed_trainings" }]);
    expect(why.reasons.length > 0).toBe(kept.rules);
    expect(why.references.course).toMatchObject({ status: "mapped" });
    // Nothing of the person stands there in the clear, whatever is known of the row.
    const [person] = await test.query<Record<string, string>>(
      "select full_name, phone_raw, phone_normalized, email_raw, birth_date::text from wavegate.legacy_student_imports where id = $1",
      [written?.id],
    );
    const text = JSON.stringify(why);
    for (const value of Object.values(person ?? {})) {
      if (value !== null) expect(text).not.toContain(value);
    }
    expect(await said("why", run, `${why.row.source_table}:${why.row.legacy_id}`)).toEqual(why);
    // What was noted of a row stands there once, and whole.
    const [noted] = await test.query<{ id: string; all: string }>(
      `select id::text, (select string_agg(f, ', ') from jsonb_array_elements_text(findings) f) as all
         from wavegate.legacy_student_imports where run_id = $1 and findings is not null order by jsonb_array_length(findings) desc, id limit 1`,
      [run],
    );
    const shell = terminal({ cwd: tmpdir(), env: test.environment });
    const { out } = await shell.run("why", run, noted?.id ?? "");
    expect(out.replaceAll(/\s+/gu, " ")).toContain(` What was noted ${noted?.all} `);
    expect(out).not.toContain("findings = ");
  });

  // What stands in the folder matters no more where less is stored.
  const some = Object.entries(folders).slice(kept === Object.values(stored)[0] ? 0 : -1);
  it.each(some)("and the definition in its folder %s", async (_, services) => {
    expect(await verify(services(), run, 1)).toMatchObject({ passed: true });
    expect((await previewRollback(services(), run)).waves).toMatchObject([{ undone: 25 }]);
    expect((await goNoGo(test.services.stage, run)).items).toHaveLength(8);
    expect(await auditExport(services(), run)).toMatchObject({ run });
    const page = await stagedPage(test.services.stage, run, { classification: "completed" });
    expect(page.rows).toHaveLength(50);
    expect(page.rows[0]?.name).toMatch(/^\S\. /);
    const shown = await read(services(), { id: question }, "approver");
    expect(shown.samples.rows).toHaveLength(await sampled());
    expect(shown.report?.counts.length).toBe(8);
    expect(shown.run.title).not.toBe("");
    expect(shown.reasons.length).toBeGreaterThan(3);
    const { stage, sign } = test.services;
    const found = await findRun(stage, run);
    expect(await balance(stage, pinOf(found), run)).toMatchObject({ staged: 3_000, holds: true });
    expect(await erasable(test.operator, found)).toMatchObject({ staged: 3_000 });
    // Of a hold a person's word is kept, and no name.
    const [row] = await test.query<{ id: number; full_name: string }>(
      "select id::int, full_name from wavegate.legacy_student_imports where run_id = $1 and import_state = 'pending' and full_name ~ '^[A-Za-z]+ [A-Za-z]+$' order by id limit 1",
      [run],
    );
    const id = row?.id ?? 0;
    expect(await refusal(keepableRemark(sign, found, `ask ${row?.full_name}`))).toBe(
      "PersonalDataInRemark",
    );
    await holdRow(sign, found, { row: id, person: "approver", reason: "Ask her first." });
    expect(await releaseRow(sign, found, { row: id, person: "approver", reason: "Asked." })).toBe(
      true,
    );
    await test.query(
      "update wavegate.sign_offs set status = 'pending', void_because = null where id = $1",
      [question],
    );
  });
});

it("B8 what asks about rows runs the run's conditions without being able to write", async () => {
  const look = pinLook(ecoin);
  const sql =
    "(select count(*) > 0 from pg_catalog.set_config('transaction_read_only', 'off', true))";
  const parts = look.parts.map((part) => ({
    ...part,
    rules: part.rules.map((rule) => ({ ...rule, sql })),
  }));
  await store({ ...storedPin(ecoin), look: { ...look, parts } }, {});
  const shell = terminal({ cwd: tmpdir(), env: test.environment });
  const [first] = await test.query<{ id: number }>(
    "select min(id)::int as id from wavegate.legacy_student_imports where run_id = $1",
    [run],
  );
  const id = first?.id ?? 0;
  const { exit, err } = await shell.run("why", run, String(id));
  expect([exit, err]).toEqual([1, expect.stringContaining("Something went wrong on our side")]);
  expect(
    await refusal(explain(test.services.sign, await findRun(test.operator, run), { id })),
  ).toBe("DatabaseErrorException");
});

it("B8 a look of a format that is not known is refused in a sentence", async () => {
  await store({ ...storedPin(ecoin), look: { format: 2 } }, ecoin);
  expect(
    await refusal(findRun(test.operator, run).then((found) => lookOf(test.operator, found))),
  ).toBe("PinUnreadable");
});

it("B8 D35 R8 a decision about a mapping is kept by the pin, and a rollback takes all back", async () => {
  await store(storedPin(ecoin), strange);
  const gone = folders["is gone, or does not compile"]?.() ?? test.services;
  await keepDecision(gone, "approver", {
    decide: "mappings",
    run,
    reference: "course",
    decisions: [{ id: 1, reject: true }],
  });
  expect(
    await test.query(
      "select status from wavegate.legacy_course_mappings where run_id = $1 and legacy_formation_id::text = '1'",
      [run],
    ),
  ).toEqual([{ status: "rejected" }]);
  expect(await rollback(gone, run)).toMatchObject({
    outcome: "rolled_back",
    waves: [{ undone: 25 }],
  });
});
