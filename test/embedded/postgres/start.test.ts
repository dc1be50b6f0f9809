import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { buffersOf } from "../../../lib/embedded/postgres/settings.ts";
import { startPostgres } from "../../../lib/embedded/postgres/start.ts";
import {
  isRunning,
  kill9,
  newFolder,
  query,
  removeFolder,
  serverId,
  startOwner,
} from "./support.ts";

let directory: string;
/** A folder with a cluster that was made and left. */
let used: string;

beforeAll(async () => {
  used = await newFolder();
  await (await startPostgres({ directory: used })).stop();
});
afterAll(() => removeFolder(used));
beforeEach(async () => {
  directory = await newFolder();
});
afterEach(() => removeFolder(directory));

/** Has the test's folder hold a cluster already, as to make one takes longer than most of what is looked at here. */
const usedBefore = () => execFileSync("cp", ["-a", `${used}/.`, directory]);

it("W13 keeps an eighth of the machine's memory for tables, and never less than 512 MiB or more than 4 GiB", () => {
  const gib = 2 ** 30;
  expect([1, 4, 8, 16, 24, 32, 256].map((many) => buffersOf(many * gib))).toEqual([
    512, 512, 1_024, 2_048, 3_072, 4_096, 4_096,
  ]);
});

it("makes a cluster at first use and finds it again at the next", async () => {
  const first = await startPostgres({ directory });
  await query(first.url, "CREATE TABLE notes AS SELECT 'kept' AS body");
  await first.stop();
  const second = await startPostgres({ directory });
  expect(await query(second.url, "SELECT body FROM notes")).toEqual([{ body: "kept" }]);
  expect(new URL(second.url).password).toBe(new URL(first.url).password);
  await second.stop();
});

it("is PostgreSQL 18 in UTF-8, with settings for batch work and letters beyond ASCII", async () => {
  const { url, stop } = await startPostgres({ directory });
  const show = async (name: string) =>
    Object.values((await query(url, `SHOW ${name}`))[0] as object)[0];
  expect(await show("server_version")).toMatch(/^18\./);
  expect(await show("server_encoding")).toBe("UTF8");
  expect(await show("listen_addresses")).toBe("127.0.0.1");
  expect(await show("unix_socket_directories")).toBe("");
  const [kept] = await query(
    url,
    "SELECT pg_size_bytes(current_setting('shared_buffers')) between 512 * 2 ^ 20 and 4096 * 2 ^ 20 AS fits",
  );
  expect(kept).toEqual({ fits: true });
  expect(await show("work_mem")).toBe("256MB");
  expect(await show("jit")).toBe("off");
  expect(await show("max_wal_size")).toBe("4GB");
  expect(await show("checkpoint_timeout")).toBe("15min");
  expect(await show("synchronous_commit")).toBe("on");
  expect(await show("fsync")).toBe("on");
  expect(await show("timezone")).toBe("UTC");
  expect(await query(url, "SELECT upper('élève') AS up, 'é' < 'f' AS sorts")).toEqual([
    { up: "ÉLÈVE", sorts: true },
  ]);
  expect(await query(url, "CREATE EXTENSION pg_trgm")).toEqual([]);
  // D7: names in other scripts are compared by their letters too.
  expect(
    await query(
      url,
      `SELECT similarity('عبد القادر سارة', 'عبدالقادر سارة') > 0.5 AS arabic,
              similarity('søren bjørk', 'søren bjørg') > 0.5 AS danish`,
    ),
  ).toEqual([{ arabic: true, danish: true }]);
  await stop();
});

it("keeps its password to its owner, and lets nobody in without it", async () => {
  const { url, stop } = await startPostgres({ directory });
  expect((await stat(join(directory, "password"))).mode & 0o777).toBe(0o600);
  const guess = new URL(url);
  guess.password = "guess";
  await expect(query(guess.href, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  const [{ password_encryption: method }] = await query(url, "SHOW password_encryption");
  expect(method).toBe("scram-sha-256");
  await stop();
});

it("logs no values", async () => {
  usedBefore();
  const { url, stop } = await startPostgres({ directory });
  await query(url, "CREATE TABLE people (phone text UNIQUE)");
  await query(url, "INSERT INTO people VALUES ('0555000111')");
  await expect(query(url, "INSERT INTO people VALUES ('0555000111')")).rejects.toThrow();
  await expect(query(url, "SELECT 'of 0555000111'::date")).rejects.toThrow();
  await stop();
  const log = await readFile(join(directory, "server.log"), "utf8");
  expect(log).toContain("ready to accept connections");
  expect(log).not.toContain("0555000111");
});

it("W3 takes the port that is asked for, and another where somebody has it: whatever connects takes any, of a server that was killed too", async () => {
  usedBefore();
  const taken = createServer();
  const port = await listen(taken);
  const elsewhere = await startPostgres({ directory, port });
  expect(elsewhere.port).not.toBe(port);
  expect(await query(elsewhere.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  await elsewhere.stop();
  taken.close();
  await once(taken, "close");
  const running = await startPostgres({ directory, port });
  expect(running.port).toBe(port);
  expect(await query(running.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  await running.stop();
});

it("refuses a second start on the same folder, here or in another process", async () => {
  usedBefore();
  const running = await startPostgres({ directory });
  const home = await realpath(directory);
  await expect(startPostgres({ directory })).rejects.toMatchObject({
    name: "AlreadyRunning",
    pid: process.pid,
    message: `The database in ${home} is already run by process ${process.pid}; nothing was changed. Use that one, or end it first.`,
  });
  const other = await startOwner(directory);
  expect(other.said).toMatchObject({
    name: "AlreadyRunning",
    message: expect.stringContaining(`process ${process.pid};`),
  });
  await once(other.child, "exit");
  expect(await query(running.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  await running.stop();
});

it("lets only one of several that start at once have the folder", async () => {
  const owners = await Promise.all([1, 2, 3].map(() => startOwner(directory)));
  const started = owners.filter(({ said }) => said.url);
  const refused = owners.filter(({ said }) => said.name === "AlreadyRunning");
  expect([started.length, refused.length]).toEqual([1, 2]);
  for (const { child } of owners) await kill9(child);
});

it("ends the server soon after its owner was killed, and loses nothing that was committed", async () => {
  usedBefore();
  const owner = await startOwner(directory);
  await query(owner.said.url, "CREATE TABLE notes AS SELECT 'kept' AS body");
  const pid = await serverId(join(directory, "data"));
  await kill9(owner.child);
  await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
  const next = await startPostgres({ directory });
  expect(await query(next.url, "SELECT body FROM notes")).toEqual([{ body: "kept" }]);
  await next.stop();
});

it("starts anew at once after its owner was killed, while the old server is still ending", async () => {
  usedBefore();
  const owner = await startOwner(directory);
  await query(owner.said.url, "CREATE TABLE notes AS SELECT 'kept' AS body");
  await kill9(owner.child);
  const next = await startPostgres({ directory });
  expect(await query(next.url, "SELECT body FROM notes")).toEqual([{ body: "kept" }]);
  await next.stop();
});

it("ends a server that was left behind by owner and keeper, before it starts its own", async () => {
  usedBefore();
  // Nobody owns this server: it was started by hand in the folder's data.
  const orphan = await startOwner(directory);
  const pid = await serverId(join(directory, "data"));
  await rm(join(directory, "owner.json"));
  await query(orphan.said.url, "CREATE TABLE notes AS SELECT 'kept' AS body");
  const next = await startPostgres({ directory });
  expect(await isRunning(pid)).toBe(false);
  expect(await query(next.url, "SELECT body FROM notes")).toEqual([{ body: "kept" }]);
  await next.stop();
  await kill9(orphan.child);
});

it("recovers from a server that was killed itself, with what was committed", async () => {
  usedBefore();
  const owner = await startOwner(directory);
  await query(owner.said.url, "CREATE TABLE notes AS SELECT 'kept' AS body");
  process.kill(await serverId(join(directory, "data")), "SIGKILL");
  await kill9(owner.child);
  const next = await startPostgres({ directory });
  expect(await query(next.url, "SELECT body FROM notes")).toEqual([{ body: "kept" }]);
  await next.stop();
});

it("W13 a server that ends by itself is started anew on its port, as often as it takes, and what stopped it is told", async () => {
  usedBefore();
  const told: string[] = [];
  const running = await startPostgres({ directory, tell: (words) => told.push(words) });
  await query(running.url, "CREATE TABLE notes AS SELECT 'kept' AS body");
  const data = join(directory, "data");
  const pid = await serverId(data);
  // As a disk without room does, this lets no server start.
  await rename(join(data, "global"), join(data, "away"));
  process.kill(pid, "SIGKILL");
  await vi.waitFor(() => expect(told[1]).toContain("did not start"), { timeout: 20_000 });
  await rename(join(data, "away"), join(data, "global"));
  await vi.waitFor(() => expect(told.at(-1)).toBe("PostgreSQL runs again."), { timeout: 20_000 });
  expect(told).toHaveLength(3);
  expect(told[0]).toContain("ended by itself");
  expect(await query(running.url, "SELECT body FROM notes")).toEqual([{ body: "kept" }]);
  const anew = await serverId(data);
  expect(anew).not.toBe(pid);
  await running.stop();
  expect(await isRunning(anew)).toBe(false);
});

it("W13 a server that is left while it cannot be started is left at once", async () => {
  usedBefore();
  const told: string[] = [];
  const running = await startPostgres({ directory, tell: (words) => told.push(words) });
  const data = join(directory, "data");
  await rename(join(data, "global"), join(data, "away"));
  process.kill(await serverId(data), "SIGKILL");
  await vi.waitFor(() => expect(told).toHaveLength(2), { timeout: 20_000 });
  await running.stop();
  await rename(join(data, "away"), join(data, "global"));
  const next = await startPostgres({ directory });
  await next.stop();
});

it("does not touch a foreign process that got the dead server's id", async () => {
  usedBefore();
  const foreign = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const lock = [foreign.pid, join(directory, "data"), 1, 5432, "", "127.0.0.1", "1 1", "ready"];
  await writeFile(join(directory, "data", "postmaster.pid"), lock.join("\n"));
  const running = await startPostgres({ directory });
  expect(await query(running.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  expect(await isRunning(foreign.pid as number)).toBe(true);
  await running.stop();
  await kill9(foreign);
});

it("takes over the claim of an owner whose id another process has now", async () => {
  usedBefore();
  await writeFile(
    join(directory, "owner.json"),
    JSON.stringify({ pid: process.pid, started: "long ago" }),
  );
  await (await startPostgres({ directory })).stop();
  await writeFile(join(directory, "owner.json"), "half a cla");
  await (await startPostgres({ directory })).stop();
  expect(await readdir(directory)).not.toContain("owner.json");
});

it("begins anew where making the cluster was cut off", async () => {
  await mkdir(join(directory, "data.new", "base"), { recursive: true });
  const running = await startPostgres({ directory });
  expect(await query(running.url, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
  await running.stop();
});

it("explains that the password is lost instead of making another cluster", async () => {
  usedBefore();
  await rm(join(directory, "password"));
  await expect(startPostgres({ directory })).rejects.toMatchObject({
    name: "PostgresUnavailable",
    message: expect.stringContaining("has lost its password file; nothing was started."),
  });
});

it("says in the server's own words why it did not start, and frees the folder", async () => {
  usedBefore();
  await writeFile(join(directory, "data", "PG_VERSION"), "12\n");
  await expect(startPostgres({ directory })).rejects.toMatchObject({
    name: "PostgresStartFailed",
    message: expect.stringContaining("database files are incompatible with server"),
  });
  await writeFile(join(directory, "data", "PG_VERSION"), "18\n");
  await chmod(join(directory, "data", "PG_VERSION"), 0o600);
  await (await startPostgres({ directory })).stop();
});

it("W13 says what kept the server from starting, not how it went down behind that", async () => {
  usedBefore();
  // As a full disk does, this ends it in its recovery.
  await writeFile(join(directory, "data", "recovery.signal"), "", { mode: 0o666 });
  await expect(startPostgres({ directory })).rejects.toMatchObject({
    message: expect.stringMatching(
      /Its last words: [^\n]*FATAL: {2}must specify "restore_command"[^\n]*enabled$/u,
    ),
  });
  await rm(join(directory, "data", "recovery.signal"));
  await (await startPostgres({ directory })).stop();
});

it("ends the server although somebody is connected and in a transaction", async () => {
  usedBefore();
  const running = await startPostgres({ directory });
  const pg = await import("pg");
  const client = new pg.default.Client({ connectionString: running.url });
  client.on("error", () => {});
  await client.connect();
  await client.query("BEGIN");
  await client.query("CREATE TABLE unfinished (a int)");
  await running.stop();
  const next = await startPostgres({ directory });
  expect(await query(next.url, "SELECT to_regclass('unfinished')::text AS t")).toEqual([
    { t: null },
  ]);
  await next.stop();
});

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}
