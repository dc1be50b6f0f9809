import {
  all,
  any,
  birthDate,
  constant,
  createdAt,
  defineMigration,
  email,
  field,
  integerKey,
  is,
  label,
  linked,
  mapped,
  name,
  otherwise,
  phone,
  reference,
  referenced,
  run,
  staged,
  status,
  table,
  view,
} from "../../lib/define/builders.ts";
import { french } from "./french.ts";
import { historical, lead, registered } from "./kinds.ts";
import { noNames, waiting } from "./placeholders.ts";
import { checks, goNoGo, report, samples, stops } from "./review.ts";
import { rules } from "./rules.ts";

const person = [
  "nom",
  "prenom",
  "date_naissance",
  "telephone",
  "email",
  "adresse",
  "niveau",
  "statut",
  "formation_id",
  "session_ecoin_id",
  "remarque",
  "created_at",
  "updated_at",
];

/** The ECOIN legacy platform: students, archives, their trainings and sessions. */
export const ecoin = defineMigration({
  name: "ecoin",
  title: "ECOIN: students, archives and their trainings",
  connection: "legacy",
  priority: "That historical completed training comes first",

  source: {
    formations: table(integerKey("id"), "nom", "prix", "duree", "created_at", "updated_at"),
    session_ecoins: table(integerKey("id"), "code", "formation_id", "date_debut", "date_fin"),
    stagiaires: table(integerKey("id"), ...person),
    archives: table(integerKey("id"), ...person, "archived_at"),
  },

  references: {
    // A formation is the course of the same name, or a person says which; none is ever created.
    course: {
      kind: "by_name",
      from: "formations",
      id: "id",
      label: "nom",
      platform: { table: "courses", id: "id", label: "name" },
      suggestFrom: 0.6,
      staging: {
        table: "legacy_course_mappings",
        id: "legacy_formation_id",
        label: "legacy_name",
        target: "course_id",
      },
    },
    // Waiting lists were kept as sessions 1, 2 and 235 and as "Session-Attente": never a cohort.
    session: {
      kind: "by_code",
      from: "session_ecoins",
      id: "id",
      code: "code",
      parent: { reference: "course", column: "formation_id" },
      placeholder: {
        ids: [1, 2, 235],
        codeContains: ["Session-Attente"],
        codeSuggests: waiting,
        says: "a waiting list, and that is never a cohort",
      },
      types: {
        real: "real_session",
        placeholder: "placeholder_session",
        unknown: "unknown_session",
      },
      platform: { table: "course_sessions", id: "id", code: "code", parent: "course_id" },
      staging: {
        table: "legacy_session_mappings",
        id: "legacy_session_id",
        code: "code",
        target: "course_session_id",
        type: "session_type",
      },
    },
  },

  entity: {
    from: ["stagiaires", "archives"],
    staging: {
      table: "legacy_student_imports",
      views: [
        view(
          "legacy_training_imports",
          "id",
          "run_id",
          "student_import_id = id",
          "legacy_formation_id",
          "legacy_session_id",
          "session_type",
          "import_action",
        ),
      ],
    },

    fields: {
      full_name: name("nom", "prenom", {
        placeholders: noNames,
        typed: "none",
        longest: 500,
        as: { folded: "name_folded", key: "name_key" },
      }),
      // Who typed a row often left the day itself, or the first that the calendar offered.
      birth_date: birthDate("date_naissance", { implausible: ["1900-01-01"], youngest: 10 }),
      // A reception's or an agency's number says nothing about a person.
      phone: phone("telephone", { region: "DZ", shared: { rows: 5, names: 3 } }),
      email: email("email", { placeholders: ["/", "NULL", "Ecoin.hank@gmail.com"], sharedBy: 5 }),
      raw_status: status("statut", { as: "status_key" }),
      legacy_formation_id: reference("formation_id", "course"),
      legacy_session_id: reference("session_ecoin_id", "session"),
      legacy_created_at: createdAt("created_at"),
    },

    validate: rules,

    decide: {
      classification: [
        { is: "completed", when: is("raw_status", "Formée") },
        { is: "archived_training", when: is("raw_status", "Archivé", "archivé", "Archivè") },
        { is: "registered", when: is("raw_status", "Confirmer") },
        // Those who postponed are registered only if they hold a seat in a real session.
        {
          is: "registered",
          when: all(is("raw_status", "Reporter"), referenced("session", "real_session")),
        },
        {
          is: "lead_only",
          when: is(
            "raw_status",
            ...["Informer", "informer", "nouveau", "Ne répond pas", "Reporter"],
          ),
        },
        { is: "unknown", when: otherwise },
      ],
      session_type: [
        { is: "real_session", when: referenced("session", "real_session") },
        { is: "placeholder_session", when: referenced("session", "placeholder_session") },
        { is: "none", when: referenced("session", "none") },
        { is: "unknown_session", when: otherwise },
      ],
      // Advice only: what a wave does with a row is the plan's.
      import_action: [
        { is: "create_course_interest", when: lead },
        {
          is: "create_legacy_enrollment",
          when: all(registered, referenced("session", "real_session")),
        },
        {
          is: "create_legacy_completed_training",
          when: all(historical, referenced("course", "mapped", "confirmed")),
        },
        { is: "needs_review", when: otherwise },
      ],
    },

    match: {
      against: [
        {
          table: "users",
          id: "id",
          name: "full_name",
          phone: "phone",
          email: "email",
          birthDate: "birth_date",
          linkedAs: "imported_user_id",
        },
        {
          table: "crm_leads",
          id: "id",
          name: "full_name",
          phone: "phone",
          email: "email",
          birthDate: "birth_date",
          madeByRun: "legacy_import_run_id",
          linkedAs: "imported_lead_id",
        },
      ],
      similarity: 0.5,
      cap: 200,
      onePerPerson: ["lead_only"],
    },

    actions: {
      create_course_interest: {
        into: "crm_leads",
        id: "id",
        values: {
          full_name: staged("full_name"),
          phone: staged("phone_normalized"),
          email: staged("email_normalized"),
          birth_date: staged("birth_date"),
          course_id: mapped("course"),
          source: constant("legacy"),
          legacy_import_run_id: run,
        },
        importedAs: "imported_lead_id",
        inverse: "delete_created",
      },
      create_legacy_completed_training: {
        into: "legacy_completed_trainings",
        id: "id",
        values: {
          legacy_import_run_id: run,
          source_table: staged("source_table"),
          legacy_id: staged("legacy_id"),
          user_id: linked("users"),
          full_name: staged("full_name"),
          phone: staged("phone_normalized"),
          email: staged("email_normalized"),
          birth_date: staged("birth_date"),
          course_id: mapped("course"),
          legacy_course_name: label("course"),
          legacy_session_code: label("session"),
          classification: staged("classification"),
        },
        identity: { source_table: staged("source_table"), legacy_id: staged("legacy_id") },
        importedAs: "imported_completed_training_id",
        inverse: "delete_created",
      },
      create_legacy_enrollment: {
        into: "legacy_imported_enrollments",
        id: "id",
        values: {
          legacy_import_run_id: run,
          source_table: staged("source_table"),
          legacy_id: staged("legacy_id"),
          user_id: linked("users"),
          full_name: staged("full_name"),
          phone: staged("phone_normalized"),
          email: staged("email_normalized"),
          course_session_id: mapped("session"),
        },
        identity: { source_table: staged("source_table"), legacy_id: staged("legacy_id") },
        importedAs: "imported_enrollment_id",
        inverse: "delete_created",
      },
    },

    // Read from the top: the first line that applies decides what a wave does with a row.
    plan: [
      { when: field("validation_status", "failed"), fail: "name_missing", says: "No usable name." },
      {
        when: field("moved_before", "yes"),
        skip: "moved_before",
        says: "An earlier run moved this legacy row already.",
      },
      {
        when: field("import_action", "needs_review"),
        hold: "needs_review",
        says: "Status, course or session leave open what this row is.",
      },
      {
        when: field("high_hits", "several"),
        hold: "several_high_matches",
        says: "Several people on the platform carry this phone or e-mail.",
      },
      {
        when: field("validation_status", "needs_review"),
        hold: "validation_needs_review",
        says: "A rule asks a person to look at this row.",
      },
      {
        when: field("later_of_person", "yes"),
        hold: "later_lead_of_one_person",
        says: "An earlier row of the same person is the one that commits.",
      },
      {
        when: all(
          field("import_action", "create_course_interest", "create_legacy_enrollment"),
          field("another_person", "yes"),
        ),
        hold: "contact_of_another_person",
        says: "Whoever has this phone or e-mail on the platform has another name or birth date.",
      },
      {
        when: all(
          field("import_action", "create_course_interest", "create_legacy_enrollment"),
          field("high_hits", "one"),
        ),
        link: true,
        says: "The platform knows this person: the row is linked, nothing is created.",
      },
      {
        when: all(
          field("import_action", "create_course_interest"),
          any(field("duplicate_confidence", "medium", "low")),
        ),
        hold: "possible_duplicate",
        says: "The platform may know this person: a lead with any such hint waits.",
      },
      {
        when: field("import_action", "create_course_interest"),
        commit: "create_course_interest",
        says: "A lead.",
      },
      {
        when: all(
          field("import_action", "create_legacy_enrollment"),
          referenced("session", "confirmed"),
        ),
        commit: "create_legacy_enrollment",
        says: "A registration in a confirmed real session.",
      },
      {
        when: field("import_action", "create_legacy_enrollment"),
        hold: "session_not_confirmed",
        says: "The session is real, but nobody confirmed which one it is on the platform.",
      },
      {
        when: field("import_action", "create_legacy_completed_training"),
        commit: "create_legacy_completed_training",
        says: "A completed training, with the user it belongs to where there is exactly one.",
      },
      { when: otherwise, hold: "nothing_applies", says: "No line of the plan fits this row." },
    ],
  },

  focus: {
    default: "historical_completed",
    modes: {
      historical_completed: ["completed", "archived_training"],
      registered_pending: ["registered"],
      lead_only: ["lead_only"],
    },
  },

  waves: {
    plan: [25, 100, 100, 250],
    order: ["completed", "archived_training", "registered", "lead_only"],
    first: ["completed"],
  },

  report,

  stops,

  samples,

  checks,

  goNoGo,

  guarded: ["users", "enrollments", "payments", "attendances"],
  reads: ["courses", "course_sessions"],

  translations: {
    en: {
      create_course_interest: "a lead in the CRM",
      create_legacy_enrollment: "an imported enrolment",
      create_legacy_completed_training: "a completed training of the legacy platform",
    },
    fr: french,
  },
});
