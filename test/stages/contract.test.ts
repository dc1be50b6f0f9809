import { readdir, readFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { compilePin } from "../../lib/compile/pin/pin.ts";
import { sql } from "../../lib/data/sql.ts";
import { balance } from "../../lib/evidence/balance.ts";
import { foldName } from "../../lib/normalize/name.ts";
import { byId } from "../../lib/review/report.ts";
import { commit } from "../../lib/stages/commit.ts";
import { dryRun } from "../../lib/stages/dry-run.ts";
import { finalVerify } from "../../lib/stages/final-verify.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { inFull } from "../support/every-step.ts";
import {
  platformDigest,
  preparedServices,
  reviewed,
  reviewedServices,
  type TestServices,
  testServices,
} from "../support/services.ts";
import { approve, importAll, refusal, reviewedRun, toTheEnd } from "../support/steps.ts";

let test: TestServices;
const run = reviewed;
const second = "8b3a0000-0000-4000-8000-00000000000f";

const close = () => test.close();

/** The sample as it was staged, before anything is decided about it. */
const imported = () => preparedServices("imported", (draft) => importAll(draft, run), {});

describe("staging is a contract", () => {
  afterEach(close);

  it("W3 tables whose rows are only added are vacuumed for what is dead alone, and the source's analyzed by stages", async () => {
    test = await testServices();
    const found = await test.query<{ name: string; options: string[] }>(
      `select relname as name, array(select unnest(reloptions) order by 1) as options from pg_class
        where relnamespace = 'wavegate'::regnamespace and reloptions is not null and relkind = 'r' order by 1`,
    );
    const added = "autovacuum_vacuum_insert_threshold=-1";
    expect(Object.fromEntries(found.map(({ name, options }) => [name, options]))).toEqual({
      duplicate_hints: [added],
      legacy_import_commit_logs: [added, "fillfactor=50"],
      legacy_student_imports_decisions: [added, "fillfactor=70"],
      legacy_student_imports_source: ["autovacuum_analyze_threshold=2147483647", added],
      match_people: [added],
      source_hints: [added],
    });
  });

  it("M2 D30 the six tables have the columns auditors query, by their names", async () => {
    test = await testServices();
    const wanted: Record<string, string> = {
      legacy_import_runs:
        "id reference migration definition_digest connection_name focus_mode wave_plan started_by created_at",
      legacy_student_imports:
        "id run_id source_table legacy_id full_name birth_date phone_raw phone_normalized email_raw email_normalized raw_status legacy_formation_id legacy_session_id raw_payload validation_status validation_issues duplicate_confidence duplicate_evidence classification import_state imported_user_id imported_lead_id imported_completed_training_id imported_enrollment_id",
      legacy_training_imports:
        "id run_id student_import_id legacy_formation_id legacy_session_id session_type import_action",
      legacy_course_mappings: "run_id legacy_formation_id legacy_name course_id confidence status",
      legacy_session_mappings:
        "run_id legacy_session_id code session_type course_session_id status",
      legacy_import_commit_logs:
        "run_id wave staged_id action target_table target_id committed_at rolled_back_at",
    };
    for (const [table, columns] of Object.entries(wanted)) {
      const found = await test.query<{ name: string }>(
        "select column_name as name from information_schema.columns where table_schema = 'wavegate' and table_name = $1",
        [table],
      );
      const names = new Set(found.map(({ name }) => name));
      expect([table, columns.split(" ").filter((name) => !names.has(name))]).toEqual([table, []]);
    }
  });

  it("M2 a staged row keeps what the legacy system had, to the letter", async () => {
    test = await imported();
    const [row] = await test.query(
      "select raw_payload, phone_raw, raw_status from wavegate.legacy_student_imports where source_table = 'stagiaires' and legacy_id = 3",
    );
    expect(row).toMatchObject({
      phone_raw: "٠٥٥٠٠٠١٠٠٣",
      raw_status: "Formée",
      raw_payload: { id: "3", nom: "Mezhoudi", prenom: "Kenza", niveau: "مستوى جامعي" },
    });
    // Of a run of before, whose rows have their values as a list.
    const payloads =
      "select raw_payload from wavegate.legacy_student_imports order by run_id, source_table, legacy_id, id";
    const now = await test.query(payloads);
    await test.query(
      "update wavegate.legacy_student_imports_source set source_values = to_jsonb(raw_values::text[]), raw_values = null where id % 2 = 0",
    );
    expect(await test.query(payloads)).toEqual(now);
  });

  it("D30 W6 shows a row before anything is decided about it: pending, and in the balance", async () => {
    test = await imported();
    const [row] = await test.query(
      `select validation_status, validation_issues, classification, duplicate_confidence, duplicate_evidence,
              import_state, imported_user_id
         from wavegate.legacy_student_imports where run_id = $1 and source_table = 'stagiaires' and legacy_id = 3`,
      [run],
    );
    expect(row).toEqual({
      validation_status: "pending",
      validation_issues: [],
      classification: null,
      duplicate_confidence: "none",
      duplicate_evidence: [],
      import_state: "pending",
      imported_user_id: null,
    });
    expect(await balance(test.services.stage, compilePin(ecoin), run)).toMatchObject({
      staged: 3000,
      pending: 3000,
      holds: true,
    });
  });

  it("D30 M7 shows the hints of a row as matching found them, against the platform and in the source", async () => {
    test = await reviewedServices();
    const [row] = await test.query<Record<string, unknown>>(
      `select s.id::int, s.duplicate_evidence, s.source_duplicate_evidence from wavegate.legacy_student_imports s
        where s.duplicate_confidence = 'high' and s.source_duplicate_confidence <> 'none' order by s.id limit 1`,
    );
    const platform = await test.query(
      `select level, rule, target_table as "table", target_id::int as id, hits::int from wavegate.duplicate_hints
        where staged_id = $1 order by rule, target_table, target_id`,
      [row?.id],
    );
    const source = await test.query(
      `select level, rule, first_id::int as first, hits::int as rows from wavegate.source_hints
        where staged_id = $1 order by rule, first_id`,
      [row?.id],
    );
    expect(platform.length).toBeGreaterThan(0);
    expect(source.length).toBeGreaterThan(0);
    expect(row).toMatchObject({ duplicate_evidence: platform, source_duplicate_evidence: source });
  });
});

describe("names are folded alike on both sides", () => {
  afterEach(close);

  it("D5 in SQL, where the platform's names are, as in the importer", async () => {
    test = await imported();
    const names = [
      ...(await test.query<{ name: string }>("select full_name as name from users")),
      ...(await test.query<{ name: string }>(
        "select full_name as name from wavegate.legacy_student_imports where full_name is not null",
      )),
    ].map(({ name }) => name);
    const odd = [
      "Élodie  NOÛR-Haddad",
      "O'Brien",
      "سَـارَة بن عودة",
      "أحمد",
      "احمد",
      "Müller-Straße",
      "ΣΊΣΥΦΟΣ",
      "İstanbul",
      "ǅ",
      "Sara\u200fBenali",
      "x\u00a0y",
      "１２３ Ａｂｃ",
      "😀 Amine 😀",
      "--",
      "",
      "<script>alert(1)</script>",
      '=HYPERLINK("x")',
      "e\u0301",
      "Nguyễn Văn",
      "O’Neil",
      "a_b",
      "Šárka",
      "Ærø",
      "ﬁne",
    ];
    const all = [...new Set([...names, ...odd])];
    const folded = await test.services.stage.rows<{ name: string; folded: string }>(
      sql`select name, wavegate.fold_name(name) as folded from jsonb_array_elements_text(${JSON.stringify(all)}::jsonb) name`,
    );
    expect(folded).toHaveLength(all.length);
    const differing = folded.filter(({ name, folded }) => folded !== foldName(name));
    expect(differing).toEqual([]);
  });

  it("D5 and put in the same order of words, however many they are", async () => {
    test = await testServices();
    const odd = [
      "سارة بن عودة",
      "B",
      "",
      "-",
      "b a",
      "c b a",
      "b c a",
      "a a b",
      "d a c b",
      "e d c b a",
      "É e Z",
    ];
    for (const name of odd) await test.query("insert into users (full_name) values ($1)", [name]);
    await reviewedRun(test, run);
    const people = await test.query<{ name: string; key: string | null }>(
      `select u.full_name as name, m.name_key as key from wavegate.match_people m
         join users u on u.id = m.target_id where m.target_table = 'users' and m.run_id = $1`,
      [run],
    );
    const sorted = (name: string) => foldName(name).split(" ").sort().join(" ") || null;
    expect(people.length).toBeGreaterThan(odd.length);
    expect(people.filter(({ name, key }) => key !== sorted(name))).toEqual([]);
  });
});

describe("the dry run", () => {
  afterEach(close);

  it("M13 R6 shows distributions, buckets and risks of the sample, and writes nothing to the platform", async () => {
    test = await testServices();
    const before = await platformDigest(test);
    await reviewedRun(test, run);
    const { report } = await dryRun(test.services, run);
    expect(byId(report.counts)).toEqual({
      completed_history: 1186,
      archived_training: 739,
      registered_pending: 347,
      lead_only: 631,
      duplicates: 281,
      placeholder_sessions: 514,
      unmapped_courses: 70,
      unknown_or_needs_review: 237,
    });
    expect(report.sections.map(({ says, lines }) => [says, byId(lines)])).toEqual([
      ["Priority", { completed_history: 1925, registered_pending: 347, lead_only: 631, rest: 97 }],
      [
        "Risk",
        { needs_review: 147, duplicates: 281, placeholder_sessions: 514, unmapped_courses: 70 },
      ],
    ]);
    expect(report.plan).toEqual({ commit: 2381, hold: 555, link: 52, fail: 12 });
    expect(report.distributions.map(({ id }) => id)).toEqual([
      "source_table",
      "classification",
      "validation_status",
      "duplicate_confidence",
      "source_duplicate_confidence",
      "import_action",
      "session_type",
    ]);
    for (const { values } of report.distributions) {
      expect(Object.values(values).reduce((sum, rows) => sum + rows, 0)).toBe(3000);
    }
    expect(report.unlisted_statuses[1]).toEqual({ status: "Formé", rows: 23, nearest: "Formée" });
    expect(report.stops.filter(({ stops }) => stops)).toEqual([]);
    expect(await platformDigest(test)).toEqual(before);
  });
});

describe("one transaction, and no row twice", () => {
  afterEach(close);

  it("W4 a wave that fails in the middle leaves neither rows nor ledger nor markers", async () => {
    test = await reviewedServices();
    await approve(test, run, "first_wave");
    // The last thing that a wave writes is refused, for no row's sake.
    await test.query(
      "alter table wavegate.legacy_import_commit_logs add constraint ledger_is_full check (wave <> 1) not valid",
    );
    expect(await refusal(commit(test.services, { run, wave: 1 }))).toBe("PlatformRefused");
    const left = await test.query(
      `select (select count(*)::int from legacy_completed_trainings where legacy_import_run_id = $1) as trainings,
              (select count(*)::int from wavegate.legacy_import_commit_logs where run_id = $1) as logged,
              (select count(*)::int from wavegate.waves where run_id = $1) as waves,
              (select count(*)::int from wavegate.commit_locks where run_id = $1) as locks,
              (select count(*)::int from wavegate.legacy_student_imports where run_id = $1 and import_state in ('committed', 'linked')) as marked`,
      [run],
    );
    expect(left).toEqual([{ trainings: 0, logged: 0, waves: 0, locks: 0, marked: 0 }]);
  });

  // Of a small part of it: `again.test.ts`.
  inFull(
    "M11 a second run of the same source skips every row that the first one moved",
    async () => {
      test = await reviewedServices();
      await toTheEnd(test, run);
      await finalVerify(test.services, run);
      const before = await platformDigest(test);
      await reviewedRun(test, second);
      const { report } = await dryRun(test.services, second);
      // Seven rows that were held are people whom the first run made a lead of: they could be linked now.
      expect(report.plan).toEqual({ skip: 2433, hold: 548, link: 7, fail: 12 });
      expect(report.creates).toEqual({});
      expect(await platformDigest(test)).toEqual(before);
    },
  );
});

describe("one code path", () => {
  it("W2 no handler, stage or client asks where it runs", async () => {
    const root = new URL("../../", import.meta.url);
    for (const folder of [
      "functions",
      "lib/stages",
      "lib/review",
      "lib/evidence",
      "lib/data",
      "lib/services",
      "lib/compile",
      "lib/console",
    ]) {
      for (const file of await readdir(new URL(`${folder}/`, root))) {
        if (!file.endsWith(".ts")) continue;
        const text = await readFile(new URL(`${folder}/${file}`, root), "utf8");
        expect([
          file,
          /embedded|localhost|127\.0\.0\.1|AWS_ENDPOINT|WAVEGATE_ENV/.exec(text)?.[0],
        ]).toEqual([file, undefined]);
      }
    }
  });
});
