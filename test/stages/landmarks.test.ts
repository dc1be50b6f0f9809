import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXPECTED } from "../sample/expected.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";

let test: TestServices;
const run = reviewed;
const found = new Map<string, Record<string, unknown>>();

beforeAll(async () => {
  test = await reviewedServices();
  const rows = await test.query(
    `select s.source_table, s.legacy_id::int, s.classification, s.phone_normalized, s.phone_alternates,
            s.email_normalized, d.session_type, d.import_action, s.validation_status, s.duplicate_confidence,
            s.planned, s.planned_action, s.link_table, s.link_id::int, m.course_session_id::int
       from wavegate.legacy_student_imports s
       join wavegate.legacy_training_imports d on d.student_import_id = s.id
       left join wavegate.legacy_session_mappings m
         on m.run_id = s.run_id and m.legacy_session_id = s.legacy_session_id
      where s.run_id = $1`,
    [run],
  );
  for (const row of rows) found.set(`${row.source_table} ${row.legacy_id}`, row);
});
afterAll(() => test.close());

const into: Record<string, string> = {
  create_course_interest: "crm_leads",
  create_legacy_completed_training: "legacy_completed_trainings",
  create_legacy_enrollment: "legacy_imported_enrollments",
};

describe("M3 M4 M5 M6 M7 M8 M9 M10 every kind of dirt ends as the table written by hand says", () => {
  it.each(EXPECTED.map((row) => [row.source_table, row.legacy_id, row.why, row] as const))(
    "%s %i: %s",
    (table, id, _why, { why, source_table, legacy_id, ...wanted }) => {
      const row = found.get(`${table} ${id}`) as Record<string, unknown>;
      expect({
        classification: row.classification,
        phone_normalized: row.phone_normalized,
        phone_alternates: row.phone_alternates,
        email_normalized: row.email_normalized,
        session_type: row.session_type,
        import_action: row.import_action,
        validation_status: row.validation_status,
        duplicate_confidence: row.duplicate_confidence,
        plan: row.planned,
        target: row.planned_action ? into[row.planned_action as string] : null,
        link: row.link_table ? { table: row.link_table, id: row.link_id } : null,
        course_session_id:
          row.planned_action === "create_legacy_enrollment" ? row.course_session_id : null,
      }).toEqual(wanted);
    },
  );
});
