import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { TestServices } from "../../support/services.ts";
import { reviewedRun } from "../../support/steps.ts";
import { communityServices } from "./platform.ts";

const run = "7f3a0000-0000-4000-8000-00000000c0de";
const globalKey = createHash("sha1")
  .update("profile:course_completion:200001:global")
  .digest("hex");

let test: TestServices;
beforeAll(async () => {
  test = await communityServices();
  // Of the communities that link a course the first was deleted since; another course has a deleted one alone.
  await test.query(`
    update communities set deleted_at = '2025-01-01Z' where id = 20;
    insert into community_course_links (community_id, course_id, default_role) values
      (20, 520, 'student'), (25, 520, 'student'), (26, 520, 'student'), (38, 538, 'student'), (39, 538, 'student');
    insert into certificates (id, user_id, course_id, identifier, created_at) values
      (200001, 1, 520, 'KNOWN', '2024-01-01Z'), (200002, 2, 520, 'NEW', '2024-01-01Z'), (200003, 3, 538, 'GONE', '2024-01-01Z');
    insert into profile_activities (user_id, activity_type, subject_type, subject_id, idempotency_key, occurred_at)
    values (1, 'course.completed', 'certificate', 200001, '${globalKey}', '2024-01-01Z')`);
  await reviewedRun(test, run);
});
afterAll(() => test?.close());

it("C5 C8 a global entry becomes that of the first community that is still there, and none stays beside it", async () => {
  expect(
    await test.query(
      `select certificate::int, community::int, planned, planned_reason as why
         from wavegate.community_completion where run_id = $1 and certificate > 200000 order by 1, 2`,
      [run],
    ),
  ).toEqual([
    { certificate: 200001, community: 25, planned: "update", why: null },
    { certificate: 200001, community: 26, planned: "commit", why: null },
    { certificate: 200002, community: 25, planned: "commit", why: null },
    { certificate: 200002, community: 26, planned: "commit", why: null },
    { certificate: 200003, community: null, planned: "skip", why: "community_deleted" },
  ]);
});
