import { afterAll, beforeAll, expect, it } from "vitest";
import { raw } from "../../lib/data/sql.ts";
import { withServices } from "../../lib/services/lambda.ts";
import { reviewed, reviewedServices, type TestServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await reviewedServices();
});
afterAll(() => test?.close());

/** How a step ends that waits for its run's row a moment, as steps wait half a minute. */
const step = () =>
  withServices(
    () =>
      test.services.stage.transaction(async (transaction) => {
        await transaction.execute(raw("set local lock_timeout = '100ms'"));
        await transaction.execute(
          raw(`update wavegate.legacy_import_runs set updated_at = now() where id = '${reviewed}'`),
        );
      }),
    test.services,
  ).then(
    () => "It ended well.",
    ({ name, message }: Error) => `${name}: ${message}`,
  );

const says = (who: string) =>
  new RegExp(
    `^DatabaseContended: Somebody else wrote the same rows at the same moment \\(SQLState: 55P03, a lock was not given in time\\)\\. Nothing of this was written; it may be sent again\\. Just now: ${who}\\. A transaction that somebody forgot is ended by \`select pg_terminate_backend\\(PROCESS\\)\`, as whoever administers the database\\.$`,
    "u",
  );

it("W13 a step that somebody's forgotten transaction keeps out is told which one, be it of a row or of a table", async () => {
  await test.admin.transaction(async (forgotten) => {
    await forgotten.execute(
      raw(`select from wavegate.legacy_import_runs where id = '${reviewed}' for update`),
    );
    expect(await step()).toMatch(says("process \\d+ works on rows of legacy_import_runs"));
    await forgotten.execute(raw("lock table users, wavegate.legacy_import_runs"));
    expect(await step()).toMatch(says("process \\d+ holds legacy_import_runs, users"));
  });
  expect(await step()).toBe("It ended well.");
});
