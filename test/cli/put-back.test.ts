import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Archive, readArchive } from "../../lib/cli/restore/archive.ts";
import { dump } from "../../lib/cli/restore/dump.ts";
import { commandsOnAws } from "../../lib/cli/restore/on-aws.ts";
import { putBack } from "../../lib/cli/restore/put-back.ts";
import { beside } from "../../lib/cli/restore/scratch.ts";
import { type ClientTools, clientTools } from "../../lib/cli/restore/tools.ts";
import type { RunningPostgres } from "../../lib/embedded/postgres/start.ts";
import { startDebianPostgres } from "../support/server.ts";

let folder: string;
let server: RunningPostgres;
let tools: ClientTools;

async function sql(text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query({ text, rowMode: "array" })).rows ?? [];
  } finally {
    await client.end();
  }
}

/** A backup of a platform of its own. */
async function backupOf(name: string, platform: string): Promise<Archive> {
  await sql(`drop schema public cascade; create schema public; ${platform}`);
  const file = join(folder, `${name}.dump`);
  await dump(tools, server.url, file);
  return readArchive(tools, file, []);
}

const restored = async (archive: Archive) =>
  putBack(tools, archive, server.url, await beside(tools, archive, server.url), []);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-put-back-"));
  server = await startDebianPostgres(join(folder, "server"));
  tools = await clientTools(process.env);
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const keys = `select conrelid::regclass::text, conname::text, conparentid <> 0 from pg_constraint
               where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f') order by 1, 2`;

it("V10 a platform with partitions that have keys is put back, keys and all", async () => {
  const archive = await backupOf(
    "partitions",
    `create table visits (id int, at int, primary key (id, at)) partition by range (at);
     create index visits_at on visits (at);
     create table a_first partition of visits for values from (0) to (10);
     create table "the second" partition of visits for values from (10) to (20) partition by range (id);
     create table within partition of "the second" for values from (0) to (100);
     create table notes (id int primary key, visit int, at int, foreign key (visit, at) references visits);
     insert into visits values (1, 1), (2, 11); insert into notes values (1, 1, 1)`,
  );
  const before = await sql(keys);
  await sql("insert into visits values (3, 3), (4, 14); delete from notes");
  await restored(archive);
  expect(await sql("select id, at from visits order by 1")).toEqual([
    [1, 1],
    [2, 11],
  ]);
  expect(await sql("select * from notes")).toEqual([[1, 1, 1]]);
  expect(await sql(keys)).toEqual(before);
  expect(before.length).toBeGreaterThan(6);

  // What is printed for AWS puts them into the same order.
  const printed = commandsOnAws({ run: "r-1", backup: "partitions", stack: "club" }).join("\n");
  const [, awk = ""] = /^(awk [\s\S]*?> contents)$/mu.exec(printed) ?? [];
  const first = (line: string) => Number(line.split(";")[0]);
  await writeFile(
    join(folder, "all"),
    `${archive.contents.toSorted((one, other) => first(one) - first(other)).join("\n")}\n`,
  );
  execFileSync("/bin/sh", ["-c", awk], { cwd: folder });
  const printedKeys = (await readFile(join(folder, "contents"), "utf8")).match(
    /\d CONSTRAINT .*$/gmu,
  );
  expect(
    printedKeys?.map((line) => line.includes("visits_pkey") || line.includes("notes_pkey")),
  ).toEqual([false, false, false, true, true]);
});

it("V10 W5 no name that somebody gave on the platform is a command to the program that restores it", async () => {
  const mark = join(folder, "commanded");
  const name = (at: number) => `"${at}\n\\! touch ${mark}\n"`;
  const archive = await backupOf(
    "names",
    `create table ${name(1)} (${name(2)} int primary key, constraint ${name(3)} check (true));
     create function ${name(4)}() returns int language sql as 'select 1';
     comment on table ${name(1)} is E'x\\n\\\\! touch ${mark}\\n';
     create index ${name(5)} on ${name(1)} (${name(2)}); insert into ${name(1)} values (1)`,
  );
  await sql(`insert into ${name(1)} values (2)`);
  await restored(archive);
  expect(await sql(`select * from ${name(1)}`)).toEqual([[1]]);
  expect(existsSync(mark)).toBe(false);
});

it("V10 W13 a backup that grants something to a role that is gone says so, and leaves the platform as it is", async () => {
  const archive = await backupOf(
    "roles",
    "create role reads_notes; create table kept (id int primary key); grant select on kept to reads_notes",
  );
  await sql(
    "revoke all on kept from reads_notes; drop role reads_notes; insert into kept values (1)",
  );
  await expect(restored(archive)).rejects.toMatchObject({
    name: "RestoreFailed",
    message: expect.stringContaining(
      "the backup names a role, or something else, that is not there",
    ),
  });
  expect(await sql("select id from kept")).toEqual([[1]]);
});
