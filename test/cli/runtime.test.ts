import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Terminal, terminal } from "./terminal.ts";

const main = join(import.meta.dirname, "../../lib/embedded/runtime/main.ts");

let folder: string;
let shell: Terminal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wavegate-runtime-"));
  shell = terminal({ cwd: folder });
});

afterAll(async () => {
  await shell.run("local", "down");
  await rm(folder, { recursive: true, force: true });
});

/** Members of the documents that these tests look into. */
interface Said {
  readonly exit: number;
  readonly pid: number;
  readonly urls: { readonly pages: string; readonly mail: string };
  readonly missing: Record<string, string[]>;
  readonly people: { name: string }[];
  readonly findings: { id: string; state: string }[];
  readonly password: string;
  readonly url: string;
}

const json = async (...argv: string[]): Promise<Said> => {
  const { exit, out } = await shell.run(...argv, "--output", "json");
  return { exit, ...(JSON.parse(out) as Omit<Said, "exit">) };
};

/** Waits until the process with this number is gone; a process that stays fails by the test's own limit. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends those who end a folder's server with its runtime. */
async function leaveServer(place: string): Promise<void> {
  const data = await readFile(join(place, "location"), "utf8").catch(() => join(place, "data"));
  const [server = ""] = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
  const keeper = (await readFile(`/proc/${server}/stat`, "utf8")).split(") ")[1]?.split(" ")[1];
  const beside = await readFile(`/proc/${keeper}/task/${keeper}/children`, "utf8");
  const ending = beside
    .trim()
    .split(" ")
    .filter((each) => each !== server);
  for (const each of [...ending, keeper]) process.kill(Number(each), "SIGKILL");
}

describe("wavegate local", () => {
  it("comes up once, however often and at the same time it is asked", async () => {
    const both = await Promise.all([json("local", "up"), json("local", "up")]);
    const third = await json("local", "up");
    expect([...both, third].map(({ exit }) => exit)).toEqual([0, 0, 0]);
    expect(new Set([...both, third].map(({ pid }) => pid)).size).toBe(1);
    expect(third).toMatchObject({ already: true, database: { own: false } });
    expect(Object.keys(third.missing)).toEqual([
      "alpha2",
      "alpha2-staging",
      "community",
      "ecoin",
      "wild-apricot",
    ]);
    for (const path of ["/", "/admin/legacy-imports/"]) {
      const { status, headers } = await fetch(new URL(path, third.urls.pages), {
        redirect: "manual",
      });
      expect([path, status, headers.get("location")]).toEqual([path, 303, "/admin/legacy-imports"]);
    }
    // Nothing was set up here, so nobody is asked for anybody's tables.
    const { out } = await shell.run("local", "up");
    expect(out).toContain("No migration is set up in this database yet. There are alpha2, ");
    expect(out).not.toContain("are not in this database yet");
  });

  it("makes the first person once, with every permission, and keeps secrets to their owner", async () => {
    const { people } = await json("people", "list");
    expect(people).toEqual([
      {
        name: expect.any(String),
        email: expect.stringMatching(/@localhost$/),
        permissions: ["view", "run", "validate", "review", "commit", "rollback"].map(
          (each) => `legacy_imports.${each}`,
        ),
      },
    ]);
    for (const file of [
      "runtime.json",
      "secrets.json",
      "people.json",
      "ports.json",
      "runtime.log",
    ]) {
      expect([file, (await stat(join(folder, ".wavegate", file))).mode & 0o777]).toEqual([
        file,
        0o600,
      ]);
    }
    expect((await stat(join(folder, ".wavegate"))).mode & 0o777).toBe(0o700);
  });

  it("shows what runs where, and no password", async () => {
    const { exit, out } = await shell.run("local", "status");
    expect(exit).toBe(0);
    expect(out).toMatch(/^Sign-off pages {2}http:\/\/127\.0\.0\.1:\d+$/m);
    expect(out).toMatch(/^PostgreSQL {6}127\.0\.0\.1:\d+\/platform$/m);
    expect(out).not.toContain("postgresql://");
  });

  it("W13 says that its database does not answer, and that this mends itself", async () => {
    const place = join(folder, ".wavegate/postgres");
    const data = await readFile(join(place, "location"), "utf8").catch(() => join(place, "data"));
    const [pid] = (await readFile(join(data, "postmaster.pid"), "utf8")).split("\n");
    await rename(join(data, "global"), join(data, "away"));
    process.kill(Number(pid), "SIGKILL");
    const silent = () => shell.run("local", "status");
    await vi.waitFor(async () => expect((await silent()).exit).toBe(1), { timeout: 20_000 });
    expect((await silent()).out).toContain(
      `PostgreSQL does not answer. It is started anew by itself as soon as it can be; ${folder}/.wavegate/runtime.log says why it ended.`,
    );
    const asked = await shell.run("runs");
    expect([asked.exit, asked.err]).toEqual([
      2,
      expect.stringContaining("The database does not answer. Nothing was written."),
    ]);
    await rename(join(data, "away"), join(data, "global"));
    await vi.waitFor(async () => expect((await silent()).exit).toBe(0), { timeout: 20_000 });
    expect(await readFile(join(folder, ".wavegate/runtime.log"), "utf8")).toContain(
      "PostgreSQL runs again.",
    );
  });

  it("refuses a second process on the same folder and leaves the first alone", async () => {
    const { pid } = await json("local", "status");
    const second = spawn(process.execPath, [main], { cwd: folder, env: process.env });
    let said = "";
    second.stderr.on("data", (text) => {
      said += text;
    });
    const [code] = (await once(second, "close")) as [number];
    expect(code).toBe(1);
    expect(said.trim()).toBe(
      `A runtime (process ${pid}) holds ${folder}/.wavegate already. Nothing was changed. End it with \`wavegate local down\`, or choose another folder with WAVEGATE_HOME.`,
    );
    expect(await json("local", "status")).toMatchObject({ exit: 0, pid });
  });

  it("W13 goes on after kill -9, at the same addresses but for one that was taken meanwhile, and with the same people", async () => {
    const before = await json("local", "status");
    const added = await json("people", "add", "karima", "--email", "k@example.com", "--can", "all");
    process.kill(before.pid, "SIGKILL");
    await gone(before.pid);

    expect(await json("local", "status")).toMatchObject({ exit: 1, running: false });
    const asked = await shell.run("runs");
    expect(asked.exit).toBe(2);
    expect(asked.err).toContain("No runtime runs in");

    const taken = createServer().listen(Number(new URL(before.urls.mail).port), "127.0.0.1");
    await once(taken, "listening");
    const after = await json("local", "up");
    taken.close();
    expect(after.exit).toBe(0);
    expect(after.pid).not.toBe(before.pid);
    expect(after.urls.mail).not.toBe(before.urls.mail);
    expect(after.urls).toEqual({ ...before.urls, mail: after.urls.mail });
    expect(after).not.toHaveProperty("operator");
    const { people } = await json("people", "list");
    expect(people.map(({ name }) => name)).toContain("karima");
    const page = await fetch(`${after.urls.pages}/`, {
      headers: { authorization: `Basic ${btoa(`karima:${added.password}`)}` },
    });
    expect(page.status).toBe(200);
  });

  it("W13 C1 its database keeps its port where the server of before is still there: whatever else is connected knows it by that", async () => {
    const { pid } = await json("local", "status");
    const before = await shell.run("local", "database");
    await leaveServer(join(folder, ".wavegate/postgres"));
    process.kill(pid, "SIGKILL");
    await gone(pid);
    expect(await json("local", "up")).toMatchObject({ exit: 0 });
    expect(await shell.run("local", "database")).toEqual(before);
  });

  it("W8 M14 gives somebody a new password, ends their sign-ins when anything of theirs changes, and keeps a log", async () => {
    const { urls } = await json("local", "status");
    const enter = async (password: string) => {
      const response = await fetch(`${urls.pages}/sign-in`, {
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams({ name: "karima", password, to: "/" }),
      });
      return response.headers.get("set-cookie")?.split(";")[0] ?? "";
    };
    const status = async (cookie: string) =>
      (await fetch(`${urls.pages}/`, { headers: { cookie } })).status;
    const first = await json("people", "password", "Karima");
    const signedIn = await enter(first.password);
    expect(await status(signedIn)).toBe(200);
    const second = await json("people", "password", "karima");
    expect(await status(signedIn)).toBe(401);
    expect(await enter(first.password)).toBe("");
    const again = await enter(second.password);
    expect(await status(again)).toBe(200);
    await json("people", "add", "karima", "--email", "k@example.com", "--can", "view");
    expect(await status(again)).toBe(401);
    const client = new pg.Client({ connectionString: (await json("local", "database")).url });
    await client.connect();
    const { rows } = await client.query(
      "select action, details->>'person' as person from wavegate.security_log order by seq desc limit 4",
    );
    await client.end();
    expect(rows).toEqual([
      { action: "permissions-taken", person: "karima" },
      { action: "sign-in-failed", person: null },
      { action: "password-changed", person: "karima" },
      { action: "password-changed", person: "karima" },
    ]);
    const nobody = await shell.run("people", "password", "nobody");
    expect(nobody.err).toBe("wavegate: There is nobody named nobody. Nothing was changed.\n");
  });

  it("gives people what they may do, and takes it away with their keys", async () => {
    const changed = await json(
      "people",
      "add",
      "Karima",
      "--email",
      "k2@example.com",
      "--can",
      "view,review",
    );
    expect(changed).toMatchObject({
      name: "karima",
      email: "k2@example.com",
      permissions: ["legacy_imports.view", "legacy_imports.review"],
    });
    expect(changed).not.toHaveProperty("password");
    expect(await json("people", "remove", "karima")).toMatchObject({ removed: "karima" });
    const as = terminal({ cwd: folder, env: { WAVEGATE_PERSON: "karima" } });
    const { exit, err } = await as.run("runs");
    expect(exit).toBe(2);
    expect(err).toContain("There is nobody named “karima” here.");
  });

  it("says what a run lacks before it can be started, in one line", async () => {
    const { exit, err } = await shell.run("start", "ecoin");
    expect(exit).toBe(1);
    expect(err).toMatch(
      /^wavegate: The platform's database has no table .*users\. Nothing was set up\. .*\n$/,
    );
  });

  it("lists nothing where nothing is, without an error", async () => {
    expect(await json("runs")).toEqual({ exit: 0, runs: [] });
    const { exit, out, err } = await shell.run("status", "--output", "json");
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { name: "NoRuns" } });
    expect(err).toContain("There is no run yet.");
    expect(await json("mail", "list")).toEqual({ exit: 0, mails: [] });
  });

  it("finds what is missing, and ends with 1 because of it", async () => {
    const { exit, findings } = await json("doctor");
    expect(exit).toBe(1);
    const states = Object.fromEntries(findings.map(({ id, state }) => [id, state]));
    expect(states).toMatchObject({
      node: "ok",
      place: "ok",
      database: "ok",
      evidence: "ok",
      server_log: "ok",
      people: "fail",
      "platform:ecoin": "hint",
      "source:legacy": "hint",
    });
  });

  it("W14 doctor names a publication that gives what is staged to others", async () => {
    const client = new pg.Client({ connectionString: (await json("local", "database")).url });
    const seen = async () =>
      (await json("doctor")).findings.find(({ id }) => id === "published")?.state;
    await client.connect();
    expect(await seen()).toBe("ok");
    await client.query("create publication feed for all tables");
    expect(await seen()).toBe("fail");
    await client.query("drop publication feed");
    await client.end();
  });

  it("B6 D38 doctor names a table of which partitions are missing, and whose rows chance would refuse", async () => {
    const schema = await readFile("migrations/ecoin/platform-schema.postgres.sql", "utf8");
    const of = "for values with (modulus 2, remainder 0)";
    const parted = schema.replace(
      /(CREATE TABLE crm_leads \([^;]*\));/u,
      `$1 partition by hash (id); create table leads_0 partition of crm_leads ${of};`,
    );
    const client = new pg.Client({ connectionString: (await json("local", "database")).url });
    await client.connect();
    await client.query(parted);
    await client.end();
    expect((await json("doctor")).findings).toContainEqual({
      ...{ id: "around:ecoin", state: "fail" },
      says: expect.stringContaining(
        "crm_leads is partitioned (HASH (id)) by what the platform draws, and partitions of it are missing: which rows it takes is chance. Make those that are missing.",
      ),
    });
  });

  it("goes down in good order, and says so when nothing runs", async () => {
    const { pid } = await json("local", "status");
    expect(await json("local", "down")).toMatchObject({ exit: 0, ended: true, pid });
    await gone(pid);
    expect(await json("local", "down")).toEqual({ exit: 0, ended: false });
    expect(await json("local", "status")).toMatchObject({ exit: 1, running: false });
  });
});
