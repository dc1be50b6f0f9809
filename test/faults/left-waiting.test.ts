import pg from "pg";
import { afterEach, expect, it } from "vitest";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import type { TestServices } from "../support/services.ts";
import { acts } from "./acts.ts";
import { whatDoesNotHold } from "./holds.ts";
import { run, smallWorlds } from "./worlds.ts";

const lent = smallWorlds();
let test: TestServices;
afterEach(() => test.close());

/** As the platform's people may set it for everybody: their own sessions leave no transaction waiting. */
async function everybodyEndsAfter(time: string): Promise<void> {
  const database = pg.escapeIdentifier(new URL(test.url).pathname.slice(1));
  await test.query(
    `alter database ${database} set idle_in_transaction_session_timeout = '${time}'`,
  );
  await test.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
  );
}

it("W3 B2 R17 B13 a database that ends transactions left waiting for a moment ends none of a wave, a drill, a rollback or an erasure", async () => {
  test = await lent.lend("approved");
  await everybodyEndsAfter("1ms");
  for (const name of ["commit 1", "verify 1", "drill"] as const) await acts[name](test);
  expect(await whatDoesNotHold(test, run)).toEqual([]);
  for (const name of ["preview-rollback", "rollback"] as const) await acts[name](test);
  expect(await whatDoesNotHold(test, run)).toEqual([]);
  expect(await faultsOfBundle(test, run)).toEqual([]);
  await acts.erase(test);
});
