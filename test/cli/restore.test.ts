import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArchive } from "../../lib/cli/restore/archive.ts";
import { dump } from "../../lib/cli/restore/dump.ts";
import { identityOf, noteBackup, requireSame } from "../../lib/cli/restore/note.ts";
import { commandsOnAws } from "../../lib/cli/restore/on-aws.ts";
import { guardsOf, putBack } from "../../lib/cli/restore/put-back.ts";
import { beside } from "../../lib/cli/restore/scratch.ts";
import { clientTools } from "../../lib/cli/restore/tools.ts";
import type { RunningPostgres } from "../../lib/embedded/postgres/start.ts";
import { startDebianPostgres } from "../support/server.ts";
import { type Terminal, terminal } from "./terminal.ts";

const migration = new URL("../../migrations/wild-apricot/", import.meta.url);
const exports = {
  members: [
    "User ID,First name,Last name,Email,Phone,Archived,Created on,Membership enabled,Membership level,Membership status,Member since",
    "1,Ada,Moss,ada@club.example,805-555-0101,no,01/02/2015,yes,1st Year,Active,03/01/2019",
    "2,Bea,Noon,bea@club.example,805-555-0102,no,01/02/2015,yes,Alumni,Lapsed,03/01/2018",
    "3,Cy,Orr,On.Platform.1@club.example,805-555-0103,no,01/02/2015,yes,2nd Year,Active,03/01/2019",
  ],
  events: [
    "Event ID,Event name,Tags,Start date,End date,Registration limit",
    "7,Harbour Walk,Outdoor,06/10/2023 09:00,06/10/2023 11:00,20",
  ],
  registrations: [
    "Registration ID,Contact ID,Event ID,Registration status,Registration date",
    "9,1,7,Confirmed,05/01/2023 10:00",
  ],
};

let folder: string;
let server: RunningPostgres;
let shell: Terminal;
let karima: Terminal;
let url: string;
let run: string;
/** What the backup is called, with the fingerprint of what it is of. */
let backup: string;
/** The platform as the backup has it, and as it is once somebody else has written on it, too. */
let backedUp: unknown;
let later: unknown;
let published: unknown;

async function sql<Row extends pg.QueryResultRow>(text: string, place = url): Promise<Row[]> {
  const client = new pg.Client({ connectionString: place });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const platform = async () => {
  const tables = ["MembershipStatus", "MembershipTier", "Member", "Event", "EventRegistration"];
  const found: Record<string, unknown> = {};
  for (const name of tables)
    found[name] = (await sql(`select t::text as row from "${name}" t order by 1`)).map(
      ({ row }) => row,
    );
  return found;
};
/** What is published of which table, to the column and condition. */
const publications = () =>
  sql(
    `select pubname, tablename, attnames::text[] as columns, rowfilter from pg_publication_tables order by 1, 2`,
  );
/** What a restore leaves behind: databases that hold a backup, and folders of scripts. */
const leftovers = async () => [
  ...(await sql<{ datname: string }>(
    "select datname from pg_database where datname like 'wavegate_restore%' order by 1",
  ).then((rows) => rows.map(({ datname }) => datname))),
  ...(await readdir(tmpdir())).filter((name) => /^wavegate-restore-\d+-/u.test(name)),
];
const log = async () =>
  (
    await sql<{ action: string }>(
      `select action from wavegate.audit_log where run_id = (select id from wavegate.legacy_import_runs) order by seq`,
    )
  ).map(({ action }) => action);
const level2 = (...more: string[]) =>
  shell.run("rollback", "--run", run, "--level", "2", "--from", "nightly.dump", ...more);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await holds()); looks++) {
    const [halted] = await sql(
      "select halted_because from wavegate.legacy_import_runs where status = 'halted'",
    );
    if (looks > 600 || halted)
      throw new Error(`It did not come to this: ${what}. ${JSON.stringify(halted)}`);
    await sleep(200);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-restore-"));
  server = await startDebianPostgres(join(folder, "server"));
  for (const [name, lines] of Object.entries(exports))
    await writeFile(join(folder, `${name}.csv`), `${lines.join("\r\n")}\r\n`);
  await writeFile(
    join(folder, ".env"),
    `WILD_APRICOT_DB_DRIVER=csv\nWILD_APRICOT_DB_PATH=${folder}\nWILD_APRICOT_DB_ORGANIZATION=The Bridge Club\n`,
  );
  shell = terminal({ cwd: folder });
  await shell.run("local", "up");
  url = (await shell.run("local", "database")).out.trim();
  // The platform as it is before anything, and the same on a server that Debian's client programs can back up.
  for (const place of [url, server.url])
    for (const name of ["platform-schema.postgres.sql", "sample/platform.sql"])
      await sql(await readFile(new URL(name, migration), "utf8"), place);
  await shell.run("set-up", "wild-apricot");
  const { out } = await shell.run(
    ...["people", "add", "karima", "--email", "k@example.com"],
    ...["--can", "view,review,commit", "--output", "json"],
  );
  const WAVEGATE_PASSWORD = JSON.parse(out).password;
  karima = terminal({ cwd: folder, env: { WAVEGATE_PERSON: "karima", WAVEGATE_PASSWORD } });
  backedUp = await platform();
  await dump(await clientTools(process.env), server.url, join(folder, "nightly.dump"));
  const { now, ...of } = await identityOf(url);
  ({ id: backup } = await noteBackup(join(folder, "nightly.dump"), of, now));
  const started = await shell.run(
    ...["start", "wild-apricot", "--backup", backup, "--queues-detached"],
    ...["--priority-acknowledged", "--output", "json"],
  );
  expect(started.err).toBe("");
  run = JSON.parse(started.out).run;
  await until(
    "a sign-off is asked for",
    async () => (await sql("select from wavegate.sign_offs where status = 'pending'")).length > 0,
  );
  const [asked] = await sql<{ id: string }>(
    "select id from wavegate.sign_offs where status = 'pending'",
  );
  await karima.run(
    ...["samples", "judge", "rest", "right", "--run", run, "--question", asked?.id ?? ""],
  );
  const approved = await karima.run(
    ...["sign-off", "approve", "--run", run, "--question", asked?.id ?? "", "--comment", "Looked."],
  );
  expect(approved.err).toBe("");
  await until(
    "the run is complete",
    async () =>
      (await sql("select from wavegate.legacy_import_runs where status = 'completed'")).length > 0,
  );
  await sql(`update "Member" set "firstName" = 'Norah' where "email" = 'nora.quill@club.example';
             create table "Since" ("id" int, t text); insert into "Since" values (1);
             create table "x$check$ \\! touch hostile #" ("id" int);
             create publication "feed" for table "Member" ("id", "email") where ("email" <> 'nobody'), "Event", "Since" with (publish = 'insert');
             create publication "odd ""one ON ""Member""" for table "MembershipTier" with (publish = 'insert')`);
  published = await publications();
  later = await platform();
});
afterAll(async () => {
  await shell?.run("local", "down");
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("V10 level 2: the backup that the run was started with", () => {
  it.each([
    [["--level", "2"], 2, "Usage", "name its file with --from, as in --from nightly.dump"],
    [["--level", "2", "--from", "nightly.dump", "--wave", "1"], 2, "Usage", "belong to --level 1"],
    [["--from", "nightly.dump"], 2, "Usage", "belong to --level 1"],
    [["--level", "2", "--from", "nowhere.dump"], 2, "BackupUnreadable", "there is no such file"],
    [["--level", "2", "--from", "members.csv"], 2, "BackupUnreadable", "cannot be restored from"],
  ])("V10 W13 %j is one line, and nothing is changed", async (args, exit, name, says) => {
    const ended = await shell.run("rollback", "--run", run, ...args, "--output", "json");
    expect([ended.exit, JSON.parse(ended.out).error.name]).toEqual([exit, name]);
    expect(ended.err).toContain(says);
    expect(ended.err).toContain("Nothing was changed");
    expect(ended.err.trim()).not.toContain("\n");
    expect(await platform()).toEqual(later);
  });

  it("V10 a backup is known by what it holds and is of, whatever its file is called", async () => {
    const moved = async (from: string, to: string) => {
      await rename(join(folder, from), join(folder, to));
      return shell.run("rollback", "--run", run, "--level", "2", "--from", "weekly.dump");
    };
    const alone = await moved("nightly.dump", "weekly.dump");
    expect([alone.exit, alone.err]).toEqual([
      1,
      expect.stringMatching(/there is no \S+weekly\.dump\.json that says what/u),
    ]);
    const together = await moved("nightly.dump.json", "weekly.dump.json");
    expect(together.err).toBe("");
    expect(together.out).toContain(`It is the backup that ${run} was started with, by its content`);

    // Another file under the very name, and another note.
    const note = await readFile(join(folder, "weekly.dump.json"), "utf8");
    for (const [name, text] of [
      ["weekly.dump.json", note.replace(/"sha256": ".{8}/u, '"sha256": "00000000')],
      ["weekly.dump.json", note.replace('"made_at": "20', '"made_at": "19')],
      ["weekly.dump.json", note.replace(/("system_identifier": ").*"/u, '$1"')],
    ] as const) {
      await writeFile(join(folder, name), text);
      const other = await shell.run(
        ...["rollback", "--run", run, "--level", "2", "--from", "weekly.dump", "--yes"],
        ...["--output", "json"],
      );
      expect([other.exit, JSON.parse(other.out).error.name]).toEqual([1, "OtherBackup"]);
      expect(other.err).toContain("is another one by its content");
    }
    await writeFile(join(folder, "nightly.dump.json"), note);
    await rename(join(folder, "weekly.dump"), join(folder, "nightly.dump"));
    await rm(join(folder, "weekly.dump.json"));
    expect(await platform()).toEqual(later);
  });

  it("V10 a backup of another cluster or database, of another digest or name, is another one", async () => {
    const archive = await readArchive(
      await clientTools(process.env),
      join(folder, "nightly.dump"),
      [],
    );
    const live = await identityOf(url);
    const of = { run: "r-1", backup };
    expect(await requireSame(archive, of, live)).toMatchObject({ by: "content" });
    for (const [changed, says] of [
      [{ system_identifier: "7000000000000000001" }, /of the cluster \d+, while this one is/u],
      [{ database: "staging" }, /while this one is staging of/u],
    ] as const)
      await expect(requireSame(archive, of, { ...live, ...changed })).rejects.toMatchObject({
        name: "OtherBackup",
        message: expect.stringMatching(says),
      });
    await expect(
      requireSame({ ...archive, sha256: "0".repeat(64) }, of, live),
    ).rejects.toMatchObject({ message: expect.stringContaining("another one by its content") });
    const named = { run: "r-1", backup: "nightly" };
    expect(await requireSame(archive, named, live)).toEqual({ by: "name" });
    for (const [wrong, says] of [
      [{ ...named, backup: "weekly" }, "is called nightly"],
      [{ ...named, sha256: "0".repeat(64) }, "not the one that was said"],
      [{ ...of, sha256: "0".repeat(64) }, "not the one that was said"],
      [{ run: "r-1", backup: undefined }, "was started with the backup of no name"],
    ] as const)
      await expect(requireSame(archive, wrong, live)).rejects.toMatchObject({
        name: "OtherBackup",
        message: expect.stringContaining(says),
      });
  });

  it("V10 without --yes it says what it would do and what would be lost, and does nothing", async () => {
    // D19: the administrator runs nothing that whoever owns a table made of its rows.
    await sql(`create function public.planted("Member") returns text language plpgsql as $$ begin raise exception 'planted'; end $$;
               create cast ("Member" as text) with function public.planted("Member")`);
    // B13: what a look that was killed left goes with the next one; of another name it is somebody's own.
    const databases = async () =>
      (
        await sql<{ name: string }>(
          "select datname as name from pg_database where datname like 'wavegate_restore%' order by 1",
        )
      ).map(({ name }) => name);
    await sql("create database wavegate_restore_0123456789ab");
    await sql("create database wavegate_restore_of_ours");
    const { exit, out } = await level2();
    expect(await databases()).toEqual(["wavegate_restore_of_ours"]);
    await sql("drop database wavegate_restore_of_ours");
    await sql("drop function public.planted cascade");
    expect(exit).toBe(1);
    expect(out).toContain(`Level 2: the platform's schemas become what the backup ${backup} holds`);
    const line = (name: string) =>
      out
        .split("\n")
        .find((each) => each.startsWith(`${name} `))
        ?.split(/\s+/u);
    // Two made and one changed by the run, one changed by somebody else: as many of the old ones come back.
    expect(line("Member")).toEqual(["Member", "11", "9", "4", "2", "3"]);
    expect(line("EventRegistration")).toEqual(["EventRegistration", "1", "0", "1", "0", "1"]);
    expect(out).toContain(
      "Not in the backup, and left as they are: Since, x$check$ \\! touch hostile #.",
    );
    expect(out).toContain("Nothing was changed. Add --yes to restore the backup.");
    expect(await platform()).toEqual(later);
    expect(await log()).not.toContain("restore-begun");
  });

  it("V10 W8 whoever may not roll back restores nothing", async () => {
    const { exit, err } = await karima.run(
      ...["rollback", "--run", run, "--level", "2", "--from", "nightly.dump", "--yes"],
    );
    expect(exit).toBe(1);
    expect(err).toContain("You may not roll imports back");
    expect(await platform()).toEqual(later);
    expect(await log()).not.toContain("restore-begun");
  });

  it("V10 a restore that fails on its way leaves the platform as it was, and the log says so", async () => {
    await sql(`create view "members_since" as select "email" from "Member"`);
    const { exit, out, err } = await level2("--yes", "--output", "json");
    await sql(`drop view "members_since"`);
    expect([exit, JSON.parse(out).error.name]).toEqual([1, "RestoreFailed"]);
    expect(err).toContain(
      "something that was made since the backup, a view or a key, rests on what",
    );
    expect(err).toContain("the platform is as it was");
    expect(await platform()).toEqual(later);
    expect((await log()).slice(-4)).toEqual([
      ...["restore-begun", "execution-started", "export-audit", "restore-failed"],
    ]);
  });

  it("V10 Ctrl-C while the backup is looked at, and behind the export, ends in one line, and leaves nothing", async () => {
    const level2of = ["rollback", "--run", run, "--level", "2", "--from", "nightly.dump", "--yes"];
    const looked = await shell.interrupt("", ...level2of, "--output", "json");
    expect([looked.exit, JSON.parse(looked.out).error.name]).toEqual([1, "RestoreInterrupted"]);
    expect(await leftovers()).toEqual([]);
    const { exit, err } = await shell.interrupt("Exported ", ...level2of);
    expect(exit).toBe(1);
    expect(err).toContain("wavegate: The restore was interrupted, and what it had made");
    expect(await leftovers()).toEqual([]);
    expect(await platform()).toEqual(later);
    expect((await log()).at(-1)).toBe("restore-failed");
  });

  it("V10 W13 a database that ends the session while the backup is looked at, and a folder that takes no file, end it in one line, before anything is begun", async () => {
    const before = await log();
    const looking = level2("--yes", "--output", "json");
    const ended = `select pg_terminate_backend(pid) as ended from pg_stat_activity where datname like 'wavegate\\_restore\\_%'`;
    for (let sessions = 0; sessions < 1; ) sessions = (await sql(ended)).length;
    const lost = await looking;
    const { TMPDIR } = process.env;
    process.env.TMPDIR = join(folder, "nowhere");
    const unwritten = await level2("--yes", "--output", "json").finally(() => {
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    });
    expect([lost, unwritten].map(({ exit, out }) => [exit, JSON.parse(out).error.name])).toEqual([
      [2, "BackupUnreadable"],
      [2, "FileNotWritten"],
    ]);
    expect(lost.err.trim()).not.toContain("\n");
    expect(unwritten.err).toContain("takes no file (ENOENT)");
    expect(await log()).toEqual(before);
    expect(await platform()).toEqual(later);
    expect(await leftovers()).toEqual([]);
  });

  it("V10 what a restore that was killed left goes with the next one, and nothing that is in use or another's", async () => {
    const gone = join(tmpdir(), "wavegate-restore-999999999-abc");
    const other = join(tmpdir(), `wavegate-restore-${process.pid}-abc`);
    for (const each of [gone, other]) await mkdir(each);
    const names = [
      "wavegate_restore_0123456789ab",
      "wavegate_restore_ba9876543210",
      "wavegate_restore_mine",
    ];
    for (const name of names) await sql(`create database ${name}`);
    const place = new URL(url);
    place.pathname = `/${names[1]}`;
    const using = new pg.Client({ connectionString: place.href });
    await using.connect();
    await level2();
    await using.end();
    expect(await leftovers()).toEqual([names[1], names[2], `wavegate-restore-${process.pid}-abc`]);
    for (const name of names.slice(1)) await sql(`drop database ${name}`);
    await rm(other, { recursive: true });
    await rm(gone, { recursive: true, force: true });
  });

  it("V10 what was written since it was shown what is lost is not lost", async () => {
    const tools = await clientTools(process.env);
    const archive = await readArchive(tools, join(folder, "nightly.dump"), []);
    const tables = await beside(tools, archive, url);
    const [member] = await sql<{ phone: string }>(
      `select "phone" from "Member" where "email" = 'ada@club.example'`,
    );
    await sql(`update "Member" set "phone" = '1' where "email" = 'ada@club.example'`);
    await expect(putBack(tools, archive, url, tables, await guardsOf(url))).rejects.toMatchObject({
      name: "PlatformChanged",
    });
    await sql(
      `update "Member" set "phone" = '${member?.phone}' where "email" = 'ada@club.example'`,
    );
    expect(await platform()).toEqual(later);
  });

  it("V10 W3 a restore that is killed ends with all that it started, and holds up nobody", async () => {
    const main = new URL("../../bin/wavegate.ts", import.meta.url).pathname;
    const level2of = ["rollback", "--run", run, "--level", "2", "--from", "nightly.dump", "--yes"];
    const killed = spawn(process.execPath, [main, ...level2of], { cwd: folder, stdio: "ignore" });
    const psql = (waits: boolean) =>
      sql(`select from pg_stat_activity
            where application_name = 'wavegate' and ${waits ? "wait_event_type = 'Lock'" : "true"}`);
    // Somebody uses the platform: psql waits for them, and went on once they were done, or let go of nothing for a minute.
    const user = new pg.Client({ connectionString: url });
    await user.connect();
    await user.query(`begin; lock table "Member" in row exclusive mode`);
    await until("psql waits for the table", async () => (await psql(true)).length > 0);
    killed.kill("SIGKILL");
    await once(killed, "close");
    const end = Date.now() + 15_000;
    while ((await psql(false)).length > 0 && Date.now() < end) await sleep(100);
    expect(await psql(false)).toEqual([]);
    await user.query("commit");
    await user.end();
    expect(await platform()).toEqual(later);
    expect((await log()).slice(-3)).toEqual(["restore-begun", "execution-started", "export-audit"]);
    for (const asked of ["status", "watch"])
      expect((await shell.run(asked, "--run", run)).out).toContain(
        "The backup that it was started with is being restored, or that was cut off",
      );
  });

  it("V10 restores the platform to the letter, keeps wavegate's schema, and closes the run's ledger", async () => {
    const [{ entries } = { entries: 0 }] = await sql<{ entries: number }>(
      "select count(*)::int as entries from wavegate.legacy_import_commit_logs",
    );
    const guards = await guardsOf(url);
    const { exit, out, err } = await level2("--yes");
    expect(err).not.toContain("wavegate:");
    expect(exit).toBe(0);
    expect(out).toContain("The platform is, row for row, what the backup holds.");
    expect(out).toContain("Everything asked for is rolled back");
    expect(await platform()).toEqual(backedUp);
    expect(await sql(`select "id" from "Since"`)).toEqual([{ id: 1 }]);
    // A table that is replaced is published as it was.
    expect(await publications()).toEqual(published);
    expect(published).toHaveLength(4);
    expect(await leftovers()).toEqual([]);
    // A table's name is no command to psql.
    for (const where of [process.cwd(), folder, "/"])
      expect(await readdir(where)).not.toContain("hostile");
    expect(await guardsOf(url)).toEqual(guards);
    expect(guards.length).toBeGreaterThan(0);
    const [now] = await sql(
      `select count(*)::int as entries, count(*) filter (where rolled_back_at is null)::int as open
         from wavegate.legacy_import_commit_logs`,
    );
    expect(now).toEqual({ entries, open: 0 });
    const told = await log();
    expect(told.slice(told.lastIndexOf("restore-begun"))).toEqual([
      ...["restore-begun", "execution-started", "export-audit", "restored", "execution-started"],
      ...["rollback", "rolled-back", "export-audit"],
    ]);
    const [{ details } = { details: {} }] = await sql<{ details: object }>(
      "select details from wavegate.audit_log where action = 'restored'",
    );
    expect(details).toMatchObject({ backup, rows_back: 2 });
    expect((await shell.run("doctor")).out).toContain(
      "✓ The database's roles may do what wild-apricot needs, and no more",
    );
    await shell.run("audit", "pull", "--run", run, "--to", "bundle");
    const verified = await shell.run("audit", "verify", "bundle", "--unanchored");
    expect(verified.out).not.toContain("FAIL");
    expect(verified.exit).toBe(0);
  });

  it("V10 asked again, there is nothing to lose, and it comes to its end again", async () => {
    const { exit, out } = await level2("--yes");
    expect(out).toContain("Nothing would be lost: every row of the platform is in the backup.");
    expect(exit).toBe(0);
    expect(await platform()).toEqual(backedUp);
  });

  it("V10 a backup is made where pg_dump is as new as the server, and never over a file", async () => {
    const fresh = await shell.run("backup", "--to", "fresh.dump", "--output", "json");
    const { major } = await clientTools(process.env);
    expect([fresh.exit, `${fresh.out}${fresh.err}`]).toEqual(
      major < 18
        ? [2, expect.stringContaining("the server of a newer one. No backup was made")]
        : [0, expect.stringMatching(/"backup": "fresh\.[a-p]{16}"/u)],
    );
    await expect(
      dump(
        await clientTools(process.env),
        "postgresql://nobody@127.0.0.1:1/none",
        join(folder, "none.dump"),
      ),
    ).rejects.toMatchObject({ name: "BackupFailed" });
    await expect(clientTools({ PATH: folder }, folder)).rejects.toMatchObject({
      name: "ToolsMissing",
    });
    // A note whose backup is gone would be found only once the new backup is whole.
    await writeFile(join(folder, "orphan.dump.json"), "{}");
    await writeFile(join(folder, "cut.dump.unfinished"), "PGDMP");
    for (const [to, there] of [
      ["nightly.dump", "nightly.dump is there already"],
      ["orphan.dump", "orphan.dump.json is there already"],
      ["cut.dump", "cut.dump.unfinished is there: a backup of this name is being made, or one was"],
    ] as const) {
      const { exit, err } = await shell.run("backup", "--to", to);
      expect([exit, err]).toEqual([2, expect.stringContaining(there)]);
    }
  });

  it("V10 a backup has its name once it is whole: one that is killed leaves none that looks like it", async () => {
    const place = await mkdtemp(join(folder, "slow-"));
    const write = 'for file; do :; done; echo whole > "$file"';
    await writeFile(
      join(place, "pg_dump"),
      `#!/bin/sh\n${write}; ls "$(dirname "$file")" > "${place}/meanwhile"`,
      { mode: 0o700 },
    );
    await mkdir(join(place, "kept"));
    const file = join(place, "kept", "nightly.dump");
    await dump({ folder: place, major: 18 }, "postgresql://nobody@127.0.0.1:1/none", file);
    expect(await readFile(join(place, "meanwhile"), "utf8")).toBe("nightly.dump.unfinished\n");
    expect(await readdir(join(place, "kept"))).toEqual(["nightly.dump"]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("V10 W8 nothing is restored while another run writes, and nothing ends that was not begun", async () => {
    await sql(`create table "Copied" as select * from wavegate.legacy_import_runs;
               update "Copied" set "id" = '7f3a0000-0000-4000-8000-00000000a0ff', "reference" = 'another';
               insert into wavegate.legacy_import_runs select * from "Copied"; drop table "Copied";
               insert into wavegate.commit_locks (migration, run_id) values ('wild-apricot', '7f3a0000-0000-4000-8000-00000000a0ff')
                 on conflict (migration) do update set run_id = excluded.run_id`);
    const { exit, out } = await level2("--yes", "--output", "json");
    await sql(`update wavegate.commit_locks set run_id = null;
               delete from wavegate.legacy_import_runs where reference = 'another'`);
    expect([exit, JSON.parse(out).error.name]).toEqual([1, "AnotherRunCommits"]);
    const [person] = await sql<{ name: string }>(
      "select name from wavegate.people where name <> 'karima'",
    );
    expect(
      await sql(`select wavegate.end_restore(id, '${person?.name}', 'restored', '{"backup_sha256": "other"}') as refused
                   from wavegate.legacy_import_runs`),
    ).toEqual([{ refused: "NotBegun" }]);
    // What ended ends once; its answer that was lost is asked for again, and is the same.
    const [told] = await sql<{ details: object }>(
      "select details from wavegate.audit_log where action = 'restored' order by seq desc limit 1",
    );
    const entries = await log();
    for (const [outcome, more, refused] of [
      ["restored", {}, null],
      ["restored", { rows_lost: 0, rows_back: 77 }, "NotBegun"],
      ["restore-failed", {}, "NotBegun"],
    ] as const)
      expect(
        await sql(`select wavegate.end_restore(id, '${person?.name}', '${outcome}', '${JSON.stringify({ ...told?.details, ...more })}') as refused
                     from wavegate.legacy_import_runs`),
      ).toEqual([{ refused }]);
    expect(await log()).toEqual(entries);
  });

  it("V10 on AWS the commands are printed, and none of them touches wavegate's schema", () => {
    const lines = commandsOnAws({ run: "r-1", backup: "nightly", stack: "club" }).join("\n");
    expect(lines).toContain("--snapshot-identifier nightly");
    expect(lines).toContain("pg_dump --format=custom --exclude-schema=wavegate");
    expect(lines).toContain("--single-transaction");
    // RDS makes an instance in a cluster only once that is restored, which takes minutes.
    expect(lines).toMatch(
      /restore-db-cluster-from-snapshot[^#]*\naws rds wait db-cluster-available --db-cluster-identifier club-restore\naws rds create-db-instance/u,
    );
    // By AWS's own parameters its log would quote the rows of whatever is refused.
    expect(lines).toMatch(
      /restore-db-cluster-from-snapshot[^#]* --db-cluster-parameter-group-name PARAMETERS \\\n/u,
    );
    expect(lines).toContain("wavegate export audit --run r-1");
    expect(lines).toContain("wavegate rollback --run r-1");
    // A deployment without a change would set nothing up.
    expect(lines).toContain("npx cdk deploy -c settings=production.ts -c set-up-again=r-1");
    expect(lines).toContain("PUBLICATION|SUBSCRIPTION");
    expect(lines.indexOf("> published.sql")).toBeLessThan(lines.indexOf("pg_restore --clean"));
    expect(lines.indexOf("--file published.sql")).toBeGreaterThan(
      lines.indexOf("pg_restore --clean"),
    );
  });

  it("V10 W13 a backup whose tables do not fit the definition is restored, and it is said what is to do", async () => {
    await sql(`alter table "Member" drop column "phone"`, server.url);
    await rm(join(folder, "nightly.dump"));
    await dump(await clientTools(process.env), server.url, join(folder, "nightly.dump"));
    // Of another tool nobody noted what the backup holds: whoever restores it without being asked says so.
    await sql(
      `update wavegate.legacy_import_runs set acknowledgements = acknowledgements || '{"backup": "nightly"}'`,
    );
    const unsaid = await level2("--yes");
    const [, sha256 = ""] = /--sha256 ([0-9a-f]{64})/u.exec(unsaid.err) ?? [];
    expect([unsaid.exit, unsaid.err]).toEqual([
      2,
      expect.stringContaining("is known as the run's backup by its name only"),
    ]);
    expect((await level2()).out).toContain("It is known by its name only, as nobody noted");
    expect((await level2("--sha256", "0".repeat(64), "--yes")).err).toContain(
      "not the one that was said",
    );
    expect(await platform()).toEqual(backedUp);
    const { exit, out, err } = await level2("--sha256", sha256, "--yes", "--output", "json");
    expect([exit, JSON.parse(out).error.name]).toEqual([1, "SetUpAfterRestore"]);
    expect(err).toContain("Run `wavegate set-up wild-apricot`, then `wavegate rollback --run");
    expect((await log()).at(-1)).toBe("restored");
  });
});
