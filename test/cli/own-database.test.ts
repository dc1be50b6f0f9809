import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningPostgres, startPostgres } from "../../lib/embedded/postgres/start.ts";
import { terminal } from "./terminal.ts";

describe("a runtime over one's own PostgreSQL", () => {
  it("W13 uses it, shows no password of it, leaves it running at the end, and lets no other folder shut it out", async () => {
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
      // Another folder would give the roles passwords of its own: it is refused, and leaves nothing that runs.
      const second = (...argv: string[]) =>
        terminal({
          cwd: own,
          env: { WAVEGATE_DATABASE_URL: postgres.url, WAVEGATE_HOME: "second" },
        }).run(...argv);
      const refused = await second("local", "up", "--output", "json");
      expect([refused.exit, JSON.parse(refused.out).error]).toEqual([
        2,
        {
          name: "OtherFolder",
          message:
            `wavegate was set up in the database 127.0.0.1:${postgres.port}/postgres from another folder: its roles take other passwords than ${own}/second has. Nothing was changed. ` +
            "Work in that folder (WAVEGATE_HOME). Where it is gone, or is to do nothing more there, `wavegate local up --take-over` gives the roles this folder's; its evidence and its people's log-ins stay in that folder.",
        },
      ]);
      expect((await second("local", "status")).out).toContain("No runtime runs");
      expect((await place.run("local", "up")).exit).toBe(0);
      expect((await second("local", "up", "--take-over")).exit).toBe(0);
      // The first one is told so, and may take it back.
      expect((await place.run("set-up", "ecoin")).err).toContain("from another folder");
      expect((await place.run("runs")).err).toContain("`wavegate local up --take-over` gives");
      expect((await place.run("local", "up", "--take-over")).exit).toBe(0);
      expect((await place.run("runs")).exit).toBe(0);
      // Roles that nobody logs in by are nobody's: who sets them up shuts nobody out.
      const server = new pg.Client({ connectionString: postgres.url });
      await server.connect();
      expect((await second("set-up", "ecoin")).err).toContain("from another folder");
      await server.query("alter role wavegate_postgres_stage nologin");
      await server.end();
      expect((await second("set-up", "ecoin")).err).not.toContain("from another folder");
      for (const each of [place.run, second]) await each("local", "down");
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
