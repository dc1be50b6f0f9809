import { type Builder, day, type Size, userId } from "./school.ts";

/** Ids of people for whom something is not right. */
export const strange = { shared: 9_001, sharedToo: 9_002, unnamed: 9_003, unknown: 9_099 };

/** Teachers are 1 and on, students 1,001 and on. */
export const teacher = (n: number) => userId(n);
export const student = (n: number) => userId(1_000 + n);

export function addUsers(school: Builder, { students, teachers }: Size): void {
  const user = (id: string, kind: string, sub?: string, made = day(0)) => {
    school.add("auth.users", {
      id,
      email: `someone.${id.slice(-4)}@school.example`,
      created_at: made,
    });
    if (sub !== undefined) school.add("user_subs", { legacy_id: id, sub });
    school.plant("user", id, kind);
  };
  for (let n = 1; n <= teachers; n++) user(teacher(n), "plain", `teacher-${n}`);
  for (let n = 1; n <= students; n++) user(student(n), "plain", `student-${n}`);
  user(userId(strange.shared), "shares_a_name_first", "shared-1", day(1));
  user(userId(strange.sharedToo), "shares_a_name", "shared-1", day(2));
  user(userId(strange.unnamed), "without_a_new_name");
}
