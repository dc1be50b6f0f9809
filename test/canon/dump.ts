import type { TestServices } from "../support/services.ts";

/**
 * Everything a migration of ECOIN makes of its source, as lines of text that are the same at every run:
 * without ids that the run drew, digests and times, and sorted. Ids of the source and of the platform's
 * sample are kept, as they say what belongs together.
 */
export async function canonicalDump(test: TestServices, run: string): Promise<string> {
  const parts: string[] = [];
  for (const [title, query] of Object.entries(sections)) {
    const rows = await test.query<Record<string, unknown>>(query, [run]);
    const names = Object.keys(rows[0] ?? {}).join("|");
    const lines = rows.map((row) => Object.values(row).map(cell).join("|"));
    parts.push(`# ${title}\n# ${names}\n${lines.sort(byCodeUnits).join("\n")}\n`);
  }
  return parts.join("\n");
}

/** Null, false and an empty list are nothing; what breaks a line, or cannot be seen, is escaped. */
function cell(value: unknown): string {
  if (value === null || value === false) return "";
  if (Array.isArray(value) && value.length === 0) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.replace(
    /[|\\\p{C}]/gu,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sourceRow = `join wavegate.legacy_student_imports s on s.run_id = h.run_id and s.id = h.staged_id
      where h.run_id = $1`;

/** What each part of the file holds; `$1` is the run. */
const sections: Readonly<Record<string, string>> = {
  "what the source holds of each row, normalised": `
     select source_table, legacy_id, full_name, name_folded, birth_date::text, phone_normalized,
            phone_alternates, email_candidate, status_key, legacy_formation_id, legacy_session_id,
            legacy_created_at::text, findings
       from wavegate.legacy_student_imports where run_id = $1`,
  "raw payloads, all of them": `
     select count(*) as rows, md5(string_agg(raw_payload::text, ' ' order by source_table, legacy_id)) as md5
       from wavegate.legacy_student_imports where run_id = $1`,
  "what was decided about each row, and how it ended": `
     select source_table, legacy_id, email_normalized, validation_status, validation_issues, classification,
            session_type, import_action, duplicate_confidence, high_hits, link_table, link_id,
            source_duplicate_confidence, later_of_person, moved_before, planned, planned_action, planned_reason,
            import_state, state_reason
       from wavegate.legacy_student_imports where run_id = $1`,
  "hints against the platform": `
     select s.source_table, s.legacy_id, h.level, h.rule, h.target_table, h.target_id, h.hits
       from wavegate.duplicate_hints h ${sourceRow}`,
  "hints inside the source": `
     select s.source_table, s.legacy_id, h.level, h.rule, f.source_table as first_table, f.legacy_id as first_id,
            h.hits, h.later
       from wavegate.source_hints h
       join wavegate.legacy_student_imports f on f.run_id = h.run_id and f.id = h.first_id ${sourceRow}`,
  courses: `
     select legacy_formation_id, legacy_name, course_id, confidence, status
       from wavegate.legacy_course_mappings where run_id = $1`,
  sessions: `
     select legacy_session_id, code, parent_id, session_type, course_session_id, status
       from wavegate.legacy_session_mappings where run_id = $1`,
  "what the dry run reported": `
     select key, value from wavegate.dry_runs d cross join lateral jsonb_each(d.report) where run_id = $1`,
  "leads written": `
     select full_name, phone, email, birth_date::text, course_id, source
       from crm_leads where legacy_import_run_id = $1`,
  "completed trainings written": `
     select source_table, legacy_id, user_id, full_name, phone, email, birth_date::text, course_id,
            legacy_course_name, legacy_session_code, classification
       from legacy_completed_trainings where legacy_import_run_id = $1`,
  "enrolments written": `
     select source_table, legacy_id, user_id, full_name, phone, email, course_session_id
       from legacy_imported_enrollments where legacy_import_run_id = $1`,
};
