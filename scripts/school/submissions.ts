import { bytesOf } from "./bytes.ts";
import { sectionsOf, twins } from "./courses.ts";
import { type Builder, day, id, type Size, submissionId, taskId, userId } from "./school.ts";
import { odd, taskOf } from "./tasks.ts";
import { strange, student } from "./users.ts";

const bucket = "submissions";
export const placeholders = [
  "[Wird verarbeitet...]",
  "[Fehler: Datei nicht gefunden]",
  "[Fehler: PDF-Konvertierung fehlgeschlagen]",
  "[Text nicht erkennbar]",
  "[KEIN TEXT ERKENNBAR]",
  "[Fehler bei der Verarbeitung]",
];

export function addSubmissions(school: Builder, { students, courses, submissions }: Size): void {
  let next = 0;
  const tries = new Map<string, number>();
  const hand = (
    kind: string,
    who: string,
    task: string,
    data: unknown,
    at = day(10),
    more = {},
  ) => {
    const key = submissionId(++next);
    const attempt = (tries.get(`${who} ${task}`) ?? 0) + 1;
    tries.set(`${who} ${task}`, attempt);
    school.add("submission", {
      ...{ id: key, student_id: who, task_id: task, submitted_at: at, submission_data: data },
      ...{
        attempt_number: attempt,
        feedback_status: "completed",
        ai_feedback: "Good.",
        created_at: at,
      },
      ...{ updated_at: at, feedback_generated_at: null, ...more },
    });
    school.plant("submission", key, kind);
  };
  const upload = (type: string, bytes: Buffer | undefined, name = `s_${next + 1}.${type}`) => {
    const path = `student_s/task_t/${name}`;
    if (bytes !== undefined) school.files.set(`${bucket}/${path}`, bytes);
    return { text: placeholders[0], file_path: path, file_type: type, original_filename: "mine" };
  };
  const courseOf = (who: number) => 1 + (who % courses);
  for (let n = 0; n < submissions; n++) {
    const who = 5 + (n % Math.max(1, students - 4));
    const task = taskOf(sectionsOf(courseOf(who))[n % 3] ?? 0);
    const at = day(10 + (n % 20), "09:30:00+02");
    if (n % 5 === 4)
      hand(
        "file",
        student(who),
        task,
        upload(n % 2 ? "pdf" : "jpg", bytesOf(n % 2 ? "pdf" : "jpg", n)),
        at,
      );
    else hand("text", student(who), task, { text: `Answer ${n}.` }, at);
  }

  const mine = student(5);
  const task = taskOf(sectionsOf(courseOf(5))[0] ?? 0);
  for (const text of placeholders) hand("placeholder", mine, task, { text });
  hand("nothing", mine, task, {});
  hand("blank", mine, task, { text: "  " });
  hand("no_object", mine, task, "just a text");
  hand("file", mine, task, upload("png", bytesOf("png", 1)));
  hand("file", mine, task, { ...upload("jpeg", bytesOf("jpg", 2)), text: null });
  hand("file_missing", mine, task, upload("pdf", undefined));
  hand("file_too_large", mine, task, upload("pdf", bytesOf("pdf", 3, 10_485_761)));
  hand("file_of_another_type", mine, task, upload("webp", bytesOf("jpg", 4)));
  hand("file_of_a_type_not_taken", mine, task, upload("webp", bytesOf("webp", 5)));
  hand("file_outside", mine, task, { ...upload("pdf", undefined), file_path: "../secrets.pdf" });
  hand("failed", mine, task, { text: "Judged in vain." }, day(11), { feedback_status: "failed" });
  hand("pending", mine, task, { text: "Never judged." }, day(12), { feedback_status: "pending" });
  hand("around_the_clock_change", mine, task, { text: "Late." }, "2025-03-30 02:30:00+01");
  hand("of_nobody", userId(strange.unknown), task, { text: "Who?" });
  hand("of_a_shared_name", userId(strange.sharedToo), task, { text: "Which of us?" });
  hand("of_no_task", mine, id(6, 8_888), { text: "What?" });
  hand("of_a_mastery_task", mine, taskId(odd.mastery), { text: "Drilled." });
  hand("of_a_held_task", mine, taskId(odd.blank), { text: "Blank." });
  hand("of_a_task_without_a_section", mine, taskId(odd.lost), { text: "Lost." });
  // Who is in no course that shows the task.
  hand("in_no_course", student(6), taskOf(sectionsOf(courseOf(7))[0] ?? 0), { text: "Whose?" });
  hand("in_a_course_that_shows_nothing", student(4), taskOf(11), { text: "Hidden." });
  const [both = 0, one = 0, later = 0] = sectionsOf(twins.unit);
  hand("in_two_courses", student(1), taskOf(both), { text: "Both." });
  hand("in_two_courses_one_shows", student(2), taskOf(one), { text: "One." });
  hand("in_two_courses_one_by_then", student(3), taskOf(later), { text: "By then." }, day(20));
  hand("in_two_courses", student(3), taskOf(later), { text: "Both by then." }, day(50));
}
