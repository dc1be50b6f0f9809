import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRun } from "../../lib/data/runs.ts";
import type { Sql } from "../../lib/data/sql.ts";
import { reviewDigest } from "../../lib/review/digest/digest.ts";
import { exportReview } from "../../lib/review/exports/export-review.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { reference, runId, stageRun } from "./fixture.ts";
import { type Evidence, startEvidence } from "./support.ts";

describe("exportReview", () => {
  let evidence: Evidence;
  let digest: string;
  /** Ids of the run's rows, behind those of older runs. */
  let ids: readonly number[];
  let before: ReadonlySet<string>;
  beforeEach(async () => {
    evidence = await startEvidence();
    before = new Set((await evidence.services.evidence.list("")).map(({ key }) => key));
    digest = await stageRun(evidence.admin, evidence.services, [
      { legacyId: 101, name: "Benali Sara", issues: ["phone_invalid", "email_shared"] },
      {
        legacyId: 102,
        table: "archives",
        name: '=HYPERLINK("http://evil.example","<script>alert(1)</script>")',
        phone: null,
        email: null,
        born: null,
        classification: "unknown",
        action: "needs_review",
        planned: "hold",
        plannedAction: null,
        reason: '=cmd|"/c calc"!A0',
      },
      { legacyId: 103, name: "مُحَمَّد بن علي", email: "=x@example.com", born: "2001-12-31" },
    ]);
    ids = await idsOfRows();
  });
  afterEach(() => evidence.close());

  const idsOfRows = async () => {
    const { rows } = await evidence.admin.query(
      "select id::int from wavegate.legacy_student_imports where run_id = $1 order by id",
      [runId],
    );
    return rows.map(({ id }) => Number(id));
  };
  /** What was put into the store beside the older runs' objects. */
  const put = async () =>
    (await evidence.services.evidence.list("")).filter(({ key }) => !before.has(key));

  const file = (name: string) =>
    evidence.services.evidence.get(`runs/${reference}/review/${digest}/${name}`);
  const text = async (name: string) => (await file(name)).toString("utf8");
  const rows = async () => gunzipSync(await file("rows.csv.gz")).toString("utf8");

  it("R10 D20 writes every staged row, masked, with its decisions", async () => {
    await exportReview(evidence.services, runId, digest);
    const header =
      "id,source_table,legacy_id,name,phone,email,birth_year,classification,validation_status," +
      "validation_issues,duplicate_confidence,source_duplicate_confidence,session_type," +
      "import_action,planned,planned_action,planned_reason";
    expect((await rows()).split("\r\n")).toEqual([
      header,
      `${ids[0]},stagiaires,101,B. S.,213•••••••68,s•••@example.com,1987,completed,valid,"phone_invalid email_shared",none,none,none,create_legacy_completed_training,commit,create_legacy_completed_training,`,
      `${ids[1]},archives,102,H.,,,,unknown,valid,,none,none,none,needs_review,hold,,"'=cmd|""/c calc""!A0"`,
      `${ids[2]},stagiaires,103,م. ب. ع.,213•••••••68,•••@example.com,2001,completed,valid,,none,none,none,create_legacy_completed_training,commit,create_legacy_completed_training,`,
      "",
    ]);
  });

  it("D20 W14 no file and no object name holds a name, a phone, an e-mail, free text or the raw payload", async () => {
    await exportReview(evidence.services, runId, digest);
    const objects = await put();
    const contents = [
      ...objects.map(({ key }) => key),
      await rows(),
      await text("summary.json"),
      await text("mappings-courses.csv"),
      await text("mappings-sessions.csv"),
      await text("manifest.json"),
      await text("signature.json"),
    ].join("\n");
    expect(objects).toHaveLength(6);
    for (const secret of [
      "Benali",
      "Sara",
      "559446",
      "sara.benali",
      "secret remark",
      "علي",
      "1987-",
    ]) {
      expect(contents).not.toContain(secret);
    }
  });

  it("D20 mappings are quoted so that no spreadsheet runs a legacy course name", async () => {
    await exportReview(evidence.services, runId, digest);
    expect(await text("mappings-courses.csv")).toBe(
      "legacy_formation_id,legacy_name,course_id,confidence,status,decided_by\r\n" +
        `5,"'=HYPERLINK(""http://x"", ""Couture"")",9011,0.875,confirmed,brahim\r\n` +
        '6,"Coiffure, ""dames""",,,unmapped,\r\n',
    );
    expect(parse(await text("mappings-sessions.csv"), { columns: true })).toEqual([
      {
        legacy_session_id: "235",
        code: "Session-Attente",
        parent_id: "",
        session_type: "placeholder_session",
        course_session_id: "",
        status: "needs_review",
        decided_by: "",
      },
    ]);
  });

  it("W5 the summary shows the dry run's report and what the run is pinned to", async () => {
    await exportReview(evidence.services, runId, digest);
    const summary = JSON.parse(await text("summary.json"));
    expect(summary.dry_run).toMatchObject({ digest, report: { rows: 3 } });
    expect(summary.pinned_to).toMatchObject({
      reference,
      connection: "legacy",
      focus_mode: "historical_completed",
      wave_plan: [25, 100, 100, 250],
      started_by: "amina",
    });
  });

  it("W7 the manifest names every file with its SHA-256, size and rows, and is itself what is returned", async () => {
    const exported = await exportReview(evidence.services, runId, digest);
    expect(exported.prefix).toBe(`runs/${reference}/review/${digest}`);
    const manifest = JSON.parse(await text("manifest.json"));
    expect(manifest).toMatchObject({ kind: "review", dry_run_digest: digest, reference });
    const listed = manifest.files.map(({ name, rows }: { name: string; rows: number }) => [
      name,
      rows,
    ]);
    expect(listed).toEqual([
      ["mappings-courses.csv", 2],
      ["mappings-sessions.csv", 1],
      ["rows.csv.gz", 3],
      ["summary.json", null],
    ]);
    for (const { name, sha256, bytes } of manifest.files) {
      const content = await file(name);
      expect(content).toHaveLength(bytes);
      expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    }
    const hash = createHash("sha256")
      .update(await file("manifest.json"))
      .digest("hex");
    expect(exported.manifestDigest).toBe(hash);
  });

  it("W3 exporting again returns what was recorded, and writes nothing", async () => {
    const first = await exportReview(evidence.services, runId, digest);
    const store = evidence.services.evidence;
    const services = {
      ...evidence.services,
      evidence: {
        ...store,
        put: async () => {
          throw new Error("nothing may be written");
        },
      },
    };
    expect(await exportReview(services, runId, digest)).toEqual(first);
  });

  it("W3 an export that was cut off before it was recorded gives the same bytes when made again", async () => {
    const first = await exportReview(evidence.services, runId, digest);
    const before = await file("rows.csv.gz");
    await evidence.admin.query("delete from wavegate.review_exports where run_id = $1", [runId]);
    // Nothing is replaced, not by the same bytes either: what is made anew lies beside the first.
    expect(await exportReview(evidence.services, runId, digest)).toEqual({
      prefix: `${first.prefix}-2`,
      manifestDigest: first.manifestDigest,
    });
    for (const prefix of [first.prefix, `${first.prefix}-2`]) {
      expect(await evidence.services.evidence.get(`${prefix}/rows.csv.gz`)).toEqual(before);
    }
    // RFC 1952: the four bytes of the modification time.
    expect([...before.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
  });

  it("W3 two exporters at once end in one record", async () => {
    const [left, right] = await Promise.all([
      exportReview(evidence.services, runId, digest),
      exportReview(evidence.services, runId, digest),
    ]);
    expect(left).toEqual(right);
    const { rows } = await evidence.admin.query(
      "select manifest_digest from wavegate.review_exports where run_id = $1",
      [runId],
    );
    expect(rows).toEqual([{ manifest_digest: left.manifestDigest }]);
  });

  it("W7 refuses a digest that no dry run showed", async () => {
    const other = exportReview(evidence.services, runId, "0".repeat(64));
    await expect(other).rejects.toMatchObject({ name: "DryRunMissing" });
    expect(await put()).toEqual([]);
  });

  it("W7 refuses when a mapping was decided since the dry run, and writes no manifest", async () => {
    await evidence.admin.query(
      "update wavegate.legacy_course_mappings set status = 'rejected' where run_id = $1 and legacy_formation_id = 5",
      [runId],
    );
    const outdated = exportReview(evidence.services, runId, digest);
    await expect(outdated).rejects.toMatchObject({ name: "ReviewOutdated" });
    expect(await put()).toEqual([]);
  });

  it("W7 refuses when a mapping is decided while rows are read, and writes no manifest", async () => {
    const stage = {
      ...evidence.services.stage,
      rows: async <Row>(statement: Sql) => {
        if (statement.parts.join("").includes("string_agg(line"))
          await evidence.admin.query(
            "update wavegate.legacy_course_mappings set status = 'rejected' where run_id = $1 and legacy_formation_id = 5",
            [runId],
          );
        return evidence.services.stage.rows<Row>(statement);
      },
    };
    const outdated = exportReview({ ...evidence.services, stage }, runId, digest);
    await expect(outdated).rejects.toMatchObject({ name: "ReviewOutdated" });
    const keys = (await put()).map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith("manifest.json"))).toEqual([]);
  });

  it("B13 exports nothing anew of a run whose people are erased", async () => {
    await evidence.admin.query(
      "update wavegate.legacy_import_runs set erased_at = now() where id = $1",
      [runId],
    );
    const erased = exportReview(evidence.services, runId, digest);
    await expect(erased).rejects.toMatchObject({ name: "RunErased" });
    expect(await put()).toEqual([]);
  });

  it("W13 a database that fails midway leaves no manifest and no record, and the next export works", async () => {
    const stage = {
      ...evidence.services.stage,
      rows: async <Row>(statement: Sql) => {
        if (statement.parts.join("").includes("string_agg(line"))
          throw new Error("the connection was lost");
        return evidence.services.stage.rows<Row>(statement);
      },
    };
    const failing = exportReview({ ...evidence.services, stage }, runId, digest);
    await expect(failing).rejects.toThrow("the connection was lost");
    const keys = (await put()).map(({ key }) => key);
    expect(keys.filter((key) => key.endsWith("manifest.json"))).toEqual([]);
    const { prefix } = await exportReview(evidence.services, runId, digest);
    expect(prefix).toBe(`runs/${reference}/review/${digest}-2`);
    const zipped = await evidence.services.evidence.get(`${prefix}/rows.csv.gz`);
    expect(gunzipSync(zipped).toString("utf8").split("\r\n")).toHaveLength(5);
  });

  it("W3 W12 what an export that was cut off left is not written over: the next one lies beside it", async () => {
    const left = `runs/${reference}/review/${digest}/summary.json`;
    await evidence.services.evidence.put(left, Buffer.from("{}"), {
      contentType: "application/json",
    });
    const made = await exportReview(evidence.services, runId, digest);
    expect(made.prefix).toBe(`runs/${reference}/review/${digest}-2`);
    expect((await evidence.services.evidence.get(left)).toString()).toBe("{}");
    const keys = (await evidence.services.evidence.list(`${made.prefix}/`)).map(({ key }) => key);
    expect(keys.map((key) => key.slice(made.prefix.length + 1))).toContain("manifest.json");
  });

  it("reads 8,000 rows of odd text in answers below 1 MiB, and writes every one once, in order", async () => {
    await evidence.admin.query(
      `with staged as (
         insert into wavegate.legacy_student_imports_source
           (run_id, source_table, legacy_id, full_name, phone_normalized)
         select $1, 'stagiaires', 1000 + n, 'Benali Sara', '213559446168'
           from generate_series(1, 8000) n returning id)
       insert into wavegate.legacy_student_imports_decisions (run_id, staged_id, validation_issues, planned_reason)
       select $1, id, jsonb_build_array(repeat('"', 20 + (id % 40)::int), 'x'), repeat('é"', 90) from staged`,
      [runId],
    );
    // As an import ends: older runs' statistics know of none of these.
    for (const table of ["source", "decisions"])
      await evidence.admin.query(`select wavegate.analyze_legacy_student_imports_${table}()`);
    const run = await findRun(evidence.services.stage, runId);
    ({ digest } = await again(run));
    // The stand-in refuses a larger answer or row, as the Data API does.
    await exportReview(evidence.services, runId, digest);
    const written = parse(await rows(), { columns: true }).map((row) =>
      Number((row as { id: string }).id),
    );
    expect(written).toHaveLength(8_003);
    expect(written).toEqual(await idsOfRows());
  });

  it("D20 rules that fired, and mappings by the thousand, are written one by one, in order", async () => {
    const fired = [["phone_invalid"], ["=x"], ['a"b'], [""], [], ["a", "b"]];
    await evidence.admin.query(
      `insert into wavegate.legacy_student_imports (run_id, source_table, legacy_id, full_name, validation_issues)
       select $1, 'stagiaires', 1000 + n, 'Benali Sara', issues
         from jsonb_array_elements($2::jsonb) with ordinality v(issues, n)`,
      [runId, JSON.stringify(fired)],
    );
    await evidence.admin.query(
      `insert into wavegate.legacy_session_mappings (run_id, legacy_session_id, code, session_type, status)
       select $1, n, case n % 3 when 0 then E'a\nb' when 1 then '=1,"' || n else null end, 'real_session', 'suggested'
         from generate_series(-5, 7000) n where n <> 235`,
      [runId],
    );
    ({ digest } = await again(await findRun(evidence.services.stage, runId)));
    await exportReview(evidence.services, runId, digest);
    const issues = parse(await rows(), { columns: true }) as { validation_issues: string }[];
    expect(issues.slice(3).map((row) => row.validation_issues)).toEqual([
      "phone_invalid",
      "'=x",
      'a"b',
      "",
      "",
      "a b",
    ]);
    const mappings = parse(await text("mappings-sessions.csv"), { columns: true }) as {
      legacy_session_id: string;
      code: string;
    }[];
    expect(mappings.map((row) => Number(row.legacy_session_id))).toEqual(
      Array.from({ length: 7_006 }, (_, n) => n - 5),
    );
    expect(mappings.slice(5, 8).map(({ code }) => code)).toEqual(["a\nb", "'=1,\"1", ""]);
    expect(JSON.parse(await text("manifest.json")).files[1]).toMatchObject({ rows: 7_006 });
  });

  async function again(run: Awaited<ReturnType<typeof findRun>>) {
    const shown = await reviewDigest(evidence.services.stage, ecoin, run);
    await evidence.admin.query(
      `insert into wavegate.dry_runs (run_id, digest, parts, report) values ($1, $2, $3, '{}')`,
      [runId, shown.digest, JSON.stringify(shown.parts)],
    );
    return shown;
  }
});
