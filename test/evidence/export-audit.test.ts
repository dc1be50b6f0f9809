import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appendAudit } from "../../lib/evidence/audit-log.ts";
import { commitLogLines } from "../../lib/evidence/commit-log.ts";
import { exportAudit } from "../../lib/evidence/export-audit.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { commitWave, reference, runId, stageRun } from "./fixture.ts";
import { type Evidence, startEvidence } from "./support.ts";

const at = new Date("2026-11-20T09:10:00.000Z");
let evidence: Evidence;
let first: { prefix: string; manifestDigest: string };
/** Ids of the run's first rows and of what the first became, behind those of older runs. */
let ids: { readonly row: number; readonly linked: number; readonly training: number };

beforeAll(async () => {
  evidence = await startEvidence();
  const { admin, services } = evidence;
  await admin.query(
    "insert into users (id, full_name, phone) values (9077, 'Sara Benali', '213559446168')",
  );
  const none = { plannedAction: null };
  const digest = await stageRun(admin, services, [
    { legacyId: 101 },
    { legacyId: 102, planned: "link", ...none, linkTo: 9077 },
    { legacyId: 103, table: "archives", planned: "hold", ...none, state: "held" },
    { legacyId: 104, planned: "fail", state: "failed", reason: "name_missing", ...none },
    { legacyId: 105, classification: "unknown" },
  ]);
  await appendAudit(services.stage, runId, { actor: "wavegate", action: "start", details: {} }, at);
  await commitWave(admin, services, digest);
  const { rows } = await admin.query(
    `select min(id)::int as row, min(id)::int + 1 as linked, min(imported_completed_training_id)::int as training
       from wavegate.legacy_student_imports where run_id = $1`,
    [runId],
  );
  ids = rows[0] as typeof ids;
  await admin.query(
    `insert into wavegate.samples (run_id, digest, bucket, position, staged_id, verdict, judged_by)
     values ($1, $2, 'completed', 1, $3, 'right', 'brahim')`,
    [runId, digest, ids.row],
  );
  await admin.query(
    `insert into wavegate.verifications (run_id, kind, passed, checks) values ($1, 'wave:1', true, '[]')`,
    [runId],
  );
  await admin.query(
    `insert into wavegate.drills (run_id, passed, certificate) values ($1, true, '{"rows": 2}')`,
    [runId],
  );
  first = await exportAudit(services, runId, { goNoGo: async () => ({ ready: true, items: [] }) });
});
afterAll(() => evidence.close());

const file = (name: string, prefix = first.prefix) =>
  evidence.services.evidence.get(`${prefix}/${name}`);
const json = async (name: string) => JSON.parse((await file(name)).toString("utf8"));
const csv = async (name: string): Promise<Record<string, string>[]> =>
  parse(gunzipSync(await file(name)), { columns: true });

describe("exportAudit", () => {
  it("W12 lists every file with its rows, and the head of the audit log, in the manifest", async () => {
    const manifest = await json("manifest.json");
    expect(first.prefix).toBe(`runs/${reference}/audit/0001`);
    expect(
      manifest.files.map(({ name, rows }: { name: string; rows: number | null }) => [name, rows]),
    ).toEqual([
      ["audit-log.jsonl", 1],
      ["balance.json", null],
      ["commit-log.csv.gz", 2],
      ["definition.json", null],
      ["drill.json", null],
      ["go-no-go.json", null],
      ["mappings-courses.csv", 2],
      ["mappings-sessions.csv", 1],
      ["migration-config.json", null],
      ["migration-report.json", null],
      ["policy-bundle.json", null],
      ["questions.json", 0],
      ["rows.csv.gz", 5],
      ["samples.json", 1],
      ["security-log.jsonl", 3],
      ["sign-offs.json", 1],
      ["summary.json", null],
      ["verifications.json", 1],
      ["waves.json", 1],
    ]);
    const log = (await file("audit-log.jsonl")).toString("utf8").trimEnd().split("\n");
    expect(log).toHaveLength(1);
    expect(manifest.audit_log).toEqual({ entries: 1, head: JSON.parse(log[0] as string).hash });
  });

  it("W6 shows where each row stands in the end, in which table and under which id", async () => {
    const rows = await csv("rows.csv.gz");
    expect(
      rows.map((row) => [
        row.legacy_id,
        row.import_state,
        row.wave,
        row.target_table,
        row.target_id,
        row.imported_user_id,
        row.imported_completed_training_id,
        row.planned_reason,
      ]),
    ).toEqual([
      [
        "101",
        "committed",
        "1",
        "legacy_completed_trainings",
        `${ids.training}`,
        "",
        `${ids.training}`,
        "",
      ],
      ["102", "linked", "1", "users", "9077", "9077", "", ""],
      ["103", "held", "", "", "", "", "", ""],
      ["104", "failed", "", "", "", "", "", "name_missing"],
      ["105", "pending", "", "", "", "", "", ""],
    ]);
  });

  it("W6 shows the balance and that it holds", async () => {
    expect(await json("balance.json")).toEqual({
      staged: 5,
      imported: 5,
      pending: 1,
      committed: 1,
      linked: 1,
      skipped: 0,
      held: 1,
      failed: 1,
      rolled_back: 0,
      holds: true,
    });
  });

  it("R13 shows what each wave did, without the written rows", async () => {
    const log = await csv("commit-log.csv.gz");
    expect(
      log.map(({ row, action, target_table, target_id }) => [row, action, target_table, target_id]),
    ).toEqual([
      [`${ids.row}`, "commit", "legacy_completed_trainings", `${ids.training}`],
      [`${ids.linked}`, "link", "users", "9077"],
    ]);
    expect(Object.keys(log[0] ?? {})).toEqual([
      "id",
      "wave",
      "round",
      "row",
      "action",
      "target_table",
      "target_id",
      "committed_at",
      "rolled_back_at",
      "conflict",
      "changed_columns",
    ]);
    expect(log[0]?.committed_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("R13 of a longer ledger each page begins behind the last entry of the one before", async () => {
    const { lines } = commitLogLines(runId);
    const of = async (after: number, upTo: number) =>
      (
        await evidence.services.stage.rows<{ id: number }>(
          lines(after, upTo, [undefined, { up_to: upTo }]),
        )
      )
        .map(({ id }) => Number(id))
        .sort((one, other) => one - other);
    const all = await of(0, 999_999);
    expect(all).toHaveLength(2);
    const [one = 0, two = 0] = all;
    expect(await of(0, one)).toEqual([one]);
    expect(await of(one, two)).toEqual([two]);
  });

  it("W8 shows who decided what and when, but neither link nor token", async () => {
    const [decision] = await json("sign-offs.json");
    expect(decision).toMatchObject({
      gate: "first_wave",
      status: "approved",
      decided_by: "brahim",
      comment: "looks right",
    });
    const text = (await file("sign-offs.json")).toString("utf8");
    for (const secret of ["hash-of-the-link", "sealed-token", "arn:execution"]) {
      expect(text).not.toContain(secret);
    }
  });

  it("V5 writes migration-report.json in the shape that verify reads, without personal data", async () => {
    const report = await json("migration-report.json");
    expect(report).toEqual({
      runId,
      startedAt: "2026-11-20T09:00:00.000Z",
      completedAt: "2026-11-20T10:00:00.000Z",
      dryRun: false,
      config: {
        source: "legacy",
        target: "platform",
        version: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      summary: {
        totalRecords: 5,
        created: 1,
        updated: 0,
        skipped: 3,
        errors: 1,
        duration_ms: 3_600_000,
      },
      stagiaires: {
        file: "stagiaires",
        totalRows: 4,
        parsed: 4,
        created: 1,
        updated: 0,
        skipped: 2,
        errors: 1,
        states: {
          pending: 1,
          committed: 1,
          linked: 1,
          skipped: 0,
          held: 0,
          failed: 1,
          rolled_back: 0,
        },
        records: [],
      },
      archives: {
        file: "archives",
        totalRows: 1,
        parsed: 1,
        created: 0,
        updated: 0,
        skipped: 1,
        errors: 0,
        states: {
          pending: 0,
          committed: 0,
          linked: 0,
          skipped: 0,
          held: 1,
          failed: 0,
          rolled_back: 0,
        },
        records: [],
      },
      errors: [{ entity: "stagiaires", sourceRow: 104, message: "name_missing" }],
      idMapping: {
        stagiaires: [
          {
            legacyId: 101,
            targetTable: "legacy_completed_trainings",
            targetId: ids.training,
            how: "committed",
          },
          { legacyId: 102, targetTable: "users", targetId: 9077, how: "linked" },
        ],
        archives: [],
      },
    });
  });

  it("R9 R14 R18 carries samples, verifications, the drill's certificate and the go/no-go items", async () => {
    expect(await json("samples.json")).toMatchObject([
      { staged_id: ids.row, verdict: "right", judged_by: "brahim" },
    ]);
    expect(await json("verifications.json")).toMatchObject([{ kind: "wave:1", passed: true }]);
    expect(await json("drill.json")).toMatchObject({ passed: true, certificate: { rows: 2 } });
    expect(await json("go-no-go.json")).toEqual({ ready: true, items: [] });
    expect(await json("definition.json")).toEqual(JSON.parse(JSON.stringify(ecoin)));
  });

  it("D20 W14 no file holds a name, a phone, an e-mail or the raw payload", async () => {
    for (const { key } of await evidence.services.evidence.list(first.prefix)) {
      const bytes = await evidence.services.evidence.get(key);
      const text = (key.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
      for (const secret of [
        "Benali",
        "Sara",
        "559446",
        "sara.benali",
        "secret remark",
        "1987-05",
      ]) {
        expect(text, key).not.toContain(secret);
      }
    }
  });

  it("a second export goes under the next number, replaces nothing, and shows the first in its log", async () => {
    const before = await file("manifest.json");
    const second = await exportAudit(evidence.services, runId);
    expect(second.prefix).toBe(`runs/${reference}/audit/0002`);
    expect(await file("manifest.json")).toEqual(before);
    const log = (await file("audit-log.jsonl", second.prefix)).toString("utf8");
    expect(
      log
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).action),
    ).toEqual(["start", "export-audit"]);
    expect(log).toContain(first.manifestDigest);
    const keys = (await evidence.services.evidence.list(second.prefix)).map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith("go-no-go.json"))).toEqual([]);
  });

  it("W3 two exports at once take two numbers", async () => {
    const both = await Promise.all([
      exportAudit(evidence.services, runId),
      exportAudit(evidence.services, runId),
    ]);
    expect(new Set(both.map(({ prefix }) => prefix)).size).toBe(2);
  });

  it("a number whose export was cut off is not used again", async () => {
    const { evidence: store } = evidence.services;
    const half = `runs/${reference}/audit/0900/summary.json`;
    await store.put(half, Buffer.from("{}"), { contentType: "application/json" });
    const next = await exportAudit(evidence.services, runId);
    expect(next.prefix).toBe(`runs/${reference}/audit/0901`);
  });

  it("W6 all files show one moment: what changes during an export is in none of them", async () => {
    const { services, admin } = evidence;
    const meddling = {
      ...services.evidence,
      put: async (...given: Parameters<typeof services.evidence.put>) => {
        if (given[0].endsWith("balance.json")) {
          await admin.query(
            "update wavegate.legacy_student_imports set import_state = 'skipped' where run_id = $1 and legacy_id = 105",
            [runId],
          );
        }
        return services.evidence.put(...given);
      },
    };
    const { prefix } = await exportAudit({ ...services, evidence: meddling }, runId);
    const rows: Record<string, string>[] = parse(gunzipSync(await file("rows.csv.gz", prefix)), {
      columns: true,
    });
    expect(rows.map(({ import_state }) => import_state)).toContain("pending");
    expect(rows.map(({ import_state }) => import_state)).not.toContain("skipped");
  });

  it("B11 R10 mappings by the thousand are in an audit export, each once and in order", async () => {
    await evidence.admin.query(
      `insert into wavegate.legacy_session_mappings (run_id, legacy_session_id, code, session_type, status)
       select $1, 100000 + n, 'S' || n, 'real_session', 'suggested' from generate_series(1, 7000) n`,
      [runId],
    );
    const { prefix } = await exportAudit(evidence.services, runId);
    const written = parse(await file("mappings-sessions.csv", prefix), { columns: true }) as {
      legacy_session_id: string;
    }[];
    const added = written.map((row) => Number(row.legacy_session_id)).filter((id) => id > 100_000);
    expect(added).toEqual(Array.from({ length: 7_000 }, (_, n) => 100_001 + n));
    await evidence.admin.query(
      "delete from wavegate.legacy_session_mappings where run_id = $1 and legacy_session_id > 100000",
      [runId],
    );
  });
});
