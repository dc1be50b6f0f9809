import pg from "pg";
import { afterEach, expect, it } from "vitest";
import type { Database } from "../../lib/data/database.ts";
import { raw } from "../../lib/data/sql.ts";
import { auditExport } from "../../lib/stages/export-audit.ts";
import { faultsOfBundle } from "../lifecycle/whole-life.ts";
import { setUpAgain, type TestServices } from "../support/services.ts";
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

/** The same database; each of its transactions says at its end how long it is left waiting before PostgreSQL ends it. */
const saying = (db: Database, told: string[]): Database => ({
  ...db,
  transaction: (work, mode) =>
    db.transaction(async (inner) => {
      const done = await work(inner);
      const { time } = await inner.one<{ time: string }>(
        raw("select current_setting('idle_in_transaction_session_timeout') as time"),
      );
      told.push(time);
      return done;
    }, mode),
});

it("W3 W13 of a set-up or an export whose process is ended in the middle nobody waits for minutes", async () => {
  test = await lent.lend("approved");
  await everybodyEndsAfter("3min");
  const [setUp, exported]: [string[], string[]] = [[], []];
  await setUpAgain({ ...test, admin: saying(test.admin, setUp) }, test.definition);
  expect(new Set(setUp)).toEqual(new Set(["30s"]));
  await auditExport({ ...test.services, stage: saying(test.services.stage, exported) }, run);
  expect(exported[0]).toBe("1min");
});
