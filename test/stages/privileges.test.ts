import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { harmless, keeps } from "../../lib/define/builders.ts";
import { grantedForEffects, lackedForEffects } from "../../lib/stages/set-up/effect-tables.ts";
import { wantedOnPlatform } from "../../lib/stages/set-up/platform.ts";
import { wrongRoles } from "../../lib/stages/set-up/wrong-roles.ts";
import { wrongPrivileges } from "../../lib/stages/set-up-database.ts";
import { ecoin } from "../../migrations/ecoin/definition.ts";
import { grantedTo } from "../support/granted.ts";
import { roles, setUpAgain, type TestServices, testServices } from "../support/services.ts";

let test: TestServices;

beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

const granted = () => grantedTo(test);

/** Tables and views that the roles stage, sign and operator may look at. */
const readable = [
  "called_things",
  ...["capped_groups", "commit_locks", "drill_rounds", "drills"],
  "dry_runs",
  "duplicate_hints",
  "held_rows",
  "row_questions",
  "import_ranges",
  "legacy_course_mappings",
  "legacy_import_commit_logs",
  "legacy_import_runs",
  "run_beginnings",
  "legacy_session_mappings",
  "legacy_student_imports",
  "legacy_student_imports_decisions",
  "legacy_student_imports_source",
  "legacy_training_imports",
  "stage_claims",
  "staged_entities",
  "made_rows",
  "match_people",
  "match_moments",
  "moved_before",
  "rows_there",
  "people",
  "progress",
  "review_changes",
  "review_exports",
  "audit_bundles",
  "samples",
  "shared_emails",
  "shared_phones",
  "sign_offs",
  "source_columns",
  "source_glimpses",
  "source_hints",
  "verifications",
  "waves",
  "audit_log",
  "rollback_previews",
  "security_log",
  "features",
  "file_copies",
  "row_tallies",
  "next_rows",
  "kept_counts",
];
const looksAt = Object.fromEntries(readable.map((table) => [table, "select"]));

describe("D19 the privileges are these, on everything in the schema, and nobody has others", () => {
  it("W8 M14 the role of the CLI writes nothing and sees no person: it asks functions that know who asks", async () => {
    expect((await granted())[roles.operator]).toEqual({
      schema: "usage",
      ...looksAt,
      commit_roles: "select",
      "ended_at()": "execute",
      "erasable()": "execute",
      "known_as()": "execute",
      "shown_target()": "execute",
      file_copies: "select(at own run_id staged_id state)",
      held_rows: "select(held_at held_by run_id staged_id)",
      import_ranges: "select(done_at n rows_read rows_staged run_id source_table)",
      kept_counts: "select(about claim name part rows run_id weights)",
      legacy_course_mappings: "select(confidence course_id decided_at decided_by run_id status)",
      legacy_import_commit_logs:
        "select(action committed_at conflict id rolled_back_at round run_id staged_id target_id target_table wave)",
      legacy_session_mappings:
        "select(course_session_id decided_at decided_by run_id session_type status)",
      legacy_student_imports:
        "select(another_person classification duplicate_confidence duplicate_evidence findings high_hits id import_action import_state imported_completed_training_id imported_enrollment_id imported_lead_id imported_user_id later_of_person legacy_id link_id link_table moved_before planned planned_action planned_reason run_id session_type source_duplicate_confidence source_duplicate_evidence source_table state_detail state_reason validation_issues validation_status wave)",
      legacy_student_imports_source: "select(id legacy_id run_id source_table)",
      legacy_training_imports: "select(id import_action run_id session_type student_import_id)",
      made_rows: "select(run_id source_table)",
      match_people: "select(run_id)",
      moved_before: "select(another run_id staged_id)",
      rows_there: "select(run_id staged_id target_table there_is unfit)",
      samples:
        "select(bucket digest judged_at judged_by judged_order position run_id staged_id verdict wrong)",
      shared_emails: "select(rows run_id)",
      called_things: "select(reference run_id)",
      shared_phones: "select(rows run_id)",
      source_glimpses: "select(about run_id)",
      sign_offs:
        "select(asked_at asked_order awaited changes_asked comment decided_at decided_by decided_order digest execution_arn expires_at gate id notified_at override_at override_by override_reason override_stops parts run_id status stops void_because)",
    });
  });

  it("W8 the role of the pages and of questions", async () => {
    expect((await granted())[roles.sign]).toEqual({
      schema: "usage",
      ...looksAt,
      "append_audit()": "execute",
      "append_security()": "execute",
      "note_withdrawn()": "execute",
      "control_run()": "execute",
      "moved_on()": "execute",
      "turn_feature()": "execute",
      "begin_restore()": "execute",
      "end_restore()": "execute",
      "decide_legacy_course_mappings()": "execute",
      "decide_legacy_session_mappings()": "execute",
      "ended_at()": "execute",
      "erase_due()": "execute",
      "erase_run()": "execute",
      "forget_trial()": "execute",
      "fold_label()": "execute",
      "fold_name()": "execute",
      "keep_person()": "execute",
      "hold_row()": "execute",
      "is_plain()": "execute",
      "known_as()": "execute",
      "note_starter()": "execute",
      "platform_path()": "execute",
      "release_row()": "execute",
      "shown_row()": "execute",
      "shown_target()": "execute",
      "ask_question()": "execute",
      "close_question()": "execute",
      "void_sign_offs()": "execute",
      "lapsed_signer()": "execute",
      "row_image()": "execute",
      "with_written()": "execute",
      legacy_import_runs: "select, update(status updated_at)",
      run_beginnings: "insert(execution_arn person run_id), select",
      samples:
        "insert(bucket digest position run_id staged_id), select, update(judged_at judged_by row_digest row_salt verdict wrong)",
      sign_offs:
        "insert(asked_at digest execution_arn expires_at gate id link_hash parts run_id stops token), select, update(changes_asked comment decided_at decided_by notified_at override_at override_by override_reason override_stops rests_on status token void_because)",
    });
  });

  it("W8 the role of stages writes no sign-off, no person and no verdict", async () => {
    expect((await granted())[roles.stage]).toEqual({
      schema: "usage",
      ...looksAt,
      "analyze_duplicate_hints()": "execute",
      "analyze_legacy_import_commit_logs()": "execute",
      "analyze_legacy_student_imports_decisions()": "execute",
      "analyze_legacy_student_imports_source()": "execute",
      "analyze_match_people()": "execute",
      "analyze_moved_before()": "execute",
      "analyze_rows_there()": "execute",
      "carry_legacy_course_mappings()": "execute",
      "carry_legacy_session_mappings()": "execute",
      "analyze_shared_emails()": "execute",
      "analyze_shared_phones()": "execute",
      "analyze_source_hints()": "execute",
      "fold_label()": "execute",
      "fold_name()": "execute",
      "append_audit()": "execute",
      "features_off()": "execute",
      "known_as()": "execute",
      "next_from_start()": "execute",
      "note_starter()": "execute",
      "platform_path()": "execute",
      "numbers_of()": "execute",
      "raw_phone_key()": "execute",
      "shown_key()": "execute",
      "shown_row()": "execute",
      "shown_source_key()": "execute",
      "staged_key()": "execute",
      "void_sign_offs()": "execute",
      "lapsed_signer()": "execute",
      "row_image()": "execute",
      "with_written()": "execute",
      capped_groups: "delete, insert, select",
      called_things: "delete, insert, select, update(called)",
      match_moments: "delete, insert, select",
      source_readings: "delete, insert, select",
      commit_locks: "select, update(run_id)",
      drill_rounds: "delete, insert, select, update(done)",
      drills: "delete, insert, select, update(at certificate passed)",
      dry_runs: "insert, select, update(changes created_at report types)",
      duplicate_hints: "delete, insert, select, update(hits)",
      import_ranges: "insert, select, update(done_at rows_read rows_staged)",
      legacy_course_mappings:
        "insert(legacy_formation_id legacy_name run_id status), select, update(confidence course_id status)",
      legacy_import_runs:
        "insert(acknowledgements connection_name created_at definition definition_digest execution_arn focus_mode gates id migration pin reference seed settings trial wave_plan), select, update(acknowledgements control counts halted_because preflight source stage status updated_at watching)",
      legacy_session_mappings:
        "insert(code legacy_session_id parent_id parent_unreadable run_id session_type status), select, update(course_session_id session_type status)",
      legacy_student_imports_decisions:
        "insert, select, update(another_person classification duplicate_confidence email_shared high_hits import_action import_state later_of_person link_id link_table moved_before phone_shared planned planned_action planned_reason session_type source_duplicate_confidence state_detail state_reason validation_issues validation_status)",
      legacy_student_imports_source: "insert, select",
      stage_claims: "insert, select, update(claim rests_on)",
      kept_counts: "delete, insert, select",
      made_rows: "delete, insert, select",
      match_people: "delete, insert, select",
      moved_before: "delete, insert, select",
      rows_there: "delete, insert, select",
      progress: "insert, select, update(done started_at total updated_at)",
      review_exports: "insert, select",
      audit_bundles: "insert, select",
      rollback_previews: "insert, select, update(at counts found round)",
      samples: "insert(bucket digest position run_id staged_id), select",
      shared_emails: "delete, insert, select",
      shared_phones: "delete, insert, select",
      source_columns: "insert, select",
      source_glimpses: "delete, insert, select, update(rows)",
      source_hints: "delete, insert, select, update(hits later)",
      verifications: "insert, select",
      waves: "select, update(clean status verification verified_at)",
    });
  });

  it("R12 the role of ecoin's waves", async () => {
    expect((await granted())[roles.commit("ecoin")]).toEqual({
      schema: "usage",
      "append_audit()": "execute",
      "enters()": "execute",
      "is_refusal()": "execute",
      "lapsed_signer()": "execute",
      "refused_rows()": "execute",
      // By which it reads those who came since.
      "fold_name()": "execute",
      "numbers_of()": "execute",
      "raw_phone_key()": "execute",
      "row_image()": "execute",
      "say_left_out()": "execute",
      "shown_target()": "execute",
      "with_written()": "execute",
      commit_locks: "insert, select, update(run_id taken_at)",
      write_turns: "delete",
      drill_rounds: "select",
      drills: "select",
      called_things: "select",
      dry_runs: "select(created_at run_id types)",
      duplicate_hints: "select",
      legacy_course_mappings: "select",
      legacy_import_commit_logs: "insert, select, update(conflict rolled_back_at)",
      legacy_import_runs: "select, update(updated_at)",
      legacy_session_mappings: "select",
      legacy_student_imports: "select",
      legacy_student_imports_decisions:
        "select, update(import_state imported_completed_training_id imported_enrollment_id imported_lead_id imported_user_id state_detail state_reason wave)",
      legacy_student_imports_source: "select",
      legacy_training_imports: "select",
      next_rows: "select",
      match_moments: "select",
      match_people: "select",
      rows_there: "select",
      review_changes: "select",
      review_exports: "select",
      rollback_previews: "select",
      sign_offs: "select",
      source_columns: "select",
      source_hints: "select",
      waves:
        "insert, select, update(before clean committed_at counts digest parts rolled_back_at round shape sign_off_id size status verification verified_at)",
    });
  });

  it("nobody else has any", async () => {
    expect(Object.keys(await granted()).sort()).toEqual(
      [roles.commit("ecoin"), roles.operator, roles.sign, roles.stage].sort(),
    );
  });
});

it("doctor: what is missing and what is too much is named, and set-up's comparison finds nothing else", async () => {
  expect(await wrongPrivileges(test.operator, ecoin, roles)).toEqual([]);
  await test.query(`revoke insert on wavegate.progress from ${roles.stage}`);
  await test.query(`grant update (email) on users to ${roles.commit("ecoin")}`);
  await test.query("grant select on wavegate.people to public");
  await test.query(`drop trigger ${roles.commit("ecoin")} on crm_leads`);
  await test.query(
    `alter table legacy_completed_trainings disable trigger ${roles.commit("ecoin")}`,
  );
  expect((await wrongPrivileges(test.operator, ecoin, roles)).sort()).toEqual(
    [
      "public has select on people and must not",
      `${roles.commit("ecoin")} has update of email on users and must not`,
      `${roles.stage} lacks insert on progress`,
      `crm_leads lacks the trigger ${roles.commit("ecoin")}, so this role may delete any row of it`,
      `legacy_completed_trainings lacks the trigger ${roles.commit("ecoin")}, so this role may delete any row of it`,
    ].sort(),
  );
});

it("D19 W8 what runs by the owner's rights looks for names where nobody else can put one", async () => {
  const definers = await test.query<{ name: string; path: string }>(`
    select p.proname::text as name, coalesce((
             select c from unnest(p.proconfig) c where c like 'search\\_path=%'), 'the caller''s') as path
      from pg_proc p where p.prosecdef and p.pronamespace = 'wavegate'::regnamespace`);
  expect(definers.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["append_entry", "note_review_change", "decide_legacy_course_mappings"]),
  );
  expect(definers.filter(({ path }) => path !== "search_path=pg_catalog, pg_temp")).toEqual([]);
});

describe("D19 D43 R12 doctor: roles that may more than their lists of grants show", () => {
  const commit = roles.commit("ecoin");
  const wrong = async () =>
    wrongRoles(test.operator, "ecoin", roles, await wantedOnPlatform(test.operator, ecoin, roles));

  beforeAll(() => test.query(`revoke update (email) on users from ${commit}`));

  it("W3 W8 W9 set-up forgets what a role settled for all of its sessions, and how long else one waits for a lock", async () => {
    // What is set for the whole server another set-up beside this one forgets: `set-up-as-aurora.test.ts` has its own.
    const here = `in database "${new URL(test.url).pathname.slice(1)}"`;
    await test.query(`alter role "${roles.operator}" ${here} set statement_timeout = 1`);
    await test.query(`alter role "${roles.operator}" ${here} set application_name = 'a terminal'`);
    await test.query(`alter role "${roles.sign}" ${here} set lock_timeout = 0`);
    await test.query(`alter role "${roles.stage}" ${here} set work_mem = 64`);
    const says = (name: string) =>
      `${roles.operator} has a ${name} of its own, for every terminal: run \`wavegate set-up ecoin\` (on AWS: deploy again)`;
    const settled = await wrongRoles(test.admin, "ecoin", roles, []);
    expect(settled).toEqual(
      expect.arrayContaining([
        says("application_name"),
        `sessions of ${roles.operator} do not begin with statement_timeout = 0: run \`wavegate set-up ecoin\` (on AWS: deploy again)`,
        `${roles.sign} does not wait 30s for a lock: run \`wavegate set-up ecoin\` (on AWS: deploy again)`,
        `${roles.stage} has a work_mem of its own, for every session: run \`wavegate set-up ecoin\` (on AWS: deploy again)`,
      ]),
    );
    await setUpAgain(test, ecoin);
    expect(await wrong()).toEqual([]);
  });

  it("finds nothing where the set-up was run", async () => {
    expect(await wrong()).toEqual([]);
  });

  it("W13 tells of the first places, and how many more, where everybody may everything on many tables", async () => {
    await test.query(
      `do $$ begin for n in 1..400 loop execute format('create table open_to_all_%s (n int); grant all on open_to_all_%s to public', n, n); end loop; end $$`,
    );
    const found = await wrong();
    await test.query(
      "do $$ begin for n in 1..400 loop execute format('drop table open_to_all_%s', n); end loop; end $$",
    );
    expect(found).toHaveLength(201);
    expect(found[0]).toMatch(
      /^\S+ may delete, insert, references, trigger, truncate, update on public\.open_to_all_1, by a grant of its own or to everybody: as the database's administrator: `revoke delete, /u,
    );
    expect(found.at(-1)).toBe(
      "roles of wavegate may more than they should in 1,400 further places alike",
    );
  });

  it.each([
    [
      "nobody noted which migration a commit role writes for",
      `delete from wavegate.commit_roles where role = '${commit}'`,
      `insert into wavegate.commit_roles values ('${commit}', 'ecoin')`,
      `${commit} is not noted as the commit role of ecoin, so nothing keeps it to runs of its own: run \`wavegate set-up ecoin\` (on AWS: deploy again)`,
    ],
    [
      "it is noted for another one",
      `update wavegate.commit_roles set migration = 'gym' where role = '${commit}'`,
      `update wavegate.commit_roles set migration = 'ecoin' where role = '${commit}'`,
      `${commit} is noted as the commit role of gym, not of ecoin: run \`wavegate set-up ecoin\` (on AWS: deploy again)`,
    ],
    [
      "everybody may write a table that the migration only guards",
      "grant insert, update (amount) on payments to public",
      "revoke insert, update (amount) on payments from public",
      `${commit} may insert, update on public.payments, by a grant of its own or to everybody: as the database's administrator: \`revoke insert, update on public.payments from "${commit}", public\``,
    ],
    [
      "its own role writes one",
      `grant delete, truncate on attendances to "${commit}"`,
      `revoke delete, truncate on attendances from "${commit}"`,
      `${commit} may delete, truncate on public.attendances, by a grant of its own or to everybody: as the database's administrator: \`revoke delete, truncate on public.attendances from "${commit}", public\``,
    ],
    [
      "everybody may look at a table of the platform",
      "grant select on users to public",
      "revoke select on users from public",
      `${roles.operator} may select on public.users, by a grant of its own or to everybody: as the database's administrator: \`revoke select on public.users from "${roles.operator}", public\``,
    ],
    [
      "the role of terminals may make things in a schema",
      `grant create on schema public to "${roles.operator}"`,
      `revoke create on schema public from "${roles.operator}"`,
      `${roles.operator} may create on schema public, by a grant of its own or to everybody: as the database's administrator: \`revoke create on schema public from "${roles.operator}", public\``,
    ],
  ])("%s", async (_, spoil, mend, says) => {
    await test.query(spoil);
    const found = await wrong();
    await test.query(mend);
    expect(found).toContain(says);
    expect(await wrong()).toEqual([]);
  });

  it("W13 tells which trigger would write a table of the effects that the role it acts with may not", async () => {
    const named = {
      ...ecoin,
      effects: { visits: harmless("counts them"), "a-b (c)": harmless("of another name") },
    };
    const lacked = () => lackedForEffects(test.operator, named, roles);
    await test.query(
      `create table visits (n int); create table visitors (n int); create table "a-b (c)" (n int);
       create function note_visit() returns trigger language plpgsql as $$ begin
         -- delete from visits
         insert into visitors values (1); update "visits" set n = n + 1; Insert
           Into public.visits values (1); return new; end $$;
       create trigger noted after insert on crm_leads for each row execute function note_visit()`,
    );
    const says = (may: string) =>
      `The trigger noted of crm_leads would ${may} in public.visits with the rights of ${commit}, which may not, and the first wave it acts on is taken back: \`grant ${may} on "public"."visits" to "${commit}"\`, or make its function \`security definer\`.`;
    expect(await lacked()).toEqual([says("insert"), says("update")]);
    await test.query(`grant insert (n) on visits to "${commit}"`);
    expect(await lacked()).toEqual([says("update")]);
    await test.query("alter function note_visit() security definer");
    expect(await lacked()).toEqual([]);
    await test.query("alter function note_visit() security invoker");
    await test.query("alter table crm_leads disable trigger noted");
    expect(await lacked()).toEqual([]);
    await test.query(
      'drop trigger noted on crm_leads; drop function note_visit(); drop table visits, visitors, "a-b (c)"',
    );
  });

  it("R12 finds nothing wrong with what lets triggers write a table that the definition's effects name, and that is not guarded", async () => {
    const named = {
      ...ecoin,
      effects: {
        visits: harmless("counts them"),
        payments: harmless("no"),
        // Of what a trigger keeps columns it makes and deletes no row.
        "visits.adds": keeps("sums(n)", "Sums."),
      },
    };
    await test.query(
      `create table visits (n int); create table sums (n int); grant insert, truncate on visits to "${commit}";
       grant insert on payments to "${commit}"; grant insert, update, delete on sums to "${commit}"`,
    );
    const found = await wrongRoles(test.operator, "ecoin", roles, [
      ...(await wantedOnPlatform(test.operator, named, roles)),
      ...(await grantedForEffects(test.operator, named, roles)),
    ]);
    await test.query(`drop table visits, sums; revoke insert on payments from "${commit}"`);
    expect(found).toEqual([
      `${commit} may insert on public.payments, by a grant of its own or to everybody: as the database's administrator: \`revoke insert on public.payments from "${commit}", public\``,
      `${commit} may delete, insert on public.sums, by a grant of its own or to everybody: as the database's administrator: \`revoke delete, insert on public.sums from "${commit}", public\``,
      `${commit} may truncate on public.visits, by a grant of its own or to everybody: as the database's administrator: \`revoke truncate on public.visits from "${commit}", public\``,
    ]);
    expect(await wrong()).toEqual([]);
  });
});
