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
