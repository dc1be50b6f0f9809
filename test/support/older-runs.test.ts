import { afterEach, expect, it } from "vitest";
import { olderMarks, olderRun } from "./older-runs.ts";
import { agedServices, type TestServices } from "./services.ts";

let test: TestServices;
afterEach(() => test.close());

const hints = "wavegate.legacy_student_imports_decisions";
const one = `${hints} where run_id = $1 and staged_id = (select min(staged_id) from ${hints} where run_id = $1)`;

it.each([
  [
    "writes",
    `update ${hints} set run_id = run_id where (run_id, staged_id) in (select run_id, staged_id from ${one})`,
  ],
  [
    "deletes",
    `delete from ${hints} where (run_id, staged_id) in (select run_id, staged_id from ${one})`,
  ],
])("B8 whoever %s a row of an older run is seen, and who looks is not", async (_, statement) => {
  test = await agedServices();
  const before = await olderMarks(test);
  expect(await olderMarks(test)).toEqual(before);
  await test.query(statement, [olderRun.complete]);
  expect(await olderMarks(test)).not.toEqual(before);
});
