import { afterAll, beforeAll, expect, it } from "vitest";
import { reviewedWorld, type SmallWorld } from "../evidence/small-run.ts";

let world: SmallWorld;
beforeAll(async () => {
  world = await reviewedWorld();
});
afterAll(() => world.close());

const counts = "kept: counts, words, digests and moments";
const ids = "kept: ids, of rows and of the platform's";
const team = "kept: who of the team did what; remarks may hold no personal data (W14)";
const settings = "kept: the rules, and what the run is pinned to";
const log = "kept: the chains, which nobody may change and which hold no personal data";
const erased = "erased";

/** Of every column in the schema, why it may stay, or that it is erased. */
const columns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  audit_log: { [log]: "run_id seq at actor action digest details previous hash" },
  called_things: { [erased]: "run_id reference target_id called" },
  capped_groups: { [counts]: "run_id scope rule groups rows" },
  commit_locks: { [settings]: "migration run_id taken_at entered_by entered_tables entered_wave" },
  commit_roles: { [settings]: "role migration" },
  drill_rounds: { [counts]: "run_id round done" },
  drills: { [counts]: "run_id passed certificate at" },
  dry_runs: {
    [counts]: "run_id digest parts report changes created_at",
    [settings]: "types",
  },
  duplicate_hints: { [ids]: "run_id staged_id level rule target_table target_id hits" },
  features: {
    [settings]: "name migration percentage segments run_id",
    [team]: "changed_by changed_at",
  },
  file_copies: {
    [ids]: "run_id staged_id object_key version",
    [counts]: "state own at",
    [erased]: "sha256",
  },
  kept_counts: {
    [erased]: "run_id claim part about name held_by value rows weights",
  },
  next_rows: { [counts]: "run_id staging kind starts" },
  row_tallies: { [counts]: "run_id staging import_state reason conflict rows" },
  key_secret: { [settings]: "one inner_key outer_key" },
  held_rows: { [team]: "run_id staged_id held_by reason held_at" },
  run_beginnings: { [team]: "run_id execution_arn person at" },
  row_questions: {
    [team]: "run_id number staged_id asked_by asked_at question closed_by closed_at answer",
  },
  import_ranges: {
    [ids]: "run_id n source_table rows_read rows_staged done_at",
    [erased]: "after_key up_to_key",
  },
  legacy_course_mappings: {
    [settings]: "run_id legacy_formation_id legacy_name course_id confidence status",
    [team]: "decided_by decided_at",
  },
  legacy_import_commit_logs: {
    [ids]: "id run_id wave round staged_id action target_table target_id target_key",
    [counts]: "committed_at rolled_back_at conflict",
    [erased]: "after_image before_image",
  },
  legacy_import_runs: {
    [settings]:
      "id reference migration definition_digest definition connection_name source focus_mode wave_plan gates seed execution_arn acknowledgements pin long_as trial settings key_digests",
    [counts]:
      "preflight counts stage control status halted_because created_at updated_at watching erased_at erased_rows erased_up_to due_seen",
    [team]: "started_by erased_by",
  },
  legacy_session_mappings: {
    [settings]:
      "run_id legacy_session_id code parent_id parent_unreadable session_type course_session_id status",
    [team]: "decided_by decided_at",
  },
  legacy_student_imports_decisions: {
    [counts]:
      "run_id staged_id email_shared phone_shared validation_status validation_issues classification session_type import_action duplicate_confidence high_hits another_person source_duplicate_confidence later_of_person moved_before planned planned_action planned_reason import_state state_reason state_detail wave",
    [ids]:
      "link_table link_id imported_user_id imported_lead_id imported_completed_training_id imported_enrollment_id",
  },
  legacy_student_imports_source: {
    [ids]: "id run_id source_table legacy_id legacy_formation_id legacy_session_id",
    [counts]: "findings",
    [erased]:
      "full_name name_folded name_key birth_date phone_raw phone_normalized phone_alternates email_raw email_candidate raw_status status_key legacy_created_at proposals source_values raw_values",
  },
  match_moments: { [counts]: "run_id seen_from noted_by" },
  stage_claims: { [ids]: "run_id claim", [counts]: "rests_on" },
  staged_entities: { [settings]: "staging migration ordinal" },
  source_readings: { [erased]: "connection name piece body kept_at" },
  made_rows: { [erased]: "run_id source_table place key noted source_values" },
  match_people: {
    [erased]:
      "run_id target_table target_id target_key name_folded name_key phone phone_alternates raw_phone email birth_date",
  },
  moved_before: { [ids]: "run_id staged_id target_table target_key", [counts]: "another gone" },
  rows_there: {
    [ids]: "run_id staged_id there_is target_table target_key unfit",
    [erased]: "before after seen",
  },
  people: { [team]: "name email permissions changed_at" },
  people_known: { [team]: "name email since own address looks" },
  progress: { [counts]: "run_id stage done total started_at updated_at" },
  requests: { [settings]: "asked_by", [counts]: "minute n" },
  review_changes: { [counts]: "id at" },
  audit_bundles: { [counts]: "run_id prefix manifest_digest head security_head at" },
  review_exports: { [counts]: "run_id digest prefix manifest manifest_digest created_at" },
  rollback_previews: { [counts]: "run_id wave round counts found at" },
  samples: {
    [team]:
      "run_id digest bucket position staged_id verdict wrong judged_by judged_at judged_order",
    [erased]: "row_salt row_digest",
  },
  log_turns: { [ids]: "run_id" },
  security_log: { [log]: "seq at actor action details previous hash" },
  shared_emails: { [erased]: "run_id address rows" },
  shared_phones: { [erased]: "run_id phone rows" },
  sign_offs: {
    [counts]:
      "id run_id gate digest parts stops link_hash expires_at execution_arn token awaited status notified_at asked_at void_because decided_order asked_order changes_asked",
    [team]:
      "decided_by decided_at comment override_by override_reason override_at override_stops rests_on",
  },
  source_columns: { [settings]: "run_id source_table columns" },
  source_glimpses: { [erased]: "run_id about rows" },
  source_hints: { [ids]: "run_id staged_id level rule first_id hits later" },
  verifications: { [counts]: "id run_id kind passed checks at" },
  waves: {
    [counts]:
      "run_id wave size round status digest sign_off_id counts before verification clean committed_at verified_at rolled_back_at",
    [settings]: "shape parts",
  },
};

it("B13 every column of the schema is known to stay, or to be erased", async () => {
  const { query } = world.test;
  const found = await query<{ table: string; columns: string }>(`
    select c.relname as table, string_agg(a.attname, ' ' order by a.attname collate "C") as columns
      from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = 'wavegate'::regnamespace and c.relkind in ('r', 'p')
       and a.attnum > 0 and not a.attisdropped group by 1`);
  const known = Object.entries(columns).map(([table, why]) => [
    table,
    Object.values(why).join(" ").split(" ").sort().join(" "),
  ]);
  expect(Object.fromEntries(found.map((each) => [each.table, each.columns]))).toEqual(
    Object.fromEntries(known),
  );
  const gone = await query<{ columns: string[] }>(
    "select wavegate.erased_columns('wavegate.legacy_student_imports_source') as columns",
  );
  expect(gone[0]?.columns.sort()).toEqual(
    columns.legacy_student_imports_source?.[erased]?.split(" ").sort(),
  );
});
