import {
  all,
  any,
  beside,
  choice,
  commit,
  constant,
  count,
  derived,
  entity,
  file,
  hold,
  insert,
  integer,
  is,
  json,
  kept,
  list,
  missing,
  need,
  noted,
  noting,
  of,
  once,
  orDefault,
  otherwise,
  present,
  ref,
  referenced,
  same,
  skip,
  template,
  text,
  theirs,
  timestamp,
  uuid,
  when,
} from "../../lib/define/builders.ts";
import { written } from "./times.ts";

/** Bytes of the longest file whose length the platform's column takes. */
export const largest = 2_147_483_647;
const tenMegabytes = 10_485_760;

const place = { unit_id: of("section", "unit_id"), section_id: of("section") };
const shown = { ...place, title: "title", position: "place", created_at: orDefault("made") };
const materialAs = { id: kept({ id: "own_no" }), importedAs: "imported_material_id" };

/** What a row says of the copy of its file. */
const copied = {
  storage_key: "blob_key",
  mime_type: "blob_type",
  size_bytes: "blob_size",
  sha256: "blob_sha256",
};

/** What the elements of a section's list are: texts, links and files; what cannot be shown safely is held. */
export const material = entity("material", {
  from: ["materials"],
  fields: {
    section_no: text("id"),
    place: integer("item.place"),
    own_no: uuid("item.id", { derived: true }),
    type: choice("item.type", { markdown: "text", link: "link", file: "file", applet: "applet" }),
    title: template("{item.title}", "{item.filename}", "Ohne Titel"),
    content: text("item.content", { lines: true }),
    link: template("[{item.title}]({item.content})", "<{item.content}>"),
    gone: template(
      "Datei nicht verfügbar: {item.filename}",
      "Datei nicht verfügbar: {item.title}",
      "Datei nicht verfügbar: {item.path}",
      "Datei nicht verfügbar",
    ),
    file_name: template("{item.filename}", "{item.title}", "Datei"),
    // The editor kept a zone's name where the time should be: when the section was made is what there is.
    made: timestamp("created_at", written),
    blob: file("item.path", {
      within: "section_materials",
      types: ["image/jpeg", "image/png", "image/webp", "application/pdf"],
      most: largest,
      says: { size: "item.size", sha256: "item.sha256", type: "item.mime_type" },
    }),
  },
  refs: { section: ref("section", "section_no") },
  once: once(["blob"], { by: ["made"] }),
  validate: [
    {
      id: "id_made",
      says: "The material has no id that can be kept: it gets one of its own.",
      when: noted("own_no_unreadable"),
      verdict: "note",
    },
  ],
  decide: {},
  actions: {
    text: insert("unit_materials", { ...shown, body_md: "content" }, materialAs),
    link: insert("unit_materials", { ...shown, body_md: "link" }, materialAs),
    gone: insert("unit_materials", { ...shown, body_md: "gone" }, materialAs),
    file: insert(
      "unit_materials",
      {
        ...shown,
        kind: constant("file"),
        body_md: constant(""),
        filename_original: "file_name",
        ...copied,
      },
      { ...materialAs, copies: "blob" },
    ),
  },
  is: [same({ id: "own_no" })],
  there: "keep",
  plan: [
    need("section", skip("section_missing")),
    when(is("type", "applet"), hold("applet")),
    when(any(missing("type"), noted("type_unlisted")), hold("material_type")),
    when(all(is("type", "text"), missing("content")), hold("content_missing")),
    when(all(is("type", "link"), missing("content")), hold("link_missing")),
    when(noted("blob_mismatch"), skip("blob_mismatch")),
    when(noted("blob_unsafe"), hold("blob_unsafe")),
    when(noted("blob_unreadable"), hold("blob_unreadable")),
    when(is("later_of_person", "yes"), hold("file_used_twice")),
    when(is("type", "text"), commit("text")),
    when(is("type", "link"), noting("material_as_link", commit("link"))),
    when(present("blob_key"), commit("file")),
    when(
      any(noted("blob_unfit"), noted("blob_too_long")),
      noting("blob_unsupported", commit("gone")),
    ),
    when(any(noted("blob_absent"), missing("blob")), noting("blob_missing", commit("gone"))),
    hold("file_unknown"),
  ],
  report: {
    counts: [
      count(
        "materials_as_links",
        "Materials that come as a link or a note",
        is("planned_reason", "material_as_link", "blob_missing", "blob_unsupported"),
      ),
    ],
    distributions: [],
    sections: [],
  },
});

/** Tasks that a section has: both halves of one, with what an answer is judged by. */
export const task = entity("task", {
  from: ["tasks"],
  fields: {
    section_no: text("base.section_id"),
    place: integer("row.place"),
    words: text("base.instruction", { lines: true }),
    criteria: list("grading_criteria", "base.assessment_criteria", { most: 10 }),
    hints: template("{solution_hints}", "{base.solution_hints}"),
    tries: integer("max_attempts"),
    made: timestamp("base.created_at", written),
    changed: timestamp("base.updated_at", written),
  },
  refs: { section: ref("section", "section_no") },
  validate: [
    {
      id: "criteria_cut",
      says: "There are more than ten criteria: the first ten are taken.",
      when: noted("list_cut"),
      verdict: "note",
    },
  ],
  decide: {},
  actions: {
    task: insert(
      "unit_tasks",
      {
        unit_id: of("section", "unit_id"),
        section_id: of("section"),
        instruction_md: "words",
        criteria: "criteria",
        hints_md: "hints",
        max_attempts: "tries",
        position: "place",
        created_at: orDefault("made"),
        updated_at: orDefault("changed"),
      },
      { id: kept({ id: "legacy_id" }), importedAs: "imported_task_id" },
    ),
  },
  is: [same({ id: "legacy_id" })],
  there: "keep",
  plan: [
    need("section", skip("section_missing")),
    when(missing("words"), hold("instruction_missing")),
    commit("task"),
  ],
});

const answer = {
  course_id: of("course", "course_id"),
  task_id: of("task"),
  student_sub: of("student", "sub"),
  kind: "answer_kind",
  attempt_nr: "attempt",
  analysis_status: "analysis",
  analysis_json: "insights",
  feedback_md: "feedback",
  created_at: "at",
  completed_at: "judged",
  idempotency_key: "key",
};
const answerAs = { id: derived("id", "legacy_id"), importedAs: "imported_submission_id" };

/** Answers in words, and those in files, by what else their rows hold. */
export const answers = (answer: Parameters<typeof insert>[1]) => ({
  text: insert("learning_submissions", { ...answer, text_body: "body" }, answerAs),
  file: insert("learning_submissions", { ...answer, ...copied }, { ...answerAs, copies: "blob" }),
});

/**
 * Answers, each in the one course that shows it: where its student is a member, and its section was released; of
 * several rather one that had released it by then. What is left open then nobody guesses (D39).
 */
export const submission = entity("submission", {
  from: ["submissions"],
  fields: {
    task_no: text("task_id"),
    student_no: text("student_id"),
    section_no: text("task.section_id"),
    unit_no: text("section.unit_id"),
    attempt: integer("row.place"),
    at: timestamp("submitted_at", written),
    // What the old editor wrote while it worked is no answer.
    body: text("submission_data.text", {
      lines: true,
      placeholders: [
        "[Wird verarbeitet...]",
        "[Fehler: Datei nicht gefunden]",
        "[Fehler: PDF-Konvertierung fehlgeschlagen]",
        "[Text nicht erkennbar]",
        "[KEIN TEXT ERKENNBAR]",
        "[Fehler bei der Verarbeitung]",
      ],
    }),
    path: text("submission_data.file_path"),
    blob: file("submission_data.file_path", {
      within: "submissions",
      types: ["image/jpeg", "image/png", "application/pdf"],
      says: { type: "submission_data.file_type" },
      most: tenMegabytes,
    }),
    state: choice("feedback_status", { failed: "failed" }, { otherwise: "completed" }),
    insights: json("ai_insights"),
    feedback: template("{teacher_override_feedback}", "{ai_feedback}"),
    judged: timestamp("feedback_generated_at", written),
    key: template("legacy:{id}"),
  },
  refs: {
    student: ref("user", "student_no"),
    task: ref("task", "task_no"),
    course: ref(
      "module",
      { unit_no: "unit_no" },
      {
        beside: [
          beside("membership", { course_no: theirs("course_no"), student_no: "student_no" }),
          beside(
            "release",
            { course_no: theirs("course_no"), section_no: "section_no" },
            { is: { visible: "yes" }, rather: ["told", "at"] },
          ),
        ],
        asks: { as: "course", shows: { of: "course", field: "title" } },
      },
    ),
  },
  once: once(["blob"], { by: ["at"] }),
  decide: {
    answer_kind: [
      { is: "image", when: is("blob_type", "image/jpeg", "image/png") },
      { is: "file", when: is("blob_type", "application/pdf") },
      { is: "text", when: missing("path") },
      { is: "unsupported", when: otherwise },
    ],
    analysis: [
      { is: "failed", when: is("state", "failed") },
      { is: "completed", when: otherwise },
    ],
  },
  actions: answers(answer),
  is: [same({ idempotency_key: "key" })],
  there: "keep",
  plan: [
    need("student", skip("missing_student_identity")),
    need("task", skip("missing_course")),
    when(noted("blob_unsafe"), hold("blob_unsafe")),
    when(noted("blob_unreadable"), hold("blob_unreadable")),
    when(noted("blob_mismatch"), skip("blob_mismatch")),
    when(any(noted("blob_absent"), noted("blob_too_long")), skip("invalid_payload")),
    when(noted("blob_unfit"), skip("unsupported_kind")),
    when(all(missing("path"), noted("body_placeholder")), hold("not_an_answer")),
    when(all(missing("path"), missing("body")), skip("invalid_payload")),
    when(referenced("course", "several"), hold("ambiguous_course")),
    when(referenced("course", "waits"), hold("course_held")),
    need("course", skip("missing_course")),
    when(is("later_of_person", "yes"), hold("file_used_twice")),
    when(missing("path"), commit("text")),
    commit("file"),
  ],
  report: {
    counts: [
      count("submissions_skipped", "Submissions that do not come", is("planned", "skip")),
      count(
        "ambiguous_submissions",
        "Submissions that several courses may be meant by",
        referenced("course", "several"),
      ),
    ],
    distributions: [],
    sections: [],
  },
});

/** In the order in which they are written. */
export const work = [material, task, submission] as const;
