import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  chooseSetting,
  type Isolation,
  namespaceWorks,
  ordinaryAccount,
} from "../../../lib/embedded/postgres/account.ts";
import { findBinaries } from "../../../lib/embedded/postgres/binaries.ts";
import { startPostgres } from "../../../lib/embedded/postgres/start.ts";
import { newFolder, query, removeFolder } from "./support.ts";

const isRoot = process.geteuid?.() === 0;
/** Every way in which the user who runs this test can run a server on this machine. */
const WAYS: Isolation[] = isRoot
  ? namespaceWorks(ordinaryAccount())
    ? ["auto", "namespace", "account"]
    : ["auto", "account"]
  : ["auto"];

let outer: string;
let directory: string;

beforeEach(async () => {
  outer = await newFolder();
  await chmod(outer, 0o700);
  directory = join(outer, "checkout", "database");
});
afterEach(async () => {
  await removeFolder(directory);
  await removeFolder(outer);
});

it.each(WAYS)("runs (%s) in a folder that others may not enter, and leaves it so", async (way) => {
  const first = await startPostgres({ directory, isolation: way });
  await query(first.url, "CREATE TABLE notes AS SELECT 'kept' AS body");
  await first.stop();
  // Which way the data was made decides from then on.
  const second = await startPostgres({ directory });
  expect(await query(second.url, "SELECT body FROM notes")).toEqual([{ body: "kept" }]);
  await second.stop();
  expect((await stat(outer)).mode & 0o777).toBe(0o700);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
});

it.each(WAYS)("keeps the data (%s) when root has to run it in another way later", async (way) => {
  const first = await startPostgres({ directory });
  await query(first.url, "CREATE TABLE notes AS SELECT 'kept' AS body");
  await first.stop();
  const second = await startPostgres({ directory, isolation: way });
  expect(await query(second.url, "SELECT body FROM notes")).toEqual([{ body: "kept" }]);
  await second.stop();
});

it("runs no program as root", async () => {
  await mkdir(directory, { recursive: true });
  const { runner } = await chooseSetting(directory, await findBinaries(), "auto");
  expect(runner.kind === "self" ? process.geteuid?.() : runner.account.uid).toBeGreaterThan(0);
});
