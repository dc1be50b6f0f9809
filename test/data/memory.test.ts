import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSettings } from "../../lib/data/database.ts";
import { raw, sql } from "../../lib/data/sql.ts";
import { type TestServices, testServices } from "../support/services.ts";

let test: TestServices;
beforeAll(async () => {
  test = await testServices();
});
afterAll(() => test.close());

describe("W3 the memory of a statement follows the instance", () => {
  it.each([
    // What a database says it has for caching, as Aurora sets it by the size of the instance.
    ["256MB", "16MB"],
    ["1GB", "64MB"],
    ["4GB", "256MB"],
    ["64GB", "256MB"],
  ])("with a cache of %s a sort takes %s at most", async (cache, memory) => {
    const found = await test.services.stage.transaction(async (db) => {
      await db.rows(sql`select set_config('effective_cache_size', ${cache}, true)`);
      await db.rows(localSettings);
      return db.one<{ memory: string }>(raw("select current_setting('work_mem') as memory"));
    });
    expect(found).toEqual({ memory });
  });
});

it("B2 D33 W3 a long transaction reads and writes days and moments by no setting of the platform's, and is ended by none", async () => {
  const found = await test.services.stage.transaction(async (db) => {
    await db.rows(
      raw(`
      select set_config('timezone', 'America/St_Johns', true), set_config('datestyle', 'SQL, DMY', true),
             case when current_setting('server_version_num')::int >= 170000 then set_config('transaction_timeout', '10min', true) end`),
    );
    await db.rows(localSettings);
    return db.one(
      raw(`
      select current_setting('timezone') as zone, current_setting('datestyle') as days,
             coalesce(current_setting('transaction_timeout', true), '0') as ends`),
    );
  });
  expect(found).toEqual({ zone: "UTC", days: "ISO, MDY", ends: "0" });
});
