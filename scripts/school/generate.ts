import { readFileSync } from "node:fs";
import { addCourses } from "./courses.ts";
import { addMaterials } from "./materials.ts";
import { Builder, type School, type Size } from "./school.ts";
import { addSubmissions } from "./submissions.ts";
import { addTasks } from "./tasks.ts";
import { addUsers } from "./users.ts";

const table = new URL("../../migrations/alpha2/sample/truth.csv", import.meta.url);

/** What becomes of a row of a kind: written by hand, never by the program that it judges. */
export interface Truth {
  readonly entity: string;
  readonly kind: string;
  readonly state: string;
  readonly reason: string;
}

export const truth: readonly Truth[] = readFileSync(table, "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => {
    const [entity = "", kind = "", state = "", reason = ""] = line.split(",");
    return { entity, kind, state, reason };
  });

export const whole: Size = { students: 300, teachers: 20, courses: 24, submissions: 1_200 };
/** The smallest in which every kind of dirt stands. */
export const small: Size = { students: 24, teachers: 4, courses: 6, submissions: 60 };

/** A school: of one size always the same. */
export function schoolOf(size: Size): School {
  const school = new Builder();
  addUsers(school, size);
  addCourses(school, size);
  addMaterials(school, size);
  addTasks(school, size);
  addSubmissions(school, size);
  return school;
}
