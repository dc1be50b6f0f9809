import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestServices, testServices } from "../support/services.ts";

let test: TestServices;

beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

describe("R12 D19 the database itself refuses what no migration may do", () => {
  it.each([
    "update users set full_name = 'x'",
    "delete from users",
    "insert into users (full_name) values ('x')",
    "update enrollments set status = 'active'",
    "insert into enrollments (user_id, course_session_id, status) values (1, 1, 'active')",
    "insert into payments (enrollment_id, amount) values (1, 1)",
    "delete from attendances",
    "update crm_leads set full_name = 'x'",
    "update legacy_completed_trainings set full_name = 'x'",
    "truncate crm_leads",
    "update wavegate.legacy_student_imports set classification = 'completed'",
    "delete from wavegate.audit_log",
    "delete from wavegate.legacy_import_commit_logs",
  ])("the commit role: %s", async (statement) => {
    const attempt = test.services
      .commitOf("ecoin")
      .execute({ kind: "sql", parts: [statement], values: [] });
    await expect(attempt).rejects.toThrow(/permission denied/);
  });

  it.each([
    "insert into wavegate.sign_offs (id, run_id, gate, digest) values (gen_random_uuid(), gen_random_uuid(), 'first_wave', 'x')",
    "update wavegate.sign_offs set status = 'approved'",
    "insert into wavegate.people (name, email) values ('me', 'me@example.com')",
    "update wavegate.people set permissions = '[\"legacy_imports.commit\"]'",
    "update wavegate.legacy_student_imports set planned = 'commit'",
    "update wavegate.legacy_import_runs set definition_digest = 'x'",
    "update wavegate.samples set verdict = 'right'",
    "update wavegate.waves set clean = true",
    "insert into wavegate.drills (run_id, passed, certificate) values (gen_random_uuid(), true, '{}')",
    "insert into crm_leads (full_name, source) values ('x', 'legacy')",
    "delete from legacy_completed_trainings",
  ])("W8 the role of the CLI: %s", async (statement) => {
    const attempt = test.operator.execute({ kind: "sql", parts: [statement], values: [] });
    await expect(attempt).rejects.toThrow(/permission denied/);
  });

  it("the role stage reads the platform and writes none of it", async () => {
    for (const statement of [
      "insert into crm_leads (full_name, source) values ('x', 'legacy')",
      "delete from legacy_completed_trainings",
      "update users set full_name = 'x'",
    ]) {
      const attempt = test.services.stage.execute({ kind: "sql", parts: [statement], values: [] });
      await expect(attempt).rejects.toThrow(/permission denied/);
    }
  });
});
