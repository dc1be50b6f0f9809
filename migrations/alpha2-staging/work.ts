import {
  all,
  beside,
  choice,
  constant,
  entity,
  file,
  hold,
  integer,
  is,
  list,
  missing,
  noted,
  of,
  once,
  ref,
  skip,
  template,
  text,
  theirs,
  timestamp,
  uuid,
  when,
} from "../../lib/define/builders.ts";
import { written } from "../alpha2/times.ts";
import {
  answers,
  largest,
  material as legacyMaterial,
  submission as legacySubmission,
  task as legacyTask,
} from "../alpha2/work.ts";

const [inSection, applet, typed, withContent, , ...others] = legacyMaterial.plan;

/** What the elements of sections' lists became there; an address has a column of its own. */
export const material = entity("material", {
  ...legacyMaterial,
  from: ["materials"],
  fields: {
    section_no: text("section_id"),
    place: integer("row.place"),
    own_no: uuid("id", { derived: true }),
    type: choice("kind", { markdown: "text", link: "link", file: "file", applet: "applet" }),
    title: template("{title}", "Ohne Titel"),
    content: text("body_md", { lines: true }),
    url: text("legacy_url"),
    link: template("[{title}]({legacy_url})", "<{legacy_url}>"),
    gone: template(
      "Datei nicht verfügbar: {title}",
      "Datei nicht verfügbar: {legacy_url}",
      "Datei nicht verfügbar: {storage_key}",
      "Datei nicht verfügbar",
    ),
    file_name: template("{title}", "Datei"),
    made: timestamp("created_at", written),
    blob: file("storage_key", {
      within: "section_materials",
      types: ["image/jpeg", "image/png", "image/webp", "application/pdf"],
      most: largest,
      says: { size: "size_bytes", sha256: "sha256", type: "mime_type" },
    }),
  },
  refs: { section: ref("section", "section_no") },
  once: once(["blob"], { by: ["made"] }),
  plan: [
    inSection,
    applet,
    typed,
    withContent,
    when(all(is("type", "link"), missing("url")), hold("link_missing")),
    ...others,
  ],
});

/** Tasks that a section has: both halves of one. */
export const task = entity("task", {
  ...legacyTask,
  from: ["tasks"],
  fields: {
    section_no: text("section_id"),
    place: integer("row.place"),
    words: text("base.instruction_md", { lines: true }),
    criteria: list("base.assessment_criteria", { most: 10 }),
    hints: text("base.hints_md", { lines: true }),
    tries: integer("max_attempts"),
    made: timestamp("created_at", written),
    changed: timestamp("created_at", written),
  },
  refs: { section: ref("section", "section_no") },
});

const { fields, refs, decide, plan } = legacySubmission;
const [student, taskOf, ...further] = plan;

const answer = {
  course_id: of("course", "course_id"),
  task_id: of("task"),
  student_sub: of("student", "sub"),
  kind: "answer_kind",
  attempt_nr: "attempt",
  // Nobody waits for an analysis of what is over.
  analysis_status: constant("completed"),
  created_at: "at",
  idempotency_key: "key",
};

/** Answers, each in the one course that shows it: what was thought of them is not told here. */
export const submission = entity("submission", {
  ...legacySubmission,
  from: ["submissions"],
  fields: {
    task_no: text("task_id"),
    student_name: template("{by_id.sub}", "legacy:{by_id.id}", "{student_sub}"),
    section_no: text("task.section_id"),
    unit_no: text("section.unit_id"),
    attempt: integer("row.place"),
    at: timestamp("created_at", written),
    kind: choice("kind", { text: "text", image: "image", file: "file" }),
    body: { ...fields.body, from: "text_body" },
    path: text("storage_key"),
    blob: file("storage_key", {
      within: "submissions",
      types: ["image/jpeg", "image/png", "application/pdf"],
      says: { size: "size_bytes", sha256: "sha256", type: "mime_type" },
      most: 10_485_760,
    }),
    key: template("legacy:{id}"),
  },
  refs: {
    student: ref("user", { sub: "student_name" }),
    task: ref("task", "task_no"),
    course: {
      ...refs.course,
      beside: [
        beside("membership", { course_no: theirs("course_no"), student_name: "student_name" }),
        beside(
          "release",
          { course_no: theirs("course_no"), section_no: "section_no" },
          { is: { visible: "yes" }, rather: ["told", "at"] },
        ),
      ],
    },
  },
  decide: { answer_kind: decide.answer_kind },
  actions: answers(answer),
  plan: [
    student,
    taskOf,
    when(noted("kind_unlisted"), skip("unsupported_kind")),
    when(all(is("kind", "image", "file"), missing("path")), skip("invalid_payload")),
    // Which of somebody's answers it was, and which course showed its task then, only a time tells.
    when(missing("at"), hold("time_missing")),
    ...further,
  ],
});

/** In the order in which they are written. */
export const work = [material, task, submission] as const;
