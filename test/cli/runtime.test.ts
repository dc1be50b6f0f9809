import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RunningPostgres, startPostgres } from "../../lib/embedded/postgres/start.ts";
import { stateOfDefinitions } from "../../lib/embedded/runtime/definitions.ts";
import { peoplesSettings } from "../../lib/embedded/runtime/environment.ts";
import { homeAt } from "../../lib/embedded/runtime/home.ts";
import { functionFiles, substitutions } from "../../lib/embedded/runtime/machines.ts";
import { ownMark, stillRuns } from "../../lib/embedded/runtime/processes.ts";
import { holderOf } from "../../lib/embedded/runtime/runtime-file.ts";
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
  readonly urls: { readonly pages: string };
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

  it("goes on after kill -9, at the same addresses and with the same people", async () => {
    const before = await json("local", "status");
    const added = await json("people", "add", "karima", "--email", "k@example.com", "--can", "all");
    process.kill(before.pid, "SIGKILL");
    await gone(before.pid);

    expect(await json("local", "status")).toMatchObject({ exit: 1, running: false });
    const asked = await shell.run("runs");
    expect(asked.exit).toBe(2);
    expect(asked.err).toContain("No runtime runs in");

    const after = await json("local", "up");
    expect(after.exit).toBe(0);
    expect(after.pid).not.toBe(before.pid);
    expect(after.urls).toEqual(before.urls);
    expect(after).not.toHaveProperty("operator");
    const { people } = await json("people", "list");
    expect(people.map(({ name }) => name)).toContain("karima");
    const page = await fetch(`${after.urls.pages}/`, {
      headers: { authorization: `Basic ${btoa(`karima:${added.password}`)}` },
    });
    expect(page.status).toBe(200);
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

  it("goes down in good order, and says so when nothing runs", async () => {
    const { pid } = await json("local", "status");
    expect(await json("local", "down")).toMatchObject({ exit: 0, ended: true, pid });
    await gone(pid);
    expect(await json("local", "down")).toEqual({ exit: 0, ended: false });
    expect(await json("local", "status")).toMatchObject({ exit: 1, running: false });
  });
});

describe("a runtime over one's own PostgreSQL", () => {
  it("uses it, shows no password of it, and leaves it running at the end", async () => {
    const own = await mkdtemp(join(tmpdir(), "wavegate-own-"));
    const postgres = await startPostgres({ directory: join(own, "server"), durable: false });
    const place = terminal({ cwd: own, env: { WAVEGATE_DATABASE_URL: postgres.url } });
    try {
      const { exit, out } = await place.run("local", "up");
      expect(exit).toBe(0);
      expect(out).toContain(`Your PostgreSQL  127.0.0.1:${postgres.port}/postgres`);
      expect(out).not.toContain(new URL(postgres.url).password);
      expect((await place.run("people", "list")).exit).toBe(0);
      expect((await place.run("local", "down")).exit).toBe(0);
      const client = new pg.Client({ connectionString: postgres.url });
      await client.connect();
      const { rows } = await client.query("select count(*)::int as people from wavegate.people");
      expect(rows).toEqual([{ people: 1 }]);
      await client.end();
    } finally {
      await place.run("local", "down");
      await postgres.stop();
      await rm(own, { recursive: true, force: true });
    }
  });
});

describe("W13 .env counts for every command, and a folder keeps to its database", () => {
  let own: string;
  let postgres: RunningPostgres;
  const url = () => postgres.url;
  const settings = (text: string) => writeFile(join(own, ".env"), text);
  const at = (env: Record<string, string> = {}) => terminal({ cwd: own, env });

  beforeAll(async () => {
    own = await mkdtemp(join(tmpdir(), "wavegate-dotenv-"));
    postgres = await startPostgres({ directory: join(own, "server"), durable: false });
    const client = new pg.Client({ connectionString: url() });
    await client.connect();
    await client.query("create database other");
    await client.end();
  });
  afterAll(async () => {
    await at().run("local", "down");
    await postgres.stop();
    await rm(own, { recursive: true, force: true });
  });

  it("W13 local up takes the database, the folder and the person of .env", async () => {
    await settings(`WAVEGATE_DATABASE_URL=${url()}\nWAVEGATE_HOME=machine\n`);
    const { exit, out } = await at().run("local", "up");
    expect(exit).toBe(0);
    expect(out).toContain(`Your PostgreSQL  127.0.0.1:${postgres.port}/postgres`);
    expect((await stat(join(own, "machine", "runtime.json"))).isFile()).toBe(true);
    expect((await at().run("people", "list")).exit).toBe(0);
    await settings(
      `WAVEGATE_DATABASE_URL=${url()}\nWAVEGATE_HOME=machine\nWAVEGATE_PERSON=nobody\n`,
    );
    const { err } = await at().run("people", "list");
    expect(err).toContain("There is nobody named “nobody” here.");
    const asked = await at({ WAVEGATE_PERSON: "somebody" }).run("people", "list");
    expect(asked.err).toContain("There is nobody named “somebody” here.");
  });

  it.each([
    ["that runs", false],
    ["that was ended", true],
  ])("W13 refuses another database, or none, in one line: of a runtime %s", async (_, ended) => {
    if (ended) {
      await settings("WAVEGATE_HOME=machine\n");
      await at().run("local", "down");
    }
    const folder = join(own, "machine");
    const its = `The runs of ${folder} are in the database 127.0.0.1:${postgres.port}/postgres, and WAVEGATE_DATABASE_URL`;
    const begin = ended ? "wavegate: The runtime did not start. " : "wavegate: ";

    await settings("WAVEGATE_HOME=machine\n");
    const none = await at().run("local", "up");
    expect([none.exit, none.err]).toEqual([
      2,
      `${begin}${its} is not set. Nothing was started. Set it, in .env or in the environment, or choose another folder with WAVEGATE_HOME.\n`,
    ]);
    const elsewhere = url().replace(/postgres$/u, "other");
    await settings(`WAVEGATE_DATABASE_URL=${elsewhere}\nWAVEGATE_HOME=machine\n`);
    const other = await at().run("local", "up");
    expect([other.exit, other.err]).toEqual([
      2,
      `${begin}${its} names another one, 127.0.0.1:${postgres.port}/other. Nothing was started. Set it back, or choose another folder with WAVEGATE_HOME. If the database itself moved, remove ${folder}/database.json.\n`,
    ]);
    // The same database by another name of its host is the same one.
    await settings(
      `WAVEGATE_DATABASE_URL=${url().replace("127.0.0.1", "localhost")}\nWAVEGATE_HOME=machine\n`,
    );
    expect((await at().run("local", "up")).exit).toBe(0);
  });

  it("W13 refuses one's own database in a folder whose runs are in the embedded one", async () => {
    const plain = join(own, "plain");
    await mkdir(join(plain, ".wavegate", "postgres"), { recursive: true });
    const { exit, err } = await terminal({
      cwd: plain,
      env: { WAVEGATE_DATABASE_URL: url() },
    }).run("local", "up");
    expect([exit, err]).toEqual([
      2,
      `wavegate: The runtime did not start. The runs of ${plain}/.wavegate are in the database that wavegate made there, and WAVEGATE_DATABASE_URL names another one, 127.0.0.1:${postgres.port}/postgres. Nothing was started. Take the setting out, or choose another folder with WAVEGATE_HOME.\n`,
    ]);
  });

  it("W13 says in one line that .env cannot be read, for every command", async () => {
    const broken = await mkdtemp(join(tmpdir(), "wavegate-dotenv-broken-"));
    await mkdir(join(broken, ".env"));
    for (const argv of [["runs"], ["local", "up"], ["doctor"], ["mail", "list"]]) {
      const { exit, err } = await terminal({ cwd: broken }).run(...argv);
      expect([argv, exit, err]).toEqual([
        argv,
        2,
        `wavegate: ${broken}/.env cannot be read (EISDIR). Nothing was written; its settings count everywhere, so make it readable or take it away.\n`,
      ]);
    }
    await rm(broken, { recursive: true });
  });
});

describe("a runtime that cannot start", () => {
  let other: string;

  beforeAll(async () => {
    other = await mkdtemp(join(tmpdir(), "wavegate-broken-"));
  });
  afterEach(async () => {
    expect(await holderOf(homeAt({}, other))).toBeUndefined();
  });
  afterAll(() => rm(other, { recursive: true, force: true }));

  it("names the function a state machine misses", async () => {
    const product = join(other, "product");
    const lost = "$" + "{LostFunction}";
    await mkdir(join(product, "statemachines"), { recursive: true });
    await writeFile(
      join(product, "statemachines", "migration.asl.yaml"),
      `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${lost}","End":true}}}`,
    );
    const broken = terminal({ cwd: other, env: { WAVEGATE_PRODUCT: product } });
    const { exit, out, err } = await broken.run("local", "up", "--output", "json");
    expect(exit).toBe(2);
    expect(JSON.parse(out)).toMatchObject({ error: { name: "RuntimeDidNotStart" } });
    expect(err).toBe(
      `wavegate: The runtime did not start. migration.asl.yaml has substitutions without a value: ${lost}.\n`,
    );
  });

  it("says that one's own database cannot be used, without its password", async () => {
    const url = "postgresql://me:geheim@127.0.0.1:1/platform";
    const broken = terminal({ cwd: other, env: { WAVEGATE_DATABASE_URL: url } });
    const { exit, err } = await broken.run("local", "up");
    expect(exit).toBe(2);
    expect(err).toContain("The database of WAVEGATE_DATABASE_URL at 127.0.0.1:1 cannot be used");
    expect(err).not.toContain("geheim");
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("the runtime's parts", () => {
  it("tells a process from a later one with the same number", async () => {
    const own = await ownMark();
    expect(await stillRuns(own)).toBe(true);
    expect(await stillRuns({ ...own, began: `${own.began}0` })).toBe(false);
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "close");
    expect(await stillRuns({ pid: child.pid ?? 0, began: own.began })).toBe(false);
  });

  it("names functions and machines as a deployment's substitutions do", () => {
    expect(substitutions(["dry-run", "commit"], ["wave"])).toEqual({
      DryRunFunction: "arn:aws:lambda:us-east-1:000000000000:function:dry-run",
      CommitFunction: "arn:aws:lambda:us-east-1:000000000000:function:commit",
      WaveStateMachine: "arn:aws:states:us-east-1:000000000000:stateMachine:wave",
    });
  });

  it("finds the handlers of the product, each under its file's name", async () => {
    const files = await functionFiles(join(import.meta.dirname, "../../functions"));
    expect(files["dry-run"]).toBe(join(import.meta.dirname, "../../functions/dry-run.ts"));
    expect(Object.keys(files).filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name))).toEqual([]);
  });

  it("R2 gives functions the legacy settings of .env as they are now, and the environment's first", async () => {
    const place = await mkdtemp(join(tmpdir(), "wavegate-env-"));
    await writeFile(
      join(place, ".env"),
      "LEGACY_DB_HOST=db.example\nLEGACY_DB_PASSWORD='one two'\nOLD_SCHOOL_DB_DRIVER=csv\nHOME=/root\nAWS_REGION=eu\n",
    );
    expect(peoplesSettings(place, { LEGACY_DB_HOST: "other.example", PATH: "/bin" })).toEqual({
      LEGACY_DB_HOST: "other.example",
      LEGACY_DB_PASSWORD: "one two",
      OLD_SCHOOL_DB_DRIVER: "csv",
    });
    await writeFile(join(place, ".env"), "LEGACY_DB_HOST=new.example\n");
    expect(peoplesSettings(place, {})).toEqual({ LEGACY_DB_HOST: "new.example" });
    await rm(place, { recursive: true });
  });

  it("B12 tells functions of definitions that changed, came or went, and of nothing else", async () => {
    const place = await mkdtemp(join(tmpdir(), "wavegate-definitions-"));
    const states = [stateOfDefinitions(join(place, "migrations"))];
    const then = async (work: Promise<unknown>) => {
      await work;
      states.push(stateOfDefinitions(join(place, "migrations")));
      expect(stateOfDefinitions(join(place, "migrations"))).toBe(states.at(-1));
    };
    const file = (name: string) => join(place, "migrations/gym", name);
    await mkdir(join(place, "migrations/gym"), { recursive: true });
    await mkdir(join(place, "migrations/gyms"));
    await mkdir(file("parts"));
    await then(writeFile(file("definition.ts"), "one"));
    await then(writeFile(file("definition.ts"), "other"));
    await then(utimes(file("definition.ts"), 1, 1));
    const imports = `import { a } from "./rules.ts";\nimport {\n  type B,\n} from './parts/b.ts';\nimport "../common.ts"`;
    await then(writeFile(file("definition.ts"), imports));
    await then(writeFile(file("rules.ts"), 'export * from "../gyms/kinds.ts";'));
    await then(writeFile(file("../gyms/kinds.ts"), 'import words from "./words.json"'));
    await then(writeFile(file("../gyms/words.json"), "{}"));
    await then(writeFile(file("../gyms/words.json"), "{ }"));
    await then(writeFile(file("parts/b.ts"), 'export const C = await import("../c.ts");'));
    await then(writeFile(file("c.ts"), 'import "./definition.ts"'));
    await then(writeFile(join(place, "migrations/common.ts"), ""));
    await then(rename(file("rules.ts"), file("plan.ts")));
    // What no definition is made of: files that rows name, and whatever else lies there.
    await mkdir(file("blobs"));
    await mkdir(join(place, "migrations/blobs"));
    await writeFile(file("blobs/a.ts"), "");
    await writeFile(join(place, "migrations/blobs/a.ts"), "");
    await writeFile(file("scratch.ts"), "");
    expect(stateOfDefinitions(join(place, "migrations"))).toBe(states.at(-1));
    await then(rm(join(place, "migrations/gym"), { recursive: true }));
    expect(new Set(states.slice(0, -1)).size).toBe(states.length - 1);
    expect(states.at(-1)).toBe(states[0]);
    await mkdir(join(place, "migrations/gym"));
    await writeFile(file("members.csv"), "no,name");
    expect(stateOfDefinitions(join(place, "migrations"))).toBe(states[0]);
    await rm(place, { recursive: true });
  });

  it("keeps everything in WAVEGATE_HOME when it is set", () => {
    expect(homeAt({ WAVEGATE_HOME: "/srv/wg" }, "/home/me").runtimeFile).toBe(
      "/srv/wg/runtime.json",
    );
    expect(homeAt({}, "/tmp/here").folder).toBe("/tmp/here/.wavegate");
  });
});
